// The dossier (倒查卷宗): everything that the record says of a unit before a day, compiled from the answers to the single
// questions: chronology, people responsible, inspections, hazards with every due date and sign-off, gaps in duty,
// recurrences, late records, corrections, escalations. Pure over placed events; dossier-html.ts makes it readable.
import * as z from 'zod';
import { dateSchema, idSchema, instantSchema, parseStreamKey, trackSchema } from '../../../events/envelope.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { unitDetailsSchema, type UnitEvent } from '../../../events/unit.ts';
import { isOpen } from '../../../events/hazard.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import type { CampaignState } from '../../rules/campaign/campaign.ts';
import { requireLaunched } from '../../rules/campaign/campaign.ts';
import { foldAll } from '../../rules/decider.ts';
import { hazard as hazardFold } from '../../rules/hazard/hazard.ts';
import { unit as unitFold } from '../../rules/unit/unit.ts';
import { accessSchema, type LoggedAccess } from '../../record/access/entry.ts';
import type { Placed } from '../views/view.ts';
import { referrer, unitSubjectSchema, type Refer } from '../trace/answer.ts';
import { correctionsIn, correctionSchema } from '../trace/corrections.ts';
import { deadlineFacts, deadlineFactSchema, type DeadlineFact } from '../trace/deadlines.ts';
import { escalationFacts, escalationFactSchema } from '../trace/escalation.ts';
import { byText, eventRefs, inOrder, type EventRef } from '../trace/event-ref.ts';
import { eventText } from '../trace/event-text.ts';
import { organisationName, type NameOf } from '../dictionary.ts';
import { gapFacts, gapFactSchema } from '../trace/gaps.ts';
import { inspectionFacts, inspectionFactSchema, inspectionsIn } from '../trace/inspections.ts';
import { knownAtSchema, toldKnownAt, type Known } from '../trace/known-at.ts';
import { lateRecords, lateSchema } from '../trace/late.ts';
import { periodFactSchema, periodsOf } from '../trace/people.ts';
import type { Rosters } from '../trace/posts.ts';
import { recurrenceFacts, recurrenceFactSchema } from '../trace/recurrences.ts';
import { waitContext } from '../trace/waits.ts';
import { reminderFacts, reminderFactSchema } from '../trace/reminders.ts';
import { responsibleFacts, responsibleFactSchema } from '../trace/responsible.ts';
import { monthsBefore, within, type Window } from '../trace/window.ts';
import { DAY_MS, plusDays, startOfTownDay, townDay } from '../../town-time.ts';

/** What happened at one moment by one act: an inspection with its findings is one. */
const chronicleEntrySchema = z.strictObject({
  at: instantSchema,
  recordedAt: instantSchema,
  by: z.string(),
  organisation: z.string(),
  lines: z.array(z.strictObject({ zh: z.string(), text: z.string(), late: z.boolean() })),
  derived: z.boolean(),
  events: eventRefs,
});
export type ChronicleEntry = z.infer<typeof chronicleEntrySchema>;

const hazardFileSchema = z
  .strictObject({
    hazard: idSchema,
    clause: z.string(),
    track: trackSchema.nullable(),
    /** as known then */
    status: z.string(),
    grade: z.string().nullable(),
    openOn: z.boolean().describe('was open at some moment of the day'),
    /** organisations that it was assigned to, from when on */
    assigned: z.array(z.strictObject({ organisation: idSchema, from: instantSchema })),
    cycles: z.array(deadlineFactSchema),
    reminders: z.array(reminderFactSchema),
  })
  .meta({ id: 'HazardFile' });
export type HazardFile = z.infer<typeof hazardFileSchema>;

export const dossierSchema = z
  .strictObject({
    question: z.literal('dossier'),
    zh: z.string(),
    subject: z.strictObject({
      ...unitSubjectSchema.shape,
      on: dateSchema,
      months: z.int(),
      from: instantSchema,
      to: instantSchema,
    }),
    knownAt: knownAtSchema,
    /** the unit as known then */
    unit: z.strictObject({
      details: unitDetailsSchema.nullable(),
      riskGrade: z.string().nullable(),
      listed: z.boolean(),
      closed: z.boolean(),
      hazards: z.strictObject({ found: z.int(), open: z.int(), recurrences: z.int() }),
    }),
    /** of the stretch of time, the day itself included, oldest first */
    chronology: z.array(chronicleEntrySchema),
    responsible: z.array(responsibleFactSchema),
    people: z.array(periodFactSchema),
    inspections: z.array(inspectionFactSchema),
    /** those that were open at some moment of the stretch, or opened in it */
    hazards: z.array(hazardFileSchema),
    gaps: z.array(gapFactSchema),
    recurrences: z.array(recurrenceFactSchema),
    escalations: z.array(escalationFactSchema.safeExtend({ escalation: idSchema, hazard: z.string() })),
    late: z.array(lateSchema),
    corrections: z.array(correctionSchema),
    accesses: z.array(accessSchema),
    /** there were more accesses than are listed here */
    moreAccesses: z.boolean(),
  })
  .meta({ id: 'Dossier' });
