// A campaign in accelerated time, on the real platform: the same seed gives the same events, byte for byte and in the same order; another
// seed gives others. What came of it is counted from the log.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { TRACKS } from '../../../events/envelope.ts';
import { startPlatform } from '../../../infra/local/platform.ts';
import { actQueue } from '../../../infra/simulate/queue.ts';
import { random } from '../../../infra/simulate/random.ts';
import { simulate, type Simulated } from '../../../infra/simulate/run.ts';
import { readScenario, type Scenario } from '../../../infra/simulate/scenario.ts';
import { count, newSummary } from '../../../infra/simulate/summary.ts';
import { workingDays } from '../../../shared/rules/calendar/working-days.ts';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { backDatedBetween, type BackDated } from '../../../shared/record/log/log-time.ts';
import { torontoHighriseFire } from '../../../shared/import/toronto-highrise-fire.ts';
import { eventOf } from '../../support/builders.ts';
import { temporaryDirectory } from '../../support/platform.ts';

const EXTRACT = 'infra/data/toronto-highrise-fire/inspections_2017_2019.csv';
const calendar = workingDays(LIANTANG_RULES.calendar);
const villages = ['village-01', 'village-02'];
/** The last day: after the holidays of May, so that there has been something to remind of. */
const TO = '2025-05-09';
const scenarioOf = (seed: string, to = TO, units = 4): Promise<Scenario> =>
  readScenario(EXTRACT, torontoHighriseFire, calendar, { from: '2025-04-25', to, seed, villages, units });

async function run(seed: string, to = TO): Promise<Simulated & { backDated: BackDated[] }> {
  const scenario = await scenarioOf(seed, to);
  const directory = temporaryDirectory();
  const platform = await startPlatform({
    data: directory.path,
    port: 0,
    memory: true,
    clock: new Date('2025-04-25T00:00:00+08:00'),
    stepped: true,
  });
  try {
    const simulated = await simulate({
      platform,
      scenario,
      town: {
        seed,
        calendar,
        lead: (track) => LIANTANG.tracks.find((one) => one.track === track)!.lead,
        areaOf: (unit) => scenario.units.get(unit)!.area,
      },
      organisations: LIANTANG.organisations,
      from: '2025-04-25',
      to,
      onDay: () => {},
    });
    const { engine, tables, tenant, clock } = platform;
    const dynamo = new DynamoDBClient(engine.client);
    const log = { dynamo, events: tables.events, log: tables.log, tenant, now: () => clock!.now() };
    const backDated = await backDatedBetween(log, 0, simulated.events);
    dynamo.destroy();
    return { ...simulated, backDated };
  } finally {
    await platform.stop();
    directory.remove();
  }
}

describe('a simulated campaign', () => {
  test('has the same events for the same seed, and others for another', { timeout: 900_000 }, async () => {
    const first = await run('7');
    const again = await run('7');
    const other = await run('8', '2025-04-28');
    expect(again.digest).toBe(first.digest);
    expect(again.summary).toEqual(first.summary);
    expect(other.digest).not.toBe(first.digest);
    expect([...first.refused]).toEqual([]);
    expect(first.finished).toBe(true);
    expect(first.backDated).toEqual([]);
    expect(first.summary.total.reminded).toBeGreaterThan(0);
    expect(Object.keys(first.summary)).toEqual([...TRACKS, 'total']);
    for (const field of Object.keys(first.summary.total) as (keyof typeof first.summary.total)[]) {
      const sum = TRACKS.reduce((total, track) => total + first.summary[track][field], 0);
      expect(first.summary.total[field]).toBe(sum);
    }
  });
});

describe('the scenario', () => {
  test('keeps the order of each unit’s real visits, in working hours of working days', async () => {
    const { units, visits } = await scenarioOf('1', '2025-12-31', 60);
    expect(units.size).toBe(60);
    const town = (at: string): Date => new Date(Date.parse(at) + 8 * 3_600_000);
    for (const { at, unit } of visits) {
      expect(calendar.isWorkday(town(at).toISOString().slice(0, 10))).toBe(true);
      expect(town(at).getUTCHours()).toBeGreaterThanOrEqual(9);
      expect(town(at).getUTCHours()).toBeLessThan(18);
      expect(units.has(unit)).toBe(true);
    }
    expect(visits.map(({ at }) => at)).toEqual(visits.map(({ at }) => at).toSorted());
  });

  test('is refused for a stretch without a working day', async () => {
    const holidays = { from: '2025-10-01', to: '2025-10-03', seed: '1', villages };
    await expect(readScenario(EXTRACT, torontoHighriseFire, calendar, holidays)).rejects.toMatchObject({ field: 'to' });
  });
});

