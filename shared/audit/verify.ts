// Verifies a bundle from disk alone: no network, no platform, one file in memory at a time. What was signed decides; the manifest
// only says what else was changed. Order: what there is, keys and checkpoint, tree, events and their proofs, streams, evidence,
// export, manifest.
import { createHash } from 'node:crypto';
import { DaochaError } from '../errors.ts';
import { equal } from '../tlog/bytes.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { decodeEntries } from '../tlog/entries.ts';
import { TlogRejected } from '../tlog/errors.ts';
import { HASH_BYTES, leafHash } from '../tlog/hash.ts';
import { foldRight, frontierNodes } from '../tlog/merkle.ts';
import { parseNote } from '../tlog/note.ts';
import { parseTlogProof, verifyCheckpoint, type ProofPolicy, type VerifiedProof } from '../tlog/proof.ts';
import { verifyInclusion } from '../tlog/proofs.ts';
import { TILE_WIDTH } from '../tlog/subtree.ts';
import { newBundles, parseTilePath, tilesOf } from '../tlog/tile.ts';
import { tileHashReader } from '../tlog/tile-build.ts';
import { parseVkey } from '../tlog/vkey.ts';
import { caCertificates, type VerifiedTimeStamp } from '../timestamp/verify.ts';
import { BundleFiles } from './files.ts';
import {
  CHECKPOINT,
  EVIDENCE,
  EXPORT,
  formatInfo,
  INFO,
  leafPath,
  LEAVES,
  logTilePath,
  MANIFEST,
  parseInfo,
  parseManifest,
  POLICY,
  proofPath,
  STAMPED,
  TSQ,
  TSR,
  VKEY,
  type BundleInfo,
  type Scope,
} from './layout.ts';
import { ocel2, type LoggedEvent } from './ocel2.ts';
import { Problems, type Problem } from './problem.ts';
import { scan, type Scan } from './scan.ts';
import { bundleTimeStamp } from './time-stamp.ts';
import { verifyTree } from './tree.ts';

export type Stage = 'tree' | 'events' | 'export' | 'manifest';

export interface VerifyOptions {
  /** the log's key from a source of one's own; without it the bundle's is taken, and vouches for nothing */
  vkey?: string | undefined;
  /** keys of witnesses, each of which must have cosigned */
  witnesses?: readonly string[];
  /** CAs of the time-stamping authority, PEM: the checkpoint must have been stamped by one that comes from them */
  tsaCa?: string | undefined;
  /** an earlier checkpoint of the log: a signed note */
  since?: string | undefined;
  onProgress?: (stage: Stage, done: number, total: number) => void;
}

export interface Verdict {
  holds: boolean;
  /** the first hundred */
  problems: Problem[];
  /** all of them */
  count: number;
  info?: BundleInfo;
  origin?: string;
  cosignatures: { witness: string; time: number }[];
  /** when an authority says that the checkpoint existed */
  timeStamp?: VerifiedTimeStamp;
  /** pieces of evidence that the events name, and how many of them are in the bundle; counted when leaves are in it */
  evidence: { named: number; present: number };
}

/** Never throws for what is wrong with the bundle. @throws what the file system throws; MalformedTlog and TimeStampRejected for bad keys and certificates in the options */
export async function verifyBundle(dir: string, options: VerifyOptions = {}): Promise<Verdict> {
  if (options.vkey !== undefined) parseVkey(options.vkey);
  for (const witness of options.witnesses ?? []) parseVkey(witness);
  if (options.tsaCa !== undefined) caCertificates(options.tsaCa);
  const run = new Verification(new BundleFiles(dir), options);
  await run.all();
  const { problems, info, opened, evidence, timeStamp } = run;
  return {
    holds: problems.count === 0,
    problems: problems.kept,
    count: problems.count,
    ...(info ? { info } : {}),
    ...(opened ? { origin: opened.checkpoint.origin } : {}),
    cosignatures: opened?.cosignatures ?? [],
    ...(timeStamp ? { timeStamp } : {}),
    evidence,
  };
}

