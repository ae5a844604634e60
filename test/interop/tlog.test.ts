// Logs that we write, judged by Go's own packages (golang.org/x/mod/sumdb/note and tlog) in main.go: whoever does not
// trust our verifier can use theirs. A running platform is judged in test/integration/audit.test.ts.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { base64 } from '../../shared/record/tlog/bytes.ts';
import { signCheckpoint } from '../../shared/record/tlog/checkpoint.ts';
import { addCosignatures, cosignatureVerifier, cosigner } from '../../shared/record/tlog/cosignature.ts';
import { localKey } from '../../shared/record/tlog/ed25519.ts';
import { noteSigner, parseNote, signNote } from '../../shared/record/tlog/note.ts';
import { formatTlogProof } from '../../shared/record/tlog/proof.ts';
import { proveConsistency, proveInclusion } from '../../shared/record/tlog/proofs.ts';
import { readRoot, tileHashReader } from '../../shared/record/tlog/tile-build.ts';
import { COSIGNATURE_V1, ED25519, formatVkey, vkeyOf } from '../../shared/record/tlog/vkey.ts';
import { entriesOf, flipped, TileStore } from '../record/tlog/logs.ts';
import { go, judge } from './go.ts';

const ORIGIN = 'liantang.example/log';
const key = localKey(new Uint8Array(32).fill(1));
const witnessKey = localKey(new Uint8Array(32).fill(2));
const witness = vkeyOf('audit.example/witness', COSIGNATURE_V1, witnessKey.publicKey);

const checkpointOf = async (store: TileStore): Promise<string> => {
  const root = await readRoot(store.size, store.read);
  return signCheckpoint({ origin: ORIGIN, size: store.size, root }, [noteSigner(ORIGIN, key)]);
};

/** Writes a log that grew over the given sizes, with its earlier checkpoints and proofs, as main.go wants it. */
async function writeLog(dir: string, sizes: readonly number[]): Promise<void> {
  const entries = entriesOf(sizes.at(-1)!);
  const store = new TileStore();
  const files = new Map<string, Uint8Array | string>();
  for (const size of sizes) {
    if (store.size > 0) files.set(`older/checkpoint.${store.size}`, await checkpointOf(store));
    await store.log(entries.slice(store.size, size), entries.slice(0, store.size));
  }
  const bare = await checkpointOf(store);
  const cosigned = await signNote(parseNote(bare).text, [cosigner(witness.name, witnessKey, () => 1_700_000_000)]);
  const checkpoint = await addCosignatures(bare, cosigned.split('\n\n')[1]!, [cosignatureVerifier(witness)]);
  files.set('checkpoint', checkpoint);
  files.set('vkey', `${formatVkey(vkeyOf(ORIGIN, ED25519, key.publicKey))}\n`);
  const read = tileHashReader(store.size, store.read);
  for (const older of sizes.slice(0, -1)) {
    const proof = await proveConsistency(older, store.size, read);
    files.set(`consistency/${older}`, `${proof.map(base64).join('\n')}\n`);
  }
  for (const index of [0, 1, 255, 256, 511, store.size - 1]) {
    const proof = formatTlogProof({ index, hashes: await proveInclusion(index, store.size, read), checkpoint });
    files.set(`proofs/${index}.tlog-proof`, proof);
  }
  for (const [path, data] of [...store.files, ...files]) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), data);
  }
}

/** Runs something while one bit of a file is flipped. */
async function altered(file: string, bit: number, run: () => Promise<void>): Promise<void> {
  const bytes = await readFile(file);
  await writeFile(file, flipped(bytes, bit));
  try {
    await run();
  } finally {
    await writeFile(file, bytes);
  }
}

describe.skipIf(!go)('by Go', () => {
  let small: string;
  let large: string;
  beforeAll(async () => {
    const base = await mkdtemp(join(tmpdir(), 'daocha-interop-'));
    [small, large] = [join(base, 'small'), join(base, 'large')];
    await writeLog(small, [1, 255, 256, 257, 999, 1000]);
    await writeLog(large, [3, 256, 40_000, 65_536, 65_537, 69_999, 70_000]);
  });
  afterAll(async () => rm(dirname(small), { recursive: true, force: true }));

  test('a log of 1,000 entries holds: note, root, records, our proofs, consistency; altered ones are rejected', async () => {
    expect(await judge(small)).toEqual({
      origin: ORIGIN,
      size: 1000,
      records: 1000,
      proved: 200,
      proofs: 6,
      older: 5,
      consistency: 5,
      rejected: 200 + 5 + 2 + 1,
    });
  });

  test('a log of 70,000 entries, with three levels of tiles, holds', async () => {
    expect(await judge(large)).toMatchObject({ size: 70_000, records: 70_000, proved: 200, proofs: 6, consistency: 6 });
  });

  test.each([
    ['an entry', 'tile/entries/002', 8 * 100, /record 51\d has another hash than its tile/u],
    ['a leaf hash', 'tile/0/001', 8 * 40, /downloaded inconsistent tile/u],
    ['a hash of the second level', 'tile/1/000.p/3', 8, /root from tiles|inconsistent tile/u],
    ['the checkpoint', 'checkpoint', 8 * 23, /checkpoint: /u],
    ['an earlier checkpoint', 'older/checkpoint.257', 8 * 23, /checkpoint: /u],
    ['a proof', 'proofs/256.tlog-proof', 8 * 40, /256\.tlog-proof/u],
    ['a consistency proof', 'consistency/257', 8 * 5, /consistency\/257|no hash/u],
  ])('%s altered by one bit is rejected', async (_what, path, bit, reason) => {
    await altered(join(small, path), bit, async () => {
      await expect(judge(small)).rejects.toThrow(reason);
    });
  });

  test('a log that lacks its last records, or a whole tile, is rejected', async () => {
    for (const path of ['tile/0/003.p/232', 'tile/entries/003.p/232']) {
      const file = join(small, path);
      const whole = await readFile(file);
      await writeFile(file, whole.subarray(0, -32));
      await expect(judge(small)).rejects.toThrow(/bad result slice|ends within an entry|has \d+ entries/u);
      await rm(file);
      await expect(judge(small)).rejects.toThrow('no such file');
      await writeFile(file, whole);
    }
  });
});
