// What an import says to the platform: commands in order of time, one chain a unit (`POST /v1/imports`).
// Ids are derived from the source's own keys, so the same register imported twice yields the same commands and no event.
import { createHash } from 'node:crypto';
import type { Track } from '../../events/envelope.ts';
import { cutText } from '../text.ts';
import type { HazardGrade, InspectionMode } from '../../events/inspection.ts';

/** Why an event may be believed: the rows it was read from and the rule that inferred it. */
export interface Inferred {
  /** Lines of the file, 1 = heading. */
  rows: number[];
  rule: string;
}

export interface UnitCommand {
  kind: 'unit';
  command: string;
  unit: string;
  occurredAt: string;
  details: {
    name: string;
    kind?: string;
    address?: string;
    area?: string;
    tracks: Track[];
    external: { system: string; id: string };
    location?: { lat: number; lon: number };
  };
  /** what to do where it reads like a unit on record: only tell unless said */
  alike?: 'told' | 'refused' | 'apart';
  derived: Inferred;
}

export interface ImportedAnswer {
  item: string;
  clause: string;
  answer: 'problem' | 'ok' | 'not-applicable';
  text?: string | undefined;
  grade?: HazardGrade | undefined;
  /** As in the file. */
  raw?: string | undefined;
  place?: string | undefined;
}

export interface Closing {
  clause: string;
  basis: string;
  /** Whose finding it ends: what another inspection saw at that very time has come back. */
  inspection?: string;
}

export interface VisitCommand {
  kind: 'visit';
  command: string;
  unit: string;
  inspection: string;
  occurredAt: string;
  track: Track;
  mode: InspectionMode;
  result?: string;
  answers: ImportedAnswer[];
  /** Hazards that this visit shows to be gone. */
  closes?: Closing[];
  derived: Inferred;
}

export interface CloseCommand {
  kind: 'close';
  command: string;
  unit: string;
  occurredAt: string;
  track: Track;
  closes: Closing[];
  derived: Inferred;
}

export type ImportCommand = UnitCommand | VisitCommand | CloseCommand;

/** Everything a file says about one unit, in the order in which it has to be executed. */
export interface UnitPlan {
  unit: string;
  /** Inspections as the source counts them. */
  inspections: number;
  /** Of these, without any violation. */
  clean: number;
  commands: ImportCommand[];
  /** What of it cannot be said to the platform, because an event has no room for it. */
  refused?: Refusal[];
}

/** One thing in the file that did not go in. `line` is the line of the file where the row starts, 1 = heading. */
export interface Refusal {
  line: number;
  column: string;
  reason: string;
}

/** What somebody should know of a row that went in. `kept` is on record, `dropped` does not. */
export interface RowNote {
  line: number;
  column: string;
  note: string;
  kept?: string;
  dropped?: string;
}

/** `u_` or `i_` and the first 20 hex digits of SHA-256 of `<source>|<key>`. */
export function idOf(prefix: 'u' | 'i', source: string, key: string): string {
  return `${prefix}_${digest(`${source}|${key}`)}`;
}

/** Command id of one step; the same step of the same source always has the same id. */
export function commandOf(kind: ImportCommand['kind'], source: string, key: string): string {
  return `import:${source}:${kind}:${digest(`${source}|${kind}|${key}`)}`;
}

/** Registers a unit. The id covers the details: two layouts of one register may know more or less about the same unit. */
export function registration(
  source: string,
  unit: string,
  occurredAt: string,
  details: UnitCommand['details'],
  derived: Inferred,
): UnitCommand {
  return {
    kind: 'unit',
    command: commandOf('unit', source, JSON.stringify(details)),
    unit,
    occurredAt,
    details,
    derived,
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}

const LONGEST_CLAUSE = 200;

/** A clause fits in 200 characters; a longer wording keeps its beginning and a digest of the whole, so that it stays one class. */
export function clauseOf(normalised: string): string {
  if (normalised.length <= LONGEST_CLAUSE) return normalised;
  return `${cutText(normalised, LONGEST_CLAUSE - 15, '').trimEnd()}… #${digest(normalised).slice(0, 12)}`;
}

export const LONGEST_EXTERNAL = 128;

/** A register's own key as `external.id`: a longer one keeps its beginning and a digest of the whole, so that it stays one of its own. */
export function externalId(key: string): string {
  const line = key.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
  if (line.length <= LONGEST_EXTERNAL) return line;
  return `${cutText(line, LONGEST_EXTERNAL - 22, '')}…#${digest(key)}`;
}

/** Control characters that no event holds; longer texts have line feeds and tabs. */
const CONTROL = /(?![\n\t])\p{Cc}/gu;

/** Cuts a text that may be longer than an event's field; undefined when blank. A control character is a blank. */
export function cellText(text: string | undefined, longest: number): string | undefined {
  const trimmed = text?.replaceAll(CONTROL, ' ').trim();
  return trimmed ? cutText(trimmed, longest) : undefined;
}

/** As `textOf`, for a name that a register has beside its own number: no format characters and no line breaks either. */
export function nameOf(text: string | undefined, longest: number): string | undefined {
  return cellText(text?.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' '), longest);
}

/** The wording of the source's row. */
export function rawOf(text: string): string {
  return cutText(text.replaceAll(CONTROL, ' '), 1000, '');
}

/** At most 500 lines are kept on one event. */
export function inferred(rows: readonly number[], rule: string): Inferred {
  return { rows: [...new Set(rows)].toSorted((a, b) => a - b).slice(0, 500), rule };
}
