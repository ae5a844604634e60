// Complete, not only included: what a bundle of a unit leaves out is named, whoever made it; false seals are found by whoever has the log.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeEvent } from '../../../events/catalogue.ts';
import { indexedSubjects } from '../../../events/subjects.ts';
import { writeBundle, type BundleSource } from '../../../shared/record/audit/bundle.ts';
import { checkLog } from '../../../shared/record/audit/check.ts';
import { verifyBundle, type Verdict } from '../../../shared/record/audit/verify.ts';
import { blockOf, keyText, proveIn } from '../../../shared/record/index/block.ts';
import { IndexTree } from '../../../shared/record/index/index-tree.ts';
import { stretchesOf, type IndexProof } from '../../../shared/record/index/proof.ts';
import { sealIndex } from '../../../shared/record/index/seal-index.ts';
import { sweep } from '../../../shared/record/log/sweep.ts';
import { sealLog } from '../../../shared/record/seal/seal.ts';
import { eventOf } from '../../support/builders.ts';
import { liveTown, type LiveTown } from './live.ts';
import { key, ORIGIN, sourceOf, temporary, Town, vkey, type Told } from './town.ts';

const UNIT = 'u_30';
const AT = '2025-06-01T00:00:00.000Z';
const INDEX_CHECK = fileURLToPath(new URL('../../interop/index_check.py', import.meta.url));
const PYTHON = spawnSync('python3', ['--version']).status === 0;
const { dir: base, remove } = temporary();
afterAll(remove);

/** A town with a seal of the index, and a few events of the unit's that came after it. */
function indexed(root?: string): { events: Told[]; size: number; position: number } {
  const { events } = new Town(700);
  const size = events.findIndex(({ unit }) => unit === UNIT) + 9;
  const tree = new IndexTree();
  for (const { bytes } of events.slice(0, size)) tree.add(indexedSubjects(bytes));
  const before = (JSON.parse(Buffer.from(events[size - 1]!.bytes).toString('utf8')) as { recordedAt: string })
    .recordedAt;
  const data = { size, root: root ?? Buffer.from(tree.rootOf(size)!).toString('hex'), at: AT };
  const event = eventOf('index', 'index', 1, { type: 'IndexSealed', data }, { occurredAt: before, recordedAt: before });
  const told = { stream: event.stream, version: 1, unit: '', bytes: encodeEvent(event) };
  return { events: [...events.slice(0, size), told, ...events.slice(size)], size, position: size };
}

function proofOf(events: readonly Told[], subject: string, size: number): IndexProof {
  const blocks = stretchesOf(size).map(({ from, to }) =>
    blockOf(
      events.slice(from, to).map(({ bytes }, n) => ({ position: from + n, keys: indexedSubjects(bytes).map(keyText) })),
    ),
  );
  return { subject, size, blocks: blocks.map((block) => proveIn(block, keyText(subject))) };
}

