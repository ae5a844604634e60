// One row of a town's register: each cell read by itself, or the row refused for it. A cell that decides nothing (a due
// date in words, a place, a coordinate) loses no row: what cannot be kept of it is told in a note.
import { TRACKS, type Track } from '../../events/envelope.ts';
import { LONGEST_PERIOD_YEARS } from '../../events/hazard.ts';
import type { InspectionMode } from '../../events/inspection.ts';
import { compared, cutText, refusedIn } from '../text.ts';
import { isSpreadsheetError, mangled, trimmed, unsound } from './cells.ts';
import { clauseOf, cellText, type ImportedAnswer, type RowNote } from './command.ts';
import { COLUMNS, HEADINGS, WrongCell, wrong, type RegisterColumn } from './daocha-columns.ts';
import { wholeDate, writtenTime } from './dates.ts';
import type { Columns, CsvRow } from './headings.ts';
import { keyOf, type Identity, type NumberHolder } from './identity.ts';
import type { LocalInstant } from './local-time.ts';
import { say, type MessageFacts, type MessageKey } from './messages.ts';
import { isOwnId } from './own-lists.ts';
import { ANSWERS, EITHER_WAY, GRADES, KNOWN_TRACKS, MODES, trackByName, wordOf, type Words } from './words.ts';
import type { SourceOptions } from './source.ts';
import { monthsEarlier, sameTownDay } from '../town-time.ts';

/** A hazard in a row: from its inspection to its sign-off, if it has one. */
export interface Spell {
  opened: string;
  closed: string | undefined;
  clause: string;
  line: number;
  basis: string;
}

export interface ReadRow {
  line: number;
  identity: Identity;
  kind: string | undefined;
  location: { lat: number; lon: number } | undefined;
  track: Track;
  at: string;
  mode: InspectionMode;
  /** 检查编号 */
  number: string | undefined;
  result: string | undefined;
  item: string | undefined;
  /** undefined: a clean inspection */
  answer: Omit<ImportedAnswer, 'item'> | undefined;
  spell: Spell | undefined;
  notes: RowNote[];
}

/** Longest texts, in UTF-16 units; what identifies is refused when it is longer, the rest is cut. */
const LONGEST = { name: 200, address: 300, number: 128, item: 64, kind: 80, result: 200, place: 200, text: 1000 };
/** 整改期限 and 责任单位 are kept whole beside a description that is cut. */
const LONGEST_BESIDE = 400;

export interface RowReader {
  /** @throws WrongCell */
  identity(row: CsvRow): Identity;
  /** Of a row that is refused for something else: who has which number, where both can be read. */
  witness(row: CsvRow): NumberHolder | undefined;
  /** @throws WrongCell */
  rest(row: CsvRow, identity: Identity): ReadRow;
}

