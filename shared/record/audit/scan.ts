// Most of the time of verifying a whole log goes into hashing: every entry, every pair of hashes, and every file for the manifest. That
// is done here ahead of everything else, by several threads, each file read once. A thread vouches for a tile only when its
// entries hash to it; what it does not vouch for is looked at again, one by one, by verifyTree, which knows how to say what is wrong.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { bundleLeaves } from '../tlog/entries.ts';
import { HASH_BYTES, hashInto } from '../tlog/hash.ts';
import { subtreeRoot, TILE_WIDTH } from '../tlog/subtree.ts';
import { levelWidth, parseTilePath } from '../tlog/tile.ts';
import { BundleFiles } from './files.ts';
import { logTilePath } from './layout.ts';

/** What is known of the full tiles of level 0 and of the bundles of their entries. */
export interface Scan {
  /** root of the tile, when its entries hash to it; undefined when it has to be looked at */
  root: (index: number) => Uint8Array | undefined;
  /** SHA-256 in hex of a file that was read; undefined of any other */
  sum: (path: string) => string | undefined;
}

/** Memory that all threads write to, each where no other does. */
export interface SharedProgress {
  dir: string;
  /** full tiles */
  count: number;
  /** number of the chunk that is to be taken next */
  next: SharedArrayBuffer;
  /** of each tile: 0 not known, 1 vouched for */
  vouched: SharedArrayBuffer;
  roots: SharedArrayBuffer;
  /** of each tile: its own sum, and that of its entries; zeroes when there is no file */
  sums: SharedArrayBuffer;
}

/** Tiles taken at once: a second's work or less. */
const CHUNK = 64;
/** Below this many events a thread takes longer to come up than it saves. */
const WORTH_A_THREAD = 200_000;
/** Each thread costs some 50 MB; a verifier must get by with 256 MB. */
const MOST_THREADS = 2;

const threadsFor = (size: number): number =>
  size < WORTH_A_THREAD ? 1 : Math.min(availableParallelism(), MOST_THREADS);

/** Scans a whole log of `size` events; the bundle may lack files or hold anything. */
export async function scanTiles(
  files: BundleFiles,
  size: number,
  onTile: (done: number) => void,
  threads = threadsFor(size),
): Promise<Scan> {
  const count = levelWidth(size, 1);
  const ground: SharedProgress = {
    dir: files.dir,
    count,
    next: new SharedArrayBuffer(4),
    vouched: new SharedArrayBuffer(count),
    roots: new SharedArrayBuffer(count * HASH_BYTES),
    sums: new SharedArrayBuffer(2 * count * HASH_BYTES),
  };
  const others = Array.from({ length: threads - 1 }, () => inThread(ground));
  scanChunks(ground, files, onTile);
  await Promise.all(others);
  const [vouched, roots, sums] = [ground.vouched, ground.roots, ground.sums].map((buffer) => Buffer.from(buffer));
  const at = (n: number): [number, number] => [n * HASH_BYTES, (n + 1) * HASH_BYTES];
  return {
    root: (index) => (vouched![index] === 1 ? new Uint8Array(roots!.subarray(...at(index))) : undefined),
    sum(path) {
      const n = sumIndex(path, count);
      const sum = n === undefined ? undefined : sums!.subarray(...at(n));
      return sum?.some((byte) => byte !== 0) ? sum.toString('hex') : undefined;
    },
  };
}

/** Where the sum of a file is: only full tiles of level 0 and full bundles of entries have one. */
function sumIndex(path: string, count: number): number | undefined {
  if (!/^log\/tile\/(?:0|entries)\/[0-9x/]+$/u.test(path)) return undefined;
  try {
    const { level, index } = parseTilePath(path.slice('log/'.length));
    return index < count ? 2 * index + (level === 'entries' ? 1 : 0) : undefined;
  } catch {
    return undefined;
  }
}

function inThread(ground: SharedProgress): Promise<void> {
  const worker = new Worker(new URL('./scan-thread.ts', import.meta.url), {
    workerData: ground,
    name: 'daocha-scan',
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
  });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

/** Takes chunk after chunk until none is left. */
export function scanChunks(
  ground: SharedProgress,
  files = new BundleFiles(ground.dir),
  onTile?: (done: number) => void,
): void {
  const next = new Int32Array(ground.next);
  const vouched = new Uint8Array(ground.vouched);
  const [roots, sums] = [Buffer.from(ground.roots), Buffer.from(ground.sums)];
  for (;;) {
    const from = Atomics.add(next, 0, 1) * CHUNK;
    if (from >= ground.count) return;
    for (let index = from; index < Math.min(from + CHUNK, ground.count); index++) {
      const tile = files.read(logTilePath({ level: 0, index, width: TILE_WIDTH }));
      if (tile) hashInto(tile, sums, 2 * index * HASH_BYTES);
      const entries = files.view(logTilePath({ level: 'entries', index, width: TILE_WIDTH }));
      if (entries) hashInto(entries, sums, (2 * index + 1) * HASH_BYTES);
      if (!tile || !entries || !hashesTo(entries, tile)) continue;
      roots.set(subtreeRoot(tile), index * HASH_BYTES);
      vouched[index] = 1;
    }
    onTile?.(from);
  }
}

function hashesTo(entries: Uint8Array, tile: Uint8Array): boolean {
  try {
    return Buffer.compare(bundleLeaves(entries, TILE_WIDTH), tile) === 0;
  } catch {
    return false;
  }
}
