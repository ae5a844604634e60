import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rung } from '../../events/campaign.ts';
import { workingDays } from '../../shared/rules/calendar/working-days.ts';
import { LIANTANG_RULES } from '../../shared/rules/campaign/liantang.ts';
import {
  proposedPeriod,
  reach,
  rungDay,
  rungsAfter,
  standing,
  type ReminderStage,
} from '../../shared/rules/reminder/ladder.ts';
import { plusDays } from '../../shared/town-time.ts';

const calendar = workingDays({ years: [2025, 2026] });
const LADDER = LIANTANG_RULES.ladder!;
const rung = (name: string): Rung => LADDER.find((each) => each.rung === name)!;

describe('the day on which a rung stands', () => {
  it.each([
    ['2025-05-20', '-7', '2025-05-09'],
    ['2025-05-20', '-1', '2025-05-19'],
    ['2025-05-20', '0', '2025-05-20'],
    ['2025-05-20', '+3', '2025-05-23'],
    // over the holidays of October, with Saturday the 11th worked
    ['2025-10-09', '-1', '2025-09-30'],
    ['2025-09-30', '+3', '2025-10-11'],
    // due on a Saturday: on the day itself, the day before is Friday, the day after Monday
    ['2025-05-24', '0', '2025-05-24'],
    ['2025-05-24', '-1', '2025-05-23'],
    ['2025-05-24', '+1', '2025-05-26'],
  ])('due %s, rung %s: %s', (dueDay, name, day) => {
    expect(rungDay(calendar, dueDay, rung(name))).toBe(day);
  });
});

describe('which rung is issued', () => {
  const due = { dueDay: '2025-05-20', setOn: '2025-04-28' };

  it('none before the first stands', () => {
    expect(standing(LADDER, calendar, { ...due, stage: null }, '2025-05-08')).toBeUndefined();
  });

  it('each on its day, once', () => {
    expect(standing(LADDER, calendar, { ...due, stage: null }, '2025-05-09')).toMatchObject({
      rung: { rung: '-7' },
      skipped: [],
    });
    expect(standing(LADDER, calendar, { ...due, stage: -7 }, '2025-05-09')).toBeUndefined();
  });

  it('after days without a run only the latest, naming those that it overtakes', () => {
    expect(standing(LADDER, calendar, { ...due, stage: -7 }, '2025-05-21')).toEqual({
      rung: rung('+1'),
      skipped: ['-3', '-1', '0'],
    });
  });

  it('for a due date set late, the rungs before it never stood and are not called skipped', () => {
    expect(standing(LADDER, calendar, { ...due, setOn: '2025-05-15', stage: null }, '2025-05-16')).toEqual({
      rung: rung('-3'),
      skipped: [],
    });
  });

  it('nothing after the last', () => {
    expect(standing(LADDER, calendar, { ...due, stage: 3 }, '2025-12-01')).toBeUndefined();
    expect(rungsAfter(LADDER, 3)).toEqual([]);
  });
});

const day = fc.integer({ min: 0, max: 700 }).map((days) => plusDays('2025-01-15', days));
const stage: fc.Arbitrary<ReminderStage> = fc.constantFrom(null, -7, -3, -1, 0, 1, 3);

describe('how far a list of deadlines is to be read', () => {
  it('exactly as far as a rung stands: what is due up to its reach has one, what is due later has none', () => {
    fc.assert(
      fc.property(day, day, stage, (dueDay, today, at) => {
        const [next] = rungsAfter(LADDER, at);
        if (!next) return;
        const found = standing(LADDER, calendar, { dueDay, setOn: '2025-01-01', stage: at }, today);
        expect(found !== undefined).toBe(dueDay <= reach(calendar, next, today));
      }),
      { numRuns: 3000 },
    );
  });

  it('the later the day, the farther', () => {
    fc.assert(
      fc.property(day, fc.constantFrom(...LADDER), (today, each) => {
        expect(reach(calendar, each, today) <= reach(calendar, each, plusDays(today, 1))).toBe(true);
      }),
    );
  });
});

describe('the proposed period', () => {
  const rules = {
    ...LIANTANG_RULES,
    periods: [
      { track: '*', grade: 'general', workingDays: 10 } as const,
      { track: 'gas', grade: 'general', workingDays: 3 } as const,
    ],
  };

  it('is the track’s own before that of every track, and none where none is given', () => {
    expect(proposedPeriod(rules, 'gas', 'general')).toBe(3);
    expect(proposedPeriod(rules, 'ebike', 'general')).toBe(10);
    expect(proposedPeriod(rules, 'ebike', 'major')).toBeUndefined();
  });
});
