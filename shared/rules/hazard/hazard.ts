// A hazard (隐患): its state, and from where to where each act leads. The acts are in finding.ts, rectification.ts,
// closure.ts and beside them. A hazard is one clause at one unit; what is found again after its sign-off is the same
// hazard come back (隐患回潮), so that its whole past is in one stream.
//
//   found → graded → assigned ⇄ returned → ordered → submitted → rejected → (submitted | ordered) …
//                                                        └→ verified → signed-off → recurred → ordered …
import * as z from 'zod';
import {
  idSchema,
  instantSchema,
  personSchema,
  textSchema,
  trackSchema,
  type Track,
} from '../../../events/envelope.ts';
import { titled } from '../../../events/field.ts';
import {
  HAZARD_STATUSES,
  HazardClosureProposed,
  InterimControlSet,
  isOpen,
  limitSchema,
  RectificationOrdered,
  RectificationSubmitted,
  statusSchema,
  type HazardEvent,
  type HazardStatus,
} from '../../../events/hazard.ts';
import { AWAITS, recipientSchema, reminderFields } from '../../../events/reminder.ts';
import { gradeSchema, HAZARD_GRADES, type HazardGrade } from '../../../events/inspection.ts';
import { NotFound, RuleViolated } from '../../../events/errors.ts';
import { samePerson } from '../../person.ts';
import { latestOf } from '../claimed-time.ts';
import { withEntry, type Before, type Fold, type Shown } from '../decider.ts';
import { NOT_WAITING, waitingAfter, waitingSchema } from '../waiting/waiting.ts';

const reminderSchema = z.strictObject({
  due: instantSchema,
  rung: z.string(),
  workingDays: z.int(),
  recipients: z.array(recipientSchema),
  acknowledgedBy: z.array(z.string()),
  awaits: z.enum(AWAITS).optional().describe('what waits for an answer; absent: the due date is meant'),
});
type Reminder = z.infer<typeof reminderSchema>;

const text = z.string().nullable();
const moment = instantSchema.nullable();
const who = { reason: z.string(), by: z.string() };
/** A hazard that exists, as it is shown. */
export const hazardSchema = z.strictObject({
  id: idSchema,
  unit: idSchema,
  track: trackSchema,
  area: idSchema.nullable().describe('village or residents’ committee of the unit when it was found'),
  clause: z.string(),
  status: z.enum(HAZARD_STATUSES),
  statusSince: instantSchema.describe(
    'by when what led to this status is known to have happened: no act on it may claim an earlier time',
  ),
  organisation: idSchema.describe('responsible for it now'),
  grade: z.enum(HAZARD_GRADES).nullable(),
  finder: text,
  openedAt: instantSchema.describe('when this cycle began: found, or last come back'),
  openedBy: z.string().describe('the event that began it'),
  due: moment.describe('end of the rectification period in force'),
  dueSetAt: moment,
  measures: text,
  submittedBy: text,
  statement: text,
  verifiedBy: text,
  verifiedAt: moment,
  putRightAt: moment.describe(
    'by when the verification that stands is known to have been passed: what is seen after it has come back',
  ),
  rejections: z.int().describe('in this cycle'),
  // the last rejection, the last interim control: a repeated command is told by them
  rejection: z.strictObject(who).nullable().describe('the last of this cycle'),
  control: z.strictObject({ measures: z.string(), until: instantSchema.optional() }).nullable(),
  recurrences: z.int(),
  cycles: z.int(),
  signedOff: z.strictObject({ event: z.string(), at: instantSchema }).nullable().describe('the last sign-off'),
  proposal: z
    .strictObject({ kind: z.enum(['duplicate', 'invalid']), of: idSchema.optional(), ...who })
    .nullable()
    .describe('a closure that was proposed and not confirmed yet'),
  extension: z
    .strictObject({ requested: instantSchema, ...who, organisation: idSchema })
    .nullable()
    .describe('asked for and not decided yet'),
  extensions: z.int().describe('approved in this cycle'),
  refused: z.strictObject(who).nullable().describe('in this cycle, the order'),
  limit: z
    .strictObject({ limit: limitSchema, ...who })
    .nullable()
    .describe('of the town, stated in this cycle'),
  danger: z.strictObject(who).nullable().describe('declared in this cycle'),
  reminders: z.record(z.string(), reminderSchema).describe('of this cycle, by the id of their event'),
  waiting: waitingSchema.describe('who waits for whom'),
  missed: z.array(instantSchema).describe('due dates whose passing has been noticed in this cycle'),
  beforeClosure: z.enum(HAZARD_STATUSES).nullable().describe('status to return to when a link is undone'),
});
export type ShownHazard = z.infer<typeof hazardSchema>;
/** An inspection that saw it. */
export interface Seen {
  at: string;
  inspection: string;
  item: string;
  /** told by somebody who was there, not by a register */
  live: boolean;
}
/** A hazard that exists: its identity and status are known. */
export type KnownHazard = Omit<ShownHazard, 'reminders'> & {
  reminders: ReadonlyMap<string, Reminder>;
  /** since the last sign-off, in the order of recording: what a sign-off told later has to be compared with */
  seen: readonly Seen[];
  /** somebody has acted on it in this cycle, otherwise than by seeing it or by a register's word */
  acted: boolean;
  /** it has been major in this cycle, whatever its grade is now */
  wasMajor: boolean;
  /** of the last event: what the next one of the same commit can name */
  version: number;
};
export type HazardState = Before<
  KnownHazard,
  'id' | 'unit' | 'track' | 'clause' | 'status' | 'statusSince' | 'organisation' | 'openedAt' | 'openedBy'
