// The tail of a stream on the real engine: every record at least once, in order per key, through failures and restarts;
// and on a stream made by hand, what no engine does on demand: closed shards, forgotten records.
import { DeleteItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record,
} from '@aws-sdk/client-dynamodb-streams';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FollowerBehind } from '../../../functions/runtime/follower.ts';
import { openCheckpoints } from '../../../infra/local/checkpoints.ts';
import { type Mapping, startTail, type Tail, type TailOptions } from '../../../infra/local/streams.ts';
import { createTables, type LocalTable } from '../../../infra/local/tables.ts';
import { SETTINGS as MAPPED } from './settings.ts';
import { MINI_TEMPLATE } from '../../support/mini-template.ts';
import { type EngineWithTables, startEngineWithTables, temporaryDirectory, waitFor } from '../../support/platform.ts';

const SETTINGS = { ...MAPPED, table: 'events' };
const named = (record: DynamoDBRecord) => {
  const keys = record.dynamodb?.Keys ?? {};
  return { stream: keys['stream']?.S ?? '', version: Number(keys['version']?.N) };
};

let directory: ReturnType<typeof temporaryDirectory>;
const tails: Tail[] = [];
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  for (const tail of tails.splice(0)) await tail.stop();
  directory.remove();
});
const tail = (options: Omit<TailOptions, 'deadLetter' | 'retryPause'> & Partial<TailOptions>): Tail => {
  const started = startTail({ retryPause: 1, deadLetter: () => {}, ...options });
  tails.push(started);
  return started;
};

