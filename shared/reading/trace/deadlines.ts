// Question 3, a hazard's deadlines: for each cycle (found or come back, up to its sign-off) every due date that it ever
// had, who set or approved each, what was handed in with which evidence, who verified, who signed off. A due date that
// was replaced stays on the list.
import * as z from 'zod';
import { choicesOf, enumOf } from '../../../events/field.ts';
import { ACT_ZH } from '../dictionary.ts';
import { actorSchema, evidenceSchema, instantSchema } from '../../../events/envelope.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import { putRight } from './corrections.ts';
import { isSentBack } from '../../rules/waiting/waiting.ts';
import { eventRefs, eventRefSchema, type EventRef } from './event-ref.ts';
import { waitFacts, waitFactSchema, type WaitContext } from './waits.ts';

const dueFactSchema = z.strictObject({
  due: instantSchema,
  /** the due date that this one replaced */
  replaces: instantSchema.nullable(),
  /** ordered, given by an extension, or by the rejection of what was handed in in time and looked at after its date */
  by: z.enum(['order', 'extension', 'rejection']),
  approvedBy: actorSchema,
  /** who asked for the extension */
  requestedBy: z.string().nullable(),
  /** the order's authority, or the reason given for the extension */
  ground: z.string(),
  measures: z.string().nullable(),
  /** when its passing was noticed and recorded; null: not missed, or not noticed */
  missedAt: instantSchema.nullable(),
  /** handed in by then, by what was claimed; null: nothing was handed in while it was in force */
  submittedAt: instantSchema.nullable(),
  inTime: z
    .boolean()
    .nullable()
    .describe('handed in on record by then, and not sent back by then; null: nothing was handed in'),
  waited: z.array(waitFactSchema).describe('for each submission, how long it waited to be looked at, and for whom'),
  inForce: z.boolean(),
  events: eventRefs,
});
export type DueFact = z.infer<typeof dueFactSchema>;

const actFactSchema = z.strictObject({
  act: enumOf(choicesOf(ACT_ZH, String)),
  at: instantSchema,
  by: actorSchema,
  text: z.string(),
  evidence: z.array(evidenceSchema),
  events: eventRefs,
});
export type ActFact = z.infer<typeof actFactSchema>;

const done = { at: instantSchema, by: actorSchema, events: eventRefs };
export const deadlineFactSchema = z
  .strictObject({
    /** 1, 2 …: a recurrence begins the next */
    cycle: z.int(),
    openedAt: instantSchema,
    openedBy: eventRefSchema,
    dues: z.array(dueFactSchema).describe('every due date of this cycle, replaced ones too'),
    acts: z.array(actFactSchema),
    waits: z.array(waitFactSchema).describe("everything that waited for an answer of the town's own"),
    signedOff: z.strictObject({ ...done, days: z.int(), verifiedBy: actorSchema.nullable() }).nullable(),
    closed: z.strictObject({ as: z.enum(['duplicate', 'invalid']), ...done }).nullable(),
    undoneBy: eventRefSchema.nullable().describe('the recurrence that undid the sign-off'),
    events: eventRefs,
  })
  .meta({ id: 'DeadlineFact' });
export type DeadlineFact = z.infer<typeof deadlineFactSchema>;

/** @param placed the hazard's events, oldest first */
export function deadlineFacts(placed: readonly Placed[], refer: Refer, context: WaitContext = {}): DeadlineFact[] {
  const facts: DeadlineFact[] = [];
  const waits = waitFacts(placed, refer, context);
  for (const [n, { event: right }] of putRight(placed).placed.entries()) {
    const event = right as HazardEvent;
    const ref = refer(placed[n]!);
    if (event.type === 'HazardFound' || event.type === 'RecurrenceFound') {
      const before = facts.at(-1);
      if (event.type === 'RecurrenceFound' && before) before.undoneBy = ref;
      endDues(before);
      facts.push({
        cycle: facts.length + 1,
        openedAt: event.occurredAt,
        openedBy: ref,
        dues: [],
        acts: [],
        waits: [],
        signedOff: null,
        closed: null,
        undoneBy: null,
        events: [ref],
      });
      continue;
    }
    const fact = facts.at(-1);
    if (!fact) continue; // its finding was not known then
    fact.events.push(ref);
    for (const wait of waits) if (wait.events[0]!.id === event.id) fact.waits.push(wait);
    (APPLY[event.type] as ((fact: DeadlineFact, event: HazardEvent, ref: EventRef) => void) | undefined)?.(
      fact,
      event,
      ref,
    );
  }
  return facts;
}

