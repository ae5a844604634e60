import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { utf8 } from '../../../shared/record/tlog/bytes.ts';
import { signCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { addCosignatures, cosignatureVerifier, cosigner } from '../../../shared/record/tlog/cosignature.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { noteSigner, parseNote, signNote } from '../../../shared/record/tlog/note.ts';
import {
  formatTlogProof,
  parseTlogProof,
  verifyCheckpoint,
  verifyTlogProof,
} from '../../../shared/record/tlog/proof.ts';
import { proveInclusion } from '../../../shared/record/tlog/proofs.ts';
import { readRoot, tileHashReader } from '../../../shared/record/tlog/tile-build.ts';
import { COSIGNATURE_V1, ED25519, formatVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { entriesOf, flipped, TileStore } from './logs.ts';

const keyOf = (n: number) => localKey(new Uint8Array(32).fill(n));
const ORIGIN = 'liantang.example/log';
const logKey = formatVkey(vkeyOf(ORIGIN, ED25519, keyOf(1).publicKey));
const WITNESSES = [2, 3, 4].map((n) => vkeyOf(`w${n}.example`, COSIGNATURE_V1, keyOf(n).publicKey));
const witnesses = WITNESSES.map(formatVkey);
const ENTRIES = entriesOf(600);
const INDEX = 513;
const entry = ENTRIES[INDEX]!;

let proof: string;
let checkpoint: string;
beforeAll(async () => {
  const store = new TileStore();
  await store.log(ENTRIES);
  const root = await readRoot(store.size, store.read);
  checkpoint = await signCheckpoint({ origin: ORIGIN, size: store.size, root }, [noteSigner(ORIGIN, keyOf(1))]);
  for (const [n, witness] of WITNESSES.slice(0, 2).entries()) {
    const note = await signNote(parseNote(checkpoint).text, [cosigner(witness.name, keyOf(n + 2), () => 1000 + n)]);
    checkpoint = await addCosignatures(checkpoint, note.split('\n\n')[1]!, [cosignatureVerifier(witness)]);
  }
  const hashes = await proveInclusion(INDEX, store.size, tileHashReader(store.size, store.read));
  proof = formatTlogProof({ index: INDEX, hashes, checkpoint });
});

test('a proof is the lines of the specification', () => {
  const lines = proof.split('\n');
  expect(lines[0]).toBe('c2sp.org/tlog-proof@v1');
  expect(lines[1]).toBe('index 513');
  expect(proof.endsWith(`\n\n${checkpoint}`)).toBe(true);
  const hash = new Uint8Array(32);
  expect(formatTlogProof({ index: 0, hashes: [hash], checkpoint: 'c\n', extra: utf8('extra information') })).toBe(
    `c2sp.org/tlog-proof@v1\nextra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 0\n${'A'.repeat(43)}=\n\nc\n`,
  );
  expect(formatTlogProof({ index: 0, hashes: [], checkpoint: 'c\n' })).toBe('c2sp.org/tlog-proof@v1\nindex 0\n\nc\n');
});

test('a proof comes back, with its extra data', () => {
  const parsed = parseTlogProof(utf8(proof));
  expect(formatTlogProof(parsed)).toBe(proof);
  expect(parsed.checkpoint).toBe(checkpoint);
  for (const extra of [utf8('x'), new Uint8Array()]) {
    expect(parseTlogProof(formatTlogProof({ ...parsed, extra })).extra).toEqual(extra);
  }
});

test('the entry, byte for byte, is in the log; two of three witnesses saw it', async () => {
  const verified = await verifyTlogProof(entry, proof, { log: logKey, witnesses, threshold: 2 });
  expect(verified.index).toBe(INDEX);
  expect(verified.checkpoint.size).toBe(600);
  expect(verified.cosignatures).toEqual([
    { witness: 'w2.example', time: 1000 },
    { witness: 'w3.example', time: 1001 },
  ]);
  await expect(verifyTlogProof(entry, proof, { log: logKey, witnesses, threshold: 3 })).rejects.toThrow(
    '2 of the 3 witnesses asked for cosigned',
  );
});

test('any other entry, index or path is not in the log', async () => {
  const policy = { log: logKey };
  await expect(verifyTlogProof(flipped(entry, 3), proof, policy)).rejects.toMatchObject({ reason: 'not-included' });
  await expect(verifyTlogProof(ENTRIES[512]!, proof, policy)).rejects.toMatchObject({ reason: 'not-included' });
  const moved = proof.replace('index 513', 'index 512');
  await expect(verifyTlogProof(entry, moved, policy)).rejects.toMatchObject({ reason: 'not-included' });
  const beyond = proof.replace('index 513', 'index 600');
  await expect(verifyTlogProof(entry, beyond, policy)).rejects.toThrow('position 600 is not in a log of 600');
});

test('any flipped bit of a proof is noticed, but in the lines of keys that nobody asked for', async () => {
  const bytes = utf8(proof);
  const asked = proof.split('— w2.example')[0]!;
  await fc.assert(
    fc.asyncProperty(fc.nat(utf8(asked).length * 8 - 1), async (bit) => {
      await expect(verifyTlogProof(entry, flipped(bytes, bit), { log: logKey })).rejects.toHaveProperty('type');
    }),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
      const policy = { log: logKey, witnesses, threshold: 2 };
      await expect(verifyTlogProof(entry, flipped(bytes, bit), policy)).rejects.toHaveProperty('type');
    }),
    { numRuns: 300 },
  );
});

