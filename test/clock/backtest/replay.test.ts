// A backtest on histories short enough to count by hand: what another rule set would have proposed, reminded of, missed and sent up.
import { describe, expect, test } from 'vitest';
import type { RuleSet } from '../../../events/campaign.ts';
import type { DaochaEvent, Draft } from '../../../events/catalogue.ts';
import { remindRuns } from '../../../infra/cli/remind-runs.ts';
import { backtest, type Backtested } from '../../../shared/clock/backtest/backtest.ts';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { eventOf } from '../../support/builders.ts';
import { endOfTownDay } from '../../../shared/town-time.ts';

/** Monthly lists only, so that what is not counted here does not stand beside what is. */
const RULES: RuleSet = {
  ...LIANTANG_RULES,
  monthlyReport: { day: 24, cutoff: 'by' },
  quarterlyBulletin: undefined,
  yearEndReport: undefined,
};

interface Said {
  at: string;
  category: 'campaign' | 'hazard' | 'report' | 'escalation';
  draft: Draft;
  id?: string;
}

const morning = (day: string): string => new Date(`${day}T10:00:00+08:00`).toISOString();
const life = { clause: 'GAS-01', grade: 'general' as const };

/** The log of what people did, in order. */
function history(...said: Said[]): DaochaEvent[] {
  const versions = new Map<string, number>();
  return said
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .map(({ at, category, draft, id = category === 'campaign' ? 'campaign' : 'h_1' }) => {
      const version = (versions.get(id) ?? 0) + 1;
      versions.set(id, version);
      const about = { occurredAt: at, recordedAt: at, ...(category === 'hazard' ? ABOUT : {}) };
      return eventOf(category, id, version, draft, about);
    });
}
const ABOUT = { unit: 'u_1', track: 'gas' as const, organisation: 'guijianban' };

const launched = (rules: RuleSet = RULES): Said[] => [
  { at: morning('2025-04-25'), category: 'campaign', draft: { type: 'CampaignLaunched', data: LIANTANG } },
  { at: morning('2025-04-26'), category: 'campaign', draft: { type: 'RuleSetPublished', data: rules } },
];

const on = (day: string, draft: Draft): Said => ({ at: morning(day), category: 'hazard', draft });
const found = (day: string): Said =>
  on(day, {
    type: 'HazardFound',
    data: { ...life, grade: null, before: null, after: 'found', inspection: 'i_1', item: '1' },
  });
const graded = (day: string, grade: 'general' | 'major' = 'general'): Said =>
  on(day, {
    type: 'HazardGraded',
    data: { ...life, before: 'found', after: 'graded', grade, from: null, basis: '现场判定' },
  });
const ordered = (day: string, due: string, grade: 'general' | 'major' = 'general'): Said =>
  on(day, {
    type: 'RectificationOrdered',
    data: {
      ...life,
      grade,
      before: 'assigned',
      after: 'ordered',
      measures: '更换软管',
      due: endOfTownDay(due),
      previousDue: null,
      authority: '条例',
    },
  });
const submitted = (day: string): Said =>
  on(day, {
    type: 'RectificationSubmitted',
    data: { ...life, before: 'ordered', after: 'submitted', statement: '已整改', by: 'p-village' },
  });

async function tested(events: readonly DaochaEvent[], ruleSet: RuleSet, since?: string): Promise<Backtested> {
  async function* batches() {
    yield events.map((event, position) => ({ event, position }));
  }
  return (await backtest(batches(), { ruleSet, since, nextRun: remindRuns() }))!;
}

const changed = (change: Partial<RuleSet>): RuleSet => ({ ...RULES, version: 2, ...change });
const week = changed({ periods: [{ track: '*', grade: 'general', workingDays: 5 }] });
const ladderWithout = (...rungs: string[]): RuleSet['ladder'] =>
  RULES.ladder!.filter(({ rung }) => !rungs.includes(rung));

/** Ordered on a Tuesday for what was proposed, ten working days later; handed in thirteen working days after that. */
const NEGLECTED = history(
  ...launched(),
  found('2025-06-03'),
  graded('2025-06-03'),
  ordered('2025-06-03', '2025-06-17'),
  submitted('2025-07-04'),
);

describe('the rules of the time, replayed', () => {
  test('climb the ladder once, notice the date that passed, and send the case up', async () => {
    const { replayed, recorded, from, until, since, events, ruleSets } = await tested(NEGLECTED, RULES);
    const all = {
      dueDates: 1,
      reminders: { '-7': 1, '-3': 1, '-1': 1, '0': 1, '+1': 1, '+3': 1 },
      reportReminders: {},
      missed: 1,
      reportsMissed: 0,
      cases: 1,
      escalations: { overdue: 1 },
    };
    expect(replayed.figures.gas).toEqual(all);
    expect(replayed.figures.total).toEqual(all);
    expect(replayed.figures.factory).toMatchObject({ dueDates: 0, missed: 0, cases: 0 });
    // nobody was reminded in this made-up record
    expect(recorded.gas).toMatchObject({ dueDates: 1, reminders: {}, missed: 0, cases: 0 });
    expect({ from, until, since, events }).toEqual({
      from: '2025-04-25',
      until: '2025-07-04',
      since: '2025-04-25',
      events: 6,
    });
    expect(ruleSets).toEqual([1]);
  });
});