class Verification {
  readonly problems = new Problems();
  readonly files: BundleFiles;
  readonly options: VerifyOptions;
  readonly paths: readonly string[];
  readonly evidence = { named: 0, present: 0 };
  sums = new Map<string, string>();
  scanned: Scan | undefined;
  /** events that are none of those that the bundle says it is of */
  readonly outsiders: { position: number; message: string }[] = [];
  info: BundleInfo | undefined;
  opened: Omit<VerifiedProof, 'index'> | undefined;
  timeStamp: VerifiedTimeStamp | undefined;
  /** the checkpoint's note, as its text is in the proofs */
  note = '';

  constructor(files: BundleFiles, options: VerifyOptions) {
    this.files = files;
    this.options = options;
    this.paths = files.list();
  }

  async all(): Promise<void> {
    this.contents();
    await this.checkpoint();
    if (this.info && this.opened) {
      await this.log(this.info, this.opened.checkpoint);
    }
    this.manifest();
  }

  /** What there is, against the manifest; what the bundle says that it holds. */
  contents(): void {
    const text = this.files.text(MANIFEST);
    if (text === undefined) {
      this.problems.add({
        kind: 'missing',
        where: MANIFEST,
        message: 'no manifest: the bundle was not finished, or is none',
      });
    } else {
      if (!text.endsWith('\n'))
        this.problems.add({ kind: 'truncated', where: MANIFEST, message: 'its last line has no end' });
      try {
        this.sums = parseManifest(text);
      } catch (error) {
        this.problems.add({ kind: 'altered', where: MANIFEST, message: (error as Error).message });
      }
    }
    const info = this.files.text(INFO);
    if (info === undefined) {
      this.problems.add({ kind: 'missing', where: INFO, message: 'nothing says what the bundle holds' });
      return;
    }
    try {
      this.info = parseInfo(info);
      if (formatInfo(this.info) !== info)
        this.problems.add({ kind: 'altered', where: INFO, message: 'not as it is written' });
    } catch (error) {
      this.problems.add({ kind: 'altered', where: INFO, message: (error as Error).message });
    }
  }

  async checkpoint(): Promise<void> {
    const note = this.files.read(CHECKPOINT);
    const own = this.files.text(VKEY)?.replace(/\n$/u, '');
    const given = this.options.vkey;
    if (note === undefined) this.problems.add({ kind: 'missing', where: CHECKPOINT, message: 'nothing is signed' });
    if (own === undefined)
      this.problems.add({ kind: 'missing', where: VKEY, message: 'the key of the log is not there' });
    else if (!this.files.text(VKEY)!.endsWith('\n')) {
      this.problems.add({ kind: 'truncated', where: VKEY, message: 'its line has no end' });
    }
    if (own !== undefined && given !== undefined && own !== given) {
      this.problems.add({ kind: 'wrong-key', where: VKEY, message: `${own} is not the key given, ${given}` });
    }
    const log = given ?? own;
    if (note === undefined || log === undefined) return;
    const policy = this.policy(log);
    if (!policy) return;
    try {
      this.opened = await verifyCheckpoint(note, policy);
      this.note = Buffer.from(note).toString('utf8');
    } catch (error) {
      this.problems.add(rejected(error, CHECKPOINT));
      return;
    }
    const { size } = this.opened.checkpoint;
    if (this.info && this.info.size !== size) {
      this.problems.add({ kind: 'altered', where: INFO, message: `size ${this.info.size}, where ${size} was signed` });
      this.info = { ...this.info, size };
    }
    await this.since(policy);
    const stamp = { note: this.note, log: parseVkey(log), ca: this.options.tsaCa };
    this.timeStamp = await bundleTimeStamp(this.files, stamp, this.problems);
  }

