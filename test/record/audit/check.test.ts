// The live tables against the log: nothing differs in a town that was left alone, and whatever somebody with access to the
// tables did to them is named.
import { describe, expect, test } from 'vitest';
import { checkLog, type CheckState } from '../../../shared/record/audit/check.ts';
import type { AuditProblem } from '../../../shared/record/audit/problem.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { commitFromItem, commitHash, itemFromCommit, type Commit } from '../../../shared/record/store/commit.ts';
import { flipped } from '../tlog/logs.ts';
import { liveTown, type LiveTown } from './live.ts';

async function problemsOf(town: LiveTown): Promise<AuditProblem[]> {
  return (await checkLog(town.deps)).problems;
}

const HAZARD = 'liantang#hazard#h_3';

describe('a log that was left alone', () => {
  test('differs in nothing', async () => {
    const town = await liveTown(300);
    const checked = await checkLog(town.deps, { vkey: town.vkey });
    expect(checked).toMatchObject({ finished: true, count: 0, events: town.events, waiting: 0 });
    expect(checked.commits).toBe(town.commits.length);
  });

  test('a commit that waits for its position is no problem', async () => {
    const town = await liveTown(40);
    const more = await liveTown(60);
    const late = more.commits.find(({ stream }) => !town.commits.some((one) => one.stream === stream))!;
    town.fake.seed('events', itemFromCommit(late));
    expect(await checkLog(town.deps)).toMatchObject({ count: 0, waiting: 1 });
  });

  test('a check that is stopped at every turn comes to the same', async () => {
    const town = await liveTown(700);
    town.replace(HAZARD, 2, (commit) => ({ ...commit, person: 'p-other' }));
    const whole = await checkLog(town.deps);
    let from: CheckState | undefined;
    for (let turn = 0; turn < 200; turn++) {
      let asked = 0;
      const checked = await checkLog(town.deps, {
        from: from && (JSON.parse(JSON.stringify(from)) as CheckState),
        stopped: () => ++asked > 2,
        save: (state) => (from = state),
      });
      if (!checked.finished) continue;
      expect(turn).toBeGreaterThan(2);
      expect(checked).toEqual(whole);
      return;
    }
    expect.unreachable('it never finished');
  });
});

describe('events', () => {
  test('an event altered', async () => {
    const town = await liveTown(100);
    town.replace(HAZARD, 2, (commit) => ({ ...commit, events: commit.events.map((bytes) => flipped(bytes, 500)) }));
    const problems = await problemsOf(town);
    expect(problems[0]).toMatchObject({ kind: 'altered', where: `${HAZARD}@2`, position: town.positionOf(HAZARD, 2) });
    expect(problems.map(({ message }) => message)).toContain('its hash is not that of its content');
  });

  test('an event altered and its commit hashed again', async () => {
    const town = await liveTown(100);
    town.replace(HAZARD, 2, (commit) =>
      rehashed({ ...commit, events: commit.events.map((bytes) => flipped(bytes, 500)) }),
    );
    const problems = await problemsOf(town);
    expect(problems[0]).toMatchObject({ kind: 'altered', position: town.positionOf(HAZARD, 2) });
    expect(problems[0]!.where).toContain(`${HAZARD}@2`);
    expect(problems.map(({ where }) => where)).toContain(`${HAZARD}@3`);
  });

  test('who it was that acted', async () => {
    const town = await liveTown(100);
    town.replace(HAZARD, 2, (commit) => ({ ...commit, person: 'p-other' }));
    expect(await problemsOf(town)).toMatchObject([
      { kind: 'mismatched', where: `${HAZARD}@2`, message: expect.stringContaining('person is p-other') },
      { kind: 'altered', where: `${HAZARD}@2` },
    ]);
  });

  test('a commit taken away', async () => {
    const town = await liveTown(100);
    town.remove('events', { stream: { S: HAZARD }, version: { N: '2' } });
    const problems = await problemsOf(town);
    expect(problems[0]).toMatchObject({ kind: 'missing', where: `${HAZARD}@2`, position: town.positionOf(HAZARD, 2) });
    expect(problems[1]).toMatchObject({ kind: 'missing', where: `${HAZARD}@2` });
  });

  test('a commit put in, with a place in the index that is another’s', async () => {
    const town = await liveTown(100);
    const commit = town.commits.at(-1)!;
    const forged = rehashed({
      ...commit,
      version: commit.next,
      next: commit.next + commit.events.length,
      prev: commit.hash,
    });
    town.fake.seed('events', itemFromCommit(forged));
    town.fake.seed('log', {
      pk: { S: `liantang#at#${commit.stream}` },
      sk: { S: String(forged.next - 1).padStart(10, '0') },
      first: { N: '5' },
      version: { N: String(forged.version) },
    });
    expect(await problemsOf(town)).toMatchObject([
      { kind: 'inserted', where: `${commit.stream}@${forged.version}`, position: 5 },
    ]);
  });
});

