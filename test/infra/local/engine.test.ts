// The engine as a child process: comes up, goes away with whoever started it, and says plainly why it cannot.
import { DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openCheckpoints } from '../../../infra/local/checkpoints.ts';
import {
  type Engine,
  engineBinary,
  engineName,
  ENGINES,
  EngineUnavailable,
  startEngine,
} from '../../../infra/local/engine.ts';
import { lockDataDirectory } from '../../../infra/local/lock.ts';
import { createTables, TableDiffers } from '../../../infra/local/tables.ts';
import { MINI_TEMPLATE } from '../../support/mini-template.ts';
import { runs, temporaryDirectory, waitFor } from '../../support/platform.ts';

let data: ReturnType<typeof temporaryDirectory>;
const running: Engine[] = [];
beforeEach(() => {
  data = temporaryDirectory();
});
afterEach(async () => {
  for (const engine of running.splice(0)) await engine.stop();
  data.remove();
});

async function start(options: Partial<Parameters<typeof startEngine>[0]> = {}): Promise<Engine> {
  const engine = await startEngine({ data: data.path, ...options });
  running.push(engine);
  return engine;
}
const other = ENGINES.find((name) => name !== engineName(undefined))!;

test('starts, keeps what was written over a restart, and leaves no process', async () => {
  const first = await start();
  const one = new DynamoDBClient(first.client);
  const [events] = await createTables(one, MINI_TEMPLATE);
  const item = { stream: { S: 'a' }, version: { N: '1' } };
  await one.send(new PutItemCommand({ TableName: events!.name, Item: item }));
  one.destroy();
  await first.stop();
  await first.stop(); // may be called again
  expect(runs(first.pid!)).toBe(false);

  const two = new DynamoDBClient((await start()).client);
  const again = await createTables(two, MINI_TEMPLATE);
  expect(again.map(({ existed }) => existed)).toEqual([true, true, true]);
  expect(again[0]!.streamArn).toBe(events!.streamArn);
  expect((await two.send(new GetItemCommand({ TableName: events!.name, Key: item }))).Item).toEqual(item);

  const changed = structuredClone(MINI_TEMPLATE);
  changed.Resources['Log']!.Properties!['StreamSpecification'] = { StreamViewType: 'NEW_IMAGE' };
  const refused = createTables(two, changed);
  await expect(refused).rejects.toThrow(TableDiffers);
  await expect(refused).rejects.toThrow(/daocha-log.*stream is KEYS_ONLY, but NEW_IMAGE is declared/);
  two.destroy();
});

test('in memory nothing is kept, and the temporary files go with it', async () => {
  const engine = await start({ memory: true });
  const dynamo = new DynamoDBClient(engine.client);
  await createTables(dynamo, MINI_TEMPLATE);
  dynamo.destroy();
  await engine.stop();
  const files = readdirSync(data.path, { recursive: true }).map(String);
  expect(files.filter((name) => name.includes('sqlite'))).toEqual([]);
  const after = new DynamoDBClient((await start({ memory: true })).client);
  expect((await after.send(new ListTablesCommand({ Limit: 10 }))).TableNames).toEqual([]);
  after.destroy();
});

test('says when it ends without having been asked to, once', async () => {
  const engine = await start();
  const reasons: string[] = [];
  engine.onFailure((reason) => reasons.push(reason));
  process.kill(engine.pid!, 'SIGKILL');
  await waitFor('the reason', () => reasons[0]);
  expect(reasons).toEqual(['it ended (SIGKILL)']);
});

test('names the engine in the lock, for the next start to end', async () => {
  const lock = lockDataDirectory(data.path);
  const named: { pid: number; marks: string[] }[] = [];
  const engine = await start({ lock: { ...lock, recordEngine: (pid, marks) => named.push({ pid, marks }) } });
  expect(named).toEqual([{ pid: engine.pid, marks: [engine.name, join(data.path, engine.name)] }]);
  lock.release();
});

test('the environment’s AWS keys are not what the engine is spoken to with', async () => {
  const engine = await start({ env: { ...process.env, AWS_ACCESS_KEY_ID: 'AKIAREAL', AWS_SECRET_ACCESS_KEY: 'real' } });
  expect(engine.client.credentials.accessKeyId).toBe('AKIAIOSFODNN7EXAMPLE');
});

describe('says what would be right', () => {
  test('for an engine that there is not', () => {
    expect(() => engineName('postgres')).toThrow('There is no engine called "postgres".');
    expect(() => engineName(undefined, { DAOCHA_ENGINE: 'x' })).toThrow(
      expect.objectContaining({ field: 'DAOCHA_ENGINE', expected: 'extenddb or dynoxide' }) as Error,
    );
  });

  test('on a kind of machine that no package is installed for', () => {
    const find = () => engineBinary('extenddb', { env: {}, platform: 'plan9-mips' });
    expect(find).toThrow(EngineUnavailable);
    expect(find).toThrow(/plan9-mips[^]*@extenddb\/plan9-mips[^]*EXTENDDB_BINARY[^]*DYNAMODB_ENDPOINT/);
  });

  test('when the program named is not there', () => {
    expect(() => engineBinary('dynoxide', { env: { DYNOXIDE_BINARY: '/no/such' } })).toThrow(
      'DYNOXIDE_BINARY names /no/such, but there is no such file.',
    );
  });

  test('when the program does not come up, with its last words', async () => {
    const broken = join(data.path, 'broken.sh');
    writeFileSync(broken, '#!/bin/sh\necho "disk full" >&2\nexit 3\n', { mode: 0o755 });
    const env = { ...process.env, EXTENDDB_BINARY: broken, DYNOXIDE_BINARY: broken };
    await expect(start({ env })).rejects.toThrow(/did not start: it ended \(exit code 3\)[^]*disk full/);
  });

  test('for data that the other engine wrote', async () => {
    mkdirSync(join(data.path, other));
    writeFileSync(join(data.path, other, 'data.sqlite'), '');
    await expect(start()).rejects.toThrow(new RegExp(`written by the engine ${other}.*DAOCHA_ENGINE=${other}`));
    expect(existsSync(join(data.path, engineName(undefined), 'data.sqlite'))).toBe(false);
  });

  test('for an endpoint that is no address', async () => {
    await expect(start({ env: { DYNAMODB_ENDPOINT: 'here' } })).rejects.toMatchObject({ field: 'DYNAMODB_ENDPOINT' });
  });
});

