import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import {
  DAY_MS,
  daysBetween,
  endOfTownDay,
  momentOf,
  monthsEarlier,
  plusDays,
  sameTownDay,
  startOfTownDay,
  townDay,
  townDaysBetween,
  townMinute,
  townSecond,
} from '../shared/town-time.ts';

const instants = fc.date({ min: new Date('1992-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
const inShanghai = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'medium',
});

test('the clock on the wall is that of Asia/Shanghai', () => {
  fc.assert(
    fc.property(instants, (at) => {
      expect(townSecond(at)).toBe(inShanghai.format(at));
    }),
  );
});

test('a day begins and ends at the town’s midnight', () => {
  expect(startOfTownDay('2025-05-24')).toBe('2025-05-23T16:00:00.000Z');
  expect(endOfTownDay('2025-05-24')).toBe('2025-05-24T15:59:59.999Z');
  expect([townDay('2025-05-23T15:59:59.999Z'), townDay('2025-05-23T16:00:00.000Z')]).toEqual([
    '2025-05-23',
    '2025-05-24',
  ]);
  expect([townMinute('2024-12-31T16:00:30.000Z'), townSecond('2024-12-31T16:00:30.000Z')]).toEqual([
    '2025-01-01 00:00',
    '2025-01-01 00:00:30',
  ]);
  fc.assert(
    fc.property(instants, (at) => {
      const day = townDay(at);
      expect([startOfTownDay(day) <= at.toISOString(), at.toISOString() <= endOfTownDay(day)]).toEqual([true, true]);
      expect(Date.parse(endOfTownDay(day)) - Date.parse(startOfTownDay(day))).toBe(DAY_MS - 1);
      expect(new Date(momentOf(day, '00:00:00')).toISOString()).toBe(startOfTownDay(day));
    }),
  );
});

test('what is no day or hour is no moment', () => {
  expect([momentOf('2025-13-01', '09:00:00'), momentOf('', '09:00:00'), momentOf('2025-05-24', '25:00:00')]).toEqual([
    NaN,
    NaN,
    NaN,
  ]);
});

test.each([
  ['2025-02-28', 1, '2025-03-01'],
  ['2024-02-28', 1, '2024-02-29'],
  ['2025-01-01', -1, '2024-12-31'],
  ['2025-06-02', 0, '2025-06-02'],
])('%s and %i days is %s', (day, days, then) => {
  expect(plusDays(day, days)).toBe(then);
  expect(daysBetween(day, then)).toBe(days);
});

test('days of the town between two instants count midnights, and never below 0', () => {
  expect(townDaysBetween('2025-05-23T15:59:59.000Z', '2025-05-23T16:00:00.000Z')).toBe(1);
  expect(townDaysBetween('2025-05-23T16:00:00.000Z', '2025-05-24T15:59:59.999Z')).toBe(0);
  expect(townDaysBetween('2025-05-25T00:00:00.000Z', '2025-05-23T00:00:00.000Z')).toBe(0);
  expect(sameTownDay('2025-05-23T16:00:00.000Z', '2025-05-24T15:59:59.999Z')).toBe(true);
  expect(sameTownDay('2025-05-23T15:59:59.999Z', '2025-05-23T16:00:00.000Z')).toBe(false);
});

test.each([
  ['2025-03-31T01:00:00.000Z', 1, '2025-02-28T01:00:00.000Z'],
  ['2024-03-31T01:00:00.000Z', 1, '2024-02-29T01:00:00.000Z'],
  ['2025-01-15T20:00:00.000Z', 2, '2024-11-15T20:00:00.000Z'],
  // the first of the month in the town, the last of the month before in UTC
  ['2025-04-30T17:00:00.000Z', 1, '2025-03-31T17:00:00.000Z'],
])('%s is %i months after %s', (at, months, then) => {
  expect(monthsEarlier(at, months)).toBe(then);
});