>;

const said = { reason: titled(textSchema, '理由'), by: titled(personSchema, '办理人') };
const saidOf = (title: string) => titled(z.strictObject(said), title);
const count = (title: string) => titled(z.int(), title);

export const hazardShown: Shown<HazardState & { signedOffAt: unknown }> = {
  // what it is: another value would be another hazard
  id: null,
  unit: null,
  track: null,
  area: null,
  clause: null,
  finder: null,
  // the event behind a value that is shown
  signedOff: null,
  openedBy: null,
  dueSetAt: null,
  verifiedAt: null,
  statusSince: null,
  putRightAt: null,
  beforeClosure: null,
  waiting: null,
  seen: null,
  acted: null,
  wasMajor: null,
  version: null,
  status: statusSchema,
  grade: gradeSchema,
  organisation: titled(idSchema, '责任单位', { as: 'organisation' }),
  openedAt: titled(instantSchema, '本轮发现时间'),
  due: RectificationOrdered.data.shape.due,
  measures: RectificationOrdered.data.shape.measures,
  submittedBy: titled(personSchema, '提交人'),
  statement: RectificationSubmitted.data.shape.statement,
  verifiedBy: titled(personSchema, '复查人'),
  rejections: count('复查不通过次数'),
  rejection: saidOf('复查不通过'),
  signedOffAt: titled(instantSchema, '销项时间'),
  cycles: count('销项次数'),
  recurrences: count('回潮次数'),
  extension: titled(
    z.strictObject({ requested: titled(instantSchema, '申请延至', { as: 'due' }), ...said }),
    '延期申请',
  ),
  extensions: count('本轮延期次数'),
  control: titled(InterimControlSet.data.pick({ measures: true, until: true }), '临时管控措施'),
  proposal: titled(HazardClosureProposed.data.pick({ kind: true, of: true }).extend(said), '撤并申请'),
  refused: saidOf('拒不整改'),
  limit: titled(z.strictObject({ limit: limitSchema, ...said }), '超出镇级'),
  danger: saidOf('重大险情'),
  reminders: titled(
    z.array(
      z
        .strictObject(reminderFields)
        .pick({ due: true, awaits: true, recipients: true })
        .extend({ acknowledgedBy: titled(z.array(personSchema), '确认人') }),
    ),
    '提醒',
  ),
  missed: titled(z.array(titled(instantSchema, '期限', { as: 'due' })), '已记逾期'),
};

