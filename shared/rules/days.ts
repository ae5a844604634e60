// How far a day that somebody gives may lie from today, by what kind of day it is: the one table. A year that was typed wrong (2999, 0202)
// would stand on record for ever, block what comes after it, or count for the rest of time. Each day of an event says its kind where it is
// declared (events/*.ts, `days`); due dates have rules of their own (claimed-time.ts), and so have claimed times.
import { daysIn, type DayKind } from '../../events/field.ts';
import { definitionOf, type Draft } from '../../events/catalogue.ts';
import { RuleViolated } from '../../events/errors.ts';
import { monthsEarlier, townDay } from '../town-time.ts';

const LONG_AGO = 60;

/** Years before and after today. */
const BOUNDS: Record<DayKind, { back: number; ahead: number }> = {
  /** of a paper that is signed or issued */
  done: { back: LONG_AGO, ahead: 0 },
  /** first day of a duty, a lease, the campaign */
  begins: { back: LONG_AGO, ahead: 1 },
  /** last day of a duty */
  ends: { back: LONG_AGO, ahead: 1 },
  /** last day of a lease: the law knows none longer than twenty years (民法典 705), some are agreed all the same */
  expires: { back: LONG_AGO, ahead: 50 },
  /** by which something is to be reached */
  goal: { back: 10, ahead: 10 },
  /** of an inspection */
  planned: { back: 1, ahead: 2 },
  /** from which a rule holds: the next one may not hold before it */
  rule: { back: 10, ahead: 1 },
};

/**
 * @param named what the request calls a field of the event; undefined: it did not give it
 * @throws RuleViolated `day-out-of-bounds`, facts `earliest`, `latest`
 */
export function requireDays(
  { type, data }: Pick<Draft, 'type' | 'data'>,
  now: string,
  named: (field: string) => string | undefined = (field) => field,
): void {
  const yearsOn = (years: number): string => townDay(monthsEarlier(now, -12 * years));
  for (const [path, days] of daysIn(definitionOf(type).data)) {
    const field = named(path);
    const value = valueAt(data, path);
    if (days === undefined || field === undefined || typeof value !== 'string') continue;
    const day = value.includes('T') ? townDay(value) : value;
    const earliest = yearsOn(-BOUNDS[days].back);
    const latest = yearsOn(BOUNDS[days].ahead);
    if (earliest <= day && day <= latest) continue;
    throw new RuleViolated('day-out-of-bounds', `${field}: ${value} is not a day between ${earliest} and ${latest}`, {
      field,
      expected: `a day from ${earliest} to ${latest}; check the year`,
      facts: { earliest, latest },
    });
  }
}

const valueAt = (data: object, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => new Map(Object.entries(value ?? {})).get(name), data);
