// Duties (应办事项) as a town lives them over HTTP, by the plan's own definitions: what the clause asks is refused, recorded, confirmed; what is
// unmet is a hazard in the same commit.
import { beforeEach, describe, expect, it } from 'vitest';
import { LIANTANG_DUTIES } from '../../../shared/rules/campaign/liantang-duties.ts';
import { makeTown, type TestTown } from './support.ts';

let town: TestTown;
let office: string;
let village: string;
let enforcement: string;

const photos = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ sha256: String(n).repeat(64), mediaType: 'image/jpeg' }));
const publish = async (duty: string) =>
  post(
    '/v1/campaign/duties',
    await town.as('admin', 'office'),
    LIANTANG_DUTIES.find((one) => one.duty === duty),
  );

async function post(path: string, token: string, body: unknown = {}) {
  const answer = await town.post(path, token, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
}
async function refused(path: string, token: string, body: unknown) {
  const { status, body: problem } = await town.post(path, token, body);
  return {
    status,
    type: String(problem.type).replace('urn:daocha:problem:', ''),
    field: problem.field,
    problem,
  };
}
const register = async (track: string, kind = '商场', area = 'village-01') =>
  (await post('/v1/units', office, { name: `示例${track}`, kind, area, tracks: [track] })).id as string;
const getDuty = async (id: string) => (await town.get(`/v1/duties/${id}`, office)).body;

beforeEach(async () => {
  town = await makeTown();
  office = await town.as('office', 'office');
  village = await town.as('village', 'village-01');
  enforcement = await town.as('enforcement', 'zhifadui');
});

const MUSTS = ['清理隔离', '器材水源', '警戒标识', '通道畅通', '避免交叉', '专人监护'];
const six = (no?: string) => Object.fromEntries(MUSTS.map((field) => [field, field !== no]));

describe('hot work', () => {
  let id: string;
  const step = (name: string, values: object = {}, evidence: object[] = []) => ({ step: name, values, evidence });
  beforeEach(async () => {
    await publish('crowded.hot-work');
    const unit = await register('hotwork-crowded');
    ({ id } = await post('/v1/duties', village, { duty: 'crowded.hot-work', name: '大厅焊接', unit }));
    await post(
      `/v1/duties/${id}/steps`,
      village,
      step('declare', { 动火部位: '大厅', 施工单位: '甲', 动火日期: '2025-06-02' }),
    );
  });

  it('one “no” of six refuses the start and names it; five photos of six too; then it starts, stops, ends', async () => {
    const steps = `/v1/duties/${id}/steps`;
    expect(await refused(steps, village, step('musts', six(), photos(5)))).toMatchObject({
      status: 422,
      type: 'proof-missing',
      field: 'evidence',
    });
    await post(steps, village, step('musts', six('专人监护'), photos(6)));
    const start = await refused(steps, village, step('start', { 监护人: 'p-9' }));
    expect(start).toMatchObject({ status: 422, type: 'gate-closed', field: 'step' });
    expect(start.problem.detail).toContain('必须安排专门人员全过程监护');
    await post(steps, village, step('musts', { 专人监护: true }, photos(6)));
    await post(steps, village, step('start', { 监护人: 'p-9' }));
    await post(`/v1/duties/${id}/stops`, enforcement, { reason: '监护人离岗', authority: '上海市消防条例' });
    expect(await refused(steps, village, step('end', { 现场已清理: true }))).toMatchObject({
      status: 422,
      type: 'duty-stopped',
    });
    await post(`/v1/duties/${id}/resumptions`, enforcement, { reason: '已到位' });
    await post(steps, village, step('end', { 现场已清理: true }));
    expect(await getDuty(id)).toMatchObject({
      status: 'done',
      next: [],
      organisation: 'village-01',
      subject: { kind: 'matter', name: '大厅焊接' },
    });
  });

  it('is open to who owes it and nobody beside', async () => {
    const other = await town.as('village', 'village-02');
    expect(await refused(`/v1/duties/${id}/steps`, other, step('musts', six(), photos(6)))).toMatchObject({
      status: 403,
      type: 'foreign-organisation',
    });
    expect((await town.get(`/v1/duties/${id}`, other)).status).toBe(403);
    expect((await town.get(`/v1/duties/${id}`, village)).status).toBe(200);
    expect(await refused('/v1/duties', village, { duty: 'crowded.hot-work' })).toMatchObject({
      status: 422,
      type: 'subject-missing',
      field: 'name',
    });
    expect(await refused('/v1/duties', village, { duty: 'none', name: '甲' })).toMatchObject({
      status: 422,
      type: 'unknown-definition',
    });
    expect((await town.get('/v1/duties/none', office)).status).toBe(404);
  });

  it('sent twice with one key it is done once', async () => {
    const headers = { 'idempotency-key': 'one' };
    const body = step('musts', six(), photos(6));
    const first = await town.post(`/v1/duties/${id}/steps`, village, body, headers);
    const second = await town.post(`/v1/duties/${id}/steps`, village, body, headers);
    expect([first.body.already, second.body.already]).toEqual([false, true]);
    expect((await getDuty(id)).steps[1].done.times).toBe(1);
  });
});

describe('an unmet rule with a clause', () => {
  it('is a hazard at the unit in the same commit, found by whoever looked; seen again it persists', async () => {
    const definition = LIANTANG_DUTIES.find(({ duty }) => duty === 'ebike.charging')!;
    await post('/v1/campaign/duties', await town.as('admin', 'office'), { ...definition, opens: { by: 'hand' } });
    const unit = await register('ebike', '住宅小区');
    const { id } = await post('/v1/duties', village, { duty: 'ebike.charging', unit });
    const survey = { 电动自行车数: 300, 充电端口数: 149, 步行时间: 3, 简易消防设施: true };
    const done = await post(`/v1/duties/${id}/steps`, village, { step: 'survey', values: survey });
    expect(done.events.map(({ type }: { type: string }) => type)).toEqual([
      'StepDone',
      'InspectionRecorded',
      'HazardFound',
      'UnitLedgerChanged',
    ]);
    expect(done.findings).toMatchObject([{ clause: 'EB-04', outcome: 'found' }]);
    const again = await post(`/v1/duties/${id}/steps`, village, { step: 'survey', values: { 充电端口数: 148 } });
    expect(again.findings).toMatchObject([{ outcome: 'persists', hazard: done.findings[0].hazard }]);
    const met = await post(`/v1/duties/${id}/steps`, village, { step: 'survey', values: { 充电端口数: 150 } });
    expect(met.events.map(({ type }: { type: string }) => type)).toEqual(['StepDone', 'DutyClosed']);
    await town.settle();
    // each field with the event that last said it
    const { facts } = (await town.get(`/v1/facts?track=ebike&unit=${unit}`, village)).body.items[0];
    expect(
      Object.fromEntries(facts.map(({ field, value }: { field: string; value: unknown }) => [field, value])),
    ).toEqual({
      ...survey,
      充电端口数: 150,
    });
    const eventOf = (field: string) => facts.find((fact: { field: string }) => fact.field === field).event;
    expect([eventOf('电动自行车数'), eventOf('充电端口数')]).toEqual([done.events[0].id, met.events[0].id]);
    expect((await town.get('/v1/facts?track=ebike', village)).status).toBe(403);
    expect((await town.get('/v1/facts?track=ebike', office)).body.items).toHaveLength(1);
    expect(
      await refused('/v1/campaign/duties', await town.as('admin', 'office'), { ...definition, version: 3 }),
    ).toMatchObject({ status: 422, type: 'wrong-version', field: 'version' });
  });
});

describe('a downgrade', () => {
  it('needs evidence and another person, and changes the grade in the commit of the confirmation', async () => {
    const definition = LIANTANG_DUTIES.find(({ duty }) => duty === 'factory.downgrade')!;
    await post('/v1/campaign/duties', await town.as('admin', 'office'), { ...definition, opens: { by: 'hand' } });
    const unit = await register('factory', '厂房');
    await post(`/v1/units/${unit}/risk-gradings`, office, { to: 'D', basis: '评定' });
    const { id } = await post('/v1/duties', village, { duty: 'factory.downgrade', unit });
    const values = { 新等级: 'A', 降档依据: '设施补齐' };
    expect(await refused(`/v1/duties/${id}/steps`, village, { step: 'downgrade', values })).toMatchObject({
      status: 422,
      type: 'proof-missing',
    });
    await post(`/v1/duties/${id}/steps`, village, { step: 'downgrade', values, evidence: photos(1) });
    expect(await refused(`/v1/duties/${id}/confirmations`, village, { step: 'downgrade' })).toMatchObject({
      status: 422,
      type: 'second-person-needed',
    });
    const confirmed = await post(`/v1/duties/${id}/confirmations`, office, { step: 'downgrade' });
    expect(confirmed.events.map(({ type }: { type: string }) => type)).toEqual([
      'StepConfirmed',
      'DutyClosed',
      'RiskGraded',
    ]);
    await town.settle();
    expect((await town.get(`/v1/units/${unit}`, office)).body.riskGrade).toMatchObject({ grade: 'A' });
  });
});

describe('a unit that owes something', () => {
  it('is not closed until that is done, does not apply, or is ended', async () => {
    await publish('factory.baseline');
    const unit = await register('factory', '厂房');
    await town.react();
    await town.settle();
    const duty = `factory.baseline:${unit}`;
    const refusal = await refused(`/v1/units/${unit}/closure`, office, { reason: '已搬迁' });
    expect(refusal).toMatchObject({ status: 422, type: 'duties-open', field: 'unit' });
    expect(refusal.problem.duties).toEqual([duty]);
    const list = (await town.get(`/v1/duties?unit=${unit}&untouched=true`, office)).body.items;
    expect(list).toMatchObject([{ id: duty, organisation: 'village-01', status: 'open', next: ['survey'] }]);

    // it does not apply: put forward by one person, confirmed by another
    const waiver = await town.post(`/v1/duties/${duty}/waiver`, office, { reason: '厂房已拆除' });
    expect(waiver.status).toBe(202);
    expect(await getDuty(duty)).toMatchObject({ status: 'open' });
    const leader = await town.as('leader', 'leading-group');
    await post(`${waiver.headers['location']}/confirmation`, leader);
    expect(await getDuty(duty)).toMatchObject({ status: 'not-applicable', closed: { reason: '厂房已拆除' } });
    await town.settle();
    await post(`/v1/units/${unit}/closure`, office, { reason: '已搬迁' });
  });
});
