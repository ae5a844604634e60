import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import vectors from '../../vectors/signed-note/notes.json' with { type: 'json' };
import { utf8 } from '../../../shared/record/tlog/bytes.ts';
import { localKey, newSeed, publicKeyFromSpki, verifyEd25519 } from '../../../shared/record/tlog/ed25519.ts';
import {
  formatNote,
  MAX_NOTE_BYTES,
  noteSigner,
  noteVerifier,
  openNote,
  parseNote,
  parseSignatures,
  signNote,
} from '../../../shared/record/tlog/note.ts';
import { newPrivateKey, parsePrivateKey } from '../../../shared/record/tlog/private-key.ts';
import { COSIGNATURE_V1, ED25519, formatVkey, isKeyName, parseVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { createHash, generateKeyPairSync } from 'node:crypto';

const [example, vectorA, vectorB] = vectors.notes;
// A key that anybody can make again: nothing secret stands in the repository.
const privateKey = newPrivateKey('example.org/vector-a', createHash('sha256').update(vectorA!.seedText!).digest());
const verifierOf = (vkey: string) => noteVerifier(parseVkey(vkey));
const both = `${vectorA!.note}${vectorB!.note.split('\n\n')[1]}`;

test.each(vectors.notes)('the note of $from opens', async ({ note, vkey, text }) => {
  const opened = await openNote(utf8(note), [verifierOf(vkey)]);
  expect(opened.text).toBe(text);
  expect(opened.verified.map(({ verifier }) => formatVkey(verifier.vkey))).toEqual([vkey]);
  expect(formatNote(parseNote(note))).toBe(note);
});

test('the key that Go made signs the note that Go signed, byte for byte', async () => {
  const { name, key } = parsePrivateKey(privateKey);
  expect(await signNote(vectorA!.text, [noteSigner(name, key)])).toBe(vectorA!.note);
});

test('keys of others come back as they were written', () => {
  for (const text of [...vectors.notes.map(({ vkey }) => vkey), ...vectors.cosignerKeys]) {
    expect(formatVkey(parseVkey(text))).toBe(text);
  }
  expect(parseVkey(vectors.cosignerKeys[0]!).type).toBe(COSIGNATURE_V1);
});

test.each([
  ['no key', 'example.org/vector-a'],
  ['a wrong key ID', vectorA!.vkey.replace('c56fb7c8', 'c56fb7c1')],
  ['a key ID in capitals', vectorA!.vkey.replace('c56fb7c8', 'C56FB7C8')],
  ['a short key ID', vectorA!.vkey.replace('c56fb7c8', '56fb7c8')],
  ['an empty name', vectorA!.vkey.replace('example.org/vector-a', '')],
  ['a space in the name', vectorA!.vkey.replace('vector-a', 'vector a')],
  ['another key type', 'rekor.sigstore.dev+12345678+AwEB'],
  ['a key that is too long', `${vectorA!.vkey}BADKEY==`],
  ['no base64', vectorA!.vkey.replace('AXqi', 'A!qi')],
  ['base64 with too much padding', `${example!.vkey}=`],
])('a verifier key with %s is refused', (_what, text) => {
  expect(() => parseVkey(text)).toThrow('verifier key');
});

test('names have no space of any script, no plus, no control character', () => {
  for (const name of ['', 'a b', 'a\u00a0b', 'a\u2003b', 'a\u3000b', 'a\u0085b', 'a+b', 'a\nb', 'a\u0001b', '\ud800']) {
    expect(isKeyName(name)).toBe(false);
  }
  for (const name of ['a', 'liantang.example/log', '莲塘', 'a\ufeffb']) expect(isKeyName(name)).toBe(true);
});

test('a private key comes back, and one that is damaged is refused without being repeated', () => {
  const text = newPrivateKey('liantang.example/log');
  const { name, key } = parsePrivateKey(text);
  expect(name).toBe('liantang.example/log');
  expect(verifyEd25519(key.publicKey, utf8('m'), key.sign(utf8('m')) as Uint8Array)).toBe(true);
  const damaged = [
    text.slice(8),
    text.replace('PRIVATE', 'PUBLIC'),
    text.slice(0, -4),
    text.replace('liantang', 'lientang'),
    `${text}\n`,
  ];
  for (const wrong of damaged) {
    expect(() => parsePrivateKey(wrong)).toThrow('private key');
    const [error] = [catchError(() => parsePrivateKey(wrong))];
    expect(String(error)).not.toContain(text.split('+').slice(4).join('+').slice(4, 20));
  }
});

function catchError(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

test('a public key from openssl or KMS is read from its DER, another kind refused', () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ format: 'der', type: 'spki' });
  const raw = publicKeyFromSpki(der);
  expect(Buffer.from(raw).toString('base64url')).toBe(publicKey.export({ format: 'jwk' }).x);
  expect(() => publicKeyFromSpki(der.subarray(1))).toThrow('SubjectPublicKeyInfo');
  const other = generateKeyPairSync('x25519').publicKey.export({ format: 'der', type: 'spki' });
  expect(() => publicKeyFromSpki(other)).toThrow('SubjectPublicKeyInfo');
});

