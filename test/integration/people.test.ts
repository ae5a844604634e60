// Directory, corrections and access log on the embedded engine (DAOCHA_ENGINE chooses it): transactions over two
// tables, real conditions, what is taken out by the operator's own tool.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { writePlatformFile } from '../../infra/cli/data-directory.ts';
import { run as exportCommand } from '../../infra/cli/export.ts';
import { readPerson } from '../../shared/record/directory/directory.ts';
import { makeTown, type TestTown } from '../functions/api/support.ts';
import { startEngineWithTables, type EngineWithTables } from '../support/platform.ts';

let engine: EngineWithTables;
let town: TestTown;
let office: string;
let auditor: string;

beforeAll(async () => {
  engine = await startEngineWithTables();
  town = await makeTown({ engine, settling: true });
  office = await town.as('office', 'office');
  auditor = await town.as('auditor', 'office', 'p-auditor-1');
}, 60_000);
afterAll(() => engine?.stop());

const accesses = async (query: string) => {
  const answer = await town.get(`/v1/accesses?after=2025-06-01T00:00:00Z&until=2027-01-01T00:00:00Z&${query}`, auditor);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.items as { action: string; person: string; ground: string | null; unit: string }[];
};

it('a person is entered and erased in one transaction with the event, raced or not', async () => {
  const body = { person: 'p-1', name: '示例姓名', phone: '021-59250000' };
  const both = await Promise.all([
    town.post('/v1/directory', office, body, { 'idempotency-key': 'e-1' }),
    town.post('/v1/directory', office, body, { 'idempotency-key': 'e-1' }),
  ]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(both[0].body.events).toEqual(both[1].body.events);
  const erasure = { person: 'p-1', reason: '本人申请' };
  const [entered, erased] = await Promise.all([
    town.post('/v1/directory', office, { ...body, phone: '021-59250001' }),
    town.agreed('/v1/directory/erasures', office, erasure),
  ]);
  expect(erased.status).toBe(200);
  expect([200, 422]).toContain(entered.status);
  expect(await readPerson(town.deps.directory, 'p-1')).toEqual({ state: 'erased' });
  expect((await town.get('/v1/directory?person=p-1', auditor)).body.type).toBe('urn:daocha:problem:person-erased');
  expect(await accesses('person=p-1')).toMatchObject([{ action: 'names', ground: 'case-1' }]);
});

it('what was corrected is shown so, and every look at the unit is on record', async () => {
  await town.post('/v1/units', office, { id: 'u_1', name: '甲', area: 'village-01', tracks: ['gas'] });
  const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem', place: '后厨' }];
  const { body } = await town.post('/v1/inspections', office, { unit: 'u_1', track: 'gas', mode: 'routine', answers });
  const { hazard } = body.findings[0];
  const change = { changes: [{ field: 'place', to: '前厅' }], reason: '录入有误' };
  await town.agreed(`/v1/hazards/${hazard}/corrections`, office, { target: `hazard/${hazard}/1`, ...change });
  await town.settle();
  expect((await town.get(`/v1/hazards/${hazard}`, auditor)).body).toMatchObject({ place: '前厅' });
  const timeline = (await town.get('/v1/units/u_1/timeline', office)).body.items as {
    type: string;
    corrected?: object[];
  }[];
  expect(timeline.find(({ type }) => type === 'HazardFound')).toMatchObject({
    corrected: [{ from: '后厨', to: '前厅' }],
  });
  const found = await accesses('unit=u_1');
  expect(found.map(({ person }) => person)).toEqual(expect.arrayContaining(['p-auditor-1', 'p-office-office']));
});

it('what the operator exports from the tables is on record before it is written', async () => {
  const platform = {
    api: 'http://127.0.0.1:1',
    dynamodb: engine.engine.endpoint,
    streams: '',
    bus: '',
    issuer: '',
    audience: '',
  };
  writePlatformFile(engine.data, { ...platform, tables: engine.tables, tenant: 'liantang' });
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const out = join(engine.data, 'u_1.json');
  const argv = ['ocel2', '--unit', 'u_1', '--out', out, '--data', engine.data];
  expect(await exportCommand([...argv, '--person', 'p-operator-1', '--ground', '移交审计'])).toBe(0);
  said.mockRestore();
  expect(JSON.parse(readFileSync(out, 'utf8'))).toHaveProperty('events');
  expect((await accesses('unit=u_1')).at(-1)).toMatchObject({
    action: 'export',
    person: 'p-operator-1',
    ground: '移交审计',
  });
  const wrong = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await exportCommand([...argv, '--person', '张三'])).toBe(2);
  expect(wrong.mock.calls.join('')).toContain('never a name');
  wrong.mockRestore();
});
