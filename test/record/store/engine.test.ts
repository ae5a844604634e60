// The store on the real engine: the same promises, with real conditions, transactions, races and write units.
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_COMMIT } from '../../../shared/record/store/commit.ts';
import {
  appendCommits,
  getCommits,
  loadStream,
  sealCommits,
  type StoreDeps,
} from '../../../shared/record/store/store.ts';
import { startEngineWithTables, type EngineWithTables } from '../../support/platform.ts';
import { bytes, keyOf, newCommit, spanning } from './commits.ts';

let engine: EngineWithTables;
let deps: StoreDeps;
beforeAll(async () => {
  engine = await startEngineWithTables();
  deps = { dynamo: engine.dynamo, table: engine.tables.events };
});
afterAll(() => engine?.stop());

let streams = 0;
const newStream = (): string => `liantang#hazard#e_${(streams += 1)}`;

test('a commit is appended once; the second at its version learns the winner, its own lost answer is recognised', async () => {
  const commit = newCommit({ stream: newStream(), events: [bytes(40), bytes(50)], cause: 'hazard/h_9/1' });
  expect(await appendCommits(deps, [commit])).toMatchObject({ kind: 'appended' });
  expect(await appendCommits(deps, [commit])).toMatchObject({ kind: 'appended', writeUnits: 0 });
  expect(await appendCommits(deps, [{ ...commit, command: 'c-2' }])).toEqual({
    kind: 'conflict',
    winner: sealCommits([commit])[0],
  });
  expect(await loadStream(deps, commit.stream)).toEqual(sealCommits([commit]));
});

test('three streams are written whole or not at all', async () => {
  const commits = [newStream(), newStream(), newStream()].map((stream) => newCommit({ stream }));
  await appendCommits(deps, [{ ...commits[2]!, command: 'somebody else' }]);
  expect(await appendCommits(deps, commits)).toMatchObject({ kind: 'conflict', winner: { command: 'somebody else' } });
  expect(await getCommits(deps, commits.map(keyOf))).toMatchObject([
    undefined,
    undefined,
    { command: 'somebody else' },
  ]);
  const others = commits.map((commit, n) => (n === 2 ? { ...commit, version: 2 } : commit));
  expect(await appendCommits(deps, others)).toMatchObject({ kind: 'appended' });
  expect(await appendCommits(deps, others), 'its own answer, lost').toMatchObject({ kind: 'appended', writeUnits: 0 });
  expect(await getCommits(deps, others.map(keyOf))).toEqual(sealCommits(others));
});

test('a command of 1 KB costs one write unit, with one event as with three', async () => {
  const of = (...sizes: number[]) =>
    appendCommits(deps, [newCommit({ stream: newStream(), events: sizes.map((size) => bytes(size)) })]);
  expect(await of(600)).toMatchObject({ writeUnits: 1 });
  expect(await of(200, 200, 200)).toMatchObject({ writeUnits: 1 });
  expect(await of(1100)).toMatchObject({ writeUnits: 2 });
});

test('a stream longer than a page loads in order', async () => {
  const stream = newStream();
  const versions = Array.from({ length: 430 }, (_, n) => n + 1);
  const commits = versions.map((version) => newCommit({ stream, version, command: `c-${version}` }));
  for (let start = 0; start < commits.length; start += 86) {
    const parts = commits.slice(start, start + 86);
    expect(await appendCommits(deps, parts)).toMatchObject({ kind: 'appended' });
  }
  expect((await loadStream(deps, stream)).map(({ version }) => version)).toEqual(versions);
  expect((await loadStream(deps, stream, 425)).map(({ version }) => version)).toEqual(versions.slice(424));
});

test('the largest commit that passes our count passes the engine’s, and one byte more never reaches it', async () => {
  const stream = newStream();
  const base = newCommit({ stream });
  expect(await appendCommits(deps, [{ ...base, events: [bytes(largest(base))] }])).toMatchObject({ kind: 'appended' });
  const over = newCommit({ stream, version: 2 });
  await expect(appendCommits(deps, [{ ...over, events: [bytes(largest(over) + 1)] }])).rejects.toMatchObject({
    type: 'too-large',
    facts: { bytes: 409_601 },
  });
});

/** Bytes of the one event with which a commit is just within the limit: a list costs 3, each element 1. */
const largest = (base: ReturnType<typeof newCommit>): number => 409_600 - fixed(base) - 3 - 1;

/** Names and values beside the events: counted by hand from the table in shared/record/store/commit.ts. */
function fixed({ stream, command, request, person, recordedAt }: ReturnType<typeof newCommit>): number {
  const names = ['stream', 'version', 'events', 'command', 'request', 'person', 'recordedAt', 'next', 'prev', 'hash'];
  const texts = [stream, command, request, person, recordedAt];
  return names.join('').length + texts.join('').length + 2 + 2 + 32 + 32;
}

test('100 streams in one command are written, and no version is left out when writers race', async () => {
  expect(await appendCommits(deps, spanning(100, { command: 'wide' }))).toMatchObject({ kind: 'appended' });

  const stream = newStream();
  const writers = 6;
  const wins = await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      let lost = 0;
      for (let n = 0; n < 5;) {
        const last = (await loadStream(deps, stream)).at(-1);
        const [version, prev] = [last?.next ?? 1, last?.hash ?? NO_COMMIT];
        const outcome = await appendCommits(deps, [newCommit({ stream, version, prev, command: `w${writer}-${n}` })]);
        if (outcome.kind === 'appended') n += 1;
        else lost += 1;
      }
      return lost;
    }),
  );
  const commits = await loadStream(deps, stream);
  expect(commits.map(({ version }) => version)).toEqual(Array.from({ length: writers * 5 }, (_, n) => n + 1));
  expect(commits.map(({ prev }) => prev)).toEqual([NO_COMMIT, ...commits.slice(0, -1).map(({ hash }) => hash)]);
  expect(new Set(commits.map(({ command }) => command)).size).toBe(writers * 5);
  expect(
    wins.reduce((sum, lost) => sum + lost, 0),
    'they did race',
  ).toBeGreaterThan(0);
});

test('of transactions that race for one stream one wins, and the others leave nothing', async () => {
  const shared = newStream();
  const attempts = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const own = newStream();
      const outcome = await appendCommits(deps, [
        newCommit({ stream: own, command: `t-${n}` }),
        newCommit({ stream: shared, command: `t-${n}` }),
      ]);
      return { own, kind: outcome.kind };
    }),
  );
  const winners = attempts.filter(({ kind }) => kind === 'appended');
  const left = await Promise.all(attempts.map(async ({ own }) => (await loadStream(deps, own)).length));
  expect(winners).toHaveLength(1);
  expect(await loadStream(deps, shared)).toHaveLength(1);
  expect(left.reduce((sum, count) => sum + count, 0)).toBe(1);
});

test('what is refused leaves nothing in the table', async () => {
  const count = async (): Promise<number> =>
    (await engine.dynamo.send(new ScanCommand({ TableName: deps.table, Select: 'COUNT', Limit: 1000 }))).Count!;
  const before = await count();
  await expect(appendCommits(deps, spanning(101, { command: 'too wide' }))).rejects.toMatchObject({
    type: 'too-large',
  });
  expect(await count()).toBe(before);
});
