// How long it takes to verify a log, against hashing the same bytes with node:crypto in the same run. Runs on its own:
// `node test/bench/tlog-verify.ts [entries] [bytes per entry]`. The log is written to disk first and read bundle by
// bundle, as an auditor's is; every leaf is compared with its tile, and the root must be that of the tiles.
import { createHash, hash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { concat } from '../../shared/record/tlog/bytes.ts';
import { bundleLeaves, decodeEntries, encodeEntries } from '../../shared/record/tlog/entries.ts';
import { appendLeaves, appendTiles, EMPTY_FRONTIER, root, type Frontier } from '../../shared/record/tlog/merkle.ts';
import { subtreeRoot, TILE_WIDTH } from '../../shared/record/tlog/subtree.ts';
import { newBundles, tilePath, type Tile } from '../../shared/record/tlog/tile.ts';
import { buildTiles, readRoot, type TileReader } from '../../shared/record/tlog/tile-build.ts';

interface Part {
  dir: string;
  size: number;
  from: number;
  to: number;
}

/** Hashes of bundles [from, to): roots of the full ones, leaves of a partial last one. Each is compared with its tile. */
function verifyPart({ dir, size, from, to }: Part): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const bundle of newBundles(from * TILE_WIDTH, Math.min(size, to * TILE_WIDTH))) {
    const leaves = bundleLeaves(read(dir, bundle), bundle.width);
    if (Buffer.compare(leaves, read(dir, { ...bundle, level: 0 })) !== 0)
      throw new Error(`${tilePath(bundle)} differs`);
    parts.push(bundle.width === TILE_WIDTH ? subtreeRoot(leaves) : leaves);
  }
  return concat(...parts);
}

let buffer = Buffer.alloc(1024 * 1024);

/** A file's bytes, in memory that the next call uses again. */
function read(dir: string, tile: Tile): Uint8Array {
  const file = openSync(join(dir, tilePath(tile)), 'r');
  try {
    const { size } = fstatSync(file);
    if (size > buffer.length) buffer = Buffer.alloc(size * 2);
    return buffer.subarray(0, readSync(file, buffer, 0, size, 0));
  } finally {
    closeSync(file);
  }
}

function rootOf(size: number, hashes: Uint8Array): Uint8Array {
  const whole = Math.floor(size / TILE_WIDTH) * 32;
  const frontier: Frontier = appendTiles(EMPTY_FRONTIER, hashes.subarray(0, whole));
  return root(appendLeaves(frontier, hashes.subarray(whole)));
}

async function verifyBy(workers: number, dir: string, size: number): Promise<Uint8Array> {
  const bundles = Math.ceil(size / TILE_WIDTH);
  const each = Math.ceil(bundles / workers);
  const parts = await Promise.all(
    Array.from({ length: workers }, (_, n) =>
      inWorker({ dir, size, from: n * each, to: Math.min((n + 1) * each, bundles) }),
    ),
  );
  return rootOf(size, concat(...parts));
}

const inWorker = (part: Part): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: part });
    worker.once('message', resolve);
    worker.once('error', reject);
  });

async function writeLog(dir: string, size: number, bytes: number): Promise<Uint8Array> {
  const tiles = new Map<string, Uint8Array>();
  const reader: TileReader = (wanted) => wanted.map((tile) => tiles.get(tilePath(tile))!);
  const leaves: Uint8Array[] = [];
  for (const bundle of newBundles(0, size)) {
    const entries = Array.from({ length: bundle.width }, (_, n) => {
      const entry = Buffer.alloc(bytes, 0x61 + (n % 26));
      entry.writeUInt32LE(bundle.index * TILE_WIDTH + n);
      return entry;
    });
    const data = encodeEntries(entries);
    leaves.push(bundleLeaves(data, bundle.width));
    write(dir, bundle, data);
  }
  for (const { data, ...tile } of await buildTiles(0, concat(...leaves), reader)) {
    tiles.set(tilePath(tile), data);
    write(dir, tile, data);
  }
  return readRoot(size, reader);
}

function write(dir: string, tile: Tile, data: Uint8Array): void {
  const file = join(dir, tilePath(tile));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, data);
}

async function timed(name: string, run: () => unknown, base?: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const start = process.hrtime.bigint();
    await run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e6);
  }
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  const ratio = base ? `${(best / base).toFixed(2)} ×` : '';
  console.log(`${name.padEnd(58)} ${best.toFixed(0).padStart(6)} ms  ${ratio.padStart(7)}  ${memory} MB at most`);
  return best;
}

async function main(size: number, bytes: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'daocha-bench-'));
  try {
    // Written by another process, so that its memory is not counted.
    const writer = [fileURLToPath(import.meta.url), 'write', dir, String(size), String(bytes)];
    const expected = Buffer.from(execFileSync(process.execPath, writer, { encoding: 'utf8' }), 'hex');
    const bundles = newBundles(0, size);
    console.log(`${size} entries of ${bytes} bytes; ${availableParallelism()} cores; best of 3`);
    const each = (use: (entry: Uint8Array) => void) => () => {
      for (const bundle of bundles) decodeEntries(read(dir, bundle), bundle.width).forEach(use);
    };
    await timed('read only', () => bundles.forEach((bundle) => read(dir, bundle)));
    const stream = await timed('node:crypto, one createHash over everything', () => {
      const sum = createHash('sha256');
      for (const bundle of bundles) sum.update(read(dir, bundle));
      sum.digest();
    });
    const entry = await timed(
      'node:crypto, createHash of each entry',
      each((one) => createHash('sha256').update(one).digest()),
    );
    await timed(
      'node:crypto, hash of each entry',
      each((one) => hash('sha256', one)),
    );
    const check = (found: Uint8Array): void => {
      if (Buffer.compare(found, expected) !== 0) throw new Error('another root');
    };
    const verify = () => check(rootOf(size, verifyPart({ dir, size, from: 0, to: bundles.length })));
    await timed('verified in one thread, to createHash of each entry', verify, entry);
    await timed('verified in one thread, to one createHash', verify, stream);
    for (const workers of [2, 4]) {
      await timed(
        `verified by ${workers} workers, to one createHash`,
        async () => check(await verifyBy(workers, dir, size)),
        stream,
      );
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

if (!isMainThread) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port, not a window
  parentPort!.postMessage(verifyPart(workerData as Part));
} else if (process.argv[2] === 'write') {
  const [dir = '', size, bytes] = process.argv.slice(3);
  process.stdout.write(Buffer.from(await writeLog(dir, Number(size), Number(bytes))).toString('hex'));
} else {
  await main(Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 500));
}
