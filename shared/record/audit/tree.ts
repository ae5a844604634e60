// Recomputes the tree of a bundle from the bottom: entries (when it has them all) against tiles of leaf hashes, these against the
// tiles above, all of it against the root that was signed. Where two of them disagree, the signed root tells which is wrong.
import { equal } from '../tlog/bytes.ts';
import { bundleLeaves } from '../tlog/entries.ts';
import { HASH_BYTES, leafHash } from '../tlog/hash.ts';
import { appendLeaves, appendTiles, EMPTY_FRONTIER, root } from '../tlog/merkle.ts';
import type { TreeHead } from '../tlog/proofs.ts';
import { subtreeRoot, TILE_WIDTH } from '../tlog/subtree.ts';
import { levelWidth, newBundles, tilesOf, type HashTile } from '../tlog/tile.ts';
import type { BundleFiles } from './files.ts';
import { logTilePath } from './layout.ts';
import type { Problems } from './problem.ts';
import type { Scan } from './scan.ts';
import { differences, type Difference } from './sequence-difference.ts';

/** One tile of leaf hashes that is not what its entries hash to. */
interface Disagreement {
  index: number;
  width: number;
  /** leaf hashes of the entries; undefined when the file is missing */
  entries: Uint8Array[] | undefined;
  tile: Uint8Array | undefined;
}

export interface TreeResult {
  /** whether the tree's root is the one that was signed, by entries or by tiles */
  holds: boolean;
  /** whether the tiles of leaf hashes can be relied on */
  tilesHold: boolean;
}

const KEPT = 64;

export interface TreeOptions {
  problems: Problems;
  /** the bundle should hold every entry; what is known of them already */
  entries: Scan | undefined;
  onTile: (done: number) => void;
}

export function verifyTree(
  files: BundleFiles,
  head: TreeHead,
  { entries: scanned, problems, onTile }: TreeOptions,
): TreeResult {
  const entries = scanned !== undefined;
  const { size } = head;
  const count = Math.ceil(size / TILE_WIDTH);
  const byEntries = new Roots(size);
  const byTiles = new Roots(size);
  const disagreements: Disagreement[] = [];
  for (const bundle of newBundles(0, size)) {
    const { index, width } = bundle;
    const known = width === TILE_WIDTH ? scanned?.root(index) : undefined;
    if (known) {
      byTiles.setRoot(index, known);
      byEntries.setRoot(index, known);
      continue;
    }
    const tile = readTile(files, { level: 0, index, width }, problems);
    const file = entries ? files.view(logTilePath(bundle)) : undefined;
    let leaves: Uint8Array | undefined;
    if (entries && file === undefined) {
      const tail = index + 1 === count;
      problems.add({
        kind: tail ? 'truncated' : 'missing',
        where: logTilePath(bundle),
        position: index * TILE_WIDTH,
        message: `the entries of positions ${range(index, width)} are not there`,
      });
    } else if (file) {
      leaves = strictLeaves(file, width);
      if (!leaves || !tile || !same(leaves, tile)) {
        if (disagreements.length < KEPT) {
          disagreements.push({ index, width, entries: looseLeaves(file), tile: tile && new Uint8Array(tile) });
        }
      }
    }
    byTiles.set(index, tile ?? leaves);
    if (leaves && tile && same(leaves, tile)) byEntries.copy(index, byTiles);
    else byEntries.set(index, leaves ?? (entries ? undefined : tile));
    if (index % 64 === 0) onTile(index);
  }
  onTile(count);
  const entriesHold = entries && byEntries.isRoot(head.root);
  const tilesHold = byTiles.isRoot(head.root);
  const upper = upperTiles(files, size, entriesHold ? byEntries : byTiles, problems, entriesHold || tilesHold);
  for (const disagreement of disagreements) {
    const above = upper.get(disagreement.index);
    const ownRoot = disagreement.tile && subtreeRoot(disagreement.tile);
    const tileIsRight = tilesHold || (!entriesHold && above !== undefined && !!ownRoot && equal(ownRoot, above));
    if (entriesHold || !tileIsRight) reportTile(disagreement, problems, entriesHold);
    else if (reportEntries(disagreement, problems)) break;
  }
  if (!entriesHold && !tilesHold) reportRoot(files, size, byTiles, upper, problems, entries, disagreements.length > 0);
  return { holds: entriesHold || tilesHold, tilesHold: tilesHold || (entriesHold && disagreements.length === 0) };
}

