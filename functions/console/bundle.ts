// A unit's proof bundle as one zip file, made by what `daocha audit bundle` is made by, of what the API's own routes
// give whoever is signed in. A Lambda function may answer with 6 MB, base64 around it: what would be more is refused,
// and the command line named.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { writeBundle, type BundleSource } from '../../shared/record/audit/bundle.ts';
import { BundleFiles } from '../../shared/record/audit/files.ts';
import { NotFound, TooLarge } from '../../events/errors.ts';
import { parseCheckpoint } from '../../shared/record/tlog/checkpoint.ts';
import { HASH_BYTES } from '../../shared/record/tlog/hash.ts';
import { parseNote } from '../../shared/record/tlog/note.ts';
import type { Visit } from './page.ts';

/** Bytes of a file that an answer of a Lambda function carries. */
export const MAX_FILE_BYTES = 4_400_000;

/** @throws TooLarge when it would not fit into an answer; NotFound; what the API throws */
export async function zippedBundle(
  { ask }: Pick<Visit, 'ask'>,
  unit: string,
  most = MAX_FILE_BYTES,
): Promise<Uint8Array> {
  const note = await ask('getCheckpoint');
  // hashes do not get smaller by packing
  if (parseCheckpoint(parseNote(note).text).size * HASH_BYTES > most) throw tooLarge(unit);
  const dir = mkdtempSync(join(tmpdir(), 'daocha-bundle-'));
  try {
    await writeBundle(sourceOf(ask, note), { dir, scope: { kind: 'unit', unit } });
    const zipped = await zip(new BundleFiles(dir));
    if (zipped.length > most) throw tooLarge(unit);
    return zipped;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const tooLarge = (unit: string): TooLarge =>
  new TooLarge('the bundle is larger than an answer may be', {
    field: 'unit',
    expected: `daocha audit bundle --unit ${unit} --out DIR`,
  });

async function zip(files: BundleFiles): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const path of files.list()) await writer.add(path, new Uint8ArrayReader(files.read(path)!));
  return writer.close();
}

/** The log as the signed-in person may read it. Every reading is on the access log. */
function sourceOf(ask: Visit['ask'], note: string): BundleSource {
  return {
    vkey: async () => (await ask('getVkey')).trim(),
    checkpoint: () => Promise.resolve(note),
    witnesses: async () => (await ask('getAttestations')).witnesses.map(({ vkey }) => vkey),
    tile: async (path) => {
      const [, level = '', index = ''] = /^tile\/([^/]+)\/(.+)$/.exec(path) ?? [];
      return ask(level === 'entries' ? 'getEntries' : 'getTile', { ...(level !== 'entries' && { level }), index });
    },
    unitEvents: async (unit, size) => {
      const found: { position: number; stream: string; version: number }[] = [];
      let cursor: string | undefined;
      do {
        const page = await ask('getUnitTimeline', { id: unit }, { limit: '100', atLeast: String(size - 1), cursor });
        found.push(...page.items.map(({ position, stream, version }) => ({ position, stream, version })));
        ({ cursor } = page);
      } while (cursor !== undefined);
      if (found.length === 0) throw new NotFound('unknown-unit', `there is no unit ${unit}`, { field: 'unit' });
      return found;
    },
  };
}
