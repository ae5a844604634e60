// The audit of a running platform, as auditor, operator and a stranger with Go do it: proofs are taken home and verified, the log
// goes on after a kill, and what somebody with access to the tables changes is named.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPlatformFile } from '../../infra/cli/data-directory.ts';
import { connectTables } from '../../infra/cli/tables.ts';
import { readSigningKey, signToken } from '../../infra/local/issuer.ts';
import { localKey } from '../../shared/record/tlog/ed25519.ts';
import { COSIGNATURE_V1, ED25519, formatVkey, vkeyOf } from '../../shared/record/tlog/vkey.ts';
import { go, judge } from '../interop/go.ts';
import { flipped } from '../record/tlog/logs.ts';
import { type DaochaProcess, daocha, daochaStart, temporaryDirectory, waitFor } from '../support/platform.ts';

const EXTRACT = new URL('../../infra/data/toronto-highrise-fire/inspections_2017_2019.csv', import.meta.url);
const GUI = 'guijianban'; // leads the gas track

const data = temporaryDirectory();
const home = temporaryDirectory();
const at = (name: string): string => join(home.path, name);
let platform: DaochaProcess & { api: string };
let vkey: string;
let unit: string;
let hazard: string;

beforeAll(async () => {
  platform = await daochaStart(data.path);
}, 60_000);
afterAll(async () => {
  platform?.child.kill('SIGINT');
  await platform?.ended;
  data.remove();
  home.remove();
});

// oxlint-disable-next-line typescript/no-explicit-any -- bodies of answers, looked into by the tests
type Body = any;

const tokenOf = (role: string, org: string, person = `p-${role}`): Promise<string> =>
  signToken(readSigningKey(data.path)!, readPlatformFile(data.path)!, { roles: [role], org, person, post: role });