export const hazard: Fold<HazardState, HazardEvent> = {
  category: 'hazard',
  initial: {
    id: null,
    unit: null,
    track: null,
    area: null,
    clause: null,
    status: null,
    statusSince: null,
    organisation: null,
    grade: null,
    finder: null,
    openedAt: null,
    openedBy: null,
    due: null,
    dueSetAt: null,
    measures: null,
    submittedBy: null,
    statement: null,
    verifiedBy: null,
    verifiedAt: null,
    putRightAt: null,
    rejections: 0,
    rejection: null,
    control: null,
    recurrences: 0,
    cycles: 0,
    signedOff: null,
    proposal: null,
    extension: null,
    extensions: 0,
    refused: null,
    limit: null,
    danger: null,
    reminders: new Map(),
    waiting: NOT_WAITING,
    missed: [],
    beforeClosure: null,
    seen: [],
    acted: false,
    wasMajor: false,
    version: 0,
  },
  evolve(state, event) {
    const next: HazardState = {
      ...state,
      version: event.version,
      seen: seenAfter(state, event),
      wasMajor: state.wasMajor || event.data.grade === 'major',
      acted: state.acted || (event.source === 'api' && !SIGHTINGS.has(event.type)),
      waiting: waitingAfter(state.waiting, event),
      status: event.data.after,
      statusSince: event.data.after === state.status ? state.statusSince : latestOf(event),
      grade: event.data.grade,
      organisation: event.organisation ?? state.organisation,
    };
    switch (event.type) {
      case 'HazardFound':
        return {
          ...next,
          id: event.stream.split('#')[2]!,
          unit: event.unit ?? null,
          track: event.track ?? null,
          area: event.data.area ?? null,
          clause: event.data.clause,
          ...cycleBegins(event),
        };
      case 'RectificationOrdered':
        return { ...next, due: event.data.due, dueSetAt: event.recordedAt, measures: event.data.measures };
      case 'RectificationSubmitted':
        return { ...next, submittedBy: event.data.by, statement: event.data.statement };
      case 'VerificationPassed':
        return { ...next, verifiedBy: event.data.by, verifiedAt: event.occurredAt, putRightAt: latestOf(event) };
      case 'VerificationRejected':
        return {
          ...next,
          ...(event.data.due === undefined ? {} : { due: event.data.due, dueSetAt: event.recordedAt }),
          rejections: event.data.rejections,
          rejection: { by: event.data.by, reason: event.data.reason },
        };
      case 'InterimControlSet': {
        const { measures, until } = event.data;
        return { ...next, control: { measures, until } };
      }
      case 'HazardSignedOff':
        return {
          ...next,
          cycles: event.data.cycle,
          signedOff: { event: event.id, at: event.occurredAt },
          putRightAt: [state.putRightAt ?? latestOf(event), latestOf(event)].toSorted()[0]!,
          proposal: null,
        };
      case 'RecurrenceFound':
        return {
          ...next,
          recurrences: event.data.recurrence,
          ...cycleBegins(event),
        };
      case 'HazardClosureProposed': {
        const { kind, of, reason, by } = event.data;
        return { ...next, proposal: { kind, of, reason, by } };
      }
      case 'HazardLinkedAsDuplicate':
      case 'HazardDismissed':
        return { ...next, beforeClosure: event.data.before };
      case 'HazardUnlinked':
        return { ...next, proposal: null };
      case 'ExtensionRequested': {
        const { requested, reason, by } = event.data;
        return { ...next, extension: { requested, reason, by, organisation: event.actor.organisation } };
      }
      case 'ExtensionApproved':
        return {
          ...next,
          due: event.data.due,
          dueSetAt: event.recordedAt,
          extension: null,
          extensions: event.data.extensions,
        };
      case 'ExtensionRefused':
        return { ...next, extension: null };
      case 'OrderRefused':
        return { ...next, refused: { reason: event.data.reason, by: event.data.by } };
      case 'LimitStated': {
        const { limit, reason, by } = event.data;
        return { ...next, limit: { limit, reason, by } };
      }
      case 'DangerDeclared':
        return { ...next, danger: { reason: event.data.reason, by: event.data.by } };
      case 'ReminderIssued': {
        const { due, rung, workingDays, recipients, awaits } = event.data;
        const issued = { due, rung, workingDays, recipients, acknowledgedBy: [], ...(awaits ? { awaits } : {}) };
        return { ...next, reminders: withEntry(state.reminders, event.id, issued) };
      }
      case 'ReminderAcknowledged': {
        const { reminder, by } = event.data;
        const known = state.reminders.get(reminder);
        if (!known) return next;
        const acknowledgedBy = [...known.acknowledgedBy, by];
        return { ...next, reminders: withEntry(state.reminders, reminder, { ...known, acknowledgedBy }) };
      }
      case 'DeadlineMissed':
        return { ...next, missed: [...state.missed, event.data.due] };
      case 'HazardCorrected':
      case 'HazardPersisted':
      case 'HazardGraded':
      case 'HazardAssigned':
      case 'HazardReturned':
      case 'HazardReassigned':
        return next;
    }
  },
};

