// Reading is logged: whatever shows something of a unit is on record before the answer leaves; what is not logged is not shown.
import { ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { ROUTE_NAMES, ROUTES } from '../../../functions/api/routes.ts';
import type { Route } from '../../../functions/api/route.ts';
import type { Access } from '../../../shared/record/access/entry.ts';
import { makeTown, NOON, type TestTown } from './support.ts';

let town: TestTown;
let auditor: string;
let office: string;
let hazard: string;
let inspection: string;

beforeEach(async () => {
  town = await makeTown();
  auditor = await town.as('auditor', 'office', 'p-auditor-1');
  office = await town.as('office', 'office');
  await town.post('/v1/units', office, { id: 'u_1', name: '甲', area: 'village-01', tracks: ['gas'] });
  const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem' }];
  const { body } = await town.post('/v1/inspections', office, { unit: 'u_1', track: 'gas', mode: 'routine', answers });
  hazard = body.findings[0].hazard;
  inspection = body.id;
  await town.settle();
});

/** What is on the access log, in the order in which it was written. */
const logged = (): (Access & { pk: string })[] =>
  town.fake
    .items('access')
    .filter((item) => item['access'])
    .map((item) => ({ ...(JSON.parse(item['access']!.S!) as Access), pk: item['pk']!.S! }));
const refusals = (): string[] => town.fake.items('access').flatMap((item) => item['refused']?.S ?? []);
const GROUND = { 'x-access-ground': encodeURIComponent('倒查 2025-17 号') };

/** Fails the writes to the access log. */
function throttled(): void {
  const error = new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} });
  town.fake.hook = ({ name, input, when }) => {
    if (when === 'before' && name === 'PutItem' && (input as { TableName: string }).TableName === 'access') throw error;
  };
}

