// Compiles a bundle: fetches the signed checkpoint first and everything else for just that size, so that a bundle that was
// interrupted goes on where it was, however much the log has grown. A file is there whole or not at all; the manifest
// comes last and says that the bundle is finished.
import { InvalidInput } from '../../../events/errors.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { decodeEntries } from '../tlog/entries.ts';
import { HASH_BYTES } from '../tlog/hash.ts';
import { parseNote, withLinesOf } from '../tlog/note.ts';
import { formatTlogProof } from '../tlog/proof.ts';
import { proveInclusion } from '../tlog/proofs.ts';
import { TILE_WIDTH } from '../tlog/subtree.ts';
import { newBundles, tileAt, tilePath, tilesOf, type Tile } from '../tlog/tile.ts';
import { tileHashReader } from '../tlog/tile-build.ts';
import { parseVkey } from '../tlog/vkey.ts';
import { BundleFiles } from './files.ts';
import {
  CHECKPOINT,
  EVIDENCE,
  EXPORT,
  FORMAT,
  INDEX_PROOF,
  formatInfo,
  INFO,
  leafPath,
  logTilePath,
  MANIFEST,
  manifestLine,
  MAX_LEAVES,
  parseInfo,
  POLICY,
  policyOf,
  proofPath,
  STAMPED,
  TSQ,
  TSR,
  VKEY,
  type BundleInfo,
  type BundleScope,
  type LeftOutEvidence,
} from './layout.ts';
import type { IndexProof } from '../index/proof.ts';
import { envelopeOf } from './verification.ts';
import { ocel2, type LoggedEvent } from './ocel2.ts';

/** Where a log is read from: its API, or anything that serves C2SP tlog-tiles. */
export interface BundleSource {
  /** `name+hash+key` */
  vkey(): Promise<string>;
  /** the latest signed checkpoint, with its cosignatures */
  checkpoint(): Promise<string>;
  /** what is at `tile/…`; undefined when nothing does */
  tile(path: string): Promise<Uint8Array | undefined>;
  /** positions of the events about a unit, those below `size` among them; any order */
  unitEvents(unit: string, size: number): Promise<{ position: number; stream: string; version: number }[]>;
  /**
   * All positions of a unit, proved by the latest seal of the index below `size`; undefined when nothing is sealed yet. Absent: the log has
   * no index
   */
  indexProof?(unit: string, size: number): Promise<(IndexProof & { sealed: { position: number } }) | undefined>;
  /** keys of the log's witnesses, for the bundle's policy; default: none */
  witnesses?(): Promise<string[]>;
  /** a file by an event that names it; undefined when it is not there. Absent: the log's platform keeps none */
  evidence?(event: string, sha256: string): Promise<Uint8Array | 'altered' | undefined>;
  /** the time stamp of the checkpoint of this size (RFC 3161, DER), when it has one */
  timeStamp?(size: number): Promise<{ tsq: Uint8Array; tsr: Uint8Array } | undefined>;
}

export type BundleStage = 'tiles' | 'entries' | 'evidence' | 'export' | 'manifest';

export interface BundleOptions {
  dir: string;
  scope: BundleScope;
  /** leave out `export/ocel2.json` */
  withoutExport?: boolean;
  /** leave out the photos and papers that the events name */
  withoutEvidence?: boolean;
  onProgress?: (stage: BundleStage, done: number, total: number) => void;
  /** asked between files */
  stopped?: () => boolean;
}

export interface Bundled {
  /** false: stopped; run again to go on */
  finished: boolean;
  continued: boolean;
  info: BundleInfo;
  /** files that the events name, and how many of them are in the bundle; when finished */
  evidence?: EvidenceFetched;
}

export interface EvidenceFetched extends LeftOutEvidence {
  named: number;
  present: number;
}

const AT_ONCE = 8;

/**
 * Writes a bundle, or goes on with one that was interrupted.
 * @throws InvalidInput for a directory that holds something else, a scope beyond the log; what the source throws
 */