/** As `equal`, at the speed of memory: whole tiles are compared. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Roots of the tiles of level 0, and the leaves of the partial one. */
class Roots {
  readonly size: number;
  readonly whole: Uint8Array;
  edge: Uint8Array = new Uint8Array();
  #complete = true;

  constructor(size: number) {
    this.size = size;
    this.whole = new Uint8Array(levelWidth(size, 1) * HASH_BYTES);
  }

  set(index: number, leaves: Uint8Array | undefined): void {
    if (!leaves) this.#complete = false;
    else if (leaves.length === TILE_WIDTH * HASH_BYTES) this.whole.set(subtreeRoot(leaves), index * HASH_BYTES);
    else this.edge = new Uint8Array(leaves);
  }

  setRoot(index: number, hash: Uint8Array): void {
    this.whole.set(hash, index * HASH_BYTES);
  }

  /** What another holds there, without hashing it again. */
  copy(index: number, other: Roots): void {
    const own = other.at(index);
    if (own) this.whole.set(own, index * HASH_BYTES);
    else this.edge = other.edge;
  }

  isRoot(expected: Uint8Array): boolean {
    return this.#complete && equal(root(appendLeaves(appendTiles(EMPTY_FRONTIER, this.whole), this.edge)), expected);
  }

  at(index: number): Uint8Array | undefined {
    return index < levelWidth(this.size, 1)
      ? this.whole.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)
      : undefined;
  }
}

function readTile(files: BundleFiles, tile: HashTile, problems: Problems): Uint8Array | undefined {
  const path = logTilePath(tile);
  const data = files.read(path);
  const wanted = tile.width * HASH_BYTES;
  if (data?.length === wanted) return data;
  const covered = tile.level === 0 ? ` (positions ${range(tile.index, tile.width)})` : '';
  if (!data) problems.add({ kind: 'missing', where: path, message: `the tile is not there${covered}` });
  else {
    problems.add({
      kind: data.length < wanted ? 'truncated' : 'altered',
      where: path,
      message: `${data.length} bytes where ${wanted} belong${covered}`,
    });
  }
  return undefined;
}

/** Leaf hashes of a bundle of entries; undefined when it is not well formed. */
function strictLeaves(file: Uint8Array, width: number): Uint8Array | undefined {
  try {
    return bundleLeaves(file, width);
  } catch {
    return undefined;
  }
}

/** Leaf hashes of the entries that can be told apart. */
function looseLeaves(file: Uint8Array): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at + 2 <= file.length && leaves.length <= 4 * TILE_WIDTH;) {
    const end = at + 2 + file[at]! * 256 + file[at + 1]!;
    if (end > file.length) break;
    leaves.push(leafHash(file.subarray(at + 2, end)));
    at = end;
  }
  return leaves;
}

/**
 * The tiles above level 0 against what they should hold.
 * @returns hashes of level 1 as they are on disk
 */
function upperTiles(
  files: BundleFiles,
  size: number,
  roots: Roots,
  problems: Problems,
  trusted: boolean,
): { get: (index: number) => Uint8Array | undefined } {
  const onDisk: (Uint8Array | undefined)[] = [];
  let computed = roots.whole;
  for (let level = 1; levelWidth(size, level) > 0; level++) {
    const above: Uint8Array[] = [];
    for (const tile of tilesOf(size).filter((one) => one.level === level)) {
      const want = computed.subarray(
        tile.index * TILE_WIDTH * HASH_BYTES,
        (tile.index * TILE_WIDTH + tile.width) * HASH_BYTES,
      );
      const data = readTile(files, tile, problems);
      if (level === 1) onDisk[tile.index] = data;
      if (data && trusted && !equal(data, want)) {
        const at = hashesOf(data).findIndex(
          (hash, n) => !equal(hash, want.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES)),
        );
        const covers = TILE_WIDTH ** level;
        const from = (tile.index * TILE_WIDTH + at) * covers;
        problems.add({
          kind: 'altered',
          where: logTilePath(tile),
          position: from,
          message: `hash ${at} is not that of positions ${from} … ${from + covers - 1}`,
        });
      }
      if (tile.width === TILE_WIDTH) above.push(subtreeRoot(want));
    }
    computed = Buffer.concat(above);
  }
  return {
    get: (index) =>
      onDisk[Math.floor(index / TILE_WIDTH)]?.subarray(
        (index % TILE_WIDTH) * HASH_BYTES,
        ((index % TILE_WIDTH) + 1) * HASH_BYTES,
      ),
  };
}

