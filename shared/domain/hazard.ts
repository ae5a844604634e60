// Everything that may happen to a hazard (隐患). A hazard is one clause at one unit; what is found again after its sign-off is the
// same hazard come back (隐患回潮), so that its whole past stands in one stream.
//
//   found → graded → assigned ⇄ returned → ordered → submitted → rejected → (submitted | ordered) …
//                                                        └→ verified → signed-off → recurred → ordered …
import type { Track } from '../../events/envelope.ts';
import { HAZARD_STATUSES, isOpen, type HazardEvent, type HazardStatus } from '../../events/hazard.ts';
import type { Recipient } from '../../events/reminder.ts';
import type { HazardGrade } from '../../events/inspection.ts';
import { NotFound, RuleViolated } from '../errors.ts';
import { correction, type AskedCorrection } from './corrections.ts';
import { NOTHING, same, townDaysBetween, type Drafts, type Fold } from './decider.ts';

export interface Reminder {
  due: string;
  rung: string;
  workingDays: number;
  recipients: Recipient[];
  acknowledgedBy: string[];
}

export interface HazardState {
  id: string | null;
  unit: string | null;
  track: Track | null;
  /** village or residents' committee of the unit when it was found */
  area: string | null;
  clause: string | null;
  status: HazardStatus | null;
  /** organisation responsible for it now */
  organisation: string | null;
  grade: HazardGrade | null;
  finder: string | null;
  /** when this cycle began: found, or last come back; and the event that began it */
  openedAt: string | null;
  openedBy: string | null;
  /** end of the rectification period in force, and when it was set */
  due: string | null;
  dueSetAt: string | null;
  measures: string | null;
  submittedBy: string | null;
  statement: string | null;
  verifiedBy: string | null;
  verifiedAt: string | null;
  /** rejections in this cycle */
  rejections: number;
  /** the last rejection of this cycle, the last interim control: a repeated command is told by them */
  rejection: { by: string; reason: string } | null;
  control: { measures: string; until?: string | undefined } | null;
  recurrences: number;
  cycles: number;
  /** the last sign-off: id of its event, when */
  signedOff: { event: string; at: string } | null;
  proposal: { kind: 'duplicate' | 'invalid'; of?: string | undefined; reason: string; by: string } | null;
  /** extension (延期) asked for and not decided yet */
  extension: { requested: string; reason: string; by: string; organisation: string } | null;
  /** extensions approved in this cycle */
  extensions: number;
  /** in this cycle: the order was refused, a limit of the town was stated, danger was declared */
  refused: { reason: string; by: string } | null;
  limit: { limit: 'power' | 'capacity'; reason: string; by: string } | null;
  danger: { reason: string; by: string } | null;
  /** reminders of this cycle by event id: due date and rung they are for, to whom they went, and who acknowledged them */
  reminders: Record<string, Reminder>;
  /** due dates whose passing has been noticed in this cycle */
  missed: string[];
  /** status to return to when a link is undone */
  beforeClosure: HazardStatus | null;
}