export async function writeBundle(source: BundleSource, options: BundleOptions): Promise<Bundled> {
  const files = new BundleFiles(options.dir);
  const { continued, note } = await begin(files, source, options);
  const { size } = parseCheckpoint(parseNote(note).text);
  const wanted = await chosen(source, options.scope, size);
  const info: BundleInfo = {
    format: FORMAT,
    scope: options.scope,
    size,
    events: wanted.kind === 'all' ? size : wanted.positions.length,
    streams: wanted.kind === 'all' ? {} : wanted.streams,
    export: !options.withoutExport,
    ...(wanted.kind === 'some' && wanted.index && { index: { position: wanted.index.position } }),
  };
  files.write(INFO, formatInfo(info));
  if (wanted.kind === 'some' && wanted.index) files.write(INDEX_PROOF, wanted.index.proof);
  const stopped = (): boolean => options.stopped?.() ?? false;
  const incomplete: Bundled = { finished: false, continued, info };
  if (!(await fetchTiles(files, source, tilesOf(size), 'tiles', options))) return incomplete;
  if (wanted.kind === 'all') {
    if (!(await fetchTiles(files, source, newBundles(0, size), 'entries', options))) return incomplete;
  } else if (!(await fetchLeaves(files, source, wanted.positions, note, options))) {
    return incomplete;
  }
  const events = wanted.kind === 'all' ? () => entriesOf(files, size) : () => leavesOf(files, wanted.positions);
  const evidence = await fetchEvidence(files, source, events, options);
  if (!evidence) return incomplete;
  const { altered, absent } = evidence;
  if (altered.length + absent.length > 0) files.write(INFO, formatInfo({ ...info, evidence: { altered, absent } }));
  const vkey = await source.vkey();
  files.write(VKEY, `${vkey}\n`);
  files.write(POLICY, policyOf(vkey, (await source.witnesses?.()) ?? []));
  const stamp = await source.timeStamp?.(size);
  if (stamp) {
    files.write(STAMPED, withLinesOf(note, parseVkey(vkey)));
    files.write(TSQ, stamp.tsq);
    files.write(TSR, stamp.tsr);
  }
  if (!options.withoutExport && files.size(EXPORT) === undefined) {
    if (!(await writeExport(files, events, info.events, options))) return incomplete;
  }
  if (stopped()) return incomplete;
  writeManifest(files, options);
  return { finished: true, continued, info, evidence };
}

/** The checkpoint that the bundle is for: of an interrupted one that it began with, else the latest. */
async function begin(
  files: BundleFiles,
  source: BundleSource,
  { dir, scope }: BundleOptions,
): Promise<{ continued: boolean; note: string }> {
  let present: string[];
  try {
    present = files.list();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    present = [];
  }
  if (present.includes(MANIFEST)) {
    throw new InvalidInput(`${dir} has a finished bundle`, {
      field: 'out',
      expected: 'a directory that does not exist',
    });
  }
  const known = files.text(CHECKPOINT);
  if (known === undefined) {
    if (present.length > 0) {
      throw new InvalidInput(`${dir} is not empty`, {
        field: 'out',
        expected: 'an empty directory, or an unfinished bundle',
      });
    }
    const note = await source.checkpoint();
    files.write(CHECKPOINT, note);
    return { continued: false, note };
  }
  const info = files.text(INFO);
  if (info !== undefined && JSON.stringify(parseInfo(info).scope) !== JSON.stringify(scope)) {
    throw new InvalidInput(`${dir} has an unfinished bundle of something else`, {
      field: 'out',
      expected: 'another directory, or the same --unit, --from and --to, or --all',
    });
  }
  return { continued: true, note: known };
}

type Wanted =
  | { kind: 'all' }
  | {
      kind: 'some';
      positions: number[];
      streams: Record<string, number>;
      /** the seal that proves that nothing is left out, and the proof as it is written */
      index?: { position: number; proof: string };
    };

