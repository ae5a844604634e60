// From bytes to rows: unpacks, decodes, splits into records, and knows for each record the line of the file where it starts
// (what an editor shows), although fields may hold line breaks.
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse, type Info } from 'csv-parse';
import type { InvalidInput } from '../../events/errors.ts';
import { visible } from '../text.ts';
import { trimmed } from './cells.ts';
import type { Refusal } from './command.ts';
import { BrokenBytes, detectEncoding, type Encoding, type EncodingRules, type OpenBytes } from './encoding.ts';
import { MissingColumns, type CsvRow, type Layout } from './headings.ts';
import { fileRefused, say } from './messages.ts';

export interface CsvReader {
  /**
   * Gets a row that may be the headings, and tells which columns a row must have.
   * @throws MissingColumns when it is not them; anything else refuses the file
   */
  headings(row: CsvRow): Layout;
  row(row: CsvRow): void;
  /** @param row its cells that are certain: none beyond the headings, and not the one where the file was cut off */
  refused(refusal: Refusal, row: CsvRow): void;
}

export interface CsvRead {
  /** Rows read, refused ones included, without the heading. */
  rows: number;
  encoding: Encoding;
  /** First and last line above the headings that are not read: a title, who filled it in. */
  above: [number, number] | undefined;
}

/** No row of a register is this long; a quote that is never closed would swallow the rest of the file. */
const LONGEST_ROW = 1_000_000;
/** RFC 4180, and a little more. */
const FORM = {
  info: true,
  record_delimiter: '\n',
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
  skip_records_with_empty_values: true,
  max_record_size: LONGEST_ROW,
} as const;
/** The headings are looked for in this number of rows at the top. */
const TOP = 10;

/**
 * Reads a CSV file (RFC 4180; LF, CRLF or CR; gzip is unpacked whatever the file is called). Titles above the headings and blank rows are
 * skipped; ragged rows go to `refused`.
 * @param open opens the file's bytes; called two or three times
 * @throws InvalidInput when the file as a whole cannot be read: encoding, broken gzip, a quote that is never closed, no heading
 */
export async function readCsv(open: OpenBytes, reader: CsvReader, rules: EncodingRules = {}): Promise<CsvRead> {
  const unpacked = (): AsyncIterable<Uint8Array> => unpack(open);
  const encoding = await detectEncoding(unpacked, rules).catch(async (error: unknown) => {
    throw error instanceof BrokenBytes ? await brokenBytes(error, unpacked, reader) : error;
  });

  let lastLine = 0;
  const parser = parse({
    ...FORM,
    on_record: (record: string[], info: Info) => {
      lastLine = info.lines;
      return record;
    },
  });
  const tail = { lineEnd: false };
  const text = Readable.from(decode(unpacked(), encoding, tail));
  text.on('error', (error) => parser.destroy(error));
  text.pipe(parser);

  const top = new Top(reader);
  let rows = 0;
  // One row is held back: only the last one may be cut off.
  let held: CsvRow | undefined;
  const deliver = (row: CsvRow, layout: Layout, cut: boolean): void => {
    rows++;
    const ragged = raggedness(row, layout, cut);
    const certain = cut && row.values.length < layout.headings.length ? -1 : layout.headings.length;
    if (ragged) reader.refused(ragged, { line: row.line, values: row.values.slice(0, certain) });
    else reader.row(row);
  };
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const row = { line: info.lines - lineBreaks(record), values: record };
      if (!top.layout) {
        top.look(row);
        continue;
      }
      if (held) deliver(held, top.layout, false);
      held = row;
    }
  } catch (error) {
    throw error instanceof CsvError ? unreadable(error, lastLine) : error;
  } finally {
    text.destroy();
  }
  const layout = top.found();
  if (!held)
    throw fileRefused(
      'file-no-rows',
      { line: top.line },
      { expected: 'rows below the headings', facts: { line: top.line } },
    );
  if (held) deliver(held, layout, !tail.lineEnd);
  return { rows, encoding, above: top.above };
}

/** A broken byte is told by its line and the heading above it. */
async function brokenBytes({ at }: BrokenBytes, unpacked: OpenBytes, reader: CsvReader): Promise<InvalidInput> {
  const { encoding, line, field, before, byte } = at;
  const heading = await headingOf(unpacked, encoding, field, reader);
  const where = heading
    ? { zh: `“${visible(heading)}”一列`, en: `column “${visible(heading)}”` }
    : { zh: `第 ${field} 列`, en: `column ${field}` };
  const facts = {
    encoding: encoding.toUpperCase(),
    line,
    where,
    before: visible(before),
    byte: byte.toString(16).toUpperCase().padStart(2, '0'),
  };
  return fileRefused('file-broken', facts, {
    field: heading ?? '',
    expected: 'CSV UTF-8',
    facts: { line, column: heading ?? String(field), byte: facts.byte },
  });
}

