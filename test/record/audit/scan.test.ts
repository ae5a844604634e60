// The scan by several threads: it vouches for what hashes to its tile, for nothing else, whoever of the threads came by it.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeBundle } from '../../../shared/record/audit/bundle.ts';
import { BundleFiles } from '../../../shared/record/audit/files.ts';
import { logTilePath } from '../../../shared/record/audit/layout.ts';
import { scanTiles, type Scan } from '../../../shared/record/audit/scan.ts';
import { subtreeRoot } from '../../../shared/record/tlog/subtree.ts';
import { flipped } from '../tlog/logs.ts';
import { sourceOf, temporary, Town } from './town.ts';

const { dir, remove } = temporary();
const SIZE = 20_000;
const FULL = Math.floor(SIZE / 256);
const pathOf = (level: 0 | 'entries', index: number): string => logTilePath({ level, index, width: 256 });
const file = (level: 0 | 'entries', index: number): string => join(dir, pathOf(level, index));

beforeAll(async () => {
  const { source } = await sourceOf(new Town(SIZE).events);
  await writeBundle(source, { dir, scope: { kind: 'all' }, withoutExport: true });
  writeFileSync(file('entries', 3), flipped(readFileSync(file('entries', 3)), 4000));
  writeFileSync(file(0, 65), flipped(readFileSync(file(0, 65)), 4000));
  writeFileSync(file('entries', 66), readFileSync(file('entries', 66)).subarray(0, -1));
  rmSync(file('entries', 70));
  rmSync(file(0, 71));
}, 60_000);
afterAll(remove);

const WRONG = new Set([3, 65, 66, 70, 71]);

/** What there is to know of a scan. */
function told(scanned: Scan): { vouched: number[]; sums: (string | undefined)[] } {
  const all = Array.from({ length: FULL + 1 }, (_, index) => index);
  return {
    vouched: all.filter((index) => scanned.root(index)),
    sums: all.flatMap((index) => [scanned.sum(pathOf(0, index)), scanned.sum(pathOf('entries', index))]),
  };
}

test('each thread more comes to the same, and what is wrong is vouched for by none', async () => {
  const [alone, many] = [
    await scanTiles(new BundleFiles(dir), SIZE, () => {}, 1),
    await scanTiles(new BundleFiles(dir), SIZE, () => {}, 3),
  ];
  expect(told(alone)).toEqual(told(many));
  const expected = Array.from({ length: FULL }, (_, index) => index).filter((index) => !WRONG.has(index));
  expect(told(many).vouched).toEqual(expected);
  for (const index of [0, 64, FULL - 1]) {
    const tile = readFileSync(file(0, index));
    expect(many.root(index)).toEqual(subtreeRoot(tile));
    expect(many.sum(pathOf(0, index))).toBe(createHash('sha256').update(tile).digest('hex'));
  }
  expect(many.sum(pathOf('entries', 70))).toBeUndefined();
  expect(many.sum('log/tile/1/000.p/78')).toBeUndefined();
  expect(many.sum('log/tile/0/0')).toBeUndefined();
});

test('where there are no files, nothing is vouched for and nothing has a sum', async () => {
  const nowhere = new BundleFiles(join(dir, 'log/checkpoint'));
  const scanned = await scanTiles(nowhere, SIZE, () => {}, 2);
  expect(told(scanned)).toEqual({ vouched: [], sums: Array(2 * (FULL + 1)).fill(undefined) });
});
