// Every bad request gets a clear answer, and nothing of it is stored.
import { beforeAll, describe, expect, it } from 'vitest';
import { LIANTANG } from '../../../shared/rules/campaign/liantang.ts';
import { makeTown, type Answered, type Sent, type TestTown } from './support.ts';

const GUI = 'guijianban';
let town: TestTown;
let office: string;
let department: string;
let inspector: string;
let village: string;

beforeAll(async () => {
  town = await makeTown();
  office = await town.as('office', 'office');
  department = await town.as('department', GUI);
  inspector = await town.as('inspector', GUI);
  village = await town.as('village', 'village-01');
});

const UNIT = { name: 'U', area: 'village-01', tracks: ['gas'] };

/** Sends it and shows that the EVENTS table holds what it held before. */
async function refused(method: string, path: string, sent: Sent): Promise<Answered> {
  const before = JSON.stringify(town.fake.items('events'));
  const answer = await town.send(method, path, sent);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.body).toMatchObject({ status: answer.status, type: expect.stringMatching(/^urn:daocha:problem:/) });
  expect(answer.body.correlation).toBe(answer.headers['x-correlation-id']);
  expect(JSON.stringify(town.fake.items('events'))).toBe(before);
  return answer;
}

async function aUnit(): Promise<string> {
  return (await town.post('/v1/units', office, UNIT)).body.id;
}

async function aHazard(unit?: string): Promise<{ unit: string; hazard: string }> {
  const at = unit ?? (await aUnit());
  const inspection = {
    unit: at,
    track: 'gas',
    mode: 'routine',
    answers: [{ item: '1', clause: 'GAS-01', answer: 'problem' }],
  };
  const { body } = await town.post('/v1/inspections', inspector, inspection);
  return { unit: at, hazard: body.findings[0].hazard };
}

async function anAssigned(): Promise<string> {
  const { hazard } = await aHazard();
  await town.post(`/v1/hazards/${hazard}/gradings`, department, { grade: 'general', basis: 'b' });
  await town.post(`/v1/hazards/${hazard}/assignments`, office, { to: GUI });
  return hazard;
}
const ORDER = { measures: 'm', due: '2025-07-01', authority: 'a' };

/** As JSON of an exact number of bytes. */
const padded = (body: object, bytes: number): string => JSON.stringify(body).padEnd(bytes, ' ');

