import { beforeEach, expect, test } from 'vitest';
import { follow, followerPosition } from '../../../shared/record/log/follow.ts';
import { readHead } from '../../../shared/record/log/head.ts';
import { positionOf } from '../../../shared/record/log/positions.ts';
import { readLog } from '../../../shared/record/log/read.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { sweep } from '../../../shared/record/log/sweep.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { eventId, History, logDeps, store, streamOf } from './commits.ts';

let fake: FakeDynamo;
let history: History;
beforeEach(() => {
  fake = new FakeDynamo();
  history = new History();
});
const deps = () => logDeps(fake);
const order = async (): Promise<string[]> => (await readLog(deps(), 0, 1000)).map(({ event }) => event.id);

test('events get positions by the time they were recorded, whatever the order of delivery', async () => {
  history.commit({ stream: 'h1', events: 2 });
  history.commit({ stream: 'h2' });
  store(fake, history.commits);
  const result = await sequence(deps(), history.commits.toReversed());
  expect(result).toMatchObject({ appended: 3, commits: 2, size: 3, held: [], absent: [] });
  expect(await order()).toEqual([eventId('h1', 1), eventId('h1', 2), eventId('h2', 1)]);
  expect(await positionOf(deps(), streamOf('h1'), 2)).toBe(1);
  expect(await positionOf(deps(), streamOf('h2'), 1)).toBe(2);
  expect(await positionOf(deps(), streamOf('h2'), 2)).toBeUndefined();
});

test('a delivery that comes again adds nothing', async () => {
  store(fake, history.commit({ stream: 'h1' }));
  await sequence(deps(), history.commits);
  const again = await sequence(deps(), [...history.commits, ...history.commits]);
  expect(again).toMatchObject({ appended: 0, known: 1, size: 1 });
  expect((await readHead(deps())).size).toBe(1);
});

test('a version whose delivery was lost is brought in by the next one of its stream', async () => {
  for (let n = 0; n < 3; n++) history.commit({ stream: 'h1' });
  store(fake, history.commits);
  await sequence(deps(), [history.commits[2]!]);
  expect(await order()).toEqual([1, 2, 3].map((version) => eventId('h1', version)));
});

test('parts of a transaction stand side by side though only one was delivered', async () => {
  history.commit({ stream: 'h1' });
  const [first] = history.commit({ stream: 'u1' }, { stream: 'h1' }, { stream: 'h2' });
  history.commit({ stream: 'a' });
  store(fake, history.commits);
  await sequence(deps(), [first!, history.commits.at(-1)!]);
  expect(await order()).toEqual([
    eventId('h1', 1),
    eventId('u1', 1),
    eventId('h1', 2),
    eventId('h2', 1),
    eventId('a', 1),
  ]);
});

test('a cause stands before its effect, even when the clock of its server was late or it was never delivered', async () => {
  const [effect] = history.commit({ stream: 'h1', at: 5, cause: eventId('i1', 1) });
  history.commit({ stream: 'i1', at: 9 });
  store(fake, history.commits);
  await sequence(deps(), [effect!]);
  expect(await order()).toEqual([eventId('i1', 1), eventId('h1', 1)]);
});

test('causes that form a circle do not stop the log', async () => {
  history.commit({ stream: 'h1', cause: eventId('h2', 1) });
  history.commit({ stream: 'h2', cause: eventId('h1', 1) });
  store(fake, history.commits);
  await sequence(deps(), history.commits);
  expect(await order()).toEqual([eventId('h1', 1), eventId('h2', 1)]);
});

