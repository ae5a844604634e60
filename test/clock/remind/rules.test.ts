// How far a run reads: exactly what it has something to do about, and nothing besides, whatever the day, the rules and the deadline.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RuleSet } from '../../../events/campaign.ts';
import { LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { queriesOf, rulesOf, todo, type RunMode } from '../../../shared/clock/remind/rules.ts';
import { deadlineOrder, PHASES, type DeadlineEntry } from '../../../shared/reading/deadline/list.ts';
import { endOfTownDay, plusDays } from '../../../shared/town-time.ts';

const entry = (more: Partial<DeadlineEntry>): DeadlineEntry => ({
  kind: 'hazard',
  id: 'h_1',
  name: null,
  unit: 'u_1',
  area: null,
  track: 'gas',
  organisation: 'guijianban',
  clause: 'GAS-01',
  grade: 'general',
  report: null,
  period: null,
  status: 'ordered',
  awaited: true,
  due: endOfTownDay('2025-05-20'),
  setAt: '2025-04-28T02:00:00.000Z',
  stage: null,
  rung: null,
  provisional: false,
  reminder: null,
  submittedAt: null,
  lapsed: false,
  remindedAt: null,
  acknowledgedAt: null,
  phase: 'waiting',
  missedAt: null,
  earlier: [],
  requested: null,
  escalated: false,
  ...more,
});
const rulesAt = (now: string, asked: RunMode = 'morning', ruleSet: RuleSet = LIANTANG_RULES) =>
  rulesOf(ruleSet, [ruleSet], { now, asked });
const morning = (day: string) => `${day}T00:30:00.000Z`;

describe('a run', () => {
  it('on a working day looks after everything, on a day off after the urgent only', () => {
    expect(rulesAt(morning('2025-09-28')).mode).toBe('morning'); // a Sunday that is worked
    expect(rulesAt(morning('2025-10-06')).mode).toBe('urgent'); // a Monday in the holidays
    expect(rulesAt(morning('2025-05-20'), 'urgent').mode).toBe('urgent');
  });

  it.each([
    // [what, now, mode, deadline, to do]
    ['a rung in the morning', morning('2025-05-15'), 'morning', { stage: -7 }, { missed: false, rung: '-3' }],
    ['no rung at other hours', '2025-05-15T04:00:00.000Z', 'urgent', { stage: -7 }, { missed: false, rung: undefined }],
    [
      'the due day itself, at any hour',
      '2025-05-20T04:00:00.000Z',
      'urgent',
      { stage: -1 },
      { missed: false, rung: '0' },
    ],
    ['once', '2025-05-20T04:00:00.000Z', 'urgent', { stage: 0 }, { missed: false, rung: undefined }],
    [
      'that it has passed, at any hour',
      '2025-05-20T16:00:00.000Z',
      'urgent',
      { stage: 0 },
      { missed: true, rung: undefined },
    ],
    [
      'that once, too',
      '2025-05-20T17:00:00.000Z',
      'urgent',
      { stage: 0, phase: 'missed' },
      { missed: false, rung: undefined },
    ],
    [
      'the day after, in the morning',
      morning('2025-05-21'),
      'morning',
      { stage: 0, phase: 'missed' },
      { missed: false, rung: '+1' },
    ],
    [
      'on a Saturday that it is due',
      morning('2025-05-24'),
      'morning',
      { stage: -1, due: endOfTownDay('2025-05-24') },
      { missed: false, rung: '0' },
    ],
  ] as const)('looks after %s', (_, now, mode, deadline, expected) => {
    const { missed, standing } = todo(rulesAt(now, mode), entry(deadline));
    expect({ missed, rung: standing?.rung.rung }).toEqual(expected);
  });
});

const day = fc.integer({ min: 0, max: 640 }).map((days) => plusDays('2025-02-10', days));
/** An instant of a day in town. */
const instant = fc
  .tuple(day, fc.integer({ min: 0, max: 86_399_999 }))
  .map(([date, ms]) => new Date(Date.parse(`${date}T00:00:00.000+08:00`) + ms).toISOString());
const deadlines = fc
  .record({
    kind: fc.constantFrom('hazard' as const, 'report' as const),
    due: fc.oneof(instant, day.map(endOfTownDay)),
    stage: fc.constantFrom(null, -7, -5, -3, -2, -1, 0, 1, 3),
    phase: fc.constantFrom(...PHASES),
  })
  .map((more) => entry(more));

describe('what is read', () => {
  it('is what there is something to do about, and nothing else', () => {
    fc.assert(
      fc.property(deadlines, instant, fc.constantFrom<RunMode>('morning', 'urgent'), (deadline, now, mode) => {
        const rules = rulesAt(now, mode);
        // the view knows of a passing that has been noticed only after it
        if (deadline.phase !== 'waiting' && deadline.due >= now) return;
        if (!rules.stages[deadline.kind].includes(deadline.stage)) return;
        const { missed, standing, overdue } = todo(rules, deadline);
        const read = queriesOf(rules).some(
          ({ kind, stage, phase, from = '', until }) =>
            kind === deadline.kind &&
            stage === deadline.stage &&
            phase === deadline.phase &&
            deadlineOrder(deadline) >= from &&
            deadlineOrder(deadline) <= `${until}$`,
        );
        expect(read).toBe(missed || standing !== undefined || overdue);
      }),
      { numRuns: 5000 },
    );
  });

  it('is of the last stage what has to be noticed, and what goes to the district', () => {
    const last = queriesOf(rulesAt(morning('2025-05-20'))).filter(
      ({ kind, stage }) => kind === 'hazard' && stage === 3,
    );
    expect(last.map(({ phase, until }) => [phase, until.slice(0, 10)])).toEqual([
      ['waiting', '2025-05-20'],
      // due on the 8th, its last rung was on the 13th, and the 20th is the fifth working day after that
      ['missed', '2025-05-08'],
    ]);
  });

  it('reaches the stages of ladders that were in force before', () => {
    const newer: RuleSet = {
      ...LIANTANG_RULES,
      version: 2,
      ladder: [{ rung: '-2', workingDays: -2, to: ['liaison'] }],
    };
    const rules = rulesOf(newer, [LIANTANG_RULES, newer], { now: morning('2025-05-16'), asked: 'morning' });
    expect(queriesOf(rules).some(({ kind, stage }) => kind === 'hazard' && stage === -7)).toBe(true);
    // reminded by the old ladder, it goes on with the new one
    expect(todo(rules, entry({ stage: -7 })).standing?.rung.rung).toBe('-2');
    expect(todo(rules, entry({ stage: -1 })).standing).toBeUndefined();
  });
});

describe('a calendar that ends', () => {
  const only2025: RuleSet = { ...LIANTANG_RULES, calendar: { years: [2025] } };

  it('near its end what is due after it is looked after too, by the week', () => {
    const rules = rulesAt(morning('2025-12-29'), 'morning', only2025);
    expect(rules).toMatchObject({ mode: 'morning' });
    const first = queriesOf(rules).find(
      ({ kind, stage, phase }) => kind === 'hazard' && stage === null && phase === 'waiting',
    );
    // seven working days on: 30, 31, and of January 1, 2, 5, 6, 7
    expect(first?.until).toBe(endOfTownDay('2026-01-07'));
    expect(todo(rules, entry({ due: endOfTownDay('2026-01-07') })).standing).toMatchObject({
      rung: { rung: '-7' },
      provisional: true,
    });
    expect(todo(rules, entry({ due: endOfTownDay('2025-12-31'), stage: -7 })).standing?.rung.rung).toBe('-3');
  });

  it('after its end a weekday is a working day, and everything is looked after', () => {
    const rules = rulesAt(morning('2026-01-05'), 'morning', only2025);
    expect(rules).toMatchObject({ mode: 'morning' });
    expect(rulesAt(morning('2026-01-04'), 'morning', only2025).mode).toBe('urgent');
    expect(todo(rules, entry({ due: endOfTownDay('2025-12-31'), stage: 0 }))).toMatchObject({
      missed: true,
      standing: { rung: { rung: '+3' }, provisional: true },
    });
  });

  it('in the first days of its first year a rung that lies before it has come', () => {
    const rules = rulesAt(morning('2025-01-02'), 'morning', only2025);
    expect(
      todo(rules, entry({ due: endOfTownDay('2025-01-03'), setAt: '2024-12-02T00:00:00.000Z' })).standing,
    ).toMatchObject({
      rung: { rung: '-1' },
    });
  });
});
