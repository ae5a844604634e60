// Reminders of a hazard's due date (提醒): each rung of the ladder once per due date, the passing of the date noticed once, and that somebody
// acknowledged. Acknowledging stops nothing. All of it is decided on the hazard's own stream, so that a run that is late, repeated or runs
// twice at once reminds nobody twice and forgets nobody.
import type { HazardStatus } from '../../../events/hazard.ts';
import type { Awaits } from '../../../events/reminder.ts';
import { NotFound, RuleViolated } from '../../../events/errors.ts';
import type { Acting } from '../hazard/extension.ts';
import { NOTHING, type Drafts } from '../decider.ts';
import { about, requireHazard, type HazardState, type KnownHazard } from '../hazard/hazard.ts';
import type { Reminding, ReminderStage } from './ladder.ts';
import { UNDELIVERED } from '../waiting/waiting.ts';

/** Whether a rectification is awaited by a due date; not by one that was kept, and sent back only after it. */
export function isAwaited(
  state: Pick<HazardState, 'status' | 'due' | 'waiting'>,
): state is HazardState & { status: HazardStatus; due: string } {
  const { status, due, waiting } = state;
  return due !== null && status !== null && UNDELIVERED.has(status) && !waiting.lapsed;
}

/** How far the reminders for the due date in force have come. */
export function stageOf({ due, reminders }: Pick<HazardState, 'due' | 'reminders'>): ReminderStage {
  const issued = [...reminders.values()].filter((reminder) => !reminder.awaits && reminder.due === due);
  return issued.length === 0 ? null : Math.max(...issued.map(({ workingDays }) => workingDays));
}

/** Issues a rung; nothing when it, or a later one, was issued for this due date, or nothing is awaited any more. */
export function issueReminder(state: HazardState, id: string, command: Reminding): Drafts {
  const known = requireHazard(state, id);
  if (!isAwaited(known) || known.due !== command.due) return NOTHING;
  const stage = stageOf(known);
  if (stage !== null && stage >= command.workingDays) return NOTHING;
  return [{ type: 'ReminderIssued', ...about(known), data: { ...still(known), ...command } }];
}

/** A rung for what waits for an answer since a moment. */
export interface AnswerReminding extends Reminding {
  awaits: Awaits;
  since: string;
}

/** Issues a rung for what waits; nothing when it, or a later one, was issued, or it waits no more, or again. */
export function issueAnswerReminder(state: HazardState, id: string, command: AnswerReminding): Drafts {
  const known = requireHazard(state, id);
  const wait = known.waiting.waits[command.awaits];
  if (!wait || wait.since !== command.since || (wait.stage ?? 0) >= command.workingDays) return NOTHING;
  return [{ type: 'ReminderIssued', ...about(known), data: { ...still(known), ...command } }];
}

/** Records that the date has passed; nothing when that is recorded, or the date has not passed. */
export function noticeMissed(state: HazardState, id: string, due: string, now: string): Drafts {
  const known = requireHazard(state, id);
  if (!isAwaited(known) || known.due !== due || now <= due || known.missed.includes(due)) return NOTHING;
  return [{ type: 'DeadlineMissed', ...about(known), data: { ...still(known), due } }];
}

/**
 * A recipient has seen a reminder: the person, or, as a post may be vacant, anybody of the same organisation.
 * @param command `reminder`: id of the ReminderIssued event
 * @throws NotFound `unknown-reminder`; RuleViolated `not-a-recipient`
 */
export function acknowledgeReminder(
  state: HazardState,
  id: string,
  command: { reminder: string; note?: string | undefined },
  acting: Acting,
): Drafts {
  const known = requireHazard(state, id);
  const { reminder, note } = command;
  const issued = known.reminders.get(reminder);
  if (!issued) {
    throw new NotFound('unknown-reminder', `there is no reminder ${reminder} of this hazard's present cycle`, {
      field: 'reminder',
      expected: [...known.reminders.keys()].join(', ') || 'the id of a ReminderIssued event, once there is one',
    });
  }
  if (issued.acknowledgedBy.includes(acting.person)) return NOTHING;
  const went = issued.recipients.some(
    ({ person, organisation }) => person === acting.person || organisation === acting.organisation,
  );
  if (!went) {
    throw new RuleViolated('not-a-recipient', 'the reminder went to others', {
      field: 'reminder',
      expected: `somebody of ${[...new Set(issued.recipients.map(({ organisation }) => organisation))].join(', ')}`,
    });
  }
  const data = { ...still(known), reminder, by: acting.person, ...(note ? { note } : {}) };
  return [{ type: 'ReminderAcknowledged', ...about(known), data }];
}

/** What every event of a hazard carries, for one that leaves its status as it is. */
function still({ clause, status, grade }: KnownHazard) {
  return { clause, before: status, after: status, grade };
}