  /** The keys that count: those given, and the witnesses that the bundle's policy names. */
  policy(log: string): ProofPolicy | undefined {
    const witnesses = new Set(this.options.witnesses);
    const given = witnesses.size;
    const text = this.files.text(POLICY) ?? '';
    if (text === '') this.problems.add({ kind: 'missing', where: POLICY, message: 'nothing says whose log it is' });
    const names = new Set(['none']);
    for (const line of text.split('\n').slice(0, -1)) {
      const [word, name = '', ...rest] = line.split(' ');
      if (word === 'witness' && rest.length === 1) witnesses.add(rest[0]!);
      const fits =
        (word === 'log' && rest.length === 0 && name === this.files.text(VKEY)?.trim()) ||
        (word === 'witness' && rest.length === 1) ||
        (word === 'group' && rest.length > 1) ||
        (word === 'quorum' && rest.length === 0 && names.has(name));
      if (!fits) this.problems.add({ kind: 'altered', where: POLICY, message: `not a line of a policy: ${line}` });
      names.add(name);
    }
    if (text !== '' && (!text.endsWith('\n') || !/^log /mu.test(text) || !/^quorum /mu.test(text))) {
      this.problems.add({
        kind: 'truncated',
        where: POLICY,
        message: 'it does not end with whole lines of log and quorum',
      });
    }
    try {
      parseVkey(log);
    } catch (error) {
      this.problems.add({ kind: 'wrong-key', where: VKEY, message: (error as Error).message });
      return undefined;
    }
    try {
      for (const witness of witnesses) parseVkey(witness);
    } catch (error) {
      this.problems.add({ kind: 'altered', where: POLICY, message: (error as Error).message });
      return { log, witnesses: this.options.witnesses ?? [], threshold: given };
    }
    return given > 0
      ? { log, witnesses: this.options.witnesses!, threshold: given }
      : { log, witnesses: [...witnesses] };
  }

  /** Is the log the one of an earlier checkpoint, only longer? */
  async since(policy: ProofPolicy): Promise<void> {
    const { since } = this.options;
    if (since === undefined) return;
    let older;
    try {
      older = (await verifyCheckpoint(since, { log: policy.log })).checkpoint;
    } catch (error) {
      this.problems.add(rejected(error, '--since'));
      return;
    }
    const { size, root } = this.opened!.checkpoint;
    if (older.size > size) {
      this.problems.add({
        kind: 'truncated',
        where: CHECKPOINT,
        position: size,
        message: `the log has ${size} events; by the checkpoint of --since it once had ${older.size}`,
      });
      return;
    }
    if (older.size === size && equal(older.root, root)) return;
    const forked = (message: string): void => this.problems.add({ kind: 'forked', where: CHECKPOINT, message });
    if (older.size === size) {
      forked(`two different histories of ${size} events have been signed: this one, and that of --since`);
      return;
    }
    try {
      const hashes = older.size === 0 ? [] : await tileHashReader(size, this.readTiles)(frontierNodes(older.size));
      if (!equal(foldRight(hashes), older.root)) {
        forked(`its first ${older.size} events are not the ones that the checkpoint of --since was signed for`);
      }
    } catch (error) {
      forked(`cannot be compared with the checkpoint of --since: ${(error as Error).message}`);
    }
  }

  readonly readTiles = (tiles: readonly Parameters<typeof logTilePath>[0][]): Uint8Array[] =>
    tiles.map((tile) => this.files.read(logTilePath(tile)) ?? new Uint8Array());

  async log(info: BundleInfo, head: { size: number; root: Uint8Array }): Promise<void> {
    const total = Math.ceil(head.size / TILE_WIDTH);
    const all = info.scope.kind === 'all';
    const onTile = (done: number): void => this.options.onProgress?.('tree', done, total);
    this.scanned = all ? await scan(this.files, head.size, onTile) : undefined;
    const tree = verifyTree(this.files, head, { entries: this.scanned, problems: this.problems, onTile });
    const positions = this.positions();
    const refs = new Set<string>();
    if (all) {
      if (info.events !== head.size || Object.keys(info.streams).length > 0) {
        this.problems.add({
          kind: 'altered',
          where: INFO,
          message: `a whole log of ${head.size} events has as many here`,
        });
      }
      if (!tree.holds) this.locate(head.size);
    } else {
      this.leaves(info, head, positions, tree.tilesHold, refs);
    }
    this.evidenceFiles(refs, all);
    if (this.problems.count === 0) await this.exported(info, positions);
  }

  /** Positions that files are named by. */
  positions(folder: 'leaves' | 'proofs' = 'leaves'): number[] {
    const names = {
      leaves: /^leaves\/(?<position>0|[1-9][0-9]*)\.json$/u,
      proofs: /^proofs\/(?<position>0|[1-9][0-9]*)\.tlog-proof$/u,
    };
    return this.paths
      .flatMap((path) => {
        const name = names[folder].exec(path)?.groups?.['position'];
        return name === undefined ? [] : [Number(name)];
      })
      .toSorted((a, b) => a - b);
  }

