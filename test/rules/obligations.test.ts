import { describe, expect, it } from 'vitest';
import type { RuleSet } from '../../events/campaign.ts';
import { workingDays } from '../../shared/rules/calendar/working-days.ts';
import { LIANTANG, LIANTANG_RULES } from '../../shared/rules/campaign/liantang.ts';
import { obligationsUpTo } from '../../shared/rules/report/obligations.ts';

const calendar = workingDays({ years: [2025, 2026] });
const owedBy = (today: string, rules: RuleSet = LIANTANG_RULES, launchedOn = '2025-04-25', definition = LIANTANG) =>
  obligationsUpTo(definition, rules, calendar, today, launchedOn);
const gas = (today: string, change: Partial<RuleSet>) =>
  owedBy(today, { ...LIANTANG_RULES, ...change }).find(({ id }) => id === `monthly_${today.slice(0, 7)}_gas`)?.due;

describe('monthly lists', () => {
  it('are owed from May on, by the lead of each track, to the operations centre; what that owes itself goes to the office', () => {
    expect(owedBy('2025-04-30')).toEqual([]);
    const may = owedBy('2025-05-01');
    expect(new Set(may.map(({ track }) => track))).toEqual(new Set(LIANTANG.tracks.map(({ track }) => track)));
    expect(may).toHaveLength(7);
    expect(may.find(({ track }) => track === 'gas')).toMatchObject({ organisation: 'guijianban', to: 'chengyun' });
    expect(may.find(({ track }) => track === 'insulation')).toMatchObject({ organisation: 'chengyun', to: 'office' });
  });

  it.each([
    // 24 May 2025 is a Saturday, 24 August a Sunday
    ['2025-05-01', { reportShift: 'previous-working-day' }, '2025-05-23T15:59:59.999Z'],
    ['2025-05-01', { reportShift: 'next-working-day' }, '2025-05-26T15:59:59.999Z'],
    ['2025-05-01', { reportShift: 'none' }, '2025-05-24T15:59:59.999Z'],
    ['2025-08-01', { reportShift: 'previous-working-day' }, '2025-08-22T15:59:59.999Z'],
    ['2025-06-01', { monthlyReport: { day: 24, cutoff: 'before', from: '2025-05' } }, '2025-06-23T15:59:59.999Z'],
    ['2025-06-01', { monthlyReport: { day: 24, cutoff: 'by', from: '2025-05' } }, '2025-06-24T15:59:59.999Z'],
    // before the 24th of August is Saturday the 23rd, and the working day before that is the 22nd
    ['2025-08-01', { monthlyReport: { day: 24, cutoff: 'before', from: '2025-05' } }, '2025-08-22T15:59:59.999Z'],
  ] as [string, Partial<RuleSet>, string][])('on %s by %j are due %s', (today, change, due) => {
    expect(gas(today, change)).toBe(due);
  });

  it('end with the month that the rules name, or with the campaign', () => {
    const until = owedBy('2025-12-31', {
      ...LIANTANG_RULES,
      monthlyReport: { day: 24, cutoff: 'by', from: '2025-05', until: '2025-10' },
    });
    expect(new Set(until.filter(({ kind }) => kind === 'monthly').map(({ period }) => period)).size).toBe(6);
    const all = owedBy('2026-06-01').filter(({ kind }) => kind === 'monthly');
    expect(all.at(-1)?.period).toBe('2025-12');
  });

  it('without a first month are not asked for', () => {
    expect(
      owedBy('2025-12-31', { ...LIANTANG_RULES, monthlyReport: { day: 24, cutoff: 'by' } }).some(
        ({ kind }) => kind === 'monthly',
      ),
    ).toBe(false);
  });
});

describe('the rest', () => {
  it('is a bulletin for each quarter that ends in the campaign, and a summary of each department on 24 December', () => {
    const all = owedBy('2026-01-31');
    expect(all.filter(({ kind }) => kind === 'quarterly').map(({ id, due }) => [id, due.slice(0, 10)])).toEqual([
      ['quarterly_2025-Q2', '2025-07-15'],
      ['quarterly_2025-Q3', '2025-10-15'],
      ['quarterly_2025-Q4', '2026-01-15'],
    ]);
    const yearEnd = all.filter(({ kind }) => kind === 'year-end');
    expect(yearEnd).toHaveLength(15); // thirteen members and the two task forces
    expect(yearEnd[0]).toMatchObject({ nominal: '2025-12-24', due: '2025-12-24T15:59:59.999Z' });
  });

  it('of before the platform knew the campaign is not asked for afterwards', () => {
    expect(owedBy('2026-11-24', LIANTANG_RULES, '2026-11-24')).toEqual([]);
    expect(owedBy('2025-06-30', LIANTANG_RULES, '2025-06-25').map(({ period }) => period)).toEqual([]);
    expect(owedBy('2025-06-30', LIANTANG_RULES, '2025-06-24')).toHaveLength(7);
  });

  it('goes to the office where the campaign names no operations centre', () => {
    const { operations: _gone, ...definition } = LIANTANG;
    expect(owedBy('2025-05-01', LIANTANG_RULES, '2025-04-25', definition).every(({ to }) => to === 'office')).toBe(
      true,
    );
  });
});