describe('a read', () => {
  it('is on record with who, when, what and on what ground', async () => {
    const { status } = await town.send('GET', '/v1/units/u_1', {
      token: auditor,
      headers: { ...GROUND, 'x-correlation-id': 'corr-1' },
    });
    expect(status).toBe(200);
    expect(logged()).toEqual([
      {
        pk: 'liantang#unit#u_1',
        at: NOON.toISOString(),
        person: 'p-auditor-1',
        post: 'auditor of office',
        organisation: 'office',
        roles: ['auditor'],
        action: 'read',
        unit: 'u_1',
        ground: '倒查 2025-17 号',
        route: 'GET /v1/units/{id}',
        asked: { id: 'u_1' },
        correlation: 'corr-1',
      },
    ]);
  });

  it.each<[string, () => string, Partial<Access>]>([
    [
      'a timeline',
      () => '/v1/units/u_1/timeline?limit=5',
      { unit: 'u_1', action: 'read', asked: { id: 'u_1', limit: '5' } },
    ],
    ['a hazard', () => `/v1/hazards/${hazard}`, { unit: 'u_1', action: 'read' }],
    ['an inspection', () => `/v1/inspections/${inspection}`, { unit: 'u_1', action: 'read' }],
    ['a list', () => '/v1/hazards?track=gas', { unit: '*', action: 'list', asked: { track: 'gas' } }],
    ['a list of one unit', () => '/v1/hazards?unit=u_1', { unit: 'u_1', action: 'list' }],
    ['the units', () => '/v1/lists/baseline', { unit: '*', action: 'list' }],
    ['a trace', () => '/v1/trace/units/u_1/inspections?before=2025-07-01&months=3', { unit: 'u_1', action: 'trace' }],
    ['a trace by hazard', () => `/v1/trace/hazards/${hazard}/deadlines`, { unit: 'u_1', action: 'trace' }],
    ['an event', () => '/v1/events/2', { unit: 'u_1', action: 'read', asked: { position: '2' } }],
    ['an event of no unit', () => '/v1/events/0', { unit: '*', action: 'read' }],
    [
      'the access log itself',
      () => '/v1/accesses?unit=u_1&after=2025-06-01T00:00:00Z',
      { unit: 'u_1', action: 'read' },
    ],
  ])('of %s is one access', async (_, path, expected) => {
    expect((await town.get(path(), auditor)).status).toBe(200);
    expect(logged()).toMatchObject([expected]);
  });

  it('that is refused is on record as refused', async () => {
    const other = await town.as('village', 'village-02');
    expect((await town.get('/v1/units/u_1', other)).status).toBe(403);
    expect((await town.get('/v1/units/u_9', office)).status).toBe(404);
    expect(logged().map(({ unit }) => unit)).toEqual(['u_1', 'u_9']);
    expect(refusals()).toEqual(['foreign-organisation', 'unknown-unit']);
    const { body } = await town.get(
      '/v1/accesses?unit=u_1&after=2025-06-01T00:00:00Z&until=2025-07-01T00:00:00Z',
      auditor,
    );
    expect(body.items).toContainEqual(
      expect.objectContaining({ person: 'p-village-village-02', refused: 'foreign-organisation' }),
    );
  });

  it('of what is not there, or not known to belong to a unit, is answered as before', async () => {
    expect((await town.get('/v1/hazards/h_9', office)).status).toBe(404);
    expect(logged()).toEqual([]);
  });

  it('is not shown when it cannot be put on record: 503, and again in a moment', async () => {
    throttled();
    for (const path of ['/v1/units/u_1', `/v1/hazards/${hazard}`, '/v1/units', `/v1/inspections/${inspection}`]) {
      const answer = await town.get(path, office);
      expect(answer, path).toMatchObject({
        status: 503,
        body: { type: 'urn:daocha:problem:access-not-logged' },
        headers: { 'retry-after': '1' },
      });
      expect(JSON.stringify(answer.body)).not.toContain('甲');
    }
    expect(town.fake.items('access')).toEqual([]);
    town.fake.hook = () => {};
    expect((await town.get('/v1/units/u_1', office)).status).toBe(200);
    expect(logged()).toHaveLength(1);
  });

  it('that fails for another reason says that reason', async () => {
    throttled();
    expect((await town.get('/v1/units/u_9', office)).status).toBe(404);
  });

  it('stands on record as shown when only its refusal could not be written', async () => {
    const error = new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} });
    town.fake.hook = ({ name, input, when }) => {
      if (when === 'before' && name === 'PutItem' && JSON.stringify(input).includes('#refused')) throw error;
    };
    expect((await town.get('/v1/units/u_1', await town.as('village', 'village-02'))).status).toBe(403);
    expect(logged()).toHaveLength(1);
    expect(refusals()).toEqual([]);
  });

  it('is written beside the read, not after it', async () => {
    await town.get('/v1/units/u_1', office); // the campaign is remembered
    const calls: string[] = [];
    town.fake.hook = ({ name, input, when }) => {
      if (when === 'before') calls.push(`${name} ${(input as { TableName?: string }).TableName}`);
    };
    await town.get('/v1/units/u_1', office);
    expect(calls[0]).toBe('PutItem access');
    calls.length = 0;
    await town.get(`/v1/hazards/${hazard}`, office);
    expect(calls.slice(0, 2)).toEqual(['Query events', 'PutItem access']);
    expect(calls.length).toBeGreaterThan(2);
  });
});

