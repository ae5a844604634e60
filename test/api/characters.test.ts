// What no event may hold is refused at the edge and nothing is written: halves of characters everywhere, control and format characters
// in names. Older events that hold them are read, acted on and corrected all the same.
import * as fc from 'fast-check';
import * as z from 'zod';
import { beforeAll, describe, expect, test } from 'vitest';
import { registerUnit } from '../../shared/command/units.ts';
import { LONGER_TEXTS } from '../../events/envelope.ts';
import { definitionOf } from '../../functions/api/characters.ts';
import type { Route } from '../../functions/api/route.ts';
import { ROUTE_NAMES, ROUTES } from '../../functions/api/routes.ts';
import { makeConsoleTown } from '../console/support.ts';
import { makeTown, sign, TENANT, type Answered, type TestTown } from './support.ts';

const GUI = 'guijianban';
const HALF = '\ud83d';
const ROWS = { rows: [2], rule: 'r' };

let town: TestTown;
let office: string;
let inspector: string;
let importer: string;
let admin: string;
let unit: string;

beforeAll(async () => {
  town = await makeTown();
  office = await town.as('office', 'office');
  inspector = await town.as('inspector', GUI);
  importer = await town.as('importer', 'office');
  admin = await town.as('admin', 'office');
  unit = (await town.post('/v1/units', office, UNIT)).body.id;
});

const UNIT = { name: '练塘某店', kind: '餐饮', address: '示例路1号', area: 'village-01', tracks: ['gas'] };
const inspection = (answer: object, more: object = {}) => ({
  unit,
  track: 'gas',
  mode: 'routine',
  answers: [{ item: '1', clause: 'GAS-01', answer: 'problem', ...answer }],
  ...more,
});

/** Sends it and shows that it is a 400 and that the tables hold what they held before. */
async function refused(path: string, token: string, body: unknown, method = 'POST'): Promise<Answered> {
  const held = (): string => JSON.stringify(['events', 'directory'].map((table) => town.fake.items(table)));
  const before = held();
  const answer = await town.send(method, path, { token, ...(body === undefined ? {} : { body }) });
  expect(answer).toMatchObject({ status: 400, body: { type: 'urn:daocha:problem:invalid-input' } });
  expect(answer.body.detail.isWellFormed()).toBe(true);
  expect(JSON.stringify(answer.body)).not.toMatch(/\\ud[89ab]|[\p{Cc}\p{Cf}]/iu);
  expect(held()).toBe(before);
  return answer;
}

/** Every text of every command, by its place: how long it may be, and whether it is a longer text. */
function textsOf(schema: z.core.$ZodType, place = ''): { place: string; most: number; longer: boolean }[] {
  const { type, innerType, in: input, options = [], shape = {}, element, valueType } = definitionOf(schema);
  if (type === 'string') {
    const { maxLength = 0 } = z.toJSONSchema(schema, { io: 'input' });
    return [{ place, most: maxLength, longer: LONGER_TEXTS.get(schema) !== undefined }];
  }
  return [
    ...[innerType, input, ...options].flatMap((inner) => (inner ? textsOf(inner, place) : [])),
    ...Object.entries(shape).flatMap(([name, inner]) => textsOf(inner, `${place}.${name}`)),
    ...[element, valueType].flatMap((inner) => (inner ? textsOf(inner, `${place}[]`) : [])),
  ];
}

test('whoever adds a text to a command says whether it is a name: a longer text is one of 500 characters and more, or named here', () => {
  const commands = ROUTE_NAMES.map((name) => ROUTES[name] as Route).filter(({ kind }) => kind === 'command');
  const texts = commands.flatMap(({ body }) => textsOf(body));
  expect(texts.length).toBeGreaterThan(150);
  const odd = texts.filter(({ most, longer }) => longer !== most >= 500).map(({ place }) => place);
  expect(new Set(odd)).toEqual(
    new Set(['.answers[].place', '.commands[].answers[].place', '.commands[].result', '.changes[].field']),
  );
});

