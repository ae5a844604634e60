// The proof bundle of a dossier (证明包): the dossier's own files, the exact bytes of every event behind it, and of each
// event the proof that it is in the signed log, as one ZIP that `daocha audit verify` takes unpacked. It is made when
// it is asked for, of the first checkpoint signed over the event that names the dossier's files: sealing comes a little
// later than compiling, and no case waits for it. Nothing in it depends on when it is made.
import { createHash } from 'node:crypto';
import {
  CHECKPOINT,
  EVIDENCE,
  FORMAT,
  formatInfo,
  INFO,
  leafPath,
  MANIFEST,
  manifestLine,
  POLICY,
  policyOf,
  proofPath,
  VKEY,
  type BundleInfo,
} from '../../record/audit/layout.ts';
import type { LogDeps } from '../../record/log/deps.ts';
import { readLog, type Positioned } from '../../record/log/read.ts';
import { checkpointFromOn, readSealed } from '../../record/seal/checkpoints.ts';
import { tileReader } from '../../record/seal/tiles.ts';
import { formatTlogProof } from '../../record/tlog/proof.ts';
import { proveInclusion } from '../../record/tlog/proofs.ts';
import { tileHashReader, type TileReader } from '../../record/tlog/tile-build.ts';
import { tilePath } from '../../record/tlog/tile.ts';
import { zipOf } from './zip.ts';

export interface ProofsAsked {
  escalation: string;
  round: number;
  /** position of the `DossierCompiled` that names the dossier's files */
  compiled: number;
  /** positions of the events behind the dossier, in order */
  behind: readonly number[];
  /** the dossier's files, as they are stored */
  files: readonly { sha256: string; bytes: Uint8Array }[];
}

const AT_ONCE = 8;

/**
 * The bundle as a ZIP; undefined while no checkpoint has been signed over the dossier.
 * @throws EventAltered, LogDamaged, TreeDamaged
 */
export async function proofBundle(log: LogDeps, asked: ProofsAsked): Promise<Uint8Array | undefined> {
  const { escalation, round, compiled, behind } = asked;
  const [checkpoint, sealed] = await Promise.all([checkpointFromOn(log, compiled + 1), readSealed(log)]);
  if (!checkpoint || !sealed) return undefined;
  const { size, note } = checkpoint;
  const positions = [...new Set([...behind, compiled])].toSorted((a, b) => a - b);
  const info: BundleInfo = {
    format: FORMAT,
    scope: { kind: 'dossier', escalation, round, compiled },
    size,
    events: positions.length,
    streams: {},
    export: false,
  };
  const files = new Map<string, Uint8Array>();
  const put = (path: string, text: string): void => void files.set(path, new Uint8Array(Buffer.from(text, 'utf8')));
  put(INFO, formatInfo(info));
  put(VKEY, `${sealed.vkey}\n`);
  put(POLICY, policyOf(sealed.vkey, []));
  put(CHECKPOINT, note);
  for (const { sha256, bytes } of asked.files) files.set(`${EVIDENCE}${sha256}`, bytes);
  const read = tileHashReader(size, remembering(tileReader(log)));
  for (const { position, bytes } of await eventsAt(log, positions)) {
    files.set(leafPath(position), bytes);
    const hashes = await proveInclusion(position, size, read);
    put(proofPath(position), formatTlogProof({ index: position, hashes, checkpoint: note }));
  }
  const paths = [...files.keys()].toSorted();
  put(MANIFEST, paths.map((path) => manifestLine(path, sha256(files.get(path)!))).join(''));
  return zipOf(files);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The events at some positions, in order; neighbours are read together. */
async function eventsAt(log: LogDeps, positions: readonly number[]): Promise<Positioned[]> {
  const runs: { first: number; count: number }[] = [];
  for (const position of positions) {
    const last = runs.at(-1);
    if (last && last.first + last.count === position) last.count += 1;
    else runs.push({ first: position, count: 1 });
  }
  const events: Positioned[] = [];
  for (let n = 0; n < runs.length; n += AT_ONCE) {
    const some = runs.slice(n, n + AT_ONCE);
    events.push(...(await Promise.all(some.map(({ first, count }) => readLog(log, first, count)))).flat());
  }
  return events;
}

/** The same tiles are on the way of many proofs. */
function remembering(read: TileReader): TileReader {
  const known = new Map<string, Promise<Uint8Array>>();
  return (tiles) =>
    Promise.all(
      tiles.map((tile) => {
        const path = tilePath(tile);
        const found = known.get(path) ?? Promise.resolve(read([tile])).then(([data]) => data!);
        known.set(path, found);
        return found;
      }),
    );
}
