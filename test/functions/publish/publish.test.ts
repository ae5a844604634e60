import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { beforeEach, expect, test, vi } from 'vitest';
import type { FollowerDeps } from '../../../functions/runtime/follower.ts';
import { entryBytes, MAX_BYTES, putEvents } from '../../../functions/publish/put-events.ts';
import { busEntry, makePublish } from '../../../functions/publish/publish.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import type { Backoff } from '../../../shared/record/log/batch.ts';
import { followerPosition } from '../../../shared/record/log/follow.ts';
import type { Positioned } from '../../../shared/record/log/read.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { History, logDeps, store, TENANT } from '../../record/log/commits.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';

const bus = mockClient(EventBridgeClient);
const backoff = vi.fn<Backoff>(() => Promise.resolve());
const logger = { info: vi.fn<FollowerDeps['logger']['info']>(), error: vi.fn<FollowerDeps['logger']['error']>() };
const metrics = { addMetric: vi.fn<FollowerDeps['metrics']['addMetric']>() };
let fake: FakeDynamo;
let accepted: PutEventsRequestEntry[];

/** Answers as the bus does: refuses the entries at these places of a call. */
const answer =
  (refuse: (entry: PutEventsRequestEntry, at: number) => string | undefined) =>
  (input: { Entries?: PutEventsRequestEntry[] }) => {
    const Entries = (input.Entries ?? []).map((entry, at) => {
      const ErrorCode = refuse(entry, at);
      if (ErrorCode === undefined) accepted.push(entry);
      return ErrorCode === undefined ? { EventId: `e${at}` } : { ErrorCode, ErrorMessage: 'not now' };
    });
    return { FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length, Entries };
  };

beforeEach(() => {
  fake = new FakeDynamo();
  accepted = [];
  vi.clearAllMocks();
  bus.reset();
  bus.on(PutEventsCommand).callsFake(answer(() => undefined));
});

const client = () => bus as unknown as EventBridgeClient;
const publish = (batch?: number) =>
  makePublish({
    log: logDeps(fake),
    bus: client(),
    busName: 'town',
    backoff,
    logger,
    metrics,
    ...(batch ? { batch } : {}),
  });
const page = (pk = `${TENANT}#page`) =>
  ({ Records: [{ dynamodb: { Keys: { pk: { S: pk } } } }] }) as unknown as DynamoDBStreamEvent;
const calls = () => bus.commandCalls(PutEventsCommand).map((call) => call.args[0].input.Entries!);
const positions = () => accepted.map(({ Detail }) => (JSON.parse(Detail!) as { position: number }).position);

async function logOf(events: number): Promise<void> {
  const history = new History();
  for (let n = 0; n < events; n++) history.commit({ stream: `h${n}` });
  store(fake, history.commits);
  await sequence(logDeps(fake), history.commits);
}

const positioned = (data: Record<string, unknown>): Positioned => ({
  position: 41,
  bytes: new Uint8Array(),
  commit: { stream: 'liantang#hazard#h1', version: 2 },
  event: {
    id: 'hazard/h1/3',
    type: 'HazardGraded',
    schema: 1,
    tenant: 'liantang',
    stream: 'liantang#hazard#h1',
    version: 3,
    occurredAt: '2025-06-01T01:00:00.000Z',
    recordedAt: '2025-06-02T01:00:00.000Z',
    actor: { person: 'p1', post: 'inspector', organisation: 'safety-office' },
    source: 'api',
    unit: 'u1',
    track: 'gas',
    ruleSet: 1,
    command: 'c1',
    data,
  } as unknown as DaochaEvent,
});

test('an event goes out as a CloudEvent of its tenant, with its position and both its times', () => {
  const entry = busEntry(positioned({ grade: 'major' }), 'town');
  expect(entry).toMatchObject({ EventBusName: 'town', Source: 'daocha.liantang', DetailType: 'HazardGraded' });
  const detail = JSON.parse(entry.Detail!) as Record<string, unknown>;
  expect(detail).toEqual({
    specversion: '1.0',
    id: 'hazard/h1/3',
    source: 'urn:daocha:liantang',
    type: 'daocha.HazardGraded.v1',
    subject: 'liantang#hazard#h1',
    time: '2025-06-01T01:00:00.000Z',
    datacontenttype: 'application/json',
    position: 41,
    streamversion: 3,
    recordedat: '2025-06-02T01:00:00.000Z',
    person: 'p1',
    post: 'inspector',
    actingorganisation: 'safety-office',
    channel: 'api',
    ruleset: 1,
    command: 'c1',
    unit: 'u1',
    track: 'gas',
    data: { grade: 'major' },
  });
  for (const name of Object.keys(detail)) expect(name).toMatch(/^[a-z0-9]+$/);
});

