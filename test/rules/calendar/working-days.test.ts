import { describe, expect, it } from 'vitest';
import { ANNOUNCED_YEARS } from '../../../shared/rules/calendar/statutory.ts';
import { checkYears, workingDays } from '../../../shared/rules/calendar/working-days.ts';
import { refusal } from '../../support/given.ts';
import { endOfTownDay, plusDays } from '../../../shared/town-time.ts';

const calendar = workingDays({ years: [2025, 2026] });
/** Every day from the first to the last, both with it. */
const days = (from: string, to = from): string[] => (from > to ? [] : [from, ...days(plusDays(from, 1), to)]);

/** The State Council's notices: 国办发明电〔2024〕12号 for 2025, 国办发明电〔2025〕7号 for 2026. */
const NOTICES = {
  2025: {
    off: [
      ['2025-01-01'],
      ['2025-01-28', '2025-02-04'],
      ['2025-04-04', '2025-04-06'],
      ['2025-05-01', '2025-05-05'],
      ['2025-05-31', '2025-06-02'],
      ['2025-10-01', '2025-10-08'],
    ],
    on: ['2025-01-26', '2025-02-08', '2025-04-27', '2025-09-28', '2025-10-11'],
    workdays: 248,
  },
  2026: {
    off: [
      ['2026-01-01', '2026-01-03'],
      ['2026-02-15', '2026-02-23'],
      ['2026-04-04', '2026-04-06'],
      ['2026-05-01', '2026-05-05'],
      ['2026-06-19', '2026-06-21'],
      ['2026-09-25', '2026-09-27'],
      ['2026-10-01', '2026-10-07'],
    ],
    on: ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
    workdays: 248,
  },
} as const;

describe.each([2025, 2026] as const)('the statutory calendar of %i', (year) => {
  const { off, on, workdays } = NOTICES[year];
  const free = off.flatMap(([from, to]) => days(from, to));

  it.each(free)('%s is a day off', (day) => {
    expect(calendar.isWorkday(day)).toBe(false);
  });

  it.each(on)('%s, on a weekend, is a workday', (day) => {
    expect(new Date(`${day}T00:00:00Z`).getUTCDay() % 6).toBe(0);
    expect(calendar.isWorkday(day)).toBe(true);
  });

  it('of the other days, those from Monday to Friday are workdays', () => {
    const others = days(`${year}-01-01`, `${year}-12-31`).filter(
      (day) => !free.includes(day) && !(on as readonly string[]).includes(day),
    );
    for (const day of others) {
      const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
      expect(calendar.isWorkday(day), day).toBe(weekday >= 1 && weekday <= 5);
    }
    expect(days(`${year}-01-01`, `${year}-12-31`).filter(calendar.isWorkday)).toHaveLength(workdays);
  });
});

describe('counting', () => {
  it.each([
    ['2025-04-30', 1, '2025-05-06'],
    ['2025-04-25', 1, '2025-04-27'],
    ['2025-04-25', 2, '2025-04-28'],
    ['2025-09-30', 1, '2025-10-09'],
    ['2025-10-09', 3, '2025-10-13'],
    ['2025-10-09', -1, '2025-09-30'],
    ['2025-10-04', -1, '2025-09-30'],
    ['2025-10-04', 0, '2025-10-04'],
    ['2025-12-31', 1, '2026-01-04'],
    ['2025-05-24', -7, '2025-05-15'],
  ])('from %s, %i working days on: %s', (day, count, expected) => {
    expect(calendar.shift(day, count)).toBe(expected);
  });

  it('counts the working days after a day, up to another and with it', () => {
    expect(calendar.between('2025-09-26', '2025-10-13')).toBe(7); // 28, 29, 30 September, 9, 10, 11, 13 October
    expect(calendar.between('2025-10-13', '2025-10-13')).toBe(0);
    expect(calendar.between('2025-10-14', '2025-10-13')).toBe(0);
  });

  it('ends a day at midnight in town', () => {
    expect(endOfTownDay('2025-05-24')).toBe('2025-05-24T15:59:59.999Z');
  });
});

describe('what the town changes', () => {
  it('is free when the town says so, and works when the town says so', () => {
    const own = workingDays({ years: [2025], holidays: ['2025-06-12'], workdays: ['2025-05-31', '2025-06-14'] });
    expect(['2025-06-12', '2025-05-31', '2025-06-14', '2025-06-13'].map(own.isWorkday)).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it.each([
    [{ years: [2025], holidays: ['2026-06-12'] }, 'calendar.holidays'],
    [{ years: [2025], workdays: ['2024-06-12'] }, 'calendar.workdays'],
    [{ years: [2025], holidays: ['2025-06-14'], workdays: ['2025-06-14'] }, 'calendar.workdays'],
    [{ years: [2025, 2031] }, 'calendar.years'],
  ])('%j is refused, naming %s', (wrong, field) => {
    const error = refusal(() => checkYears(wrong));
    expect(error).toMatchObject({ type: 'invalid-input', field });
    expect(error.expected).toBeTruthy();
  });
});

describe('a year without a calendar', () => {
  it('is reckoned by the week, though the software has its notice: the rule set decides', () => {
    const week = workingDays({ years: [2025] });
    // the first of January is a Thursday and off by the notice, the third a Saturday, the fourth a Sunday and worked by it
    expect(['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'].map(week.isWorkday)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(week.shift('2025-12-30', 3)).toBe('2026-01-02');
    expect(workingDays(undefined).isWorkday('2025-05-01')).toBe(true);
  });

  it('is told of each count that looked at one of its days', () => {
    const week = workingDays({ years: [2025] });
    expect(week.provisional('2025-12-30', '2025-12-31')).toEqual([]);
    expect(week.provisional('2025-12-31', '2026-01-01')).toEqual([2026]);
    // the day from which one counts is not looked at
    expect(week.provisional('2026-01-01', '2025-12-31')).toEqual([]);
    expect(week.provisional('2026-01-05', '2026-01-05')).toEqual([]);
    expect(week.provisional('2026-01-05', '2025-12-31')).toEqual([2026]);
    expect(week.provisional('2025-12-31', '2027-01-04')).toEqual([2026, 2027]);
  });

  it('may be named once the rule set itself has the days of its notice', () => {
    const off = Array.from({ length: 13 }, (_, n) => plusDays('2027-01-01', n));
    const notice = { years: [2025, 2026, 2027], holidays: off, workdays: ['2027-01-30'] };
    checkYears(notice);
    const week = workingDays(notice);
    expect(['2027-01-01', '2027-01-14', '2027-01-30', '2027-01-31'].map(week.isWorkday)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(week.provisional('2026-12-31', '2027-02-01')).toEqual([]);
    const error = refusal(() => checkYears({ ...notice, holidays: off.slice(1) }));
    expect(error).toMatchObject({ field: 'calendar.years', expected: expect.stringContaining('calendar.holidays') });
  });

  it('years that are not announced are not shipped', () => {
    expect(ANNOUNCED_YEARS).toEqual([2025, 2026]);
  });
});
