// Days of other centuries, as they are typed by mistake: nothing is written, and the answer names the field and the days between which it lies.
import { beforeEach, expect, it } from 'vitest';
import { makeTown, type TestTown } from './support.ts';

let town: TestTown;
let office: string;
beforeEach(async () => {
  town = await makeTown();
  office = await town.as('office', 'office');
  const unit = { id: 'u_1', name: '甲', area: 'village-01', tracks: ['gas'] };
  await town.post('/v1/units', office, unit);
  const lease = { lease: 'l-1', lessor: '甲', lessee: '乙', from: '2025-01-01' };
  await town.post('/v1/units/u_1/leases', office, lease);
});

const SUPERVISOR = { track: 'gas', person: 'p-1', post: '网格员', organisation: 'village-01', basis: '文件' };
const APPOINTMENT = { post: 'liaison', person: 'p-1', basis: '文件' };
const TARGET = { id: 't-1', measure: '消除率', goal: 100, unit: 'percent' };
const PLAN = { unit: 'u_1', track: 'gas', mode: 'routine', inspectors: ['p-1'] };
const LEASE = { lease: 'l-2', lessor: '甲', lessee: '乙' };
const ROSTER = '/v1/roster/guijianban/appointments';

it.each([
  ['/v1/units/u_1/supervisors', SUPERVISOR, 'from', '9999-12-31'],
  ['/v1/units/u_1/supervisors', SUPERVISOR, 'from', '0001-01-01'],
  ['/v1/units/u_1/agreements', { lease: 'l-1' }, 'signedOn', '2999-01-01'],
  ['/v1/units/u_1/agreements', { lease: 'l-1' }, 'signedOn', '0202-05-01'],
  ['/v1/units/u_1/leases', LEASE, 'from', '2999-01-01'],
  ['/v1/units/u_1/leases', { ...LEASE, from: '2025-01-01' }, 'to', '9999-12-31'],
  [ROSTER, APPOINTMENT, 'from', '2999-01-01'],
  [ROSTER, APPOINTMENT, 'from', '0001-01-01'],
  ['/v1/campaign/targets', TARGET, 'due', '9999-12-31'],
  ['/v1/inspections/plans', PLAN, 'plannedFor', '9999-12-30T01:00:00.000Z'],
  ['/v1/inspections/plans', PLAN, 'plannedFor', '0001-01-02T01:00:00.000Z'],
])('%s: %j %s %s', async (path, body, field, day) => {
  const before = town.commits();
  const who = path.startsWith('/v1/campaign') ? await town.as('admin', 'office') : office;
  const answer = await town.post(path, who, { ...body, [field]: day });
  expect(answer).toMatchObject({
    status: 422,
    body: { field, expected: expect.stringMatching(/^a day from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d/) },
  });
  expect(town.commits()).toBe(before);
});

it('a rule set of 2999 is not even put forward, and does not block the next one', async () => {
  const admin = await town.as('admin', 'office');
  const { ruleSets } = (await town.get('/v1/campaign', office)).body;
  const next = { ...ruleSets.at(-1), version: ruleSets.at(-1).version + 1 };
  const far = await town.post('/v1/campaign/rule-sets', admin, { ...next, effectiveFrom: '2999-01-01' });
  expect(far).toMatchObject({ status: 422, body: { field: 'effectiveFrom' } });
  expect((await town.post('/v1/campaign/rule-sets', admin, { ...next, effectiveFrom: '2025-07-01' })).status).toBe(202);
});

it('a lease does not end before it begins', async () => {
  const lease = { ...LEASE, from: '2025-06-01', to: '2025-05-31' };
  expect(await town.post('/v1/units/u_1/leases', office, lease)).toMatchObject({ status: 422, body: { field: 'to' } });
});

it('a correction of an appointment has the same bounds, under its own field', async () => {
  const made = await town.post(ROSTER, office, { ...APPOINTMENT, from: '2025-04-25' });
  expect(made.status).toBe(201);
  const [event] = made.body.events;
  const correction = {
    target: event.id,
    changes: [{ field: 'from', to: '2999-01-01' }],
    reason: '有误',
  };
  const answer = await town.post(`${ROSTER}/${made.body.id}/corrections`, office, correction);
  expect(answer).toMatchObject({ status: 422, body: { field: 'changes[0].to' } });
});