describe('chance and queue', () => {
  test('chance depends on its words alone', () => {
    const draw = (...words: string[]): number[] => {
      const lot = random(...words);
      return [lot.next(), lot.next(), lot.between(1, 6)];
    };
    expect(draw('a', 'b')).toEqual(draw('a', 'b'));
    expect(draw('a', 'b')).not.toEqual(draw('ab'));
    expect(Array.from({ length: 100 }, () => random('x').between(2, 3)).every((n) => n === 2 || n === 3)).toBe(true);
  });

  test('acts come out by time and key, whatever the order in which they went in', () => {
    const act = (at: string, key: string) => ({ at, key, request: () => undefined });
    const acts = [
      act('2025-05-08T02:00:00.000Z', 'b'),
      act('2025-05-08T02:00:00.000Z', 'a'),
      act('2025-05-08T01:59:00.000Z', 'z'),
      act('2025-05-08T03:00:00.001Z', 'later'),
    ];
    for (const some of [acts, acts.toReversed()]) {
      const queue = actQueue();
      for (const one of some) queue.add(one);
      expect(queue.until('2025-05-08T03:00:00.000Z').map(({ key }) => key)).toEqual(['z', 'a', 'b']);
      expect(queue.size).toBe(1);
    }
  });
});

test('the summary counts a case each time that it comes up, and a hazard as open until it is closed', () => {
  const summary = newSummary();
  const life = { clause: 'GAS-01', grade: null };
  const about = { unit: 'u_1', track: 'gas' as const };
  const found = { ...life, before: null, after: 'found' as const, inspection: 'i_1', item: '1' };
  count(summary, eventOf('hazard', 'h_1', 1, { type: 'HazardFound', data: found }, about));
  expect(summary.gas.open).toBe(1);
  const off = { by: 'p', openedAt: '2025-05-08T02:00:00.000Z', days: 1, cycle: 1 };
  const signedOff = { ...life, before: 'verified' as const, after: 'signed-off' as const, ...off };
  count(summary, eventOf('hazard', 'h_1', 2, { type: 'HazardSignedOff', data: signedOff }, about));
  expect(summary.gas).toMatchObject({ open: 0, signedOff: 1 });
  const up = { hazard: 'h_1', to: 'district-fire', after: 'proposed' as const, ...GROUND };
  for (const [n, before] of ([null, 'verified'] as const).entries()) {
    const data = { ...up, before };
    count(summary, eventOf('escalation', 'e_1', 2 * n + 1, { type: 'EscalationProposed', data }, about));
    const submitted = { hazard: 'h_1', to: 'district-fire', before: 'compiled' as const, after: 'submitted' as const };
    const sent = { type: 'EscalationSubmitted' as const, data: { ...submitted, round: n + 1 } };
    count(summary, eventOf('escalation', 'e_1', 2 * n + 2, sent, about));
  }
  expect(summary.total.escalated).toBe(2);
});

const GROUND = { rule: 'major' as const, limit: 'power' as const, reason: '重大隐患', urgent: false, ruleSet: 1 };

test('reports of the whole town are counted apart: the total is the sum of the tracks', () => {
  const summary = newSummary();
  const town = { reminded: 0, missed: 0 };
  const report = {
    kind: 'quarterly' as const,
    period: '2025-Q2',
    before: 'required' as const,
    after: 'required' as const,
  };
  const due = '2025-07-15T15:59:59.999Z';
  count(summary, eventOf('report', 'r_1', 1, { type: 'ReportMissed', data: { ...report, due } }, {}), town);
  expect(town).toEqual({ reminded: 0, missed: 1 });
  expect(summary.total.missed).toBe(0);
});