async function chosen(source: BundleSource, scope: BundleScope, size: number): Promise<Wanted> {
  if (scope.kind === 'all') return { kind: 'all' };
  if (scope.kind === 'range') {
    const { from, to } = scope;
    if (from > to) throw new InvalidInput('to: must not be below from', { field: 'to', expected: `${from} or more` });
    if (to >= size) {
      throw new InvalidInput(`position ${to} is beyond the log, whose signed size is ${size}`, {
        field: 'to',
        expected: size === 0 ? 'an event in the log' : `at most ${size - 1}`,
      });
    }
    refuseTooMany(to - from + 1);
    return { kind: 'some', positions: Array.from({ length: to - from + 1 }, (_, n) => from + n), streams: {} };
  }
  if (scope.kind === 'dossier') {
    throw new InvalidInput('the proofs of a dossier come from its case', {
      field: 'scope',
      expected: 'GET /v1/escalations/{id}/dossiers/{round}/proofs',
    });
  }
  const events = (await source.unitEvents(scope.unit, size)).filter(({ position }) => position < size);
  const proved = await source.indexProof?.(scope.unit, size);
  if (proved) events.push(...(await leftOut(source, events, proved, size)));
  const also = [...(scope.also ?? []), ...(proved ? [proved.sealed.position] : [])];
  const beyond = also.find((position) => position >= size);
  if (beyond !== undefined) {
    throw new InvalidInput(`position ${beyond} is beyond the log, whose signed size is ${size}`, {
      field: 'also',
      expected: 'positions in the log',
    });
  }
  refuseTooMany(events.length + also.length);
  const last = new Map<string, number>();
  for (const { stream, version } of events) last.set(stream, Math.max(last.get(stream) ?? 0, version));
  const streams = Object.fromEntries(last);
  const positions = [...new Set([...events.map(({ position }) => position), ...also])].toSorted((a, b) => a - b);
  if (!proved) return { kind: 'some', positions, streams };
  const { sealed, ...proof } = proved;
  return {
    kind: 'some',
    positions,
    streams,
    index: { position: sealed.position, proof: `${JSON.stringify(proof)}\n` },
  };
}

/** Events that the index lists and the timeline does not: they are taken home all the same. */
async function leftOut(
  source: BundleSource,
  events: readonly { position: number }[],
  { blocks }: IndexProof,
  size: number,
): Promise<{ position: number; stream: string; version: number }[]> {
  const known = new Set(events.map(({ position }) => position));
  const found = [];
  for (const position of blocks.flatMap(({ positions = [] }) => positions)) {
    if (known.has(position) || position >= size) continue;
    const tile = tileAt('entries', Math.floor(position / TILE_WIDTH), size)!;
    const entry = decodeEntries(await fetchTile(source, tile), tile.width)[position % TILE_WIDTH]!;
    const { stream, version } = envelopeOf(entry) ?? {};
    if (stream !== undefined && version !== undefined) found.push({ position, stream, version });
  }
  return found;
}

function refuseTooMany(events: number): void {
  if (events <= MAX_LEAVES) return;
  throw new InvalidInput(`${events} events are more than a bundle of single events may have`, {
    field: 'scope',
    expected: `at most ${MAX_LEAVES}; take the whole log home by --all`,
  });
}

/** What a tile of the log of this size holds; a server may have only the full tile that a partial one has grown into. */
async function fetchTile(source: BundleSource, tile: Tile): Promise<Uint8Array> {
  const exact = await source.tile(tilePath(tile));
  if (exact) return exact;
  const full = tile.width < TILE_WIDTH ? await source.tile(tilePath({ ...tile, width: TILE_WIDTH })) : undefined;
  if (!full) throw new InvalidInput(`the log does not serve ${tilePath(tile)}`, { field: tilePath(tile) });
  if (tile.level !== 'entries') return full.subarray(0, tile.width * HASH_BYTES);
  const all = decodeEntries(full, TILE_WIDTH);
  const bytes = all.slice(0, tile.width).reduce((sum, entry) => sum + 2 + entry.length, 0);
  return full.subarray(0, bytes);
}

async function fetchTiles(
  files: BundleFiles,
  source: BundleSource,
  tiles: readonly Tile[],
  stage: BundleStage,
  { onProgress, stopped }: BundleOptions,
): Promise<boolean> {
  const missing = tiles.filter((tile) => files.size(logTilePath(tile)) === undefined);
  let done = tiles.length - missing.length;
  for (let n = 0; n < missing.length; n += AT_ONCE) {
    if (stopped?.()) return false;
    const some = missing.slice(n, n + AT_ONCE);
    await Promise.all(some.map(async (tile) => files.write(logTilePath(tile), await fetchTile(source, tile))));
    done += some.length;
    onProgress?.(stage, done, tiles.length);
  }
  return true;
}

