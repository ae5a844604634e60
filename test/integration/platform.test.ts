// The whole platform, as somebody at a desk uses it: started by the command line, spoken to over HTTP with tokens of its issuer.
// One platform for the file; each test builds on what the ones before it did, as a day at the office does.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPlatformFile } from '../../infra/cli/data-directory.ts';
import { readSigningKey, signToken } from '../../infra/local/issuer.ts';
import type { ImportSummary } from '../../shared/import/summary.ts';
import {
  type DaochaProcess,
  daocha,
  daochaStart,
  byItselfOf,
  temporaryDirectory,
  waitFor,
} from '../support/platform.ts';

const DATA = fileURLToPath(new URL('../../infra/data/', import.meta.url));
const GUI = 'guijianban'; // leads the gas track
const DAY = 86_400_000;

const data = temporaryDirectory();
let platform: DaochaProcess & { api: string };
let api: string;
let unit: string;
let hazard: string;

beforeAll(async () => {
  platform = await daochaStart(data.path);
  ({ api } = platform);
});
afterAll(async () => {
  platform?.child.kill('SIGINT');
  await platform?.ended;
  data.remove();
});

// oxlint-disable-next-line typescript/no-explicit-any -- bodies of answers, looked into by the tests
type Body = any;

const tokens = new Map<string, string>();
async function tokenOf(role: string, org: string, person = `p-${role}-${org}`): Promise<string> {
  const name = `${role} ${org} ${person}`;
  const known = tokens.get(name);
  if (known !== undefined) return known;
  const request = { roles: [role], org, person, post: role };
  const token = await signToken(readSigningKey(data.path)!, readPlatformFile(data.path)!, request);
  tokens.set(name, token);
  return token;
}

async function ask(method: string, path: string, token?: string, body?: unknown) {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}
/** A command that must be taken. */
async function act(path: string, token: string, body: unknown = {}): Promise<Body> {
  const answer = await ask('POST', path, token, body);
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ body: { already: false } });
  return answer.body;
}
/** A query that sees what the command with this answer wrote. */
async function see(path: string, token: string, written: { atLeast: string }): Promise<Body> {
  const at = `${path.includes('?') ? '&' : '?'}atLeast=${encodeURIComponent(written.atLeast)}`;
  const answer = await ask('GET', `${path}${at}`, token);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}
async function finished(...argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const command = daocha([...argv, '--data', data.path]);
  const { code } = await command.ended;
  return { code, out: command.out(), err: command.err() };
}
async function importFile(file: string, source: string): Promise<ImportSummary> {
  const { code, out, err } = await finished('import', file, '--source', source, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out) as ImportSummary;
}
const logSize = async (): Promise<number> => (await ask('GET', '/health')).body.log.size;
const settled = () =>
  waitFor('every follower is at the end of the log', async () => {
    const [{ body: health }, status] = await Promise.all([ask('GET', '/health'), ask('GET', '/dev/status')]);
    const idle = status.body.mappings.every((mapping: { idle: boolean }) => mapping.idle);
    return idle && Object.values<Body>(health.followers).every(({ lag }) => lag === 0) && health;
  });

/** Events but those that the platform records by itself, once every follower is at the end of the log. */
const recorded = async (): Promise<number> => {
  const { log } = await settled();
  return (log.size as number) - (await byItselfOf(data.path));
};

test('only what is public is answered without a token, and only tokens of its issuer are taken', async () => {
  expect((await ask('GET', '/health')).status).toBe(200);
  expect((await ask('GET', '/openapi.json')).body.openapi).toMatch(/^3\.1/);
  expect((await ask('GET', '/v1/tracks/gas')).status).toBe(401);
  const elsewhere = temporaryDirectory();
  const { ensureSigningKey } = await import('../../infra/local/issuer.ts');
  const foreign = await signToken(await ensureSigningKey(elsewhere.path), readPlatformFile(data.path)!, {
    roles: ['admin'],
  });
  expect((await ask('GET', '/v1/tracks/gas', foreign)).status).toBe(401);
  elsewhere.remove();
  expect((await ask('GET', '/v1/tracks/gas', await tokenOf('office', 'office'))).status).toBe(200);
});

test('the issuer’s discovery document leads to the keys; nothing under /dev is for other sites', async () => {
  const { body } = await ask('GET', '/dev/issuer/.well-known/openid-configuration');
  expect(body.issuer).toBe(readPlatformFile(data.path)!.issuer);
  const keys = (await (await fetch(body.jwks_uri as string)).json()) as { keys: Record<string, unknown>[] };
  expect(keys.keys[0]).not.toHaveProperty('d');
  expect((await ask('DELETE', '/dev/events')).status).toBe(405);
  expect((await ask('GET', '/dev/nothing')).status).toBe(404);
});