describe('a body that is wrong', () => {
  it('names an unknown field and the known ones', async () => {
    const { status, body } = await refused('POST', '/v1/units', { token: office, body: { ...UNIT, colour: 'red' } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ field: 'colour', type: 'urn:daocha:problem:invalid-input' });
    expect(body.expected).toMatch(/unknown field; known are .*name.*tracks/);
  });

  it('names an unknown field deep inside, and those known there', async () => {
    const answers = [{ item: '1', clause: 'c', answer: 'ok', grade: 'major' }];
    const { body } = await refused('POST', '/v1/inspections', {
      token: inspector,
      body: { unit: 'u_1', track: 'gas', mode: 'routine', answers },
    });
    expect(body.field).toBe('answers[0].grade');
    expect(body.expected).toMatch(/known are item, clause, answer/);
  });

  it('names every wrong field at once', async () => {
    const { status, body } = await refused('POST', '/v1/units', { token: office, body: { name: '', tracks: ['sea'] } });
    expect(status).toBe(400);
    expect(body.errors.map((each: { field: string }) => each.field)).toEqual(['name', 'tracks[0]']);
  });

  it('tells a missing field from a wrong one', async () => {
    const { body } = await refused('POST', '/v1/units', { token: office, body: { name: 'U' } });
    expect(body.errors).toEqual([{ field: 'tracks', message: 'is missing; expected array' }]);
  });

  it('knows the alternatives of a verification', async () => {
    const path = '/v1/hazards/h_1/verifications';
    const wrong = await refused('POST', path, { token: department, body: { result: 'maybe' } });
    expect(wrong.body.field).toBe('result');
    const mixed = await refused('POST', path, {
      token: department,
      body: { result: 'passed', reason: 'r', basis: 'b' },
    });
    expect(mixed.body.field).toBe('reason');
    expect(mixed.body.expected).toMatch(/known are result, basis/);
  });

  it.each([
    ['no JSON', '{"name":', /not JSON/],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), /not UTF-8/],
    ['not an object', '[]', /expected object/i],
  ])('is refused when it is %s', async (_, raw, message) => {
    const { status, body } = await refused('POST', '/v1/units', { token: office, raw });
    expect(status).toBe(400);
    expect(body.detail).toMatch(message);
  });

  it('must be JSON by its content type (415)', async () => {
    const { status, body } = await refused('POST', '/v1/units', {
      token: office,
      raw: 'name=U',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(status).toBe(415);
    expect(body).toMatchObject({ field: 'Content-Type', expected: 'application/json' });
  });

  it('may have 256 KB and not a byte more (413)', async () => {
    expect(
      (await town.send('POST', '/v1/units', { token: office, raw: padded({ ...UNIT, name: 'U' }, 256 * 1024) })).status,
    ).toBe(201);
    const { status, body } = await refused('POST', '/v1/units', {
      token: office,
      raw: padded({ ...UNIT, name: 'U' }, 256 * 1024 + 1),
    });
    expect(status).toBe(413);
    expect(body).toMatchObject({ field: 'body', limit: 262_144, bytes: 262_145 });
  });

  it('may have 2 MB in an import', async () => {
    const importer = await town.as('importer', 'office');
    const within = await refused('POST', '/v1/imports', {
      token: importer,
      raw: padded({ source: 's', file: 'f', commands: [] }, 2 * 1024 * 1024),
    });
    expect(within.body).toMatchObject({ status: 400, field: 'commands' });
    expect(
      (
        await refused('POST', '/v1/imports', {
          token: importer,
          raw: padded({ source: 's', file: 'f', commands: [] }, 2 * 1024 * 1024 + 1),
        })
      ).status,
    ).toBe(413);
  });
});

describe('a request that does not fit', () => {
  it('is 404 at an unknown path', async () => {
    expect((await refused('GET', '/v1/nothing', { token: office })).body.type).toBe('urn:daocha:problem:unknown-route');
  });

  it('is 405 with another method, and told which there are', async () => {
    const { status, headers } = await refused('DELETE', '/v1/units/u_1', { token: office });
    expect(status).toBe(405);
    expect(headers['allow']).toBe('GET, HEAD');
    expect((await refused('PUT', '/v1/units', { token: office, body: UNIT })).headers['allow']).toBe('GET, HEAD, POST');
  });

  it('names an unknown query parameter and the known ones', async () => {
    const { status, body } = await refused('GET', '/v1/hazards?colour=red', { token: office });
    expect(status).toBe(400);
    expect(body.field).toBe('colour');
    expect(body.expected).toMatch(/unknown parameter; known are track, unit, .*cursor, atLeast/);
  });

  it.each([
    ['limit', 'limit=0', /at least 1/],
    ['limit', 'limit=101', /at most 100/],
    ['limit', 'limit=1e1', /whole number/],
    ['limit', 'limit=', /whole number/],
    ['track', 'track=sea', /gas/],
    ['status', 'status=lost', /signed-off/],
    ['dueBefore', 'dueBefore=tomorrow', /2025-06-30/],
    ['atLeast', 'atLeast=soon', /unit\/u_1@3/],
    ['cursor', 'cursor=abc', /cursor/],
    ['track', 'track=gas&track=gas', /one value/],
  ])('names a query parameter with a bad value: %s, ?%s', async (field, query, expected) => {
    const { status, body } = await refused('GET', `/v1/hazards?${query}`, { token: office });
    expect(status).toBe(400);
    expect(body.field).toBe(field);
    expect(body.expected).toMatch(expected);
  });

  it('names a bad path parameter', async () => {
    expect((await refused('GET', '/v1/tracks/sea', { token: office })).body.field).toBe('track');
    expect((await refused('GET', '/v1/units/%23', { token: office })).body.field).toBe('id');
  });

  it.each(['has blanks in it', '', 'clé', '钥匙', 'x'.repeat(129)])('names a bad header, %j', async (key) => {
    const headers = { 'idempotency-key': key };
    expect((await refused('POST', '/v1/units', { token: office, body: UNIT, headers })).body.field).toBe(
      'Idempotency-Key',
    );
    const ground = { 'x-access-ground': key === 'x'.repeat(129) ? 'x'.repeat(201) : key.replaceAll(' ', '\u0007') };
    expect((await refused('GET', '/v1/units/u_1', { token: office, headers: ground })).body.field).toBe(
      'X-Access-Ground',
    );
    const prefer = { prefer: 'wait=soon' };
    expect((await refused('POST', '/v1/units', { token: office, body: UNIT, headers: prefer })).body.field).toBe(
      'Prefer',
    );
  });
});