describe('a database file', () => {
  const file = (): string => join(data.path, engineName(undefined), 'data.sqlite');

  test('that was cut off, or is none, is named at start with what to do, and left as it is', async () => {
    const engine = await start();
    const dynamo = new DynamoDBClient(engine.client);
    await createTables(dynamo, MINI_TEMPLATE);
    dynamo.destroy();
    await engine.stop();
    const whole = readFileSync(file());
    // an engine does not always take its write-ahead log over before it ends
    const log = existsSync(`${file()}-wal`) ? readFileSync(`${file()}-wal`) : undefined;
    for (const [bytes, why] of [
      [whole.subarray(0, whole.length - 1), /was cut off: \d+ bytes where \d+ belong/],
      [whole.subarray(0, 50), /is not a database/],
      [Buffer.concat([Buffer.alloc(16), whole.subarray(16)]), /is not a database/],
      [Buffer.from('hello'), /is not a database/],
    ] as const) {
      rmSync(`${file()}-wal`, { force: true });
      writeFileSync(file(), bytes);
      await expect(start()).rejects.toMatchObject({ type: 'damaged-database', message: expect.stringMatching(why) });
      await expect(start()).rejects.toThrow(/data\.sqlite .*put back the data directory of your backup/);
      expect(readFileSync(file())).toEqual(Buffer.from(bytes));
    }
    writeFileSync(file(), whole);
    if (log !== undefined) writeFileSync(`${file()}-wal`, log);
    await start();
  });

  test('with a page of garbage is named in one plain sentence, the engine’s last line after it', async () => {
    const engine = await start();
    const dynamo = new DynamoDBClient(engine.client);
    await createTables(dynamo, MINI_TEMPLATE);
    dynamo.destroy();
    await engine.stop();
    const bytes = readFileSync(file());
    bytes.fill(0xa5, 100, 4096);
    // as many pages as there are: what the engine had not yet taken over from its write-ahead log is not missed
    bytes.writeUInt32BE(bytes.length / bytes.readUInt16BE(16), 28);
    rmSync(`${file()}-wal`, { force: true });
    writeFileSync(file(), bytes);
    const error = (await start().catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toMatch(/^The database \S+data\.sqlite is damaged\. Keep .* The engine said: .+$/u);
    expect(error.message).not.toContain('\u001B');
  });

  test('of 0 bytes is a new one, but beside a key of the log it was cut off', async () => {
    mkdirSync(dirname(file()));
    writeFileSync(file(), '');
    await (await start()).stop();
    rmSync(dirname(file()), { recursive: true });
    mkdirSync(dirname(file()));
    writeFileSync(file(), '');
    writeFileSync(join(data.path, 'log-key'), 'a key');
    await expect(start()).rejects.toThrow(/data\.sqlite was cut off: it has 0 bytes\. Keep/u);
    expect(readFileSync(file())).toHaveLength(0);
    rmSync(file());
    writeFileSync(join(dirname(file()), 'checkpoints.json'), '{}');
    await expect(start()).rejects.toThrow(
      /data\.sqlite is missing, and was there before\. .*put back the data directory/u,
    );
    expect(existsSync(file())).toBe(false);
  });
});

test('how far streams were read is kept again once a full disk has room', () => {
  vi.useFakeTimers();
  try {
    const file = join(data.path, 'checkpoints.json');
    // whatever is written there finds the disk full
    symlinkSync('/dev/full', `${file}.new`);
    const checkpoints = openCheckpoints(file);
    checkpoints.set('m', 'arn', 's', { at: '2025-06-02T00:00:00.000Z', sequence: '7' });
    vi.advanceTimersByTime(600);
    expect(existsSync(file)).toBe(false);
    expect(checkpoints.of('m', 'arn')).toHaveProperty('s');
    rmSync(`${file}.new`);
    vi.advanceTimersByTime(6000);
    expect(openCheckpoints(file).of('m', 'arn')['s']).toMatchObject({ sequence: '7' });
    checkpoints.close();
  } finally {
    vi.useRealTimers();
  }
});

test('an engine that runs already is used as it is, and not stopped', async () => {
  const engine = await start({ memory: true });
  const guest = await startEngine({ data: data.path, env: { DYNAMODB_ENDPOINT: engine.endpoint } });
  expect(guest).toMatchObject({ name: 'external', endpoint: engine.endpoint, pid: undefined });
  await guest.stop();
  expect(runs(engine.pid!)).toBe(true);
});
