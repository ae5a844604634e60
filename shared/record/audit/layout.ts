// What is where in a bundle (docs/auditing.md), and the two files of it that are of our own making: `bundle.json`, what
// the bundle says that it holds, and the manifest, in the form that `sha256sum -c` reads.
import * as z from 'zod';
import { InvalidInput } from '../../../events/errors.ts';
import { MAX_ENTRY_BYTES } from '../tlog/entries.ts';
import { MAX_PROOF_BYTES } from '../tlog/proof.ts';
import { TILE_WIDTH } from '../tlog/subtree.ts';
import { tilePath, type Tile } from '../tlog/tile.ts';
import { parseVkey } from '../tlog/vkey.ts';

export const MANIFEST = 'MANIFEST.sha256';
export const INFO = 'bundle.json';
export const VKEY = 'log.vkey';
export const POLICY = 'policy';
export const CHECKPOINT = 'log/checkpoint';
export const EXPORT = 'export/ocel2.json';
/** Of a unit: which positions are its, all of them (shared/record/index). */
export const INDEX_PROOF = 'index/proof.json';
export const LEAVES = 'leaves/';
export const EVIDENCE = 'evidence/';
/** The checkpoint as the log signed it, which is what was stamped; request and answer (RFC 3161). */
export const STAMPED = 'time/checkpoint';
export const TSQ = 'time/checkpoint.tsq';
export const TSR = 'time/checkpoint.tsr';
export const FORMAT = 'daocha/bundle@v1';

export const leafPath = (position: number): string => `${LEAVES}${position}.json`;
export const proofPath = (position: number): string => `proofs/${position}.tlog-proof`;
export const logTilePath = (tile: Tile): string => `log/${tilePath(tile)}`;

const KB = 1024;
const MB = 1024 * KB;

/** Bytes that a file of a bundle may have: by what it is, before anything of it is read. */
export function limitOf(path: string): number {
  if (path.startsWith(LEAVES)) return MAX_ENTRY_BYTES;
  if (path.startsWith('proofs/')) return MAX_PROOF_BYTES;
  if (path.startsWith('log/tile/entries/')) return TILE_WIDTH * (MAX_ENTRY_BYTES + 2);
  if (path.startsWith('log/tile/')) return 16 * KB;
  if (path.startsWith(EVIDENCE)) return 256 * MB;
  return LIMITS.get(path) ?? MB;
}
const LIMITS = new Map([
  [MANIFEST, 64 * MB],
  [INFO, 16 * MB],
  [VKEY, 64 * KB],
  [POLICY, 64 * KB],
  [INDEX_PROOF, 16 * MB],
  // beside what the events themselves have, see verification.ts
  [EXPORT, 1024 * 1024 * MB],
]);

/** One file for each event and each proof: more than this are taken home as a whole log. */
export const MAX_LEAVES = 100_000;

export type BundleScope =
  | { kind: 'all' }
  /** positions, both included */
  | { kind: 'range'; from: number; to: number }
  /**
   * events about a unit in whole streams; `also`: single events of other streams, by position, in order (a dossier's
   * appointments and checklists)
   */
  | { kind: 'unit'; unit: string; also?: number[] }
  /**
   * the events behind one dossier of a case, and the `DossierCompiled` that names its files, at position `compiled`.
   * Without tiles: each event is proved by its own path. Which events, says the file `events.txt` of the dossier.
   */
  | { kind: 'dossier'; escalation: string; round: number; compiled: number };

export interface BundleInfo {
  format: typeof FORMAT;
  scope: BundleScope;
  /** events in the log, as its checkpoint says */
  size: number;
  /** events in the bundle */
  events: number;
  /** streams that the bundle holds whole: the last version of each below `size` */
  streams: Record<string, number>;
  /** whether `export/ocel2.json` belongs to it */
  export: boolean;
  /** where the seal stands by which nothing of the unit is left out */
  index?: { position: number };
  /** files that events name, and that could not be taken home */
  evidence?: LeftOutEvidence;
}

/** By SHA-256, in hex. */
export interface LeftOutEvidence {
  /** the platform had another file under the hash */
  altered: string[];
  /** never put, or taken away: events do not tell which */
  absent: string[];
}