describe('a moment at the ends of the calendar', () => {
  // in UTC their years have a sign, which sorts before every digit
  it.each(['0000-01-01T00:00:00+08:00', '9999-12-31T23:59:59-08:00'])(
    'is refused, naming the field: %s',
    async (at) => {
      const moment = encodeURIComponent(at);
      const asked = [
        ['/v1/accesses?unit=u_1&after=', 'after'],
        ['/v1/hazards?dueBefore=', 'dueBefore'],
        ['/v1/trace/units/u_1/late?knownAt=', 'knownAt'],
        ['/v1/trace/units/u_1/access?after=', 'after'],
        ['/v1/trace/units/u_1/inspections?months=1&before=', 'before'],
      ] as const;
      for (const [path, field] of asked) {
        expect((await refused('GET', path + moment, { token: office })).body).toMatchObject({ status: 400, field });
      }
      const registered = await refused('POST', '/v1/units', { token: office, body: { ...UNIT, occurredAt: at } });
      expect(registered.body).toMatchObject({ status: 400, field: 'occurredAt' });
      const days = [
        '/v1/trace/units/u_1/responsible?on=',
        '/v1/trace/units/u_1/dossier?months=240&on=',
        '/v1/roster?on=',
      ];
      for (const path of days) {
        expect((await refused('GET', `${path}0001-01-01`, { token: office })).body.field).toBe('on');
      }
    },
  );
});

describe('a body that came with a GET', () => {
  it('means nothing: the path is answered, or has another method', async () => {
    const sent = { token: office, body: { any: 'thing' } };
    expect((await town.send('GET', '/v1/units', sent)).status).toBe(200);
    const answer = await refused('GET', '/v1/imports', sent);
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });
});