test('the checkpoint of another key or another log proves nothing', async () => {
  const other = formatVkey(vkeyOf(ORIGIN, ED25519, keyOf(9).publicKey));
  await expect(verifyTlogProof(entry, proof, { log: other })).rejects.toMatchObject({ reason: 'unknown-key' });
  await expect(verifyTlogProof(entry, proof, { log: logKey, origin: 'x' })).rejects.toMatchObject({
    reason: 'wrong-origin',
  });
});

test('one key under two names is not two witnesses, nor is the key of the log one', async () => {
  const alias = formatVkey(vkeyOf('alias.example', COSIGNATURE_V1, keyOf(2).publicKey));
  const own = formatVkey(vkeyOf(ORIGIN, COSIGNATURE_V1, keyOf(1).publicKey));
  for (const doubled of [[witnesses[0]!, alias], [witnesses[0]!, witnesses[0]!], [own]]) {
    await expect(verifyCheckpoint(checkpoint, { log: logKey, witnesses: doubled })).rejects.toMatchObject({
      reason: 'ambiguous-key',
    });
  }
});

test('keys and thresholds that make no policy are refused', async () => {
  const check = (policy: object) => verifyCheckpoint(checkpoint, { log: logKey, ...policy });
  for (const threshold of [-1, 1.5, 4]) await expect(check({ witnesses, threshold })).rejects.toThrow('threshold');
  await expect(check({ threshold: 1 })).rejects.toThrow('threshold');
  await expect(check({ witnesses: [logKey] })).rejects.toHaveProperty('type');
  await expect(check({ log: witnesses[0]! })).rejects.toThrow('of type 0x01');
  await expect(check({ log: 'nonsense' })).rejects.toThrow('verifier key');
});

const HASH = `${'A'.repeat(43)}=`;
const HEAD = 'c2sp.org/tlog-proof@v1\n';
test.each([
  ['nothing', ''],
  ['another header', 'wrong-header\nindex 0\n\nc\n'],
  ['another version', 'c2sp.org/tlog-proof@v2\nindex 0\n\nc\n'],
  ['no index', `${HEAD}\n\nc\n`],
  ['no empty line', `${HEAD}index 0\n${HASH}\n`],
  ['a word for the index', `${HEAD}index notanumber\n\nc\n`],
  ['a negative index', `${HEAD}index -5\n\nc\n`],
  ['a leading zero', `${HEAD}index 05\n\nc\n`],
  ['two spaces', `${HEAD}index  5\n\nc\n`],
  ['an index of 2^53', `${HEAD}index 9007199254740992\n\nc\n`],
  ['extra that is no base64', `${HEAD}extra !!notbase64!!\nindex 0\n\nc\n`],
  ['extra after the index', `${HEAD}index 0\nextra AAAA\n\nc\n`],
  ['two extras', `${HEAD}extra AAAA\nextra AAAA\nindex 0\n\nc\n`],
  ['a hash that is no base64', `${HEAD}index 0\n!!notbase64!!\n\nc\n`],
  ['a hash of 64 bytes', `${HEAD}index 0\n${Buffer.alloc(64).toString('base64')}\n\nc\n`],
  ['a hash with stray bits', `${HEAD}index 0\n${'A'.repeat(42)}B=\n\nc\n`],
  ['carriage returns', `${HEAD}index 0\r\n\nc\n`],
  ['64 hashes', `${HEAD}index 0\n${`${HASH}\n`.repeat(64)}\nc\n`],
  ['more bytes than a proof may have', `${HEAD}index 0\n\n${'c'.repeat(1024 * 1024)}\n`],
])('a proof with %s is malformed', (_what, text) => {
  expect(() => parseTlogProof(text)).toThrow(/^(?:proof|index|extra|hash \d+): /u);
});

test('bytes that are no UTF-8 are malformed', () => {
  expect(() => parseTlogProof(Uint8Array.of(0xff, 10, 10))).toThrow('valid UTF-8');
});
