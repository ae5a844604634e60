import { DynamoDBClient, TransactionCanceledException, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { FrontierDamaged } from '../../../shared/record/log/frontier.ts';
import { appendPage, readHead } from '../../../shared/record/log/head.ts';
import type { LogDeps } from '../../../shared/record/log/deps.ts';
import { cutPages, type LogPage } from '../../../shared/record/log/page.ts';
import { LogDamaged } from '../../../shared/record/log/read.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { appendLeaves, EMPTY_FRONTIER } from '../../../shared/record/tlog/merkle.ts';
import { FakeDynamo, itemBytes } from '../../support/fake-dynamo.ts';
import { History, logDeps, store } from './commits.ts';

const pageOf = (first: number, events = 1): LogPage =>
  [...cutPages([new History().commit({ stream: 'h1', events })], first)][0]!;

/** Appends a page with the frontier that belongs to it; the pages before it hold `before`. */
const appended = (deps: LogDeps, page: LogPage, before: LogPage[] = []): Promise<boolean> =>
  appendPage(deps, page, frontierOver([...before, page]));
const frontierOver = (pages: LogPage[]) =>
  pages.reduce((tree, { leaves }) => appendLeaves(tree, leaves), EMPTY_FRONTIER);

test('pages join: one that does not start where the log ends is refused, and the head stays', async () => {
  const deps = logDeps(new FakeDynamo());
  const [first, second] = [pageOf(0, 3), pageOf(3, 2)];
  expect(await readHead(deps)).toEqual({ size: 0, frontier: EMPTY_FRONTIER });
  expect(await appended(deps, pageOf(2))).toBe(false);
  expect(await appended(deps, first)).toBe(true);
  expect(await appended(deps, pageOf(0, 2))).toBe(false);
  expect(await appended(deps, pageOf(2))).toBe(false);
  expect(await readHead(deps)).toEqual({ size: 3, page: 0, frontier: frontierOver([first]) });
  expect(await appended(deps, second, [first])).toBe(true);
  expect(await readHead(deps)).toEqual({ size: 5, page: 3, frontier: frontierOver([first, second]) });
});

/** A log of 700 events in pages of 100, and a hand on its head. */
async function logWithHead() {
  const fake = new FakeDynamo();
  const deps = logDeps(fake);
  const history = new History();
  const commits = Array.from({ length: 700 }, (_, n) => history.commit({ stream: `h${n}` })).flat();
  store(fake, commits);
  for (let n = 0; n < commits.length; n += 100) await sequence(deps, commits.slice(n, n + 100));
  const more = history.commit({ stream: 'h0', events: 3 });
  store(fake, more);
  const { frontier: whole, ...old } = fake.items('log').find(({ sk }) => sk!.S === 'head')!;
  return { fake, deps, more, whole: whole!, old };
}

test('a head from before the tree was kept in it: the frontier is found from the pages, and goes on', async () => {
  const { fake, deps, more, old, whole } = await logWithHead();
  fake.seed('log', old);
  expect(await readHead(deps)).toEqual({ size: 700, page: 600, time: deps.now().toISOString() });
  expect(await sequence(deps, more)).toMatchObject({ appended: 3, size: 703 });
  const other = await logWithHead();
  await sequence(other.deps, other.more);
  expect((await readHead(deps)).frontier).toEqual((await readHead(other.deps)).frontier);
  expect(whole.L).toHaveLength(6); // 512 + 128 + 32 + 16 + 8 + 4
});

test('a frontier that cannot be one, or pages that do not join, are told of and not built upon', async () => {
  const { fake, deps, more, old, whole } = await logWithHead();
  fake.seed('log', { ...old, frontier: { L: whole.L!.slice(1) } });
  await expect(sequence(deps, more)).rejects.toThrow(FrontierDamaged);
  fake.seed('log', old);
  fake.unseed('log', { pk: { S: 'liantang#page' }, sk: { S: '000000000300' } });
  await expect(sequence(deps, more)).rejects.toThrow(LogDamaged);
  expect(fake.items('log').find(({ sk }) => sk!.S === 'head')).toEqual(old);
});

test('a page is never written over, even if the head were wrong', async () => {
  const fake = new FakeDynamo();
  const deps = logDeps(fake);
  await appended(deps, pageOf(0, 3));
  const page = fake.items('log').find(({ pk }) => pk!.S!.endsWith('#page'));
  fake.unseed('log', { pk: { S: 'liantang#head' }, sk: { S: 'head' } });
  expect(await appended(deps, pageOf(0, 1))).toBe(false);
  expect(fake.items('log')).toEqual([page]);
});

test.each([
  [['None', 'ConditionalCheckFailed'], 'lost'],
  [['TransactionConflict', 'None'], 'lost'],
  [['ConditionalCheckFailed', 'TransactionConflict'], 'lost'],
  [['None', 'ThrottlingError'], 'thrown'],
  [['ProvisionedThroughputExceeded', 'ConditionalCheckFailed'], 'thrown'],
  [['ItemCollectionSizeLimitExceeded', 'None'], 'thrown'],
])('a transaction cancelled for %j is %s', async (codes, outcome) => {
  const dynamo = mockClient(DynamoDBClient);
  const cancelled = new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
  dynamo.on(TransactWriteItemsCommand).rejects(cancelled);
  const deps = { ...logDeps(new FakeDynamo()), dynamo: dynamo as unknown as DynamoDBClient };
  const result = appended(deps, pageOf(0)).catch((error: unknown) => error);
  expect(await result).toBe(outcome === 'lost' ? false : cancelled);
});

test('pages have at most 1,000 events, stay far below 400 KB and hold whole commits in order', () => {
  const history = new History();
  const groups = Array.from({ length: 700 }, (_, n) => history.commit({ stream: `h${n}`, events: 1 + (n % 4) }));
  const pages = [...cutPages(groups, 5)];
  expect(pages.map(({ count }) => count).every((count) => count <= 1000 && count > 990)).toBe(false); // the last is smaller
  expect(Math.max(...pages.map(({ count }) => count))).toBeLessThanOrEqual(1000);
  expect(pages.flatMap(({ entries }) => entries.map(({ stream }) => stream))).toEqual(
    groups.flat().map(({ stream }) => stream),
  );
  expect(pages[0]!.first).toBe(5);
  for (const [n, page] of pages.entries()) {
    expect(page.leaves).toHaveLength(page.count * 32);
    expect(page.first + page.count).toBe(
      pages[n + 1]?.first ?? 5 + groups.flat().reduce((sum, { events }) => sum + events.length, 0),
    );
  }
});

test('pages are cut by bytes as well, when stream names are long', async () => {
  const history = new History();
  const groups = Array.from({ length: 900 }, (_, n) => history.commit({ stream: `h${n}-${'x'.repeat(300)}` }));
  const fake = new FakeDynamo();
  for (const page of cutPages(groups, 0)) await appended(logDeps(fake), page);
  const sizes = fake.items('log').map(itemBytes);
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThan(200 * 1024);
});

test('a transaction is never cut, however large', () => {
  const parts = Array.from({ length: 100 }, (_, n) => ({ stream: `h${n}`, events: 40 }));
  const history = new History();
  const pages = [
    ...cutPages([history.commit({ stream: 'a' }), history.commit(...parts), history.commit({ stream: 'b' })], 0),
  ];
  expect(pages.map(({ count }) => count)).toEqual([1, 4000, 1]);
});