describe('a command against the rules', () => {
  it('on what does not exist is 404, naming it', async () => {
    const unit = await refused('POST', '/v1/units/u_none/closure', { token: office, body: { reason: 'r' } });
    expect(unit.body).toMatchObject({ status: 404, type: 'urn:daocha:problem:unknown-unit', field: 'unit' });
    const hazard = await refused('POST', '/v1/hazards/h_none/sign-off', { token: department, body: {} });
    expect(hazard.body).toMatchObject({ status: 404, type: 'urn:daocha:problem:unknown-hazard' });
    const inspected = await refused('POST', '/v1/inspections', {
      token: office,
      body: { unit: 'u_none', track: 'gas', mode: 'routine', answers: [{ item: '1', clause: 'c', answer: 'ok' }] },
    });
    expect(inspected.body).toMatchObject({ status: 404, type: 'urn:daocha:problem:unknown-unit' });
  });

  it.each(['/v1/units/u_none', '/v1/units/u_none/timeline', '/v1/hazards/h_none', '/v1/inspections/i_none'])(
    'nor can what does not exist be read: %s',
    async (path) => {
      expect((await refused('GET', path, { token: office })).status).toBe(404);
    },
  );

  it('in the wrong state says what is possible now', async () => {
    const { hazard } = await aHazard();
    const { status, body } = await refused('POST', `/v1/hazards/${hazard}/sign-off`, { token: department });
    expect(status).toBe(422);
    expect(body).toMatchObject({ type: 'urn:daocha:problem:wrong-transition', status: 422 });
    expect(body.allowed).toContain('grade');
  });

  it('without a due date, or with one in the past, is refused', async () => {
    const path = `/v1/hazards/${await anAssigned()}/orders`;
    const { due: _, ...without } = ORDER;
    const { body: missing } = await refused('POST', path, { token: department, body: without });
    expect(missing).toMatchObject({ status: 422, type: 'urn:daocha:problem:due-missing', field: 'due' });
    // named, not set: ten working days from the town's noon of the day
    expect(missing.expected).toContain(`proposes ${missing.proposed.day} (10 working days)`);
    const past = await refused('POST', path, { token: department, body: { ...ORDER, due: '2025-06-01' } });
    expect(past.body).toMatchObject({ status: 422, type: 'urn:daocha:problem:due-past', field: 'due' });
    expect((await refused('POST', path, { token: department, body: { ...ORDER, due: 'soon' } })).body.expected).toMatch(
      /2025-06-30/,
    );
  });

  it('by the submitter cannot verify the submission', async () => {
    const hazard = await anAssigned();
    await town.post(`/v1/hazards/${hazard}/orders`, department, ORDER);
    await town.post(`/v1/hazards/${hazard}/submissions`, department, { statement: 's' });
    const { status, body } = await refused('POST', `/v1/hazards/${hazard}/verifications`, {
      token: department,
      body: { result: 'passed', basis: 'b' },
    });
    expect(status).toBe(422);
    expect(body.type).toBe('urn:daocha:problem:verifier-is-submitter');
  });

  it('of a foreign organisation is 403 and names the one that could', async () => {
    const { unit, hazard } = await aHazard();
    const foreign = await town.as('department', 'factory-taskforce');
    const graded = await refused('POST', `/v1/hazards/${hazard}/gradings`, {
      token: foreign,
      body: { grade: 'major', basis: 'b' },
    });
    expect(graded.body).toMatchObject({ status: 403, type: 'urn:daocha:problem:foreign-organisation' });
    expect(graded.body.expected).toContain(GUI);
    const elsewhere = await town.as('village', 'village-02');
    const leased = await refused('POST', `/v1/units/${unit}/leases`, {
      token: elsewhere,
      body: { lease: 'l', lessor: 'a', lessee: 'b', from: '2025-01-01' },
    });
    expect(leased.body).toMatchObject({ status: 403, type: 'urn:daocha:problem:foreign-organisation' });
    expect(leased.body.expected).toContain('village-01');
  });

  it('larger than a commit may be is refused before anything is written (401 KB)', async () => {
    // Three hundred answers of a thousand characters, three bytes each, over HTTP: the body limit says no first.
    const answers = Array.from({ length: 300 }, (_, at) => ({
      item: `${at}`,
      clause: 'c',
      answer: 'ok',
      text: '电'.repeat(1000),
    }));
    const unit = await aUnit();
    const body = { unit, track: 'gas', mode: 'routine', answers };
    expect((await refused('POST', '/v1/inspections', { token: inspector, body })).status).toBe(413);
    // Within the body limit the event itself is too large: 65,535 bytes.
    const fewer = { ...body, answers: answers.slice(0, 40) };
    const large = await refused('POST', '/v1/inspections', { token: inspector, body: fewer });
    expect(large.body).toMatchObject({ status: 413, type: 'urn:daocha:problem:too-large' });
    expect(large.body.expected).toContain('65535');
  });

  it('that claims to have happened in the future is refused', async () => {
    const { body } = await refused('POST', '/v1/units', {
      token: office,
      body: { ...UNIT, occurredAt: '2025-06-03T00:00:00+08:00' },
    });
    expect(body).toMatchObject({ status: 422, field: 'occurredAt' });
  });

  it('before the campaign is launched is refused', async () => {
    const early = await makeTown({ launched: false });
    const answer = await early.post('/v1/units', await early.as('office', 'office'), UNIT);
    expect(answer.body).toMatchObject({ status: 422, type: 'urn:daocha:problem:campaign-not-launched' });
    expect(early.commits()).toBe(0);

    const admin = await early.as('admin', 'office');
    const launched = await early.post('/v1/campaign', admin, LIANTANG);
    expect(launched).toMatchObject({ status: 201, headers: { location: '/v1/campaign' }, body: { added: 1 } });
    expect((await early.post('/v1/campaign', admin, LIANTANG)).body).toMatchObject({ already: true, added: 0 });
    const other = await early.post('/v1/campaign', admin, { ...LIANTANG, name: '另一行动' });
    expect(other.body).toMatchObject({ status: 422, type: 'urn:daocha:problem:campaign-launched' });
    expect((await early.post('/v1/units', await early.as('office', 'office'), UNIT)).status).toBe(201);
  });
});