test('an event over the limit of the bus goes without its data, with a reference to it', () => {
  const entry = busEntry(positioned({ note: '火'.repeat(MAX_BYTES / 3) }), 'town');
  expect(entryBytes(entry)).toBeLessThan(2000);
  const detail = JSON.parse(entry.Detail!) as Record<string, unknown>;
  expect(detail).not.toHaveProperty('data');
  expect(detail).toMatchObject({ id: 'hazard/h1/3', dataref: 'urn:daocha:liantang:event:hazard/h1/3' });
});

test('an entry is as large as its texts in UTF-8 and 14 bytes for its time', () => {
  expect(entryBytes({ Source: 'ab', DetailType: 'c', Detail: '隐患', Time: new Date(0), Resources: ['xyz'] })).toBe(26);
});

test('a call has at most 10 entries', async () => {
  await logOf(23);
  await publish()(page());
  expect(calls().map((entries) => entries.length)).toEqual([10, 10, 3]);
  expect(positions()).toEqual(Array.from({ length: 23 }, (_, n) => n));
});

test('a call stays below 256 KB', async () => {
  const entry = { Source: 's', DetailType: 't', Detail: 'x'.repeat(MAX_BYTES / 2 - 2) };
  await putEvents(client(), [entry, entry, entry], backoff);
  expect(calls().map((entries) => entries.length)).toEqual([1, 1, 1]);
  bus.resetHistory();
  const smaller = { ...entry, Detail: entry.Detail.slice(1) };
  await putEvents(client(), [smaller, smaller, smaller], backoff);
  expect(calls().map((entries) => entries.length)).toEqual([2, 1]);
});

test('only the refused entries of a call are sent again, after a pause', async () => {
  await logOf(4);
  const refusals = [undefined, 'ThrottlingException', undefined, 'InternalFailure'];
  bus.on(PutEventsCommand).callsFake(answer(() => refusals.shift()));
  await publish()(page());
  expect(calls().map((entries) => entries.length)).toEqual([4, 2]);
  expect(positions().toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  expect(backoff).toHaveBeenCalledTimes(1);
  expect(await followerPosition(logDeps(fake), 'publish')).toBe(4);
});

test('a bus that goes on refusing fails the run, and the checkpoint stays before the batch', async () => {
  await logOf(6);
  let calm = 1;
  bus.on(PutEventsCommand).callsFake(answer(() => (calm-- > 0 ? undefined : 'InternalFailure')));
  const run = publish(1);
  await expect(run(page())).rejects.toMatchObject({
    type: 'bus-refused',
    facts: { entries: 1, codes: ['InternalFailure'] },
  });
  expect(await followerPosition(logDeps(fake), 'publish')).toBe(1);

  bus.on(PutEventsCommand).callsFake(answer(() => undefined));
  await run(page());
  expect(positions()).toEqual([0, 1, 2, 3, 4, 5]);
});

test('a call that throws fails the run before the checkpoint moves', async () => {
  await logOf(2);
  bus.on(PutEventsCommand).rejects(Object.assign(new Error('down'), { name: 'InternalException' }));
  await expect(publish()(page())).rejects.toThrow('down');
  expect(await followerPosition(logDeps(fake), 'publish')).toBe(0);
});

test('a run short of time stops between batches and fails, so that it is called again', async () => {
  await logOf(3);
  let left = 60_000;
  const run = publish(1)(page(), { getRemainingTimeInMillis: () => (left -= 30_000) });
  await expect(run).rejects.toMatchObject({ type: 'follower-behind', facts: { name: 'publish', position: 1 } });
  expect(positions()).toEqual([0]);
});

test('checkpoints and the index, which are in the same table, wake nobody', async () => {
  await logOf(1);
  await publish()(page(`${TENANT}#follower`));
  expect(calls()).toEqual([]);
});