export function rowReader(columns: Columns<RegisterColumn>, options: SourceOptions): RowReader {
  const cell = (row: CsvRow, column: RegisterColumn): string => columns.get(row, column);
  const now = options.now?.toISOString();

  /** What a spreadsheet has spoilt is not what somebody wrote. */
  function sound(row: CsvRow, which: readonly RegisterColumn[]): void {
    for (const column of which) {
      const text = cell(row, column);
      if (isSpreadsheetError(text)) throw wrong(column, 'cell-error', { text });
    }
  }

  /** A text that identifies: whole, as it was before a spreadsheet touched it, and without what nobody sees. */
  function identifying(row: CsvRow, column: RegisterColumn, most: number, what?: 'part'): string | undefined {
    const text = oneLine(cell(row, column));
    const why = unsound(text, most, what);
    if (why) throw wrong(column, ...why);
    return text || undefined;
  }

  /** What a spreadsheet made of it is refused with all rows of the number (identity.ts). */
  function numberOf(row: CsvRow): string | undefined {
    const text = cell(row, 'unitId');
    return mangled(text) ? text : identifying(row, 'unitId', LONGEST.number);
  }

  function time(row: CsvRow, column: RegisterColumn): LocalInstant | undefined {
    const text = cell(row, column);
    if (!text) return undefined;
    const read = writtenTime(text);
    if ('wrong' in read) throw new WrongCell(column, read.wrong);
    // The inspection's own time is the platform's to judge; a step after it would be refused when the inspection is in.
    if (column !== 'inspectedAt' && now !== undefined && read.at > now) throw wrong(column, 'date-future', { text });
    return read;
  }

  function choice<T>(row: CsvRow, column: RegisterColumn, choices: Words<T>): T {
    const text = cell(row, column);
    const found = choices.get(wordOf(text));
    if (found !== undefined) return found;
    const known = [...choices.keys()].filter(Boolean).join(', ');
    throw wrong(column, text ? 'cell-choice' : 'cell-blank-choice', { text, known });
  }

  function answerOf(row: CsvRow): ImportedAnswer['answer'] {
    const text = cell(row, 'problem');
    const said = options.answers?.get(wordOf(text));
    if (said) return said;
    if (EITHER_WAY.has(wordOf(text))) throw wrong('problem', 'cell-either', { text });
    return choice(row, 'problem', ANSWERS);
  }

  function track(row: CsvRow): Track {
    const text = cell(row, 'track');
    const found = text ? trackByName(text) : options.track;
    if (!found) throw wrong('track', 'cell-track', { text, known: KNOWN_TRACKS, ids: TRACKS.join(', ') });
    return found;
  }

  /** The times of a hazard's way to its sign-off; they come one after the other, and a sign-off needs the two before it. */
  function spell(row: CsvRow, inspected: LocalInstant, clause: string): Spell {
    const due = wholeDate(cell(row, 'due'));
    // Words (立即整改, 7日内) are kept beside the description. What was to be a day and is none would stand there for one.
    if (due === 'no-day') throw wrong('due', 'date-due', { text: cell(row, 'due') });
    if (due && due.at < inspected.at && !(due.dateOnly && sameTownDay(due.at, inspected.at)))
      throw wrong('due', 'date-due-before', { text: cell(row, 'due') });
    if (due && due.at > monthsEarlier(inspected.at, -12 * LONGEST_PERIOD_YEARS))
      throw wrong('due', 'date-due-far', { text: cell(row, 'due'), most: LONGEST_PERIOD_YEARS });
    let last = inspected;
    let closed: string | undefined;
    for (const column of ['rectifiedAt', 'verifiedAt', 'signedOffAt'] as const) {
      const found = time(row, column);
      if (!found) {
        closed = undefined;
        continue;
      }
      if (column === 'signedOffAt') {
        const missing = (['rectifiedAt', 'verifiedAt'] as const).find((needed) => !cell(row, needed));
        if (missing) throw wrong(missing, 'sign-off-needs');
      }
      const sameDay = (found.dateOnly || last.dateOnly) && sameTownDay(found.at, last.at);
      const at = found.at < last.at && sameDay ? last.at : found.at;
      if (at < last.at) throw wrong(column, 'date-order', { text: cell(row, column) });
      last = { at, dateOnly: found.dateOnly };
      closed = at;
    }
    const basis = (['rectifiedAt', 'verifiedAt', 'signedOffAt'] as const)
      .map((column) => `${HEADINGS[column][1]} ${cell(row, column)}`)
      .join('；');
    return { opened: inspected.at, closed, clause, line: row.line, basis };
  }

  const firstOf = (row: CsvRow): string => row.values.map(trimmed).find(Boolean) ?? '';
  const totalOf = (row: CsvRow): string | undefined =>
    [firstOf(row), cell(row, 'unitName')].find((text) => TOTAL.test(compared(text)));

  return {
    witness(row) {
      const name = oneLine(cell(row, 'unitName'));
      if (!name || isSpreadsheetError(name) || mangled(name, 'name') || totalOf(row) !== undefined) return undefined;
      try {
        const number = numberOf(row);
        return number === undefined ? undefined : { line: row.line, number, name };
      } catch (error) {
        if (!(error instanceof WrongCell)) throw error;
        return undefined;
      }
    },

    identity(row) {
      const total = totalOf(row);
      const nothing = (['unitName', 'inspectedAt', 'problem'] as const).every((column) => !cell(row, column));
      if (total !== undefined || nothing) throw wrong('unitName', 'row-no-record', { text: total ?? firstOf(row) });
      sound(row, ['unitId', 'unitName', 'address', 'area']);
      const text = oneLine(cell(row, 'unitName'));
      if (!text) throw wrong('unitName', 'cell-blank-name');
      if (text.length > LONGEST.name) throw wrong('unitName', 'cell-long', { length: text.length, most: LONGEST.name });
      const unnamed = mangled(text, 'name');
      if (unnamed) throw wrong('unitName', unnamed, { text, others: '' });
      for (const column of ['address', 'area'] as const)
        if (mangled(cell(row, column), 'part') === 'cell-ditto')
          throw wrong(column, 'cell-ditto', { text: cell(row, column), others: '' });
      const number = numberOf(row);
      if (number && isOwnId(number)) throw wrong('unitId', 'cell-own-number', { text: number });
      const place = oneLine(cell(row, 'address'));
      if (!number && place.length > LONGEST.address)
        throw wrong('address', 'cell-long', { length: place.length, most: LONGEST.address });
      const address = place ? cutText(place, LONGEST.address) : undefined;
      const unfit = (['unitName', 'address'] as const).flatMap((column) => {
        const found = refusedIn(column === 'unitName' ? text : (address ?? ''), 'name');
        return found ? [{ column, code: found }] : [];
      })[0];
      const area = identifying(row, 'area', 200);
      // As the file writes it, line breaks too: what was imported before is known again.
      const written = keyOf({ number, name: cell(row, 'unitName'), address: cell(row, 'address') || undefined });
      return { line: row.line, number, name: text, address, area, unfit, written, key: written };
    },

    rest(row, identity) {
      sound(row, COLUMNS);
      const notes: RowNote[] = [];
      const note = (column: RegisterColumn, key: MessageKey, facts: MessageFacts, dropped?: string): void => {
        const dropping = dropped === undefined ? {} : { dropped };
        notes.push({ line: row.line, column: columns.heading(column), note: say(key, facts), ...dropping });
      };
      /** A text that decides nothing: a control character in it becomes a blank. */
      const loose = (column: RegisterColumn, kind: 'name' | 'text'): string => {
        let text = cell(row, column);
        for (let found = refusedIn(text, kind); found; found = refusedIn(text, kind)) {
          note(column, found === 'U+FFFD' ? 'note-unread' : 'note-characters', { code: found });
          text = text.replaceAll(String.fromCodePoint(Number.parseInt(found.slice(2), 16)), ' ');
        }
        return text;
      };
      const location = locationOf((column) => cell(row, column), note);

      const chosen = track(row);
      const inspected = time(row, 'inspectedAt');
      if (!inspected) throw wrong('inspectedAt', 'cell-blank-time');
      const mode = choice(row, 'mode', MODES);
      const answer = answerOf(row);
      // Of any length: a longer wording keeps a digest of the whole.
      const clause = (identifying(row, 'clause', Infinity, 'part') ?? '').replaceAll(/\s+/g, ' ');

      if (!clause && answer === 'problem') throw wrong('clause', 'cell-blank-clause');
      const grade = cell(row, 'grade') ? choice(row, 'grade', GRADES) : undefined;
      const found = answer === 'problem' ? spell(row, inspected, clauseOf(clause)) : undefined;
      if (!found && cell(row, 'signedOffAt')) throw wrong('signedOffAt', 'sign-off-nothing');

      const number = identifying(row, 'inspection', LONGEST.number);
      const item = identifying(row, 'item', LONGEST.item, 'part');
      const text = beside(loose('description', 'text'), [
        [HEADINGS.due[1], loose('due', 'text')],
        [HEADINGS.organisation[1], loose('organisation', 'text')],
      ]);
      const place = cellText(loose('place', 'text'), LONGEST.place);
      return {
        line: row.line,
        identity,
        kind: cellText(loose('unitKind', 'name'), LONGEST.kind),
        location,
        track: chosen,
        at: inspected.at,
        mode,
        number,
        result: cellText(loose('result', 'text'), LONGEST.result),
        item,
        answer: clause
          ? {
              clause: clauseOf(clause),
              answer,
              ...(text && { text }),
              ...(grade && { grade }),
              ...(place && { place }),
            }
          : undefined,
        spell: found,
        notes,
      };
    },
  };
}