/** Each event's exact bytes, and its proof, made from the tiles. */
async function fetchLeaves(
  files: BundleFiles,
  source: BundleSource,
  positions: readonly number[],
  note: string,
  { onProgress, stopped }: BundleOptions,
): Promise<boolean> {
  const { size } = parseCheckpoint(parseNote(note).text);
  const read = tileHashReader(size, (tiles) => tiles.map((tile) => files.read(logTilePath(tile)) ?? new Uint8Array()));
  const missing = positions.filter(
    (position) => files.size(leafPath(position)) === undefined || files.size(proofPath(position)) === undefined,
  );
  const byBundle = Map.groupBy(missing, (position) => Math.floor(position / TILE_WIDTH));
  let done = positions.length - missing.length;
  for (const [index, some] of byBundle) {
    if (stopped?.()) return false;
    const tile = tileAt('entries', index, size)!;
    const entries = decodeEntries(await fetchTile(source, tile), tile.width);
    for (const position of some) {
      const hashes = await proveInclusion(position, size, read);
      files.write(proofPath(position), formatTlogProof({ index: position, hashes, checkpoint: note }));
      files.write(leafPath(position), entries[position % TILE_WIDTH]!);
    }
    done += some.length;
    onProgress?.('entries', done, positions.length);
  }
  return true;
}

/** Each photo or paper that an event names, once; what is altered or not there is listed, and does not keep the bundle from being written. */
async function fetchEvidence(
  files: BundleFiles,
  source: BundleSource,
  events: () => Iterable<LoggedEvent>,
  { withoutEvidence, onProgress, stopped }: BundleOptions,
): Promise<EvidenceFetched | undefined> {
  const left: LeftOutEvidence = { altered: [], absent: [] };
  const named = new Map<string, string>();
  for (const { bytes } of events()) {
    const { id, evidence = [] } = envelopeOf(bytes) ?? {};
    // it becomes the name of a file: nothing else that a platform says may become one
    const hashes = evidence.filter(({ sha256 }) => /^[0-9a-f]{64}$/u.test(sha256));
    for (const { sha256 } of hashes) if (id !== undefined && !named.has(sha256)) named.set(sha256, id);
  }
  let [done, present] = [0, 0];
  for (const [sha256, event] of named) {
    if (stopped?.()) return undefined;
    const path = EVIDENCE + sha256;
    if (files.size(path) === undefined && !withoutEvidence && source.evidence) {
      const bytes = await source.evidence(event, sha256);
      if (bytes === undefined) left.absent.push(sha256);
      else if (bytes === 'altered') left.altered.push(sha256);
      else files.write(path, bytes);
    }
    if (files.size(path) !== undefined) present += 1;
    done += 1;
    if (!withoutEvidence) onProgress?.('evidence', done, named.size);
  }
  return { named: named.size, present, ...left };
}

export function* entriesOf(files: BundleFiles, size: number): Generator<LoggedEvent> {
  for (const bundle of newBundles(0, size)) {
    const entries = decodeEntries(files.read(logTilePath(bundle))!, bundle.width);
    for (const [n, bytes] of entries.entries()) yield { position: bundle.index * TILE_WIDTH + n, bytes };
  }
}

function* leavesOf(files: BundleFiles, positions: readonly number[]): Generator<LoggedEvent> {
  for (const position of positions) yield { position, bytes: files.read(leafPath(position))! };
}

async function writeExport(
  files: BundleFiles,
  events: () => Iterable<LoggedEvent>,
  count: number,
  { onProgress, stopped }: BundleOptions,
): Promise<boolean> {
  const file = files.begin(EXPORT);
  let done = 0;
  const counted = function* counted(): Generator<LoggedEvent> {
    for (const event of events()) {
      yield event;
      done += 1;
      if (done % 1000 === 0) onProgress?.('export', done, 2 * count);
    }
  };
  for await (const piece of ocel2(counted)) {
    if (stopped?.()) return false;
    file.append(piece);
  }
  file.finish();
  return true;
}

function writeManifest(files: BundleFiles, { onProgress }: BundleOptions): void {
  const paths = files.list();
  const lines = paths.map((path, n) => {
    if (n % 256 === 0) onProgress?.('manifest', n, paths.length);
    return manifestLine(path, files.sum(path)!);
  });
  onProgress?.('manifest', paths.length, paths.length);
  files.writeChunks(MANIFEST, lines);
}
