// Corrections over HTTP: what was wrong is corrected by a second person's leave, everywhere shown as corrected, and
// what was recorded stays.
import { beforeEach, describe, expect, it } from 'vitest';
import { makeTown, type TestTown } from './support.ts';

let town: TestTown;
let office: string;
let department: string;
let hazard: string;
let inspection: string;
const WHY = { reason: '录入有误' };

beforeEach(async () => {
  town = await makeTown();
  office = await town.as('office', 'office');
  department = await town.as('department', 'guijianban');
  const registered = '2025-06-02T08:00:00+08:00';
  const unit = { id: 'u_1', name: '甲', area: 'village-01', tracks: ['gas'], occurredAt: registered };
  await town.post('/v1/units', office, unit);
  const answers = [
    { item: '1', clause: 'GAS-01', answer: 'problem', text: '软管老化', place: '后厨' },
    { item: '2', clause: 'GAS-02', answer: 'ok' },
  ];
  const occurredAt = '2025-06-02T10:00:00+08:00';
  const body = { unit: 'u_1', track: 'gas', mode: 'routine', inspectors: ['p-1'], answers, occurredAt };
  const recorded = (await town.post('/v1/inspections', office, body)).body;
  hazard = recorded.findings[0].hazard;
  inspection = recorded.id;
});

const correct = (path: string, changes: { field: string; to: unknown }[], target: string, token = office, more = {}) =>
  town.agreed(`${path}/corrections`, token, { target, changes, ...WHY, ...more });

describe('an inspection', () => {
  const at = () => `/v1/inspections/${inspection}`;
  const target = () => `inspection/${inspection}/1`;

  it('is shown as it was recorded, with what was corrected beside it', async () => {
    const changes = [
      { field: 'mode', to: 'joint' },
      { field: 'inspectors', to: ['p-2', 'p-3'] },
      { field: 'answers[2].answer', to: 'not-applicable' },
      { field: 'occurredAt', to: '2025-06-02T09:00:00+08:00' },
    ];
    expect((await correct(at(), changes, target())).body).toMatchObject({
      added: 2,
      events: [{ type: 'InspectionCorrected' }, { type: 'ProposalConfirmed' }],
    });
    const { body } = await town.get(at(), office);
    expect(body.events[0]).toMatchObject({
      type: 'InspectionRecorded',
      data: { mode: 'routine', inspectors: ['p-1'] },
      corrected: [
        { field: 'mode', from: 'routine', to: 'joint', approver: 'p-leader-1', event: `inspection/${inspection}/2` },
        { field: 'inspectors', from: ['p-1'], to: ['p-2', 'p-3'] },
        { field: 'answers[2].answer', from: 'ok', to: 'not-applicable' },
        { field: 'occurredAt', from: '2025-06-02T02:00:00.000Z', to: '2025-06-02T01:00:00.000Z' },
      ],
    });
    expect(body.events[1]).not.toHaveProperty('corrected');
    await town.settle();
    const timeline = (await town.get('/v1/units/u_1/timeline', office)).body.items;
    const row = (type: string) => timeline.find((one: { type: string }) => one.type === type);
    expect(row('InspectionRecorded').corrected).toHaveLength(4);
    expect(row('InspectionCorrected')).toMatchObject({ corrects: target(), title: '更正检查记录' });
    expect(row('HazardFound')).not.toHaveProperty('corrected');
    expect((await town.get('/v1/units/u_1', office)).body.lastInspection).toMatchObject({
      mode: 'joint',
      at: '2025-06-02T01:00:00.000Z',
      corrected: `inspection/${inspection}/2`,
    });
  });

  it('keeps its findings: whether there was a problem is no correction', async () => {
    const made = await correct(at(), [{ field: 'answers[2].answer', to: 'problem' }], target());
    expect(made).toMatchObject({
      status: 422,
      body: { type: 'urn:daocha:problem:answer-not-correctable', field: 'changes[0].to' },
    });
    expect(made.body.expected).toContain('new inspection');
    const unmade = await correct(at(), [{ field: 'answers[1].answer', to: 'ok' }], target());
    expect(unmade.body.expected).toContain('invalid');
  });

  it('is repeated without effect, and asked for again is nothing', async () => {
    const body = { target: target(), changes: [{ field: 'mode', to: 'joint' }], ...WHY };
    const key = { 'idempotency-key': 'c-1' };
    const first = await town.post(`${at()}/corrections`, office, body, key);
    const put = await town.post(`${at()}/corrections`, office, body, key);
    expect(put).toMatchObject({ status: 202, body: { ...first.body, already: true, added: 0 } });
    const done = await town.agreed(`${at()}/corrections`, office, body, key);
    expect((await town.agreed(`${at()}/corrections`, office, body, key)).body).toEqual({
      ...done.body,
      already: true,
      added: 0,
    });
    expect((await town.post(`${at()}/corrections`, office, body)).body).toMatchObject({ already: true, added: 0 });
  });

  it('is corrected across no sign-off', async () => {
    const path = `/v1/hazards/${hazard}`;
    await town.post(`${path}/gradings`, department, { grade: 'general', basis: 'b' });
    await town.post(`${path}/assignments`, office, { to: 'guijianban' });
    await town.post(`${path}/orders`, department, { measures: 'm', due: '2025-07-01', authority: 'a' });
    await town.post(`${path}/submissions`, await town.as('village', 'village-01'), { statement: 's' });
    await town.post(`${path}/verifications`, department, { result: 'passed', basis: 'b' });
    await town.post(`${path}/sign-off`, department, {});
    town.now.at = new Date(town.now.at.getTime() + 20 * 60_000);
    const late = await correct(at(), [{ field: 'occurredAt', to: '2025-06-02T12:10:00+08:00' }], target());
    expect(late).toMatchObject({ status: 422, body: { type: 'urn:daocha:problem:crosses-sign-off' } });
    expect((await correct(at(), [{ field: 'occurredAt', to: '2025-06-02T11:00:00+08:00' }], target())).status).toBe(
      200,
    );
  });

  it.each<[string, { field: string; to: unknown }[], object, number, string]>([
    ['naming who approves it', [{ field: 'mode', to: 'joint' }], { approver: 'p-leader-1' }, 400, 'approver'],
    ['of an event elsewhere', [{ field: 'mode', to: 'joint' }], { target: 'inspection/i_9/1' }, 422, 'target'],
    ['of nothing', [], {}, 400, 'changes'],
    ['of a time without zone', [{ field: 'occurredAt', to: '2025-06-02T10:00:00' }], {}, 400, 'changes[0].to'],
    ['of a time to come', [{ field: 'occurredAt', to: '2025-06-12T10:00:00+08:00' }], {}, 422, 'changes[0].to'],
    ['of an item that there is not', [{ field: 'answers[9].text', to: 'x' }], {}, 422, 'changes[0].field'],
    ['of the findings', [{ field: 'findings', to: [] }], {}, 422, 'changes[0].field'],
    ['to a mode that there is not', [{ field: 'mode', to: 'secret' }], {}, 400, 'changes[0].to'],
  ])('%s is refused, and nothing is stored', async (_, changes, more, status, field) => {
    const before = town.commits();
    const answer = await correct(at(), changes, target(), office, more);
    expect({ status: answer.status, field: answer.body.field }).toEqual({ status, field });
    expect(answer.body.expected).toBeTruthy();
    expect(town.commits()).toBe(before);
  });

  it('is not for another track or area, nor of an inspection that there is not', async () => {
    const changes = [{ field: 'mode', to: 'joint' }];
    expect((await correct(at(), changes, target(), await town.as('department', 'factory-taskforce'))).status).toBe(403);
    expect((await correct(at(), changes, target(), await town.as('village', 'village-02'))).status).toBe(403);
    expect((await correct('/v1/inspections/i_9', changes, target())).status).toBe(404);
  });
});