const SIGHTINGS: ReadonlySet<string> = new Set(['HazardFound', 'HazardPersisted', 'RecurrenceFound']);

/** What was seen before the last sign-off belongs to a cycle that is over. */
function seenAfter({ seen, signedOff }: HazardState, event: HazardEvent): readonly Seen[] {
  if (event.type !== 'HazardFound' && event.type !== 'HazardPersisted' && event.type !== 'RecurrenceFound') return seen;
  const { inspection, item } = event.data;
  const own = { at: event.occurredAt, inspection, item, live: event.source !== 'import' };
  if (event.type === 'HazardFound') return [own];
  if (event.type === 'HazardPersisted') return signedOff && own.at < signedOff.at ? seen : [...seen, own];
  // Told by a sign-off that lies before it, it is among what was seen already, and so is what was seen after it.
  const ended = signedOff?.at === own.at;
  const left = seen.filter(({ at, live }) => at > own.at || (at === own.at && (live || !ended)));
  return left.some((one) => one.inspection === inspection) ? left : [...left, own];
}

/** What a finding or a recurrence starts again; what came before stays in the stream. */
function cycleBegins(event: HazardEvent): Partial<HazardState> {
  return {
    wasMajor: event.data.grade === 'major',
    finder: event.actor.person,
    openedAt: event.occurredAt,
    openedBy: event.id,
    due: null,
    dueSetAt: null,
    measures: null,
    submittedBy: null,
    statement: null,
    verifiedBy: null,
    verifiedAt: null,
    putRightAt: null,
    rejections: 0,
    rejection: null,
    control: null,
    proposal: null,
    extension: null,
    extensions: 0,
    refused: null,
    limit: null,
    danger: null,
    reminders: new Map(),
    missed: [],
    acted: false,
  };
}

/** As JSON has it. */
export function shownHazard({ seen: _1, acted: _2, wasMajor: _3, version: _4, ...known }: KnownHazard): ShownHazard {
  return { ...known, reminders: Object.fromEntries(known.reminders) };
}

/** @throws NotFound `unknown-hazard` */
export function requireHazard(state: HazardState, id: string): KnownHazard {
  if (state.status) return state as KnownHazard;
  throw new NotFound('unknown-hazard', `there is no hazard ${id}`, { field: 'hazard', expected: 'the id of a hazard' });
}

const OPEN = HAZARD_STATUSES.filter(isOpen);

