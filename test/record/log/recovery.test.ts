// Moments in which the log or the events table is only half-way: what the sequencer must not take for damage, and what
// its memory of its own writes may and may not save.
import { beforeEach, expect, test } from 'vitest';
import { positionOf } from '../../../shared/record/log/positions.ts';
import { readLog } from '../../../shared/record/log/read.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { History, logDeps, store, streamOf } from './commits.ts';

let fake: FakeDynamo;
let history: History;
beforeEach(() => {
  fake = new FakeDynamo();
  history = new History();
});
const die = () => Promise.reject(new Error('killed'));
const quarantines = () =>
  fake.records.filter(({ keys }) => keys['pk']?.S?.endsWith('#quarantine')).map(({ keys }) => keys['sk']?.S);

test('a transaction that becomes visible part after part is waited for, not quarantined', async () => {
  const commits = history.commit({ stream: 'h1' }, { stream: 'h2' });
  store(fake, [commits[0]!]);
  const pauses: number[] = [];
  const backoff = (attempt: number): Promise<void> => {
    if (pauses.push(attempt) === 2) store(fake, [commits[1]!]);
    return Promise.resolve();
  };
  expect(await sequence({ ...logDeps(fake), backoff }, [commits[0]!])).toMatchObject({ appended: 2, held: [] });
  expect(pauses).toEqual([1, 2]);
  expect(quarantines()).toEqual([]);
});

test('an index that another sequencer is just writing is not taken for a hole', async () => {
  history.commit({ stream: 'gone' });
  const [orphan] = history.commit({ stream: 'gone' });
  const transaction = history.commit({ stream: 'h1' }, { stream: 'h2' });
  store(fake, [orphan!]);

  /** Appends the transaction, writes one of its two index entries, and dies. */
  const other = async (): Promise<void> => {
    fake.processed = ({ name, entries }) => (name === 'BatchWriteItem' ? 1 : entries);
    await expect(sequence({ ...logDeps(fake), backoff: die }, transaction)).rejects.toThrow('killed');
    fake.processed = ({ entries }) => entries;
  };
  // The hole uses up the patience; in the last look the other one comes between head and index.
  let looks = 0;
  const dynamo = fake.clientWith(async ({ name, when }) => {
    if (name !== 'GetItem' || when !== 'after' || ++looks !== 4) return;
    store(fake, transaction);
    await other();
  });
  const run = sequence({ ...logDeps(fake), dynamo }, [orphan!, transaction[0]!]);
  expect(await run).toMatchObject({ held: [{ stream: streamOf('gone'), version: 2 }] });
  expect(quarantines()).toEqual([streamOf('gone')]);
  expect(await positionOf(logDeps(fake), streamOf('h2'), 1)).toBe(1);
});

test('a stream in quarantine is looked at in every run, without waiting again', async () => {
  history.commit({ stream: 'h1' });
  const [orphan] = history.commit({ stream: 'h1' });
  store(fake, [orphan!]);
  await sequence(logDeps(fake), [orphan!]);
  const again = await sequence({ ...logDeps(fake), backoff: die }, []);
  expect(again.held).toEqual([{ stream: streamOf('h1'), version: 2 }]);
});

test('a sequencer that remembers what it indexed does not read the last page again; a new one checks it', async () => {
  const memo = { indexed: 0 };
  store(fake, history.commit({ stream: 'h1' }));
  await sequence(logDeps(fake), history.commits, { memo });
  store(fake, history.commit({ stream: 'h2' }));
  const callsOf = async (remembered: { indexed: number }): Promise<string[]> => {
    fake.calls.length = 0;
    await sequence(logDeps(fake), [history.commits[1]!], { memo: remembered });
    return [...fake.calls];
  };
  expect(await callsOf(memo)).toEqual([
    'GetItem',
    'Query',
    'BatchGetItem',
    'BatchGetItem',
    'TransactWriteItems',
    'BatchWriteItem',
  ]);
  const cold = await callsOf({ indexed: 0 });
  expect(cold.slice(0, 4)).toEqual(['GetItem', 'Query', 'Query', 'BatchGetItem']);
  expect(cold).not.toContain('BatchWriteItem');
});

test('a memory that is ahead of the log is not believed', async () => {
  store(fake, history.commit({ stream: 'h1' }));
  fake.hook = ({ name, when }) => {
    if (name === 'BatchWriteItem' && when === 'before') throw new Error('killed');
  };
  await expect(sequence(logDeps(fake), history.commits)).rejects.toThrow('killed');
  fake.hook = () => {};
  await sequence(logDeps(fake), [], { memo: { indexed: 99 } });
  expect(await positionOf(logDeps(fake), streamOf('h1'), 1)).toBe(0);
});

test('a page that is gone stops readers instead of being passed over', async () => {
  for (let n = 0; n < 3; n++) {
    store(fake, history.commit({ stream: `h${n}` }));
    await sequence(logDeps(fake), history.commits);
  }
  fake.unseed('log', { pk: { S: 'liantang#page' }, sk: { S: '000000000001' } });
  await expect(readLog(logDeps(fake), 0, 10)).rejects.toMatchObject({ type: 'log-damaged', facts: { position: 1 } });
});

test('reading starts in the middle of a page and of a commit, and ends at the limit or the end', async () => {
  for (let n = 0; n < 4; n++) history.commit({ stream: `h${n}`, events: 3 });
  store(fake, history.commits);
  await sequence(logDeps(fake), history.commits.slice(0, 3));
  await sequence(logDeps(fake), history.commits);
  const read = async (from: number, limit: number) =>
    (await readLog(logDeps(fake), from, limit)).map(({ position }) => position);
  expect(await read(4, 3)).toEqual([4, 5, 6]);
  expect(await read(7, 100)).toEqual([7, 8, 9, 10, 11]);
  expect(await read(11, 1)).toEqual([11]);
  expect(await read(12, 5)).toEqual([]);
  expect(await read(40, 5)).toEqual([]);
  expect(await read(3, 0)).toEqual([]);
});