/** @throws InvalidInput naming the field */
export function parseInfo(text: string): BundleInfo {
  let info: Partial<BundleInfo>;
  try {
    info = JSON.parse(text) as Partial<BundleInfo>;
  } catch {
    throw wrong(INFO, 'JSON');
  }
  if (info?.format !== FORMAT) throw wrong('format', FORMAT);
  if (!isCount(info.size)) throw wrong('size', 'a whole number');
  if (!isCount(info.events)) throw wrong('events', 'a whole number');
  if (typeof info.export !== 'boolean') throw wrong('export', 'true or false');
  const { scope, streams } = info;
  if (!scopeSchema.safeParse(scope).success) {
    throw wrong('scope', `all, a range of at most ${MAX_LEAVES} positions, a unit, or a dossier`);
  }
  const named = typeof streams === 'object' && streams !== null && !Array.isArray(streams);
  if (!named || !Object.values(streams).every(isCount)) {
    throw wrong('streams', 'the last version of each stream');
  }
  if (info.index !== undefined && (scope!.kind !== 'unit' || !indexSchema.safeParse(info.index).success)) {
    throw wrong('index', 'the position of a seal, in the bundle of a unit');
  }
  if (info.evidence !== undefined && !evidenceSchema.safeParse(info.evidence).success) {
    throw wrong('evidence', 'lists of hashes: altered, absent');
  }
  const more = Object.keys(info).find((field) => !FIELDS.has(field));
  if (more !== undefined) throw wrong(more, 'left out: no bundle has it');
  return info as BundleInfo;
}

const FIELDS = new Set(['format', 'scope', 'size', 'events', 'streams', 'export', 'index', 'evidence']);
const count = z.int().min(0);
const hashes = z.array(z.string().regex(/^[0-9a-f]{64}$/u)).max(1_000_000);
const evidenceSchema = z.strictObject({ altered: hashes, absent: hashes });
const indexSchema = z.strictObject({ position: count });
const scopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z
    .strictObject({ kind: z.literal('range'), from: count, to: count })
    .refine(({ from, to }) => to >= from && to - from < MAX_LEAVES),
  z.strictObject({ kind: z.literal('unit'), unit: z.string(), also: z.array(count).max(MAX_LEAVES).optional() }),
  z.strictObject({ kind: z.literal('dossier'), escalation: z.string(), round: count, compiled: count }),
]);

export const formatInfo = (info: BundleInfo): string => `${JSON.stringify(info, null, 2)}\n`;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function wrong(field: string, expected: string): InvalidInput {
  return new InvalidInput(`${field}: must be ${expected}`, { field, expected });
}

const LINE = /^(?<sum>[0-9a-f]{64}) {2}(?<path>[^\\]+)$/u;

/** Paths and their SHA-256 in hex. @throws InvalidInput naming the line */
export function parseManifest(text: string): Map<string, string> {
  const sums = new Map<string, string>();
  const lines = text.split('\n');
  const end = lines.pop();
  for (const [n, line] of [...lines, ...(end === '' ? [] : [end ?? ''])].entries()) {
    const { sum, path } = LINE.exec(line)?.groups ?? {};
    if (!sum || !path || sums.has(path))
      throw wrong(`${MANIFEST} line ${n + 1}`, '<SHA-256 in hex>, two spaces, a path');
    sums.set(path, sum);
  }
  return sums;
}

export const manifestLine = (path: string, sum: string): string => `${sum}  ${path}\n`;

/**
 * C2SP tlog-policy: whose log it is, and the witnesses whose lines must not be wrong. How many must have signed is for
 * the reader to say.
 */
export const policyOf = (vkey: string, witnesses: readonly string[]): string =>
  [`log ${vkey}`, ...witnesses.map((key) => `witness ${parseVkey(key).name} ${key}`), 'quorum none', ''].join('\n');

/** The file of a dossier that names the events behind it: their positions in the log, one a line, in order. */
export const DOSSIER_EVENTS = 'events.txt';
const EVENTS_HEADER = 'daocha/dossier-events@v1';

export const formatDossierEvents = (positions: readonly number[]): string =>
  [EVENTS_HEADER, ...positions, ''].join('\n');

/** @throws InvalidInput naming the line */
export function parseDossierEvents(text: string): number[] {
  const [header, ...lines] = text.split('\n');
  if (header !== EVENTS_HEADER) throw wrong(`${DOSSIER_EVENTS} line 1`, EVENTS_HEADER);
  if (lines.pop() !== '') throw wrong(DOSSIER_EVENTS, 'whole lines');
  return lines.map((line, n) => {
    const after = n === 0 ? -1 : Number(lines[n - 1]);
    if (/^(?:0|[1-9][0-9]{0,14})$/u.test(line) && Number(line) > after) return Number(line);
    throw wrong(`${DOSSIER_EVENTS} line ${n + 2}`, 'a position beyond the one before it');
  });
}