const hashesOf = (data: Uint8Array): Uint8Array[] =>
  Array.from({ length: data.length / HASH_BYTES }, (_, n) => data.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES));

/** The tile is wrong: which of its hashes. A tile of the wrong length has been reported already. */
function reportTile({ index, width, entries, tile }: Disagreement, problems: Problems, entriesHold: boolean): void {
  if (!tile || !entries) return;
  const where = logTilePath({ level: 0, index, width });
  for (const [n, hash] of hashesOf(tile).entries()) {
    if (entries[n] && equal(entries[n], hash)) continue;
    problems.add({
      kind: 'altered',
      where,
      position: index * TILE_WIDTH + n,
      message: entriesHold
        ? 'the leaf hash is not that of the entry, which is as signed'
        : 'leaf hash and entry differ, and neither is as signed',
    });
  }
}

/** The entries are wrong: which, and what happened to them. @returns true when nothing after them can be compared */
function reportEntries({ index, width, entries = [], tile }: Disagreement, problems: Problems): boolean {
  if (!tile) return false;
  const where = logTilePath({ level: 'entries', index, width });
  const found = differences(entries, hashesOf(tile));
  if (found.length === 0) {
    problems.add({
      kind: 'altered',
      where,
      position: index * TILE_WIDTH + width - 1,
      message: 'bytes are left over behind the last entry',
    });
  }
  for (const difference of found) {
    problems.add({
      kind: difference.kind,
      where,
      position: index * TILE_WIDTH + difference.at,
      message: says(difference, index),
    });
  }
  return found.some(({ shifted }) => shifted);
}

function says({ kind, count = 0, other = 0 }: Difference, index: number): string {
  switch (kind) {
    case 'altered':
      return 'the event is not the one that was signed';
    case 'inserted':
      return `${count} event${count === 1 ? ' was' : 's were'} put in here`;
    case 'missing':
      return `${count} event${count === 1 ? ' was' : 's were'} left out here`;
    case 'truncated':
      return `${count} event${count === 1 ? ' is' : 's are'} missing from here to the end of the file`;
    case 'reordered':
      return `the event has changed places with position ${index * TILE_WIDTH + other}`;
  }
}

/** Neither entries nor tiles are what was signed. */
function reportRoot(
  files: BundleFiles,
  size: number,
  roots: Roots,
  upper: { get: (index: number) => Uint8Array | undefined },
  problems: Problems,
  entries: boolean,
  explained: boolean,
): void {
  let found = explained || problems.count > 0;
  for (let index = 0; index < levelWidth(size, 1); index++) {
    const above = upper.get(index);
    const own = roots.at(index);
    if (!above || !own || equal(above, own)) continue;
    const where = logTilePath({ level: 0, index, width: TILE_WIDTH });
    if (files.size(where) === undefined) continue;
    found = true;
    if (!problems.has(where)) {
      problems.add({
        kind: 'altered',
        where,
        position: index * TILE_WIDTH,
        message: `the tile of positions ${range(index, TILE_WIDTH)} does not have the root that the tile above has`,
      });
    }
  }
  if (found) return;
  const width = size % TILE_WIDTH;
  if (!entries && width > 0) {
    // nothing above vouches for the last tile but the root itself; every other tile agrees with what is above it
    const where = logTilePath({ level: 0, index: Math.floor(size / TILE_WIDTH), width });
    const message = 'the root that was signed does not follow: this tile was altered, or this is another history';
    problems.add({ kind: 'altered', where, position: size - width, message });
    return;
  }
  problems.add({
    kind: 'forked',
    where: 'log/checkpoint',
    message: `the signed root is not that of the ${size} events here: this is another history`,
  });
}

function range(index: number, width: number): string {
  return `${index * TILE_WIDTH} … ${index * TILE_WIDTH + width - 1}`;
}
