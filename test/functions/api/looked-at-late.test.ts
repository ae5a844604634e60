// Handed in in time, looked at late: whoever is waited for is reminded, nobody else's date is missed for it, and the
// record says who waited for whom.
import { beforeEach, describe, expect, it } from 'vitest';
import type { RuleSet } from '../../../events/campaign.ts';
import type { Role } from '../../../shared/rules/roles.ts';
import { LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import type { RunMode } from '../../../shared/clock/remind/rules.ts';
import { remind } from '../../../shared/clock/remind/run.ts';
import { makeTown, sign, type TestTown } from './support.ts';
import { plusDays } from '../../../shared/town-time.ts';
import { alreadyPublished } from '../../support/rule-sets.ts';

const GUI = 'guijianban'; // leads the gas track
const DUE = '2026-12-18T15:59:59.999Z';
let town: TestTown;
let tokens: Record<'office' | 'department' | 'verifier' | 'village' | 'operations' | 'auditor', string>;
let failures: string[];

const at = (day: string, time = '08:30'): Date => new Date(`${day}T${time}:00.000+08:00`);

async function run(day: string, time = '08:30', mode: RunMode = 'morning'): Promise<void> {
  town.now.at = at(day, time);
  await town.settle();
  const { store, views } = town.deps;
  const deps = { store, views, sleep: async () => {}, failed: (what: string) => failures.push(what) };
  const { failed, complete } = await remind(deps, { mode, now: town.now.at });
  expect([failed, complete]).toEqual([0, true]);
  await town.settle();
}

/** Every morning of these days, and every noon. */
async function runs(from: string, until: string): Promise<void> {
  for (let day = from; day <= until; day = plusDays(day, 1)) {
    await run(day);
    await run(day, '12:00', 'urgent');
  }
}

async function post(path: string, token: string, body: unknown = {}) {
  const answer = await town.post(path, token, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
}

const eventsOf = async (hazard: string) => (await town.get(`/v1/hazards/${hazard}`, tokens.office)).body.events;
async function typesOf(hazard: string): Promise<string[]> {
  return (await eventsOf(hazard)).map(({ type }: { type: string }) => type);
}

/** `verification+1 12-16`: the rungs that were issued, and the town's day. */
async function issuedFor(hazard: string): Promise<string[]> {
  const all = (await eventsOf(hazard)) as { type: string; recordedAt: string; data: { rung: string } }[];
  return all
    .filter(({ type }) => type === 'ReminderIssued')
    .map(({ recordedAt, data }) => {
      const day = new Date(Date.parse(recordedAt) + 8 * 3_600_000).toISOString().slice(5, 10);
      return `${data.rung} ${day}`;
    });
}

async function deadlinesOf(hazard: string) {
  await town.settle();
  const path = `/v1/trace/hazards/${hazard}/deadlines`;
  const { status, body } = await town.get(path, tokens.auditor);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.facts;
}

async function dossierGaps(unit: string): Promise<{ kind: string; zh: string; at: string; text: string }[]> {
  await town.settle();
  const on = new Date(town.now.at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
  const { status, body } = await town.get(`/v1/trace/units/${unit}/dossier?on=${on}&months=3`, tokens.auditor);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.gaps;
}

const order = (hazard: string, due: string, measures = '更换软管') =>
  post(`/v1/hazards/${hazard}/orders`, tokens.department, { measures, due, authority: '条例' });
const submit = (hazard: string) =>
  post(`/v1/hazards/${hazard}/submissions`, tokens.village, { statement: '软管已更换' });
const reject = (hazard: string, more: object = {}) =>
  town.post(`/v1/hazards/${hazard}/verifications`, tokens.verifier, {
    result: 'rejected',
    reason: '未装到位',
    ...more,
  });

let unit: string;
async function assigned(to = GUI): Promise<string> {
  ({ id: unit } = await post('/v1/units', tokens.office, {
    name: '练塘某餐饮店',
    area: 'village-01',
    tracks: ['gas'],
  }));
  const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem' }];
  const { findings } = await post('/v1/inspections', tokens.office, { unit, track: 'gas', mode: 'routine', answers });
  const hazard: string = findings[0].hazard;
  await post(`/v1/hazards/${hazard}/gradings`, tokens.department, { grade: 'general', basis: '可立即整改' });
  await post(`/v1/hazards/${hazard}/assignments`, tokens.office, { to });
  return hazard;
}

/** Due on Friday 18 December, submitted on Tuesday the 15th at ten. */
async function submitted(): Promise<string> {
  const hazard = await assigned();
  await order(hazard, '2026-12-18');
  town.now.at = at('2026-12-15', '10:00');
  await submit(hazard);
  return hazard;
}

beforeEach(async () => {
  town = await makeTown();
  town.now.at = at('2026-12-14', '10:00');
  failures = [];
  const as = (role: Role, org: string, sub = `p-${role}-${org}`) =>
    sign(town.keys, { sub, roles: [role], org, post: role, expiresIn: 120 * 86_400, now: town.now.at });
  tokens = {
    office: await as('office', 'office'),
    department: await as('department', GUI),
    verifier: await as('department', GUI, 'p-verifier'),
    village: await as('village', 'village-01'),
    operations: await as('operations', 'chengyun'),
    auditor: await as('auditor', 'office'),
  };
  const { quarterlyBulletin: _q, yearEndReport: _y, ...rules } = LIANTANG_RULES;
  const next: RuleSet = { ...rules, version: 2, effectiveFrom: '2026-12-01', monthlyReport: { day: 24, cutoff: 'by' } };
  await alreadyPublished(town.deps.store, town.now.at, next);
});

describe('a submission that waits', () => {
  it('reminds those who may verify it on the first and third working day, each once', async () => {
    const hazard = await submitted();
    await runs('2026-12-15', '2026-12-23');
    expect(await issuedFor(hazard)).toEqual(['verification+1 12-16', 'verification+3 12-18']);
    const events = await eventsOf(hazard);
    const first = events.find(({ type }: { type: string }) => type === 'ReminderIssued');
    expect(first.data).toMatchObject({
      awaits: 'verification',
      since: '2026-12-15T02:00:00.000Z',
      workingDays: 1,
      // the evening of the third working day: an answer after it is late
      due: DUE,
      recipients: [{ organisation: GUI, post: 'liaison', person: null }],
      skipped: [],
    });
    expect(await typesOf(hazard)).not.toContain('DeadlineMissed');
  });

  it('is answered, and nobody is reminded of it any more', async () => {
    const hazard = await submitted();
    await runs('2026-12-15', '2026-12-16');
    town.now.at = at('2026-12-17', '10:00');
    await post(`/v1/hazards/${hazard}/verifications`, tokens.verifier, { result: 'passed', basis: '现场复查' });
    await runs('2026-12-18', '2026-12-23');
    expect(await issuedFor(hazard)).toEqual(['verification+1 12-16']);
  });

  it('reminded of late, the run names the rung that it overtakes', async () => {
    const hazard = await submitted();
    await run('2026-12-21');
    const events = await eventsOf(hazard);
    expect(events.at(-1).data).toMatchObject({ rung: 'verification+3', skipped: ['verification+1'] });
    await run('2026-12-22');
    expect(await issuedFor(hazard)).toEqual(['verification+3 12-21']);
  });

  it('acknowledged by who is waited for, the reminder of the due date is not', async () => {
    const hazard = await assigned();
    await order(hazard, '2026-12-17');
    await run('2026-12-15');
    await submit(hazard);
    await run('2026-12-16');
    const [, waits] = (await eventsOf(hazard)).filter(({ type }: { type: string }) => type === 'ReminderIssued');
    await post(`/v1/hazards/${hazard}/acknowledgements`, tokens.department, { reminder: waits.id });
    expect((await reject(hazard)).status).toBe(200);
    await town.settle();
    const { items } = (await town.get('/v1/deadlines', tokens.office)).body;
    expect(items).toMatchObject([{ id: hazard, rung: '-3', acknowledgedAt: null }]);
  });
});

describe('rejected after its date', () => {
  it('what was submitted by it has not missed it: it needs a new date, and the ladder begins again', async () => {
    const hazard = await submitted();
    await runs('2026-12-15', '2026-12-22');
    town.now.at = at('2026-12-23', '10:00');
    const before = (await town.get(`/v1/hazards/${hazard}`, tokens.verifier)).body;
    expect(before.rejectionDue).toMatchObject({ day: '2026-12-28', workingDays: 3 });
    const refused = await reject(hazard);
    expect(refused).toMatchObject({
      status: 422,
      body: { type: 'urn:daocha:problem:due-missing', field: 'due', proposed: { day: '2026-12-28', workingDays: 3 } },
    });
    expect(refused.body.expected).toContain('2026-12-28');
    expect((await reject(hazard, { due: '2026-12-22' })).body.type).toBe('urn:daocha:problem:due-past');
    expect((await reject(hazard, { due: '2026-12-28' })).status).toBe(200);
    await runs('2026-12-24', '2026-12-31');
    const types = await typesOf(hazard);
    expect(types.filter((type) => type === 'DeadlineMissed')).toHaveLength(1); // of the 28th, which nobody kept
    expect((await eventsOf(hazard)).find(({ type }: { type: string }) => type === 'DeadlineMissed').data.due).toBe(
      '2026-12-28T15:59:59.999Z',
    );
    // set on the 23rd at ten: −3 stood from that day on
    expect((await issuedFor(hazard)).slice(2)).toEqual(['-3 12-24', '-1 12-25', '0 12-28', '+1 12-29', '+3 12-31']);
    const after = (await town.get(`/v1/hazards/${hazard}`, tokens.office)).body;
    expect(after.dueDates).toMatchObject([
      { due: DUE, kind: 'order' },
      { due: '2026-12-28T15:59:59.999Z', kind: 'rejection', previousDue: DUE, by: 'p-verifier', reason: '未装到位' },
    ]);
    const { items } = (await town.get('/v1/deadlines', tokens.office)).body;
    expect(items).toMatchObject([{ due: '2026-12-28T15:59:59.999Z', earlier: [{ due: DUE, missedAt: null }] }]);
  });

  it('question 3 says: in time, not missed, and who waited for whom', async () => {
    const hazard = await submitted();
    await runs('2026-12-15', '2026-12-22');
    // while it waits
    const [waiting] = await deadlinesOf(hazard);
    expect(waiting.dues[0]).toMatchObject({
      inTime: true,
      missedAt: null,
      waited: [{ until: null, workingDays: 5, organisation: GUI, late: true, answeredBy: null }],
    });
    town.now.at = at('2026-12-23', '10:00');
    expect((await reject(hazard, { due: '2026-12-28' })).status).toBe(200);
    const [fact] = await deadlinesOf(hazard);
    expect(fact.dues).toMatchObject([
      {
        due: DUE,
        missedAt: null,
        submittedAt: '2026-12-15T02:00:00.000Z',
        inTime: true,
        inForce: false,
        waited: [
          {
            awaits: 'verification',
            since: '2026-12-15T02:00:00.000Z',
            until: '2026-12-23T02:00:00.000Z',
            workingDays: 6,
            answerBy: DUE,
            late: true,
            organisation: GUI,
            answeredBy: { person: 'p-verifier' },
          },
        ],
      },
      { due: '2026-12-28T15:59:59.999Z', replaces: DUE, by: 'rejection', inTime: null, inForce: true },
    ]);
    const gaps = await dossierGaps(unit);
    expect(gaps.filter(({ kind }) => kind === 'verification-late')).toMatchObject([
      { zh: '复查拖延', at: DUE, text: expect.stringContaining('等待 6 个工作日，复查单位 规建办') },
    ]);
    expect(gaps.filter(({ kind }) => kind === 'deadline-missed')).toEqual([]);
  });

  it('looked at on the third working day, there is no gap', async () => {
    const hazard = await submitted();
    town.now.at = at('2026-12-18', '16:00');
    expect((await reject(hazard)).status).toBe(200);
    expect((await dossierGaps(unit)).filter(({ kind }) => kind === 'verification-late')).toEqual([]);
  });

  it('at least one working day is proposed', async () => {
    const hazard = await assigned();
    await order(hazard, '2026-12-15');
    town.now.at = at('2026-12-15', '20:00');
    await submit(hazard);
    town.now.at = at('2026-12-17', '10:00');
    expect((await reject(hazard)).body).toMatchObject({ proposed: { day: '2026-12-18', workingDays: 1 } });
  });

  it('“in time” goes by the record: claimed for before, recorded after, it is missed', async () => {
    const hazard = await assigned();
    await order(hazard, '2026-12-15');
    town.now.at = at('2026-12-16', '01:00');
    await post(`/v1/hazards/${hazard}/submissions`, tokens.village, {
      statement: '已整改',
      occurredAt: '2026-12-15T20:00:00+08:00',
    });
    town.now.at = at('2026-12-17', '10:00');
    expect((await reject(hazard)).status).toBe(200);
    await run('2026-12-17', '11:00', 'urgent');
    expect(await typesOf(hazard)).toContain('DeadlineMissed');
  });
});

describe('unchanged', () => {
  it('rejected before the date, the date stays, and one that is sent is refused', async () => {
    const hazard = await submitted();
    town.now.at = at('2026-12-16', '10:00');
    expect((await reject(hazard, { due: '2026-12-28' })).body).toMatchObject({
      type: 'urn:daocha:problem:due-stays',
      field: 'due',
    });
    expect((await reject(hazard)).status).toBe(200);
    await runs('2026-12-17', '2026-12-21');
    const missed = (await eventsOf(hazard)).filter(({ type }: { type: string }) => type === 'DeadlineMissed');
    expect(missed).toMatchObject([{ data: { due: DUE } }]);
    // submitted in time, sent back in time, and not rectified by then
    expect((await deadlinesOf(hazard))[0].dues).toMatchObject([{ due: DUE, inTime: false }]);
    expect((await dossierGaps(unit)).filter(({ kind }) => kind === 'deadline-missed')).toHaveLength(1);
  });

  it('submitted after the date, it is missed, and rejected it needs no other', async () => {
    const hazard = await assigned();
    await order(hazard, '2026-12-15');
    town.now.at = at('2026-12-16', '10:00');
    await submit(hazard);
    town.now.at = at('2026-12-17', '10:00');
    expect((await reject(hazard)).status).toBe(200);
    await run('2026-12-17', '11:00', 'urgent');
    expect(await typesOf(hazard)).toContain('DeadlineMissed');
  });
});

describe('others who are waited for', () => {
  it('an extension: whoever may decide it, of another organisation than the one that asked', async () => {
    const hazard = await assigned();
    await order(hazard, '2026-12-31');
    town.now.at = at('2026-12-15', '10:00');
    await post(`/v1/hazards/${hazard}/extension-requests`, tokens.department, { due: '2027-01-15', reason: '缺配件' });
    await runs('2026-12-15', '2026-12-21');
    const reminder = (await eventsOf(hazard)).find(({ data }: { data: { awaits?: string } }) => data.awaits);
    expect(await issuedFor(hazard)).toEqual(['extension+1 12-16', 'extension+3 12-18']);
    expect(reminder.data.recipients).toEqual([{ organisation: 'office', post: 'office-director', person: null }]);
    town.now.at = at('2026-12-21', '10:00');
    await post(`/v1/hazards/${hazard}/extension-refusals`, tokens.office, { reason: '无正当理由' });
    const gaps = await dossierGaps(unit);
    expect(gaps.filter(({ kind }) => kind === 'extension-late')).toMatchObject([
      { zh: '延期审批拖延', text: expect.stringContaining('审批单位 专班办公室') },
    ]);
  });

  it('a closure: whoever may confirm it', async () => {
    const hazard = await assigned();
    await post(`/v1/hazards/${hazard}/closure-proposals`, tokens.village, { kind: 'invalid', reason: '误报' });
    await runs('2026-12-15', '2026-12-18');
    expect(await issuedFor(hazard)).toEqual(['closure+1 12-15', 'closure+3 12-17']);
  });

  it('a hazard that was given back: whoever may assign it again', async () => {
    const hazard = await assigned('village-01');
    await post(`/v1/hazards/${hazard}/returns`, tokens.village, { reason: '不属本村' });
    await runs('2026-12-15', '2026-12-15');
    expect(await issuedFor(hazard)).toEqual(['reassignment+1 12-15']);
    const reminder = (await eventsOf(hazard)).at(-1).data;
    expect(reminder.recipients.map(({ organisation }: { organisation: string }) => organisation)).toEqual([
      'chengyun',
      'office',
    ]);
    await post(`/v1/hazards/${hazard}/reassignments`, tokens.operations, { to: GUI, reason: '由牵头单位负责' });
    await runs('2026-12-16', '2026-12-21');
    expect(await issuedFor(hazard)).toEqual(['reassignment+1 12-15']);
  });

  it('verified in time and seen again after the date: nobody missed it, and who orders is reminded to set another', async () => {
    const hazard = await submitted();
    town.now.at = at('2026-12-16', '10:00');
    await post(`/v1/hazards/${hazard}/verifications`, tokens.verifier, { result: 'passed', basis: '现场复查' });
    town.now.at = at('2026-12-21', '10:00');
    const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem' }];
    await post('/v1/inspections', tokens.office, { unit, track: 'gas', mode: 'routine', answers });
    await runs('2026-12-21', '2026-12-25');
    expect(await typesOf(hazard)).not.toContain('DeadlineMissed');
    expect(await issuedFor(hazard)).toEqual(['date+1 12-22', 'date+3 12-24']);
    await order(hazard, '2026-12-31', '再次更换');
    await run('2026-12-28');
    expect((await issuedFor(hazard)).at(-1)).toBe('-3 12-28');
  });
});

describe('a report', () => {
  it('handed in in time and returned after its day needs a new one, and is not missed', async () => {
    town = await makeTown();
    town.now.at = at('2025-06-03', '10:00');
    const as = (role: Role, org: string) =>
      sign(town.keys, { sub: `p-${role}`, roles: [role], org, post: role, expiresIn: 60 * 86_400, now: town.now.at });
    const [owes, takes] = [await as('department', GUI), await as('operations', 'chengyun')];
    const path = '/v1/reports/monthly_2025-06_gas';
    await run('2025-06-03');
    town.now.at = at('2025-06-23', '10:00');
    await post(`${path}/submissions`, owes);
    for (const day of ['2025-06-24', '2025-06-25', '2025-06-26']) await run(day);
    town.now.at = at('2025-06-26', '10:00');
    expect((await town.get(path, takes)).body).toMatchObject({ returnDue: { day: '2025-06-27', workingDays: 1 } });
    const refused = await town.post(`${path}/returns`, takes, { reason: '数据不全' });
    expect(refused).toMatchObject({ status: 422, body: { field: 'due', proposed: { day: '2025-06-27' } } });
    await post(`${path}/returns`, takes, { reason: '数据不全', due: '2025-06-27' });
    await run('2025-06-27');
    await run('2025-06-28');
    const { events, due } = (await town.get(path, takes)).body;
    expect(due).toBe('2025-06-27T15:59:59.999Z');
    const told = events.flatMap(({ type, data }: { type: string; data: { rung?: string; due: string } }) =>
      type === 'ReportReminderIssued'
        ? [data.rung]
        : type === 'ReportMissed'
          ? [`missed ${data.due.slice(0, 10)}`]
          : [],
    );
    expect(told).toEqual(['acceptance+1', 'acceptance+3', '0', 'missed 2025-06-27']);
    expect((await town.post(`${path}/returns`, takes, { reason: '数据不全', due: '2025-07-01' })).status).toBe(422);
  });
});