test('a signature with wrong lengths, or a key that is no point, is false and no crash', () => {
  const key = localKey(newSeed());
  const message = utf8('m');
  const signature = key.sign(message) as Uint8Array;
  expect(verifyEd25519(key.publicKey, message, signature)).toBe(true);
  expect(verifyEd25519(key.publicKey, message, signature.subarray(1))).toBe(false);
  expect(verifyEd25519(key.publicKey.subarray(1), message, signature)).toBe(false);
  expect(verifyEd25519(new Uint8Array(32).fill(255), message, signature)).toBe(false);
});

test('lines of unknown keys are passed over, and kept', async () => {
  const opened = await openNote(both, [verifierOf(vectorA!.vkey)]);
  expect(opened.verified.map(({ name }) => name)).toEqual(['example.org/vector-a']);
  expect(opened.unknown.map(({ name }) => name)).toEqual(['example.org/vector-b']);
  expect((await openNote(both, [verifierOf(vectorA!.vkey), verifierOf(vectorB!.vkey)])).verified.length).toBe(2);
});

test('no line of a known key: refused, with the names that are there', async () => {
  await expect(openNote(both, [])).rejects.toMatchObject({ reason: 'unknown-key' });
  await expect(openNote(both, [verifierOf(example!.vkey)])).rejects.toThrow(
    /signed by example\.org\/vector-a\+c56fb7c8, example\.org\/vector-b\+a9cd6126; known keys: example\.com\/foo/u,
  );
});

test('a key of the same name or ID, but not both, is unknown', async () => {
  const other = vkeyOf('example.org/vector-a', ED25519, localKey(newSeed()).publicKey);
  await expect(openNote(vectorA!.note, [noteVerifier(other)])).rejects.toMatchObject({ reason: 'unknown-key' });
  const renamed = { ...verifierOf(vectorA!.vkey), vkey: { ...parseVkey(vectorA!.vkey), name: 'example.org/vector' } };
  await expect(openNote(vectorA!.note, [renamed])).rejects.toMatchObject({ reason: 'unknown-key' });
});

test('a bad line of a known key spoils the note, though another line is good', async () => {
  const bad = both.replace('bDTTEinZ', 'bDTTEinA');
  await expect(openNote(bad, [verifierOf(vectorA!.vkey), verifierOf(vectorB!.vkey)])).rejects.toMatchObject({
    reason: 'bad-signature',
  });
  expect((await openNote(bad, [verifierOf(vectorA!.vkey)])).unknown.length).toBe(1);
  const twice = `${vectorA!.note}${vectorA!.note.split('\n\n')[1]!.replace('qCM+Jrw5', 'qCM+JrwA')}`;
  await expect(openNote(twice, [verifierOf(vectorA!.vkey)])).rejects.toMatchObject({ reason: 'bad-signature' });
});

test('a line that stands there twice counts once', async () => {
  const line = vectorA!.note.split('\n\n')[1]!;
  expect((await openNote(`${vectorA!.note}${line}${line}`, [verifierOf(vectorA!.vkey)])).verified.length).toBe(1);
});

test('two verifiers of the same name and ID are refused', async () => {
  const verifier = verifierOf(vectorA!.vkey);
  await expect(openNote(vectorA!.note, [verifier, verifier])).rejects.toMatchObject({ reason: 'ambiguous-key' });
});

