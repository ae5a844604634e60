// What stands between the network and the functions: routes, events in the shape of API Gateway, patterns, the template.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { request as httpRequest, type Server, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { developmentPath } from '../../../infra/local/development.ts';
import { matches, parsePattern } from '../../../infra/local/event-filter.ts';
import { atMost, loadFunctions } from '../../../infra/local/functions.ts';
import { matchRoute, serve } from '../../../infra/local/gateway.ts';
import { closeServer, listen } from '../../../infra/local/server.ts';
import { resolver, type Template } from '../../../infra/local/template.ts';

describe('the most specific route is taken', () => {
  const routes = [
    '$default',
    'ANY /{proxy+}',
    'GET /v1/units/{id}',
    'GET /v1/units/new',
    'ANY /v1/units/{id}',
    'GET /docs/{proxy+}',
  ];
  const table = routes.map((key) => ({ key, function: 'f' }));
  test.each([
    ['GET', '/v1/units/new', 'GET /v1/units/new', {}],
    ['GET', '/v1/units/u_1', 'GET /v1/units/{id}', { id: 'u_1' }],
    ['PUT', '/v1/units/u_1', 'ANY /v1/units/{id}', { id: 'u_1' }],
    ['GET', '/docs/a/b.css', 'GET /docs/{proxy+}', { proxy: 'a/b.css' }],
    ['POST', '/docs/a', 'ANY /{proxy+}', { proxy: 'docs/a' }],
    ['GET', '/', 'ANY /{proxy+}', { proxy: '' }],
  ])('%s %s → %s', (method, path, key, parameters) => {
    expect(matchRoute(table, method, path)).toMatchObject({ route: { key }, parameters });
  });
  test('and none where none fits', () => {
    expect(matchRoute(table.slice(2, 3), 'POST', '/v1/units/u_1')).toBeUndefined();
  });
});

describe('a request', () => {
  let server: Server;
  let api: string;
  let seen: APIGatewayProxyEventV2[] = [];
  let result: unknown;
  const failures: unknown[] = [];
  beforeAll(async () => {
    const options = {
      routes: [{ key: 'ANY /x/{proxy+}', function: 'f' }],
      invoke: async (_name: string, event: unknown) => {
        seen.push(event as APIGatewayProxyEventV2);
        if (result instanceof Error) throw result;
        return result;
      },
      failed: (_fn: string, error: unknown) => failures.push(error),
    };
    ({ server, api } = await listen(0, (request, response) => void serve(options, request, response)));
  });
  afterAll(() => closeServer(server, 0));
  const send = async (path: string, init: RequestInit = {}, answer: unknown = { statusCode: 200, body: 'ok' }) => {
    [seen, result] = [[], answer];
    const response = await fetch(`${api}${path}`, init);
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
  };

  test('becomes an event in the format of API Gateway', async () => {
    await send('/x/a%20b?q=1&q=2&e=%E7%93%B6', { headers: { 'X-Test': 'yes' } });
    expect(seen[0]).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /x/{proxy+}',
      rawPath: expect.stringMatching(/^\/x\/a/),
      rawQueryString: 'q=1&q=2&e=%E7%93%B6',
      headers: { 'x-test': 'yes' },
      requestContext: { http: { method: 'GET' } },
      isBase64Encoded: false,
    });
    expect(seen[0]).not.toHaveProperty('body');
  });

  test('carries text as it is, and anything else in base64', async () => {
    await send('/x/a', { method: 'POST', body: '{"a":"隐患"}', headers: { 'content-type': 'application/json' } });
    expect(seen[0]).toMatchObject({ body: '{"a":"隐患"}', isBase64Encoded: false });
    await send('/x/a', { method: 'POST', body: Buffer.from([255, 0]), headers: { 'content-type': 'image/jpeg' } });
    expect(seen[0]).toMatchObject({ body: '/wA=', isBase64Encoded: true });
  });

  test('carries what is not UTF-8 as it came; Node takes no such byte in an address', async () => {
    const json = { 'content-type': 'application/json' };
    await send('/x/a', { method: 'POST', body: Buffer.from([0x22, 0xff, 0x22]), headers: json });
    expect(seen[0]).toMatchObject({ body: 'Iv8i', isBase64Encoded: true });
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const path = `${Buffer.from('/x/店').toString('latin1')}\xff?q=${Buffer.from('瓶').toString('latin1')}`;
    httpRequest(api, { path }, (response) => response.resume().on('end', () => resolve(response.statusCode))).end();
    expect(await promise).toBe(400);
    expect(seen).toHaveLength(1);
  });

  test('is answered with what the function says, bytes included', async () => {
    const answered = await send(
      '/x/a',
      {},
      { statusCode: 418, headers: { 'x-a': 'b' }, body: '/wA=', isBase64Encoded: true },
    );
    expect(answered.status).toBe(418);
    expect(answered.headers.get('x-a')).toBe('b');
    expect([...answered.bytes]).toEqual([255, 0]);
    expect((await send('/x/a', {}, { any: 'thing' })).bytes.toString()).toBe('{"any":"thing"}');
  });

  test('is a 500 that tells nothing of the inside when the function throws, and a 404 without a route', async () => {
    const answered = await send('/x/a', {}, new Error('secret'));
    expect(answered.status).toBe(500);
    expect(answered.bytes.toString()).not.toContain('secret');
    expect(failures).toEqual([new Error('secret')]);
    expect((await send('/y')).status).toBe(404);
  });

  test('over 10 MB is refused with 413, without a call', async () => {
    const { status } = await send('/x/a', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect(status).toBe(413);
    expect(seen).toEqual([]);
  });
});

