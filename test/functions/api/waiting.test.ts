// Waiting for one's own write: only who may have the answer waits, and only for what can come. Positions are told to
// who may read the stream.
import { beforeEach, describe, expect, it } from 'vitest';
import { ROUTE_NAMES, ROUTES } from '../../../functions/api/routes.ts';
import { AHEAD } from '../../../shared/reading/views/as-of.ts';
import { makeTown, NOON, type TestTown } from './support.ts';

let town: TestTown;
let office: string;
let foreign: string;
let unit: { id: string; atLeast: string };
let hazard: string;
let inspection: string;

beforeEach(async () => {
  town = await makeTown();
  office = await town.as('office', 'office');
  foreign = await town.as('village', 'village-02');
  unit = (await town.post('/v1/units', office, { name: '甲', area: 'village-01', tracks: ['gas'] })).body;
  await town.settle();
  // what a wait would be for: recorded, and in no view yet
  const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem' }];
  const { body } = await town.post('/v1/inspections', office, {
    unit: unit.id,
    track: 'gas',
    mode: 'routine',
    answers,
  });
  hazard = body.findings[0].hazard;
  inspection = body.id;
});

/** A wait moves the clock of this town. */
const waited = (): number => town.now.at.getTime() - NOON.getTime();
const WAITING = ROUTE_NAMES.filter((name) => 'atLeast' in ROUTES[name].query.shape);
const pathOf = (path: string): string =>
  path.replace('/units/{id}', `/units/${unit.id}`).replace('{track}', 'gas').replace('{id}', 'x');

describe('who may not have the answer', () => {
  it.each(WAITING)('is told so by %s before anything is waited for', async (name) => {
    const { path, action } = ROUTES[name];
    const nobody = await town.as('witness', 'office');
    const answer = await town.get(`${pathOf(path)}?atLeast=hazard/${hazard}@1`, nobody);
    expect({ action, status: answer.status, waited: waited() }).toEqual({ action, status: 403, waited: 0 });
  });

  it.each([
    ['a unit', () => `/v1/units/${unit.id}?`],
    ['its timeline', () => `/v1/units/${unit.id}/timeline?`],
    ['a list of another area', () => '/v1/units?area=village-01&'],
    ['hazards of another area', () => '/v1/hazards?area=village-01&'],
    ['a list to take away', () => '/v1/lists/closed-loop/export?area=village-01&'],
    ['deadlines of another area', () => '/v1/deadlines?area=village-01&'],
    ['cases of another area', () => '/v1/escalations?area=village-01&'],
  ])('is refused %s at once', async (_, path) => {
    const answer = await town.get(`${path()}atLeast=hazard/${hazard}@1`, foreign);
    expect({ status: answer.status, type: answer.body.type, waited: waited() }).toEqual({
      status: 403,
      type: 'urn:daocha:problem:foreign-organisation',
      waited: 0,
    });
  });
});

describe('what cannot come', () => {
  it.each([
    ['a position far beyond the head', () => '999999999', /far beyond the log/],
    ['the first that is too far', () => String(5 + AHEAD), /far beyond the log/],
    ['an event that its stream does not have', () => `hazard/${hazard}@99`, /has no event 99/],
    ['an event of no stream', () => 'unit/u_none@1', /has no event 1/],
  ])('is not waited for: %s', async (_, atLeast, message) => {
    const paths = [`/v1/units/${unit.id}`, '/v1/hazards', '/v1/tracks', '/v1/deliveries', '/v1/roster'];
    for (const path of paths) {
      const { status, body } = await town.get(`${path}?atLeast=${atLeast()}`, office);
      expect({ path, status, field: body.field, waited: waited() }).toEqual({
        path,
        status: 400,
        field: 'atLeast',
        waited: 0,
      });
      expect(body.detail).toMatch(message);
    }
  });

  it('is told from what may: what was written, and what others are writing now, is waited for', async () => {
    for (const atLeast of [`hazard/${hazard}@1`, '7']) {
      const { status } = await town.get(`/v1/units/${unit.id}?atLeast=${atLeast}`, office);
      expect({ atLeast, status }).toEqual({ atLeast, status: 504 });
    }
    expect(waited()).toBeGreaterThan(0);
    await town.settle();
    expect((await town.get(`/v1/units/${unit.id}?atLeast=hazard/${hazard}@1`, office)).status).toBe(200);
  });
});

