// The platform as a person starts it, in a process of its own: how it ends, what it refuses, what it leaves behind.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../../infra/cli/api-client.ts';
import { readPlatformFile } from '../../../infra/cli/data-directory.ts';
import { engineName } from '../../../infra/local/engine.ts';
import { type DaochaProcess, daocha, daochaStart, runs, temporaryDirectory, waitFor } from '../../support/platform.ts';

let data: ReturnType<typeof temporaryDirectory>;
const started: DaochaProcess[] = [];
beforeEach(() => {
  data = temporaryDirectory();
});
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
    await ended;
  }
  data.remove();
});

async function start(...argv: string[]) {
  const platform = await daochaStart(data.path, argv);
  started.push(platform);
  return platform;
}
const databaseIn = (path: string) => join(path, engineName(undefined), 'data.sqlite');
const enginePid = () =>
  (JSON.parse(readFileSync(join(data.path, 'platform.lock'), 'utf8')) as { engine: { pid: number } }).engine.pid;

interface Health {
  status: string;
  log: { size: number };
  followers: Record<string, { position: number; lag: number; movedAt: string | null }>;
}
const health = async (api: string): Promise<Health> => (await (await fetch(`${api}/health`)).json()) as Health;
const caughtUp = (api: string, size: number) =>
  waitFor('the views have caught up', async () => {
    const now = await health(api);
    return now.log.size >= size && Object.values(now.followers).every(({ lag }) => lag === 0) && now;
  });

const UNIT = { area: 'village-01', tracks: ['gas'] };

describe('a start', () => {
  test('says where it listens, serves it, and ends at Ctrl-C with code 0 and no process left', async () => {
    const { api, child, out, err, ended } = await start();
    expect(out()).toContain(`${api}/docs`);
    expect(out()).toContain(`token --role inspector --org village-01 --data ${data.path}`);
    expect(await health(api)).toMatchObject({ status: 'ok', followers: { publish: {}, 'project@g1': {} } });
    expect(statSync(join(data.path, 'platform.json')).mode & 0o777).toBe(0o600);
    const engine = enginePid();
    expect(runs(engine)).toBe(true);
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(out()).toContain('Stopped');
    expect(err()).toBe('');
    expect(runs(engine)).toBe(false);
    expect(existsSync(join(data.path, 'platform.json'))).toBe(false);
    expect(existsSync(join(data.path, 'platform.lock'))).toBe(false);
  });

  test('on data that a running platform holds is refused, and the running one is not disturbed', async () => {
    const { api, child } = await start();
    const second = daocha(['start', '--port', '0', '--data', data.path]);
    expect(await second.ended).toMatchObject({ code: 1 });
    expect(second.err()).toContain(`in use by the platform with process id ${child.pid}`);
    expect(second.err()).toContain('--data');
    expect(await health(api)).toMatchObject({ status: 'ok' });
    expect(readPlatformFile(data.path)).toMatchObject({ api });
  });

  test('on a port that is in use names --port, and gives the data free', async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const { port } = other.address() as AddressInfo;
    const refused = daocha(['start', '--port', String(port), '--data', data.path]);
    expect(await refused.ended).toMatchObject({ code: 1 });
    expect(refused.err()).toMatch(new RegExp(`Port ${port} .*in use.*--port`));
    await new Promise((closed) => other.close(closed));
    expect(existsSync(join(data.path, 'platform.lock'))).toBe(false);
  });

  test('with --memory keeps nothing', async () => {
    const first = await start('--memory');
    const client = await connect({ data: data.path, role: 'office' });
    const { status } = await client.request('POST', '/v1/units', { ...UNIT, name: '甲' }, { prefer: 'wait=10' });
    expect(status).toBe(201);
    const { log } = await caughtUp(first.api, 1);
    const vkey = async (api: string) => (await fetch(`${api}/log/vkey`)).text();
    const key = await vkey(first.api);
    first.child.kill('SIGINT');
    await first.ended;
    const second = await start('--memory');
    expect((await caughtUp(second.api, 1)).log.size).toBe(log.size - 1);
    // another log, by another key: signed by the directory's, it would be a fork of the log there
    expect(await vkey(second.api)).not.toBe(key);
    expect(existsSync(join(data.path, 'log-key'))).toBe(false);
  });

  test('on a database that is shorter than what was signed of its log is refused, before anything is signed or made', async () => {
    const { api, child, ended } = await start();
    await caughtUp(api, 1);
    child.kill('SIGINT');
    await ended;
    const copies = join(data.path, 'checkpoints');
    mkdirSync(copies, { recursive: true });
    writeFileSync(join(copies, '000000000830-0123456789abcdef.checkpoint'), 'as it was signed');
    const engine = dirname(databaseIn(data.path));
    const refused = async (why: RegExp) => {
      const again = daocha(['start', '--port', '0', '--data', data.path]);
      expect(await again.ended).toMatchObject({ code: 1 });
      expect(again.err()).toMatch(why);
    };
    await refused(
      /data\.sqlite has a log of [1-9]\d* events, but 830 were signed .*put the database back from its copy/u,
    );
    writeFileSync(databaseIn(data.path), '');
    await refused(/data\.sqlite was cut off: it has 0 bytes/u);
    rmSync(engine, { recursive: true });
    await refused(
      /data\.sqlite is missing or empty: its log has 0 events, but 830 were signed .*another data directory/u,
    );
    expect(existsSync(engine)).toBe(false);
  });

  test('copies what is signed when it stops: an older database in its place is refused', async () => {
    const first = await start();
    await caughtUp(first.api, 1);
    first.child.kill('SIGINT');
    await first.ended;
    const older = readFileSync(databaseIn(data.path));
    const second = await start();
    const client = await connect({ data: data.path, role: 'office' });
    expect((await client.request('POST', '/v1/units', { ...UNIT, name: '甲' }, { prefer: 'wait=10' })).status).toBe(
      201,
    );
    second.child.kill('SIGINT');
    await second.ended;
    const refused = async (why: RegExp) => {
      const again = daocha(['start', '--port', '0', '--data', data.path]);
      expect(await again.ended).toMatchObject({ code: 1 });
      expect(again.err()).toMatch(why);
    };
    for (const file of ['-wal', '-shm']) rmSync(`${databaseIn(data.path)}${file}`, { force: true });
    writeFileSync(databaseIn(data.path), older);
    await refused(/data\.sqlite .* events, but [1-9]\d* were signed/u);
  });

  test('ends with the reason when its engine is killed', async () => {
    const { ended, err } = await start();
    process.kill(enginePid(), 'SIGKILL');
    expect(await ended).toMatchObject({ code: 1 });
    expect(err()).toContain('The database engine stopped by itself: it ended (SIGKILL). See');
  });
});

