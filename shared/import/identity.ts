// Who a row of a town's register is about. Identity is never guessed: where two rows may be one unit or two, all of
// them are refused with each other's lines, because an event about the wrong unit stands for ever and a refused row can
// be sent again.
import { idSchema } from '../../events/envelope.ts';
import { codeOf, compared, cutText, numberRead, visible } from '../text.ts';
import { mangled, unfitCharacter } from './cells.ts';
import { ALIKE, lineNumbers, NOT_ONE, say, type MessageKey } from './messages.ts';
import type { SourceOrganisation } from './source.ts';

export interface Identity {
  line: number;
  /** the register's own number */
  number: string | undefined;
  name: string;
  address: string | undefined;
  /** as written; an organisation's id once it is judged */
  area: string | undefined;
  /** a character that no name may hold, and its place */
  unfit: { column: 'unitName' | 'address'; code: string } | undefined;
  /** number, or name and address, as the file writes it */
  written: string;
  /** what its unit is known by: the way of writing that was settled on */
  key: string;
}

/** Who has which number, as a row says that is refused for something else. */
export type NumberHolder = Pick<Identity, 'line' | 'name'> & { number: string };

export interface Doubt {
  column: 'unitId' | 'unitName' | 'address' | 'area';
  reason: string;
}

export type AlikeAnswer = 'one' | 'apart' | undefined;

export const keyOf = ({ number, name, address }: Pick<Identity, 'number' | 'name' | 'address'>): string =>
  number ?? `${name}|${address ?? ''}`;

/** Does anybody name an organisation otherwise than by its id? */
export const namesOrganisation = (identities: readonly Identity[]): boolean =>
  identities.some(({ area }) => area !== undefined && !isId(area));

const isId = (text: string): boolean => idSchema.safeParse(text).success;

/**
 * Decides which rows are one unit: sets their `key` and the id of their `area`.
 * @returns the lines of which nobody can know, each with its reason
 */
export function judge(
  identities: readonly Identity[],
  alike: AlikeAnswer,
  organisations: readonly SourceOrganisation[] = [],
  witnesses: readonly NumberHolder[] = [],
): Map<number, Doubt> {
  const doubts = new Map<number, Doubt>();
  const doubt: Raise = (rows, column, reason) => {
    for (const row of rows) if (!doubts.has(row.line)) doubts.set(row.line, { column, reason: reason(row) });
  };
  for (const row of identities) {
    const area = areaOf(row.area, organisations);
    if (area === UNKNOWN) doubt([row], 'area', () => unknownArea(row, organisations));
    else row.area = area;
  }
  judgeNumbers(
    witnesses.length > 0 ? [...identities, ...witnesses].toSorted((a, b) => a.line - b.line) : identities,
    alike,
    doubt,
  );
  judgeSpellings(identities, alike, doubt);
  for (const rows of Map.groupBy(identities, ({ key }) => key).values()) {
    const areas = rows.filter(({ area }) => area !== undefined);
    if (differ(areas, ({ area }) => area!))
      doubt(rows, 'area', () => say('same-unit-areas', { values: told(areas, ({ area }) => area!) }));
  }
  for (const row of identities) {
    const { unfit, key } = row;
    if (!unfit || (alike === 'one' && key !== row.written)) continue;
    doubt([row], unfit.column, () => say(...unfitCharacter(unfit.code)));
  }
  return doubts;
}

type Raise = <Row extends { line: number }>(
  rows: readonly Row[],
  column: Doubt['column'],
  reason: (row: Row) => string,
) => void;

function judgeNumbers(identities: readonly (Identity | NumberHolder)[], alike: AlikeAnswer, doubt: Raise): void {
  const numbered = identities.filter(({ number }) => number !== undefined);
  const one = ({ number }: { number: string | undefined }): string =>
    alike === 'apart' ? number! : numberRead(number!);
  for (const rows of Map.groupBy(numbered, one).values()) {
    const broken = rows.map(({ number }) => mangled(number!));
    if (broken.every((why) => why !== undefined)) {
      doubt(rows, 'unitId', (row) => say(mangled(row.number!)!, { text: row.number!, others: alsoOn(rows, row) }));
    } else if (differ(rows, ({ number }) => number!)) {
      doubt(rows, 'unitId', () => say('numbers-alike', { values: told(rows, ({ number }) => number!) }));
    } else if (differ(rows, ({ name }) => compared(name))) {
      const values = told(rows, ({ name }) => name);
      doubt(rows, 'unitName', () => say('same-number-names', { number: rows[0]!.number!, values }));
    }
  }
}

