// Corrections (更正): what was recorded wrong stays as it was recorded; a later event says what it should have said, why, and who approved
// it. Two things are here: the rule of what may be corrected at all, and the facts of earlier events as later ones correct them. A
// correction changes what somebody wrote down; it never decides again: whether there was a problem, what state a hazard is in and by
// when it is due are changed by acts of their own.
import * as z from 'zod';
import { definitionOf, type DaochaEvent, type EventType } from '../../events/catalogue.ts';
import { instantSchema } from '../../events/envelope.ts';
import type { UnitDetails } from '../../events/unit.ts';
import { InvalidInput, RuleViolated } from '../../events/errors.ts';
import { requireDays } from './days.ts';
import { same } from './decider.ts';

/** What a correction changed in an earlier event. */
export const correctedFieldSchema = z.strictObject({
  /** `occurredAt`, a field of the data (`mode`, `details.name`), or `answers[<item>].text` */
  field: z.string(),
  from: z.unknown(),
  to: z.unknown(),
  reason: z.string(),
  approver: z.string(),
  /** who made it */
  person: z.string(),
  recordedAt: instantSchema,
  event: z.string().describe('the event that corrects it'),
});
export type CorrectedField = z.infer<typeof correctedFieldSchema>;
export const changeSchema = correctedFieldSchema.pick({ field: true, from: true, to: true });
type Change = z.infer<typeof changeSchema>;

/** An earlier event as it should have been recorded. */
export interface Fact<Event extends DaochaEvent = DaochaEvent> {
  event: Event;
  /** oldest first; empty: unchanged since it was recorded */
  corrections: CorrectedField[];
}

/** The fields of each event type that may be corrected; `answers` stands for `answers[<item>].text`, `.place` and `.answer`. */
export const CORRECTABLE: Partial<Record<EventType, readonly string[]>> = {
  InspectionPlanned: ['mode', 'template', 'inspectors'],
  InspectionRecorded: ['mode', 'template', 'inspectors', 'signature', 'occurredAt', 'answers'],
  InspectionMissed: ['reason'],
  HazardFound: ['text', 'place'],
  HazardPersisted: ['text'],
  RecurrenceFound: ['text'],
  HazardGraded: ['basis'],
  HazardAssigned: ['note'],
  HazardReturned: ['reason'],
  HazardReassigned: ['reason'],
  RectificationOrdered: ['measures', 'authority'],
  InterimControlSet: ['measures'],
  RectificationSubmitted: ['statement'],
  VerificationPassed: ['basis'],
  VerificationRejected: ['reason'],
  HazardClosureProposed: ['reason'],
  HazardDismissed: ['reason'],
  HazardUnlinked: ['reason'],
  ExtensionRequested: ['reason'],
  ExtensionApproved: ['reason'],
  ExtensionRefused: ['reason'],
  OrderRefused: ['reason'],
  LimitStated: ['reason'],
  DangerDeclared: ['reason'],
  ReminderAcknowledged: ['note'],
  OfficerAppointed: ['post', 'person', 'track', 'area', 'from', 'basis'],
  OfficerRelieved: ['until', 'reason'],
};

export interface AskedCorrection {
  /** id of the event to correct */
  target: string;
  /** `to: null` takes away what need not be there */
  changes: readonly { field: string; to: unknown }[];
  reason: string;
}

/** What the correction event will say; `from` is what the stream says now. */
export interface Changes {
  target: string;
  changes: { field: string; from: Json; to: Json }[];
  reason: string;
}
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * The facts of a stream as its own corrections put them right, in the order in which they were recorded. Corrections are among them, as
 * they were recorded. Events up to a position give what was known then; an event whose correction is not among them stands as it was.
 */
export function corrected<Event extends DaochaEvent>(events: readonly Event[]): Fact<Event>[] {
  const facts = new Map<string, Fact<Event>>(events.map((event) => [event.id, { event, corrections: [] }]));
  /** a correction of unit details names the event that last set them; the first in that line is the one to correct */
  const roots = new Map<string, string>();
  for (const event of events) {
    if (!isCorrection(event)) continue;
    const root = roots.get(event.data.target) ?? event.data.target;
    if (event.type === 'UnitDetailsCorrected') roots.set(event.id, root);
    put(facts, root, event, changesOf(event));
  }
  return events.map(({ id }) => facts.get(id)!);
}

