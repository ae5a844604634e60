// The log's own time: what somebody writes into the table with another time than that of its page is taken and marked; a clock that was
// set back does not set back the log.
import { beforeEach, describe, expect, test } from 'vitest';
import { checkLog } from '../../../shared/record/audit/check.ts';
import type { LogDeps } from '../../../shared/record/log/deps.ts';
import { readHead } from '../../../shared/record/log/head.ts';
import { backDatedBetween, recordedAtOf, TOLERANCE_MS } from '../../../shared/record/log/log-time.ts';
import { pagesFrom } from '../../../shared/record/log/page.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { itemFromCommit, type Commit } from '../../../shared/record/store/commit.ts';
import { sealCommits } from '../../../shared/record/store/store.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { History, logDeps, store, streamOf } from './commits.ts';

const START = Date.UTC(2025, 5, 1);
const DAY = 86_400_000;
let fake: FakeDynamo;
let history: History;
let deps: LogDeps;
let now: number;
beforeEach(() => {
  [fake, history, now] = [new FakeDynamo(), new History(), START];
  deps = { ...logDeps(fake), now: () => new Date(now) };
});

/** A commit of one event, as somebody who can write to the table would make it. */
function forged(stream: string, commitAt: number, eventAt = commitAt): Commit {
  const [honest] = new History().commit({ stream });
  const text = Buffer.from(honest!.events[0]!).toString('utf8');
  const events = [Buffer.from(text.replace(honest!.recordedAt, new Date(eventAt).toISOString()))];
  return sealCommits([{ ...honest!, events, recordedAt: new Date(commitAt).toISOString() }])[0]!;
}

async function write(...commits: Commit[]) {
  for (const commit of commits) fake.seed('events', itemFromCommit(commit));
  return sequence(deps, commits);
}

describe('a commit written into the table with another time than the clock of the sequencer', () => {
  test.each([
    ['a month ago', (at: number) => forged('h_x', at - 30 * DAY)],
    ['a month ago in the event alone, which is what is shown', (at: number) => forged('h_x', at, at - 30 * DAY)],
    ['tomorrow', (at: number) => forged('h_x', at + DAY)],
    ['just over the tolerance', (at: number) => forged('h_x', at - TOLERANCE_MS - 1)],
  ])('%s: it is marked when it comes in, and the check names it', async (_, make) => {
    await write(...history.commit({ stream: 'h1' }));
    const commit = make(now);
    expect(await write(commit)).toMatchObject({ appended: 1, backDated: [{ stream: commit.stream, version: 1 }] });
    expect(await backDatedBetween(deps, 0, 10)).toEqual([
      { position: 1, stream: commit.stream, version: 1, count: 1, logged: new Date(now).toISOString() },
    ]);
    expect((await checkLog(deps)).problems).toContainEqual(
      expect.objectContaining({ kind: 'back-dated', where: `${streamOf('h_x')}@1`, position: 1 }),
    );
  });

  test('within the tolerance nothing is said: a delivery may be tried again', async () => {
    expect(await write(forged('h_x', now - TOLERANCE_MS))).toMatchObject({ backDated: [] });
    expect(await checkLog(deps)).toMatchObject({ count: 0, untimed: 0 });
  });

  test('the check names it too when the marks are taken away', async () => {
    await write(forged('h_x', now - DAY));
    for (const { pk, sk } of fake.items('log'))
      if (pk!.S!.endsWith('#back-dated')) fake.unseed('log', { pk: pk!, sk: sk! });
    expect(await backDatedBetween(deps, 0, 10)).toEqual([]);
    expect((await checkLog(deps)).problems).toMatchObject([{ kind: 'back-dated' }]);
  });

  test('an old claim of when it happened is no matter of the log', async () => {
    const [commit] = history.commit({ stream: 'h1' });
    const text = Buffer.from(commit!.events[0]!).toString('utf8');
    const events = [Buffer.from(text.replace('"occurredAt":"2025', '"occurredAt":"2001'))];
    expect(await write(sealCommits([{ ...commit!, events }])[0]!)).toMatchObject({ backDated: [] });
  });

  test('a sequencer that died before it wrote the mark is followed by one that does', async () => {
    store(fake, [forged('h_x', now - DAY)]);
    const dying = fake.clientWith(({ name, when }) => {
      if (name === 'TransactWriteItems' && when === 'after') throw new Error('killed');
    });
    await expect(sequence({ ...deps, dynamo: dying }, [forged('h_x', now - DAY)])).rejects.toThrow('killed');
    await write(...history.commit({ stream: 'h2' }));
    expect(await backDatedBetween(deps, 0, 10)).toMatchObject([{ position: 0 }]);
  });
});