async function headingOf(
  unpacked: OpenBytes,
  encoding: Encoding,
  field: number,
  reader: CsvReader,
): Promise<string | undefined> {
  const parser = parse(FORM);
  const text = Readable.from(decode(unpacked(), encoding, { lineEnd: false }, false));
  text.pipe(parser);
  const top = new Top(reader);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      top.look({ line: info.lines, values: record });
      if (top.layout) break;
    }
  } catch {
    // Headings that cannot be read are told when the bytes are right.
  } finally {
    text.destroy();
  }
  return top.layout?.headings[field - 1];
}

/** Looks for the headings among the first rows of the file. */
class Top {
  layout: Layout | undefined;
  /** of the headings */
  line = 0;
  above: [number, number] | undefined;
  private readonly reader: CsvReader;
  private first: number | undefined;
  private looked = 0;
  /** of the rows that are not the headings, the one that is most like them */
  private nearest: MissingColumns | undefined;

  constructor(reader: CsvReader) {
    this.reader = reader;
  }

  look(row: CsvRow): void {
    if (this.looked === 0 && this.first === undefined && isSeparator(row)) return;
    this.first ??= row.line;
    try {
      this.layout = this.reader.headings(row);
      this.line = row.line;
      if (this.looked > 0) this.above = [this.first, row.line - 1];
    } catch (error) {
      if (!(error instanceof MissingColumns)) throw error;
      if (!this.nearest || error.known > this.nearest.known) this.nearest = error.onLine(row.line);
      if (++this.looked === TOP) throw this.nearest;
    }
  }

  /** @throws InvalidInput when there are none */
  found(): Layout {
    if (this.layout) return this.layout;
    throw this.nearest ?? fileRefused('file-no-heading', {}, { expected: 'a heading line and rows' });
  }
}

/** `sep=,` in the first line tells a spreadsheet how fields are separated. */
function isSeparator({ line, values }: CsvRow): boolean {
  const [first = '', ...rest] = values.map(trimmed);
  const found = /^sep=(.*)$/is.exec(first)?.[1];
  if (found === undefined || rest.some(Boolean)) return false;
  if (found !== '' && found !== ',')
    throw fileRefused('file-separator', { line, found: found === '\t' ? 'TAB' : found }, { expected: 'sep=,' });
  if (found === '' && values.length === 1)
    throw fileRefused('file-separator', { line, found: 'TAB' }, { expected: 'sep=,' });
  return true;
}

/** Blank fields too many, and last fields too few of columns that may be blank, say nothing. */
function raggedness({ line, values }: CsvRow, layout: Layout, cut: boolean): Refusal | undefined {
  const { headings, required } = layout;
  const facts = { fields: values.length, headings: headings.length };
  const surplus = values.findIndex((value, position) => position >= headings.length && trimmed(value) !== '');
  if (surplus >= 0) return { line, column: `column ${surplus + 1}`, reason: say('row-surplus', facts) };
  const missing = headings.findIndex((heading, position) => position >= values.length && heading !== '');
  if (missing < 0) return undefined;
  const needed = headings.findIndex((_, position) => position >= values.length && required.has(position));
  if (needed >= 0) return { line, column: headings[needed]!, reason: say('row-short', facts) };
  return cut ? { line, column: headings[missing]!, reason: say('row-cut', facts) } : undefined;
}

function lineBreaks(record: readonly string[]): number {
  let breaks = 0;
  for (const field of record) {
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) breaks++;
  }
  return breaks;
}

function unreadable(error: CsvError, lastLine: number): InvalidInput {
  const line = lastLine + 1;
  const unclosed = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE';
  const details = { expected: 'CSV as in RFC 4180', facts: { line }, cause: error };
  return unclosed
    ? fileRefused('file-unclosed', { line }, details)
    : fileRefused('file-unreadable', { line, why: error.message }, details);
}

/** Text with LF line ends only: the parser would count the CRLF inside a quoted field as two lines. `tail`: does it end in one? */
async function* decode(
  bytes: AsyncIterable<Uint8Array>,
  encoding: Encoding,
  tail: { lineEnd: boolean },
  whole = true,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: whole });
  let carriage = false;
  const out = (text: string): string => {
    tail.lineEnd = text.endsWith('\n');
    return text;
  };
  for await (const chunk of bytes) {
    let text = decoder.decode(chunk, { stream: true });
    if (carriage) text = `\r${text}`;
    carriage = text.endsWith('\r');
    if (carriage) text = text.replace(/\r$/, '');
    if (text) yield out(text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text);
  }
  const rest = (carriage ? '\n' : '') + decoder.decode();
  if (rest) yield out(rest);
}

async function* unpack(open: OpenBytes): AsyncGenerator<Uint8Array> {
  const source = open()[Symbol.asyncIterator]();
  const first = await source.next();
  const whole = rejoin(first, source);
  if (first.done || first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* whole;
    return;
  }
  const packed = Readable.from(whole);
  const gunzip = createGunzip();
  packed.on('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('Z_')) throw fileRefused('file-gzip', {}, { cause: error });
    throw error;
  } finally {
    packed.destroy();
  }
}

async function* rejoin(
  first: IteratorResult<Uint8Array, unknown>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
