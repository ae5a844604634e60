// Ids and names that every object inherits are ids and names like any other: what people name so is kept, found, shown and asked about.
import { describe, expect, test } from 'vitest';
import { LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { makeConsoleTown } from '../console/support.ts';
import { makeTown } from './support.ts';

/** What an answer holds is what each test asserts. */
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any;

const GUI = 'guijianban';
/** What every object has; of these `__proto__` is no id, but may be the name of what people name. */
const INHERITED = [
  ...Object.getOwnPropertyNames(Object.prototype).filter((name) => /^[A-Za-z0-9]/.test(name)),
  '__proto__',
  '__defineGetter__',
];
const isId = (name: string): boolean => /^[A-Za-z0-9]/.test(name);

test('the names are those that an object has', () => {
  expect(INHERITED).toEqual(expect.arrayContaining(['constructor', 'toString', 'hasOwnProperty', '__proto__']));
});

describe.each(INHERITED)('“%s”', (name) => {
  const id = isId(name) ? name : 'x-1';

  test('is a unit, a checklist, its items and clauses, an organisation, a post, a lease, a fact and a target like any other', async () => {
    const town = await makeTown({ settling: true });
    const admin = await town.as('admin', 'office');
    const office = await town.as('office', 'office');
    const inspector = await town.as('inspector', GUI);
    const auditor = await town.as('auditor', 'office');
    const done = async (path: string, token: string, body: object, times = 1): Promise<Loose> => {
      town.now.at = new Date(town.now.at.getTime() + 60_000);
      const answer = await town.post(path, token, body);
      expect(answer.body).toMatchObject({ already: times > 1 });
      expect(answer.status).toBeLessThan(300);
      return answer.body;
    };
    const shown = async (path: string, token = office): Promise<Loose> => {
      const answer = await town.get(path, token);
      expect({ path, status: answer.status, detail: answer.body.detail }).toEqual({
        path,
        status: 200,
        detail: undefined,
      });
      return answer.body;
    };
    const TARGET = { id, measure: name, goal: 1, unit: 'count', due: '2025-07-01' };
    const checklist = {
      template: id,
      version: 1,
      track: 'gas',
      name,
      items: [{ item: name, clause: name, text: name }],
    };
    await done('/v1/campaign/checklists', admin, checklist);
    await done('/v1/campaign/checklists', admin, { ...checklist, version: 2 });
    await done('/v1/campaign/targets', admin, TARGET);
    await done('/v1/organisations', admin, { id, name, kind: 'village' });
    const appointment = { appointment: id, post: 'head', person: name, from: '2025-06-01', basis: name };
    await done(`/v1/roster/${id}/appointments`, admin, appointment);
    await done(`/v1/units`, office, { id, name, kind: name, address: name, area: id, tracks: ['gas'] });
    await done(`/v1/units/${id}/leases`, office, { lease: id, lessor: name, lessee: name, from: '2025-01-01' });
    await done(`/v1/units/${id}/agreements`, office, { lease: id, signedOn: '2025-01-01' });
    const answer = { item: name, clause: name, answer: 'problem', text: name };
    const inspection = { id, unit: id, track: 'gas', mode: 'routine', template: { id, version: 1 }, answers: [answer] };
    const found = await done('/v1/inspections', inspector, inspection);
    const { hazard } = found.findings[0];
    await done(`/v1/hazards/${hazard}/gradings`, await town.as('department', GUI), { grade: 'general', basis: name });
    await town.settle();

    const { items } = await shown('/v1/campaign/checklists');
    expect(items.filter(({ template }: { template: string }) => template === id)).toHaveLength(2);
    expect((await shown('/v1/campaign')).targets).toContainEqual(TARGET);
    expect(await shown(`/v1/units/${id}`)).toMatchObject({
      details: { name },
      leases: [{ lease: id, lessor: name, agreement: '2025-01-01' }],
      openHazards: [{ clause: name }],
    });
    const roster = await shown(`/v1/roster/${id}?on=2025-06-02`);
    expect(roster.held).toMatchObject([{ appointment: id, person: name }]);
    await shown(`/v1/hazards/${hazard}`);
    expect((await town.post(`/v1/hazards/${hazard}/acknowledgements`, office, { reminder: name })).status).toBe(404);
    for (const question of [
      'inspections?before=2025-07-01&months=2',
      `clause?clause=${name}`,
      'responsible?on=2025-06-02',
      `unchecked?clause=${name}`,
      'recurrences',
      'difference?knownAt=5',
      'late',
      'access?after=2025-01-01',
    ]) {
      const told = await shown(`/v1/trace/units/${id}/${question}`, auditor);
      expect(told).toMatchObject({ subject: { unit: id } });
    }
    const asked = await shown(`/v1/trace/units/${id}/clause?clause=${name}`, auditor);
    expect(asked.facts).toMatchObject([{ outcome: 'found', template: { id, version: 1 } }]);
    for (const filter of [`area=${id}`, `track=gas&sort=name`]) await shown(`/v1/units?${filter}`);
    for (const query of [`area=${id}`, `clause=${name}`, `unit=${id}`]) {
      const { status } = await town.get(`/v1/hazards?${query}`, office);
      expect([200, 400]).toContain(status);
    }
    // as what nobody knows, it is no more than that: 400, and never a failure
    expect((await town.get(`/v1/units?${name}=1`, office)).status).toBe(400);
    expect((await town.post('/v1/units', office, JSON.parse(`{"name":"n","tracks":["gas"],"${name}":1}`))).status).toBe(
      400,
    );
  });

  test('is a fact of a baseline, or refused by its name, and never lost without a word', async () => {
    const town = await makeTown({ settling: true });
    const office = await town.as('office', 'office');
    const unit = (await town.post('/v1/units', office, { name: '店', area: 'village-01', tracks: ['gas'] })).body.id;
    const body = JSON.parse(`{"track":"gas","facts":{"${name}":"${name}","用气方式":"瓶装"}}`) as object;
    const answer = await town.post(`/v1/units/${unit}/baselines`, office, body);
    await town.settle();
    const { baselines } = (await town.get(`/v1/units/${unit}`, office)).body;
    expect(
      answer.status === 200
        ? Object.entries(baselines.gas.facts).some(([key, value]) => key === name && value === name)
        : answer.status === 400 && answer.body.field === `facts.${name}` && baselines.gas === undefined,
    ).toBe(true);
  });

  test('is a checklist that nobody has published: a question about it is answered', async () => {
    const town = await makeTown({ settling: true });
    const office = await town.as('office', 'office');
    const unit = (await town.post('/v1/units', office, { name: '店', area: 'village-01', tracks: ['gas'] })).body.id;
    const answers = [{ item: '1', clause: 'GAS-01', answer: 'ok' }];
    const inspection = { unit, track: 'gas', mode: 'routine', template: { id, version: 1 }, answers };
    await town.post('/v1/inspections', await town.as('inspector', GUI), inspection);
    await town.settle();
    const auditor = await town.as('auditor', 'office');
    for (const clause of ['GAS-01', 'GAS-02', name]) {
      expect((await town.get(`/v1/trace/units/${unit}/clause?clause=${clause}`, auditor)).status).toBe(200);
    }
  });

  test('is a rung of a ladder', async () => {
    const town = await makeTown();
    const admin = await town.as('admin', 'office');
    const ladder = [{ rung: name, workingDays: 0, to: ['head'] }];
    const rules = { ...LIANTANG_RULES, version: 2, effectiveFrom: '2025-07-01', ladder };
    expect((await town.agreed('/v1/campaign/rule-sets', admin, rules)).status).toBeLessThan(300);
  });

  test('is no word of a page of the console', async () => {
    const { as, town } = await makeConsoleTown();
    const office = await town.as('office', 'office');
    const unit = (await town.post('/v1/units', office, { name: '店', area: 'village-01', tracks: ['gas'] })).body.id;
    await town.settle();
    const somebody = await as('office', 'office');
    const plain = await somebody.get(`/console/units/${unit}`);
    const { status, text } = await somebody.get(`/console/units/${unit}?done=${name}`);
    expect(status).toBe(200);
    expect(text).not.toMatch(/function|native code|\[object/);
    expect(text.length).toBeLessThan(plain.text.length + 200);
    for (const path of ['/console/roster/office', '/console/hazards', '/console/units', '/console/deadlines']) {
      expect(
        (await somebody.get(`${path}?done=${name}&sort=${name}&track=${name}&status=${name}`)).status,
      ).toBeLessThan(500);
    }
  });
});
