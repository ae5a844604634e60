// A stretch of time that a question is about: so many months up to a day, in town time (Asia/Shanghai), with the day itself left out.
import { InvalidInput } from '../errors.ts';

export interface Window {
  /** first instant in it */
  from: string;
  /** first instant after it */
  to: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
export const MAX_MONTHS = 240;

/**
 * The months before a day (`2025-06-01`: up to its beginning in town time) or before a moment.
 * @throws InvalidInput naming `months`
 */
export function monthsBefore(before: string, months: number): Window {
  if (!Number.isInteger(months) || months < 1 || months > MAX_MONTHS) {
    throw new InvalidInput(`months: ${months}`, {
      field: 'months',
      expected: `a whole number of months from 1 to ${MAX_MONTHS}`,
    });
  }
  const to = DAY.test(before) ? startOfDay(before) : before;
  return { from: monthsEarlier(to, months), to };
}

/** Midnight in town time at which a day begins. */
export function startOfDay(day: string): string {
  return new Date(`${day}T00:00:00.000+08:00`).toISOString();
}

/** The same clock time so many calendar months earlier in the town; the month's last day where it has no such day. */
function monthsEarlier(instant: string, months: number): string {
  const town = new Date(Date.parse(instant) + TOWN_OFFSET);
  const day = town.getUTCDate();
  town.setUTCDate(1);
  town.setUTCMonth(town.getUTCMonth() - months);
  const last = new Date(Date.UTC(town.getUTCFullYear(), town.getUTCMonth() + 1, 0)).getUTCDate();
  town.setUTCDate(Math.min(day, last));
  return new Date(town.getTime() - TOWN_OFFSET).toISOString();
}

const TOWN_OFFSET = 8 * 3_600_000;

export const within = ({ from, to }: Window, instant: string): boolean => from <= instant && instant < to;