test('paths under /dev answer only under the names of this machine', async () => {
  const { server, api } = await listen(0, (request, response) =>
    developmentPath('/dev/status', request, response, { api, status: async () => ({ fine: true }) } as never),
  );
  const asking = (host: string) =>
    new Promise<number | undefined>((done) =>
      httpRequest(`${api}/dev/status`, { headers: { host } }, (response) => done(response.resume().statusCode)).end(),
    );
  expect(await asking('localhost:1')).toBe(200);
  expect(await asking('evil.example')).toBe(403);
  await closeServer(server, 0);
});

describe('what web pages send to /dev', () => {
  let server: Server;
  let api: string;
  const done: string[] = [];
  beforeAll(async () => {
    const note = (what: string) => async (_request: unknown, response: ServerResponse) => {
      done.push(what);
      response.end();
    };
    const development = {
      status: async () => ({}),
      fire: async (fn: string) => void done.push(fn),
      bus: { put: note('bus'), stream: note('events') },
      authorizing: { authorize: note('authorize'), token: note('token') },
      evidence: { directory: '/nowhere', secret: 'x'.repeat(32) },
      key: { jwk: { kty: 'EC' } },
    };
    ({ server, api } = await listen(0, (request, response) =>
      developmentPath(request.url!.split('?')[0]!, request, response, { api, ...development } as never),
    ));
  });
  afterAll(() => closeServer(server, 0));
  beforeEach(() => done.splice(0));

  const ask = (method: string, path: string, headers: Record<string, string>) =>
    new Promise<number | undefined>((answered, failed) => {
      const request = httpRequest(`${api}${path}`, { method, headers }, (response) =>
        answered(response.resume().statusCode),
      );
      request.once('error', failed).end();
    });

  const PATHS = [
    ['POST', '/dev/schedules/seal'],
    ['POST', '/dev/bus'],
    ['POST', '/dev/bus/'],
    ['POST', '/dev/issuer/authorize'],
    ['POST', '/dev/issuer/token'],
    ['PUT', '/dev/evidence/liantang/x'],
    ['GET', '/dev/status'],
    ['GET', '/dev/events'],
    ['GET', '/dev/issuer/jwks.json'],
  ] as const;
  const FOREIGN: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'http://127.0.0.1.evil.example' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'https://127.0.0.1' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'something new' },
    { host: 'evil.example' },
    { host: '127.0.0.1.evil.example' },
    { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
  ];
  test.each(PATHS)('%s %s is refused to those of other sites', async (method, path) => {
    for (const headers of FOREIGN) {
      expect({ headers, status: await ask(method, path, headers) }).toEqual({ headers, status: 403 });
    }
    expect(done).toEqual([]);
  });

  // evidence asks for a signature besides
  test.each(PATHS.filter(([method]) => method !== 'PUT'))(
    '%s %s is open to this site and to a terminal',
    async (method, path) => {
      const { port } = new URL(api);
      const own = [
        {},
        { origin: api },
        { origin: `http://localhost:${port}`, 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-origin' },
        { 'sec-fetch-site': 'none' },
      ];
      for (const headers of own as Record<string, string>[]) {
        const status = await ask(method, path, headers);
        expect({ headers, status }).toEqual({ headers, status: 200 });
      }
    },
  );

  test('a sign-in may be led to from anywhere', async () => {
    expect(await ask('GET', '/dev/issuer/authorize', { 'sec-fetch-site': 'cross-site' })).toBe(200);
  });
});

