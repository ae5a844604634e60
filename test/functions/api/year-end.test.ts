// The year's end while nobody has announced the next year's holidays: orders say so when they are given, reminders go
// on by the week, marked, no run fails for it, and once the notice is in what was not issued yet follows it.
import { beforeEach, describe, expect, it } from 'vitest';
import type { RuleSet } from '../../../events/campaign.ts';
import type { Role } from '../../../shared/rules/roles.ts';
import { LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { remind, type Reminded } from '../../../shared/clock/remind/run.ts';
import { makeTown, sign, type TestTown } from './support.ts';
import { plusDays } from '../../../shared/town-time.ts';
import { alreadyPublished } from '../../support/rule-sets.ts';

const GUI = 'guijianban';
const WORDS = '2027 年放假安排尚未公布，提醒按周一至周五推算';
let town: TestTown;
let office: string;
let department: string;
let village: string;
let failures: string[];

const as = (role: Role, org: string) =>
  sign(town.keys, {
    sub: `p-${role}-${org}`,
    roles: [role],
    org,
    post: role,
    expiresIn: 300 * 86_400,
    now: town.now.at,
  });
const at = (day: string, time = '08:30'): Date => new Date(`${day}T${time}:00.000+08:00`);

async function run(day: string): Promise<Reminded> {
  town.now.at = at(day);
  await town.settle();
  const { store, views } = town.deps;
  const deps = { store, views, sleep: async () => {}, failed: (what: string) => failures.push(what) };
  const done = await remind(deps, { mode: 'morning', now: town.now.at });
  await town.settle();
  return done;
}

async function runs(from: string, until: string): Promise<Reminded[]> {
  const done: Reminded[] = [];
  for (let day = from; day <= until; day = plusDays(day, 1)) done.push(await run(day));
  return done;
}

async function post(path: string, token: string, body: unknown = {}) {
  const answer = await town.post(path, token, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
}

async function publish(version: number, effectiveFrom: string, more: Partial<RuleSet> = {}): Promise<void> {
  const { quarterlyBulletin: _q, yearEndReport: _y, ...rules } = LIANTANG_RULES;
  const next = { ...rules, version, effectiveFrom, monthlyReport: { day: 24, cutoff: 'by' as const }, ...more };
  await alreadyPublished(town.deps.store, town.now.at, next);
}

async function assigned(clause = 'GAS-01'): Promise<string> {
  const unit = await post('/v1/units', office, { name: `练塘某餐饮店${clause}`, area: 'village-01', tracks: ['gas'] });
  const answers = [{ item: '1', clause, answer: 'problem' }];
  const { findings } = await post('/v1/inspections', office, { unit: unit.id, track: 'gas', mode: 'routine', answers });
  const hazard: string = findings[0].hazard;
  await post(`/v1/hazards/${hazard}/gradings`, department, { grade: 'general', basis: '可立即整改' });
  await post(`/v1/hazards/${hazard}/assignments`, office, { to: GUI });
  return hazard;
}

const order = (hazard: string, due: string) =>
  post(`/v1/hazards/${hazard}/orders`, department, { measures: '更换软管', due, authority: '条例' });

async function eventsOf(
  hazard: string,
): Promise<{ type: string; recordedAt: string; data: Record<string, unknown> }[]> {
  return (await town.get(`/v1/hazards/${hazard}`, office)).body.events;
}

/** `-7 12-24 *`: rung, the town's day, and whether it is marked. */
async function issuedFor(hazard: string): Promise<string[]> {
  const events = await eventsOf(hazard);
  return events
    .filter(({ type }) => type === 'ReminderIssued')
    .map(({ recordedAt, data }) => {
      const day = new Date(Date.parse(recordedAt) + 8 * 3_600_000).toISOString().slice(5, 10);
      return `${String(data['rung'])} ${day}${data['provisional'] === true ? ' *' : ''}`;
    });
}

beforeEach(async () => {
  town = await makeTown();
  failures = [];
});

/** The story begins in the morning of a day: whoever is in it has signed in. */
async function begin(day: string): Promise<void> {
  town.now.at = at(day, '10:00');
  office = await as('office', 'office');
  department = await as('department', GUI);
  village = await as('village', 'village-01');
}

describe('orders due about the year’s end', () => {
  it('say so, are reminded of on the days of the table, and fail no run', async () => {
    await begin('2026-12-01');
    await publish(2, '2026-12-01');
    const dues = ['2026-12-30', '2027-01-04', '2027-01-15'];
    const hazards: string[] = [];
    for (const [n, due] of dues.entries()) {
      const hazard = await assigned(`GAS-0${n + 1}`);
      const { warnings } = await order(hazard, due);
      expect(warnings).toEqual([{ type: 'calendar-provisional', detail: WORDS, field: 'due', years: [2027] }]);
      hazards.push(hazard);
    }
    const done = await runs('2026-12-02', '2027-01-31');
    expect(failures).toEqual([]);
    expect(done.filter(({ failed, complete }) => failed > 0 || !complete)).toEqual([]);
    expect(done.every(({ yearsMissing }) => yearsMissing.join() === '2027')).toBe(true);
    expect(await issuedFor(hazards[0]!)).toEqual([
      '-7 12-21',
      '-3 12-25',
      '-1 12-29',
      '0 12-30',
      '+1 12-31',
      '+3 01-04 *',
    ]);
    expect(await issuedFor(hazards[1]!)).toEqual([
      '-7 12-24 *',
      '-3 12-30 *',
      '-1 01-01 *',
      '0 01-04',
      '+1 01-05 *',
      '+3 01-07 *',
    ]);
    expect(await issuedFor(hazards[2]!)).toEqual([
      '-7 01-06 *',
      '-3 01-12 *',
      '-1 01-14 *',
      '0 01-15',
      '+1 01-18 *',
      '+3 01-20 *',
    ]);
    for (const hazard of hazards) {
      const types = (await eventsOf(hazard)).map(({ type }) => type);
      expect(types.filter((type) => type === 'DeadlineMissed')).toHaveLength(1);
    }
    // eight working days after 15 January, by the week, the case goes to the district
    const cases = done.flatMap(({ escalated, today }) => (escalated > 0 ? [today] : []));
    expect(cases).toEqual(['2027-01-11', '2027-01-14', '2027-01-27']);
  }, 120_000);

  it('are marked on the list, and nothing is said of what lies in known years', async () => {
    await begin('2026-12-01');
    await publish(2, '2026-12-01');
    const before = await assigned('GAS-01');
    expect(await order(before, '2026-12-21')).not.toHaveProperty('warnings');
    expect((await town.get('/v1/system', office)).body.calendar.missing).toEqual([]);
    const hazard = await assigned('GAS-02');
    await order(hazard, '2027-01-04');
    await town.settle();
    // from the day on which a due date lies in it
    expect((await town.get('/v1/system', office)).body.calendar).toMatchObject({
      ruleSet: [2025, 2026],
      missing: [2027],
    });
    await runs('2026-12-09', '2026-12-24');
    const { items } = (await town.get('/v1/deadlines', office)).body;
    expect(items.map(({ id, rung, provisional }: Record<string, unknown>) => [id, rung, provisional])).toEqual([
      [before, '+3', false],
      [hazard, '-7', true],
    ]);
  }, 60_000);

  it('an extension into such a year says so when it is asked for, and when it is approved', async () => {
    await begin('2026-12-01');
    await publish(2, '2026-12-01');
    const hazard = await assigned();
    await order(hazard, '2026-12-18');
    const asked = await post(`/v1/hazards/${hazard}/extension-requests`, village, {
      due: '2027-01-15',
      reason: '配件到货延迟',
    });
    expect(asked.warnings).toMatchObject([{ type: 'calendar-provisional', detail: WORDS }]);
    const approved = await post(`/v1/hazards/${hazard}/extension-approvals`, office, { reason: '情况属实' });
    expect(approved.warnings).toMatchObject([{ type: 'calendar-provisional', detail: WORDS }]);
  });

  it('a date is proposed across the year’s end', async () => {
    await begin('2026-12-29');
    await publish(2, '2026-12-01');
    const hazard = await assigned();
    const { body } = await town.get(`/v1/hazards/${hazard}`, office);
    expect(body.proposedDue).toMatchObject({ day: '2027-01-12', workingDays: 10 });
  });
});

describe('once the notice is in', () => {
  it('rungs not issued yet follow it, none is issued twice, and they are marked no more', async () => {
    // the software has the notice of 2026; until the rule set names the year, it is not in
    await begin('2025-12-01');
    await publish(2, '2025-06-02', { calendar: { years: [2025] } });
    const hazard = await assigned();
    await order(hazard, '2026-01-06');
    await runs('2025-12-25', '2025-12-29');
    // 1 January counts by the week, so −7 stands on the 26th
    expect(await issuedFor(hazard)).toEqual(['-7 12-26 *']);
    town.now.at = at('2025-12-29', '12:00');
    await publish(3, '2025-12-29');
    expect((await town.get('/v1/system', office)).body.calendar.missing).toEqual([]);
    await runs('2025-12-30', '2026-01-10');
    // off from the 1st to the 3rd, and Sunday the 4th is worked
    expect(await issuedFor(hazard)).toEqual(['-7 12-26 *', '-3 12-31', '-1 01-05', '0 01-06', '+1 01-07', '+3 01-09']);
  }, 60_000);
});

describe('reports of January', () => {
  it('are opened though the year has no calendar', async () => {
    await begin('2025-12-30');
    await publish(2, '2025-06-02', {
      calendar: { years: [2025] },
      quarterlyBulletin: { day: 4 },
      reportShift: 'previous-working-day',
    });
    const { required, failed } = await run('2026-01-02');
    expect([required > 0, failed]).toEqual([true, 0]);
    const { items } = (await town.get('/v1/reports?kind=quarterly&period=2025-Q4', office)).body;
    // the 4th is a Sunday, which the notice makes a working day; by the week it is off
    expect(items).toMatchObject([{ due: '2026-01-02T15:59:59.999Z' }]);
  });
});