export type CorrectionEvent = Extract<
  DaochaEvent,
  { type: 'UnitDetailsCorrected' | 'InspectionCorrected' | 'HazardCorrected' | 'AppointmentCorrected' }
>;
const CORRECTIONS: ReadonlySet<string> = new Set<CorrectionEvent['type']>([
  'UnitDetailsCorrected',
  'InspectionCorrected',
  'HazardCorrected',
  'AppointmentCorrected',
]);

export function isCorrection(event: DaochaEvent): event is CorrectionEvent {
  return CORRECTIONS.has(event.type);
}

/** What a correction changes, field by field: `details.<name>` for the details of a unit. */
export function changesOf(event: CorrectionEvent): Change[] {
  return event.type === 'UnitDetailsCorrected'
    ? detailChanges(event.data.before, event.data.after)
    : event.data.changes;
}

function put<Event extends DaochaEvent>(
  facts: Map<string, Fact<Event>>,
  target: string,
  by: CorrectionEvent,
  changes: readonly Change[],
): void {
  const fact = facts.get(target);
  if (!fact) return;
  const { reason, approver } = by.data;
  const about = { reason, approver, person: by.actor.person, recordedAt: by.recordedAt, event: by.id };
  facts.set(target, {
    event: changes.reduce((event, { field, to }) => withField(event, field, to), fact.event),
    corrections: [...fact.corrections, ...changes.map(({ field, from, to }) => ({ field, from, to, ...about }))],
  });
}

function detailChanges(before: UnitDetails, after: UnitDetails): Change[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof UnitDetails)[];
  return fields
    .filter((field) => !same(before[field], after[field]))
    .map((field) => ({ field: `details.${field}`, from: before[field] ?? null, to: after[field] ?? null }));
}

/** Decides what a correction changes; nothing when all of it is so already. @throws RuleViolated, InvalidInput naming the field */
export function correction(
  events: readonly DaochaEvent[],
  asked: AskedCorrection,
  maker: Maker,
  now: string,
): Changes | undefined {
  const { target, reason } = asked;
  const facts = corrected(events);
  const fact = facts.find(({ event }) => event.id === target);
  const fields = fact && CORRECTABLE[fact.event.type];
  if (!fact || !fields) {
    const possible = events.filter(({ type }) => CORRECTABLE[type]).map(({ id, type }) => `${id} (${type})`);
    throw new RuleViolated(
      fact ? 'not-correctable' : 'unknown-event',
      fact ? `${fact.event.type} holds nothing that is corrected` : `there is no event ${target} in this stream`,
      { field: 'target', expected: `one of ${possible.slice(-20).join(', ')}` },
    );
  }
  requireRecorder(fact.event, maker);
  const seen = new Set<string>();
  const changes = asked.changes.flatMap(({ field, to }, index) => {
    const path = `changes[${index}]`;
    if (seen.has(field)) {
      throw new InvalidInput(`${field} is changed twice`, { field: `${path}.field`, expected: 'each field once' });
    }
    seen.add(field);
    const from = currentOf(fact.event, field, fields, path);
    requireSameDecision(fact.event, field, from, to, `${path}.to`, now);
    return same(from, to ?? null) ? [] : [{ field, from: from as Json, to: (to ?? null) as Json }];
  });
  if (changes.length === 0) return undefined;
  const result = changes.reduce((event, { field, to }) => withField(event, field, to), fact.event);
  requireStorable(result, asked.changes);
  const changed = new Map(asked.changes.map(({ field }, index) => [field, `changes[${index}].to`]));
  requireDays(result, now, (field) => changed.get(field));
  return { target, changes, reason };
}

/** Who asks for a correction, and whether they are of the office (专班办公室). */
export interface Maker {
  organisation: string;
  office: boolean;
}

/**
 * Only who recorded a thing, or the office, has it corrected; never the one against whom it was recorded.
 * @throws RuleViolated `not-recorded-by-you`
 */
export function requireRecorder(
  {
    id,
    actor,
    organisation: about,
  }: { id: string; actor: { organisation: string }; organisation?: string | undefined },
  { organisation, office }: Maker,
): void {
  if (organisation === actor.organisation || (office && organisation !== about)) return;
  throw new RuleViolated('not-recorded-by-you', `${id} was recorded by ${actor.organisation}, not by ${organisation}`, {
    field: 'target',
    expected: `somebody of ${actor.organisation}, or of the office`,
  });
}

