import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat } from '../../../shared/record/tlog/bytes.ts';
import { bundleLeaves, decodeEntries, encodeEntries } from '../../../shared/record/tlog/entries.ts';
import { leafHash } from '../../../shared/record/tlog/hash.ts';
import { appendLeaves, EMPTY_FRONTIER, root } from '../../../shared/record/tlog/merkle.ts';
import {
  proveConsistency,
  proveInclusion,
  verifyConsistency,
  verifyInclusion,
} from '../../../shared/record/tlog/proofs.ts';
import {
  newBundles,
  newTiles,
  parseTilePath,
  placeOf,
  tileAt,
  tilePath,
  tilesOf,
  type Tile,
} from '../../../shared/record/tlog/tile.ts';
import { buildTiles, readFrontier, readRoot, tileHashReader } from '../../../shared/record/tlog/tile-build.ts';
import { entriesOf, leavesOf, TileStore } from './logs.ts';
import { naiveRoot } from './naive.ts';

test.each([
  ['tile/0/x001/x234/067', { level: 0, index: 1_234_067, width: 256 }],
  ['tile/0/000', { level: 0, index: 0, width: 256 }],
  ['tile/1/x001/000.p/17', { level: 1, index: 1000, width: 17 }],
  ['tile/63/999.p/255', { level: 63, index: 999, width: 255 }],
  ['tile/entries/x273/x000/112.p/1', { level: 'entries' as const, index: 273_000_112, width: 1 }],
])('%s names one tile', (path, tile) => {
  expect(tilePath(tile)).toBe(path);
  expect(parseTilePath(path)).toEqual(tile);
});

test.each([
  '',
  'tile',
  'tile/0',
  'tile/0/',
  'tile/0/0',
  'tile/0/00',
  'tile/0/0000',
  'tile/00/000',
  'tile/01/000',
  'tile/64/000',
  'tile/-1/000',
  'tile/0/x000/001',
  'tile/0/x001',
  'tile/0/001/x002',
  'tile/0/001/002',
  'tile/0/x001/x002',
  'tile/0/X001/002',
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'tile/0/000.p/01',
  'tile/0/000.p/',
  'tile/0/000.p',
  'tile/0/000/.p/1',
  'tile/0/000.p/1/',
  '/tile/0/000',
  'tile/0/000/',
  'tile/0/000\n',
  'tile//000',
  'tile/entries/',
  'tile/Entries/000',
  'tile/0/x00a/000',
  'tile/0/٠٠٠',
  'tile/0/x999/x999/x999/x999/x999/999',
  'tile/0/../000',
  'tile/data/000',
  'tile/8/0/000',
])('%j names none', (path) => {
  expect(() => parseTilePath(path)).toThrow('path: tile/<level or entries>');
});

const anyTile = fc.record({
  level: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const)),
  index: fc.maxSafeNat(),
  width: fc.integer({ min: 1, max: 256 }),
});

test('each tile has one path, and back', () => {
  fc.assert(
    fc.property(anyTile, (tile) => {
      expect(parseTilePath(tilePath(tile))).toEqual(tile);
    }),
  );
});

function parsed(path: string): Tile | undefined {
  try {
    return parseTilePath(path);
  } catch {
    return undefined;
  }
}

test('what is parsed is what it was written as', () => {
  const near = fc.stringMatching(
    /^tile\/(?:entries|[0-9]{1,2})\/(?:x?[0-9]{1,4}\/){0,3}x?[0-9]{2,4}(?:\.p\/[0-9]{1,3})?$/u,
  );
  fc.assert(
    fc.property(near, (path) => {
      const tile = parsed(path);
      expect(tile === undefined || tilePath(tile) === path).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('a tile that cannot be has no path', () => {
  for (const tile of [
    { level: 64, index: 0, width: 1 },
    { level: 0, index: -1, width: 1 },
    { level: 0, index: 0, width: 0 },
    { level: 0, index: 0, width: 257 },
    { level: 0.5, index: 0, width: 1 },
    { level: 0, index: 2 ** 53, width: 1 },
  ]) {
    expect(() => tilePath(tile)).toThrow('tile');
  }
});

test('a tree of 70,000 has the tiles that the specification counts, one of 256 a second level', () => {
  const tiles = tilesOf(70_000);
  const of = (level: number) => tiles.filter((tile) => tile.level === level);
  expect(of(0).length).toBe(274);
  expect(of(0).at(-1)).toEqual({ level: 0, index: 273, width: 112 });
  expect(of(1)).toEqual([
    { level: 1, index: 0, width: 256 },
    { level: 1, index: 1, width: 17 },
  ]);
  expect(of(2)).toEqual([{ level: 2, index: 0, width: 1 }]);
  expect(tilesOf(256)).toEqual([
    { level: 0, index: 0, width: 256 },
    { level: 1, index: 0, width: 1 },
  ]);
  expect(tilesOf(0)).toEqual([]);
  expect(tileAt(0, 273, 70_000)).toEqual({ level: 0, index: 273, width: 112 });
  expect(tileAt(0, 274, 70_000)).toBeUndefined();
  expect(tileAt('entries', 273, 70_000)?.width).toBe(112);
});

test('growth adds the tiles that are not in the older tree', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 2000 }), (older, more) => {
      const before = new Set(tilesOf(older).map(tilePath));
      const added = tilesOf(older + more).filter((tile) => !before.has(tilePath(tile)));
      expect(newTiles(older, older + more)).toEqual(added);
      const bundles = newBundles(older, older + more).map(({ index, width }) => ({ level: 0, index, width }));
      expect(bundles).toEqual(added.filter(({ level }) => level === 0));
    }),
    { numRuns: 30 },
  );
});

