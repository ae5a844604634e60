// A backtest against the truth: a simulated campaign on the real platform. The rules of the time, replayed, did exactly
// what is on record; a rule set that asks for less does less, and where.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { remindRuns } from '../../../infra/cli/remind-runs.ts';
import { startPlatform, type Platform } from '../../../infra/local/platform.ts';
import { simulate, type Simulated } from '../../../infra/simulate/run.ts';
import { readScenario } from '../../../infra/simulate/scenario.ts';
import { backtest, type Backtested } from '../../../shared/clock/backtest/backtest.ts';
import { workingDays } from '../../../shared/rules/calendar/working-days.ts';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { torontoHighriseFire } from '../../../shared/import/toronto-highrise-fire.ts';
import { walkLog, type Positioned } from '../../../shared/record/log/read.ts';
import type { RuleSet } from '../../../events/campaign.ts';
import { FULL } from '../../support/runs.ts';
import { temporaryDirectory } from '../../support/platform.ts';

const EXTRACT = 'infra/data/toronto-highrise-fire/inspections_2017_2019.csv';
const [FROM, TO, SEED] = ['2025-04-25', FULL ? '2025-07-04' : '2025-06-06', '11'];
const calendar = workingDays(LIANTANG_RULES.calendar);
const directory = temporaryDirectory();
let platform: Platform;
let simulated: Simulated;
let log: Positioned[];

beforeAll(async () => {
  const villages = ['village-01', 'village-02'];
  const scenario = await readScenario(EXTRACT, torontoHighriseFire, calendar, {
    from: FROM,
    to: TO,
    seed: SEED,
    villages,
    units: 24,
  });
  platform = await startPlatform({
    data: directory.path,
    port: 0,
    memory: true,
    clock: new Date(`${FROM}T00:00:00+08:00`),
    stepped: true,
  });
  simulated = await simulate({
    platform,
    scenario,
    town: {
      seed: SEED,
      calendar,
      lead: (track) => LIANTANG.tracks.find((one) => one.track === track)!.lead,
      areaOf: (unit) => scenario.units.get(unit)!.area,
    },
    organisations: LIANTANG.organisations,
    from: FROM,
    to: TO,
    onDay: () => {},
  });
  const { tables, tenant, engine } = platform;
  const dynamo = new DynamoDBClient(engine.client);
  log = [];
  const deps = { dynamo, events: tables.events, log: tables.log, tenant, now: () => new Date() };
  for await (const batch of walkLog(deps, 0, { batch: 500 })) log.push(...batch);
  dynamo.destroy();
}, 900_000);
afterAll(async () => {
  await platform?.stop();
  directory.remove();
});

async function tested(ruleSet: RuleSet, options: { since?: string; until?: string } = {}): Promise<Backtested> {
  async function* history() {
    yield log;
  }
  return (await backtest(history(), { ruleSet, nextRun: remindRuns(), ...options }))!;
}

test('the recorded rule set does again what is on record: every figure of every track', async () => {
  const { recorded, replayed, backtested, events } = await tested(LIANTANG_RULES);
  expect(events).toBe(simulated.events);
  const { summary, townReports: town } = simulated;
  const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);
  expect(sum(recorded.total.reminders) + sum(recorded.total.reportReminders)).toBe(
    summary.total.reminded + town.reminded,
  );
  expect(recorded.total.missed + recorded.total.reportsMissed).toBe(summary.total.missed + town.missed);
  // the history has something of everything
  expect(summary.total.reminded).toBeGreaterThan(100);
  expect(recorded.total.missed).toBeGreaterThan(0);
  expect(recorded.total.cases).toBeGreaterThan(1);
  expect(Object.keys(recorded.total.escalations).length).toBeGreaterThan(1);
  expect(replayed.figures).toEqual(recorded);
  expect(backtested).toEqual(replayed);
});

test('a ladder without its middle rungs, and fewer reasons to go up: less of just that', async () => {
  const ladder = LIANTANG_RULES.ladder!.filter(({ rung }) => rung !== '-1' && rung !== '+1');
  const escalation = LIANTANG_RULES.escalation!.filter(({ rule }) => rule !== 'major');
  const { recorded, backtested } = await tested({ ...LIANTANG_RULES, version: 2, ladder, escalation });
  const { reminders, escalations, ...rest } = backtested.figures.total;
  const was = recorded.total;
  const { '-1': before, '+1': after, ...others } = was.reminders;
  expect(before! + after!).toBeGreaterThan(0);
  // A date that was moved up at short notice is reminded of by -3, where -1 would have stood already.
  expect(reminders).toMatchObject({ '0': others['0'], '+3': others['+3'] });
  expect(Object.keys(reminders).toSorted()).toEqual(Object.keys(others).toSorted());
  expect(reminders['-3']! - others['-3']!).toBeGreaterThanOrEqual(0);
  expect(reminders['-3']! - others['-3']!).toBeLessThanOrEqual(before!);
  expect(was.escalations.major).toBeGreaterThan(0);
  expect(escalations).not.toHaveProperty('major');
  expect(rest).toMatchObject({ dueDates: was.dueDates, missed: was.missed, reportReminders: was.reportReminders });
});

test('nothing after the last day that is asked for is looked at', async () => {
  const { until, recorded, replayed } = await tested(LIANTANG_RULES, { until: '2025-05-31' });
  expect(until <= '2025-05-31').toBe(true);
  expect(replayed.figures).toEqual(recorded);
});