export type UnitFile = z.infer<typeof dossierSchema>;

/** Everything that a dossier is compiled from, as known then. */
export interface DossierSources {
  /** the unit's events */
  placed: readonly Placed[];
  /** messages that carried its hazards' reminders */
  deliveries: readonly Placed[];
  town: { state: CampaignState; placed: readonly Placed[]; rosters: Rosters };
  accesses: readonly LoggedAccess[];
  moreAccesses: boolean;
}

/** @param asked.on the day in town time, included; @param asked.months how far back from its beginning */
export function compileDossier(
  sources: DossierSources,
  known: Known,
  asked: { unit: string; on: string; months: number },
): UnitFile {
  const { placed, deliveries, town } = sources;
  const { from } = monthsBefore(asked.on, asked.months);
  const window = { from, to: startOfTownDay(plusDays(asked.on, 1)) };
  const refer = referrer([...placed, ...deliveries, ...town.placed]);
  const of = (category: string): Placed[] =>
    placed.filter(({ event }) => parseStreamKey(event.stream).category === category);
  const state = foldAll(
    unitFold,
    of('unit').map(({ event }) => event as UnitEvent),
  );
  const files = hazardFiles(of('hazard'), deliveries, town.state, refer, window, known.time);
  const shown = files.filter(({ within: inside }) => inside).map(({ file }) => file);
  const inspections = inspectionFacts(of('inspection'), town.rosters, refer, { window });
  const people = { placed, campaign: requireLaunched(town.state), rosters: town.rosters, refer };
  // Posts are of the campaign: before it there is nothing that could be vacant.
  const begin = [townDay(window.from), people.campaign.from].toSorted(byText).at(-1)!;
  const periods = begin <= asked.on ? periodsOf(people, begin, asked.on) : [];
  const tracks = state.details?.tracks ?? [];
  const nameOf: NameOf = (id) => organisationName(people.campaign, id);
  const late = lateRecords(placed).filter(
    ({ occurredAt, recordedAt }) => within(window, occurredAt) || within(window, recordedAt),
  );
  return {
    question: 'dossier',
    zh: '倒查卷宗',
    subject: { unit: asked.unit, name: state.details?.name ?? null, on: asked.on, months: asked.months, ...window },
    knownAt: toldKnownAt(known),
    unit: {
      details: state.details,
      riskGrade: state.riskGrade,
      listed: state.listed,
      closed: state.closed,
      hazards: {
        found: files.length,
        open: files.filter(({ file }) => isOpen(file.status as never)).length,
        recurrences: files.reduce((sum, { file }) => sum + file.cycles.length - 1, 0),
      },
    },
    chronology: chronicle(
      placed.filter(({ event }) => within(window, event.occurredAt)),
      refer,
      nameOf,
    ),
    responsible: responsibleFacts(people, asked.on),
    people: periods,
    inspections,
    hazards: shown,
    gaps: gapFacts({
      window,
      time: known.time,
      tracks,
      inspections,
      inspected: inspectionsIn(of('inspection')),
      checklists: town.state,
      hazards: shown,
      periods,
      nameOf,
    }),
    recurrences: recurrenceFacts(placed, refer).filter(({ foundAt }) => foundAt < window.to),
    escalations: escalationsIn(of('escalation'), known.time, refer),
    late,
    corrections: correctionsIn([...placed, ...town.placed]),
    accesses: [...sources.accesses],
    moreAccesses: sources.moreAccesses,
  };
}

