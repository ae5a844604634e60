// What a Word file says: its parts by name, and its text, paragraph by paragraph.
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';

export async function partsOf(docx: Uint8Array): Promise<Map<string, string>> {
  const reader = new ZipReader(new Uint8ArrayReader(docx), { useWebWorkers: false });
  const parts = new Map<string, string>();
  for (const entry of await reader.getEntries()) {
    if (entry.directory) continue;
    const bytes = await entry.getData(new Uint8ArrayWriter());
    parts.set(entry.filename, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  }
  await reader.close();
  return parts;
}

/** The paragraphs of the document, those in table cells too. */
export async function paragraphsOf(docx: Uint8Array): Promise<string[]> {
  const xml = (await partsOf(docx)).get('word/document.xml')!;
  return [...xml.matchAll(/<w:p>.*?<\/w:p>|<w:p [^>]*>.*?<\/w:p>/gs)]
    .map(([paragraph]) =>
      [...paragraph.matchAll(/<w:t(?: [^>]*)?>([^<]*)<\/w:t>/g)].map(([, text]) => unescaped(text!)).join(''),
    )
    .filter((text) => text !== '');
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');

/** Whether a part is well-formed XML as far as can be seen without a parser: tags balanced, ampersands escaped, no forbidden character. */
export function wellFormed(xml: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are the very characters meant
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(xml)) return false;
  if (/&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/i.test(xml)) return false;
  const open: string[] = [];
  for (const [, close, name, self] of xml.matchAll(/<(\/?)([A-Za-z_][\w:.-]*)(?:\s+[\w:.-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (self) continue;
    if (!close) open.push(name!);
    else if (open.pop() !== name) return false;
  }
  const tags = xml.match(/</g)?.length ?? 0;
  const understood = [...xml.matchAll(/<(\/?)([A-Za-z_][\w:.-]*)(?:\s+[\w:.-]+="[^"<]*")*\s*(\/?)>|<\?xml[^>]*\?>/g)]
    .length;
  return open.length === 0 && tags === understood;
}
