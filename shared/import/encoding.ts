// Which encoding a register is in. UTF-8 (with or without byte order mark) and GBK are read, because a town's registers come
// from Chinese spreadsheets; everything else is refused by name, never guessed at: a wrong guess would be stored for ever.
import type { InvalidInput } from '../../events/errors.ts';
import { cutText } from '../text.ts';
import { fileRefused, FORMATS } from './messages.ts';

export type OpenBytes = () => AsyncIterable<Uint8Array>;
export const ENCODINGS = ['utf-8', 'gbk'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export interface EncodingRules {
  /** somebody said which it is */
  encoding?: Encoding | undefined;
  /** the register is Chinese: bytes that read as UTF-8 and as GBK, and are no Chinese as UTF-8, are in doubt */
  chinese?: boolean | undefined;
}

type Format = keyof typeof FORMATS;
type Decoder = InstanceType<typeof TextDecoder>;
const fatal = (encoding: Encoding): Decoder => new TextDecoder(encoding, { fatal: true });

/** The file is in an encoding that is read, but for a byte that is none of it. */
export class BrokenBytes extends Error {
  readonly at: BrokenPlace;
  constructor(at: BrokenPlace) {
    super(`line ${at.line} is not ${at.encoding}`);
    this.at = at;
  }
}

interface BrokenPlace {
  encoding: Encoding;
  /** as an editor shows it */
  line: number;
  /** of the row, 1 = first */
  field: number;
  /** what stands before it in the cell */
  before: string;
  byte: number;
}

/**
 * @param open opens the unpacked bytes; it is called up to four times
 * @throws InvalidInput naming the encoding found and the ones that are read, or the line with a NUL; BrokenBytes
 */
export async function detectEncoding(open: OpenBytes, rules: EncodingRules = {}): Promise<Encoding> {
  const utf8 = fatal('utf-8');
  const gbk = rules.chinese && !rules.encoding ? new Chinese() : undefined;
  let start = true;
  let valid = true;
  for await (const chunk of withoutNul(open)) {
    if (start && chunk.length > 0) {
      const foreign = foreignStart(chunk);
      if (foreign) throw refused(foreign);
      start = false;
    }
    if (rules.encoding === 'gbk') continue;
    if (!accepts(utf8, chunk)) {
      valid = false;
      break;
    }
    gbk?.add(chunk);
  }
  if (start) throw fileRefused('file-empty', {}, { expected: 'a heading line and rows' });
  if (rules.encoding === 'gbk') return await requireGbk(open);
  if (valid && ends(utf8)) {
    const doubt = gbk?.doubt();
    if (doubt) throw fileRefused('file-ambiguous', doubt, { expected: 'CSV UTF-8', facts: doubt });
    return 'utf-8';
  }
  await requireWhole(open, 'utf-8');
  if (rules.encoding === 'utf-8') throw notSo('UTF-8');
  return await detectGbk(open, rules.chinese === true);
}

async function requireGbk(open: OpenBytes): Promise<Encoding> {
  const gbk = fatal('gbk');
  let valid = true;
  for await (const chunk of open()) valid &&= accepts(gbk, chunk);
  if (valid && ends(gbk)) return 'gbk';
  await requireWhole(open, 'gbk');
  throw notSo('GBK');
}

/**
 * Bytes that are not valid in an encoding may be in it all the same, but for one that was lost on the way: lines that read as Chinese in
 * it are no accident. @throws BrokenBytes
 */
async function requireWhole(open: OpenBytes, encoding: Encoding): Promise<void> {
  const decoder = fatal(encoding);
  let place: BrokenPlace | undefined;
  let good = 0;
  let broken = 0;
  let known = false;
  let line = 0;
  // Fields go on over line ends within quotes.
  let field = 1;
  let quoted = false;
  for await (const bytes of linesOf(open)) {
    line++;
    if (!quoted) field = 1;
    let text: string | undefined;
    try {
      text = decoder.decode(bytes);
    } catch {
      broken++;
    }
    if (text !== undefined && /\P{ASCII}/u.test(text)) {
      good++;
      known ||= encoding === 'gbk' ? REGISTER_WORD.test(text) : /\p{Script=Han}.*\p{Script=Han}/u.test(text);
    }
    const until = text === undefined && !place ? validBytes(bytes, encoding) : bytes.length;
    for (const byte of bytes.subarray(0, until)) {
      if (byte === 0x22) quoted = !quoted;
      else if (byte === 0x2c && !quoted) field++;
    }
    if (text !== undefined || place) continue;
    const before = /[^,"]{0,10}$/su.exec(new TextDecoder(encoding).decode(bytes.subarray(0, until)))?.[0] ?? '';
    place = { encoding, line, field, before, byte: bytes[until]! };
  }
  if (place && (known || (encoding === 'utf-8' && good > 2 * broken))) throw new BrokenBytes(place);
}

/** How many bytes of a line are whole characters. */
function validBytes(line: Uint8Array, encoding: Encoding): number {
  const decoder = fatal(encoding);
  let whole = 0;
  for (let at = 0; at < line.length; at++) {
    try {
      // What is not the end of a character yet adds nothing.
      if (decoder.decode(line.subarray(at, at + 1), { stream: true }) !== '') whole = at + 1;
    } catch {
      break;
    }
  }
  return whole;
}

/** Lines without their ends, whichever these are; neither end is a byte of a longer character. */
async function* linesOf(open: OpenBytes): AsyncGenerator<Uint8Array> {
  let kept: number[] = [];
  let last = 0;
  for await (const chunk of open()) {
    for (const byte of chunk) {
      if (byte === 0x0a || byte === 0x0d) {
        if (!(byte === 0x0a && last === 0x0d)) {
          yield Uint8Array.from(kept);
          kept = [];
        }
      } else kept.push(byte);
      last = byte;
    }
  }
  if (kept.length > 0) yield Uint8Array.from(kept);
}

async function detectGbk(open: OpenBytes, chinese: boolean): Promise<Encoding> {
  const gbk = fatal('gbk');
  const bytes = new ByteStatistics();
  const reading = new Reading();
  for await (const chunk of withoutNul(open)) {
    bytes.add(chunk);
    if (!accepts(gbk, chunk)) {
      await requireWhole(open, 'gbk');
      throw refused(bytes.guess(false));
    }
    if (chinese) reading.add(chunk);
  }
  const valid = ends(gbk);
  // Nearly every pair of bytes is valid GBK, so Big5 and Windows-1252 texts may pass. In GBK as people write it the second
  // byte is hardly ever an ASCII one; in the others it often is.
  if (!valid) await requireWhole(open, 'gbk');
  if (!valid || bytes.asciiSecond > bytes.pairs * 0.15) throw refused(bytes.guess(valid));
  if (chinese && !reading.known && !bytes.likeGbk()) {
    const facts = { gbk: cutText(reading.word, LONGEST_WORD) };
    throw fileRefused('file-unsure', facts, { expected: 'CSV UTF-8', facts });
  }
  return 'gbk';
}

/** The bytes as they are. A NUL is in no text: the file is refused with its line. */
async function* withoutNul(open: OpenBytes): AsyncGenerator<Uint8Array> {
  let before = 0;
  let first = true;
  for await (const chunk of open()) {
    const at = chunk.indexOf(0);
    if (at >= 0 && !(first && foreignStart(chunk))) throw await nul(open, before + at);
    first &&= chunk.length === 0;
    before += chunk.length;
    yield chunk;
  }
}

async function nul(open: OpenBytes, offset: number): Promise<InvalidInput> {
  let line = 1;
  let left = offset;
  let last = 0;
  for await (const chunk of open()) {
    for (const byte of chunk.subarray(0, left)) {
      if (byte === 0x0d || (byte === 0x0a && last !== 0x0d)) line++;
      last = byte;
    }
    left -= chunk.length;
    if (left <= 0) break;
  }
  return fileRefused('file-nul', { line }, { expected: 'UTF-8 or GBK', facts: { line } });
}

/** Encodings and formats that show in the first bytes. */
function foreignStart(chunk: Uint8Array): Format | undefined {
  const at = (i: number): number => chunk[i] ?? -1;
  if (at(0) === 0xff && at(1) === 0xfe) return at(2) === 0 && at(3) === 0 ? 'utf-32-le' : 'utf-16-le';
  if (at(0) === 0xfe && at(1) === 0xff) return 'utf-16-be';
  if (at(0) === 0 && at(1) === 0 && at(2) === 0xfe && at(3) === 0xff) return 'utf-32-be';
  if (at(0) === 0x50 && at(1) === 0x4b && at(2) === 3 && at(3) === 4) return 'xlsx';
  if (at(0) === 0xd0 && at(1) === 0xcf && at(2) === 0x11 && at(3) === 0xe0) return 'xls';
  const head = chunk.subarray(0, 4096);
  const zeros = [0, 0];
  for (const [i, byte] of head.entries()) if (byte === 0) zeros[i % 2]!++;
  const [even = 0, odd = 0] = zeros;
  if (odd > head.length / 4 && even === 0) return 'utf-16-le-bare';
  if (even > head.length / 4 && odd === 0) return 'utf-16-be-bare';
  return undefined;
}

function refused(format: Format): InvalidInput {
  const found = FORMATS[format];
  return fileRefused('file-foreign', { found }, { expected: 'UTF-8 or GBK', facts: { encoding: found.en } });
}

const notSo = (encoding: string): InvalidInput =>
  fileRefused('file-not-so', { encoding }, { expected: 'UTF-8 or GBK', facts: { encoding } });

function accepts(decoder: Decoder, chunk: Uint8Array): boolean {
  try {
    decoder.decode(chunk, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** A last character may be cut off. */
function ends(decoder: Decoder): boolean {
  try {
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}

const HAN = /\p{Script=Han}/u;
/** Ends of a field; none of them is a byte of a GBK character. */
const FIELD_ENDS = new Set([0x2c, 0x0a, 0x0d, 0x22, 0x3b, 0x09]);
const LONGEST_WORD = 20;

/** Is a text that is valid UTF-8 perhaps Chinese in GBK? 1,920 Chinese characters have GBK bytes that are valid UTF-8 pairs. */
class Chinese {
  private readonly utf8 = fatal('utf-8');
  private readonly gbk = fatal('gbk');
  private sure = false;
  private start = true;
  private readonly field: number[] = [];
  private word: Uint8Array | undefined;

  add(chunk: Uint8Array): void {
    if (this.sure) return;
    if (this.start && chunk.length > 0) {
      this.start = false;
      // of a byte order mark; a first chunk is never that short outside of a test
      if (chunk[0] === 0xef) {
        this.sure = true;
        return;
      }
    }
    this.sure = HAN.test(this.utf8.decode(chunk, { stream: true })) || !accepts(this.gbk, chunk);
    if (!this.word) this.look(chunk);
  }

  /** The first word that reads two ways; undefined when there is none. */
  doubt(): { utf8: string; gbk: string } | undefined {
    if (this.sure || !ends(this.gbk)) return undefined;
    this.word ??= this.ended();
    if (!this.word) return undefined;
    const shown = (encoding: Encoding): string =>
      cutText(new TextDecoder(encoding).decode(this.word).trim(), LONGEST_WORD);
    return { utf8: shown('utf-8'), gbk: shown('gbk') };
  }

  private look(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (!FIELD_ENDS.has(byte)) this.field.push(byte);
      else if ((this.word = this.ended())) return;
    }
  }

  private ended(): Uint8Array | undefined {
    const field = this.field.splice(0);
    return field.some((byte) => byte > 0x7f) ? Uint8Array.from(field) : undefined;
  }
}

/** What a text reads like as GBK: a word that is in the headings of a Chinese register is no accident. */
class Reading {
  known = false;
  /** the first characters outside of ASCII */
  word = '';
  private readonly decoder = new TextDecoder('gbk');
  private last = '';

  add(chunk: Uint8Array): void {
    if (this.known) return;
    const text = this.last + this.decoder.decode(chunk, { stream: true });
    this.known = REGISTER_WORD.test(text);
    this.word ||= /\P{ASCII}+/u.exec(text)?.[0] ?? '';
    this.last = text.slice(-1);
  }
}
const REGISTER_WORD = /单位|名称|地址|专项|检查|条款|隐患|整改|村居/;
/** So many characters show what they are in. */
const ENOUGH = 20;

/** Counts how bytes ≥ 0x80 are paired, to tell double-byte encodings from single-byte ones. */
class ByteStatistics {
  pairs = 0;
  asciiSecond = 0;
  /** pairs that are half of a character of four bytes in GB18030: their second byte is a digit */
  private digits = 0;
  private lone = 0;
  private lead = 0;
  /** pairs that are common Chinese characters in GBK (the 3,755 of GB 2312’s first level) */
  private common = 0;
  /** of these, the ones behind Korean syllables in EUC-KR */
  private late = 0;

  add(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (this.lead > 0) {
        const { lead } = this;
        this.lead = 0;
        this.pairs++;
        if (lead >= 0xb0 && lead <= 0xd7 && byte > 0xa0) {
          this.common++;
          if (lead > 0xc8) this.late++;
        }
        if (byte < 0x80) {
          this.asciiSecond++;
          this.lone++;
          if (byte >= 0x30 && byte <= 0x39) this.digits++;
        }
      } else if (byte > 0x80) this.lead = byte;
    }
  }

  /** Many characters, most of them common ones from all over GB 2312. */
  likeGbk(): boolean {
    return this.pairs >= ENOUGH && this.common > this.pairs * 0.7 && this.late > this.common * 0.15;
  }

  /** @param valid every character is one of GB18030 */
  guess(valid: boolean): Format {
    if (valid && this.digits > this.asciiSecond * 0.5) return 'gb18030';
    return this.lone > this.pairs * 0.6 ? 'windows-1252' : 'other';
  }
}
