import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import vectors from '../../vectors/signed-note/notes.json' with { type: 'json' };
import { fromBase64, utf8 } from '../../../shared/record/tlog/bytes.ts';
import {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from '../../../shared/record/tlog/checkpoint.ts';
import {
  addCosignatures,
  cosignatureTime,
  cosignatureVerifier,
  cosigner,
} from '../../../shared/record/tlog/cosignature.ts';
import { localKey, type Ed25519Key } from '../../../shared/record/tlog/ed25519.ts';
import { EMPTY_ROOT } from '../../../shared/record/tlog/hash.ts';
import { noteSigner, noteVerifier, openNote, parseNote, signNote } from '../../../shared/record/tlog/note.ts';
import { COSIGNATURE_V1, ED25519, vkeyOf } from '../../../shared/record/tlog/vkey.ts';

const keyOf = (n: number): Ed25519Key => localKey(new Uint8Array(32).fill(n));
const ORIGIN = 'liantang.example/log';
const head = { origin: ORIGIN, size: 3, root: new Uint8Array(32).fill(9) };
const logKey = keyOf(1);
const log = noteVerifier(vkeyOf(ORIGIN, ED25519, logKey.publicKey));
const signed = await signCheckpoint(head, [noteSigner(ORIGIN, logKey)]);

const NAME = 'audit.example/witness';
const witnessKey = keyOf(2);
const witness = cosignatureVerifier(vkeyOf(NAME, COSIGNATURE_V1, witnessKey.publicKey));
const lineOf = async (note: string, time: number, key = witnessKey, name = NAME): Promise<string> =>
  (await signNote(parseNote(note).text, [cosigner(name, key, () => time)])).split('\n\n')[1]!;

test('the published example is read, line by line', () => {
  const { text, signatures } = parseNote(vectors.checkpoint.note);
  const checkpoint = parseCheckpoint(text);
  expect(checkpoint).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163, extensions: [] });
  expect(formatCheckpoint(checkpoint)).toBe(text);
  expect(cosignatureTime(signatures[1]!.signature)).toBe(vectors.checkpoint.witnessTime);
});

test('a checkpoint that was signed opens under its key and its origin', async () => {
  expect(await openCheckpoint(utf8(signed), { log: [log] })).toMatchObject(head);
  expect(await openCheckpoint(signed, { log: [log], origin: ORIGIN })).toMatchObject(head);
});

test('a checkpoint of another log is refused, though its key is known', async () => {
  const other = await signCheckpoint({ ...head, origin: 'other.example/log' }, [noteSigner(ORIGIN, logKey)]);
  await expect(openCheckpoint(other, { log: [log] })).rejects.toMatchObject({ reason: 'wrong-origin' });
  await expect(openCheckpoint(signed, { log: [log], origin: 'x' })).rejects.toThrow(`of the log ${ORIGIN}, not of x`);
  expect((await openCheckpoint(other, { log: [log], origin: 'other.example/log' })).origin).toBe('other.example/log');
});

test('extension lines are read; they are within what is signed', async () => {
  const text = `${formatCheckpoint(head)}more\nlines\n`;
  const note = await signNote(text, [noteSigner(ORIGIN, logKey)]);
  expect((await openCheckpoint(note, { log: [log] })).extensions).toEqual(['more', 'lines']);
  await expect(openCheckpoint(note.replace('more', 'mose'), { log: [log] })).rejects.toThrow('does not match');
});

const ROOT = Buffer.from(head.root).toString('base64');
test.each([
  ['no last newline', `o\n3\n${ROOT}`],
  ['two lines', `o\n3\n`],
  ['an empty origin', `\n3\n${ROOT}\n`],
  ['an empty line', `o\n3\n${ROOT}\n\n`],
  ['an empty extension line', `o\n3\n${ROOT}\n\nx\n`],
  ['a leading zero', `o\n03\n${ROOT}\n`],
  ['two zeroes', `o\n00\n${ROOT}\n`],
  ['a sign', `o\n+3\n${ROOT}\n`],
  ['a negative size', `o\n-3\n${ROOT}\n`],
  ['a space', `o\n3 \n${ROOT}\n`],
  ['hexadecimal', `o\n0x3\n${ROOT}\n`],
  ['an exponent', `o\n3e3\n${ROOT}\n`],
  ['a size of 2^53', `o\n9007199254740992\n${ROOT}\n`],
  ['31 bytes of root', `o\n3\n${Buffer.alloc(31).toString('base64')}\n`],
  ['33 bytes of root', `o\n3\n${Buffer.alloc(33).toString('base64')}\n`],
  ['root in base64url', `o\n3\n${Buffer.alloc(32, 255).toString('base64url')}=\n`],
  ['root without padding', `o\n3\n${ROOT.slice(0, -1)}\n`],
  ['root with stray bits', `o\n3\n${ROOT.slice(0, -2)}l=\n`],
  ['root with a space', `o\n3\n${ROOT} \n`],
  ['another root than that of nothing at size 0', `o\n0\n${ROOT}\n`],
])('a checkpoint with %s is malformed', (_what, text) => {
  expect(() => parseCheckpoint(text)).toThrow('checkpoint');
});

