// What no event may hold is refused at the edge and nothing is written: halves of characters everywhere, control and format characters
// in names. Older events that hold them are read, acted on and corrected all the same.
import * as fc from 'fast-check';
import * as z from 'zod';
import { beforeAll, describe, expect, test } from 'vitest';
import { registerUnit } from '../../../shared/rules/perform/unit.ts';
import { isLonger } from '../../../events/field.ts';
import { zodDefinition } from '../../../functions/api/characters.ts';
import type { Route } from '../../../functions/api/route.ts';
import { ROUTE_NAMES, ROUTES } from '../../../functions/api/routes.ts';
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
  const { type, innerType, in: input, options = [], shape = {}, element, valueType } = zodDefinition(schema);
  if (type === 'string') {
    const { maxLength = 0 } = z.toJSONSchema(schema, { io: 'input' });
    return [{ place, most: maxLength, longer: isLonger(schema) }];
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
    new Set([
      '.answers[].place',
      '.commands[].answers[].place',
      '.commands[].result',
      '.changes[].field',
      '.plan.proposed',
    ]),
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
      () => ({ details: { ...UNIT, name: HALF }, reason: 'r' }),
      'details.name',
    ],
    [
      'in JSON of any form',
      '/v1/inspections/i_1/corrections',
      () => ({ target: 't', changes: [{ field: 'answers', to: { [HALF]: 1 } }], reason: 'r' }),
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

const UNSEEN = [
  '\0',
  '\n',
  '\t',
  '\r',
  '\u000B',
  '\u001B',
  '\u007F',
  '\u0085',
  '\u00AD',
  '\u200B',
  '\u202E',
  '\uFEFF',
].concat(
  // ends of lines, of private use, no characters at all, what is left of bytes that could not be read
  ['\u2028', '\u2029', '\uE000', '\u{F0000}', '\uFFFE', '\uFDD0', '\u{1FFFF}', '\uFFFD'],
);
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
        const unfit = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\uFFFD]/u;
        expect(fields.includes('name')).toBe(unfit.test(one));
      }),
      { numRuns: 300 },
    );
  });

  test('a longer text takes line feeds, tabs and emoji, and no other control character', async () => {
    const text = '一、软管老化\n\t二、👨‍👩‍👧 在场';
    expect((await town.post('/v1/inspections', inspector, inspection({ text, place: text }))).status).toBe(201);
    for (const one of ['\0', '\r', '\u000B', '\u001B', '\u0085', '\uFFFE', '\u{10FFFF}', '\uFFFD']) {
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

/** Bytes of a JSON body in which `?` stands for a byte that is not UTF-8. */
const broken = (body: object): Buffer => {
  const bytes = Buffer.from(JSON.stringify(body));
  return Buffer.from(bytes.map((byte) => (byte === 0x3f ? 0xff : byte)));
};

describe('what is not UTF-8', () => {
  test.each<[string, string, object, string]>([
    ['in a name', '/v1/units', { ...UNIT, name: '店?铺' }, 'name'],
    ['in a longer text', '/v1/units', { ...UNIT, lateBasis: '凭?据' }, 'lateBasis'],
    ['in a key', '/v1/units/:unit/baselines', { track: 'gas', facts: { '?': 1 } }, 'facts.\uFFFD'],
    ['in the whole of it', '/v1/units', [], 'body'],
  ])('is named: %s', async (_, path, body, field) => {
    const raw = Array.isArray(body) ? Buffer.from('{"name": \xff}', 'latin1') : broken(body);
    const before = town.fake.items('events').length;
    for (const sent of [raw, raw.toString('utf8')]) {
      // as bytes, and as a gateway may have decoded them
      const answer = await town.send('POST', path.replace(':unit', unit), { token: office, raw: sent });
      expect(answer).toMatchObject({ status: 400, body: { field } });
      expect(answer.body.detail).toMatch(/not UTF-8/);
    }
    expect(town.fake.items('events').length).toBe(before);
  });

  test('in a query, a path and the header for the ground', async () => {
    expect((await refused('/v1/units?area=%FF', office, undefined, 'GET')).body.field).toBe('area');
    expect((await refused('/v1/units/%FF', office, undefined, 'GET')).body.field).toBe('path');
    const token = await town.as('auditor', 'office');
    for (const ground of ['%FF', '%EF%BF%BD', '%E3%85%A4', '\u00ff']) {
      const answer = await town.send('GET', `/v1/units/${unit}`, { token, headers: { 'x-access-ground': ground } });
      expect(answer).toMatchObject({ status: 400, body: { field: 'X-Access-Ground' } });
    }
  });

  test('in a form, a path and a query of the console', async () => {
    const console = await makeConsoleTown(town);
    const somebody = await console.as('office', 'office');
    const headers = { cookie: somebody.cookie, 'content-type': 'application/x-www-form-urlencoded' };
    for (const raw of ['name=%FF&key=abcdefgh', 'name=\uFFFD&key=abcdefgh']) {
      expect((await console.send('POST', '/console/units/new', { raw, headers })).status).toBe(400);
    }
    for (const path of ['/console/units/%FF', '/console/units?area=%FF']) {
      expect((await console.send('GET', path, { headers: { cookie: somebody.cookie } })).status).toBe(400);
    }
  });

  test('said beforehand by its content type, though the bytes may read as UTF-8', async () => {
    for (const type of ['application/json; charset=gbk', 'application/json;charset="GB18030"']) {
      const answer = await town.send('POST', '/v1/units', {
        token: office,
        body: UNIT,
        headers: { 'content-type': type },
      });
      expect(answer).toMatchObject({ status: 415, body: { field: 'Content-Type', expected: /utf-8/ } });
    }
    const headers = { 'content-type': 'application/json; charset=UTF-8' };
    const name = '另一家店';
    expect(
      (await town.send('POST', '/v1/units', { token: office, body: { ...UNIT, name, address: '9号' }, headers }))
        .status,
    ).toBe(201);
  });
});

const FILLERS = [
  ' ',
  '\u3000',
  '\u200B',
  '\u2800',
  '\u3164',
  '\u115F',
  '\u1160',
  '\uFFA0',
  '\uFE0F',
  '\u{E0100}',
  '\u0301',
  '\u20DD',
  '\uFFFC',
];

describe('what must not be empty', () => {
  test.each<[string, string, (text: string) => object]>([
    ['name', '/v1/units', (text) => ({ ...UNIT, name: text })],
    ['address', '/v1/units', (text) => ({ ...UNIT, address: text })],
    ['lateBasis', '/v1/units', (text) => ({ ...UNIT, lateBasis: text })],
    ['answers[0].clause', '/v1/inspections', (text) => inspection({ clause: text })],
    ['lessor', '/v1/units/:unit/leases', (text) => lease({ lessor: text })],
    ['name', '/v1/organisations', (text) => ({ id: 'o-1', name: text, kind: 'member' })],
    ['name', '/v1/directory', (text) => ({ person: 'p-9', name: text })],
    ['reason', '/v1/units/:unit/corrections', (text) => ({ details: UNIT, reason: text })],
    [
      'changes[0].to',
      '/v1/inspections/i_1/corrections',
      (text) => ({ target: 't', changes: [{ field: 'answers.1.clause', to: text }], reason: 'r' }),
    ],
  ])('%s of %s has something that is seen', async (field, path, body) => {
    const token = path === '/v1/inspections' ? inspector : /units|inspections/.test(path) ? office : admin;
    for (const one of FILLERS) {
      const answer = await refused(path.replace(':unit', unit), token, body(one.repeat(3)));
      const said = answer.body.errors.find((error: { field: string }) => error.field === field);
      expect(said.message, code(one)).toMatch(/seen|control, format/);
    }
  });

  test('nor is a post, in a token', async () => {
    for (const post of FILLERS) {
      const token = await sign(town.keys, { sub: 'p-1', roles: ['office'], org: 'office', post });
      expect((await town.send('POST', '/v1/units', { token, body: UNIT })).status).toBe(401);
    }
  });

  test('is asked for in the form that was filled in', async () => {
    const console = await makeConsoleTown(town);
    const somebody = await console.as('office', 'office');
    for (const name of FILLERS) {
      const filled = await somebody.fill('/console/units/new', { name, area: 'village-01', tracks: ['gas'] });
      expect(filled).toMatchObject({ status: 400 });
      expect(filled.text).toMatch(/请填写/);
    }
  });
});

test.each([
  ['a key given twice', '{"track":"gas","facts":{"a":1,"b":2,"a":3}}', 'facts.a'],
  ['a number beyond 2^53', '{"track":"gas","facts":{"a":9007199254740993}}', 'facts.a'],
  ['a number that becomes 0', '{"track":"gas","facts":{"a":1e-400}}', 'facts.a'],
  ['a field given twice', '{"track":"gas","track":"ebike","facts":{}}', 'track'],
])('%s is refused with its place, and nothing of the body is stored', async (_, raw, field) => {
  const before = town.fake.items('events').length;
  const answer = await town.send('POST', `/v1/units/${unit}/baselines`, { token: office, raw });
  expect(answer).toMatchObject({ status: 400, body: { field, errors: [{ field }] } });
  expect(town.fake.items('events').length).toBe(before);
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
  const correction = { details: { ...UNIT, name: '红店' }, reason: '去掉控制字符' };
  expect((await town.agreed('/v1/units/u_old/corrections', office, correction)).status).toBe(200);
});