describe('another rule set', () => {
  test('proposes another period: the order that took the proposed date takes its one', async () => {
    // five working days from 3 June: the 10th. Ordered after the seventh working day before it, -7 stands on the next morning
    const { backtested } = await tested(NEGLECTED, week);
    expect(backtested).toMatchObject({ moved: 1, shortened: 0 });
    expect(backtested.figures.gas).toMatchObject({
      reminders: { '-7': 1, '-3': 1, '-1': 1, '0': 1, '+1': 1, '+3': 1 },
      missed: 1,
      escalations: { overdue: 1 },
    });
    const short = await tested(
      history(
        ...launched(),
        found('2025-06-03'),
        graded('2025-06-03'),
        ordered('2025-06-03', '2025-06-17'),
        submitted('2025-06-12'),
      ),
      week,
    );
    expect(short.replayed.figures.gas).toMatchObject({ missed: 0, reminders: { '-7': 1, '-3': 1 } });
    expect(short.backtested.figures.gas).toMatchObject({
      missed: 1,
      reminders: { '-7': 1, '-3': 1, '-1': 1, '0': 1, '+1': 1 },
    });
  });

  test('leaves alone a date that was not the proposed one', async () => {
    const own = history(...launched(), found('2025-06-03'), graded('2025-06-03'), ordered('2025-06-03', '2025-06-18'));
    expect((await tested(own, week)).backtested.moved).toBe(0);
  });

  test('allows a shorter period at most: that one is taken', async () => {
    const { backtested } = await tested(NEGLECTED, changed({ longestRectification: { general: 7 } }));
    expect(backtested).toMatchObject({ moved: 0, shortened: 1 });
    expect(backtested.figures.gas.missed).toBe(1);
  });

  test('has fewer rungs, and waits longer before a case goes up', async () => {
    const fewer = changed({ ladder: ladderWithout('-7', '+3') });
    const { backtested } = await tested(NEGLECTED, fewer);
    expect(backtested.figures.gas.reminders).toEqual({ '-3': 1, '-1': 1, '0': 1, '+1': 1 });
    // one working day after the last rung, and five more: before 4 July; eleven more are not
    expect(backtested.figures.gas.cases).toBe(1);
    const escalation = RULES.escalation!.map((rule) => (rule.rule === 'overdue' ? { ...rule, threshold: 13 } : rule));
    expect(
      (await tested(NEGLECTED, changed({ ladder: fewer.ladder, escalation }))).backtested.figures.gas,
    ).toMatchObject({
      cases: 0,
      escalations: {},
    });
  });

  test('takes the place of the recorded one from a day on', async () => {
    // the 12th, the third working day before, is still by the old rules; the 16th is by the new ones
    const fewer = changed({ ladder: ladderWithout('-3', '-1') });
    expect((await tested(NEGLECTED, fewer, '2025-06-13')).backtested.figures.gas.reminders).toEqual({
      '-7': 1,
      '-3': 1,
      '0': 1,
      '+1': 1,
      '+3': 1,
    });
    expect((await tested(NEGLECTED, fewer, '2025-06-12')).backtested.figures.gas.reminders).not.toHaveProperty('-3');
  });

  test('does not send up what is graded major, and counts further grounds on the same case', async () => {
    const refused = on('2025-06-05', {
      type: 'OrderRefused',
      data: { ...life, grade: 'major', before: 'ordered', after: 'ordered', reason: '拒签', by: 'p-dept' },
    });
    const major = history(
      ...launched(),
      found('2025-06-03'),
      graded('2025-06-03', 'major'),
      ordered('2025-06-03', '2025-07-01', 'major'),
      refused,
    );
    const { replayed, backtested } = await tested(
      major,
      changed({ escalation: RULES.escalation!.filter(({ rule }) => rule !== 'major') }),
    );
    expect(replayed.figures.gas).toMatchObject({ cases: 1, escalations: { major: 1, 'order-refused': 1 } });
    expect(backtested.figures.gas).toMatchObject({ cases: 1, escalations: { 'order-refused': 1 } });
    expect(backtested.figures.gas.escalations).not.toHaveProperty('major');
  });

  test('asks for reports on another day: one handed in on the 23rd is late for the 20th', async () => {
    const monthly = (day: number, version: number): RuleSet => ({
      ...RULES,
      version,
      monthlyReport: { day, cutoff: 'by', from: '2025-06', until: '2025-06' },
    });
    const report = { kind: 'monthly' as const, period: '2025-06', track: 'gas' as const };
    const handedIn: Said = {
      at: morning('2025-06-23'),
      category: 'report',
      id: 'monthly_2025-06_gas',
      draft: {
        type: 'ReportSubmitted',
        track: 'gas',
        organisation: 'guijianban',
        data: { ...report, before: 'required', after: 'submitted', edition: 1, position: 1, figures: {}, by: 'p-1' },
      },
    };
    const log = history(...launched(monthly(24, 1)), handedIn, found('2025-06-30'));
    const { replayed, backtested } = await tested(log, monthly(20, 2));
    expect(replayed.figures.gas).toMatchObject({
      dueDates: 1,
      reportsMissed: 0,
      reportReminders: { '-5': 1, '-2': 1 },
    });
    expect(backtested.figures.gas).toMatchObject({
      dueDates: 1,
      reportsMissed: 1,
      reportReminders: { '-5': 1, '-2': 1, '0': 1 },
    });
    // the others never handed anything in
    expect(replayed.figures.total).toMatchObject({ dueDates: 7, reportsMissed: 6 });
    expect(backtested.figures.total).toMatchObject({ dueDates: 7, reportsMissed: 7 });
  });

  test('says how many reminders it counted in a year which its calendar lacks', async () => {
    const { backtested } = await tested(
      history(
        ...launched(),
        found('2025-12-29'),
        graded('2025-12-29'),
        ordered('2025-12-29', '2026-01-20'),
        submitted('2026-01-30'),
      ),
      changed({ calendar: { years: [2025] } }),
    );
    expect(backtested.provisional).toBeGreaterThan(0);
  });
});

test('an empty log has nothing to test on', async () => {
  expect(await tested([], RULES)).toBeUndefined();
});