test('a node stands where its leaves are', () => {
  expect(placeOf({ level: 0, index: 257 })).toEqual({ level: 0, index: 1, first: 1, count: 1 });
  expect(placeOf({ level: 7, index: 3 })).toEqual({ level: 0, index: 1, first: 128, count: 128 });
  expect(placeOf({ level: 8, index: 3 })).toEqual({ level: 1, index: 0, first: 3, count: 1 });
  expect(placeOf({ level: 17, index: 129 })).toEqual({ level: 2, index: 1, first: 2, count: 2 });
});

test('tiles built step by step are those built at once, and hold the root', async () => {
  const leaves = leavesOf(70_000);
  const steps = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(1, 255, 256, 257, 512, 20_000, 65_536)),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (growth) => {
      const [grown, atOnce] = [new TileStore(), new TileStore()];
      for (const step of growth) await grown.append(leaves.slice(grown.size, grown.size + step));
      await atOnce.append(leaves.slice(0, grown.size));
      expect([...atOnce.files.keys()].toSorted()).toEqual(tilesOf(grown.size).map(tilePath).toSorted());
      const different = [...atOnce.files].filter(([path, data]) => Buffer.compare(grown.files.get(path)!, data) !== 0);
      expect(different.map(([path]) => path)).toEqual([]);
      const frontier = appendLeaves(EMPTY_FRONTIER, concat(...leaves.slice(0, grown.size)));
      expect(await readRoot(grown.size, grown.read)).toEqual(root(frontier));
      expect(await readFrontier(grown.size, grown.read)).toEqual(frontier);
    }),
    { numRuns: 12 },
  );
});

test('proofs from tiles of three levels verify, and read only the tiles they need', async () => {
  const leaves = leavesOf(66_000);
  const store = new TileStore();
  await store.append(leaves);
  const head = { size: store.size, root: naiveRoot(leaves) };
  for (const index of [0, 255, 256, 65_535, 65_536, 65_999]) {
    let tiles = 0;
    const proof = await proveInclusion(
      index,
      store.size,
      tileHashReader(store.size, (wanted) => {
        tiles += wanted.length;
        return store.read(wanted);
      }),
    );
    verifyInclusion(leaves[index]!, index, head.size, head.root, proof);
    expect(tiles).toBeLessThanOrEqual(5);
  }
  for (const older of [1, 255, 256, 257, 65_535, 65_536, 65_537, 65_999]) {
    const proof = await proveConsistency(older, store.size, tileHashReader(store.size, store.read));
    verifyConsistency({ size: older, root: naiveRoot(leaves.slice(0, older)) }, head, proof);
  }
});

test('a full tile serves where a partial one was asked for; a short or missing one is refused by name', async () => {
  const leaves = leavesOf(300);
  const store = new TileStore();
  await store.append(leaves.slice(0, 256));
  const node = [{ level: 2, index: 1 }];
  expect(await tileHashReader(100, store.read)(node)).toEqual([naiveRoot(leaves.slice(4, 8))]);
  for (const data of [new Uint8Array(99 * 32), new Uint8Array(100 * 32 + 1), new Uint8Array(257 * 32), undefined]) {
    const wrong = () => [data!];
    await expect(tileHashReader(100, wrong)(node)).rejects.toThrow('tile/0/000.p/100 has');
    await expect(buildTiles(100, leaves[100]!, wrong)).rejects.toThrow('tile/0/000.p/100 has');
  }
  await expect(tileHashReader(100, store.read)([{ level: 2, index: 25 }])).rejects.toThrow('not in a tree of 100');
  await expect(tileHashReader(100, store.read)([{ level: 9, index: 0 }])).rejects.toThrow('not in a tree of 100');
  await expect(buildTiles(0, new Uint8Array(31), store.read)).rejects.toThrow('32 bytes each');
});

test('entry bundles come back as they were, and their leaves are the level-0 tile', () => {
  const entries = [...entriesOf(254), new Uint8Array(65_535).fill(1), Uint8Array.of(0)];
  const bundle = encodeEntries(entries);
  expect(decodeEntries(bundle, 256).map((entry) => Buffer.from(entry))).toEqual(
    entries.map((entry) => Buffer.from(entry)),
  );
  const before = concat(bundle);
  expect(Buffer.from(bundleLeaves(bundle, 256))).toEqual(Buffer.concat(entries.map(leafHash)));
  expect(bundle).toEqual(before);
  expect(encodeEntries([Buffer.from('one'), new Uint8Array()])).toEqual(Uint8Array.of(0, 3, 111, 110, 101, 0, 0));
});

test('a bundle that is cut, too long or of another width is refused', () => {
  const bundle = encodeEntries(entriesOf(5));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bundle.length - 1 }), (end) => {
      expect(() => decodeEntries(bundle.subarray(0, end), 5)).toThrow('it ends within entry');
    }),
  );
  expect(() => decodeEntries(concat(bundle, Uint8Array.of(0)), 5)).toThrow('1 bytes are left over');
  expect(() => decodeEntries(bundle, 4)).toThrow('left over');
  expect(() => decodeEntries(bundle, 6)).toThrow('it ends within entry 5 of 6');
  for (const width of [0, 257, 1.5]) {
    expect(() => decodeEntries(bundle, width)).toThrow('1 … 256 entries');
    expect(() => bundleLeaves(bundle, width)).toThrow('1 … 256 entries');
  }
  expect(() => bundleLeaves(bundle, 6)).toThrow('it ends within entry 5 of 6');

  expect(() => encodeEntries([])).toThrow('1 … 256 entries');
  expect(() => encodeEntries(entriesOf(257))).toThrow('1 … 256 entries');
  expect(() => encodeEntries([new Uint8Array(65_536)])).toThrow('entry 0: at most 65535 bytes');
});