/** Runs it while every call to a table fails with this error. */
const failing = async (error: unknown, run: () => Promise<Answered>): Promise<Answered> => {
  town.fake.hook = () => {
    throw error;
  };
  try {
    return await run();
  } finally {
    town.fake.hook = () => {};
  }
};

describe('what is not the fault of the caller', () => {
  it.each([
    ['throttling', Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' })],
    ['a full disk', Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })],
    [
      'a full disk, as the engine says it',
      Object.assign(new Error('commit failed (database or disk is full)'), { name: 'InternalServerError' }),
    ],
    ['a closed port', Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' })],
  ])('is 503 with Retry-After: %s', async (_, error) => {
    const { status, headers, body } = await failing(error, () => refused('GET', '/v1/hazards/h_1', { token: office }));
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
    expect(JSON.stringify(body)).not.toContain('10.0.0.1');
  });

  it('is 500 without internals, and logged under the correlation id', async () => {
    const secret = new Error('secret inside');
    const { status, body } = await failing(secret, () =>
      refused('GET', '/v1/hazards/h_1', { token: office, headers: { 'x-correlation-id': 'c-500' } }),
    );
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toMatch(/secret|inside|stack/);
    expect(body.correlation).toBe('c-500');
    expect(town.logged).toContainEqual({
      message: 'secret inside',
      facts: expect.objectContaining({ correlation: 'c-500', error: secret }),
    });
  });

  it('shows in /health as 503', async () => {
    const answer = await failing(new Error('down'), () => town.send('GET', '/health'));
    expect(answer.status).toBe(503);
    expect(answer.body).toEqual({ status: 'unavailable' });
  });
});

describe('the same request again', () => {
  it('is the same command: 200, already, nothing added', async () => {
    const headers = { 'idempotency-key': 'k-1' };
    const first = await town.post('/v1/units', office, UNIT, headers);
    expect(first.status).toBe(201);
    expect(first.headers['idempotency-key']).toBe('k-1');
    const before = town.commits();
    const again = await town.post('/v1/units', office, { tracks: ['gas'], area: 'village-01', name: 'U' }, headers);
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ already: true, added: 0, id: first.body.id, atLeast: first.body.atLeast });
    expect(again.body.events).toEqual(first.body.events);
    expect(town.commits()).toBe(before);
  });

  it('with another body is a mistake of the caller: 422', async () => {
    const headers = { 'idempotency-key': 'k-2' };
    await town.post('/v1/units', office, UNIT, headers);
    const { body } = await refused('POST', '/v1/units', { token: office, body: { ...UNIT, name: 'Other' }, headers });
    expect(body).toMatchObject({
      status: 422,
      type: 'urn:daocha:problem:idempotency-key-reused',
      field: 'Idempotency-Key',
    });
  });

  it('by another person is another command', async () => {
    const headers = { 'idempotency-key': 'k-3' };
    const first = await town.post('/v1/units', office, UNIT, headers);
    const second = await town.post('/v1/units', village, UNIT, headers);
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(first.body.id);
  });

  it('gets a key of ours to repeat with, when it brought none', async () => {
    const first = await town.post('/v1/units', office, UNIT);
    const key = first.headers['idempotency-key']!;
    const again = await town.post('/v1/units', office, UNIT, { 'idempotency-key': key });
    expect(again.body).toMatchObject({ already: true, id: first.body.id });
  });

  it('is told when the state already holds what it asks for', async () => {
    const { hazard } = await aHazard();
    const body = { grade: 'general', basis: 'b' };
    await town.post(`/v1/hazards/${hazard}/gradings`, department, body);
    const again = await town.post(`/v1/hazards/${hazard}/gradings`, department, body);
    expect(again).toMatchObject({ status: 200, body: { already: true, added: 0, id: hazard } });
  });
});