describe('functions', () => {
  const fn = { name: 'f', environment: { D2_TEST: 'template' }, timeout: 0.02, memory: 128, concurrency: undefined };

  test('are loaded under the environment of the template, then the overrides', async () => {
    let at: string | undefined;
    await loadFunctions([fn], { D2_TEST: 'here' }, async () => {
      at = process.env['D2_TEST'];
      return () => {};
    });
    expect(at).toBe('here');
    delete process.env['D2_TEST'];
  });

  test('that take longer than declared fail, naming the limit; unknown ones fail', async () => {
    const invoke = await loadFunctions([fn], {}, async () => () => new Promise(() => {}));
    await expect(invoke('f', {})).rejects.toThrow('The function f did not finish within its 0.02 s.');
    await expect(invoke('g', {})).rejects.toThrow('There is no function g.');
    delete process.env['D2_TEST'];
  });

  test('are told that little time is left when the platform is about to stop', async () => {
    const left: number[] = [];
    const longer = { ...fn, timeout: 60 };
    const invoke = await loadFunctions(
      [longer],
      {},
      async () => (_event, context) => left.push(context.getRemainingTimeInMillis()),
    );
    await invoke('f', {});
    invoke.hurry();
    await invoke('f', {});
    expect(left[0]).toBeGreaterThan(30_000);
    expect(left[1]).toBe(10_000);
    delete process.env['D2_TEST'];
  });

  test('run no more at once than reserved, in order of asking', async () => {
    const open: (() => void)[] = [];
    const order: number[] = [];
    const call = atMost(2, async (n: number) => {
      order.push(n);
      await new Promise<void>((done) => open.push(done));
    });
    const all = [1, 2, 3].map(call);
    await Promise.resolve();
    expect(order).toEqual([1, 2]);
    open[0]!();
    await all[0];
    expect(order).toEqual([1, 2, 3]);
    for (const end of open) end();
    await Promise.all(all);
  });
});

describe('event patterns', () => {
  const event = { type: 'HazardFound', detail: { grade: 'major', days: 3, tags: ['a', 'b'] } };
  test.each<[object, boolean]>([
    [{ type: ['HazardFound', 'UnitListed'] }, true],
    [{ type: ['UnitListed'] }, false],
    [{ type: [{ prefix: 'Hazard' }], detail: { grade: ['major'] } }, true],
    [{ type: [{ suffix: 'Found' }] }, true],
    [{ detail: { tags: ['b'] } }, true],
    [{ detail: { none: [{ exists: false }] } }, true],
    [{ missing: { inner: ['x'] } }, false],
    [{ detail: { grade: [{ 'anything-but': ['general'] }] } }, true],
    [{ detail: { grade: [{ 'anything-but': 'major' }] } }, false],
    [{ detail: { days: [{ numeric: ['>', 2, '<=', 3] }] } }, true],
    [{ detail: { days: [{ numeric: ['<', 3] }] } }, false],
    [{ type: [{ 'equals-ignore-case': 'hazardfound' }] }, true],
  ])('%j → %s', (pattern, expected) => {
    expect(matches(parsePattern(JSON.stringify(pattern)), event)).toBe(expected);
  });
  test.each([{ a: [{ wildcard: '*' }] }, { $or: [{ a: ['b'] }] }, { a: 'b' }])('%j is refused at start', (pattern) => {
    expect(() => parsePattern(pattern)).toThrow('The synthesized template cannot be run locally');
  });
});

describe('the template', () => {
  const template: Template = {
    Parameters: { Stage: { Default: 'test' }, Free: {} },
    Conditions: { InChina: { 'Fn::Equals': [{ Ref: 'AWS::Partition' }, 'aws-cn'] } },
    Resources: { Table: { Type: 'AWS::DynamoDB::Table' } },
  };
  const physical = new Map([['Table', { ref: 'daocha-events', attributes: { Arn: 'arn:1' } }]]);
  const resolve = resolver(template, physical);
  test.each([
    [{ Ref: 'Table' }, 'daocha-events'],
    [{ Ref: 'Stage' }, 'test'],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:1'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] }, 'a-us-east-1'],
    [{ 'Fn::Sub': '${Table}/${!x}/${Table.Arn}' }, 'daocha-events/${x}/arn:1'],
    [{ 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b'] }] }, 'b'],
    [{ 'Fn::If': ['InChina', 'cn', 'global'] }, 'global'],
    [{ a: [{ Ref: 'AWS::NoValue' }], b: { Ref: 'AWS::NoValue' } }, { a: [] }],
  ])('resolves %j', (value, expected) => expect(resolve(value)).toEqual(expected));
  test.each([
    [{ Ref: 'Gone' }, /refers to Gone/],
    [{ Ref: 'Free' }, /parameter Free has no default/],
    [{ 'Fn::Cidr': ['a'] }, /Fn::Cidr is not known here/],
    [{ 'Fn::If': ['Gone', 1, 2] }, /no condition Gone/],
  ])('refuses %j', (value, says) => expect(() => resolve(value)).toThrow(says));
});