test('three times kill -9 under load, once of the engine as well: nothing acknowledged is lost, the next start works, the views catch up', async () => {
  const acknowledged: { id: string; atLeast: string }[] = [];
  const engines: number[] = [];
  // each a shop of its own: of one name and without address they would be taken for the same
  let made = 0;
  for (let round = 0; round < 3; round++) {
    const { child, ended } = await start();
    expect(engines.filter(runs)).toEqual([]);
    engines.push(enginePid());
    const client = await connect({ data: data.path, role: 'office' });
    const before = acknowledged.length;
    const load = Array.from({ length: 6 }, async () => {
      for (;;) {
        const answer = await client
          .request('POST', '/v1/units', { ...UNIT, name: `店 ${made++}` })
          .catch(() => undefined);
        if (answer === undefined || answer.status >= 500) return; // the platform or its engine is gone
        expect(answer.status).toBe(201);
        acknowledged.push(answer.body as (typeof acknowledged)[number]);
      }
    });
    await waitFor('some load', () => acknowledged.length >= before + 40);
    if (round === 1) process.kill(enginePid(), 'SIGKILL');
    child.kill('SIGKILL');
    await Promise.all([...load, ended]);
  }
  const { api, err } = await start();
  expect(engines.filter(runs)).toEqual([]);
  expect(err()).toContain('ended without cleaning up: taking over its data directory');
  const client = await connect({ data: data.path, role: 'office' });
  await caughtUp(api, acknowledged.length);
  for (const { id, atLeast } of acknowledged) {
    const { status, body } = await client.request('GET', `/v1/units/${id}?atLeast=${encodeURIComponent(atLeast)}`);
    expect({ status, body }).toMatchObject({ status: 200, body: { unit: id } });
  }
});
