// Who waits for whom (谁在等谁): what somebody has done their part of, and somebody else of the town has to answer. Folded
// from a hazard's events in one way, into its state and into the view that the clock reads.
//
//   verification handed in, to be looked at extension asked for, to be decided closure proposed, to be confirmed
//   reassignment given back, to be assigned again date handed in by its date, sent back after it: it needs another one
//   acceptance    a report that was handed in, to be judged
import * as z from 'zod';
import { idSchema, instantSchema } from '../../../events/envelope.ts';
import type { HazardEvent, HazardStatus } from '../../../events/hazard.ts';
import { AWAITS, type Awaits } from '../../../events/reminder.ts';
import type { ReportEvent } from '../../../events/report.ts';

/** Something that waits for an answer. */
export const waitSchema = z.strictObject({
  open: z.boolean().describe('not answered yet'),
  since: instantSchema
    .nullable()
    .describe('when what it has waited since was recorded; null: it is answered, or cannot be answered now'),
  stage: z.int().nullable().describe('working days of the last reminder of it'),
});
export type Wait = z.infer<typeof waitSchema>;

export const waitingSchema = z.strictObject({
  due: instantSchema.nullable(),
  submitted: z
    .strictObject({ at: instantSchema, organisation: idSchema })
    .nullable()
    .describe('the last submission: when it was recorded, and whose it was'),
  lapsed: z.boolean().describe('submitted by the date and sent back only after it: it needs another one'),
  waits: z.partialRecord(z.enum(AWAITS), waitSchema).describe('what waits for an answer of somebody of the town'),
});
export type Waiting = z.infer<typeof waitingSchema>;
export type Waits = Waiting['waits'];

export const NOT_WAITING: Waiting = { due: null, submitted: null, lapsed: false, waits: {} };

/** Statuses in which the unit's side has not delivered: only then is anybody reminded of the date, and can it be missed. */
export const UNDELIVERED: ReadonlySet<HazardStatus> = new Set(['ordered', 'rejected']);
/** Statuses in which a closure can be confirmed. */
const CONFIRMABLE: ReadonlySet<HazardStatus> = new Set([
  'found',
  'graded',
  'assigned',
  'returned',
  'ordered',
  'rejected',
  'recurred',
]);

const OVER: Wait = { open: false, since: null, stage: null };

/** The due date that an event puts in force, if it does. */
export function dueSetBy(event: HazardEvent): string | undefined {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- no other event sets a date
  switch (event.type) {
    case 'RectificationOrdered':
    case 'ExtensionApproved':
    case 'VerificationRejected':
      return event.data.due;
    default:
      return undefined;
  }
}

/** What was handed in does not pass: it is looked at and rejected, or seen again after it had passed. */
export const isSentBack = ({ data: { before, after } }: HazardEvent): boolean =>
  after === 'rejected' && (before === 'submitted' || before === 'verified');

/** The same reference when nothing changes. */
export function waitingAfter(state: Waiting, event: HazardEvent): Waiting {
  const at = event.recordedAt;
  if (event.type === 'HazardFound' || event.type === 'RecurrenceFound') {
    return { ...NOT_WAITING, waits: ended(state.waits) };
  }
  if (event.type === 'ReminderIssued') {
    const { awaits, since, workingDays: stage } = event.data;
    const wait = awaits && state.waits[awaits];
    return wait && wait.since === since ? { ...state, waits: { ...state.waits, [awaits]: { ...wait, stage } } } : state;
  }
  const due = dueSetBy(event);
  const sentBack = isSentBack(event);
  const { submitted } = state;
  const lapses = sentBack && submitted !== null && state.due !== null && submitted.at <= state.due && at > state.due;
  const next = {
    due: due ?? state.due,
    submitted:
      event.type === 'RectificationSubmitted' ? { at, organisation: event.actor.organisation } : state.submitted,
    lapsed: due === undefined && (state.lapsed || lapses),
  };
  const waits = waitsAfter(state.waits, event, next.lapsed);
  const same =
    waits === state.waits && next.due === state.due && next.submitted === submitted && next.lapsed === state.lapsed;
  return same ? state : { ...next, waits };
}

/** What each wait is: whether the event begins it again, whether it goes on, and whether an answer is possible in the status after it. */
const RULES: Record<
  Exclude<Awaits, 'acceptance'>,
  (event: HazardEvent, lapsed: boolean) => { begins: boolean; ends: boolean; possible: boolean }
> = {
  verification: (event) => byStatus(event, 'submitted'),
  reassignment: (event) => byStatus(event, 'returned'),
  extension: ({ type, data: { after } }) => ({
    begins: type === 'ExtensionRequested',
    ends: type === 'ExtensionApproved' || type === 'ExtensionRefused' || after === 'signed-off',
    possible: UNDELIVERED.has(after),
  }),
  closure: ({ type, data: { after } }) => ({
    begins: type === 'HazardClosureProposed',
    ends: type === 'HazardUnlinked' || after === 'signed-off' || after === 'duplicate' || after === 'invalid',
    possible: CONFIRMABLE.has(after),
  }),
  date: (event, lapsed) => ({
    begins: lapsed && isSentBack(event),
    ends: !lapsed || event.data.after !== 'rejected',
    possible: true,
  }),
};

const byStatus = ({ data: { before, after } }: HazardEvent, status: HazardStatus) => ({
  begins: after === status && before !== status,
  ends: after !== status,
  possible: true,
});

function waitsAfter(waits: Waits, event: HazardEvent, lapsed: boolean): Waits {
  const changed = (Object.keys(RULES) as (keyof typeof RULES)[]).flatMap((awaits) => {
    const wait = waitAfter(waits[awaits], event, RULES[awaits](event, lapsed));
    return wait === waits[awaits] ? [] : [[awaits, wait] as const];
  });
  return changed.length === 0 ? waits : { ...waits, ...Object.fromEntries(changed) };
}

/** What cannot be answered for a while waits again once it can be. */
function waitAfter(
  wait: Wait | undefined,
  event: HazardEvent,
  { begins, ends, possible }: { begins: boolean; ends: boolean; possible: boolean },
): Wait | undefined {
  const now: Wait = { open: true, since: event.recordedAt, stage: null };
  if (begins) return now;
  if (!wait?.open) return wait;
  if (ends) return OVER;
  if (!possible) return wait.since === null ? wait : { ...OVER, open: true };
  return wait.since === null ? now : wait;
}

/** A report that was handed in waits to be accepted or returned; a further edition waits since the first one that nobody answered. */
export function acceptanceAfter(wait: Wait | undefined, event: ReportEvent): Wait | undefined {
  const { before, after } = event.data;
  if (event.type === 'ReportReminderIssued') {
    const { awaits, since, workingDays: stage } = event.data;
    return wait && awaits === 'acceptance' && wait.since === since ? { ...wait, stage } : wait;
  }
  if (after !== 'submitted') return wait?.open ? OVER : wait;
  return before === 'submitted' ? wait : { open: true, since: event.recordedAt, stage: null };
}

const ended = (waits: Waits): Waits => Object.fromEntries(Object.keys(waits).map((awaits) => [awaits, OVER]));
