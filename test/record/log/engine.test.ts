// The log on the real engine (DAOCHA_ENGINE chooses which): what the in-memory fake cannot know, such as real conditions,
// real transactions under contention, and what it all costs.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { batchPut } from '../../../shared/record/log/batch.ts';
import type { LogDeps } from '../../../shared/record/log/deps.ts';
import { follow } from '../../../shared/record/log/follow.ts';
import { readHead } from '../../../shared/record/log/head.ts';
import { positionOf } from '../../../shared/record/log/positions.ts';
import { readLog } from '../../../shared/record/log/read.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { sweep } from '../../../shared/record/log/sweep.ts';
import { itemFromCommit, type Commit } from '../../../shared/record/store/commit.ts';
import { startEngineWithTables, type EngineWithTables } from '../../support/platform.ts';
import { eventId, History, streamOf, TENANT } from './commits.ts';

let running: EngineWithTables;
let deps: LogDeps;
const history = new History();
const written = new Map<string, number>();
beforeAll(async () => {
  running = await startEngineWithTables();
  const { dynamo, tables } = running;
  meter(dynamo);
  const now = (): Date => new Date(Date.UTC(2025, 5, 1));
  deps = { dynamo, events: tables.events, log: tables.log, tenant: TENANT, now };
}, 60_000);
afterAll(() => running.stop());

/** Adds up the write units of each kind of call. */
function meter(dynamo: DynamoDBClient): void {
  dynamo.middlewareStack.add(
    (next, context) => async (args) => {
      Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
      const result = await next(args);
      const { ConsumedCapacity: used = [] } = result.output as { ConsumedCapacity?: { CapacityUnits?: number }[] };
      const units = [used].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
      const name = String(context['commandName']);
      written.set(name, (written.get(name) ?? 0) + units);
      return result;
    },
    { step: 'initialize' },
  );
}

const stored = async (commits: Commit[]): Promise<Commit[]> => {
  await batchPut(deps.dynamo, deps.events, commits.map(itemFromCommit));
  return commits;
};

test('a burst costs one write unit per commit for the index, and a fifth of one per event for page and head', async () => {
  const commits = await stored(
    Array.from({ length: 100 }, (_, n) => history.commit({ stream: `h_${n}${'0'.repeat(18)}` })).flat(),
  );
  written.clear();
  expect(await sequence(deps, commits)).toMatchObject({ appended: 100, conflicts: 0 });
  expect(written.get('BatchWriteItemCommand')).toBe(100);
  expect(written.get('TransactWriteItemsCommand')).toBeLessThanOrEqual(20);
});

test('sequencers that race on shuffled, doubled deliveries give every event one place, in order', async () => {
  const from = (await readHead(deps)).size;
  const commits = await stored(
    Array.from({ length: 90 }, (_, n) =>
      n % 9 === 0
        ? history.commit({ stream: `c${n % 7}` }, { stream: `d${n}` })
        : history.commit({ stream: `c${n % 7}`, events: 2 }),
    ).flat(),
  );
  const deliveries = Array.from({ length: 10 }, (_, n) => commits.filter((__, at) => at % 10 === n));
  const racers = [deliveries, deliveries.toReversed(), deliveries.map((one) => one.toReversed())];
  await Promise.all(
    racers.map(async (mine) => {
      for (const delivery of mine) await sequence(deps, delivery);
    }),
  );
  const log = await readLog(deps, from, 1000);
  expect(log.map(({ position }) => position)).toEqual(log.map((_, n) => from + n));
  expect(log.map(({ event }) => event.id).toSorted()).toEqual(
    commits
      .flatMap(({ stream, version, events }) => events.map((_, n) => eventId(stream.split('#')[2]!, version + n)))
      .toSorted(),
  );
  const streams = Map.groupBy(log, ({ event }) => event.stream);
  for (const events of streams.values())
    expect(events.map(({ event }) => event.version)).toEqual(events.map((_, n) => n + 1));
  for (const { event, position } of log) expect(await positionOf(deps, event.stream, event.version)).toBe(position);
}, 60_000);

test('a follower catches up, and a sweep finds what no delivery brought', async () => {
  const before = (await readHead(deps)).size;
  await stored([...history.commit({ stream: 'silent', events: 3 }), ...history.commit({ stream: 'silent' })]);
  const swept = await sweep(deps, { page: 50 });
  expect(swept).toMatchObject({ scanned: history.commits.length, appended: 4, held: [] });
  expect(await positionOf(deps, streamOf('silent'), 4)).toBe(before + 3);

  const seen: number[] = [];
  const handle = (batch: { position: number }[]): Promise<void> => {
    seen.push(...batch.map(({ position }) => position));
    return Promise.resolve();
  };
  expect(await follow(deps, 'f', handle, { until: 50 })).toMatchObject({ position: 50 });
  expect(await follow(deps, 'f', handle)).toMatchObject({ position: before + 4, caughtUp: true });
  expect(seen).toEqual(Array.from({ length: before + 4 }, (_, n) => n));
});