describe('half a character', () => {
  test.each<[string, string, () => unknown, string]>([
    ['in a name', '/v1/units', () => ({ ...UNIT, name: `店${HALF}` }), 'name'],
    ['the other half', '/v1/units', () => ({ ...UNIT, name: '\ude00店' }), 'name'],
    ['in what identifies', '/v1/units', () => ({ ...UNIT, external: { system: 's', id: HALF } }), 'external.id'],
    ['in a longer text', '/v1/inspections', () => inspection({ text: HALF }), 'answers[0].text'],
    ['in a key', '/v1/units/:unit/baselines', () => ({ track: 'gas', facts: { [HALF]: 1 } }), 'facts.<U+D83D>'],
    ['in a value', '/v1/units/:unit/baselines', () => ({ track: 'gas', facts: { a: HALF } }), 'facts.a'],
    ['in a list', '/v1/units', () => ({ ...UNIT, tracks: [HALF] }), 'tracks[0]'],
    ['in an unknown field', '/v1/units', () => ({ ...UNIT, [HALF]: 1 }), '<U+D83D>'],
    ['in what nothing describes', '/v1/units', () => ({ ...UNIT, colour: { [HALF]: [HALF] } }), 'colour'],
    [
      'in the value of a correction',
      '/v1/units/:unit/corrections',
      () => ({ details: { ...UNIT, name: HALF }, reason: 'r', approver: 'p-2' }),
      'details.name',
    ],
    [
      'in JSON of any form',
      '/v1/inspections/i_1/corrections',
      () => ({ target: 't', changes: [{ field: 'answers', to: { [HALF]: 1 } }], reason: 'r', approver: 'p-2' }),
      'changes[0].to.<U+D83D>',
    ],
  ])('%s', async (_, path, body, field) => {
    const token = path === '/v1/inspections' ? inspector : office;
    const answer = await refused(path.replace(':unit', unit), token, body());
    expect(answer.body.field).toBe(field);
  });

  test('in an import, which the importer then sends command by command', async () => {
    const details = { name: `店${HALF}`, tracks: ['gas'], external: { system: 's', id: '1' } };
    const command = { kind: 'unit', command: 'c', unit: 'u_9', occurredAt: '2020-01-01T00:00:00.000Z', details };
    const body = { source: 's', file: 'f', commands: [{ ...command, derived: ROWS }] };
    const answer = await refused('/v1/imports', importer, body);
    expect(answer.body).toMatchObject({ field: 'commands[0].details.name', character: 'U+D83D' });
  });

  test('percent-encoded as if it were UTF-8, in a query, its names and in a path', async () => {
    expect((await refused('/v1/units?area=%ED%A0%BD', office, undefined, 'GET')).body.field).toBe('area');
    expect((await refused('/v1/units?%ED%A0%BD=1', office, undefined, 'GET')).body.field).toBe('%ED%A0%BD');
    expect((await refused('/v1/units/%ED%A0%BD', office, undefined, 'GET')).body.field).toBe('path');
  });

  test('in a form of the console', async () => {
    const console = await makeConsoleTown(town);
    const somebody = await console.as('office', 'office');
    const answer = await somebody.fill('/console/units/new', {
      name: `店${HALF}`,
      area: 'village-01',
      tracks: ['gas'],
    });
    // a browser cannot send one; what can sends bytes that are not UTF-8
    expect(answer.text).not.toContain(HALF);
    const raw = 'name=%ED%A0%BD&key=abcdefgh';
    const headers = { cookie: somebody.cookie, 'content-type': 'application/x-www-form-urlencoded' };
    expect((await console.send('POST', '/console/units/new', { raw, headers })).status).toBe(400);
  });
});

const UNSEEN = ['\0', '\n', '\t', '\r', '\u000B', '\u001B', '\u007F', '\u0085', '\u00AD', '\u200B', '\u202E', '\uFEFF'];
const lease = (more: object): object => ({ lease: 'l-1', lessor: '甲', lessee: '乙', from: '2025-01-01', ...more });
const code = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

