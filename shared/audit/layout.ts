// What stands where in a bundle (docs/auditing.md), and the two files of it that are of our own making: `bundle.json`, what
// the bundle says that it holds, and the manifest, in the form that `sha256sum -c` reads.
import { InvalidInput } from '../errors.ts';
import { tilePath, type Tile } from '../tlog/tile.ts';

export const MANIFEST = 'MANIFEST.sha256';
export const INFO = 'bundle.json';
export const VKEY = 'log.vkey';
export const POLICY = 'policy';
export const CHECKPOINT = 'log/checkpoint';
export const EXPORT = 'export/ocel2.json';
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

/** One file for each event and each proof: more than this are taken home as a whole log. */
export const MAX_LEAVES = 100_000;

export type Scope =
  | { kind: 'all' }
  /** positions, both included */
  | { kind: 'range'; from: number; to: number }
  /** events about a unit in whole streams; `also`: single events of other streams, by position, in order (a dossier's appointments and checklists) */
  | { kind: 'unit'; unit: string; also?: number[] };

export interface BundleInfo {
  format: typeof FORMAT;
  scope: Scope;
  /** events in the log, as its checkpoint says */
  size: number;
  /** events in the bundle */
  events: number;
  /** streams that the bundle holds whole: the last version of each below `size` */
  streams: Record<string, number>;
  /** whether `export/ocel2.json` belongs to it */
  export: boolean;
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
  const known =
    scope?.kind === 'all' ||
    (scope?.kind === 'range' && isCount(scope.from) && isCount(scope.to)) ||
    (scope?.kind === 'unit' &&
      typeof scope.unit === 'string' &&
      (scope.also === undefined || (Array.isArray(scope.also) && scope.also.every(isCount))));
  if (!known) throw wrong('scope', 'all, a range of positions, or a unit');
  if (typeof streams !== 'object' || streams === null || !Object.values(streams).every(isCount)) {
    throw wrong('streams', 'the last version of each stream');
  }
  return info as BundleInfo;
}

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