test('a unit and an inspection with findings: each is seen by a query that waits for it', async () => {
  const village = await tokenOf('village', 'village-01');
  const registered = await act('/v1/units', village, { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas'] });
  unit = registered.id;
  expect(await see(`/v1/units/${unit}`, village, registered)).toMatchObject({ unit, counts: { inspections: 0 } });

  const inspected = await act('/v1/inspections', await tokenOf('inspector', GUI), {
    unit,
    track: 'gas',
    mode: 'routine',
    answers: [
      { item: '1', clause: 'GAS-01', answer: 'problem', text: '软管老化' },
      { item: '2', clause: 'GAS-02', answer: 'ok' },
    ],
  });
  expect(inspected.findings).toMatchObject([{ clause: 'GAS-01', outcome: 'found' }]);
  hazard = inspected.findings[0].hazard;
  const page = await see(`/v1/units/${unit}`, village, inspected);
  expect(page).toMatchObject({ counts: { inspections: 1, open: 1 }, openHazards: [{ hazard, status: 'found' }] });
  expect(page.asOf.position).toBeGreaterThan(0);
});

test('rectified and signed off the unit is listed; found again it is delisted in the same commit', async () => {
  const [department, colleague] = [await tokenOf('department', GUI, 'p-1'), await tokenOf('department', GUI, 'p-2')];
  const village = await tokenOf('village', 'village-01');
  const path = `/v1/hazards/${hazard}`;
  const due = new Date(Date.now() + 20 * DAY).toISOString();
  await act(`${path}/gradings`, department, { grade: 'general', basis: '可立即整改' });
  await act(`${path}/assignments`, await tokenOf('operations', 'chengyun'), { to: GUI });
  await act(`${path}/orders`, department, { measures: '更换软管', due, authority: '条例' });
  await act(`${path}/submissions`, village, { statement: '软管已更换' });
  await act(`${path}/verifications`, colleague, { result: 'passed', basis: '现场复查' });
  const signedOff = await act(`${path}/sign-off`, department);
  expect(await see(`/v1/units/${unit}`, village, signedOff)).toMatchObject({ listed: { on: true }, openHazards: [] });

  const again = await act('/v1/inspections', await tokenOf('inspector', GUI), {
    unit,
    track: 'gas',
    mode: 'covert',
    answers: [{ item: '1', clause: 'GAS-01', answer: 'problem' }],
  });
  expect(again.findings).toMatchObject([{ hazard, outcome: 'recurred' }]);
  expect(await see(`/v1/units/${unit}`, village, again)).toMatchObject({
    listed: { on: false, reason: 'recurrence' },
    counts: { recurrences: 1 },
  });
  const positions = again.events.map((event: { type: string }) => event.type);
  expect(positions).toEqual(expect.arrayContaining(['RecurrenceFound', 'UnitDelisted']));

  const timeline = (await ask('GET', `/v1/units/${unit}/timeline?limit=100`, village)).body.items as Body[];
  expect(timeline.at(-1).type).toBe('UnitRegistered');
  expect(timeline.map(({ type }) => type)).toEqual(expect.arrayContaining(['HazardSignedOff', 'RecurrenceFound']));
  const { items } = (await ask('GET', '/v1/hazards?track=gas&status=recurred', department)).body;
  expect(items).toMatchObject([{ hazard }]);
  expect((await ask('GET', '/v1/lists/baseline', village)).body.items).toMatchObject([{ unit, listed: false }]);
});

test('every event went over the bus once the publisher had caught up, and new ones are shown as they flow', async () => {
  const before = (await settled()).log.size as number;
  const stop = new AbortController();
  const stream = await fetch(`${api}/dev/events`, { signal: stop.signal });
  expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  const registered = await act('/v1/units', await tokenOf('village', 'village-01'), {
    name: '练塘某超市',
    area: 'village-01',
    tracks: ['ebike'],
  });
  let text = '';
  while (!/^data: .*\n\n/m.test(text)) text += (await reader.read()).value ?? '';
  stop.abort();
  const event: Body = JSON.parse(/^data: (.*)$/m.exec(text)![1]!);
  expect(event).toMatchObject({
    'detail-type': 'UnitRegistered',
    source: 'daocha.liantang',
    detail: {
      specversion: '1.0',
      id: `unit/${registered.id}/1`,
      type: 'daocha.UnitRegistered.v2',
      position: before,
      data: { details: { name: '练塘某超市' } },
    },
  });
  const { followers, log } = await settled();
  expect(followers.publish.position).toBe(log.size);
  expect((await ask('GET', '/dev/status')).body).toMatchObject({ deadLetters: 0 });
});

test('a town’s register is imported; the same file again adds nothing', async () => {
  const before = await recorded();
  const first = await importFile(join(DATA, 'example-register/register.zh.csv'), 'daocha-csv');
  expect(first.eventsAdded).toBeGreaterThan(0);
  expect(first.refused).toEqual([]);
  const size = before + first.eventsAdded;
  await waitFor('all of it has a position', async () => (await recorded()) >= size);
  const again = await importFile(join(DATA, 'example-register/register.zh.csv'), 'daocha-csv');
  expect(again).toEqual({ ...first, eventsAdded: 0 });
  expect(await recorded()).toBe(size);
});

test('launching the campaign once more changes nothing', async () => {
  const size = await recorded();
  const launched = [await finished('launch'), await finished('launch')];
  const done = { code: 0, out: expect.stringContaining('is launched'), err: '' };
  expect(launched).toMatchObject([done, done]);
  expect(await finished('sweep')).toMatchObject({ code: 0, out: expect.stringContaining(' 0 events were missing') });
  expect(await recorded()).toBe(size);
});

test('an import that was killed and run again ends as one run does', { timeout: 180_000 }, async () => {
  const lines = readFileSync(join(DATA, 'toronto-highrise-fire/inspections_2017_2019.csv'), 'utf8').split('\n');
  const file = join(data.path, 'part.csv');
  writeFileSync(file, `${lines.slice(0, 121).join('\n')}\n`);
  const before = await recorded();
  const size = await logSize();
  const killed = daocha([
    'import',
    file,
    '--source',
    'toronto-highrise-fire',
    '--batch',
    '2',
    '--concurrency',
    '1',
    '--data',
    data.path,
  ]);
  await waitFor('part of it is recorded', async () => (await logSize()) > size + 20);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const partly = await recorded();
  const rest = await importFile(file, 'toronto-highrise-fire');
  expect(rest.eventsAdded).toBeGreaterThan(0);
  expect(rest.rows).toBe(120);
  expect(await recorded()).toBe(partly + rest.eventsAdded);

  const memory = temporaryDirectory();
  const whole = await daochaStart(memory.path, ['--memory']);
  const once = daocha(['import', file, '--source', 'toronto-highrise-fire', '--json', '--data', memory.path]);
  await once.ended;
  whole.child.kill('SIGINT');
  await whole.ended;
  memory.remove();
  const uninterrupted = JSON.parse(once.out()) as ImportSummary;
  expect({ ...rest, eventsAdded: partly - before + rest.eventsAdded }).toEqual(uninterrupted);
});

test('rebuilt views equal the live ones, take over, and go on', async () => {
  const village = await tokenOf('village', 'village-01');
  await settled();
  const strip = ({ asOf: _asOf, ...page }: Body) => page;
  const before = strip((await ask('GET', `/v1/units/${unit}`, village)).body);
  const track = strip((await ask('GET', '/v1/tracks/gas', await tokenOf('office', 'office'))).body);
  const { code, err } = await finished('rebuild', '--json');
  expect(code, err).toBe(0);
  const written = await act('/v1/units', village, { name: '丙', area: 'village-01', tracks: ['gas'] });
  expect(await see(`/v1/units/${written.id}`, village, written)).toMatchObject({ details: { name: '丙' } });
  expect(strip((await ask('GET', `/v1/units/${unit}`, village)).body)).toEqual(before);
  expect((await ask('GET', '/v1/tracks/gas', await tokenOf('office', 'office'))).body).toMatchObject({
    hazards: track.hazards,
    inspections: track.inspections,
  });
  expect(Object.keys((await ask('GET', '/health')).body.followers)).toContain('project@g2');
});

test('a restart finds everything there', async () => {
  const size = await recorded();
  platform.child.kill('SIGINT');
  expect(await platform.ended).toMatchObject({ code: 0 });
  platform = await daochaStart(data.path);
  ({ api } = platform);
  expect(await recorded()).toBe(size);
  // The port is another one, so the issuer is as well: tokens of before are signed for the other address.
  tokens.clear();
  const { body } = await ask('GET', `/v1/units/${unit}`, await tokenOf('village', 'village-01'));
  expect(body).toMatchObject({ unit, counts: { recurrences: 1 } });
});
