// The verifier as a browser gets it: bundled with WebCrypto in place of node:crypto, it says of every published vector what the one that
// runs here says.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { SCRIPT_BUNDLE } from '../../../functions/console/scripts.ts';
import * as checkpoints from '../../../shared/record/tlog/checkpoint.ts';
import * as hashes from '../../../shared/record/tlog/hash.ts';
import * as notes from '../../../shared/record/tlog/note.ts';
import * as proof from '../../../shared/record/tlog/proof.ts';
import * as proofs from '../../../shared/record/tlog/proofs.ts';
import * as vkeys from '../../../shared/record/tlog/vkey.ts';
import { decodeEntries } from '../../../shared/record/tlog/entries.ts';
import { tileHashReader, type TileReader } from '../../../shared/record/tlog/tile-build.ts';
import { tilePath } from '../../../shared/record/tlog/tile.ts';
import consistencyVectors from '../../vectors/merkle/consistency.json' with { type: 'json' };
import inclusionVectors from '../../vectors/merkle/inclusion.json' with { type: 'json' };
import noteVectors from '../../vectors/signed-note/notes.json' with { type: 'json' };
import { flipped } from './logs.ts';

const here = { ...checkpoints, ...hashes, ...notes, ...proof, ...proofs, ...vkeys };
type Verifier = typeof here;
let there: Verifier;
let code = '';

beforeAll(async () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const files = ['checkpoint', 'hash', 'note', 'proof', 'proofs', 'vkey'];
  const { outputFiles } = await build({
    ...SCRIPT_BUNDLE,
    format: 'esm',
    stdin: {
      contents: files.map((name) => `export * from './shared/record/tlog/${name}.ts';`).join('\n'),
      resolveDir: root,
    },
    write: false,
  });
  code = outputFiles[0]!.text;
  there = (await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)) as Verifier;
});

/** What a verifier says: that it holds, or its own name for why not. */
async function says(verifier: Verifier, run: (verifier: Verifier) => unknown): Promise<string> {
  try {
    await verifier.hashing(() => run(verifier));
    return 'holds';
  } catch (error) {
    return `${(error as { type?: string }).type}: ${(error as Error).message}`;
  }
}
/** Both say the same; what they say. */
async function bothSay(run: (verifier: Verifier) => unknown): Promise<string> {
  const [a, b] = [await says(here, run), await says(there, run)];
  expect(b).toBe(a);
  return b;
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const tessera = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(`../../vectors/tessera-log/${name}`, import.meta.url)));
const VKEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';

test('nothing of Node is in it', () => {
  expect(code).not.toMatch(/node:|Buffer|process\./);
});

describe('SHA-256', () => {
  test.each([0, 1, 55, 56, 64, 1000, 65_535])('of %i bytes, as a leaf and as it is', async (length) => {
    const input = Uint8Array.from({ length }, (_, n) => n % 251);
    expect(await there.hashing(() => there.sha256(input))).toEqual(here.sha256(input));
    expect(await there.hashing(() => there.leafHash(input))).toEqual(here.leafHash(input));
  });
});

test('published inclusion proofs', async () => {
  const found = new Set<string>();
  for (const { leafIdx, treeSize, root, leafHash, proof: path, wantErr } of inclusionVectors) {
    const said = await bothSay((v) =>
      v.verifyInclusion(bytes(leafHash), leafIdx, treeSize, bytes(root), (path ?? []).map(bytes)),
    );
    expect(said === 'holds').toBe(!wantErr);
    found.add(said.split(':')[0]!);
  }
  expect([...found].toSorted()).toEqual(expect.arrayContaining(['holds', 'tlog-not-included']));
});

test('published consistency proofs', async () => {
  let held = 0;
  for (const { size1, size2, root1, root2, proof: path } of consistencyVectors) {
    const said = await bothSay((v) =>
      v.verifyConsistency(
        { size: size1, root: bytes(root1) },
        { size: size2, root: bytes(root2) },
        (path ?? []).map(bytes),
      ),
    );
    held += said === 'holds' ? 1 : 0;
  }
  expect(held).toBe(5);
});

test('notes that others signed, and the same with a wrong byte or another key', async () => {
  const [first, second] = noteVectors.notes;
  for (const { note, vkey, text } of noteVectors.notes) {
    const open = (altered: string, by: string) => (v: Verifier) =>
      v.openNote(altered, [v.noteVerifier(v.parseVkey(by))]);
    expect(await bothSay(open(note, vkey))).toBe('holds');
    expect(await bothSay(open(note.replace(text[0]!, text[0] === 'x' ? 'y' : 'x'), vkey))).toContain('bad-signature');
    const other = vkey === first!.vkey ? second!.vkey : first!.vkey;
    expect(await bothSay(open(note, other))).toContain('unknown-key');
  }
});

test('tessera’s log: every entry under every checkpoint, and none with a bit flipped', async () => {
  const tiles: TileReader = (wanted) => Promise.all(wanted.map((tile) => tessera(tilePath(tile))));
  for (let size = 1; size <= 15; size += 1) {
    const checkpoint = Buffer.from(await tessera(`checkpoint.${size}`)).toString('utf8');
    const entries = decodeEntries(await tessera(`tile/entries/000.p/${size}`), size);
    for (const [index, entry] of entries.entries()) {
      const path = await proofs.proveInclusion(index, size, tileHashReader(size, tiles));
      const text = proof.formatTlogProof({ index, hashes: path, checkpoint });
      expect(await bothSay((v) => v.verifyTlogProof(entry, text, { log: VKEY }))).toBe('holds');
      expect(await bothSay((v) => v.verifyTlogProof(flipped(entry, 3), text, { log: VKEY }))).toContain('not-included');
    }
  }
});