describe('the log', () => {
  test('a leaf hash in a page', async () => {
    const town = await liveTown(100);
    town.change(
      'log',
      (item) => item['pk']?.S === 'liantang#page',
      (item) => {
        item['leaves'] = { B: flipped(item['leaves']!.B!, 8 * 32 * 3) };
      },
    );
    expect((await problemsOf(town))[0]).toMatchObject({ kind: 'altered', position: 3 });
  });

  test('a page taken away, and the end of the log', async () => {
    const town = await liveTown(100, 20);
    const pages = town.items('log').filter((item) => item['pk']?.S === 'liantang#page');
    expect(pages.length).toBeGreaterThan(3);
    town.remove('log', { pk: pages[2]!['pk']!, sk: pages[2]!['sk']! });
    const first = Number(pages[2]!['first']!.N);
    expect((await problemsOf(town))[0]).toMatchObject({ kind: 'missing', position: first });
    for (const page of pages.slice(3)) town.remove('log', { pk: page['pk']!, sk: page['sk']! });
    expect((await problemsOf(town))[0]).toMatchObject({ kind: 'truncated', position: first });
  });

  test('an entry of the index', async () => {
    const town = await liveTown(100);
    town.change(
      'log',
      (item) => item['pk']?.S === `liantang#at#${HAZARD}`,
      (item) => {
        item['first'] = { N: '0' };
      },
    );
    expect((await problemsOf(town))[0]).toMatchObject({ kind: 'altered', where: `index ${HAZARD}@1` });
  });

  test('a tile, a checkpoint, and the frontier in the head', async () => {
    const tile = await liveTown(600);
    tile.change(
      'log',
      (item) => item['pk']?.S === 'liantang#tile',
      (item) => {
        item['hashes'] = { B: flipped(item['hashes']!.B!, 8 * 32 * 7) };
      },
    );
    expect(await problemsOf(tile)).toMatchObject([{ kind: 'altered', where: 'tile 0/0', position: 7 }]);
    const lost = await liveTown(600);
    lost.remove('log', { pk: { S: 'liantang#tile' }, sk: { S: `0/${'1'.padStart(12, '0')}` } });
    expect(await problemsOf(lost)).toMatchObject([{ kind: 'missing', where: 'tile 0/1', position: 256 }]);
    const note = await liveTown(600);
    note.change(
      'log',
      (item) => item['pk']?.S === 'liantang#checkpoint',
      (item) => {
        item['note'] = { S: item['note']!.S!.replace(/^(?<origin>.*\n\d+\n)./u, '$<origin>_').replace('_', 'B') };
      },
    );
    expect((await checkLog(note.deps, { vkey: note.vkey })).problems[0]!.where).toMatch(/^checkpoint /u);
    const root = await liveTown(600);
    root.change(
      'log',
      (item) => item['sk']?.S === `root/0/${'1'.padStart(12, '0')}`,
      (item) => {
        item['hash'] = { B: flipped(item['hash']!.B!, 1) };
      },
    );
    expect(await problemsOf(root)).toMatchObject([{ kind: 'altered', where: 'root of tile 0/1', position: 256 }]);
    const head = await liveTown(600);
    head.change(
      'log',
      (item) => item['sk']?.S === 'head',
      (item) => {
        item['frontier'] = { L: item['frontier']!.L!.with(0, { B: new Uint8Array(32) }) };
      },
    );
    expect(await problemsOf(head)).toMatchObject([{ kind: 'altered', where: 'head' }]);
  });
});

test('a follower that was put behind the end of the log', async () => {
  const town = await liveTown(100);
  const follower = (position: number): void =>
    town.fake.seed('log', { pk: { S: 'liantang#follower' }, sk: { S: 'react' }, position: { N: String(position) } });
  follower(town.events);
  expect(await problemsOf(town)).toEqual([]);
  follower(999_999);
  expect(await problemsOf(town)).toMatchObject([{ kind: 'altered', where: 'follower react' }]);
});

test('the latest checkpoint: gone, put back, forged, of another key', async () => {
  const latest = (item: { sk?: { S?: string } }): boolean => item.sk?.S === 'latest';
  const where = 'the latest checkpoint';
  const gone = await liveTown(300);
  const was = gone.items('log').find(latest);
  gone.remove('log', { pk: was!['pk']!, sk: was!['sk']! });
  expect(await problemsOf(gone)).toMatchObject([{ kind: 'missing', where }]);
  const earlier = gone.fake.records.find(({ keys }) => latest(keys));
  gone.fake.seed('log', earlier!.newImage!);
  expect(await problemsOf(gone)).toMatchObject([
    { kind: 'altered', where, message: expect.stringMatching(/^it says \d+ events/u) },
  ]);
  const forged = await liveTown(300);
  forged.change('log', latest, (item) => (item['frontier'] = { L: item['frontier']!.L!.toReversed() }));
  expect(await problemsOf(forged)).toMatchObject([{ kind: 'altered', where }]);
  const other = await liveTown(300);
  const key = 'other.example/log+a1d5e4f0+AaUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUF';
  other.change('log', latest, (item) => (item['vkey'] = { S: key }));
  expect((await checkLog(other.deps, { vkey: other.vkey })).problems).toMatchObject([
    { kind: 'altered', where, message: `it names the key ${key}` },
  ]);
});

function rehashed(commit: Commit): Commit {
  return { ...commit, hash: commitHash(commit) };
}

test('the town of these tests is sequenced as any other', async () => {
  const town = await liveTown(30);
  expect(await sequence(town.deps, town.commits)).toMatchObject({ appended: 0 });
  expect(town.items('events').map(commitFromItem).length).toBe(town.commits.length);
});