/** What one command recorded is together. */
function chronicle(placed: readonly Placed[], refer: Refer, nameOf: NameOf): ChronicleEntry[] {
  const acts = Map.groupBy(
    inOrder(placed),
    ({ event }) => `${event.occurredAt} ${event.command} ${event.actor.person}`,
  );
  return [...acts.values()].map((act) => {
    const first = act[0]!.event;
    const ordered = act.toSorted((a, b) => rank(a) - rank(b) || byText(a.event.stream, b.event.stream));
    const refs = ordered.map(refer);
    return {
      at: first.occurredAt,
      recordedAt: act
        .map(({ event }) => event.recordedAt)
        .toSorted(byText)
        .at(-1)!,
      by: first.actor.person,
      organisation: first.actor.organisation,
      lines: linesOf(ordered, refs, nameOf),
      derived: first.derived !== undefined,
      events: refs,
    };
  });
}

/**
 * Of many events of one kind in one act (an inspection that finds ten hazards) only the clauses are told: the rest
 * stands with each hazard.
 */
const MANY = 3;

function linesOf(act: readonly Placed[], refs: readonly EventRef[], nameOf: NameOf): ChronicleEntry['lines'] {
  const kinds = Map.groupBy(
    act.map(({ event }, n) => ({ event, ref: refs[n]! })),
    ({ event }) => event.type,
  );
  return [...kinds.values()].flatMap((some) => {
    const { zh } = some[0]!.ref;
    if (some.length < MANY) return some.map(({ event, ref }) => ({ zh, text: aboutZh(event, nameOf), late: ref.late }));
    const clauses = some.map(({ event }) => (event.data as { clause?: string }).clause ?? event.id);
    return [{ zh: `${zh} ${some.length} 处`, text: clauses.join('、'), late: some.some(({ ref }) => ref.late) }];
  });
}

/** Which hazard it is about stands before what is said: a unit has several. */
function aboutZh(event: DaochaEvent, nameOf: NameOf): string {
  const { clause } = event.data as { clause?: string };
  return [clause, eventText(event, nameOf)].filter(Boolean).join('；');
}

const RANK: Record<string, number> = { inspection: 0, hazard: 1, escalation: 2, unit: 3 };
const rank = ({ event }: Placed): number => RANK[parseStreamKey(event.stream).category] ?? 4;

function hazardFiles(
  placed: readonly Placed[],
  deliveries: readonly Placed[],
  campaign: CampaignState,
  refer: Refer,
  window: Window,
  time: string,
): { file: HazardFile; within: boolean }[] {
  const streams = Map.groupBy(placed, ({ event }) => event.stream);
  const waits = waitContext(campaign, time);
  return [...streams]
    .map(([stream, events]) => {
      const ordered = events.toSorted((a, b) => a.event.version - b.event.version);
      const all = ordered.map(({ event }) => event as HazardEvent);
      const state = foldAll(hazardFold, all);
      const cycles = deadlineFacts(ordered, refer, waits);
      const ends = (cycle: DeadlineFact): string | null => cycle.signedOff?.at ?? cycle.closed?.at ?? null;
      const overlaps = (from: string): boolean =>
        cycles.some((cycle) => cycle.openedAt < window.to && (ends(cycle) ?? window.to) >= from);
      const file: HazardFile = {
        hazard: parseStreamKey(stream).id,
        clause: state.clause ?? '',
        track: state.track,
        status: state.status ?? '',
        grade: state.grade,
        openOn: overlaps(new Date(Date.parse(window.to) - DAY_MS).toISOString()),
        assigned: assignments(all),
        cycles,
        reminders: reminderFacts(ordered, deliveries, campaign.ruleSets, refer),
      };
      return { file, within: overlaps(window.from) };
    })
    .toSorted(
      (a, b) =>
        byText(a.file.cycles[0]?.openedAt ?? '', b.file.cycles[0]?.openedAt ?? '') ||
        byText(a.file.hazard, b.file.hazard),
    );
}

function assignments(events: readonly HazardEvent[]): HazardFile['assigned'] {
  const found: HazardFile['assigned'] = [];
  for (const { organisation, occurredAt } of events) {
    if (organisation !== undefined && found.at(-1)?.organisation !== organisation) {
      found.push({ organisation, from: occurredAt });
    }
  }
  return found;
}

function escalationsIn(placed: readonly Placed[], time: string, refer: Refer): UnitFile['escalations'] {
  const streams = Map.groupBy(placed, ({ event }) => event.stream);
  return [...streams].flatMap(([stream, events]) => {
    const ordered = events.toSorted((a, b) => a.event.version - b.event.version);
    const [first] = ordered;
    const hazard = first?.event.type === 'EscalationProposed' ? first.event.data.hazard : '';
    return escalationFacts(ordered, time, refer).map((fact) => ({
      ...fact,
      escalation: parseStreamKey(stream).id,
      hazard,
    }));
  });
}