/** The row below a table that adds it up, as it reads when compared. */
const TOTAL = /^(?:合计|总计|小计|共计|累计|(?:grand|sub)?total)[:,\d.]*\p{Script=Han}?$/u;

/** A name that a cell breaks into lines is the name. */
const oneLine = (text: string): string => text.replaceAll(/ *\n */g, ' ');

/** The description, cut where it is too long, and whole beside it what no event of an import has a field for. */
function beside(description: string, others: readonly (readonly [string, string])[]): string | undefined {
  const rest = others.flatMap(([heading, text]) => (text ? [`${heading} ${cutText(text, LONGEST_BESIDE)}`] : []));
  const joined = rest.join('；');
  const room = LONGEST.text - (joined ? joined.length + 1 : 0);
  return [cellText(description, room), joined].filter(Boolean).join('；') || undefined;
}

function locationOf(
  cell: (column: 'latitude' | 'longitude') => string,
  note: (column: RegisterColumn, key: MessageKey, facts: MessageFacts, dropped: string) => void,
): ReadRow['location'] {
  const degrees = (['latitude', 'longitude'] as const).map((column) => {
    const text = cell(column);
    const value = Number(text || Number.NaN);
    if (Math.abs(value) <= (column === 'latitude' ? 90 : 180)) return value;
    if (text) note(column, 'note-unreadable', { dropped: text }, text);
    return undefined;
  });
  const [lat, lon] = degrees;
  if (lat !== undefined && lon !== undefined) return { lat, lon };
  for (const [column, value] of [
    ['latitude', lat],
    ['longitude', lon],
  ] as const) {
    const other = column === 'latitude' ? 'longitude' : 'latitude';
    if (value !== undefined && !cell(other)) note(other, 'note-half-position', {}, cell(column));
  }
  return undefined;
}