async function get(path: string, role = 'auditor'): Promise<{ status: number; text: string; body: () => Body }> {
  const token = await tokenOf(role, 'office');
  const response = await fetch(`${platform.api}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  return { status: response.status, text, body: () => JSON.parse(text) };
}

async function act(path: string, token: string, body: unknown = {}): Promise<Body> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${platform.api}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = (await response.json()) as Body;
  expect(answer, JSON.stringify(answer)).toMatchObject({ already: false });
  return answer;
}

/** Waits until everything that was written is in the log and signed; its size. */
const sealed = (least = 0): Promise<number> =>
  waitFor('the log is signed to its end', async () => {
    const { log } = (await get('/health')).body();
    return log.size >= least && log.size > 0 && log.signed?.size === log.size && (log.size as number);
  });

async function audit(...argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const command = daocha(['audit', ...argv]);
  const { code } = await command.ended;
  return { code, out: command.out(), err: command.err() };
}
const bundle = (name: string, ...scope: string[]) => audit('bundle', ...scope, '--out', at(name), '--data', data.path);
const check = (...more: string[]) => audit('check', '--data', data.path, '--restart', ...more);

test(
  'the life of a hazard is signed within seconds, and what is signed is what is in the log',
  { timeout: 60_000 },
  async () => {
    const [village, department] = [await tokenOf('village', 'village-01'), await tokenOf('department', GUI, 'p-1')];
    unit = (await act('/v1/units', village, { name: '练塘某餐饮店', area: 'village-01', tracks: ['gas'] })).id;
    const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem', text: '软管老化' }];
    const inspection = { unit, track: 'gas', mode: 'routine', answers };
    hazard = (await act('/v1/inspections', await tokenOf('inspector', GUI), inspection)).findings[0].hazard;
    await act(`/v1/hazards/${hazard}/gradings`, department, { grade: 'general', basis: '可立即整改' });
    await act(`/v1/hazards/${hazard}/assignments`, await tokenOf('operations', 'chengyun'), { to: GUI });
    const last = await waitFor('the assignment has its place', async () => {
      const { position } = (await get(`/v1/positions?stream=hazard/${hazard}&version=3`)).body();
      return (position as number | null) ?? undefined;
    });
    const size = await sealed(last + 1);
    vkey = (await get('/log/vkey')).text.trim();
    expect(vkey).toMatch(/^daocha\.invalid\/liantang\+[0-9a-f]{8}\+/u);
    expect((await get('/log/checkpoint', 'witness')).text).toMatch(
      new RegExp(`^daocha\\.invalid/liantang\n${size}\n`, 'u'),
    );
  },
);

test('the events of the unit are taken home and hold without the platform', { timeout: 60_000 }, async () => {
  expect(await bundle('unit', '--unit', unit)).toMatchObject({ code: 0, out: expect.stringContaining('with proofs') });
  const verified = await audit('verify', at('unit'), '--vkey', vkey);
  expect(verified, verified.err).toMatchObject({
    code: 0,
    out: expect.stringContaining('signed by daocha.invalid/liantang'),
  });
  expect(await check('--vkey', vkey)).toMatchObject({ code: 0, out: expect.stringContaining('Nothing differs') });
});

test(
  'killed and started again with a large import behind it, the log continues the checkpoint that was kept',
  { timeout: 120_000 },
  async () => {
    const kept = await sealed();
    mkdirSync(at('older'));
    cpSync(join(at('unit'), 'log/checkpoint'), join(at('older'), `checkpoint.${kept}`));
    const lines = readFileSync(fileURLToPath(EXTRACT), 'utf8').split('\n');
    writeFileSync(at('part.csv'), `${lines.slice(0, 161).join('\n')}\n`);
    const source = ['--source', 'toronto-highrise-fire', '--data', data.path];
    const importing = daocha(['import', at('part.csv'), ...source]);
    await waitFor('some of it is signed', async () => (await get('/health')).body().log.signed.size > kept);
    platform.child.kill('SIGKILL');
    importing.child.kill('SIGKILL');
    await Promise.all([platform.ended, importing.ended]);
    platform = await daochaStart(data.path);
    expect(await daocha(['import', at('part.csv'), ...source]).ended).toMatchObject({ code: 0 });
    await sealed(257);

    expect(await bundle('all', '--all')).toMatchObject({ code: 0 });
    // what was imported last may have been signed between the two
    const [, size] = readFileSync(join(at('all'), 'log/checkpoint'), 'utf8').split('\n');
    expect(Number(size)).toBeGreaterThanOrEqual(257);
    const verified = await audit('verify', at('all'), '--vkey', vkey, '--since', join(at('unit'), 'log/checkpoint'));
    expect(verified, verified.out).toMatchObject({ code: 0 });
    expect(verified.out).toContain(`${size} of ${size} events`);
    expect(verified.out).toContain('It continues the checkpoint in');
    expect(await check('--vkey', vkey)).toMatchObject({ code: 0 });
  },
);

test.skipIf(!go)(
  'Go’s own packages take what the platform serves: notes, tiles, entries, proofs, consistency',
  { timeout: 120_000 },
  async () => {
    const size = await sealed();
    const found = await judge(home.path, platform.api, await tokenOf('auditor', 'office'));
    expect(found).toMatchObject({ origin: 'daocha.invalid/liantang', size, records: size, older: 1, consistency: 1 });
    expect(found['proofs']).toBeGreaterThanOrEqual(10);
    expect(found['proved']).toBeGreaterThanOrEqual(100);
  },
);

test('what is asked for wrongly is told', { timeout: 120_000 }, async () => {
  const size = await sealed();
  const beyond = await bundle('beyond', '--from', '0', '--to', String(size));
  expect(beyond).toMatchObject({ code: 2, err: expect.stringContaining(`position ${size} is beyond the log`) });
  const nobody = await bundle('nobody', '--unit', 'u_nobody');
  expect(nobody).toMatchObject({ code: 3, err: expect.stringContaining('u_nobody') });
  const inspector = await tokenOf('inspector', GUI);
  const forbidden = await audit('bundle', '--all', '--out', at('none'), '--api', platform.api, '--token', inspector);
  expect(forbidden).toMatchObject({ code: 3, err: expect.stringContaining('read.log is not allowed to inspector') });
  const away = await audit('bundle', '--all', '--out', at('away'), '--api', 'http://127.0.0.1:1', '--token', inspector);
  expect(away).toMatchObject({
    code: 3,
    err: expect.stringContaining('The platform cannot be reached: '),
  });

  const other = localKey(new Uint8Array(32).fill(3));
  const unknown = formatVkey(vkeyOf('daocha.invalid/liantang', ED25519, other.publicKey));
  expect(await audit('verify', at('unit'), '--vkey', unknown)).toMatchObject({
    code: 16,
    out: expect.stringMatching(/^wrong-key: log\.vkey: /u),
  });
  const witness = formatVkey(vkeyOf('audit.example/witness', COSIGNATURE_V1, other.publicKey));
  expect(await audit('verify', at('unit'), '--vkey', vkey, '--witness', witness)).toMatchObject({ code: 17 });
  const elsewhere = readFileSync(new URL('../vectors/tessera-log/checkpoint', import.meta.url));
  writeFileSync(at('elsewhere'), elsewhere);
  expect(await audit('verify', at('unit'), '--vkey', vkey, '--since', at('elsewhere'))).toMatchObject({ code: 16 });
  cpSync(at('unit'), at('extra'), { recursive: true });
  writeFileSync(join(at('extra'), 'leaves/999999.json'), '{}');
  expect(await audit('verify', at('extra'), '--vkey', vkey)).toMatchObject({
    code: 18,
    out: expect.stringMatching(/^extra: leaves\/999999\.json/u),
  });
});

test(
  'an event changed behind the platform’s back is named by the check, not served, and told from the bundle at home',
  { timeout: 120_000 },
  async () => {
    const tables = connectTables(data.path);
    const stream = `liantang#hazard#${hazard}`;
    const { position } = (await get(`/v1/positions?stream=hazard/${hazard}&version=2`)).body();
    await tamper(tables.dynamo, tables.events, stream);
    tables.dynamo.destroy();

    const checked = await check('--vkey', vkey);
    expect(checked).toMatchObject({ code: 10 });
    expect(checked.out).toMatch(new RegExp(`^altered: ${stream}@2: position ${position}: `, 'u'));
    const refused = await bundle('after', '--from', String(position), '--to', String(position));
    expect(refused).toMatchObject({
      code: 3,
      err: expect.stringContaining(`position ${position}, commit ${stream}@2`),
    });
    expect(await audit('verify', at('unit'), '--vkey', vkey)).toMatchObject({ code: 0 });
    const leaf = join(at('unit'), `leaves/${position}.json`);
    writeFileSync(leaf, flipped(readFileSync(leaf), 900));
    expect(await audit('verify', at('unit'), '--vkey', vkey)).toMatchObject({
      code: 10,
      out: expect.stringMatching(new RegExp(`^altered: leaves/${position}\\.json: position ${position}`, 'u')),
    });
  },
);

/** One letter of the second event of a stream, as somebody with write access to the table would. */
async function tamper(dynamo: DynamoDBClient, table: string, stream: string): Promise<void> {
  const key = { stream: { S: stream }, version: { N: '2' } };
  const { Item } = await dynamo.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }));
  const bytes = Buffer.from(Item!['events']!.L![0]!.B!);
  const changed = Buffer.from(bytes.toString('utf8').replace('可立即整改', '可限期整改'), 'utf8');
  expect(changed).not.toEqual(bytes);
  await dynamo.send(new PutItemCommand({ TableName: table, Item: { ...Item!, events: { L: [{ B: changed }] } } }));
}