export const hazard: Fold<HazardState, HazardEvent> = {
  category: 'hazard',
  initial: {
    id: null,
    unit: null,
    track: null,
    area: null,
    clause: null,
    status: null,
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
    reminders: {},
    missed: [],
    beforeClosure: null,
  },
  evolve(state, event) {
    const next: HazardState = {
      ...state,
      status: event.data.after,
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
        return { ...next, verifiedBy: event.data.by, verifiedAt: event.occurredAt };
      case 'VerificationRejected':
        return {
          ...next,
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
        const { due, rung, workingDays, recipients } = event.data;
        const issued = { due, rung, workingDays, recipients, acknowledgedBy: [] };
        return { ...next, reminders: { ...state.reminders, [event.id]: issued } };
      }
      case 'ReminderAcknowledged': {
        const { reminder, by } = event.data;
        const known = state.reminders[reminder];
        if (!known) return next;
        const acknowledgedBy = [...known.acknowledgedBy, by];
        return { ...next, reminders: { ...state.reminders, [reminder]: { ...known, acknowledgedBy } } };
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

/** What a finding or a recurrence starts anew; what came before stays in the stream. */
function cycleBegins(event: HazardEvent): Partial<HazardState> {
  return {
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
    rejections: 0,
    rejection: null,
    control: null,
    proposal: null,
    extension: null,
    extensions: 0,
    refused: null,
    limit: null,
    danger: null,
    reminders: {},
    missed: [],
  };
}

/** A hazard that exists: its identity and status are known. */
export type KnownHazard = HazardState & {
  id: string;
  unit: string;
  track: Track;
  clause: string;
  status: HazardStatus;
  organisation: string;
  openedAt: string;
  openedBy: string;
};

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
  if (act === 'verify' || act === 'reject') return submittedBy === acting.person;
  if (act === 'confirm') return proposal?.by === acting.person;
  if (act !== 'approveExtension' && act !== 'refuseExtension') return false;
  return extension?.by === acting.person || extension?.organisation === acting.organisation;
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

export interface Sighting {
  id: string;
  unit: string;
  track: Track;
  clause: string;
  inspection: string;
  item: string;
  text?: string | undefined;
  place?: string | undefined;
  raw?: string | undefined;
  occurredAt: string;
  /** responsible until somebody is assigned: the track's lead */
  lead: string;
  /** village or residents' committee in whose area the unit lies */
  area?: string | undefined;
  /** for a hazard linked as duplicate: whether the one that stays is open */
  twinOpen?: boolean | undefined;
}

/**
 * What it means that an inspection found this clause broken. New → found. Open → persists (and a verification before it no longer counts). Signed off before the inspection →
 * recurred. Signed off after it (recorded late) → put on record, the status stays. Dismissed → found again. A duplicate persists as long
 * as the hazard that stays is open; when that one is closed, nothing would be left open for what was seen: found again.
 */
export function observe(
  state: HazardState,
  seen: Sighting,
): { outcome: 'found' | 'persists' | 'recurred' | 'late'; drafts: Drafts } {
  const words = { ...(seen.text ? { text: seen.text } : {}), ...(seen.raw ? { raw: seen.raw } : {}) };
  const where = { inspection: seen.inspection, item: seen.item, ...words };
  if (!state.status || state.status === 'invalid' || (state.status === 'duplicate' && !seen.twinOpen)) {
    return {
      outcome: 'found',
      drafts: [
        {
          type: 'HazardFound',
          unit: seen.unit,
          track: seen.track,
          organisation: state.organisation ?? seen.lead,
          data: {
            clause: seen.clause,
            before: state.status,
            after: 'found',
            grade: state.grade,
            ...where,
            ...(seen.place ? { place: seen.place } : {}),
            ...(seen.area ? { area: seen.area } : {}),
          },
        },
      ],
    };
  }
  const known = requireHazard(state, seen.id);
  const data = { clause: known.clause, before: known.status, grade: known.grade, ...where };
  if (known.status === 'signed-off' && seen.occurredAt >= known.signedOff!.at) {
    const { event: undoes, at: signedOffAt } = known.signedOff!;
    return {
      outcome: 'recurred',
      drafts: [
        {
          type: 'RecurrenceFound',
          ...about(known),
          data: { ...data, after: 'recurred', undoes, signedOffAt, recurrence: known.recurrences + 1 },
        },
      ],
    };
  }
  const late = known.status === 'signed-off';
  // Seen after it was verified, it is not put right: it cannot be signed off on that verification.
  const overtaken = known.status === 'verified' && seen.occurredAt >= known.verifiedAt!;
  const after = overtaken ? ('rejected' as const) : known.status;
  return {
    outcome: late ? 'late' : 'persists',
    drafts: [{ type: 'HazardPersisted', ...about(known), data: { ...data, after, late } }],
  };
}

export function grade(state: HazardState, id: string, command: { grade: HazardGrade; basis: string }): Drafts {
  const known = requireHazard(state, id);
  // Found again after it was dismissed, it still has its grade, but has to be graded to go on.
  if (known.grade === command.grade && known.status !== 'found') return NOTHING;
  const step = move(known, 'grade');
  const after = known.status === 'found' ? 'graded' : step.after;
  return [{ type: 'HazardGraded', ...about(known), data: { ...step, after, from: known.grade, ...command } }];
}

export function assign(state: HazardState, id: string, command: { to: string; note?: string | undefined }): Drafts {
  const known = requireHazard(state, id);
  if (known.status === 'assigned' && known.organisation === command.to) return NOTHING;
  const note = command.note ? { note: command.note } : {};
  return [
    {
      type: 'HazardAssigned',
      ...about(known),
      organisation: command.to,
      data: { ...move(known, 'assign'), from: known.organisation, to: command.to, ...note },
    },
  ];
}

/** The organisation it was assigned to gives it back, with the reason. */
export function giveBack(state: HazardState, id: string, command: { reason: string }): Drafts {
  const known = requireHazard(state, id);
  if (known.status === 'returned') return NOTHING;
  return [
    {
      type: 'HazardReturned',
      ...about(known),
      data: { ...move(known, 'return'), by: known.organisation, reason: command.reason },
    },
  ];
}

export function reassign(state: HazardState, id: string, command: { to: string; reason: string }): Drafts {
  const known = requireHazard(state, id);
  if (known.organisation === command.to && known.status !== 'returned') return NOTHING;
  const step = move(known, 'reassign');
  const after = known.status === 'returned' ? 'assigned' : step.after;
  return [
    {
      type: 'HazardReassigned',
      ...about(known),
      organisation: command.to,
      data: { ...step, after, from: known.organisation, ...command },
    },
  ];
}

/** A due date that the rule set proposes for an order, and never sets. */
export interface ProposedDue {
  /** end of its last day in town time */
  due: string;
  day: string;
  workingDays: number;
  /** version of the rule set */
  ruleSet: number;
}

export interface Order {
  measures: string;
  due?: string | undefined;
  authority: string;
}

/**
 * Orders rectification until a due date. The date is asked for and never made up (plan: no period is given in the text).
 * @param longest longest period in calendar days (town time) that the rule set allows for the grade, if it has one
 * @param proposed the date that the rule set would propose, named where none was given
 * @throws RuleViolated `due-missing`, `due-past`, `due-too-late`, `wrong-transition`
 */
export function order(
  state: HazardState,
  id: string,
  command: Order,
  occurredAt: string,
  now: string,
  longest?: number,
  proposed?: ProposedDue,
): Drafts {
  const known = requireHazard(state, id);
  const { due, measures, authority } = command;
  if (due === undefined) {
    throw new RuleViolated('due-missing', 'an order needs the end of the rectification period', {
      field: 'due',
      expected: proposed
        ? `a time to come; the rule set proposes ${proposed.day} (${proposed.workingDays} working days)`
        : 'a time to come, in UTC with milliseconds, e.g. 2025-05-20T15:59:59.000Z',
      facts: proposed ? { proposed } : {},
    });
  }
  if (known.status === 'ordered' && known.due === due && known.measures === measures) return NOTHING;
  const step = move(known, 'order');
  if (due <= occurredAt || due <= now) {
    throw new RuleViolated('due-past', `the due date ${due} has passed`, {
      field: 'due',
      expected: `later than ${now}`,
    });
  }
  const days = townDaysBetween(occurredAt, due);
  if (longest !== undefined && days > longest) {
    throw new RuleViolated('due-too-late', `the period of ${days} days is longer than the rule set allows`, {
      field: 'due',
      expected: `at most ${longest} calendar days from the order for a ${known.grade} hazard`,
    });
  }
  return [
    {
      type: 'RectificationOrdered',
      ...about(known),
      data: { ...step, measures, due, previousDue: known.due, authority, ...(known.area ? { area: known.area } : {}) },
    },
  ];
}

export function setInterimControl(
  state: HazardState,
  id: string,
  command: { measures: string; until?: string | undefined },
): Drafts {
  const known = requireHazard(state, id);
  const step = move(known, 'control');
  if (known.control && same(known.control, command)) return NOTHING;
  const until = command.until ? { until: command.until } : {};
  return [
    {
      type: 'InterimControlSet',
      ...about(known),
      data: { ...step, measures: command.measures, ...until },
    },
  ];
}

export function submit(state: HazardState, id: string, command: { statement: string }, person: string): Drafts {
  const known = requireHazard(state, id);
  if (known.status === 'submitted' && known.submittedBy === person && known.statement === command.statement)
    return NOTHING;
  return [
    {
      type: 'RectificationSubmitted',
      ...about(known),
      data: { ...move(known, 'submit'), by: person, statement: command.statement },
    },
  ];
}

/** @throws RuleViolated `verifier-is-submitter`: nobody verifies what they submitted themselves */
export function verify(state: HazardState, id: string, command: { basis: string }, person: string): Drafts {
  const known = requireHazard(state, id);
  if (known.status === 'verified' && known.verifiedBy === person) return NOTHING;
  const step = move(known, 'verify');
  notTheSubmitter(known, person);
  return [{ type: 'VerificationPassed', ...about(known), data: { ...step, by: person, basis: command.basis } }];
}

export function reject(state: HazardState, id: string, command: { reason: string }, person: string): Drafts {
  const known = requireHazard(state, id);
  if (known.status === 'rejected' && same(known.rejection, { by: person, reason: command.reason })) return NOTHING;
  const step = move(known, 'reject');
  notTheSubmitter(known, person);
  return [
    {
      type: 'VerificationRejected',
      ...about(known),
      data: { ...step, by: person, reason: command.reason, rejections: known.rejections + 1 },
    },
  ];
}

function notTheSubmitter(known: KnownHazard, person: string): void {
  if (known.submittedBy !== person) return;
  throw new RuleViolated(
    'verifier-is-submitter',
    'a rectification is verified by somebody other than who submitted it',
    {
      field: 'person',
      expected: 'another person than the submitter',
    },
  );
}

/** Ends a cycle; counts the calendar days in town time since it began. @throws RuleViolated `signed-off-too-early` */
export function signOff(state: HazardState, id: string, occurredAt: string, person: string): Drafts {
  const known = requireHazard(state, id);
  if (known.status === 'signed-off') return NOTHING;
  const step = move(known, 'signOff');
  if (occurredAt < known.openedAt) {
    throw new RuleViolated('signed-off-too-early', `the hazard was found at ${known.openedAt}, after ${occurredAt}`, {
      field: 'occurredAt',
      expected: `not earlier than ${known.openedAt}`,
    });
  }
  const days = townDaysBetween(known.openedAt, occurredAt);
  return [
    {
      type: 'HazardSignedOff',
      ...about(known),
      data: { ...step, by: person, openedAt: known.openedAt, days, cycle: known.cycles + 1 },
    },
  ];
}

/**
 * Another register shows that the hazard is gone: submission, verification and sign-off follow from it, each to be marked as derived.
 * Nothing when the hazard is closed already, or came up only after the time that the register speaks of.
 */
export function closeAsDerived(
  state: HazardState,
  id: string,
  command: { basis: string; occurredAt: string },
  person: string,
): Drafts {
  const known = requireHazard(state, id);
  if (!isOpen(known.status) || command.occurredAt < known.openedAt) return NOTHING;
  const { clause, grade: present } = known;
  const step = (before: HazardStatus, after: HazardStatus) => ({ clause, before, after, grade: present, by: person });
  const days = townDaysBetween(known.openedAt, command.occurredAt);
  return [
    {
      type: 'RectificationSubmitted',
      ...about(known),
      data: { ...step(known.status, 'submitted'), statement: command.basis },
    },
    { type: 'VerificationPassed', ...about(known), data: { ...step('submitted', 'verified'), basis: command.basis } },
    {
      type: 'HazardSignedOff',
      ...about(known),
      data: { ...step('verified', 'signed-off'), openedAt: known.openedAt, days, cycle: known.cycles + 1 },
    },
  ];
}

export interface ClosureProposal {
  kind: 'duplicate' | 'invalid';
  of?: string | undefined;
  reason: string;
}

/**
 * First of the two persons whom a duplicate or invalid hazard needs.
 * @param twin the hazard that stays, where the command names one
 * @throws RuleViolated `duplicate-of-missing`, `duplicate-elsewhere`, `duplicate-of-dismissed`
 */
export function proposeClosure(
  state: HazardState,
  id: string,
  command: ClosureProposal,
  person: string,
  twin?: HazardState,
): Drafts {
  const known = requireHazard(state, id);
  const { kind, reason } = command;
  const of = kind === 'duplicate' ? command.of : undefined;
  if (known.proposal?.kind === kind && known.proposal.of === of) return NOTHING;
  const step = move(known, 'propose');
  if (kind === 'duplicate' && (!of || of === id)) {
    throw new RuleViolated('duplicate-of-missing', 'a duplicate names the hazard that stays', {
      field: 'of',
      expected: 'the id of another hazard',
    });
  }
  if (of && twin) requireStays(known, of, twin);
  return [
    {
      type: 'HazardClosureProposed',
      ...about(known),
      data: { ...step, kind, reason, ...(of ? { of } : {}), by: person },
    },
  ];
}

/** Two hazards linked to each other, or one linked to another unit's, would leave nothing open for what was found. */
function requireStays(known: KnownHazard, of: string, twin: HazardState): void {
  const { unit, status } = requireHazard(twin, of);
  if (unit !== known.unit) {
    throw new RuleViolated('duplicate-elsewhere', `hazard ${of} is at unit ${unit}`, {
      field: 'of',
      expected: `a hazard at unit ${known.unit}`,
    });
  }
  if (status === 'duplicate' || status === 'invalid') {
    throw new RuleViolated('duplicate-of-dismissed', `hazard ${of} is ${status} itself`, {
      field: 'of',
      expected: 'a hazard that stays on the list',
    });
  }
}

/** Second person. @throws RuleViolated `no-proposal`, `second-person-needed`, `duplicate-of-dismissed` */
export function confirmClosure(state: HazardState, id: string, person: string, twin?: HazardState): Drafts {
  const known = requireHazard(state, id);
  if (known.status === 'duplicate' || known.status === 'invalid') return NOTHING;
  const { proposal } = known;
  if (!proposal) {
    throw new RuleViolated('no-proposal', 'nobody has proposed to close this hazard', {
      expected: 'a closure proposal first',
    });
  }
  const step = move(known, 'confirm');
  if (proposal.by === person) {
    throw new RuleViolated('second-person-needed', 'a closure is confirmed by somebody other than who proposed it', {
      field: 'person',
      expected: 'another person than the proposer',
    });
  }
  if (proposal.of && twin) requireStays(known, proposal.of, twin);
  const who = { proposedBy: proposal.by, by: person, openedAt: known.openedAt };
  if (proposal.kind === 'duplicate') {
    return [
      {
        type: 'HazardLinkedAsDuplicate',
        ...about(known),
        data: { ...step, after: 'duplicate', of: proposal.of!, ...who },
      },
    ];
  }
  return [
    { type: 'HazardDismissed', ...about(known), data: { ...step, after: 'invalid', reason: proposal.reason, ...who } },
  ];
}

/** Undoes a link as duplicate: the hazard is where it was before. */
export function unlink(state: HazardState, id: string, command: { reason: string }, person: string): Drafts {
  const known = requireHazard(state, id);
  const step = { ...move(known, 'unlink'), after: known.beforeClosure ?? known.status };
  const again = { openedAt: known.openedAt, due: known.due };
  return [{ type: 'HazardUnlinked', ...about(known), data: { ...step, reason: command.reason, by: person, ...again } }];
}

/**
 * Corrects the words that an event of the hazard was recorded with; its life stays as it is.
 * @param events the hazard's stream, which the state was folded from
 * @throws RuleViolated `unknown-event`, `not-correctable`, `second-person-needed`
 */
export function correctHazard(
  state: KnownHazard,
  events: readonly HazardEvent[],
  command: AskedCorrection,
  maker: string,
  now: string,
): Drafts {
  const changes = correction(events, command, maker, now);
  if (!changes) return NOTHING;
  const { clause, status, grade: graded } = state;
  return [
    {
      type: 'HazardCorrected',
      ...about(state),
      data: { clause, before: status, after: status, grade: graded, ...changes },
    },
  ];
}
