// Which encoding a register is in. UTF-8 (with or without byte order mark) and GBK are read, because a town's registers come
// from Chinese spreadsheets; everything else is refused by name, never guessed at: a wrong guess would be stored for ever.
import { InvalidInput } from '../errors.ts';

export type OpenBytes = () => AsyncIterable<Uint8Array>;
export type Encoding = 'utf-8' | 'gbk';

const READ = 'Read are UTF-8 (with or without byte order mark) and GBK. In a spreadsheet: save as “CSV UTF-8”.';

/**
 * @param open opens the unpacked bytes; it is called once or twice
 * @throws InvalidInput naming the encoding found and the ones that are read
 */
export async function detectEncoding(open: OpenBytes): Promise<Encoding> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let start = true;
  let valid = true;
  for await (const chunk of open()) {
    if (start && chunk.length > 0) {
      const foreign = foreignStart(chunk);
      if (foreign) throw refused(foreign);
      start = false;
    }
    if (!accepts(utf8, chunk)) {
      valid = false;
      break;
    }
  }
  if (start) throw new InvalidInput('The file is empty.', { expected: 'a heading line and rows' });
  if (valid && ends(utf8)) return 'utf-8';
  return await detectGbk(open);
}

async function detectGbk(open: OpenBytes): Promise<Encoding> {
  const gbk = new TextDecoder('gbk', { fatal: true });
  const bytes = new ByteStatistics();
  for await (const chunk of open()) {
    bytes.add(chunk);
    if (!accepts(gbk, chunk)) throw refused(bytes.guess());
  }
  if (!ends(gbk)) throw refused(bytes.guess());
  // Nearly every pair of bytes is valid GBK, so Big5 and Windows-1252 texts may pass. In GBK as people write it the second
  // byte is hardly ever an ASCII one; in the others it often is.
  if (bytes.asciiSecond > bytes.pairs * 0.15) throw refused(bytes.guess());
  return 'gbk';
}

/** Encodings and formats that show in the first bytes. */
function foreignStart(chunk: Uint8Array): string | undefined {
  const at = (i: number): number => chunk[i] ?? -1;
  if (at(0) === 0xff && at(1) === 0xfe)
    return at(2) === 0 && at(3) === 0 ? 'UTF-32 (little endian)' : 'UTF-16 (little endian)';
  if (at(0) === 0xfe && at(1) === 0xff) return 'UTF-16 (big endian)';
  if (at(0) === 0 && at(1) === 0 && at(2) === 0xfe && at(3) === 0xff) return 'UTF-32 (big endian)';
  if (at(0) === 0x50 && at(1) === 0x4b && at(2) === 3 && at(3) === 4)
    return 'an Excel workbook (.xlsx) or another ZIP file';
  if (at(0) === 0xd0 && at(1) === 0xcf && at(2) === 0x11 && at(3) === 0xe0) return 'an old Excel workbook (.xls)';
  const head = chunk.subarray(0, 4096);
  const zeros = [0, 0];
  for (const [i, byte] of head.entries()) if (byte === 0) zeros[i % 2]!++;
  const [even = 0, odd = 0] = zeros;
  if (even + odd === 0) return undefined;
  if (odd > head.length / 4 && even === 0) return 'UTF-16 (little endian, without byte order mark)';
  if (even > head.length / 4 && odd === 0) return 'UTF-16 (big endian, without byte order mark)';
  return 'binary data, not text';
}

function refused(found: string): InvalidInput {
  return new InvalidInput(`The file cannot be read: it is ${found}. ${READ}`, {
    expected: 'UTF-8 or GBK',
    facts: { encoding: found },
  });
}

function accepts(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array): boolean {
  try {
    decoder.decode(chunk, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** A last character may be cut off. */
function ends(decoder: InstanceType<typeof TextDecoder>): boolean {
  try {
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}

/** Counts how bytes ≥ 0x80 are paired, to tell double-byte encodings from single-byte ones. */
class ByteStatistics {
  pairs = 0;
  asciiSecond = 0;
  lone = 0;
  private lead = false;

  add(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (this.lead) {
        this.lead = false;
        this.pairs++;
        if (byte < 0x80) {
          this.asciiSecond++;
          this.lone++;
        }
      } else this.lead = byte > 0x80;
    }
  }

  guess(): string {
    return this.lone > this.pairs * 0.6
      ? 'probably Windows-1252 (Latin-1)'
      : 'neither UTF-8 nor GBK (perhaps Big5, Shift_JIS or EUC-KR)';
  }
}