/** From which statuses an act is allowed, and what it leads to (`same` keeps the status). One row an act; the API's “next actions” too. */
export const TRANSITIONS = {
  grade: {
    from: ['found', 'graded', 'assigned', 'returned', 'ordered', 'submitted', 'rejected', 'recurred'],
    to: 'same',
  },
  assign: { from: ['graded'], to: 'assigned' },
  return: { from: ['assigned'], to: 'returned' },
  reassign: { from: ['returned', 'assigned', 'ordered', 'rejected', 'recurred'], to: 'same' },
  order: { from: ['assigned', 'rejected', 'recurred'], to: 'ordered' },
  control: {
    from: ['found', 'graded', 'assigned', 'returned', 'ordered', 'submitted', 'rejected', 'verified', 'recurred'],
    to: 'same',
  },
  submit: { from: ['ordered', 'rejected'], to: 'submitted' },
  verify: { from: ['submitted'], to: 'verified' },
  reject: { from: ['submitted'], to: 'rejected' },
  signOff: { from: ['verified'], to: 'signed-off' },
  propose: { from: ['found', 'graded', 'assigned', 'returned', 'ordered', 'rejected', 'recurred'], to: 'same' },
  confirm: { from: ['found', 'graded', 'assigned', 'returned', 'ordered', 'rejected', 'recurred'], to: 'same' },
  unlink: { from: ['duplicate'], to: 'same' },
  requestExtension: { from: ['ordered', 'rejected'], to: 'same' },
  approveExtension: { from: ['ordered', 'rejected'], to: 'same' },
  refuseExtension: { from: ['ordered', 'rejected'], to: 'same' },
  refuse: { from: ['ordered', 'rejected'], to: 'same' },
  stateLimit: { from: OPEN, to: 'same' },
  declareDanger: { from: OPEN, to: 'same' },
} as const satisfies Record<string, { from: readonly HazardStatus[]; to: HazardStatus | 'same' }>;
export type HazardAct = keyof typeof TRANSITIONS;

/** What may be done with the hazard next, whoever may do it. */
export function nextActs(state: HazardState): HazardAct[] {
  if (!state.status) return [];
  return (Object.keys(TRANSITIONS) as HazardAct[]).filter((act) => {
    if (act === 'propose' && state.proposal) return false;
    if (act === 'confirm' && !state.proposal) return false;
    if (act === 'requestExtension' && state.extension) return false;
    if ((act === 'approveExtension' || act === 'refuseExtension') && !state.extension) return false;
    return allows(act, state.status!);
  });
}

/**
 * Whether somebody is barred by what they, or their organisation, did before: nobody verifies what they submitted or confirms what they
 * proposed, and an extension is decided by another organisation than the one that asked.
 */
export function needsAnother(
  state: HazardState,
  act: HazardAct,
  acting: { person: string; organisation: string | undefined },
): boolean {
  const { submittedBy, proposal, extension } = state;
  if (act === 'verify' || act === 'reject') return samePerson(submittedBy, acting.person);
  if (act === 'confirm') return samePerson(proposal?.by, acting.person);
  if (act !== 'approveExtension' && act !== 'refuseExtension') return false;
  return samePerson(extension?.by, acting.person) || extension?.organisation === acting.organisation;
}

function allows(act: HazardAct, status: HazardStatus): boolean {
  return (TRANSITIONS[act].from as readonly HazardStatus[]).includes(status);
}

/** What every event of a hazard carries, for a change of status. @throws RuleViolated `wrong-transition` */
export function move(
  state: KnownHazard,
  act: HazardAct,
): { clause: string; before: HazardStatus; after: HazardStatus; grade: HazardGrade | null } {
  const { from, to } = TRANSITIONS[act];
  if (!allows(act, state.status)) {
    throw new RuleViolated('wrong-transition', `a hazard that is ${state.status} does not allow: ${act}`, {
      field: 'status',
      expected: `${from.join(' or ')}; now possible: ${nextActs(state).join(', ') || 'nothing'}`,
      facts: { status: state.status, allowed: nextActs(state) },
    });
  }
  return { clause: state.clause, before: state.status, after: to === 'same' ? state.status : to, grade: state.grade };
}

/** What the envelope of a hazard's event says of it. */
export function about(state: KnownHazard): { unit: string; track: Track; organisation: string } {
  return { unit: state.unit, track: state.track, organisation: state.organisation };
}
