// The ladder of reminders (提醒阶梯) of a rule set, in working days: which rung is due for a deadline on a day, up to which due date a rung
// is due on a day, and which due date is proposed for an order. Everything about time is given: days are those of the town.
import type { Rung, RuleSet } from '../../../events/campaign.ts';
import type { Track } from '../../../events/envelope.ts';
import type { HazardGrade } from '../../../events/inspection.ts';
import type { Recipient } from '../../../events/reminder.ts';
import { workingDays as daysOf, yearOf, type WorkingDays } from '../calendar/working-days.ts';
import { endOfTownDay, plusDays, townDay } from '../../town-time.ts';

/** How far the reminders for one due date have come: the working days of the last rung issued; null before the first. */
export type ReminderStage = number | null;

/**
 * The day on which a rung is due: the n-th working day before the due date's day, that day itself (a day off, too, when it is one), or
 * the n-th working day after it.
 */
export function rungDay(calendar: WorkingDays, dueDay: string, rung: Pick<Rung, 'workingDays'>): string {
  return calendar.shift(dueDay, rung.workingDays);
}

/** The rungs that come after a stage, in order. */
export function rungsAfter(ladder: readonly Rung[], stage: ReminderStage): Rung[] {
  return stage === null ? [...ladder] : ladder.filter(({ workingDays }) => workingDays > stage);
}

/** Years without a notice by which a due date is reminded of: the date's own, and those in which some rung counts a day. */
export function provisionalYears({ calendar, ladder }: Pick<RuleSet, 'calendar' | 'ladder'>, due: string): number[] {
  const days = daysOf(calendar);
  const dueDay = townDay(due);
  const counted = (ladder ?? []).flatMap((rung) => days.provisional(dueDay, rungDay(days, dueDay, rung)));
  const own = days.years.includes(yearOf(dueDay)) ? [] : [yearOf(dueDay)];
  return [...new Set([...own, ...counted])].toSorted((a, b) => a - b);
}

/** A rung as it is issued. */
export interface Reminding {
  /** the due date that is meant; another one in force now, and nothing is issued */
  due: string;
  rung: string;
  workingDays: number;
  recipients: Recipient[];
  skipped: string[];
  /** its day was counted in a year without a notice, by the week */
  provisional?: true;
}

export interface RungStanding {
  rung: Rung;
  /** its day was counted in a year without a notice, by the week */
  provisional?: true;
  /** rungs before it that stood and were not issued: the run was late, or did not run */
  skipped: string[];
}

/**
 * The rung that is to be issued today, if any: the latest that is due. Those that it overtakes are not sent any more;
 * they are named, unless their day had passed when the due date was set.
 * @param setOn day on which the due date was set
 */
export function standing(
  ladder: readonly Rung[],
  calendar: WorkingDays,
  deadline: { dueDay: string; setOn: string; stage: ReminderStage },
  today: string,
): RungStanding | undefined {
  const { dueDay, setOn, stage } = deadline;
  const due = rungsAfter(ladder, stage)
    .map((rung) => ({ rung, day: rungDay(calendar, dueDay, rung) }))
    .filter(({ day }) => day <= today);
  const last = due.at(-1);
  if (!last) return undefined;
  return {
    rung: last.rung,
    ...(calendar.provisional(dueDay, last.day).length > 0 ? { provisional: true } : {}),
    skipped: due.slice(0, -1).flatMap(({ rung, day }) => (day > setOn ? [rung.rung] : [])),
  };
}

/**
 * The last due day for which a rung is due today: a deadline due on it or earlier has reached the rung, one due later has not. So a list in
 * order of due dates is read exactly as far as something is to be done.
 */
export function reach(calendar: WorkingDays, rung: Pick<Rung, 'workingDays'>, today: string): string {
  const { workingDays } = rung;
  if (workingDays <= 0) return calendar.shift(today, -workingDays);
  // its n-th working day after the due day is today or earlier
  const base = calendar.isWorkday(today) ? today : calendar.shift(today, -1);
  return plusDays(calendar.shift(base, 1 - workingDays), -1);
}

/**
 * The date for what was handed in in time and sent back only after its date: as many working days as were left when it
 * was handed in, at least one. Undefined when the date in force stays: it has not passed, or was not kept.
 */
export function dueAgain(
  calendar: RuleSet['calendar'],
  handedIn: { at: string; due: string; kept: boolean },
  now: string,
): Omit<ProposedDue, 'ruleSet'> | undefined {
  const { at, due, kept } = handedIn;
  if (now <= due || !(kept || at <= due)) return undefined;
  const days = daysOf(calendar);
  const left = Math.max(1, days.between(townDay(at), townDay(due)));
  const day = days.shift(townDay(now), left);
  return { due: endOfTownDay(day), day, workingDays: left };
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

/** The due date that a rule set proposes for an order given on a day; undefined when it proposes none. */
export function proposeDue(
  ruleSet: RuleSet | undefined,
  track: Track,
  grade: HazardGrade | null,
  day: string,
): ProposedDue | undefined {
  const period = ruleSet && grade ? proposedPeriod(ruleSet, track, grade) : undefined;
  if (!ruleSet || period === undefined) return undefined;
  const last = daysOf(ruleSet.calendar).shift(day, period);
  return { due: endOfTownDay(last), day: last, workingDays: period, ruleSet: ruleSet.version };
}
