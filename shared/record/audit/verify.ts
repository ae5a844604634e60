// Verifies a bundle from disk alone: no network, no platform, one file in memory at a time. What was signed decides; the manifest
// only says what else was changed. Order: what there is, keys and checkpoint, tree, events and their proofs, streams, evidence,
// export, manifest.
import { createHash } from 'node:crypto';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { parseNote } from '../tlog/note.ts';
import { TILE_WIDTH } from '../tlog/subtree.ts';
import { newBundles } from '../tlog/tile.ts';
import { parseVkey } from '../tlog/vkey.ts';
import { caCertificates, type VerifiedTimeStamp } from '../timestamp/verify.ts';
import { BundleFiles } from './files.ts';
import { EVIDENCE, EXPORT, INFO, logTilePath, type BundleInfo } from './layout.ts';
import { ocel2, type LoggedEvent } from './ocel2.ts';
import type { AuditProblem } from './problem.ts';
import { scanTiles } from './scan.ts';
import { verifyTree } from './tree.ts';
import { checkDossier } from './verify-dossier.ts';
import { envelopeOf, Verification, type Complete, type VerifyOptions } from './verification.ts';
import { readContents, verifyHead } from './verify-head.ts';
import { verifyComplete, verifySeals } from './verify-index.ts';
import { verifyLeaves } from './verify-leaves.ts';
import { verifyManifest } from './verify-manifest.ts';
import { verifyTimes } from './verify-time.ts';

export interface Verdict {
  holds: boolean;
  /** the first hundred */
  problems: AuditProblem[];
  /** all of them */
  count: number;
  info?: BundleInfo;
  origin?: string;
  cosignatures: { witness: string; time: number }[];
  /** when an authority says that the checkpoint existed */
  timeStamp?: VerifiedTimeStamp;
  /** of a unit's bundle: up to where nothing of it is left out; absent: nothing proves that */
  complete?: Complete;
  /** of a whole log: seals of the index, all of which are right, and the last of them */
  seals?: { count: number; size: number; at: string };
  /** pieces of evidence that the events name, and how many of them are in the bundle; counted when leaves are in it */
  evidence: { named: number; present: number };
}

/**
 * Never throws for what is wrong with the bundle. @throws what the file system throws; MalformedTlog and
 * TimeStampRejected for bad keys and certificates in the options
 */
export async function verifyBundle(dir: string, options: VerifyOptions = {}): Promise<Verdict> {
  if (options.vkey !== undefined) parseVkey(options.vkey);
  for (const witness of options.witnesses ?? []) parseVkey(witness);
  if (options.tsaCa !== undefined) caCertificates(options.tsaCa);
  const run = new Verification(new BundleFiles(dir), options);
  await verifyAll(run);
  const { problems, info, opened, evidence, timeStamp } = run;
  return {
    holds: problems.count === 0,
    problems: problems.listed(),
    count: problems.count,
    ...(info ? { info } : {}),
    ...(opened ? { origin: opened.checkpoint.origin } : {}),
    cosignatures: opened?.cosignatures ?? [],
    ...(timeStamp ? { timeStamp } : {}),
    ...(run.complete && problems.count === 0 ? { complete: run.complete } : {}),
    ...(run.seals && problems.count === 0 ? { seals: run.seals } : {}),
    evidence,
  };
}

async function verifyAll(run: Verification): Promise<void> {
  readContents(run);
  await verifyHead(run);
  if (run.info && run.opened) {
    await verifyLog(run, run.info, run.opened.checkpoint);
  }
  verifyManifest(run);
}

/** Tiles that may be missing besides, each told by its name. */
const SPARE_TILES = 4096;

async function verifyLog(run: Verification, info: BundleInfo, head: { size: number; root: Uint8Array }): Promise<void> {
  const total = Math.ceil(head.size / TILE_WIDTH);
  const all = info.scope.kind === 'all';
  // A checkpoint may state any size, and nothing as large as that is to be looked for one by one.
  const tiles = run.paths.filter((path) => path.startsWith('log/tile/0/')).length;
  if (info.scope.kind !== 'dossier' && total > 2 * tiles + SPARE_TILES) {
    run.beyond = true;
    const message = `${total} tiles of leaf hashes belong to the ${head.size} events signed, and ${tiles} are there`;
    run.problems.add({ kind: 'missing', where: 'log/tile/0', message });
    return;
  }
  const onTile = (done: number): void => run.options.onProgress?.('tree', done, total);
  run.scanned = all ? await scanTiles(run.files, head.size, onTile) : undefined;
  // A dossier's bundle has no tiles: each of its events has its own path to the root.
  const tree =
    info.scope.kind === 'dossier'
      ? { holds: true, tilesHold: false }
      : verifyTree(run.files, head, { entries: run.scanned, problems: run.problems, onTile });
  const positions = run.positions();
  const refs = new Set<string>();
  if (info.scope.kind === 'dossier') {
    const dossier = checkDossier(run.files, info.scope, positions);
    for (const problem of dossier.problems) run.problems.add(problem);
    for (const sha256 of dossier.named) refs.add(sha256);
  }
  if (all) {
    if (info.events !== head.size || Object.keys(info.streams).length > 0) {
      run.problems.add({
        kind: 'altered',
        where: INFO,
        message: `a whole log of ${head.size} events has as many here`,
      });
    }
    if (!tree.holds) locate(run, head.size);
    else if (run.problems.kept.every(({ kind }) => kind === 'back-dated')) verifySeals(run, head.size);
  } else {
    verifyLeaves(run, info, head, positions, tree.tilesHold, refs);
    verifyComplete(run, info, positions);
  }
  verifyEvidence(run, refs, all);
  verifyTimes(run, all ? run.entries(head.size) : run.leafEvents(positions), all);
  if (run.problems.kept.every(({ kind }) => kind === 'back-dated')) await verifyExport(run, info, positions);
}