test('an empty log has a checkpoint, and 2^53 - 1 is the largest', () => {
  expect(parseCheckpoint(formatCheckpoint({ origin: 'o', size: 0, root: EMPTY_ROOT })).size).toBe(0);
  const largest = { origin: 'o', size: Number.MAX_SAFE_INTEGER, root: head.root };
  expect(parseCheckpoint(formatCheckpoint(largest))).toEqual({ ...largest, extensions: [] });
  for (const size of [-1, 1.5, 2 ** 53, Number.NaN]) {
    expect(() => formatCheckpoint({ ...head, size })).toThrow('checkpoint size');
  }
  for (const origin of ['', 'two\nlines']) expect(() => formatCheckpoint({ ...head, origin })).toThrow('checkpoint');
});

test('any checkpoint comes back', () => {
  const any = fc.record({
    origin: fc.string({ minLength: 1 }).filter((text) => !text.includes('\n')),
    size: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  });
  fc.assert(
    fc.property(any, (one) => {
      expect(parseCheckpoint(formatCheckpoint(one))).toEqual({ ...one, extensions: [] });
    }),
  );
});

test('a witness cosigns: its line verifies beside the signature of the log, and tells the time', async () => {
  const note = await addCosignatures(signed, await lineOf(signed, 1_700_000_000), [witness]);
  expect(note.startsWith(signed)).toBe(true);
  const { note: opened } = await openCheckpoint(note, { log: [log], witnesses: [witness] });
  expect(opened.verified.map(({ name }) => name)).toEqual([ORIGIN, NAME]);
  expect(cosignatureTime(opened.verified[1]!.signature)).toBe(1_700_000_000);
});

test('a published cosignature tells its time', () => {
  const bytes = fromBase64(vectors.cosignatureTime.line)!;
  expect(cosignatureTime(bytes.subarray(4))).toBe(vectors.cosignatureTime.time);
  for (const wrong of [bytes.subarray(5), bytes, new Uint8Array(72).fill(255)]) {
    expect(() => cosignatureTime(wrong)).toThrow('cosignature');
  }
});

test('a cosignature is over time and checkpoint: either changed, it is bad', async () => {
  const line = await lineOf(signed, 1_700_000_000);
  const signature = parseNote(`x\n\n${line}`).signatures[0]!.signature;
  const text = utf8(parseNote(signed).text);
  expect(await witness.verify(text, signature)).toBe(true);
  await fc.assert(
    fc.asyncProperty(fc.nat(72 * 8 - 1), async (bit) => {
      const changed = Uint8Array.from(signature, (byte, n) => (n === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(await witness.verify(text, changed)).toBe(false);
    }),
  );
  expect(await witness.verify(utf8(parseNote(signed).text.replace('3', '4')), signature)).toBe(false);
});

test('a signature over the bare text is no cosignature, and a cosignature none over the text', async () => {
  const bare = await signNote(parseNote(signed).text, [
    { name: NAME, keyId: witness.vkey.keyId, sign: (text) => witnessKey.sign(text) },
  ]);
  await expect(openNote(bare, [witness])).rejects.toMatchObject({ reason: 'bad-signature' });
  const asLog = noteVerifier(vkeyOf(NAME, ED25519, witnessKey.publicKey));
  const cosigned = await addCosignatures(signed, await lineOf(signed, 1), [witness]);
  await expect(openNote(cosigned, [asLog])).rejects.toMatchObject({ reason: 'unknown-key' });
});

test('a newer cosignature of the same witness takes the place of the older', async () => {
  const once = await addCosignatures(signed, await lineOf(signed, 10), [witness]);
  const again = await addCosignatures(once, await lineOf(signed, 20), [witness]);
  const { signatures } = parseNote(again);
  expect(signatures.map(({ name }) => name)).toEqual([ORIGIN, NAME]);
  expect(cosignatureTime(signatures[1]!.signature)).toBe(20);
});

test('lines of nobody we know, over something else, or malformed are not added', async () => {
  const add = (lines: string) => addCosignatures(signed, lines, [witness]);
  await expect(add(await lineOf(signed, 1, keyOf(3)))).rejects.toMatchObject({ reason: 'unknown-key' });
  await expect(add(await lineOf(signed.replace('3', '4'), 1))).rejects.toMatchObject({ reason: 'bad-signature' });
  await expect(add('')).rejects.toThrow('signatures');
  await expect(add('— x y\n')).rejects.toThrow('signature');
  await expect(add((await lineOf(signed, 1)).repeat(100))).rejects.toThrow('at most 100');
});

test('a checkpoint that only a witness signed is not one of the log', async () => {
  const only = `${parseNote(signed).text}\n${await lineOf(signed, 1)}`;
  await expect(openCheckpoint(only, { log: [log], witnesses: [witness] })).rejects.toThrow(
    "not signed by the log's key",
  );
});

test('a clock that is none does not sign', async () => {
  for (const time of [-1, 1.5, Number.NaN]) await expect(lineOf(signed, time)).rejects.toThrow('time');
  expect(() => cosignatureVerifier(log.vkey)).toThrow('of type 0x04');
});
