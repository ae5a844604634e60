// Question 1, the inspections of a unit before a day: when, by whom in which post, by which checklist, with what
// result, signed or not. Planned inspections that did not take place are among them: an omission is a fact.
import * as z from 'zod';
import type { Track } from '../../../events/envelope.ts';
import { idSchema, instantSchema, parseStreamKey, trackSchema } from '../../../events/envelope.ts';
import {
  findingSchema,
  type Answer,
  type InspectionEvent,
  type InspectionRecorded,
} from '../../../events/inspection.ts';
import type { EventOf } from '../../../events/envelope.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import { correctedFieldSchema, type CorrectedField } from '../../rules/corrections.ts';
import { putRight } from './corrections.ts';
import { byText, eventRefs, inOrder } from './event-ref.ts';
import { personAt, personThenSchema, type Rosters } from './posts.ts';
import { within, type Window } from './window.ts';

export const inspectionFactSchema = z
  .strictObject({
    inspection: idSchema,
    status: z.enum(['planned', 'recorded', 'missed']),
    /** when it was done; of one that was not, the day for which it was planned */
    at: instantSchema,
    plannedFor: instantSchema.nullable(),
    track: trackSchema.nullable(),
    mode: z.string(),
    template: z.strictObject({ id: idSchema, version: z.int() }).nullable(),
    inspectors: z.array(personThenSchema),
    /** how many of each kind; null: not recorded */
    answers: z.strictObject({ problem: z.int(), ok: z.int(), notApplicable: z.int() }).nullable(),
    findings: z.array(findingSchema),
    /** no problem was found; null: not recorded */
    clean: z.boolean().nullable(),
    /** in the words of the register it was imported from */
    result: z.string().nullable(),
    signature: z
      .union([
        z.strictObject({ kind: z.literal('signed'), by: z.string() }),
        z.strictObject({ kind: z.literal('refused'), reason: z.string() }),
      ])
      .nullable(),
    missedBecause: z.string().nullable(),
    corrected: z.array(correctedFieldSchema),
    events: eventRefs,
  })
  .meta({ id: 'InspectionFact' });
export type InspectionFact = z.infer<typeof inspectionFactSchema>;

/** What is known of one inspection. */
export interface Inspected {
  id: string;
  /** as recorded, oldest first */
  placed: Placed[];
  /** the rest as corrections put it right */
  planned: Extract<InspectionEvent, { type: 'InspectionPlanned' }> | undefined;
  recorded: EventOf<typeof InspectionRecorded> | undefined;
  missed: Extract<InspectionEvent, { type: 'InspectionMissed' }> | undefined;
  corrected: CorrectedField[];
  at: string;
  track: Track | undefined;
}

/** The inspections among some events, corrected, in order of their time. */
export function inspectionsIn(placed: readonly Placed[]): Inspected[] {
  const streams = Map.groupBy(
    placed.filter(({ event }) => parseStreamKey(event.stream).category === 'inspection'),
    ({ event }) => event.stream,
  );
  return [...streams]
    .map(([stream, events]) => inspectedOf(parseStreamKey(stream).id, inOrderOfVersion(events)))
    .toSorted((a, b) => byText(a.at, b.at) || byText(a.id, b.id));
}

const inOrderOfVersion = (events: readonly Placed[]): Placed[] =>
  events.toSorted((a, b) => a.event.version - b.event.version);

function inspectedOf(id: string, placed: Placed[]): Inspected {
  const right = putRight(placed);
  const seen: Inspected = {
    id,
    placed,
    planned: undefined,
    recorded: undefined,
    missed: undefined,
    corrected: right.corrected,
    at: placed[0]!.event.occurredAt,
    track: placed.find(({ event }) => event.track)?.event.track,
  };
  for (const { event } of right.placed) {
    if (event.type === 'InspectionPlanned') seen.planned = event;
    else if (event.type === 'InspectionRecorded') seen.recorded = event;
    else if (event.type === 'InspectionMissed') seen.missed = event;
  }
  seen.at = seen.recorded?.occurredAt ?? seen.missed?.data.plannedFor ?? seen.planned?.data.plannedFor ?? seen.at;
  return seen;
}

/** Question 1. @param placed the unit's inspection events, in whole streams */
export function inspectionFacts(
  placed: readonly Placed[],
  rosters: Rosters,
  refer: Refer,
  { window, track }: { window: Window; track?: Track | undefined },
): InspectionFact[] {
  return inspectionsIn(placed)
    .filter((seen) => within(window, seen.at) && (track === undefined || seen.track === track))
    .map((seen) => factOf(seen, rosters, refer));
}

function factOf(seen: Inspected, rosters: Rosters, refer: Refer): InspectionFact {
  const { id, at, planned, recorded, missed, track, corrected } = seen;
  const inspectors = recorded?.data.inspectors ?? planned?.data.inspectors ?? [];
  return {
    inspection: id,
    status: recorded ? 'recorded' : missed ? 'missed' : 'planned',
    at,
    plannedFor: planned?.data.plannedFor ?? missed?.data.plannedFor ?? null,
    track: track ?? null,
    mode: recorded?.data.mode ?? planned?.data.mode ?? 'routine',
    template: recorded?.data.template ?? planned?.data.template ?? null,
    inspectors: inspectors.map((person) => personAt(rosters, person, at, refer)),
    answers: recorded ? countsOf(recorded.data.answers) : null,
    findings: recorded?.data.findings ?? [],
    clean: recorded?.data.clean ?? null,
    result: recorded?.data.result ?? null,
    signature: recorded?.data.signature ?? null,
    missedBecause: missed?.data.reason ?? null,
    corrected,
    events: inOrder(seen.placed).map(refer),
  };
}

function countsOf(answers: readonly Answer[]): { problem: number; ok: number; notApplicable: number } {
  const count = (kind: Answer['answer']): number => answers.filter(({ answer }) => answer === kind).length;
  return { problem: count('problem'), ok: count('ok'), notApplicable: count('not-applicable') };
}
