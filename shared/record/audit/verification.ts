// What one verification of a bundle has at hand and has found so far; the steps take it (verify.ts).
import * as z from 'zod';
import { decodeEntries } from '../tlog/entries.ts';
import type { VerifiedProof } from '../tlog/proof.ts';
import { TILE_WIDTH } from '../tlog/subtree.ts';
import { newBundles } from '../tlog/tile.ts';
import type { VerifiedTimeStamp } from '../timestamp/verify.ts';
import type { BundleFiles } from './files.ts';
import { EXPORT, leafPath, LEAVES, limitOf, logTilePath, type BundleInfo } from './layout.ts';
import type { LoggedEvent } from './ocel2.ts';
import { Problems } from './problem.ts';
import type { Scan } from './scan.ts';

export type VerificationStage = 'tree' | 'events' | 'export' | 'manifest';

export interface VerifyOptions {
  /** the log's key from a source of one's own; without it the bundle's is taken, and vouches for nothing */
  vkey?: string | undefined;
  /** keys of witnesses, each of which must have cosigned */
  witnesses?: readonly string[];
  /** CAs of the time-stamping authority, PEM: the checkpoint must have been stamped by one that comes from them */
  tsaCa?: string | undefined;
  /** an earlier checkpoint of the log: a signed note */
  since?: string | undefined;
  onProgress?: (stage: VerificationStage, done: number, total: number) => void;
}

/** Of a subject's events up to a size nothing is left out. */
export interface Complete {
  subject: string;
  size: number;
  /** when the index was sealed, by the clock of who sealed it */
  at: string;
  /** so many */
  events: number;
  /** events of the subject in the bundle that came after the size */
  unindexed: number;
}

/** Bytes that an export of no events has at most: the kinds of events and objects. */
const MARGIN = 1024 * 1024;

/** Nothing in it decides; `sums` and `info` are what the bundle says of itself, `opened` what was signed. */
export class Verification {
  readonly problems = new Problems();
  readonly files: BundleFiles;
  readonly options: VerifyOptions;
  readonly paths: readonly string[];
  readonly evidence = { named: 0, present: 0 };
  sums = new Map<string, string>();
  scanned: Scan | undefined;
  /** events outside the scope that the bundle states */
  readonly outsiders: { position: number; message: string }[] = [];
  info: BundleInfo | undefined;
  /** what a unit's bundle is proved to be complete by, when that holds */
  complete: Complete | undefined;
  /** of a whole log: how many seals of the index it has, and the last of them */
  seals: { count: number; size: number; at: string } | undefined;
  opened: Omit<VerifiedProof, 'index'> | undefined;
  timeStamp: VerifiedTimeStamp | undefined;
  /** far more tiles were signed for than there are files: the tree is not checked */
  beyond = false;
  /** the checkpoint's note, as its text is in the proofs */
  note = '';

  constructor(files: BundleFiles, options: VerifyOptions) {
    this.files = files;
    this.options = options;
    const { paths, odd } = files.walk();
    this.paths = paths;
    for (const { path, message } of odd) this.problems.add({ kind: 'extra', where: path, message });
    const sizes = new Map(paths.map((path) => [path, files.size(path) ?? 0]));
    const events = paths.filter((path) => path.startsWith(LEAVES) || path.startsWith('log/tile/entries/'));
    const told = events.reduce((sum, path) => sum + sizes.get(path)!, 0);
    for (const [path, size] of sizes) {
      // the same events in other words, and what they are about
      const limit = path === EXPORT ? 16 * told + MARGIN : limitOf(path);
      if (size <= limit) continue;
      const message = `${size} bytes, where a file of its kind has at most ${limit}: it is not read`;
      this.problems.add({ kind: 'altered', where: path, message });
    }
  }

  readonly readTiles = (tiles: readonly Parameters<typeof logTilePath>[0][]): Uint8Array[] =>
    tiles.map((tile) => this.files.read(logTilePath(tile)) ?? new Uint8Array());

  /** Positions that files are named by. */
  positions(folder: 'leaves' | 'proofs' = 'leaves'): number[] {
    const names = {
      leaves: /^leaves\/(?<position>0|[1-9][0-9]{0,14})\.json$/u,
      proofs: /^proofs\/(?<position>0|[1-9][0-9]{0,14})\.tlog-proof$/u,
    };
    return this.paths
      .flatMap((path) => {
        const name = names[folder].exec(path)?.groups?.['position'];
        return name === undefined ? [] : [Number(name)];
      })
      .toSorted((a, b) => a - b);
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

  *leafEvents(positions: readonly number[]): Generator<LoggedEvent> {
    for (const position of positions) {
      const bytes = this.files.read(leafPath(position));
      if (bytes) yield { position, bytes };
    }
  }

  gone(position: number): void {
    this.problems.add({ kind: 'missing', where: leafPath(position), position, message: 'the event is not there' });
  }
}

/** Signed is not the same as well made: whoever has a key can sign anything. */
const seenSchema = z.object({
  id: z.string().optional(),
  stream: z.string(),
  version: z.number(),
  unit: z.string().optional(),
  evidence: z.array(z.object({ sha256: z.string() })).default([]),
});
export type SeenEvent = z.output<typeof seenSchema>;

/** What the verifier needs of an event; undefined when it is not an event of ours. */
export function envelopeOf(bytes: Uint8Array): SeenEvent | undefined {
  try {
    return seenSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