describe('on the real engine', () => {
  let engine: EngineWithTables;
  let streams: DynamoDBStreamsClient;
  let dynamo: DynamoDBClient;
  let nth = 0;
  let table: LocalTable;
  beforeAll(async () => {
    engine = await startEngineWithTables(MINI_TEMPLATE);
    dynamo = engine.dynamo;
    streams = new DynamoDBStreamsClient(engine.engine.client);
  });
  afterAll(async () => {
    streams.destroy();
    await engine.stop();
  });
  /** Each test has a table of its own: a stream cannot be emptied. */
  beforeEach(async () => {
    nth++;
    [table] = (await createTables(dynamo, MINI_TEMPLATE, new Map(), `test${nth}`)) as [LocalTable];
  });
  const mapping = (more: Partial<Mapping> = {}): Mapping => ({
    ...SETTINGS,
    name: 'events-f',
    streamArn: table.streamArn!,
    ...more,
  });
  /** Writes versions `from` to `to` of each stream: in order within a stream, all streams at once. */
  const write = (names: readonly string[], from: number, to: number) =>
    Promise.all(
      names.map(async (stream) => {
        for (let version = from; version <= to; version++) {
          const Item = { stream: { S: stream }, version: { N: String(version) }, hash: { B: Buffer.from([version]) } };
          await dynamo.send(new PutItemCommand({ TableName: table.name, Item }));
        }
      }),
    );
  const NAMES = Array.from({ length: 8 }, (_, n) => `s${n}`);

  /** The versions of each stream in the order of their first handling. */
  const firsts = (handled: DynamoDBRecord[]) => {
    const seen = Object.fromEntries(NAMES.map((name) => [name, [] as number[]]));
    for (const { stream, version } of handled.map(named))
      if (!seen[stream]?.includes(version)) seen[stream]?.push(version);
    return seen;
  };
  const upTo = (to: number) =>
    Object.fromEntries(NAMES.map((name) => [name, Array.from({ length: to }, (_, n) => n + 1)]));

  test('every record comes at least once and in order per key, however often the function fails', async () => {
    const handled: DynamoDBRecord[] = [];
    let calls = 0;
    const reading = tail({
      streams,
      mapping: mapping({ maximumRetryAttempts: -1 }),
      checkpoints: openCheckpoints(undefined),
      invoke: async ({ Records }) => {
        calls++;
        if (calls % 3 === 0) throw new Error('one in three fails');
        handled.push(...Records);
      },
    });
    await write(NAMES, 1, 15);
    await waitFor('all records', () => handled.length >= NAMES.length * 15);
    expect(firsts(handled)).toEqual(upTo(15));
    expect(reading.state().failures).toBeGreaterThan(0);
    expect(handled[0]).toMatchObject({
      eventName: 'INSERT',
      eventSourceARN: table.streamArn,
      dynamodb: { NewImage: { hash: { B: Buffer.from([1]).toString('base64') } }, SequenceNumber: expect.any(String) },
    });
  });

  test('a record that always fails is set aside alone; the mapping goes on', async () => {
    const handled: DynamoDBRecord[] = [];
    const dead: unknown[] = [];
    const warned: string[] = [];
    const reading = tail({
      streams,
      mapping: mapping(),
      checkpoints: openCheckpoints(undefined),
      warn: (message) => warned.push(message),
      invoke: async ({ Records }) => {
        if (Records.some((record) => named(record).stream === 's3' && named(record).version === 2))
          throw new Error('cannot digest this');
        handled.push(...Records);
      },
      deadLetter: (records, condition) => void dead.push({ keys: records.map(named), condition }),
    });
    await write(NAMES, 1, 3);
    await waitFor('all others', () => handled.length >= NAMES.length * 3 - 1);
    expect(dead).toEqual([{ keys: [{ stream: 's3', version: 2 }], condition: 'RetryAttemptsExhausted' }]);
    expect(firsts(handled)).toEqual({ ...upTo(3), s3: [1, 3] });
    expect(warned[0]).toBe('events-f fails: cannot digest this; trying again');
    await waitFor('it is well again', () => reading.state().failing === 0);
    expect(reading.state()).toMatchObject({ deadLetters: 1, lastError: 'cannot digest this', failing: 0 });
  });

  test('while the function fails, the state says so', async () => {
    const reading = tail({
      streams,
      mapping: mapping({ maximumRetryAttempts: -1 }),
      checkpoints: openCheckpoints(undefined),
      invoke: () => Promise.reject(new Error('down')),
    });
    await write(['s0'], 1, 1);
    const state = await waitFor('some failures', () => reading.state().failing > 2 && reading.state());
    expect(state).toMatchObject({ lastError: 'down', lastErrorAt: expect.stringMatching(/Z$/), delivered: 0 });
  });

  test('a restart goes on from the checkpoints: nothing is left out, nothing that was done is done again', async () => {
    const file = join(directory.path, 'checkpoints.json');
    const handled: DynamoDBRecord[] = [];
    const begin = () => {
      const checkpoints = openCheckpoints(file);
      const reading = startTail({
        streams,
        mapping: mapping(),
        checkpoints,
        deadLetter: () => {},
        invoke: async ({ Records }) => void handled.push(...Records),
      });
      return async () => {
        await reading.stop();
        checkpoints.close();
      };
    };
    const endFirst = begin();
    await write(NAMES, 1, 4);
    await waitFor('the first records', () => handled.length >= 10);
    await endFirst();
    await write(NAMES, 5, 6);
    const endSecond = begin();
    await waitFor('the rest', () => handled.length >= NAMES.length * 6);
    await endSecond();
    expect(handled).toHaveLength(NAMES.length * 6);
    expect(firsts(handled)).toEqual(upTo(6));
  });

  test('a table that is new under an old checkpoint is read from its beginning', async () => {
    const checkpoints = openCheckpoints(undefined);
    checkpoints.set('events-f', 'arn:of:another:stream', 'shard', { sequence: '9', at: new Date().toISOString() });
    const handled: DynamoDBRecord[] = [];
    await write(['s0'], 1, 2);
    tail({ streams, mapping: mapping(), checkpoints, invoke: async ({ Records }) => void handled.push(...Records) });
    await waitFor('both', () => handled.length === 2);
    expect(handled.map((each) => named(each).version)).toEqual([1, 2]);
  });

  test('only what the mapping’s filters name is handed over', async () => {
    const handled: DynamoDBRecord[] = [];
    const filters = [{ eventName: ['REMOVE'], dynamodb: { Keys: { stream: { S: ['s1'] } } } }];
    tail({
      streams,
      mapping: mapping({ filters }),
      checkpoints: openCheckpoints(undefined),
      invoke: async ({ Records }) => void handled.push(...Records),
    });
    await write(['s0', 's1'], 1, 2);
    for (const stream of ['s0', 's1']) {
      const Key = { stream: { S: stream }, version: { N: '2' } };
      await dynamo.send(new DeleteItemCommand({ TableName: table.name, Key }));
    }
    await waitFor('the one', () => handled.length > 0);
    expect(handled.map((record) => ({ ...named(record), name: record.eventName }))).toEqual([
      { stream: 's1', version: 2, name: 'REMOVE' },
    ]);
  });
});