const ANSWER = /^answers\[(.+)\]\.(text|place|answer)$/;

function currentOf(event: DaochaEvent, field: string, fields: readonly string[], path: string): unknown {
  const [, item, part] = ANSWER.exec(field) ?? [];
  if (item !== undefined && fields.includes('answers') && event.type === 'InspectionRecorded') {
    const answer = event.data.answers.find((candidate) => candidate.item === item);
    if (answer) return answer[part as 'text' | 'place' | 'answer'] ?? null;
    throw new RuleViolated('unknown-item', `${event.id} has no answer to item ${item}`, {
      field: `${path}.field`,
      expected: `one of the items ${event.data.answers.map((candidate) => candidate.item).join(', ')}`,
    });
  }
  if (field !== 'answers' && fields.includes(field)) {
    return field === 'occurredAt' ? event.occurredAt : ((event.data as Record<string, unknown>)[field] ?? null);
  }
  const names = fields.flatMap((name) =>
    name === 'answers' ? ['answers[<item>].text', 'answers[<item>].place', 'answers[<item>].answer'] : [name],
  );
  throw new RuleViolated('not-correctable', `${field} of ${event.type} is not changed by a correction`, {
    field: `${path}.field`,
    expected: `one of ${names.join(', ')}; what was decided is changed by an act of its own`,
  });
}

/** Whether there was a problem is no slip of the pen: it made a hazard, or did not. */
function requireSameDecision(
  event: DaochaEvent,
  field: string,
  from: unknown,
  to: unknown,
  path: string,
  now: string,
): void {
  if (field.endsWith('].answer') && (from === 'problem') !== (to === 'problem')) {
    throw new RuleViolated('answer-not-correctable', `${field} of ${event.id} cannot become ${JSON.stringify(to)}`, {
      field: path,
      expected:
        from === 'problem'
          ? 'a proposal to close the hazard as invalid, which a second person confirms'
          : 'ok or not-applicable; a problem is recorded by a new inspection',
    });
  }
  if (field !== 'occurredAt') return;
  if (typeof to !== 'string' || !INSTANT.test(to)) {
    throw new InvalidInput(`${field}: ${JSON.stringify(to)} is no moment`, {
      field: path,
      expected: 'a date and time with offset, e.g. 2025-05-24T10:00:00+08:00',
    });
  }
  if (to > now) {
    throw new RuleViolated('occurred-in-future', `${to} has not come yet`, {
      field: path,
      expected: `not after ${now}`,
    });
  }
}

/** The event with a field set; `null` takes it away. */
function withField<Event extends DaochaEvent>(event: Event, field: string, to: unknown): Event {
  if (field === 'occurredAt') return { ...event, occurredAt: to as string };
  const data: Record<string, unknown> = { ...event.data };
  const [, item, part] = ANSWER.exec(field) ?? [];
  if (item !== undefined) {
    data['answers'] = (data['answers'] as { item: string }[]).map((answer) =>
      answer.item === item ? withKey(answer, part!, to) : answer,
    );
  } else if (field.startsWith('details.')) {
    data['details'] = withKey(data['details'] as object, field.slice('details.'.length), to);
  } else {
    return { ...event, data: withKey(data, field, to) };
  }
  return { ...event, data };
}

function withKey<T extends object>(holder: T, key: string, to: unknown): T {
  const { [key as keyof T]: _old, ...rest } = holder;
  return (to === null || to === undefined ? rest : { ...rest, [key]: to }) as T;
}

/** What a correction makes of an event must be an event that could have been recorded. */
function requireStorable(event: DaochaEvent, asked: AskedCorrection['changes']): void {
  const result = definitionOf(event.type).data.safeParse(event.data);
  if (result.success) return;
  const { path, message } = result.error.issues[0]!;
  const at = asked.findIndex(({ field }) => touches(event, field, path));
  throw new InvalidInput(`${asked[at]?.field ?? event.type}: ${message}`, {
    field: at === -1 ? 'changes' : `changes[${at}].to`,
    expected: message,
  });
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

function touches(event: DaochaEvent, field: string, path: readonly PropertyKey[]): boolean {
  const [, item, part] = ANSWER.exec(field) ?? [];
  if (item === undefined) return field === path[0];
  const answers = event.type === 'InspectionRecorded' ? event.data.answers : [];
  return path[0] === 'answers' && answers[path[1] as number]?.item === item && path[2] === part;
}
