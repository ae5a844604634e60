// A ZIP archive whose bytes depend on its files only: nothing is compressed, and every file has the first moment that a
// ZIP knows as its time (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16).
import { crc32 } from 'node:zlib';

/** 1980-01-01 00:00, the first moment of a DOS time: date in the high half, time in the low. */
export const FIRST_MOMENT = 0x00210000;

/** Needed to extract: version 2.0 */
const VERSION = 20;
/** Names are UTF-8. */
const UTF8 = 0x0800;

/** @param files by path, with `/`; they stand in the archive in order of their paths */
export function zipOf(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  const sorted = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, bytes] of sorted) {
    const name = Buffer.from(path, 'utf8');
    const common = Buffer.alloc(26);
    common.writeUInt16LE(VERSION, 0);
    common.writeUInt16LE(UTF8, 2);
    common.writeUInt32LE(FIRST_MOMENT, 6);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([signature(0x04034b50), common, name, bytes]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    central.push(Buffer.concat([signature(0x02014b50), Buffer.from([VERSION, 0]), common, rest, name]));
    parts.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(sorted.length, 4);
  end.writeUInt16LE(sorted.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(at, 12);
  return new Uint8Array(Buffer.concat([...parts, directory, signature(0x06054b50), end]));
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
