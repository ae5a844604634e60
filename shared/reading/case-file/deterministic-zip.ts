// Makes a Word file's bytes depend on its contents only. Two things in it would come from the clock: the times of
// creation in its properties, which are replaced by one that is given, and the times of the files in the archive, which
// are set to the first moment that a ZIP knows.
import { Packer, type Document } from 'docx';
import { escapeXml } from './text.ts';
import { FIRST_MOMENT } from './zip.ts';

export interface Properties {
  title: string;
  creator: string;
  /** ISO instant */
  at: string;
}

export async function fixedBytes(document: Document, properties: Properties): Promise<Uint8Array> {
  const overrides = [{ path: 'docProps/core.xml', data: coreProperties(properties) }];
  return withFixedTimes(new Uint8Array(await Packer.toBuffer(document, undefined, overrides)));
}

/** The core properties part (ECMA-376 part 2, clause 11). */
function coreProperties({ title, creator, at }: Properties): string {
  const time = (name: string): string =>
    `<dcterms:${name} xsi:type="dcterms:W3CDTF">${at.slice(0, 19)}Z</dcterms:${name}>`;
  return (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' +
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"' +
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"' +
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    `<dc:title>${escapeXml(title)}</dc:title><dc:creator>${escapeXml(creator)}</dc:creator>` +
    `${time('created')}${time('modified')}</cp:coreProperties>`
  );
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;

/** Sets the time of every file in a ZIP archive without a comment (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). @throws Error when it is none */
export function withFixedTimes(zip: Uint8Array): Uint8Array {
  const bytes = zip.slice();
  const view = new DataView(bytes.buffer);
  const end = bytes.length - 22;
  if (end < 0 || view.getUint32(end, true) !== END) throw new Error('not a ZIP archive without a comment');
  let at = view.getUint32(end + 16, true);
  for (let files = view.getUint16(end + 10, true); files > 0; files -= 1) {
    if (view.getUint32(at, true) !== CENTRAL) throw new Error('the directory of the ZIP archive is damaged');
    const local = view.getUint32(at + 42, true);
    if (view.getUint32(local, true) !== LOCAL) throw new Error('a file of the ZIP archive is damaged');
    view.setUint32(at + 12, FIRST_MOMENT, true);
    view.setUint32(local + 10, FIRST_MOMENT, true);
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return bytes;
}