  /** Every event of the bundle: its hash in the tree, its proof, its place in its stream. */
  leaves(
    info: BundleInfo,
    head: { size: number; root: Uint8Array },
    positions: readonly number[],
    tilesHold: boolean,
    refs: Set<string>,
  ): void {
    const present = new Set(positions);
    if (info.scope.kind === 'range') {
      for (let position = info.scope.from; position <= Math.min(info.scope.to, head.size - 1); position++) {
        if (!present.has(position)) this.gone(position);
      }
    }
    const also = new Set(info.scope.kind === 'unit' ? info.scope.also : []);
    for (const position of also) if (!present.has(position) && position < head.size) this.gone(position);
    for (const position of this.positions('proofs')) {
      if (!present.has(position) && position < head.size && !this.problems.has(leafPath(position))) this.gone(position);
    }
    const next = new Map<string, { version: number; position: number }>();
    const gaps: Problem[] = [];
    const altered: { position: number; hash: Uint8Array; want: Uint8Array }[] = [];
    let tile: { index: number; data: Uint8Array } = { index: -1, data: new Uint8Array() };
    for (const [n, position] of positions.entries()) {
      if (n % 256 === 0) this.options.onProgress?.('events', n, positions.length);
      if (position >= head.size) {
        this.problems.add({
          kind: 'extra',
          where: leafPath(position),
          position,
          message: `beyond the ${head.size} events signed`,
        });
        continue;
      }
      const index = Math.floor(position / TILE_WIDTH);
      if (tile.index !== index) {
        const width = Math.min(TILE_WIDTH, head.size - index * TILE_WIDTH);
        tile = { index, data: this.files.read(logTilePath({ level: 0, index, width })) ?? new Uint8Array() };
      }
      const at = (position % TILE_WIDTH) * HASH_BYTES;
      const want = tile.data.subarray(at, at + HASH_BYTES);
      const bytes = this.files.read(leafPath(position))!;
      const hash = leafHash(bytes);
      const proved = this.proof(position, hash, head);
      const asTile = want.length === HASH_BYTES && equal(hash, want);
      if (!asTile && proved === undefined) {
        this.problems.add({
          kind: 'altered',
          where: logTilePath({ level: 0, index, width: Math.min(TILE_WIDTH, head.size - index * TILE_WIDTH) }),
          position,
          message: 'the leaf hash is not that of the event, whose proof holds',
        });
      } else if (!asTile) {
        altered.push({ position, hash, want });
        continue;
      } else if (proved !== undefined && tilesHold) {
        this.problems.add(proved);
      } else if (proved !== undefined) {
        this.problems.add({ kind: 'altered', where: leafPath(position), position, message: proved.message });
      }
      this.event(info, position, bytes, next, refs, gaps);
    }
    this.options.onProgress?.('events', positions.length, positions.length);
    this.report(altered);
    this.outside(info, next.size);
    if (altered.length > 0) return; // of which streams they were, nobody can say
    for (const gap of gaps) this.problems.add(gap);
    this.streams(info, next, positions.length);
  }

  /** Events that the bundle does not say it is of. When that is every one, what it says is wrong, not they. */
  outside({ scope }: BundleInfo, own: number): void {
    if (scope.kind === 'unit' && own === 0 && this.outsiders.length > 0) {
      const message = `it says that the bundle is of unit ${scope.unit}, which no event here is about`;
      this.problems.add({ kind: 'altered', where: INFO, message });
      return;
    }
    for (const { position, message } of this.outsiders) {
      this.problems.add({ kind: 'extra', where: leafPath(position), position, message });
    }
  }

  gone(position: number): void {
    this.problems.add({ kind: 'missing', where: leafPath(position), position, message: 'the event is not there' });
  }

