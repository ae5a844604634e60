// Verifying the bundle of a whole log, as `daocha audit verify` does it, against hashing the same bytes with node:crypto in the
// same run, entry by entry, one call each. Runs on its own: `node test/bench/audit-verify.ts [events] [bytes per event]`.
import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { BundleFiles } from '../../shared/audit/files.ts';
import {
  CHECKPOINT,
  FORMAT,
  formatInfo,
  INFO,
  logTilePath,
  MANIFEST,
  manifestLine,
  POLICY,
  VKEY,
} from '../../shared/audit/layout.ts';
import { verifyBundle } from '../../shared/audit/verify.ts';
import { concat } from '../../shared/tlog/bytes.ts';
import { signCheckpoint } from '../../shared/tlog/checkpoint.ts';
import { bundleLeaves, decodeEntries, encodeEntries } from '../../shared/tlog/entries.ts';
import { noteSigner } from '../../shared/tlog/note.ts';
import { newBundles } from '../../shared/tlog/tile.ts';
import { buildTiles, readRoot } from '../../shared/tlog/tile-build.ts';
import { key, ORIGIN, temporary, vkey } from '../audit/town.ts';

/** Entries of this many bytes that look like events; written by another process, so that its memory is not counted. */
async function writeLog(dir: string, size: number, bytes: number): Promise<void> {
  const files = new BundleFiles(dir);
  const leaves: Uint8Array[] = [];
  for (const bundle of newBundles(0, size)) {
    const entries = Array.from({ length: bundle.width }, (_, n) => {
      const at = bundle.index * 256 + n;
      const head = `{"stream":"liantang#hazard#h_${at}","version":1,"text":"`;
      return Buffer.from(`${head}${'x'.repeat(Math.max(0, bytes - head.length - 2))}"}`);
    });
    const data = encodeEntries(entries);
    leaves.push(bundleLeaves(data, bundle.width));
    files.write(logTilePath(bundle), data);
  }
  for (const { data, ...tile } of await buildTiles(0, concat(...leaves), () => []))
    files.write(logTilePath(tile), data);
  const root = await readRoot(size, (tiles) => tiles.map((tile) => files.read(logTilePath(tile))!));
  files.write(CHECKPOINT, await signCheckpoint({ origin: ORIGIN, size, root }, [noteSigner(ORIGIN, key)]));
  files.write(
    INFO,
    formatInfo({ format: FORMAT, scope: { kind: 'all' }, size, events: size, streams: {}, export: false }),
  );
  files.write(VKEY, `${vkey}\n`);
  files.write(POLICY, `log ${vkey}\nquorum none\n`);
  files.writeChunks(
    MANIFEST,
    files.list().map((path) => manifestLine(path, files.sum(path)!)),
  );
}

async function timed(run: () => Promise<void> | void): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    await run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

async function main(size: number, bytes: number): Promise<void> {
  const { dir, remove } = temporary();
  try {
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'write', dir, String(size), String(bytes)]);
    const files = new BundleFiles(dir);
    const baseline = await timed(() => {
      for (const bundle of newBundles(0, size)) {
        for (const entry of decodeEntries(files.view(logTilePath(bundle))!, bundle.width)) hash('sha256', entry);
      }
    });
    const verified = await timed(async () => {
      const { holds, problems } = await verifyBundle(dir, { vkey });
      if (!holds) throw new Error(JSON.stringify(problems));
    });
    const manifest = await timed(() => {
      for (const path of files.list()) files.sum(path);
    });
    const memory = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(`${size} events of ${bytes} bytes; best of 3`);
    console.log(`hashed, one call an event:          ${baseline.toFixed(0)} ms`);
    console.log(`of that, the manifest alone:        ${manifest.toFixed(0)} ms`);
    console.log(
      `verified, the manifest included:    ${verified.toFixed(0)} ms, ${(verified / baseline).toFixed(2)} ×, ${memory} MB at most`,
    );
  } finally {
    remove();
  }
}

if (process.argv[2] === 'write') {
  const [dir = '', size, bytes] = process.argv.slice(3);
  await writeLog(dir, Number(size), Number(bytes));
} else {
  await main(Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 500));
}