async function lyingSource(root?: string, without: readonly number[] = []): Promise<BundleSource> {
  const { events, size, position } = indexed(root);
  const { source } = await sourceOf(events);
  return {
    ...source,
    unitEvents: async (unit, end) =>
      (await source.unitEvents(unit, end)).filter((one) => !without.includes(one.position)),
    indexProof: async (unit) => ({ ...proofOf(events, `unit/${unit}`, size), sealed: { position } }),
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- JSON that is forged on purpose
type Loose = any;
let made = 0;
async function bundleOf(source: BundleSource, unit = UNIT): Promise<string> {
  const dir = join(base, `bundle-${made++}`);
  await writeBundle(source, { dir, scope: { kind: 'unit', unit } });
  return dir;
}

/** A copy with something changed, its manifest made to fit. */
async function forged(dir: string, change: (dir: string) => void): Promise<Verdict> {
  const copy = join(base, `copy-${made++}`);
  cpSync(dir, copy, { recursive: true });
  change(copy);
  const paths = readdirSync(copy, { recursive: true, encoding: 'utf8' })
    .filter((path) => path !== 'MANIFEST.sha256' && statSync(join(copy, path)).isFile())
    .toSorted();
  const sum = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(join(copy, path)))
      .digest('hex');
  writeFileSync(join(copy, 'MANIFEST.sha256'), paths.map((path) => `${sum(path)}  ${path}\n`).join(''));
  return verifyBundle(copy, { vkey });
}

function rewriteJson(path: string, change: (value: Loose) => void, indent?: number): (dir: string) => void {
  return (dir) => {
    const value = JSON.parse(readFileSync(join(dir, path), 'utf8'));
    change(value);
    writeFileSync(join(dir, path), `${JSON.stringify(value, null, indent)}\n`);
  };
}

describe('the bundle of a unit', () => {
  const { events, size, position } = indexed();
  const own = events.flatMap(({ unit }, at) => (unit === UNIT ? [at] : []));
  const inspection = own.find((at) => events[at]!.stream.includes('#inspection#'))!;
  let honest = '';
  beforeAll(async () => {
    honest = await bundleOf(await lyingSource());
  });

  test('says up to where it is complete, and what came after', async () => {
    const verdict = await verifyBundle(honest, { vkey });
    expect(verdict.problems).toEqual([]);
    const [before, after] = [own.filter((at) => at < size), own.filter((at) => at > size)];
    expect(verdict.complete).toEqual({
      subject: `unit/${UNIT}`,
      size,
      at: AT,
      events: before.length,
      unindexed: after.length,
    });
    expect([before.length, after.length]).toEqual([9, 3]);
  });

  test('takes home what was taken out of the timeline', async () => {
    const dir = await bundleOf(await lyingSource(undefined, [inspection]));
    const verdict = await verifyBundle(dir, { vkey });
    expect(verdict).toMatchObject({ holds: true, complete: { events: 9 } });
    expect(readdirSync(join(dir, 'leaves'))).toContain(`${inspection}.json`);
  });

  test('that leaves an inspection out is found out, though all that is in it verifies', async () => {
    const source = await lyingSource(undefined, [inspection]);
    delete source.indexProof;
    const shorter = await bundleOf(source);
    const unproved = await verifyBundle(shorter, { vkey });
    expect(unproved.holds).toBe(true);
    expect(unproved.complete).toBeUndefined();
    const verdict = await forged(shorter, (dir) => {
      for (const path of [`leaves/${position}.json`, `proofs/${position}.tlog-proof`, 'index'])
        cpSync(join(honest, path), join(dir, path), { recursive: true });
      rewriteJson(
        'bundle.json',
        (info) => Object.assign(info, { events: info.events + 1, index: { position } }),
        2,
      )(dir);
      rmSync(join(dir, 'export'), { recursive: true });
      rewriteJson('bundle.json', (info) => Object.assign(info, { export: false }), 2)(dir);
    });
    expect(verdict.problems[0]).toEqual({
      kind: 'missing',
      where: `leaves/${inspection}.json`,
      position: inspection,
      message: `the index lists it as an event of unit/${UNIT}, and it is not here`,
    });
  });

  test.each<[string, (proof: Loose) => void, RegExp]>([
    ['of another unit', (proof) => (proof.subject = 'unit/u_1'), /it is about unit\/u_1, not unit\/u_30/u],
    ['of another size', (proof) => (proof.size -= 1), /it is of \d+ events, and the seal is over \d+/u],
    [
      'with a position left out',
      (proof) => proof.blocks.find((one: Loose) => one.positions).positions.pop(),
      /does not hold/u,
    ],
    ['with a block left out', (proof) => proof.blocks.pop(), /blocks, and it has/u],
    ['with a path cut off', (proof) => (proof.blocks[0].path = proof.blocks[0].path.slice(0, -44)), /does not hold/u],
    ['that is no proof', (proof) => (proof.blocks = 'none'), /not as it is written: blocks/u],
  ])('with a false proof: one %s', async (_, change, message) => {
    const { problems, complete } = await forged(honest, rewriteJson('index/proof.json', change));
    expect(problems[0]).toMatchObject({ kind: 'index', where: 'index/proof.json' });
    expect(problems[0]!.message).toMatch(message);
    expect(complete).toBeUndefined();
  });

  test('whose proof is gone, or whose seal is none', async () => {
    const gone = await forged(honest, (dir) => rmSync(join(dir, 'index'), { recursive: true }));
    expect(gone.problems[0]).toMatchObject({ kind: 'missing', where: 'index/proof.json' });
    const moved = await forged(
      honest,
      rewriteJson('bundle.json', (info) => (info.index.position = own[0]), 2),
    );
    expect(moved.problems.map(({ message }) => message)).toContain(
      'the event at this position is no seal of the index',
    );
  });

  test('by a seal that is false', async () => {
    const dir = await bundleOf(await lyingSource('e'.repeat(64)));
    const { problems } = await verifyBundle(dir, { vkey });
    expect(problems[0]).toMatchObject({
      kind: 'index',
      message: expect.stringContaining('not of the root that was sealed'),
    });
  });
});

describe.runIf(PYTHON)('a program that shares no code', () => {
  const check = (dir: string) => spawnSync('python3', [INDEX_CHECK, dir], { encoding: 'utf8' });

  test('finds the same complete, and what is left out', async () => {
    const dir = await bundleOf(await lyingSource());
    const verdict = await verifyBundle(dir, { vkey });
    const { stdout, stderr } = check(dir);
    expect(stderr).toBe('');
    const { subject, size, events, unindexed } = verdict.complete!;
    expect(JSON.parse(stdout)).toEqual({ subject, size, events, unindexed });
    const [left] = JSON.parse(readFileSync(join(dir, 'index/proof.json'), 'utf8')).blocks.flatMap(
      (block: { positions?: number[] }) => block.positions ?? [],
    );
    rmSync(join(dir, `leaves/${left}.json`));
    expect(check(dir)).toMatchObject({ status: 1, stderr: expect.stringContaining(`missing [${left}]`) });
    rewriteJson('index/proof.json', (proof) => proof.blocks.at(-1).positions?.pop())(dir);
    expect(check(dir).status).toBe(1);
  });
});

describe('whoever has the whole log', () => {
  test('makes every seal again', async () => {
    const { events, size, position } = indexed();
    const dir = join(base, 'all');
    const { source } = await sourceOf(events);
    await writeBundle(source, { dir, scope: { kind: 'all' } });
    expect(await verifyBundle(dir, { vkey })).toMatchObject({ holds: true, seals: { count: 1, size, at: AT } });
    const lie = await sourceOf(indexed('e'.repeat(64)).events);
    const other = join(base, 'lie');
    await writeBundle(lie.source, { dir: other, scope: { kind: 'all' } });
    const { problems } = await verifyBundle(other, { vkey });
    expect(problems).toMatchObject([{ kind: 'index', where: `seal of ${size} events`, position }]);
    expect(problems[0]!.message).toMatch(/^expected the root [0-9a-f]{64}, found e{64}$/u);
  });
});

describe('the tables', () => {
  async function town(): Promise<LiveTown> {
    const live = await liveTown(600);
    await sealIndex(live.deps);
    await sweep(live.deps);
    await sealLog({ log: live.deps, origin: ORIGIN, key, interval: 0, sleep: () => Promise.resolve() });
    return live;
  }
  const isBlock = ({ pk, sk }: Record<string, { S?: string }>): boolean =>
    pk!.S === 'liantang#index' && sk!.S === 'block/0/000000000001';

  test('with an index differ in nothing', async () => {
    expect(await checkLog((await town()).deps)).toMatchObject({ finished: true, count: 0 });
  });

  test('with a block that was changed, or is gone', async () => {
    const live = await town();
    live.change('log', isBlock, (item) => (item['entries'] = { B: item['entries']!.B!.slice(0, 40) }));
    expect((await checkLog(live.deps)).problems).toMatchObject([
      {
        kind: 'altered',
        where: 'index block 0/1',
        position: 256,
        message: 'it is not what the events of the log give',
      },
    ]);
    live.remove('log', { pk: { S: 'liantang#index' }, sk: { S: 'block/0/000000000001' } });
    const { problems } = await checkLog(live.deps);
    expect(problems[0]).toMatchObject({ kind: 'missing', where: 'index block 0/1' });
    expect(problems[1]).toMatchObject({ kind: 'index' });
  });

  test('with a seal whose root fits a block that was changed with it', async () => {
    const live = await liveTown(600);
    const before = live.deps;
    const forgedRoot = 'f'.repeat(64);
    const event = eventOf(
      'index',
      'index',
      1,
      { type: 'IndexSealed', data: { size: 500, root: forgedRoot, at: AT } },
      { occurredAt: AT, recordedAt: AT },
    );
    const { itemFromCommit, NO_COMMIT } = await import('../../../shared/record/store/commit.ts');
    const { sealCommits: hashed } = await import('../../../shared/record/store/store.ts');
    const [commit] = hashed([
      {
        stream: event.stream,
        version: 1,
        events: [encodeEvent(event)],
        command: event.command,
        request: 'r',
        person: event.actor.person,
        recordedAt: AT,
        prev: NO_COMMIT,
      },
    ]);
    live.fake.seed('events', itemFromCommit(commit!));
    await sealIndex(before);
    await sweep(before);
    const problems = (await checkLog(before)).problems.filter(({ kind }) => kind === 'index');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ kind: 'index', where: 'seal of 500 events' });
    expect(problems[0]!.message).toMatch(/^expected the root [0-9a-f]{64}, found f{64}$/u);
  });
});
