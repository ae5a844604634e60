// The roster over HTTP: organisations registered after the launch count at once, posts are filled and vacated, and every answer names the
// event behind it.
import { beforeEach, describe, expect, it } from 'vitest';
import { LIANTANG } from '../../../shared/rules/campaign/liantang.ts';
import { makeTown, type TestTown } from './support.ts';

let town: TestTown;
let office: string;
let department: string;
let village: string;
const PATH = '/v1/roster/guijianban/appointments';
const LIAISON = { post: 'liaison', person: 'p-liaison-1', from: '2025-04-25', basis: '练府〔2025〕18号附件' };

beforeEach(async () => {
  town = await makeTown();
  office = await town.as('office', 'office');
  department = await town.as('department', 'guijianban');
  village = await town.as('village', 'village-01');
});

describe('an organisation registered after the launch', () => {
  const NEW = { id: 'village-04', name: '示例三村', kind: 'village' };

  it('can be an area, be assigned to, and its people act in it', async () => {
    const unit = { id: 'u_4', name: '甲', area: 'village-04', tracks: ['gas'] };
    const before = await town.post('/v1/units', office, unit);
    expect(before).toMatchObject({ status: 400, body: { field: 'area' } });
    expect((await town.post('/v1/organisations', office, NEW)).status).toBe(201);
    expect((await town.post('/v1/organisations', office, NEW)).body).toMatchObject({ already: true, added: 0 });

    const theirs = await town.as('village', 'village-04');
    expect((await town.post('/v1/units', theirs, unit)).status).toBe(201);
    const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem' }];
    const inspection = { unit: 'u_4', track: 'gas', mode: 'routine', answers };
    const hazard = (await town.post('/v1/inspections', theirs, inspection)).body.findings[0].hazard;
    const path = `/v1/hazards/${hazard}`;
    await town.post(`${path}/gradings`, department, { grade: 'general', basis: 'b' });
    expect((await town.post(`${path}/assignments`, office, { to: 'village-04' })).status).toBe(200);
    await town.settle();
    expect((await town.get('/v1/hazards', theirs)).body.items).toMatchObject([{ hazard }]);
    expect((await town.get('/v1/campaign', office)).body.definition.organisations).toContainEqual(NEW);
  });

  it('counts at once in a process that has read the campaign before', async () => {
    const other = await makeTown({ launched: false, engine: { dynamo: town.deps.store.dynamo, tables: TABLES } });
    const token = await other.as('office', 'office');
    const unit = { id: 'u_5', name: '乙', area: 'village-04', tracks: ['gas'] };
    expect((await other.post('/v1/units', token, unit)).status).toBe(400);
    await town.post('/v1/organisations', office, NEW);
    expect((await other.post('/v1/units', token, unit)).status).toBe(201);
    expect((await other.get('/v1/roster/village-04', token)).body).toMatchObject({ name: '示例三村', held: [] });
  });

  it('is refused under an id that is taken, and to those who may not', async () => {
    expect(await town.post('/v1/organisations', office, { ...NEW, id: 'guijianban' })).toMatchObject({
      status: 422,
      body: { field: 'id', type: 'urn:daocha:problem:organisation-exists' },
    });
    expect((await town.post('/v1/organisations', department, NEW)).status).toBe(403);
  });
});

const TABLES = { events: 'events', log: 'log', views: 'views', access: 'access', directory: 'directory' };

