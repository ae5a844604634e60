// Which column is which: headings as people write them, found by name whatever decorates them. A row above the headings (a title) is told
// from them by what it lacks.
import { InvalidInput } from '../../events/errors.ts';
import { cutText, visible } from '../text.ts';
import { trimmed } from './cells.ts';
import { fileRefused, say } from './messages.ts';

export interface CsvRow {
  /** Line of the file where the row starts, as an editor shows it. */
  line: number;
  values: string[];
}

/** The columns of a file. */
export interface Layout {
  /** as the file writes them, without what only decorates them; blank where a column has none */
  headings: readonly string[];
  /** positions that a row must have */
  required: ReadonlySet<number>;
}

/** Finds columns by heading; width, letter case, invisible characters, blanks around and marks of what is required do not matter. */
export interface Columns<Name extends string> {
  readonly layout: Layout;
  /** as in the file */
  raw(row: CsvRow, column: Name): string;
  /** without blanks and invisible characters at its ends */
  get(row: CsvRow, column: Name): string;
  has(column: Name): boolean;
  /** The heading as the file writes it, for messages. */
  heading: (column: Name) => string;
}

const MARKS = /\*|[([{【〔][^)\]}】〕]*(?:必填|选填|required|optional)[^)\]}】〕]*[)\]}】〕]/gi;

/** A heading without what only decorates it: `*单位名称`, `专项（必填）`. */
function bareHeading(heading: string): string {
  return heading
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(MARKS, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, '')
    .trim();
}

export const normaliseHeading = (heading: string): string => bareHeading(heading).toLowerCase();

/** This row is not the headings of the source: it lacks some. */
export class MissingColumns extends InvalidInput {
  /** how many headings of the source it has */
  readonly known: number;
  private readonly of: [source: string, missing: readonly (readonly string[])[], headings: readonly string[]];

  /** @param missing each with the headings that may stand for it */
  constructor(
    source: string,
    missing: readonly (readonly string[])[],
    headings: readonly string[],
    known = 0,
    line = 1,
  ) {
    const named = missing.map((names) => names.join(' or '));
    super(missingText(source, missing, headings, line), {
      field: named[0] ?? '',
      expected: named.join(', '),
      facts: { missing: named, headings: [...headings], line },
    });
    this.known = known;
    this.of = [source, missing, headings];
  }

  onLine(line: number): MissingColumns {
    return new MissingColumns(...this.of, this.known, line);
  }
}

function missingText(
  source: string,
  missing: readonly (readonly string[])[],
  headings: readonly string[],
  line: number,
): string {
  const named = headings.filter((heading) => trimmed(heading) !== '').map((heading) => `“${visible(heading.trim())}”`);
  const found = cutText(named.join(', '), 280) || '–';
  const text = say('file-missing', {
    source,
    missing: {
      zh: missing.map((names) => names.join(' 或 ')).join('、'),
      en: missing.map((names) => names.join(' or ')).join(', '),
    },
    line,
    found,
  });
  const separated = headings.length === 1 && /[;\t|]/.test(headings[0] ?? '');
  return separated ? `${text} ${say('file-missing-separator')}` : text;
}

/**
 * @param aliases each column with the headings that may stand for it
 * @throws MissingColumns naming the missing and the found headings; InvalidInput when a heading is there twice
 */
export function findColumns<Name extends string>(
  source: string,
  headings: readonly string[],
  aliases: Record<Name, readonly string[]>,
  required: readonly Name[],
): Columns<Name> {
  const bare = headings.map(bareHeading);
  const positions = Map.groupBy(bare.keys(), (position) => bare[position]!.toLowerCase());
  positions.delete('');
  const at = new Map<Name, number>();
  let twice: readonly string[] | undefined;
  for (const [name, names] of Object.entries(aliases) as [Name, readonly string[]][]) {
    for (const alias of names) {
      const position = positions.get(normaliseHeading(alias))?.[0];
      if (position === undefined) continue;
      if (at.has(name)) twice ??= names;
      at.set(name, position);
    }
  }
  const missing = required.filter((name) => !at.has(name)).map((name) => aliases[name]);
  if (missing.length > 0) throw new MissingColumns(source, missing, headings, at.size);
  // Only now is it known that these are the headings and not a title.
  for (const [, same] of positions) {
    const heading = bare[same[0]!]!;
    if (same.length > 1) throw fileRefused('file-twice', { heading: visible(heading) }, { field: heading });
  }
  if (twice) throw fileRefused('file-one-column-twice', { names: twice.join(', ') }, { field: twice[0] ?? '' });
  const raw = (row: CsvRow, column: Name): string => {
    const position = at.get(column);
    return position === undefined ? '' : (row.values[position] ?? '');
  };
  return {
    layout: { headings: bare, required: new Set(required.map((name) => at.get(name)!)) },
    raw,
    get: (row, column) => trimmed(raw(row, column)),
    has: (column) => at.has(column),
    heading: (column) => bare[at.get(column) ?? -1] ?? aliases[column][0] ?? column,
  };
}
