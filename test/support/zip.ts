// Unpacks a ZIP as whoever downloads it does.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';

export async function unzip(bytes: Uint8Array, into: string): Promise<void> {
  const reader = new ZipReader(new Uint8ArrayReader(bytes), { useWebWorkers: false, checkSignature: true });
  for (const entry of await reader.getEntries()) {
    if (entry.directory) continue;
    mkdirSync(dirname(join(into, entry.filename)), { recursive: true });
    writeFileSync(join(into, entry.filename), await entry.getData(new Uint8ArrayWriter()));
  }
  await reader.close();
}