describe('the ground', () => {
  it('is asked of an auditor for what is about one unit, not for lists and figures', async () => {
    const bare = (path: string, token: string) => town.send('GET', path, { token });
    for (const path of [
      '/v1/units/u_1',
      `/v1/hazards/${hazard}`,
      '/v1/trace/units/u_1/inspections?before=2025-07-01&months=3',
    ]) {
      expect(await bare(path, auditor), path).toMatchObject({ status: 400, body: { field: 'X-Access-Ground' } });
    }
    expect((await bare('/v1/units', auditor)).status).toBe(200);
    expect((await bare('/v1/tracks/gas', auditor)).status).toBe(200);
    expect((await bare('/v1/units/u_1', office)).status).toBe(200);
  });

  it('is not asked of an auditor who has another role for it', async () => {
    const { sign } = await import('./support.ts');
    const both = await sign(town.keys, { sub: 'p-2', roles: ['auditor', 'office'], org: 'office', post: 'x' });
    expect((await town.send('GET', '/v1/units/u_1', { token: both })).status).toBe(200);
  });

  it.each([
    ['blank', '%20'],
    ['not UTF-8', '%ff'],
    ['cut short', '%E5%8'],
    ['with a line break', 'a%0Ab'],
    ['too long', 'x'.repeat(201)],
  ])('%s is refused', async (_, ground) => {
    const answer = await town.send('GET', '/v1/units/u_1', { token: office, headers: { 'x-access-ground': ground } });
    expect(answer).toMatchObject({ status: 400, body: { field: 'X-Access-Ground' } });
    expect(town.fake.items('access')).toEqual([]);
  });
});

describe('the access log', () => {
  const PATH = '/v1/accesses?unit=u_1&after=2025-06-01T00:00:00%2B08:00';

  it('tells who read a unit and when, in pages', async () => {
    for (let n = 0; n < 5; n++) {
      town.now.at = new Date(NOON.getTime() + n * 1000);
      await town.get('/v1/units/u_1', n % 2 ? office : auditor);
    }
    town.now.at = new Date(NOON.getTime() + 60_000);
    const first = (await town.get(`${PATH}&limit=3`, auditor)).body;
    expect(first.items.map(({ person }: Access) => person)).toEqual(['p-auditor-1', 'p-office-office', 'p-auditor-1']);
    const second = (await town.get(`${PATH}&limit=3&cursor=${encodeURIComponent(first.cursor)}`, auditor)).body;
    expect(second.items).toHaveLength(2);
    expect(second.cursor).toBeUndefined();
  });

  it.each([
    ['without a unit', '/v1/accesses?after=2025-06-01T00:00:00Z', 'unit'],
    ['with a time without zone', '/v1/accesses?unit=u_1&after=2025-06-01T00:00:00', 'after'],
    ['with an end before its beginning', `${PATH}&until=2025-05-01T00:00:00Z`, 'until'],
    ['with a cursor of nowhere', `${PATH}&cursor=xyz`, 'cursor'],
    ['with a cursor of another time', `${PATH}&cursor=2024-01-01T00:00:00.000Z~`, 'cursor'],
  ])('asked %s says what is wrong', async (_, path, field) => {
    expect(await town.get(path, auditor)).toMatchObject({ status: 400, body: { field } });
  });

  it('is not for everybody', async () => {
    expect((await town.get(PATH, await town.as('department', 'guijianban'))).status).toBe(403);
  });
});

describe('a route', () => {
  /** What shows something of single units, by what it needs leave for. */
  const SHOWS: ReadonlySet<string> = new Set([
    'read.units',
    'read.hazards',
    'read.inspections',
    'read.trace',
    'read.entries',
    'read.events',
    'read.accesses',
    'read.directory',
    'read.escalations',
  ]);

  it.each(ROUTE_NAMES.filter((name) => SHOWS.has(ROUTES[name].action)))('%s is logged', (name) => {
    const route: Route = ROUTES[name];
    expect(route.access).toBeDefined();
    const { unit } = route.access!;
    expect(unit === undefined || unit === '*' || unit in route.params.shape).toBe(true);
  });

  it('that forgets to say which unit it shows, shows nothing', async () => {
    const route: Route = ROUTES.getTrack;
    route.access = { action: 'read' };
    try {
      expect((await town.get('/v1/tracks/gas', office)).status).toBe(500);
    } finally {
      delete route.access;
    }
  });
});
