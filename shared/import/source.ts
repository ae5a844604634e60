// A source is somebody's register: it knows its headings, its time zone, and what its rows mean. It reads rows one by
// one into compact records and then plans unit by unit, letting go of each unit's records as it does.
import type { Track } from '../../events/envelope.ts';
import type { ImportCommand, RowNote, Refusal, UnitPlan } from './command.ts';
import type { EncodingRules } from './encoding.ts';
import type { CsvRow, Layout } from './headings.ts';
import { say } from './messages.ts';
import { compared } from '../text.ts';

export interface SourceOptions extends Pick<EncodingRules, 'encoding'> {
  /** Put the register's units on this track instead of the source's stand-in. */
  track?: Track;
  /** nyc-restaurant: which visits show a violation gone; `programme` unless said otherwise. */
  signOff?: 'programme' | 'visit';
  /** daocha-csv: units that read alike and are written differently are one, or as many as they are written; else they are refused. */
  alike?: 'one' | 'apart';
  /** daocha-csv: what a word in 有无隐患 means that nobody can know without being told. */
  answers?: ReadonlyMap<string, 'problem' | 'ok'>;
  /** daocha-csv: no step of a hazard is after this. */
  now?: Date;
  /** The organisations of the campaign, asked for when a row names one otherwise than by its id. */
  organisations?: () => Promise<readonly SourceOrganisation[]>;
}
export interface SourceOrganisation {
  id: string;
  name: string;
}

export interface Source extends Pick<EncodingRules, 'chinese'> {
  name: string;
  /** What the register is, for the help text. */
  title: string;
  /** Begins reading a file with these headings. Throws MissingColumns (headings.ts) when a required one is not among them. */
  open(headings: readonly string[], options?: SourceOptions): Register;
}

export interface Register {
  readonly layout: Layout;
  /** Takes one row in, or tells why not. */
  add(row: CsvRow): Refusal[];
  /** A row that was refused for the number of its cells may still say who has which number. */
  ragged?(row: CsvRow): void;
  /** All rows are in: what only all of them together show. Called once, before `plans`. */
  settle?(): Promise<{ refused: Refusal[]; notes: RowNote[] }>;
  /** The column that a field of a command was read from, for what the platform answers. */
  column?(field: string, kind?: ImportCommand['kind']): string | undefined;
  /** Units read so far. */
  readonly units: number;
  /** Plans every unit, in a fixed order; each unit's records are freed when its plan is handed out. Once only. */
  plans(): Generator<UnitPlan>;
}

/** What rows say of a unit otherwise than its first row did, which holds: told once for each other value. */
export function differing() {
  const seen = new Set<string>();
  const notes: RowNote[] = [];
  return {
    notes,
    look: (line: number, column: string, unit: string, kept: string, dropped: string): void => {
      const key = JSON.stringify([unit, column, dropped]);
      if (dropped === '' || kept === dropped || compared(kept) === compared(dropped) || seen.has(key)) return;
      seen.add(key);
      notes.push({ line, column, note: say('note-dropped', { kept, dropped }), kept, dropped });
    },
  };
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
