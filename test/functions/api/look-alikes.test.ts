// Units that read alike: nobody makes two units of one shop without saying so, and whoever says so goes on.
import { beforeEach, describe, expect, it } from 'vitest';
import { readStream } from '../../../shared/rules/perform/execute.ts';
import { makeTown, type Answered, type TestTown } from './support.ts';

let town: TestTown;
let office: string;
const SHOP = { name: '老街新开面馆', address: '老街8号', area: 'village-01', tracks: ['gas'] };

beforeEach(async () => {
  town = await makeTown({ compared: true });
  office = await town.as('office', 'office');
});

const register = async (body: object, headers = {}): Promise<Answered> => town.post('/v1/units', office, body, headers);
const events = () => town.commits();

describe('a unit that reads like one on record', () => {
  it.each([
    ['as it is', {}],
    ['full width', { address: '老街８号' }],
    ['blanks', { name: '老街 新开面馆', address: ' 老街 8 号' }],
    [
      'another dash and another point',
      { name: '老街・新开－面馆', address: '老街8—1号' },
      { name: '老街·新开-面馆', address: '老街8-1号' },
    ],
    ['without address', { address: undefined }],
  ])('is not registered, and the answer says like which: %s', async (_what, other, known: object = {}) => {
    const shop = { ...SHOP, ...known };
    const first = (await register(shop)).body.id;
    const before = events();
    const second = await register({ ...shop, ...other });
    expect(second.status).toBe(422);
    expect(second.body).toMatchObject({
      type: expect.stringMatching(/unit-looks-like$/u),
      field: 'name',
      units: [{ id: first, name: shop.name, address: shop.address }],
    });
    expect(events()).toBe(before);
  });

  it('is registered when it is said to be another, and that stands on record', async () => {
    const first = (await register({ ...SHOP, address: undefined })).body.id;
    const second = await register({ ...SHOP, distinctFrom: [first] });
    expect(second.status).toBe(201);
    const third = await register({ ...SHOP, distinctFrom: [first] });
    expect(third.body).toMatchObject({ units: [{ id: second.body.id }] });
    const stored = await readStream(town.deps.store, 'liantang', 'unit', second.body.id);
    expect(stored[0]!.event.data).toMatchObject({ distinctFrom: [first] });
    const unknown = await register({ ...SHOP, distinctFrom: ['u_never'] });
    expect(unknown).toMatchObject({ status: 400, body: { field: 'distinctFrom[0]' } });
  });

  it('is told of when only the name or only the address is the same', async () => {
    const first = (await register(SHOP)).body.id;
    const chain = await register({ ...SHOP, address: '新街1号' });
    expect(chain).toMatchObject({
      status: 201,
      body: { similar: [{ id: first, name: SHOP.name, address: SHOP.address }] },
    });
    const mall = await register({ ...SHOP, name: '楼上茶室' });
    expect(mall).toMatchObject({ status: 201, body: { similar: [{ id: first }] } });
    const alone = await register({ ...SHOP, name: '别处茶室', address: '别处9号' });
    expect(alone.body).not.toHaveProperty('similar');
  });

  it('of several at once one is registered', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => register(SHOP)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 422, 422, 422]);
  });

  it('the same request again is answered from the record', async () => {
    const key = { 'idempotency-key': 'one' };
    const [first, again] = [await register(SHOP, key), await register(SHOP, key)];
    expect([first.status, again.status, again.body.id]).toEqual([201, 200, first.body.id]);
    const both = await Promise.all(
      [1, 2].map(() => register({ ...SHOP, name: '另一面馆' }, { 'idempotency-key': 'two' })),
    );
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 201]);
  });

  it('a closed one is told of, not in the way', async () => {
    const first = (await register(SHOP)).body.id;
    expect((await town.post(`/v1/units/${first}/closure`, office, { reason: '停业' })).status).toBe(200);
    expect((await register(SHOP)).body).toMatchObject({ added: 1, similar: [{ id: first }] });
  });

  it('is compared with what a unit is called now', async () => {
    const first = (await register(SHOP)).body.id;
    const second = (await register({ ...SHOP, name: '别家' })).body.id;
    const correct = (id: string, details: object, more = {}) =>
      town.agreed(`/v1/units/${id}/corrections`, office, { details, reason: '有误', ...more });
    const refused = await correct(second, SHOP);
    expect(refused).toMatchObject({ status: 422, body: { units: [{ id: first }] } });
    expect((await correct(first, { ...SHOP, name: '改名面馆' })).status).toBe(200);
    // the name is free, and the new one taken
    expect((await correct(second, SHOP)).status).toBe(200);
    expect((await register({ ...SHOP, name: '改名面馆' })).body).toMatchObject({ units: [{ id: first }] });
    expect((await correct(second, { ...SHOP, name: '改名面馆' }, { distinctFrom: [first] })).status).toBe(200);
  });

  it('is looked for among all of that name, however many were closed', async () => {
    const bare = { ...SHOP, address: undefined };
    for (let n = 0; n < 24; n += 1) {
      const { body } = await register({ ...bare, id: `u_closed_${n}` });
      expect((await town.post(`/v1/units/${body.id}/closure`, office, { reason: '停业' })).status).toBe(200);
    }
    const last = (await register(bare)).body.id;
    expect(await register(bare)).toMatchObject({ status: 422, body: { units: [{ id: last }] } });
  });

  it('of an import is compared with where it was corrected to', async () => {
    const importer = await town.as('importer', 'office');
    const details = { ...SHOP, address: '旧街1号', external: { system: 'register', id: '9' } };
    const command = { kind: 'unit', unit: 'u_9', command: 'c-9', occurredAt: '2025-05-20T00:00:00.000Z', details };
    const commands = [{ ...command, derived: { rows: [2], rule: 'row' } }];
    await town.post('/v1/imports', importer, { source: 'register', file: 'f.csv', commands });
    const correction = { details: SHOP, reason: '搬迁' };
    expect((await town.agreed('/v1/units/u_9/corrections', office, correction)).status).toBe(200);
    expect(await register(SHOP)).toMatchObject({ status: 422, body: { units: [{ id: 'u_9' }] } });
  });

  it('units that were registered before names were kept are compared too', async () => {
    const { names: _none, ...store } = town.deps.store;
    const { names } = town.deps.store;
    town.deps.store = store;
    const older = (await register(SHOP)).body.id;
    await town.settle();
    town.deps.store = { ...store, names };
    expect((await register(SHOP)).body).toMatchObject({ units: [{ id: older }] });
  });
});

