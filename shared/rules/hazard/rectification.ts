// The acts that lead a hazard from its finding to its sign-off (整改闭环): graded, assigned, ordered, submitted, verified, signed off; and
// the correction of the words that they were recorded with.
import { isOpen, type HazardEvent, type HazardStatus } from '../../../events/hazard.ts';
import type { RuleSet } from '../../../events/campaign.ts';
import type { HazardGrade } from '../../../events/inspection.ts';
import { RuleViolated } from '../../../events/errors.ts';
import { samePerson } from '../../person.ts';
import { requireAhead } from '../claimed-time.ts';
import { correction, type AskedCorrection, type Maker } from '../corrections.ts';
import { NOTHING, same, type Drafts } from '../decider.ts';
import { about, move, requireHazard, type HazardState, type KnownHazard, type Seen } from './hazard.ts';
import { dueAgain, type ProposedDue } from '../reminder/ladder.ts';
import { townDaysBetween } from '../../town-time.ts';

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
export function returnHazard(state: HazardState, id: string, command: { reason: string }): Drafts {
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
export function orderRectification(
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
  checkDue(known, due, { occurredAt, now, longest });
  return [
    {
      type: 'RectificationOrdered',
      ...about(known),
      data: { ...step, measures, due, previousDue: known.due, authority, ...(known.area ? { area: known.area } : {}) },
    },
  ];
}

/** @throws RuleViolated `due-past`, `due-too-late` */
function checkDue(
  { grade: graded }: KnownHazard,
  due: string,
  { occurredAt, now, longest }: { occurredAt: string; now: string; longest?: number | undefined },
): void {
  requireAhead(due, occurredAt > now ? occurredAt : now);
  const days = townDaysBetween(occurredAt, due);
  if (longest !== undefined && days > longest) {
    throw new RuleViolated('due-too-late', `the period of ${days} days is longer than the rule set allows`, {
      field: 'due',
      expected: `at most ${longest} calendar days from the order for a ${graded} hazard`,
    });
  }
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

export function submitRectification(
  state: HazardState,
  id: string,
  command: { statement: string },
  person: string,
): Drafts {
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

/**
 * The date that a rejection now would need, as proposed: what was submitted in time and is looked at after its date has
 * not missed it. Undefined when the date in force stays.
 */
export function dueAfterRejection(
  { status, due, waiting }: Pick<HazardState, 'status' | 'due' | 'waiting'>,
  ruleSet: RuleSet | undefined,
  now: string,
): ProposedDue | undefined {
  const { submitted, lapsed } = waiting;
  if (status !== 'submitted' || due === null || submitted === null) return undefined;
  const again = dueAgain(ruleSet?.calendar, { at: submitted.at, due, kept: lapsed }, now);
  return again && { ...again, ruleSet: ruleSet?.version ?? 0 };
}

/**
 * Sends a rectification back. The date in force stays; one that passed while what was submitted in time waited to be looked at is replaced.
 * @throws RuleViolated `due-missing` for want of a new date, `due-stays` for one where the date in force stays, `due-past`, `due-too-late`
 */
export function reject(
  state: HazardState,
  id: string,
  command: { reason: string; due?: string | undefined },
  person: string,
  moment: { occurredAt: string; now: string; ruleSet?: RuleSet | undefined },
): Drafts {
  const known = requireHazard(state, id);
  const { due, reason } = command;
  const repeated = known.status === 'rejected' && same(known.rejection, { by: person, reason });
  if (repeated && (due === undefined || due === known.due)) return NOTHING;
  const step = move(known, 'reject');
  notTheSubmitter(known, person);
  const proposed = dueAfterRejection(known, moment.ruleSet, moment.now);
  if (proposed && due === undefined) {
    throw new RuleViolated(
      'due-missing',
      `it was submitted in time, and its date ${known.due!} has passed meanwhile: the rejection needs a new one`,
      {
        field: 'due',
        expected: `a time to come; proposed is ${proposed.day}: the ${proposed.workingDays} working days that were left when it was submitted`,
        facts: { proposed },
      },
    );
  }
  if (!proposed && due !== undefined) {
    throw new RuleViolated('due-stays', `the due date in force, ${known.due ?? 'none'}, stays`, {
      field: 'due',
      expected: 'no date: only what was submitted in time and is rejected after its date is given another one',
    });
  }
  const longest = known.grade ? moment.ruleSet?.longestRectification[known.grade] : undefined;
  if (due !== undefined) checkDue(known, due, { ...moment, longest });
  return [
    {
      type: 'VerificationRejected',
      ...about(known),
      data: {
        ...step,
        by: person,
        reason,
        rejections: known.rejections + 1,
        ...(due === undefined ? {} : { due, previousDue: known.due! }),
      },
    },
  ];
}

function notTheSubmitter(known: KnownHazard, person: string): void {
  if (!samePerson(known.submittedBy, person)) return;
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
  // Found by a clock that was fast, it may be signed off by one that is right.
  if (occurredAt < known.openedAt && occurredAt < known.statusSince) {
    throw new RuleViolated('signed-off-too-early', `the hazard was found at ${known.openedAt}, after ${occurredAt}`, {
      field: 'occurredAt',
      expected: `not earlier than ${known.openedAt}`,
    });
  }
  const days = Math.max(0, townDaysBetween(known.openedAt, occurredAt));
  return [
    {
      type: 'HazardSignedOff',
      ...about(known),
      data: {
        ...step,
        by: person,
        openedAt: known.openedAt,
        days,
        cycle: known.cycles + 1,
        ...(known.wasMajor && known.grade !== 'major' ? { highest: 'major' } : {}),
      },
    },
  ];
}

/**
 * Why a register's word that a hazard is gone does not close it: it is closed otherwise; it was seen only after the time that the register
 * speaks of; somebody deals with it on the platform, where it is signed off by who verified it.
 */
export const UNCLOSED = ['closed', 'not-seen-yet', 'acted-on'] as const;
export type Unclosed = (typeof UNCLOSED)[number];
export function unclosed(state: HazardState, at: string, inspection?: string): Unclosed | undefined {
  if (!state.status || !isOpen(state.status)) return 'closed';
  const before = state.seen.filter((one) => seenBefore(one, at, inspection));
  if (before.length === 0) return 'not-seen-yet';
  return state.acted || before.some(({ live }) => live) ? 'acted-on' : undefined;
}

/**
 * What a sign-off ends. At its very time an inspection comes before it; where it says whose finding it ends, only that one does.
 */
const seenBefore = (one: Seen, at: string, inspection?: string): boolean =>
  one.at < at || (one.at === at && (inspection === undefined || one.inspection === inspection));

/**
 * Another register shows that the hazard is gone: submission, verification and sign-off follow from it, each to be marked as derived.
 * Seen again after the time that the register speaks of, it has come back. Nothing where it is not to be closed.
 */
export function closeAsDerived(
  state: HazardState,
  id: string,
  command: { basis: string; occurredAt: string; inspection?: string | undefined },
  person: string,
): Drafts {
  const known = requireHazard(state, id);
  const { occurredAt: closedAt, inspection } = command;
  if (unclosed(state, closedAt, inspection)) return NOTHING;
  const { clause, grade: present } = known;
  const [openedAt] = known.seen.map(({ at }) => at).toSorted();
  const again = known.seen
    .filter((one) => !seenBefore(one, closedAt, inspection))
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))[0];
  const step = (before: HazardStatus, after: HazardStatus) => ({ clause, before, after, grade: present, by: person });
  const days = townDaysBetween(openedAt!, command.occurredAt);
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
      data: { ...step('verified', 'signed-off'), openedAt: openedAt!, days, cycle: known.cycles + 1 },
    },
    ...(again
      ? [
          {
            type: 'RecurrenceFound' as const,
            ...about(known),
            occurredAt: again.at,
            data: {
              clause,
              before: 'signed-off' as const,
              after: 'recurred' as const,
              grade: present,
              inspection: again.inspection,
              item: again.item,
              undoes: `hazard/${id}/${known.version + 3}`,
              signedOffAt: command.occurredAt,
              recurrence: known.recurrences + 1,
            },
          },
        ]
      : []),
  ];
}

/**
 * Corrects the words that an event of the hazard was recorded with; its life stays as it is.
 * @param events the hazard's stream, which the state was folded from
 * @throws RuleViolated `unknown-event`, `not-correctable`, `not-recorded-by-you`
 */
export function correctHazard(
  state: KnownHazard,
  events: readonly HazardEvent[],
  command: AskedCorrection,
  maker: Maker,
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
