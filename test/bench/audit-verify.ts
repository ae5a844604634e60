// Verifying the bundle of a whole log, as `daocha audit verify` does it, against hashing the same bytes with node:crypto in the same
// run: each event once, by one call of `crypto.hash`, node:crypto's fastest for small inputs, in one thread. In a process of its own,
// so that the memory is the verifier's; also by hand: `node test/bench/audit-verify.ts measure [events] [bytes per event]`.
import { execFile, execFileSync } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BundleFiles } from '../../shared/record/audit/files.ts';
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
} from '../../shared/record/audit/layout.ts';
import { verifyBundle } from '../../shared/record/audit/verify.ts';
import { concat } from '../../shared/record/tlog/bytes.ts';
import { signCheckpoint } from '../../shared/record/tlog/checkpoint.ts';
import { bundleLeaves, decodeEntries, encodeEntries } from '../../shared/record/tlog/entries.ts';
import { noteSigner } from '../../shared/record/tlog/note.ts';
import { newBundles } from '../../shared/record/tlog/tile.ts';
import { buildTiles, readRoot } from '../../shared/record/tlog/tile-build.ts';
import { key, ORIGIN, temporary, vkey } from '../record/audit/town.ts';
import type { Bench } from './options.ts';
import { fixed, judged, type Section } from './table.ts';

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

interface Timed {
  /** of the best round */
  ms: number;
  /** of all threads, in the round in which it was least */
  cpu: number;
}

async function timed(run: () => Promise<void> | void, rounds = 3): Promise<Timed> {
  const best: Timed = { ms: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await run();
    const { user, system } = process.cpuUsage(used);
    best.ms = Math.min(best.ms, performance.now() - start);
    best.cpu = Math.min(best.cpu, (user + system) / 1000);
  }
  return best;
}

interface Measures {
  hashed: Timed;
  streamed: Timed;
  /** every file once, as the manifest has it */
  listed: Timed;
  verified: Timed;
  /** MB at most, of the whole process */
  memory: number;
}

async function measure(size: number, bytes: number): Promise<Measures> {
  const { dir, remove } = temporary();
  try {
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'write', dir, String(size), String(bytes)]);
    const files = new BundleFiles(dir);
    const bundles = newBundles(0, size);
    const hashed = await timed(() => {
      for (const bundle of bundles) {
        for (const entry of decodeEntries(files.view(logTilePath(bundle))!, bundle.width)) hash('sha256', entry);
      }
    });
    const streamed = await timed(() => {
      const sum = createHash('sha256');
      for (const bundle of bundles) sum.update(files.view(logTilePath(bundle))!);
      sum.digest();
    });
    const listed = await timed(() => files.list().forEach((path) => files.sum(path)));
    const verified = await timed(async () => {
      const { holds, problems } = await verifyBundle(dir, { vkey });
      if (!holds) throw new Error(JSON.stringify(problems));
    });
    return { hashed, streamed, listed, verified, memory: Math.round(process.resourceUsage().maxRSS / 1024) };
  } finally {
    remove();
  }
}

const EVENTS = 1_000_000;
const BYTES = 500;

export async function verifySections({ quick, say }: Bench): Promise<Section[]> {
  const size = quick ? 20_000 : EVENTS;
  say(`verify: a log of ${size} events`);
  const args = [fileURLToPath(import.meta.url), 'measure', String(size), String(BYTES)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { hashed, streamed, listed, verified, memory } = JSON.parse(stdout) as Measures;
  const figure = ({ ms, cpu }: Timed): string =>
    `${(ms / 1000).toFixed(2)} s, ${(cpu / 1000).toFixed(2)} s of processor`;
  return [
    {
      title: `Verifying the bundle of a log of ${size} events of ${BYTES} bytes`,
      note:
        'Every event against its tile, every tile against the signed root, every file against the manifest; the best of three. Two threads do it, where ' +
        'there are two cores. What it is measured by is one thread that reads the same files and hashes each event once with `crypto.hash`.',
      rows: [
        { what: 'each event hashed once, `crypto.hash`, one thread', figure: figure(hashed) },
        { what: 'all bytes in one `createHash`, one thread', figure: figure(streamed) },
        { what: 'each file hashed once for the manifest, one thread', figure: figure(listed) },
        { what: 'the bundle verified, two threads', figure: figure(verified) },
        judged('verified ÷ each event hashed once', verified.ms / hashed.ms, { atMost: 1.5 }),
        { what: 'the same in processor time, of both threads', figure: fixed(verified.cpu / hashed.cpu) },
        {
          what: 'verified ÷ each event and each file hashed once',
          figure: fixed(verified.ms / (hashed.ms + listed.ms)),
        },
        { what: 'verified ÷ all bytes in one createHash', figure: fixed(verified.ms / streamed.ms) },
        judged('peak memory', memory, { atMost: 256, unit: 'MB' }, `${memory} MB`),
      ],
    },
  ];
}

if (import.meta.main) {
  const [what = '', ...rest] = process.argv.slice(2);
  if (what === 'write') await writeLog(rest[0]!, Number(rest[1]), Number(rest[2]));
  else console.log(JSON.stringify(await measure(Number(rest[0] ?? EVENTS), Number(rest[1] ?? BYTES)), null, 1));
}