test('a hole holds its stream and what depends on it, the rest goes on; it heals when the commit is back', async () => {
  history.commit({ stream: 'h1' });
  const [lost] = history.commit({ stream: 'h1' });
  history.commit({ stream: 'h1' });
  history.commit({ stream: 'h3', cause: eventId('h1', 3) });
  history.commit({ stream: 'h2' });
  store(fake, history.commits);
  fake.unseed('events', { stream: { S: lost!.stream }, version: { N: '2' } });
  const run = await sequence(deps(), history.commits);
  expect(run).toMatchObject({
    appended: 2,
    held: [
      { stream: streamOf('h1'), version: 3 },
      { stream: streamOf('h3'), version: 1 },
    ],
    absent: [{ stream: streamOf('h1'), version: 2 }],
  });
  expect(await order()).toEqual([eventId('h1', 1), eventId('h2', 1)]);

  store(fake, [lost!]);
  const healed = await sequence(deps(), []);
  expect(healed).toMatchObject({ appended: 3, held: [], size: 5 });
  expect((await order()).slice(2)).toEqual([eventId('h1', 2), eventId('h1', 3), eventId('h3', 1)]);
  expect(fake.items('log').filter((item) => item['pk']?.S?.endsWith('#quarantine'))).toEqual([]);
});

test('the index that a crash left out is completed by the next run', async () => {
  store(fake, history.commit({ stream: 'h1' }, { stream: 'h2' }));
  fake.hook = ({ name, when }) => {
    if (name === 'BatchWriteItem' && when === 'before') throw new Error('killed');
  };
  await expect(sequence(deps(), history.commits)).rejects.toThrow('killed');
  fake.hook = () => {};
  expect(await positionOf(deps(), streamOf('h2'), 1)).toBeUndefined();
  expect(await sequence(deps(), history.commits)).toMatchObject({ appended: 0, size: 2 });
  expect(await positionOf(deps(), streamOf('h2'), 1)).toBe(1);
});

test('a sequencer that loses the race for the head starts over, and nothing is doubled', async () => {
  const [mine] = history.commit({ stream: 'h1' });
  const [theirs] = history.commit({ stream: 'h2' });
  store(fake, history.commits);
  let raced = false;
  fake.hook = async ({ name, when }) => {
    if (name !== 'TransactWriteItems' || when !== 'before' || raced) return;
    raced = true;
    await sequence(deps(), [theirs!, mine!]);
  };
  expect(await sequence(deps(), [mine!])).toMatchObject({ appended: 0, known: 1, conflicts: 1, size: 2 });
  expect(await order()).toEqual([eventId('h1', 1), eventId('h2', 1)]);
});

test('followers get every event once, in order, in batches that span pages, and remember where they were', async () => {
  for (let n = 0; n < 7; n++) {
    history.commit({ stream: `h${n}`, events: 2 });
    store(fake, history.commits);
    await sequence(deps(), history.commits);
  }
  const seen: number[][] = [];
  const run = () =>
    follow(
      deps(),
      'views',
      (batch) => {
        seen.push(batch.map(({ position }) => position));
        return Promise.resolve();
      },
      { batch: 5 },
    );
  expect(await run()).toEqual({ position: 14, handled: 14, caughtUp: true, broken: [] });
  expect(seen).toEqual([
    [0, 1, 2, 3, 4],
    [5, 6, 7, 8, 9],
    [10, 11, 12, 13],
  ]);
  expect(await run()).toMatchObject({ handled: 0 });
  expect(await followerPosition(deps(), 'views')).toBe(14);
});

test('an event that was changed after it got its position is not passed on', async () => {
  const [commit] = history.commit({ stream: 'h1' });
  store(fake, history.commits);
  await sequence(deps(), history.commits);
  store(fake, [{ ...commit!, events: [new TextEncoder().encode('{"type":"HazardGraded"}')] }]);
  await expect(readLog(deps(), 0, 10)).rejects.toMatchObject({ type: 'event-altered', facts: { position: 0 } });
});

test('a sweep finds what no delivery brought, and says how far it is', async () => {
  for (let n = 0; n < 5; n++) history.commit({ stream: `h${n % 2}`, events: 3 });
  store(fake, history.commits);
  await sequence(deps(), history.commits.slice(0, 1));
  const progress: number[] = [];
  const swept = await sweep(deps(), { page: 2, onProgress: ({ scanned }) => progress.push(scanned) });
  expect(swept).toMatchObject({ scanned: 5, appended: 12, held: [] });
  expect(progress.slice(0, 3)).toEqual([2, 4, 5]);
  expect(await sweep(deps(), { cursor: { stream: streamOf('h0'), version: 4 } })).toMatchObject({
    scanned: 3,
    appended: 0,
  });
});
