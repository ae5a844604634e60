// The log that transparency-dev/tessera's own tests use: every size from 0 to 15 with checkpoint, tile and bundle.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openCheckpoint, parseCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { bundleLeaves, decodeEntries } from '../../../shared/record/tlog/entries.ts';
import { appendLeaves, EMPTY_FRONTIER, root } from '../../../shared/record/tlog/merkle.ts';
import { noteVerifier, parseNote } from '../../../shared/record/tlog/note.ts';
import { formatTlogProof, verifyTlogProof } from '../../../shared/record/tlog/proof.ts';
import { proveConsistency, proveInclusion, verifyConsistency } from '../../../shared/record/tlog/proofs.ts';
import { tileAt, tilePath, tilesOf } from '../../../shared/record/tlog/tile.ts';
import { buildTiles, readRoot, tileHashReader, type TileReader } from '../../../shared/record/tlog/tile-build.ts';
import { parseVkey } from '../../../shared/record/tlog/vkey.ts';
import { flipped } from './logs.ts';

const VKEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';
const SIZES = Array.from({ length: 16 }, (_, size) => size);
const log = [noteVerifier(parseVkey(VKEY))];

const file = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(`../../vectors/tessera-log/${name}`, import.meta.url)));
const tiles: TileReader = (wanted) => Promise.all(wanted.map((tile) => file(tilePath(tile))));
const bundleOf = (size: number) => file(tilePath(tileAt('entries', 0, size)!));
const headOf = async (size: number) => openCheckpoint(await file(`checkpoint.${size}`), { log });

test.each(SIZES)('its checkpoint of size %i opens, and has the root of its tiles', async (size) => {
  const head = await headOf(size);
  expect(head.size).toBe(size);
  expect(await readRoot(size, tiles)).toEqual(head.root);
});

test.each(SIZES.slice(1))('its entries of size %i have the leaf hashes of its tile, and the root', async (size) => {
  const leaves = bundleLeaves(await bundleOf(size), size);
  expect(leaves).toEqual(await file(`tile/0/000.p/${size}`));
  expect(root(appendLeaves(EMPTY_FRONTIER, leaves))).toEqual((await headOf(size)).root);
});

test('our tiles of its entries are its tiles, grown from size to size', async () => {
  for (const size of SIZES.slice(1)) {
    const leaves = bundleLeaves(await bundleOf(size), size);
    const built = await buildTiles(size - 1, leaves.slice((size - 1) * 32), tiles);
    expect(built.map(tilePath)).toEqual(tilesOf(size).map(tilePath));
    expect(built[0]!.data).toEqual(await file(`tile/0/000.p/${size}`));
  }
});

test('its checkpoints continue each other', async () => {
  for (const newer of SIZES) {
    for (const older of SIZES.slice(0, newer)) {
      const proof = await proveConsistency(older, newer, tileHashReader(newer, tiles));
      expect(verifyConsistency(await headOf(older), await headOf(newer), proof)).toBeUndefined();
    }
  }
});

test('a proof of each of its entries verifies, and not for an altered entry', async () => {
  const entries = decodeEntries(await bundleOf(15), 15);
  expect(entries.map((entry) => Buffer.from(entry).toString()).slice(0, 3)).toEqual(['one', 'two', 'three']);
  const checkpoint = Buffer.from(await file('checkpoint')).toString();
  for (const [index, entry] of entries.entries()) {
    const hashes = await proveInclusion(index, 15, tileHashReader(15, tiles));
    const proof = formatTlogProof({ index, hashes, checkpoint });
    expect((await verifyTlogProof(entry, proof, { log: VKEY })).index).toBe(index);
    await expect(verifyTlogProof(flipped(entry, 1), proof, { log: VKEY })).rejects.toThrow('not at position');
  }
});

test('a checkpoint of it with another size or root does not open', async () => {
  const note = Buffer.from(await file('checkpoint.10')).toString();
  expect(parseCheckpoint(parseNote(note).text).size).toBe(10);
  await expect(openCheckpoint(note.replace('\n10\n', '\n11\n'), { log })).rejects.toThrow('does not match');
});