describe('on a stream made by hand', () => {
  const record = (n: number): _Record => ({
    eventName: 'INSERT',
    dynamodb: { SequenceNumber: String(n), Keys: { stream: { S: 'a' }, version: { N: String(n) } }, SizeBytes: 10 },
  });
  const client = new DynamoDBStreamsClient({ region: 'us-east-1' });
  const fake = mockClient(client);
  const mapping: Mapping = { ...SETTINGS, name: 'events-f', streamArn: 'arn:stream' };
  const handled: number[] = [];
  const invoke: TailOptions['invoke'] = async ({ Records }) =>
    void handled.push(...Records.map(({ dynamodb }) => Number(dynamodb?.SequenceNumber)));
  beforeEach(() => {
    fake.reset();
    handled.length = 0;
    fake.on(GetShardIteratorCommand).callsFake(({ ShardId, SequenceNumber }) => ({
      ShardIterator: `${ShardId} ${SequenceNumber ?? ''}`,
    }));
  });

  test('a run that has no time left is called again without a word', async () => {
    fake.on(DescribeStreamCommand).resolves({ StreamDescription: { Shards: [{ ShardId: 'one' }] } });
    fake.on(GetRecordsCommand).callsFake(({ ShardIterator }) => ({
      Records: ShardIterator === 'one ' ? [record(1)] : [],
      NextShardIterator: 'one 1',
    }));
    const warned: string[] = [];
    let calls = 0;
    const reading = tail({
      streams: client,
      mapping: { ...mapping, maximumRetryAttempts: -1 },
      checkpoints: openCheckpoints(undefined),
      warn: (message) => warned.push(message),
      invoke: async (event) => {
        if (++calls < 3) throw new FollowerBehind('project@g1', calls);
        return invoke(event);
      },
    });
    await waitFor('the record', () => handled.length === 1);
    expect({ warned, failures: reading.state().failures }).toEqual({ warned: [], failures: 2 });
  });

  test('a closed shard is read to its end before the one that follows it', async () => {
    const shards = { old: [record(1), record(2)], next: [record(3)] };
    fake.on(DescribeStreamCommand).resolves({
      StreamDescription: { Shards: [{ ShardId: 'next', ParentShardId: 'old' }, { ShardId: 'old' }] },
    });
    fake.on(GetRecordsCommand).callsFake(({ ShardIterator }) => {
      const [shard, after] = (ShardIterator as string).split(' ') as ['old' | 'next', string];
      const Records = shards[shard].filter(({ dynamodb }) => Number(dynamodb?.SequenceNumber) > Number(after));
      return shard === 'old' ? { Records } : { Records, NextShardIterator: 'next 3' };
    });
    const checkpoints = openCheckpoints(undefined);
    tail({ streams: client, mapping, checkpoints, invoke });
    await waitFor('all three', () => handled.length === 3);
    expect(handled).toEqual([1, 2, 3]);
    expect(checkpoints.of('events-f', 'arn:stream')['old']).toMatchObject({ sequence: '2', finished: true });
  });

  test('sequence numbers are compared as numbers, not as text', async () => {
    fake.on(DescribeStreamCommand).resolves({ StreamDescription: { Shards: [{ ShardId: 's' }] } });
    fake.on(GetRecordsCommand).resolves({ Records: [record(9), record(10), record(11)], NextShardIterator: 's 9' });
    const checkpoints = openCheckpoints(undefined);
    checkpoints.set('events-f', 'arn:stream', 's', { sequence: '9', at: new Date().toISOString() });
    tail({ streams: client, mapping, checkpoints, invoke });
    await waitFor('two', () => handled.length === 2);
    expect(handled).toEqual([10, 11]);
  });

  test('what the stream has forgotten is reported as lost, and reading begins at the oldest record there is', async () => {
    fake.on(DescribeStreamCommand).resolves({ StreamDescription: { Shards: [{ ShardId: 's' }] } });
    fake.on(GetShardIteratorCommand).callsFake(({ ShardIteratorType }) => {
      if (ShardIteratorType !== 'TRIM_HORIZON')
        throw Object.assign(new Error('trimmed'), { name: 'TrimmedDataAccessException' });
      return { ShardIterator: 's' };
    });
    fake.on(GetRecordsCommand).resolves({ Records: [record(50)], NextShardIterator: 's' });
    const checkpoints = openCheckpoints(undefined);
    checkpoints.set('events-f', 'arn:stream', 's', { sequence: '9', at: new Date().toISOString() });
    const lost: string[] = [];
    tail({ streams: client, mapping, checkpoints, invoke, onLost: (_mapping, reason) => void lost.push(reason) });
    await waitFor('the record', () => handled.length > 0);
    expect(handled[0]).toBe(50);
    expect(lost).toEqual(['the stream no longer has the record of its checkpoint']);
  });

  test.each([
    ['there is none although the table holds data', undefined, 'it has no checkpoint although its table holds data'],
    ['it is older than a stream keeps', '2020-01-01T00:00:00Z', 'its checkpoint is older than what a stream keeps'],
  ])('a checkpoint is reported as lost when %s', async (_what, at, reason) => {
    fake.on(DescribeStreamCommand).resolves({ StreamDescription: { Shards: [] } });
    const checkpoints = openCheckpoints(undefined);
    if (at !== undefined) checkpoints.set('events-f', 'arn:stream', 's', { sequence: '9', at });
    const lost: string[] = [];
    tail({
      streams: client,
      mapping,
      checkpoints,
      invoke,
      tableExisted: true,
      onLost: (_mapping, why) => void lost.push(why),
    });
    expect(await waitFor('the report', () => lost[0])).toBe(reason);
  });

  test('an engine that is away is tried again until it is back', async () => {
    fake
      .on(DescribeStreamCommand)
      .rejectsOnce(new Error('connect ECONNREFUSED'))
      .resolves({ StreamDescription: { Shards: [{ ShardId: 's' }] } });
    fake.on(GetRecordsCommand).resolves({ Records: [record(1)], NextShardIterator: 's' });
    const warned: string[] = [];
    tail({
      streams: client,
      mapping,
      checkpoints: openCheckpoints(undefined),
      invoke,
      warn: (message) => warned.push(message),
    });
    await waitFor('the record', () => handled.length > 0);
    expect(warned).toEqual(['events-f: connect ECONNREFUSED']);
  });
});
