// A stretch of time that a question is about: so many months up to a day, in town time (Asia/Shanghai), with the day itself left out.
import { InvalidInput } from '../../../events/errors.ts';
import { monthsEarlier, startOfTownDay } from '../../town-time.ts';

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
  const to = DAY.test(before) ? startOfTownDay(before) : before;
  return { from: monthsEarlier(to, months), to };
}

export const within = ({ from, to }: Window, instant: string): boolean => from <= instant && instant < to;
