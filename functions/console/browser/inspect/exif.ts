// When a photo was taken, from the JPEG itself (EXIF DateTimeOriginal). Place and device are not read.

/** ISO 8601 with an offset, the town's where the photo names none; undefined when it does not say. */
export function exifTime(view: DataView): string | undefined {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 10 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at) !== 0xff) return undefined;
    if (view.getUint16(at) === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return tiffTime(view, at + 10);
  }
  return undefined;
}

function tiffTime(view: DataView, start: number): string | undefined {
  try {
    const little = view.getUint16(start) === 0x4949;
    const short = (at: number): number => view.getUint16(start + at, little);
    const long = (at: number): number => view.getUint32(start + at, little);
    const find = (directory: number, tag: number): number | undefined => {
      for (let n = 0; n < short(directory); n += 1) {
        const at = directory + 2 + 12 * n;
        if (short(at) === tag) return at;
      }
      return undefined;
    };
    const text = (at: number, length: number): string => {
      const from = long(at + 4) > 4 ? long(at + 8) : at + 8;
      return String.fromCharCode(...Array.from({ length }, (_, n) => view.getUint8(start + from + n)));
    };
    const pointer = find(long(4), 0x8769);
    if (pointer === undefined) return undefined;
    const exif = long(pointer + 8);
    const [original, offset] = [find(exif, 0x9003), find(exif, 0x9011)];
    if (original === undefined) return undefined;
    const [day, time] = text(original, 19).split(' ');
    const zone = offset === undefined ? '' : text(offset, 6);
    return `${day!.replaceAll(':', '-')}T${time}${/^[+-]\d\d:\d\d$/.test(zone) ? zone : '+08:00'}`;
  } catch {
    return undefined; // not as it should be: the file's own time will do
  }
}

const HEIC_BRANDS = /^ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)/;
/** Whether a file is a photo as iPhones write them, by its bytes (ISO/IEC 23008-12) or, cut short, by its name. */
export const isHeic = (head: DataView, name: string): boolean =>
  /\.hei[cf]s?$/i.test(name) ||
  (head.byteLength >= 12 &&
    HEIC_BRANDS.test(String.fromCharCode(...Array.from({ length: 8 }, (_, n) => head.getUint8(4 + n)))));