const line = vectorA!.note.split('\n\n')[1]!;
test.each([
  ['the text alone', vectorA!.text],
  ['no signature', `${vectorA!.text}\n`],
  ['no last newline', vectorA!.note.slice(0, -1)],
  ['a control character', `\u0001${vectorA!.note}`],
  ['a tab', vectorA!.note.replace(' ', '\t')],
  ['a carriage return', vectorA!.note.replace('\n', '\r\n')],
  ['a space in a key name', `${vectorA!.text}\n${line.replace('example.org/vector-a', 'Bad Name')}`],
  ['a plus in a key name', `${vectorA!.text}\n${line.replace('example.org/vector-a', 'Bad+Name')}`],
  ['no key name', `${vectorA!.text}\n— ${line.split(' ')[2]}`],
  ['a hyphen for the dash', `${vectorA!.text}\n${line.replace('—', '-')}`],
  ['a further line', `${vectorA!.note}Unexpected line.\n`],
  ['an empty line at the end', `${vectorA!.note}\n`],
  ['a space at the end', `${vectorA!.text}\n${line.replace('\n', ' \n')}`],
  ['a signature of 4 bytes', `${vectorA!.text}\n— example.org/vector-a xW+3yA==\n`],
  ['an empty signature', `${vectorA!.text}\n— example.org/vector-a \n`],
  ['base64url', `${vectorA!.text}\n${line.replace(/\/(?!vector)/u, '_')}`],
  ['base64 without padding', `${vectorA!.text}\n${line.replace('=', '')}`],
  ['base64 with stray bits', `${vectorA!.text}\n${line.replace('0g8=', '0g9=')}`],
  ['a lone surrogate', `\ud800${vectorA!.note}`],
  ['101 signatures', `${vectorA!.text}\n${line.repeat(101)}`],
  ['more bytes than a note may have', `${'a'.repeat(MAX_NOTE_BYTES)}${vectorA!.note}`],
  ['nothing', ''],
])('a note with %s is malformed', async (_what, note) => {
  expect(() => parseNote(note)).toThrow(/^(?:note|signature): /u);
  await expect(openNote(note, [verifierOf(vectorA!.vkey)])).rejects.toMatchObject({ type: 'malformed-tlog' });
});

test('bytes that are no UTF-8 are malformed; a byte order mark is part of the text', async () => {
  const bytes = utf8(vectorA!.note);
  expect(() => parseNote(Uint8Array.of(0xff, ...bytes))).toThrow('valid UTF-8');
  const marked = Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes);
  expect(parseNote(marked).text).toBe(`\ufeff${vectorA!.text}`);
  await expect(openNote(marked, [verifierOf(vectorA!.vkey)])).rejects.toMatchObject({ reason: 'bad-signature' });
});

test('whatever text is signed opens again, empty lines and signature-like lines included', async () => {
  const { name, key } = parsePrivateKey(newPrivateKey('a.example/log'));
  const verifier = noteVerifier(vkeyOf(name, ED25519, key.publicKey));
  const lines = fc.array(fc.oneof(fc.constantFrom('', '— a.example/log AAAAAAA=', '莲塘', line.trim()), fc.string()));
  await fc.assert(
    fc.asyncProperty(lines, async (some) => {
      const text = `${some.map((one) => one.replaceAll(/\p{Cc}/gu, '')).join('\n')}\n`;
      const note = await signNote(text, [noteSigner(name, key)]);
      expect((await openNote(utf8(note), [verifier])).text).toBe(text);
    }),
  );
});

test('any flipped bit of a signed note is noticed', async () => {
  const bytes = utf8(vectorA!.note);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
      const changed = Uint8Array.from(bytes, (byte, n) => (n === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      await expect(openNote(changed, [verifierOf(vectorA!.vkey)])).rejects.toHaveProperty('type');
    }),
    { numRuns: 400 },
  );
});

test('signing again replaces the line of the same key and keeps the others', async () => {
  const { signatures } = parseNote(both);
  const { name, key } = parsePrivateKey(privateKey);
  const note = await signNote(vectorA!.text, [noteSigner(name, key)], signatures);
  expect(parseNote(note).signatures.map((one) => one.name)).toEqual(['example.org/vector-b', 'example.org/vector-a']);
});

test('a signer that answers late, as KMS does, signs all the same; one that fails fails the note', async () => {
  const { name, key } = parsePrivateKey(privateKey);
  const remote = { publicKey: key.publicKey, sign: async (message: Uint8Array) => key.sign(message) };
  expect(await signNote(vectorA!.text, [noteSigner(name, remote)])).toBe(vectorA!.note);
  const down = { publicKey: key.publicKey, sign: () => Promise.reject(new Error('KMS is down')) };
  await expect(signNote(vectorA!.text, [noteSigner(name, down)])).rejects.toThrow('KMS is down');
});

test('what could not be read back is not written', async () => {
  const { name, key } = parsePrivateKey(privateKey);
  for (const text of ['', 'no newline', 'tab\t\n', '\ud800\n']) {
    await expect(signNote(text, [noteSigner(name, key)])).rejects.toThrow('text: ends in a newline');
  }
  expect(() => noteSigner('a b', key)).toThrow('key name');
  expect(() => formatNote({ text: 'a\n', signatures: [] })).toThrow('1 … 100 signatures');
  expect(() => parseSignatures('— a AAAA')).toThrow('newline');
  expect(() => noteVerifier(parseVkey(vectors.cosignerKeys[0]!))).toThrow('of type 0x01');
});
