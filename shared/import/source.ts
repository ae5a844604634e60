// A source is somebody's register: it knows its headings, its time zone, and what its rows mean. It reads rows one by
// one into compact records and then plans unit by unit, letting go of each unit's records as it does.
import { InvalidInput } from '../errors.ts';
import type { Track } from '../../events/envelope.ts';
import type { Refusal, UnitPlan } from './command.ts';
import type { CsvRow } from './csv.ts';

export interface SourceOptions {
  /** Put the register's units on this track instead of the source's stand-in. */
  track?: Track;
  /** nyc-restaurant: which visits show a violation gone; `programme` unless said otherwise. */
  signOff?: 'programme' | 'visit';
}

export interface Source {
  name: string;
  /** What the register is, for the help text. */
  title: string;
  /** Begins reading a file with these headings. Throws InvalidInput when a required column is missing. */
  open(headings: readonly string[], options?: SourceOptions): Register;
}

export interface Register {
  /** Takes one row in, or tells why not. */
  add(row: CsvRow): Refusal[];
  /** Units read so far. */
  readonly units: number;
  /** Plans every unit, in a fixed order; each unit's records are freed when its plan is handed out. Once only. */
  plans(): Generator<UnitPlan>;
}

/** Finds columns by heading; blanks around and letter case do not matter. */
export interface Columns<Name extends string> {
  get(row: CsvRow, column: Name): string;
  has(column: Name): boolean;
  /** The heading as the file writes it, for messages. */
  heading(column: Name): string;
}

export function normaliseHeading(heading: string): string {
  return heading.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}

/**
 * @param aliases each column with the headings that may stand for it
 * @throws InvalidInput naming the missing and the found headings
 */
export function findColumns<Name extends string>(
  source: string,
  headings: readonly string[],
  aliases: Record<Name, readonly string[]>,
  required: readonly Name[],
): Columns<Name> {
  const positions = new Map<string, number>();
  for (const [position, heading] of headings.entries()) {
    const key = normaliseHeading(heading);
    if (!key) continue;
    if (positions.has(key))
      throw new InvalidInput(`The heading “${heading}” stands twice in the file.`, { field: heading });
    positions.set(key, position);
  }
  const at = new Map<Name, number>();
  for (const [name, names] of Object.entries(aliases) as [Name, readonly string[]][]) {
    for (const alias of names) {
      const position = positions.get(normaliseHeading(alias));
      if (position === undefined) continue;
      if (at.has(name))
        throw new InvalidInput(`Two headings stand for one column: ${names.join(', ')}.`, { field: alias });
      at.set(name, position);
    }
  }
  const missing = required.filter((name) => !at.has(name)).map((name) => aliases[name].join(' or '));
  if (missing.length > 0) throw missingColumns(source, missing, headings);
  return {
    get: (row, column) => {
      const position = at.get(column);
      return position === undefined ? '' : (row.values[position] ?? '');
    },
    has: (column) => at.has(column),
    heading: (column) => headings[at.get(column) ?? -1] ?? aliases[column][0] ?? column,
  };
}

/** The error for a file that is not of this source, naming what was looked for and what was found. */
export function missingColumns(source: string, missing: readonly string[], headings: readonly string[]): InvalidInput {
  const found = headings.map((heading) => `“${heading.trim()}”`).join(', ');
  const hint =
    headings.length === 1 && /[;\t|]/.test(headings[0] ?? '')
      ? ' The fields seem to be separated by something else than commas; save the file with commas.'
      : '';
  return new InvalidInput(
    `This file cannot be read as ${source}: column ${missing.join(', ')} is missing. Headings found: ${found || 'none'}.${hint}`,
    { field: missing[0] ?? '', expected: missing.join(', '), facts: { missing, headings: [...headings] } },
  );
}

/** Keeps one copy of each text: registers repeat theirs a hundred thousand times. */
export function interner(): (text: string) => string {
  const kept = new Map<string, string>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    kept.set(text, text);
    return text;
  };
}
