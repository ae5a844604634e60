// Our own columns for a town's registers (底数 and 隐患 lists kept in a spreadsheet until now), with Chinese or English headings:
// docs/import-format.md. A row is one hazard, one item found in order, or one clean inspection. Times without zone are town time.
// A row is read (daocha-row.ts), all rows together tell who is who (identity.ts), and units become commands (daocha-units.ts).
import type { RowNote, Refusal } from './command.ts';
import { HEADINGS, NAME, WrongCell, type RegisterColumn } from './daocha-columns.ts';
import { rowReader, type ReadRow } from './daocha-row.ts';
import { planOf, unitsOf, type Unit } from './daocha-units.ts';
import { findColumns, MissingColumns, normaliseHeading, type Columns, type CsvRow } from './headings.ts';
import { judge, namesOrganisation, type Identity, type NumberHolder } from './identity.ts';
import { compareText } from './intervals.ts';
import { fileRefused, say } from './messages.ts';
import { ownHazard, ownList } from './own-lists.ts';
import type { Register, Source, SourceOptions } from './source.ts';

export { HEADINGS };

/** Fields of commands by the columns that they are read from. */
const FIELDS = new Map<string, RegisterColumn>([
  ['name', 'unitName'],
  ['kind', 'unitKind'],
  ['address', 'address'],
  ['area', 'area'],
  ['tracks', 'track'],
  ['track', 'track'],
  ['occurredAt', 'inspectedAt'],
  ['mode', 'mode'],
  ['result', 'result'],
  ['answers', 'item'],
  ['item', 'item'],
  ['clause', 'clause'],
  ['text', 'description'],
  ['place', 'place'],
  ['distinctFrom', 'unitName'],
  ['external.id', 'unitId'],
  ['location', 'latitude'],
]);

export const daochaCsv: Source = {
  name: NAME,
  title: 'a town’s own register in the documented columns, Chinese or English headings',
  chinese: true,
  open: openRegister,
};

function openRegister(headings: readonly string[], options: SourceOptions = {}): Register {
  const columns = columnsOf(headings, options);
  const read = rowReader(columns, options);
  const identities: Identity[] = [];
  /** what rows that are refused for something else say of who has which number */
  const witnesses: NumberHolder[] = [];
  const rows: ReadRow[] = [];
  const refused = new Set<number>();
  let units = new Map<string, Unit>();

  const refusal = (line: number, column: RegisterColumn, reason: string): Refusal => {
    refused.add(line);
    return { line, column: columns.heading(column), reason };
  };

  const hear = (row: CsvRow): void => {
    const witness = read.witness(row);
    if (witness) witnesses.push(witness);
  };

  return {
    layout: columns.layout,
    add(row) {
      const own = ownHazard(row.values);
      if (own) throw ownListRefused(own);
      let identity: Identity | undefined;
      if (isHeading(row, columns, options)) return [refusal(row.line, 'unitName', say('row-heading'))];
      try {
        identity = read.identity(row);
        // Before the rest is read: a row refused for its date still says who has which number.
        identities.push(identity);
        rows.push(read.rest(row, identity));
        return [];
      } catch (error) {
        if (!(error instanceof WrongCell)) throw error;
        if (!identity) hear(row);
        return [refusal(row.line, error.column, error.message)];
      }
    },
    ragged(row) {
      refused.add(row.line);
      hear(row);
    },
    async settle() {
      const organisations = namesOrganisation(identities) ? await options.organisations?.() : [];
      const found: Refusal[] = [];
      const notes: RowNote[] = [];
      const refuse = (line: number, column: RegisterColumn, reason: string): void => {
        if (!refused.has(line)) found.push(refusal(line, column, reason));
      };
      for (const [line, { column, reason }] of judge(identities, options.alike, organisations, witnesses))
        refuse(line, column, reason);
      const sound = rows.filter(({ line }) => !refused.has(line));
      units = unitsOf(sound, { refuse, note: (note) => notes.push(note), heading: columns.heading });
      return { refused: found, notes: notes.toSorted((a, b) => a.line - b.line) };
    },
    column(field, kind) {
      if (kind === 'close' && field === 'occurredAt') return columns.heading('signedOffAt');
      const column = FIELDS.get(
        field.replace(/^(?:commands\[\d+\]\.)?(?:details\.)?/, '').replace(/^answers\[\d+\]\./, ''),
      );
      return column && columns.heading(column);
    },
    get units() {
      return units.size;
    },
    *plans() {
      for (const key of [...units.keys()].toSorted(compareText)) {
        const unit = units.get(key)!;
        units.delete(key);
        yield planOf(unit, columns.heading, options.alike);
      }
    },
  };
}

function columnsOf(headings: readonly string[], options: SourceOptions): Columns<RegisterColumn> {
  const required: RegisterColumn[] = ['unitName', 'inspectedAt', 'problem', 'clause'];
  if (!options.track) required.push('track');
  try {
    return findColumns<RegisterColumn>(NAME, headings, HEADINGS, required);
  } catch (error) {
    const list = error instanceof MissingColumns && ownList(headings);
    throw list ? ownListRefused(list) : error;
  }
}

/**
 * The headings once more, as where pages were put one below the other.
 * @throws InvalidInput when they are in another order: what follows would be read as something else
 */
function isHeading({ line, values }: CsvRow, columns: Columns<RegisterColumn>, options: SourceOptions): boolean {
  const name = normaliseHeading(columns.get({ line, values }, 'unitName'));
  const here = values.map(normaliseHeading);
  if (name !== '' && here.every((text, position) => text === normaliseHeading(columns.layout.headings[position] ?? '')))
    return true;
  if (!values.some((value) => HEADING_WORDS.has(normaliseHeading(value)))) return false;
  try {
    columnsOf(values, options);
  } catch {
    return false;
  }
  throw fileRefused('file-second-table', { line }, { expected: 'one table a file', facts: { line } });
}
const HEADING_WORDS = new Set(HEADINGS.unitName.map(normaliseHeading));

const ownListRefused = (list: string) => fileRefused('file-own-list', { list }, { facts: { list } });
