// The ladder of reminders (提醒阶梯) of a rule set, in working days: which rung stands for a deadline on a day, up to which due date a rung
// stands on a day, and which due date is proposed for an order. Everything about time is given: days are those of the town.
import type { Rung, RuleSet } from '../../events/campaign.ts';
import type { Track } from '../../events/envelope.ts';
import type { HazardGrade } from '../../events/inspection.ts';
import type { Recipient } from '../../events/reminder.ts';
import {
  CalendarMissing,
  endOfDay,
  plusDays,
  workingDays as daysOf,
  type WorkingDays,
} from '../calendar/working-days.ts';

/** How far the reminders for one due date have come: the working days of the last rung issued; null before the first. */
export type Stage = number | null;

/**
 * The day on which a rung stands: the n-th working day before the due date's day, that day itself (a day off, too, when it is one), or
 * the n-th working day after it.
 */
export function rungDay(calendar: WorkingDays, dueDay: string, rung: Pick<Rung, 'workingDays'>): string {
  return calendar.shift(dueDay, rung.workingDays);
}

/** The rungs that come after a stage, in order. */
export function rungsAfter(ladder: readonly Rung[], stage: Stage): Rung[] {
  return stage === null ? [...ladder] : ladder.filter(({ workingDays }) => workingDays > stage);
}

/**
 * The day of a rung, or, where that lies in a year which the calendar does not have, on which side of the known years: long before them or
 * after them. That is enough to tell whether it has come, as today lies in a known year.
 */
function dayOrSide(calendar: WorkingDays, dueDay: string, rung: Pick<Rung, 'workingDays'>): string {
  try {
    return rungDay(calendar, dueDay, rung);
  } catch (error) {
    if (!(error instanceof CalendarMissing)) throw error;
    return Number(error.day.slice(0, 4)) < calendar.years[0]! ? '0000-01-01' : '9999-12-31';
  }
}

/** A rung as it is issued. */
export interface Reminding {
  /** the due date that is meant; another one in force now, and nothing is issued */
  due: string;
  rung: string;
  workingDays: number;
  recipients: Recipient[];
  skipped: string[];
}

export interface Standing {
  rung: Rung;
  /** rungs before it that stood and were not issued: the run was late, or did not run */
  skipped: string[];
}

/**
 * The rung that is to be issued today, if any: the latest that stands. Those that it overtakes are not sent any more; they are named, unless
 * their day had passed when the due date was set.
 * @param setOn day on which the due date was set
 */
export function standing(
  ladder: readonly Rung[],
  calendar: WorkingDays,
  deadline: { dueDay: string; setOn: string; stage: Stage },
  today: string,
): Standing | undefined {
  const { dueDay, setOn, stage } = deadline;
  const due = rungsAfter(ladder, stage)
    .map((rung) => ({ rung, day: dayOrSide(calendar, dueDay, rung) }))
    .filter(({ day }) => day <= today);
  const last = due.at(-1);
  if (!last) return undefined;
  return { rung: last.rung, skipped: due.slice(0, -1).flatMap(({ rung, day }) => (day > setOn ? [rung.rung] : [])) };
}

/**
 * The last due day for which a rung stands today: a deadline due on it or earlier has reached the rung, one due later has not. So a list in
 * order of due dates is read exactly as far as something is to be done.
 */
export function reach(calendar: WorkingDays, rung: Pick<Rung, 'workingDays'>, today: string): string {
  const { workingDays } = rung;
  if (workingDays <= 0) return calendar.shift(today, -workingDays);
  // its n-th working day after the due day is today or earlier
  const base = calendar.isWorkday(today) ? today : calendar.shift(today, -1);
  return plusDays(calendar.shift(base, 1 - workingDays), -1);
}

/** The rectification period in working days that a rule set proposes for a track and grade; one for the track goes before `*`. */
export function proposedPeriod(ruleSet: RuleSet, track: Track, grade: HazardGrade): number | undefined {
  const fits = (ruleSet.periods ?? []).filter((period) => period.grade === grade);
  return (fits.find((period) => period.track === track) ?? fits.find((period) => period.track === '*'))?.workingDays;
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

/**
 * The due date that a rule set proposes for an order given on a day; undefined when it proposes none, or when its calendar does not reach
 * that far: nothing is guessed.
 */
export function proposeDue(
  ruleSet: RuleSet | undefined,
  track: Track,
  grade: HazardGrade | null,
  day: string,
): ProposedDue | undefined {
  const period = ruleSet && grade ? proposedPeriod(ruleSet, track, grade) : undefined;
  if (!ruleSet || period === undefined) return undefined;
  try {
    const last = daysOf(ruleSet.calendar).shift(day, period);
    return { due: endOfDay(last), day: last, workingDays: period, ruleSet: ruleSet.version };
  } catch (error) {
    if (error instanceof CalendarMissing) return undefined;
    throw error;
  }
}