  /** Undefined when the proof holds. */
  proof(position: number, hash: Uint8Array, head: { size: number; root: Uint8Array }): Problem | undefined {
    const where = proofPath(position);
    const text = this.files.text(where);
    if (text === undefined) return { kind: 'missing', where, position, message: 'the proof is not there' };
    try {
      const proof = parseTlogProof(text);
      if (proof.index !== position) {
        return { kind: 'reordered', where, position, message: `a proof for position ${proof.index}` };
      }
      if (proof.checkpoint !== this.note) {
        return { kind: 'altered', where, position, message: `its checkpoint is not ${CHECKPOINT}` };
      }
      verifyInclusion(hash, position, head.size, head.root, proof.hashes);
      return undefined;
    } catch (error) {
      return { kind: 'altered', where, position, message: (error as Error).message };
    }
  }

  /** Events that are not what was signed: altered, or in each other's places. */
  report(altered: readonly { position: number; hash: Uint8Array; want: Uint8Array }[]): void {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    const wanted = new Map(altered.map(({ position, want }) => [hex(want), position]));
    for (const { position, hash } of altered) {
      const other = wanted.get(hex(hash));
      this.problems.add(
        other === undefined
          ? {
              kind: 'altered',
              where: leafPath(position),
              position,
              message: 'the event is not the one that was signed',
            }
          : {
              kind: 'reordered',
              where: leafPath(position),
              position,
              message: `this is the event of position ${other}`,
            },
      );
    }
  }

  event(
    info: BundleInfo,
    position: number,
    bytes: Uint8Array,
    next: Map<string, { version: number; position: number }>,
    refs: Set<string>,
    gaps: Problem[],
  ): void {
    const event = envelopeOf(bytes);
    if (!event) return; // as signed; what an entry says is the log's business
    for (const { sha256 } of event.evidence) refs.add(sha256);
    const outside = outsideOf(info.scope, position, event);
    if (outside !== undefined) this.outsiders.push({ position, message: outside });
    // What is there beside the unit's own streams is there event by event.
    if (info.scope.kind === 'unit' && unitOf(event) !== info.scope.unit) return;
    const known = next.get(event.stream);
    if (info.scope.kind === 'unit' && event.version !== (known?.version ?? 0) + 1) {
      const after = known ? `version ${known.version} at position ${known.position}` : 'nothing';
      gaps.push({
        kind: event.version > (known?.version ?? 0) ? 'missing' : 'reordered',
        where: leafPath(position),
        position,
        message: `${event.stream} version ${event.version} comes after ${after}`,
      });
    }
    next.set(event.stream, { version: event.version, position });
  }

  streams(info: BundleInfo, next: Map<string, { version: number; position: number }>, events: number): void {
    for (const [stream, last] of Object.entries(info.streams)) {
      const version = next.get(stream)?.version ?? 0;
      if (version === last) continue;
      this.problems.add({
        kind: version < last ? 'missing' : 'extra',
        where: version === 0 ? INFO : `${stream}@${version + 1}`,
        message: `by ${INFO} the bundle should hold ${stream} up to version ${last}, and holds it up to ${version}`,
      });
    }
    if (info.scope.kind === 'unit') {
      for (const [stream, { position }] of next) {
        if (!Object.hasOwn(info.streams, stream)) {
          this.problems.add({
            kind: 'extra',
            where: leafPath(position),
            position,
            message: `${INFO} does not name ${stream}`,
          });
        }
      }
    }
    if (events !== info.events && this.problems.count === 0) {
      this.problems.add({
        kind: 'missing',
        where: INFO,
        message: `${info.events} events are named, ${events} are there`,
      });
    }
  }