describe('a stream that the caller may not read', () => {
  const LISTS = ['/v1/units', '/v1/hazards', '/v1/tracks', '/v1/roster', '/v1/deadlines', '/v1/reports'];

  it('is answered as one that is not there: neither its events nor their number are told', async () => {
    for (const settled of [false, true]) {
      if (settled) await town.settle();
      const before = waited();
      for (const [mine, none] of [
        [`unit/${unit.id}`, 'unit/u_none'],
        [`hazard/${hazard}`, 'hazard/h_none'],
        [`inspection/${inspection}`, 'inspection/i_none'],
        ['person/p-1', 'person/p-none'],
        ['delivery/d_1', 'delivery/d_none'],
      ] as const) {
        for (const version of [1, 2, 99]) {
          for (const path of LISTS) {
            const ask = async (stream: string) => {
              const { status, headers, body } = await town.get(`${path}?atLeast=${stream}@${version}`, foreign);
              const { correlation: _, ...said } = body;
              const words = JSON.stringify(said).replaceAll(stream, 'STREAM');
              return { status, words, headers: { ...headers, 'x-correlation-id': '', 'content-length': '' } };
            };
            const [there, nowhere] = [await ask(mine), await ask(none)];
            expect(there, `${path} ${mine}@${version}`).toEqual(nowhere);
            expect(there.status).toBe(400);
          }
        }
      }
      expect(waited()).toBe(before);
    }
  });

  it('is waited for by who has written the event, and by who may read it', async () => {
    await town.settle();
    const own = await town.as('village', 'village-01');
    for (const stream of [`unit/${unit.id}`, `hazard/${hazard}`, `inspection/${inspection}`]) {
      expect((await town.get(`/v1/units?atLeast=${stream}@1`, own)).status).toBe(200);
      expect((await town.get(`/v1/units?atLeast=${stream}@99`, own)).status).toBe(400);
    }
    // a village corrects its unit into another's area: it may not read it any more, and has written it
    const to = { name: '甲', area: 'village-02', tracks: ['gas'] };
    const its = (await town.post('/v1/units', own, { name: '乙', area: 'village-01', tracks: ['gas'] })).body;
    await town.post(`/v1/units/${its.id}/risk-gradings`, office, { to: 'B', basis: 'b' });
    const given = await town.agreed(`/v1/units/${its.id}/corrections`, own, { details: to, reason: '归属有误' });
    expect(given.status).toBe(200);
    await town.settle();
    expect((await town.get(`/v1/units/${its.id}`, own)).status).toBe(403);
    expect((await town.get(`/v1/units?atLeast=unit/${its.id}@3`, own)).status).toBe(200);
    expect((await town.get(`/v1/units?atLeast=unit/${its.id}@1`, own)).status).toBe(200);
    expect((await town.get(`/v1/units?atLeast=unit/${its.id}@2`, own)).status).toBe(400);
  });
});

describe('the position of an event', () => {
  const at = (stream: string, token: string) => town.get(`/v1/positions?stream=${stream}&version=1`, token);

  it('is told to who may read its stream, and to others what its own page tells them', async () => {
    await town.settle();
    const own = await town.as('village', 'village-01');
    for (const [stream, page] of [
      [`unit/${unit.id}`, `/v1/units/${unit.id}`],
      [`hazard/${hazard}`, `/v1/hazards/${hazard}`],
      [`inspection/${inspection}`, `/v1/inspections/${inspection}`],
    ] as const) {
      expect((await at(stream, own)).body).toMatchObject({ stream, position: expect.any(Number) });
      const refused = await at(stream, foreign);
      const asThere = await town.get(page, foreign);
      expect({ stream, status: refused.status, type: refused.body.type }).toEqual({
        stream,
        status: asThere.status,
        type: asThere.body.type,
      });
      expect(refused.status).toBe(403);
      expect(JSON.stringify(refused.body)).not.toContain('"position"');
    }
  });

  it('tells nobody of streams that are not there', async () => {
    for (const stream of ['unit/u_none', 'hazard/h_none', 'inspection/i_none', 'escalation/e_none']) {
      const [id] = stream.split('/').slice(1);
      const page = `/v1/${stream.split('/')[0]}s/${id}`;
      const [one, there] = [await at(stream, foreign), await town.get(page, foreign)];
      expect({ stream, status: one.status, type: one.body.type }).toEqual({
        stream,
        status: 404,
        type: there.body.type,
      });
    }
  });

  it('of persons and deliveries is for those who may read them', async () => {
    for (const stream of ['person/p-1', 'delivery/d_1']) {
      expect((await at(stream, foreign)).status).toBe(403);
      expect((await at(stream, office)).status).toBe(200);
    }
    expect((await at('campaign/liantang', foreign)).status).toBe(200);
  });
});