describe('the clock of the sequencer', () => {
  test('set back a day: the log’s time stands, every commit since is marked, and so is the page', async () => {
    now = START + DAY;
    await write(forged('h_a', now));
    now = START;
    expect(await write(forged('h_b', now))).toMatchObject({ setBack: DAY, backDated: [{ stream: streamOf('h_b') }] });
    const [, page] = await pagesFrom(deps, 0, 5);
    expect(page).toMatchObject({ time: new Date(START + DAY).toISOString(), at: new Date(START).toISOString() });
    expect((await readHead(deps)).time).toBe(new Date(START + DAY).toISOString());
    expect((await checkLog(deps)).problems.map(({ kind, where }) => `${kind} ${where}`)).toEqual([
      'back-dated page 1',
      `back-dated ${streamOf('h_b')}@1`,
    ]);
  });

  test('a second behind, as two machines may be, is nothing', async () => {
    now = START + 1000;
    await write(forged('h_a', now));
    now = START;
    expect(await write(forged('h_b', now))).toMatchObject({ setBack: 0, backDated: [] });
    expect(await checkLog(deps)).toMatchObject({ count: 0 });
  });

  test('a page whose time was set before that of the page before it, or taken away, is altered', async () => {
    await write(forged('h_a', now));
    await write(forged('h_b', now));
    const page = fake.items('log').find(({ pk, sk }) => pk!.S!.endsWith('#page') && Number(sk!.S) === 1)!;
    fake.seed('log', { ...page, time: { S: new Date(now - DAY).toISOString() } });
    expect((await checkLog(deps)).problems[0]).toMatchObject({ kind: 'altered', where: 'page 1' });
    const { time: _, ...without } = page;
    fake.seed('log', without);
    expect((await checkLog(deps)).problems).toMatchObject([{ kind: 'altered', where: 'page 1' }]);
  });

  test('pages from before the log kept its time are counted, and are no problem', async () => {
    await write(forged('h_a', now));
    const page = fake.items('log').find(({ pk }) => pk!.S!.endsWith('#page'))!;
    const { time: _, ...without } = page;
    fake.seed('log', without);
    await write(forged('h_b', now));
    expect(await checkLog(deps)).toMatchObject({ count: 0, untimed: 1 });
  });
});

test('a commit that runs backwards in its stream is named', async () => {
  now = START + 14 * 60_000;
  const [first, second] = [history.commit({ stream: 'h1', at: 10 * 60_000 }), history.commit({ stream: 'h1', at: 0 })];
  expect(await write(...first, ...second)).toMatchObject({ backDated: [] });
  expect((await checkLog(deps)).problems).toMatchObject([{ kind: 'back-dated', where: `${streamOf('h1')}@2` }]);
});

test('many that are back-dated do not hide what else is wrong', async () => {
  const many = Array.from({ length: 150 }, (_, n) => forged(`h_${n}`, now - DAY));
  await write(...many);
  await write(...history.commit({ stream: 'z' }));
  const item = fake.items('events').find(({ stream }) => stream!.S === streamOf('z'))!;
  fake.seed('events', { ...item, person: { S: 'p-other' } });
  const { problems, count } = await checkLog(deps);
  expect(count).toBe(152);
  expect(problems.slice(0, 2).map(({ kind }) => kind)).toEqual(['altered', 'mismatched']);
});

test('when an event was recorded is read from its envelope, whatever its texts say', () => {
  const bytes = (event: object) => Buffer.from(JSON.stringify(event));
  const at = '2025-06-01T00:00:00.000Z';
  expect(recordedAtOf(bytes({ note: '"recordedAt":"1999', recordedAt: at }))).toBe(at);
  expect(recordedAtOf(bytes({ data: { recordedAt: '1999-01-01T00:00:00.000Z' }, recordedAt: at }))).toBe(at);
  expect(recordedAtOf(bytes({ data: 1 }))).toBe('');
  expect(recordedAtOf(Buffer.from('no json'))).toBe('');
});
