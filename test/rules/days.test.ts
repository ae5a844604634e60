// Days that somebody gives: each says what kind of day it is, and none of them is of another century by a slip of the finger.
import { describe, expect, test } from 'vitest';
import { definitionOf, EVENT_TYPES } from '../../events/catalogue.ts';
import { daysIn } from '../../events/field.ts';
import type { RuleViolated } from '../../events/errors.ts';
import { requireDays } from '../../shared/rules/days.ts';

/** Not given by anybody: they follow from the rule set, or from a day that was given. */
const FOLLOWING = new Set(['ReportRequired.nominal', 'DutyOpened.periodDay']);
const NOW = '2026-11-29T03:00:00.000Z';

test('every date of an event has its kind', () => {
  const dates = EVENT_TYPES.flatMap((type) =>
    daysIn(definitionOf(type).data).map(([path, days]) => ({ name: `${type}.${path}`, days })),
  );
  const without = dates.filter(({ name, days }) => days === undefined && !FOLLOWING.has(name));
  expect(without).toEqual([]);
  expect(dates.length).toBeGreaterThan(10);
});

const refusal = (type: string, changes: object) => {
  const { example } = definitionOf(type) as { example: object };
  try {
    requireDays({ type, data: { ...example, ...changes } } as never, NOW);
    return undefined;
  } catch (error) {
    return error as RuleViolated;
  }
};

describe('a day too far from today is refused, with the days between which it lies', () => {
  test.each([
    ['AgreementSigned', 'signedOn', '1966-11-29', '2026-11-29'],
    ['OfficerAppointed', 'from', '1966-11-29', '2027-11-29'],
    ['OfficerRelieved', 'until', '1966-11-29', '2027-11-29'],
    ['SupervisorAssigned', 'from', '1966-11-29', '2027-11-29'],
    ['SupervisorRelieved', 'until', '1966-11-29', '2027-11-29'],
    ['LeaseRecorded', 'from', '1966-11-29', '2027-11-29'],
    ['LeaseRecorded', 'to', '1966-11-29', '2076-11-29'],
    ['TargetSet', 'due', '2016-11-29', '2036-11-29'],
    ['RuleSetPublished', 'effectiveFrom', '2016-11-29', '2027-11-29'],
    ['InspectionPlanned', 'plannedFor', '2025-11-29', '2028-11-29'],
  ])('%s %s', (type, field, earliest, latest) => {
    const instant = field === 'plannedFor' ? 'T01:00:00.000Z' : '';
    const facts = { earliest, latest };
    for (const day of [earliest, latest]) expect(refusal(type, { [field]: day + instant })).toBeUndefined();
    const before = new Date(Date.parse(earliest) - 86_400_000).toISOString().slice(0, 10);
    const after = new Date(Date.parse(latest) + 86_400_000).toISOString().slice(0, 10);
    for (const day of [before, after, '0001-01-02', '9999-12-30', '2999-01-01']) {
      const error = refusal(type, { [field]: day + instant });
      expect(error).toMatchObject({ status: 422, type: 'day-out-of-bounds', field, facts });
      expect(error!.expected).toContain(`from ${earliest} to ${latest}`);
    }
  });
});