  /** The tree is not the one signed, and nothing in it tells where: the streams may. */
  locate(size: number): void {
    const next = new Map<string, number>();
    for (const { position, bytes } of this.entries(size)) {
      const event = envelopeOf(bytes);
      if (!event) continue;
      const known = next.get(event.stream) ?? 0;
      if (event.version !== known + 1) {
        const bundle = newBundles(position, position + 1)[0]!;
        this.problems.add({
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

  *entries(size: number): Generator<LoggedEvent> {
    for (const bundle of newBundles(0, size)) {
      const file = this.files.read(logTilePath(bundle));
      if (!file) continue;
      let entries: Uint8Array[];
      try {
        entries = decodeEntries(file, bundle.width);
      } catch {
        continue;
      }
      for (const [n, bytes] of entries.entries()) yield { position: bundle.index * TILE_WIDTH + n, bytes };
    }
  }

  /** Photos and documents are named by their hash, in their path and in an event. */
  evidenceFiles(refs: Set<string>, all: boolean): void {
    const present = this.paths.filter((path) => path.startsWith(EVIDENCE));
    if (all && present.length > 0) {
      for (const { bytes } of this.entries(this.info!.size)) {
        for (const { sha256 } of envelopeOf(bytes)?.evidence ?? []) refs.add(sha256);
      }
    }
    this.evidence.named = refs.size;
    for (const path of present) {
      const name = path.slice(EVIDENCE.length);
      const sum = this.files.sum(path);
      if (sum !== name) {
        this.problems.add({
          kind: 'evidence',
          where: path,
          message: `its SHA-256 is ${sum}: not what the event names`,
        });
      } else if (!refs.has(name)) {
        this.problems.add({ kind: 'evidence', where: path, message: 'no event of the bundle names it' });
      } else this.evidence.present += 1;
    }
  }

  /** The export must be what the events give. */
  async exported(info: BundleInfo, positions: readonly number[]): Promise<void> {
    if (this.files.size(EXPORT) === undefined) {
      if (info.export) this.problems.add({ kind: 'missing', where: EXPORT, message: 'the export is not there' });
      return;
    }
    const hash = createHash('sha256');
    const total = info.scope.kind === 'all' ? 2 * info.size : 2 * positions.length;
    let done = 0;
    const events = (): Iterable<LoggedEvent> =>
      info.scope.kind === 'all' ? this.entries(info.size) : this.leafEvents(positions);
    const counted = function* counted(self: Verification): Generator<LoggedEvent> {
      for (const event of events()) {
        yield event;
        done += 1;
        if (done % 1000 === 0) self.options.onProgress?.('export', done, total);
      }
    };
    try {
      for await (const piece of ocel2(() => counted(this))) hash.update(piece);
    } catch (error) {
      this.problems.add({
        kind: 'unreadable',
        where: EXPORT,
        message: `an event is of a kind that this version does not know: ${(error as Error).message}`,
      });
      return;
    }
    if (hash.digest('hex') !== this.files.sum(EXPORT)) {
      this.problems.add({ kind: 'altered', where: EXPORT, message: 'it does not say what the events say' });
    }
  }

  *leafEvents(positions: readonly number[]): Generator<LoggedEvent> {
    for (const position of positions) yield { position, bytes: this.files.read(leafPath(position))! };
  }

  /** Files that nobody signed for are at least those of the manifest. */
  manifest(): void {
    const listed = new Set(this.paths);
    const reported = new Set(this.problems.kept.map(({ where }) => where));
    for (const path of this.paths) {
      if (path === MANIFEST || this.sums.has(path)) continue;
      if (this.files.text(MANIFEST) === undefined && this.expected(path)) continue;
      if (reported.has(path)) continue;
      reported.add(path);
      this.problems.add(
        /^(?:log|leaves|proofs|export|time)[/.]|^policy$|^bundle\.json$/u.test(path)
          ? { kind: 'missing', where: MANIFEST, message: `it does not name ${path}` }
          : { kind: 'extra', where: path, message: `not in ${MANIFEST}` },
      );
    }
    this.extraTiles(reported);
    let done = 0;
    for (const [path, sum] of this.sums) {
      done += 1;
      if (done % 256 === 0) this.options.onProgress?.('manifest', done, this.sums.size);
      if (reported.has(path)) continue;
      if (!listed.has(path)) {
        const position = /^leaves\/(?<position>[0-9]+)\.json$/u.exec(path)?.groups?.['position'];
        this.problems.add({
          kind: 'missing',
          where: path,
          ...(position === undefined ? {} : { position: Number(position) }),
          message: `${MANIFEST} names it, and it is not there`,
        });
      } else if ((this.scanned?.sum(path) ?? this.files.sum(path)) !== sum) {
        this.problems.add({
          kind: 'altered',
          where: path,
          message: `not the file of ${MANIFEST}, or its line there was altered`,
        });
      }
    }
    this.options.onProgress?.('manifest', this.sums.size, this.sums.size);
  }

  /** Whether a file is one that a bundle has. */
  expected(path: string): boolean {
    return (
      [INFO, VKEY, POLICY, CHECKPOINT, EXPORT, STAMPED, TSQ, TSR].includes(path) ||
      [LEAVES, 'proofs/', EVIDENCE, 'log/tile/'].some((folder) => path.startsWith(folder))
    );
  }

  /** Tiles, proofs and others that the log of this size does not have, whatever the manifest says. */
  extraTiles(reported: Set<string>): void {
    const size = this.info?.size;
    if (size === undefined || !this.opened) return;
    const tiles = new Set(tilesOf(size).map(logTilePath));
    if (this.info!.scope.kind === 'all') for (const bundle of newBundles(0, size)) tiles.add(logTilePath(bundle));
    const leaves = new Set(this.positions());
    for (const path of this.paths) {
      if (reported.has(path)) continue;
      const add = (message: string): void => {
        reported.add(path);
        this.problems.add({ kind: 'extra', where: path, message });
      };
      if (path.startsWith('log/tile/')) {
        if (!tiles.has(path))
          add(isTile(path) ? `no tile of the log of ${size} events here` : 'not the name of a tile');
      } else if (path.startsWith('proofs/')) {
        const position = /^proofs\/(?<position>0|[1-9][0-9]*)\.tlog-proof$/u.exec(path)?.groups?.['position'];
        const known =
          position !== undefined && (leaves.has(Number(position)) || reported.has(leafPath(Number(position))));
        if (!known) add('a proof for no event of the bundle');
      } else if (path.startsWith(LEAVES)) {
        const position = /^leaves\/(?<position>0|[1-9][0-9]*)\.json$/u.exec(path)?.groups?.['position'];
        if (position === undefined) add('not the name of an event');
        else if (this.info!.scope.kind === 'all') add('a bundle of the whole log has its events in log/tile/entries');
      } else if (path !== MANIFEST && !this.expected(path)) add('no file that a bundle has');
    }
  }
}

interface SeenEvent {
  stream: string;
  version: number;
  unit?: string | undefined;
  evidence: { sha256: string }[];
}

/** What the verifier needs of an event; undefined when it is none of ours. */
function envelopeOf(bytes: Uint8Array): SeenEvent | undefined {
  try {
    const {
      stream,
      version,
      unit,
      evidence = [],
    } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<SeenEvent>;
    if (typeof stream !== 'string' || typeof version !== 'number' || !Array.isArray(evidence)) return undefined;
    return { stream, version, unit, evidence };
  } catch {
    return undefined;
  }
}

const unitOf = ({ unit, stream }: SeenEvent): string | undefined => unit ?? stream.split('#')[2];

/** Why an event is none of those that the bundle says it is of. */
function outsideOf(scope: Scope, position: number, event: SeenEvent): string | undefined {
  if (scope.kind === 'range' && (position < scope.from || position > scope.to)) {
    return `${INFO} says that the bundle is of positions ${scope.from} … ${scope.to}`;
  }
  if (scope.kind === 'unit' && unitOf(event) !== scope.unit && !scope.also?.includes(position))
    return `${INFO} says that the bundle is of unit ${scope.unit}`;
  return undefined;
}

function isTile(path: string): boolean {
  try {
    return parseTilePath(path.slice('log/'.length)) !== undefined;
  } catch {
    return false;
  }
}

/** What is wrong with a checkpoint, as a problem. */
function rejected(error: unknown, where: string): Problem {
  if (error instanceof TlogRejected) {
    const kind = { 'unknown-key': 'wrong-key', 'wrong-origin': 'wrong-key', 'ambiguous-key': 'wrong-key' } as const;
    if (error.reason === 'too-few-witnesses') return { kind: 'witness', where, message: error.message };
    const known = kind[error.reason as keyof typeof kind];
    return { kind: known ?? 'altered', where, message: error.message };
  }
  if (error instanceof DaochaError) return { kind: 'altered', where, message: error.message };
  throw error;
}

/** Size and root that a checkpoint states, nothing of it verified: for telling people what they hold. */
export const statedHead = (note: string): { origin: string; size: number } => parseCheckpoint(parseNote(note).text);