type Apply = {
  [T in HazardEvent['type']]?: (fact: DeadlineFact, event: Extract<HazardEvent, { type: T }>, ref: EventRef) => void;
};

/** What each type of event adds to its cycle. */
const APPLY: Apply = {
  RectificationOrdered: (fact, { actor, data }, ref) =>
    addDue(fact, data.due, ref, {
      replaces: data.previousDue,
      by: 'order',
      approvedBy: actor,
      ground: data.authority,
      measures: data.measures,
    }),
  ExtensionApproved: (fact, { actor, data }, ref) =>
    addDue(fact, data.due, ref, {
      replaces: data.previousDue,
      by: 'extension',
      approvedBy: actor,
      requestedBy: data.requestedBy,
      ground: data.reason,
    }),
  DeadlineMissed: (fact, { data, occurredAt }, ref) => {
    const missed = fact.dues.findLast(({ due }) => due === data.due);
    if (!missed) return;
    missed.missedAt = occurredAt;
    missed.events.push(ref);
  },
  ExtensionRequested: (fact, event, ref) => addAct(fact, 'extension-requested', event, event.data.reason, ref),
  ExtensionRefused: (fact, event, ref) => addAct(fact, 'extension-refused', event, event.data.reason, ref),
  OrderRefused: (fact, event, ref) => addAct(fact, 'refused', event, event.data.reason, ref),
  RectificationSubmitted: (fact, event, ref) => {
    addAct(fact, 'submitted', event, event.data.statement, ref);
    const due = fact.dues.at(-1);
    if (!due) return;
    due.submittedAt ??= event.occurredAt;
    due.inTime = event.recordedAt <= due.due;
    due.waited.push(...fact.waits.filter((wait) => wait.awaits === 'verification' && wait.events[0]!.id === ref.id));
    due.events.push(ref);
  },
  VerificationPassed: (fact, event, ref) => addAct(fact, 'verified', event, event.data.basis, ref),
  HazardPersisted: (fact, event) => {
    if (isSentBack(event)) sentBack(fact, event);
  },
  VerificationRejected: (fact, event, ref) => {
    const { actor, data } = event;
    addAct(fact, 'rejected', event, data.reason, ref);
    sentBack(fact, event);
    if (data.due === undefined) return;
    const replaces = data.previousDue ?? null;
    addDue(fact, data.due, ref, { replaces, by: 'rejection', approvedBy: actor, ground: data.reason });
  },
  HazardSignedOff: (fact, { actor, data, occurredAt }, ref) => {
    const verified = fact.acts.findLast(({ act }) => act === 'verified');
    fact.signedOff = {
      at: occurredAt,
      by: actor,
      days: data.days,
      verifiedBy: verified?.by ?? null,
      events: [...(verified?.events ?? []), ref],
    };
    endDues(fact);
  },
  HazardLinkedAsDuplicate: (fact, event, ref) => close(fact, 'duplicate', event, ref),
  HazardDismissed: (fact, event, ref) => close(fact, 'invalid', event, ref),
  HazardUnlinked: (fact) => {
    fact.closed = null;
  },
};

/** Sent back by its date, it was not kept yet. */
function sentBack(fact: DeadlineFact, { recordedAt }: HazardEvent): void {
  const due = fact.dues.at(-1);
  if (due && recordedAt <= due.due) due.inTime = false;
}

function addAct(fact: DeadlineFact, act: ActFact['act'], event: HazardEvent, text: string, ref: EventRef): void {
  const { occurredAt, actor, evidence } = event;
  fact.acts.push({ act, at: occurredAt, by: actor, text, evidence: evidence ?? [], events: [ref] });
}

function close(fact: DeadlineFact, as: 'duplicate' | 'invalid', event: HazardEvent, ref: EventRef): void {
  fact.closed = { as, at: event.occurredAt, by: event.actor, events: [ref] };
}

function addDue(
  fact: DeadlineFact,
  due: string,
  ref: EventRef,
  about: Pick<DueFact, 'replaces' | 'by' | 'approvedBy' | 'ground'> & Partial<DueFact>,
): void {
  endDues(fact);
  const blank = { requestedBy: null, measures: null, missedAt: null, submittedAt: null, inTime: null, inForce: true };
  fact.dues.push({ ...blank, waited: [], ...about, due, events: [ref] });
}

/** None of the due dates so far is in force any more; each stays on the list. */
function endDues(fact: DeadlineFact | undefined): void {
  for (const due of fact?.dues ?? []) due.inForce = false;
}