describe('one’s own write', () => {
  it('is waited for by atLeast, and 504 when it does not come in time', async () => {
    const { body } = await town.post('/v1/units', office, UNIT);
    const late = await town.get(`/v1/units/${body.id}?atLeast=${body.atLeast}`, office);
    expect(late.body).toMatchObject({ status: 504, type: 'urn:daocha:problem:not-yet-visible', field: 'atLeast' });
    expect(late.headers['retry-after']).toBe('1');
    await town.settle();
    const now = await town.get(`/v1/units/${body.id}?atLeast=${body.atLeast}`, office);
    expect(now).toMatchObject({ status: 200, body: { unit: body.id } });
    const [category, rest] = body.atLeast.split('/');
    const [id, version] = rest.split('@');
    const at = await town.get(`/v1/positions?stream=${category}/${id}&version=${version}`, office);
    expect(at.body.position).toBeLessThan(now.body.asOf.position);
    expect(at.body.position).toBeGreaterThanOrEqual(0);
    expect((await town.get(`/v1/units/${body.id}?atLeast=${at.body.position}`, office)).status).toBe(200);
  });

  it('is waited for by Prefer: wait, and acknowledged all the same when the views are late', async () => {
    const late = await town.post('/v1/units', office, UNIT, { prefer: 'wait=2' });
    expect(late.status).toBe(201);
    expect(late.body).not.toHaveProperty('position');
    expect(late.headers['preference-applied']).toBe('wait=2');

    const eager = await makeTown({ settling: true });
    const seen = await eager.post('/v1/units', await eager.as('office', 'office'), UNIT, { prefer: 'wait=5' });
    expect(seen).toMatchObject({ status: 201, body: { position: 2 } });
    const page = await eager.get(`/v1/units/${seen.body.id}`, await eager.as('office', 'office'));
    expect(page.body.asOf.position).toBe(3);
  });
});

describe('following a request', () => {
  it('keeps the correlation id of the client, in the answer and in the events', async () => {
    const { headers, body } = await town.post('/v1/units', office, UNIT, { 'x-correlation-id': 'trace-7' });
    expect(headers['x-correlation-id']).toBe('trace-7');
    const stored = town.fake.items('events').find((item) => item['stream']!.S === `liantang#unit#${body.id}`);
    expect(Buffer.from(stored!['events']!.L![0]!.B!).toString()).toContain('"correlation":"trace-7"');
  });

  it('makes one up when there is none, or none that can be used', async () => {
    const made = (await town.send('GET', '/health', { headers: { 'x-correlation-id': 'has blanks' } })).headers;
    expect(made['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('writes one line a request, with neither token nor body nor query', async () => {
    town.logged.length = 0;
    await town.send('GET', '/v1/hazards?unit=u_secret', { token: office, headers: { 'x-correlation-id': 'c-1' } });
    await town.send('GET', '/secret/path');
    expect(town.logged).toEqual([
      {
        message: 'request',
        facts: {
          method: 'GET',
          route: 'GET /v1/hazards',
          status: 200,
          ms: 0,
          person: 'p-office-office',
          correlation: 'c-1',
        },
      },
      { message: 'request', facts: expect.objectContaining({ route: '(none)', status: 404 }) },
    ]);
  });
});