describe('a hazard', () => {
  const at = () => `/v1/hazards/${hazard}`;

  it('is shown with the corrected words, on its page and on the lists, and that they were corrected', async () => {
    await town.post(`${at()}/gradings`, department, { grade: 'general', basis: 'b' });
    await town.post(`${at()}/assignments`, office, { to: 'guijianban' });
    await town.post(`${at()}/orders`, department, { measures: '更换软管', due: '2025-07-01', authority: '旧法' });
    await correct(
      at(),
      [
        { field: 'place', to: '前厅' },
        { field: 'text', to: '软管龟裂' },
      ],
      `hazard/${hazard}/1`,
    );
    const order = [
      { field: 'measures', to: '更换软管并装阀' },
      { field: 'authority', to: '新法' },
    ];
    await correct(at(), order, `hazard/${hazard}/4`, department);
    const { body } = await town.get(at(), office);
    expect(body).toMatchObject({ status: 'ordered', text: '软管龟裂', place: '前厅', measures: '更换软管并装阀' });
    expect(body.dueDates).toMatchObject([{ authority: '新法' }]);
    expect(body.events[0]).toMatchObject({
      data: { text: '软管老化', place: '后厨' },
      corrected: [{ field: 'place' }, { field: 'text' }],
    });
    await town.settle();
    expect((await town.get('/v1/hazards', office)).body.items[0]).toMatchObject({
      text: '软管龟裂',
      place: '前厅',
      said: { place: { corrected: { from: '后厨', event: `hazard/${hazard}/5` } } },
    });
  });

  it.each(['clause', 'status', 'after', 'grade'])('keeps its %s', async (field) => {
    const answer = await correct(at(), [{ field, to: 'x' }], `hazard/${hazard}/1`);
    expect(answer).toMatchObject({
      status: 422,
      body: { type: 'urn:daocha:problem:not-correctable', field: 'changes[0].field' },
    });
  });

  it('keeps its due date', async () => {
    await town.post(`${at()}/gradings`, department, { grade: 'general', basis: 'b' });
    await town.post(`${at()}/assignments`, office, { to: 'guijianban' });
    await town.post(`${at()}/orders`, department, { measures: 'm', due: '2025-07-01', authority: 'a' });
    const answer = await correct(at(), [{ field: 'due', to: '2025-08-01T00:00:00.000Z' }], `hazard/${hazard}/4`);
    expect(answer.body).toMatchObject({ field: 'changes[0].field', expected: expect.stringContaining('measures') });
  });
});

it('a unit with more corrections than are read beside its timeline shows them all the same', async () => {
  const target = `inspection/${inspection}/1`;
  const path = '/v1/units/u_1';
  const details = (n: number) => ({ name: `甲${n}`, area: 'village-01', tracks: ['gas'] });
  for (let n = 0; n < 101; n++) await town.agreed(`${path}/corrections`, office, { details: details(n), ...WHY });
  await correct(`/v1/inspections/${inspection}`, [{ field: 'mode', to: 'joint' }], target);
  await town.settle();
  const items = [];
  let cursor = '';
  do {
    const { body } = await town.get(
      `${path}/timeline?limit=50${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      office,
    );
    items.push(...body.items);
    cursor = body.cursor ?? '';
  } while (cursor);
  const marked = items.filter((row: { corrected?: unknown }) => row.corrected !== undefined);
  // the registration, each correction of the details but the last, and the inspection
  expect(marked).toHaveLength(102);
}, 30_000);