describe('a post', () => {
  it('is held from its first to its last day, with the events behind it', async () => {
    const { status, body } = await town.post(PATH, department, LIAISON);
    expect(status).toBe(201);
    const relief = { until: '2025-05-31', reason: '岗位调整' };
    expect((await town.post(`${PATH}/${body.id}/relief`, department, relief)).body.added).toBe(1);
    await town.post(PATH, department, { ...LIAISON, person: 'p-liaison-2', from: '2025-06-01' });
    const on = async (day: string) => (await town.get(`/v1/roster/guijianban?on=${day}`, village)).body;
    expect(await on('2025-05-31')).toMatchObject({
      name: '规建办',
      held: [
        {
          appointment: body.id,
          title: '分管联络员',
          person: 'p-liaison-1',
          event: 'roster/guijianban/1',
          relief: 'roster/guijianban/2',
          corrections: [],
        },
      ],
      vacant: [],
      others: [{ person: 'p-liaison-2' }],
    });
    expect((await on('2025-06-01')).held).toMatchObject([{ person: 'p-liaison-2', until: null, relief: null }]);
    expect(await on('2025-04-24')).toMatchObject({ held: [], vacant: ['liaison'] });
    expect(await town.get('/v1/roster/guijianban?on=24.4.2025', village)).toMatchObject({
      status: 400,
      body: { field: 'on' },
    });
    expect(await town.get('/v1/roster/nobody', village)).toMatchObject({
      status: 400,
      body: { field: 'organisation' },
    });
  });

  it('is corrected by the office with a second person, and the answer says so', async () => {
    const { body } = await town.post(PATH, office, LIAISON);
    const path = `${PATH}/${body.id}/corrections`;
    const correction = {
      target: 'roster/guijianban/1',
      changes: [{ field: 'from', to: '2025-05-01' }],
      reason: '录入有误',
    };
    expect((await town.post(path, department, correction)).status).toBe(403);
    expect(await town.post(path, office, { ...correction, approver: 'p-leader-1' })).toMatchObject({
      status: 400,
      body: { field: 'approver' },
    });
    const from = { ...correction, changes: [{ field: 'from', from: '1999-01-01', to: '2025-05-01' }] };
    expect(await town.post(path, office, from)).toMatchObject({ status: 400, body: { field: 'changes[0].from' } });
    const elsewhere = { ...correction, changes: [{ field: 'area', to: 'village-99' }] };
    expect(await town.post(path, office, elsewhere)).toMatchObject({ status: 400, body: { field: 'area' } });
    expect((await town.agreed(path, office, correction)).body.added).toBe(2);
    expect((await town.get('/v1/roster/guijianban?on=2025-05-01', office)).body.held).toMatchObject([
      { from: '2025-05-01', event: 'roster/guijianban/1', corrections: ['roster/guijianban/2'] },
    ]);
    expect((await town.get('/v1/roster/guijianban?on=2025-04-30', office)).body.held).toEqual([]);
  });

  it('is filled by the organisation itself or the office, and never under a name', async () => {
    expect(await town.post(PATH, village, LIAISON)).toMatchObject({
      status: 403,
      body: { type: 'urn:daocha:problem:foreign-organisation', expected: 'guijianban itself' },
    });
    expect(await town.post(PATH, office, { ...LIAISON, person: '张三' })).toMatchObject({
      status: 400,
      body: { field: 'person' },
    });
    expect(await town.post(PATH, office, { ...LIAISON, track: 'sea' })).toMatchObject({
      status: 400,
      body: { field: 'track' },
    });
    expect(await town.post(PATH, office, { ...LIAISON, area: 'guijianban' })).toMatchObject({
      status: 400,
      body: { field: 'area' },
    });
    expect(await town.post('/v1/roster/nobody/appointments', office, LIAISON)).toMatchObject({
      status: 400,
      body: { field: 'organisation' },
    });
  });
});

describe('the list', () => {
  it('shows every organisation in the town’s order, who holds what today, and what is vacant', async () => {
    await town.post(PATH, office, LIAISON);
    await town.post('/v1/roster/paichusuo/appointments', office, { ...LIAISON, from: '2025-07-01' });
    await town.settle();
    const all = (await town.get('/v1/roster?limit=100', office)).body;
    expect(all.on).toBe('2025-06-02');
    expect(all.items.map((row: { kind: string }) => row.kind).slice(0, 3)).toEqual([
      'leading-group',
      'office',
      'taskforce',
    ]);
    expect(all.items).toHaveLength(LIANTANG.organisations.length);
    const row = (id: string) => all.items.find((one: { organisation: string }) => one.organisation === id);
    expect(row('guijianban')).toMatchObject({ name: '规建办', held: [{ person: 'p-liaison-1' }], vacant: [] });
    expect(row('paichusuo'), 'from July on only').toMatchObject({ held: [], vacant: ['liaison'] });
    expect(row('leading-group').vacant).toEqual(['leader']);
    const filled = (await town.get('/v1/roster?vacant=false', office)).body;
    expect(filled.items.map((one: { organisation: string }) => one.organisation)).toEqual(['guijianban']);
    const first = (await town.get('/v1/roster?kind=member&limit=2', office)).body;
    const second = (await town.get(`/v1/roster?kind=member&limit=2&cursor=${first.cursor}`, office)).body;
    expect([...first.items, ...second.items].map((one: { organisation: string }) => one.organisation)).toEqual([
      'chengjian',
      'chengyun',
      'dangqunban',
      'guijianban',
    ]);
  });
});

describe('a unit’s supervisor', () => {
  it('is assigned and relieved by track', async () => {
    await town.post('/v1/units', office, { id: 'u_1', name: '甲', area: 'village-01', tracks: ['gas'] });
    const path = '/v1/units/u_1/supervisors';
    const body = {
      track: 'gas',
      person: 'p-s1',
      post: '燃气监管员',
      organisation: 'guijianban',
      from: '2025-05-01',
      basis: 'b',
    };
    expect((await town.post(path, department, body)).body.events).toMatchObject([{ type: 'SupervisorAssigned' }]);
    const next = { ...body, person: 'p-s2', from: '2025-06-01' };
    expect((await town.post(path, department, next)).body.events).toMatchObject([
      { type: 'SupervisorRelieved' },
      { type: 'SupervisorAssigned' },
    ]);
    expect(await town.post(path, department, { ...body, organisation: 'nobody', from: '2025-07-01' })).toMatchObject({
      status: 400,
      body: { field: 'organisation' },
    });
    const relief = { track: 'gas', person: 'p-s2', until: '2025-06-30', reason: '调整' };
    expect((await town.post(`${path}/relief`, department, relief)).body.added).toBe(1);
    expect((await town.post(`${path}/relief`, await town.as('department', 'factory-taskforce'), relief)).status).toBe(
      403,
    );
  });
});