describe('a control or format character', () => {
  test.each<[string, string, (text: string) => object]>([
    ['name', '/v1/units', (text) => ({ ...UNIT, name: text })],
    ['kind', '/v1/units', (text) => ({ ...UNIT, kind: text })],
    ['address', '/v1/units', (text) => ({ ...UNIT, address: text })],
    ['external.system', '/v1/units', (text) => ({ ...UNIT, external: { system: text, id: '1' } })],
    ['external.id', '/v1/units', (text) => ({ ...UNIT, external: { system: 's', id: text } })],
    ['device', '/v1/units', (text) => ({ ...UNIT, device: text })],
    ['answers[0].clause', '/v1/inspections', (text) => inspection({ clause: text })],
    ['answers[0].item', '/v1/inspections', (text) => inspection({ item: text })],
    ['lessor', '/v1/units/:unit/leases', (text) => lease({ lessor: text })],
    ['lessee', '/v1/units/:unit/leases', (text) => lease({ lessee: text })],
    ['name', '/v1/organisations', (text) => ({ id: 'o-1', name: text, kind: 'member' })],
    ['name', '/v1/directory', (text) => ({ person: 'p-9', name: text })],
  ])('%s of %s refuses it by its code', async (field, path, body) => {
    const token = path.startsWith('/v1/inspections') ? inspector : /units/.test(path) ? office : admin;
    for (const one of UNSEEN) {
      const answer = await refused(path.replace(':unit', unit), token, body(`店${one}铺`));
      expect(answer.body).toMatchObject({ field, character: code(one) });
      expect(answer.body.expected).toContain(code(one));
    }
  });

  test('every one of them, and nothing else, is refused in a name', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), async (one) => {
        // wrong in another field too, so that nothing comes of it
        const { body } = await town.post('/v1/units', office, { ...UNIT, name: `店${one}铺`, tracks: ['sea'] });
        const fields = body.errors.map((each: { field: string }) => each.field);
        expect(fields.includes('name')).toBe(/[\p{Cc}\p{Cf}\p{Cs}]/u.test(one));
      }),
      { numRuns: 300 },
    );
  });

  test('a longer text takes line feeds, tabs and emoji, and no other control character', async () => {
    const text = '一、软管老化\n\t二、👨‍👩‍👧 在场';
    expect((await town.post('/v1/inspections', inspector, inspection({ text, place: text }))).status).toBe(201);
    for (const one of ['\0', '\r', '\u000B', '\u001B', '\u0085']) {
      const answer = await refused('/v1/inspections', inspector, inspection({ text: `甲${one}乙` }));
      expect(answer.body).toMatchObject({ field: 'answers[0].text', character: code(one) });
    }
  });

  test('the post that a token names has none', async () => {
    const { status } = await town.send('POST', '/v1/units', {
      token: await sign(town.keys, { sub: 'p-1', roles: ['office'], org: 'office', post: '所长\u001B[31m' }),
      body: UNIT,
    });
    expect(status).toBe(401);
  });
});

test('a body that is nested without end is refused as such', async () => {
  for (const depth of [100, 20_000, 100_000]) {
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    for (const raw of [`{"x":${nested}}`, `{"changes":[{"field":"x","to":${nested}}]}`]) {
      const { status, body } = await town.send('POST', '/v1/inspections/i_1/corrections', { token: office, raw });
      expect({ status, field: body.field }).toEqual({ status: 400, field: 'body' });
    }
  }
});

test('what an older event holds is shown, named by later events and corrected', async () => {
  const context = {
    tenant: TENANT,
    command: 'old',
    request: 'old',
    actor: { person: 'p-1', post: 'p', organisation: 'office' },
    source: 'api' as const,
    now: town.now.at,
  };
  const name = '转义\u001B[31m红\u202E店';
  await registerUnit(town.deps.store, context, { id: 'u_old', details: { ...UNIT, name, tracks: ['gas'] } });
  await town.settle();
  expect((await town.get('/v1/units/u_old', office)).body.details.name).toBe(name);
  const correction = { details: { ...UNIT, name: '红店' }, reason: '去掉控制字符', approver: 'p-2' };
  expect((await town.post('/v1/units/u_old/corrections', office, correction)).status).toBe(200);
});