/** Units known by name and address alone, among themselves and beside those with a number. */
function judgeSpellings(identities: readonly Identity[], alike: AlikeAnswer, doubt: Raise): void {
  if (alike === 'apart') return;
  const named = Map.groupBy(identities, ({ name }) => compared(name));
  for (const rows of named.values()) {
    if (rows.every(({ number }) => number !== undefined)) continue;
    for (const group of readAlike(rows)) {
      const column = columnOf(group);
      if (column === undefined) continue;
      const numbers = new Set(group.flatMap(({ number }) => number ?? []));
      const clean = group.find(({ unfit, number }) => !unfit && (numbers.size === 0 || number !== undefined));
      if (alike === 'one' && clean && numbers.size < 2 && !divided(group)) {
        for (const row of group) row.key = clean.written;
        continue;
      }
      const advice = alike === 'one' ? NOT_ONE : ALIKE;
      doubt(group, column.column, () => say(column.why, { values: told(group, spelling), advice }));
    }
  }
}

/** Rows of one name: those of one address together; all of them, when some have no address and belong to nobody knows which. */
function readAlike(rows: readonly Identity[]): Identity[][] {
  const byAddress = Map.groupBy(rows, ({ address }) => compared(address ?? ''));
  if (byAddress.has('')) return [[...rows]];
  return [...byAddress.values()].filter((group) => group.some(({ number }) => number === undefined));
}

/** Rows with different addresses cannot be made one by a word. */
const divided = (group: readonly Identity[]): boolean =>
  new Set(group.flatMap(({ address }) => (address === undefined ? [] : [compared(address)]))).size > 1;

/** What is in doubt about rows that read alike; undefined when they are written alike. */
function columnOf(group: readonly Identity[]): { column: Doubt['column']; why: MessageKey } | undefined {
  if (group.some(({ number }) => number !== undefined)) return { column: 'unitId', why: 'number-missing' };
  if (group.some(({ address }) => address === undefined) && group.some(({ address }) => address !== undefined))
    return { column: 'address', why: 'address-missing' };
  if (differ(group, ({ name }) => name)) return { column: 'unitName', why: 'spelt-alike' };
  return differ(group, ({ written }) => written) ? { column: 'address', why: 'spelt-alike' } : undefined;
}

const spelling = ({ number, name, address }: Identity): string =>
  [number, name, address].filter((part) => part !== undefined).join('，');

const UNKNOWN = Symbol('not one organisation');

function areaOf(
  area: string | undefined,
  organisations: readonly SourceOrganisation[],
): string | undefined | typeof UNKNOWN {
  if (area === undefined) return undefined;
  if (isId(area) && (organisations.length === 0 || organisations.some(({ id }) => id === area))) return area;
  const named = organisations.filter(({ name }) => compared(name) === compared(area));
  return named.length === 1 ? named[0]!.id : UNKNOWN;
}

function unknownArea({ area = '' }: Identity, organisations: readonly SourceOrganisation[]): string {
  return say('area-unknown', { text: area, known: organisations.map(({ name }) => name).join('、') || '…' });
}

const differ = <T>(rows: readonly T[], by: (row: T) => string): boolean => new Set(rows.map(by)).size > 1;

const alsoOn = (rows: readonly (Identity | NumberHolder)[], row: { line: number }): string => {
  const others = rows.filter(({ line }) => line !== row.line).map(({ line }) => line);
  return others.length > 0 ? `（行/line ${lineNumbers(others)}）` : '';
};

/** Each value with its lines: `“甲店”（行/line 2, 4）、“甲 店”（行/line 3）`. */
export function told<T extends { line: number }>(rows: readonly T[], value: (row: T) => string): string {
  return [...Map.groupBy(rows, value)]
    .slice(0, 6)
    .map(([text, same]) => `“${seen(cutText(text, 90))}”（行/line ${lineNumbers(same.map(({ line }) => line))}）`)
    .join('、');
}

/** What nobody sees, and Han characters, dashes and points that look like others, are shown with their codes. */
const seen = (text: string): string =>
  visible(text).replaceAll(/[\p{Script=Han}\p{P}\p{S}ー]/gu, (character) => {
    const alike = /\p{Script=Han}/u.test(character) || ['-', '.'].includes(compared(character));
    return !alike || compared(character) === character ? character : `${character}<${codeOf(character)}>`;
  });
