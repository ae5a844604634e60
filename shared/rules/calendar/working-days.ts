// Working days (工作日) in town time: the statutory calendar with its make-up workdays, and what the town changes in it by its rule set.
// Days are text, `2025-05-24`; they are days of the town (Asia/Shanghai), so nothing here knows of hours. A year that the rule set does not
// name has no notice yet: its days are reckoned by the week, nothing else is guessed about them, and whoever counts them can tell.
import type { RuleSet } from '../../../events/campaign.ts';
import { InvalidInput } from '../../../events/errors.ts';
import { ANNOUNCED_YEARS, arrangementOf } from './statutory.ts';
import { plusDays } from '../../town-time.ts';

export interface WorkingDays {
  /** the years that it knows, ascending; a day of any other is provisional: Monday to Friday is worked, Saturday and Sunday is not */
  years: readonly number[];
  isWorkday: (day: string) => boolean;
  /** The day itself for 0, else the n-th working day after it, or before it for a negative number. */
  shift: (day: string, workingDays: number) => string;
  /** Working days after the first day, up to the second one and with it; 0 when that comes before. */
  between: (from: string, to: string) => number;
  /** The years without a notice in which a count between two days, in either direction, looked at a day; the first day is not looked at. */
  provisional: (from: string, to: string) => number[];
}

/** Days off by law in a year (《全国年节及纪念日放假办法》, since 2025): a notice that names fewer is not whole. */
const STATUTORY_DAYS = 13;

/**
 * The working days by a rule set's calendar; without one every day is provisional.
 * @throws InvalidInput naming the field when it names a year that has not been announced
 */
export function workingDays(calendar: RuleSet['calendar']): WorkingDays {
  checkYears(calendar);
  const years = (calendar?.years ?? []).toSorted((a, b) => a - b);
  const holidays = new Set(calendar?.holidays);
  const workdays = new Set(calendar?.workdays);
  const isWorkday = (day: string): boolean => {
    if (holidays.has(day)) return false;
    if (workdays.has(day)) return true;
    const arranged = years.includes(yearOf(day)) ? arrangementOf(day) : undefined;
    return arranged === undefined ? !isWeekend(day) : arranged === 'on';
  };
  return {
    years,
    isWorkday,
    shift(day, count) {
      const step = Math.sign(count);
      let at = day;
      for (let left = Math.abs(count); left > 0;) {
        at = plusDays(at, step);
        if (isWorkday(at)) left -= 1;
      }
      return at;
    },
    between(from, to) {
      let count = 0;
      for (let at = plusDays(from, 1); at <= to; at = plusDays(at, 1)) if (isWorkday(at)) count += 1;
      return count;
    },
    provisional(from, to) {
      if (from === to) return [];
      const ends = [plusDays(from, from < to ? 1 : -1), to].map(yearOf).toSorted((a, b) => a - b);
      return yearsFrom(ends[0]!, ends[1]!).filter((year) => !years.includes(year));
    },
  };
}

export const yearOf = (day: string): number => Number(day.slice(0, 4));

/** Every year from the first to the last. */
export const yearsFrom = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);

/**
 * @throws InvalidInput `calendar.years` for a year that has no data, `calendar.holidays` or `calendar.workdays` for a
 * day outside of the years or in both
 */
export function checkYears(calendar: RuleSet['calendar']): void {
  if (!calendar) return;
  const given = (year: number): number => calendar.holidays?.filter((day) => yearOf(day) === year).length ?? 0;
  const unknown = calendar.years.find((year) => !ANNOUNCED_YEARS.includes(year) && given(year) < STATUTORY_DAYS);
  if (unknown !== undefined) {
    throw new InvalidInput(`the statutory calendar of ${unknown} is not known`, {
      field: 'calendar.years',
      expected: `years out of ${ANNOUNCED_YEARS.join(', ')}: the State Council announces a year in the autumn before; or, with a year that is announced and not among them, every day off of its notice in calendar.holidays and every make-up workday in calendar.workdays`,
    });
  }
  for (const field of ['holidays', 'workdays'] as const) {
    for (const day of calendar[field] ?? []) {
      if (!calendar.years.includes(yearOf(day))) {
        throw new InvalidInput(`${day} is not in a year of the calendar`, {
          field: `calendar.${field}`,
          expected: `days in ${calendar.years.join(', ')}`,
        });
      }
      if (field === 'workdays' && calendar.holidays?.includes(day)) {
        throw new InvalidInput(`${day} is called both a holiday and a workday`, {
          field: 'calendar.workdays',
          expected: 'each day in one of the two lists',
        });
      }
    }
  }
}

function isWeekend(day: string): boolean {
  const weekday = new Date(`${day}T00:00:00.000Z`).getUTCDay();
  return weekday === 0 || weekday === 6;
}
