// When a photo was taken, as the camera wrote it.
import { expect, test } from 'vitest';
import { exifTime, isHeic } from '../../../functions/console/browser/inspect/exif.ts';

/** The beginning of a JPEG with what a camera writes into it: EXIF with DateTimeOriginal, and the offset where it knows one. */
function jpegOf(time: string, offset?: string): Buffer {
  const entry = (tag: number, count: number, value: number): Buffer => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(2, 2);
    bytes.writeUInt32LE(count, 4);
    bytes.writeUInt32LE(value, 8);
    return bytes;
  };
  const directory = (...entries: Buffer[]): Buffer => {
    const count = Buffer.alloc(2);
    count.writeUInt16LE(entries.length);
    return Buffer.concat([count, ...entries, Buffer.alloc(4)]);
  };
  const exifAt = 8 + 18;
  const textAt = exifAt + 2 + 12 * (offset === undefined ? 1 : 2) + 4;
  const entries = [entry(0x9003, 20, textAt), ...(offset === undefined ? [] : [entry(0x9011, 7, textAt + 20)])];
  const tiff = Buffer.concat([
    Buffer.from('II*\0\x08\0\0\0', 'latin1'),
    directory(entry(0x8769, 1, exifAt)),
    directory(...entries),
    Buffer.from(`${time}\0${offset ?? ''}\0`, 'latin1'),
  ]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(2 + 6 + tiff.length);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe1]),
    length,
    Buffer.from('Exif\0\0', 'latin1'),
    tiff,
    Buffer.alloc(16),
  ]);
}

const timeIn = (bytes: Uint8Array): string | undefined => exifTime(viewOf(bytes));
const viewOf = (bytes: Uint8Array): DataView => new DataView(new Uint8Array(bytes).buffer);

test('the time of a photo is the camera’s, in the zone that it names, else in the town’s', () => {
  expect(timeIn(jpegOf('2025:06:02 11:58:11'))).toBe('2025-06-02T11:58:11+08:00');
  expect(timeIn(jpegOf('2025:06:02 11:58:11', '+09:00'))).toBe('2025-06-02T11:58:11+09:00');
  expect(timeIn(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xda, 0, 0, 0, 0, 0, 0]))).toBeUndefined();
  expect(timeIn(jpegOf('2025:06:02 11:58:11').subarray(0, 40))).toBeUndefined();
  expect(timeIn(Buffer.from('no picture at all'))).toBeUndefined();
});

test.each([
  ['IMG_0001.HEIC', 'no picture', true],
  ['renamed.jpg', '\0\0\0\x18ftypheic\0\0\0\0', true],
  ['renamed.jpg', '\0\0\0\x18ftypmif1\0\0\0\0', true],
  ['film.mp4', '\0\0\0\x18ftypisom\0\0\0\0', false],
  ['cut.jpg', '\0\0', false],
])('%s is known as HEIC by its name or its bytes', (name, bytes, expected) => {
  expect(isHeic(viewOf(Buffer.from(bytes, 'latin1')), name)).toBe(expected);
});