describe('a number in a register that reads like another’s', () => {
  const numbered = (id: string, more: object = {}) => ({
    name: `店${id}`,
    area: 'village-01',
    tracks: ['gas'],
    external: { system: 'register', id },
    ...more,
  });

  it.each([['００123'], ['123'], ["'00123"], ['="00123"'], ['00123']])(
    '%s beside 00123 is refused, and the unit named',
    async (number) => {
      const first = (await register(numbered('00123'))).body.id;
      const before = events();
      const second = await register(numbered(number, { name: '另店' }));
      expect(second).toMatchObject({
        status: 422,
        body: { field: 'external.id', units: [{ id: first, name: '店00123', external: '00123' }] },
      });
      expect(events()).toBe(before);
      expect(await register(numbered(number, { name: '另店', distinctFrom: [first] }))).toMatchObject({ status: 201 });
    },
  );

  it('of another register, or of other letters, is another', async () => {
    await register(numbered('A1'));
    expect((await register(numbered('A2'))).status).toBe(201);
    const other = numbered('a1', { name: '另店', external: { system: 'other', id: 'a1' } });
    expect((await register(other)).status).toBe(201);
    expect((await register(numbered('a1', { name: '又一店' }))).status).toBe(422);
  });

  it('of several at once one is registered', async () => {
    const answers = await Promise.all(['7', '07', '007', "'7"].map((number) => register(numbered(number))));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 422, 422, 422]);
  });

  it('is refused in a correction that brings it, not in one of something else', async () => {
    const first = (await register(numbered('A1'))).body.id;
    const second = (await register(numbered('a1', { distinctFrom: [first] }))).body.id;
    const correct = (id: string, details: object, more = {}) =>
      town.agreed(`/v1/units/${id}/corrections`, office, { details, reason: '有误', ...more });
    expect((await correct(second, numbered('a1', { name: '改名店' }))).status).toBe(200);
    const third = (await register(numbered('B1'))).body.id;
    const wrong = await correct(third, numbered('０A1', { name: '店B1' }));
    expect(wrong).toMatchObject({ status: 422, body: { field: 'external.id' } });
    expect(new Set(wrong.body.units.map(({ id }: { id: string }) => id))).toEqual(new Set([first, second]));
  });

  it('is found among units that were registered before numbers were kept, and a closed one is told of', async () => {
    const { names, ...store } = town.deps.store;
    town.deps.store = store;
    const older = (await register(numbered('00123'))).body.id;
    await town.settle();
    town.deps.store = { ...store, names };
    expect((await register(numbered('123'))).body).toMatchObject({ units: [{ id: older, external: '00123' }] });
    expect((await town.post(`/v1/units/${older}/closure`, office, { reason: '停业' })).status).toBe(200);
    expect(await register(numbered('123'))).toMatchObject({ status: 201, body: { similar: [{ id: older }] } });
  });
});

describe('in an import', () => {
  const run = async (command: object) => {
    const details = { ...SHOP, external: { system: 'register', id: '9' } };
    const commands = [
      { kind: 'unit', unit: 'u_9', command: 'c-9', occurredAt: '2025-05-20T00:00:00.000Z', details, ...command },
    ].map((one) => ({ ...one, derived: { rows: [2], rule: 'row' } }));
    const importer = await town.as('importer', 'office');
    const { body } = await town.post('/v1/imports', importer, { source: 'register', file: 'f.csv', commands });
    return body.results[0];
  };

  it('a unit with a number of its own is told of; one without is refused, or registered beside it', async () => {
    const first = (await register(SHOP)).body.id;
    expect(await run({ alike: 'refused' })).toMatchObject({
      status: 'refused',
      problem: { type: expect.stringMatching(/unit-looks-like$/u), units: [{ id: first }] },
    });
    expect(await run({ alike: 'apart' })).toMatchObject({ status: 'done', added: 1 });
    expect(await run({})).toMatchObject({ status: 'already', added: 0 });
    const details = { ...SHOP, external: { system: 'register', id: '10' } };
    expect(await run({ unit: 'u_10', command: 'c-10', details })).toMatchObject({
      status: 'done',
      similar: expect.anything(),
    });
  });
});
