// From bytes to rows: unpacks, decodes, splits into records, and knows for each record the line of the file where it starts
// (what an editor shows), although fields may hold line breaks.
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse, type Info } from 'csv-parse';
import { InvalidInput, type DaochaError } from '../errors.ts';
import type { Refusal } from './command.ts';
import { detectEncoding, type Encoding, type OpenBytes } from './encoding.ts';

export interface CsvRow {
  /** Line of the file where the row starts; the heading is line 1. */
  line: number;
  values: string[];
}

export interface CsvReader {
  /** Gets the heading row; throws to refuse the file. */
  headings(headings: string[]): void;
  row(row: CsvRow): void;
  refused(refusal: Refusal): void;
}

/** No row of a register is this long; a quote that is never closed would swallow the rest of the file. */
const LONGEST_ROW = 1_000_000;

/**
 * Reads a CSV file (RFC 4180; LF, CRLF or CR; gzip is unpacked whatever the file is called). Ragged rows go to `refused`, blank
 * ones are skipped.
 * @param open opens the file's bytes; called two or three times
 * @returns rows read, refused ones included, without the heading
 * @throws InvalidInput when the file as a whole cannot be read: encoding, broken gzip, a quote that is never closed, no heading
 */
export async function readCsv(open: OpenBytes, reader: CsvReader): Promise<{ rows: number; encoding: Encoding }> {
  const unpacked = (): AsyncIterable<Uint8Array> => unpack(open);
  const encoding = await detectEncoding(unpacked);

  let lastLine = 0;
  const parser = parse({
    info: true,
    record_delimiter: '\n',
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    max_record_size: LONGEST_ROW,
    on_record: (record: string[], info: Info) => {
      lastLine = info.lines;
      return record;
    },
  });
  const text = Readable.from(decode(unpacked(), encoding));
  text.on('error', (error) => parser.destroy(error));
  text.pipe(parser);

  let rows = 0;
  let headings: string[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const row = { line: info.lines - lineBreaks(record), values: record };
      if (!headings) {
        headings = record;
        reader.headings(headings);
        continue;
      }
      rows++;
      const ragged = raggedness(row, headings);
      if (ragged) reader.refused(ragged);
      else reader.row(row);
    }
  } catch (error) {
    throw error instanceof CsvError ? unreadable(error, lastLine) : error;
  } finally {
    text.destroy();
  }
  if (!headings) throw new InvalidInput('The file has no heading line.', { expected: 'a heading line and rows' });
  return { rows, encoding };
}

function raggedness(row: CsvRow, headings: readonly string[]): Refusal | undefined {
  const { length } = row.values;
  if (length === headings.length) return undefined;
  const column = length < headings.length ? headings[length] : `column ${headings.length + 1}`;
  return {
    line: row.line,
    column: column ?? '',
    reason: `the row has ${length} ${length === 1 ? 'field' : 'fields'}, the heading has ${headings.length}`,
  };
}

function lineBreaks(record: readonly string[]): number {
  let breaks = 0;
  for (const field of record) {
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) breaks++;
  }
  return breaks;
}

function unreadable(error: CsvError, lastLine: number): DaochaError {
  const unclosed = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE';
  const what = unclosed ? 'a quotation mark (") opens a field and is never closed' : error.message;
  return new InvalidInput(`The file cannot be read from line ${lastLine + 1} on: ${what}.`, {
    expected: 'CSV as in RFC 4180',
    facts: { line: lastLine + 1 },
    cause: error,
  });
}

/** Text with LF line ends only: the parser would count the CRLF inside a quoted field as two lines. */
async function* decode(bytes: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let carriage = false;
  for await (const chunk of bytes) {
    let text = decoder.decode(chunk, { stream: true });
    if (carriage) text = `\r${text}`;
    carriage = text.endsWith('\r');
    if (carriage) text = text.slice(0, -1);
    if (text) yield text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
  }
  const rest = (carriage ? '\n' : '') + decoder.decode();
  if (rest) yield rest;
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
    if ((error as { code?: string }).code?.startsWith('Z_'))
      throw new InvalidInput('The file cannot be unpacked: it is not a complete gzip file.', { cause: error });
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