/** The tree is not the one signed, and nothing in it tells where: the streams may. */
function locate(run: Verification, size: number): void {
  const next = new Map<string, number>();
  for (const { position, bytes } of run.entries(size)) {
    const event = envelopeOf(bytes);
    if (!event) continue;
    const known = next.get(event.stream) ?? 0;
    if (event.version !== known + 1) {
      const bundle = newBundles(position, position + 1)[0]!;
      run.problems.add({
        kind: event.version > known ? 'missing' : 'inserted',
        where: logTilePath({ ...bundle, width: Math.min(TILE_WIDTH, size - bundle.index * TILE_WIDTH) }),
        position,
        message: `${event.stream} version ${event.version} comes after version ${known}`,
      });
      return;
    }
    next.set(event.stream, event.version);
  }
}

/** Photos and documents are named by their hash, in their path and in an event. */
function verifyEvidence(run: Verification, refs: Set<string>, all: boolean): void {
  const present = run.paths.filter((path) => path.startsWith(EVIDENCE));
  if (all && present.length > 0) {
    for (const { bytes } of run.entries(run.info!.size)) {
      for (const { sha256 } of envelopeOf(bytes)?.evidence ?? []) refs.add(sha256);
    }
  }
  run.evidence.named = refs.size;
  for (const sha256 of run.info?.evidence?.altered ?? []) {
    if (!refs.has(sha256)) continue;
    const message = 'the platform had another file under this hash when the bundle was written: it was altered there';
    run.problems.add({ kind: 'evidence', where: EVIDENCE + sha256, message });
  }
  for (const path of present) {
    const name = path.slice(EVIDENCE.length);
    const sum = run.files.sum(path);
    if (sum !== name) {
      run.problems.add({
        kind: 'evidence',
        where: path,
        message: `its SHA-256 is ${sum}: not what the event names`,
      });
    } else if (!refs.has(name)) {
      run.problems.add({ kind: 'evidence', where: path, message: 'no event of the bundle names it' });
    } else run.evidence.present += 1;
  }
}

/** The export must be what the events give. */
async function verifyExport(run: Verification, info: BundleInfo, positions: readonly number[]): Promise<void> {
  if (run.files.size(EXPORT) === undefined) {
    if (info.export) run.problems.add({ kind: 'missing', where: EXPORT, message: 'the export is not there' });
    return;
  }
  if (!info.export) {
    run.problems.add({ kind: 'extra', where: EXPORT, message: `${INFO} says that there is none` });
    return;
  }
  const hash = createHash('sha256');
  let length = 0;
  const total = info.scope.kind === 'all' ? 2 * info.size : 2 * positions.length;
  let done = 0;
  const events = (): Iterable<LoggedEvent> =>
    info.scope.kind === 'all' ? run.entries(info.size) : run.leafEvents(positions);
  const counted = function* counted(self: Verification): Generator<LoggedEvent> {
    for (const event of events()) {
      yield event;
      done += 1;
      if (done % 1000 === 0) self.options.onProgress?.('export', done, total);
    }
  };
  try {
    for await (const piece of ocel2(() => counted(run))) {
      hash.update(piece);
      length += Buffer.byteLength(piece);
    }
  } catch (error) {
    run.problems.add({
      kind: 'unreadable',
      where: EXPORT,
      message: `an event is of a kind that this version does not know: ${(error as Error).message}`,
    });
    return;
  }
  if (run.files.size(EXPORT) !== length || hash.digest('hex') !== run.files.sum(EXPORT)) {
    run.problems.add({ kind: 'altered', where: EXPORT, message: 'it does not say what the events say' });
  }
}

/** Size and root that a checkpoint states, nothing of it verified: for telling people what they hold. */
export const statedHead = (note: string): { origin: string; size: number } => parseCheckpoint(parseNote(note).text);
