// When a schedule of EventBridge Scheduler comes next: `cron(minutes hours day-of-month month day-of-week year)` and
// `rate(5 minutes)`, in a time zone. Lists, ranges, steps and names are understood; what this project does not use (L,
// W, #) is refused by name.

import { TemplateProblem } from './template.ts';

export interface Timetable {
  /** The first time after an instant; undefined when there is none within ten years. */
  next(after: Date): Date | undefined;
}

interface Field {
  name: string;
  min: number;
  max: number;
  names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const FIELDS: readonly Field[] = [
  { name: 'minutes', min: 0, max: 59 },
  { name: 'hours', min: 0, max: 23 },
  { name: 'day-of-month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'day-of-week', min: 1, max: 7, names: DAYS },
  { name: 'year', min: 1970, max: 2199 },
];
const UNITS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const DAY_MS = UNITS.day;
const HORIZON_DAYS = 3660;

/** @throws TemplateProblem for what cannot be run here */
export function timetable(expression: string, timeZone = 'UTC'): Timetable {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) {
    const every = Number(rate[1]) * UNITS[rate[2] as keyof typeof UNITS];
    return { next: (after) => new Date((Math.floor(after.getTime() / every) + 1) * every) };
  }
  const parts = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
  if (parts?.length !== FIELDS.length)
    throw new TemplateProblem(`the schedule “${expression}” is neither cron(6 fields) nor rate(…)`);
  const [minutes, hours, daysOfMonth, months, daysOfWeek, years] = parts.map((part, at) => valuesOf(part, FIELDS[at]!));
  const offset = offsetOf(timeZone);
  const onDay = (day: Date): boolean =>
    daysOfMonth!.has(day.getUTCDate()) &&
    months!.has(day.getUTCMonth() + 1) &&
    daysOfWeek!.has(day.getUTCDay() + 1) &&
    years!.has(day.getUTCFullYear());
  return {
    next(after) {
      // The wall clock of the zone, written as if it were UTC.
      const local = after.getTime() + offset(after);
      let day = new Date(Math.floor(local / DAY_MS) * DAY_MS);
      for (let n = 0; n < HORIZON_DAYS; n++, day = new Date(day.getTime() + DAY_MS)) {
        if (!onDay(day)) continue;
        for (const hour of hours!) {
          for (const minute of minutes!) {
            const wall = day.getTime() + hour * UNITS.hour + minute * UNITS.minute;
            const instant = new Date(wall - offset(new Date(wall)));
            if (instant > after) return instant;
          }
        }
      }
      return undefined;
    },
  };
}

/** Ascending. */
function valuesOf(part: string, { name, min, max, names }: Field): Set<number> {
  const wrong = () => new TemplateProblem(`the field ${name} of a schedule, “${part}”, is not understood here`);
  const number = (text: string): number => {
    const named = names?.indexOf(text.toUpperCase()) ?? -1;
    const value = named >= 0 ? named + min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw wrong();
    return value;
  };
  const values = part.split(',').flatMap((piece) => {
    const [range = '', step] = piece.split('/');
    const every = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(every) || every < 1) throw wrong();
    const [from, to] = range === '*' || range === '?' ? [min, max] : range.split('-').map(number);
    const last = to ?? (step === undefined ? from! : max);
    if (last < from!) throw wrong();
    return Array.from({ length: Math.floor((last - from!) / every) + 1 }, (_, n) => from! + n * every);
  });
  return new Set(values.toSorted((a, b) => a - b));
}

/** Milliseconds that a zone is ahead of UTC, at an instant. @throws TemplateProblem for an unknown zone */
function offsetOf(timeZone: string): (at: Date) => number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch {
    throw new TemplateProblem(`there is no time zone “${timeZone}”`);
  }
  return (at) => {
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
    const [, sign, hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * UNITS.hour + Number(minutes) * UNITS.minute);
  };
}
