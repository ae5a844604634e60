// Signed notes (C2SP signed-note): a text, an empty line, signature lines `— name base64(key ID ‖ signature)`. Whoever
// opens a note names the keys that count: lines of other keys are passed over, a line of a known key must verify, and at
// least one must. Nothing of a text may be used before that.
import { base64, concat, equal, fromBase64, fromUtf8, isCleanText, utf8 } from './bytes.ts';
import { verifyEd25519, type Ed25519Key } from './ed25519.ts';
import { MalformedTlog, TlogRejected } from './errors.ts';
import { ED25519, formatVkey, hex32, isKeyName, uint32, vkeyOf, type Vkey } from './vkey.ts';

/** Makes one signature line. */
export interface NoteSigner {
  name: string;
  keyId: number;
  /** what follows the key ID, of the whole text with its last newline */
  sign(text: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

/** Judges signature lines of one key. */
export interface NoteVerifier {
  vkey: Vkey;
  verify(text: Uint8Array, signature: Uint8Array): Promise<boolean> | boolean;
}

export interface NoteSignature {
  name: string;
  keyId: number;
  /** what follows the key ID */
  signature: Uint8Array;
}

export interface Note {
  /** with its last newline */
  text: string;
  signatures: NoteSignature[];
}

export interface OpenedNote {
  text: string;
  /** by known keys, each verified */
  verified: (NoteSignature & { verifier: NoteVerifier })[];
  /** by keys not asked for: nothing is known of them */
  unknown: NoteSignature[];
}

/** Limits of what is parsed; the specification asks for room for 16 signatures or more. */
export const MAX_NOTE_BYTES = 512 * 1024;
export const MAX_SIGNATURES = 100;

const SIGNATURE_LINE = '— ';

/** Signs a text by type 0x01: Ed25519 over the text (C2SP signed-note, “Ed25519 signatures”). */
export function noteSigner(name: string, key: Ed25519Key): NoteSigner {
  const { keyId } = vkeyOf(name, ED25519, key.publicKey);
  return { name, keyId, sign: (text) => key.sign(text) };
}

/** @throws MalformedTlog for a key of another type than 0x01 */
export function noteVerifier(vkey: Vkey): NoteVerifier {
  if (vkey.type !== ED25519) throw new MalformedTlog('verifier key', 'of type 0x01 (Ed25519)');
  return { vkey, verify: (text, signature) => verifyEd25519(vkey.publicKey, text, signature) };
}

/**
 * The note of a text, signed by each signer in turn, behind signatures that it has already. An earlier line of one of
 * the signers' keys is replaced.
 * @param text ends in a newline
 */
export async function signNote(
  text: string,
  signers: readonly NoteSigner[],
  earlier: readonly NoteSignature[] = [],
): Promise<string> {
  checkText(text);
  const bytes = utf8(text);
  const lines = earlier.filter((line) => !signers.some((signer) => sameKey(signer, line)));
  for (const signer of signers) {
    lines.push({ name: signer.name, keyId: signer.keyId, signature: await signer.sign(bytes) });
  }
  return formatNote({ text, signatures: lines });
}

/** @throws MalformedTlog when it would not be a note that `parseNote` takes */
export function formatNote({ text, signatures }: Note): string {
  checkText(text);
  for (const { name, signature } of signatures) {
    if (!isKeyName(name)) throw new MalformedTlog('key name', 'not empty, without spaces and +');
    if (signature.length === 0) throw new MalformedTlog('signature', 'not empty');
  }
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) {
    throw new MalformedTlog('note', `1 … ${MAX_SIGNATURES} signatures`);
  }
  return `${text}\n${signatures.map((line) => `${SIGNATURE_LINE}${line.name} ${encodeSignature(line)}\n`).join('')}`;
}

/** The parts of a note, nothing of it verified. @throws MalformedTlog */
export function parseNote(note: Uint8Array | string): Note {
  const bytes = typeof note === 'string' ? utf8(note) : note;
  if (bytes.length > MAX_NOTE_BYTES) throw new MalformedTlog('note', `at most ${MAX_NOTE_BYTES} bytes`);
  const whole = typeof note === 'string' ? note : fromUtf8(note);
  if (whole === undefined || !isNoteText(whole)) {
    throw new MalformedTlog('note', 'valid UTF-8 without control characters other than newline');
  }
  const gap = whole.lastIndexOf('\n\n');
  if (gap < 0 || !whole.endsWith('\n') || gap === whole.length - 2) {
    throw new MalformedTlog('note', 'a text, an empty line, and lines of signatures, the last one with its newline');
  }
  const lines = whole.slice(gap + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw new MalformedTlog('note', `at most ${MAX_SIGNATURES} signatures`);
  return { text: whole.slice(0, gap + 1), signatures: lines.map(parseSignature) };
}

/** The note with the lines of one key only, none of them verified. @throws MalformedTlog when it has none */
export function withLinesOf(note: Uint8Array | string, key: KeyName): string {
  const { text, signatures } = parseNote(note);
  return formatNote({ text, signatures: signatures.filter((line) => sameKey(line, key)) });
}

/** Signature lines without a note, each with its newline: what a witness answers. @throws MalformedTlog */
export function parseSignatures(lines: string): NoteSignature[] {
  if (!lines.endsWith('\n') || lines.length > MAX_NOTE_BYTES || !isNoteText(lines)) {
    throw new MalformedTlog('signatures', 'lines, the last one with its newline');
  }
  return lines.slice(0, -1).split('\n').map(parseSignature);
}

/**
 * Opens a note with the keys that count.
 * @throws MalformedTlog
 * @throws TlogRejected `bad-signature` when a line of a known key is not by it, `unknown-key` when no line is by one,
 * `ambiguous-key` when two verifiers have the same name and key ID
 */
export async function openNote(note: Uint8Array | string, verifiers: readonly NoteVerifier[]): Promise<OpenedNote> {
  const { text, signatures } = parseNote(note);
  for (const [n, { vkey }] of verifiers.entries()) {
    if (verifiers.slice(0, n).some((other) => sameKey(other.vkey, vkey))) {
      throw new TlogRejected('ambiguous-key', `two keys are ${keyLabel(vkey)}`);
    }
  }
  const bytes = utf8(text);
  const opened: OpenedNote = { text, verified: [], unknown: [] };
  for (const line of distinct(signatures)) {
    const verifier = verifiers.find(({ vkey }) => sameKey(vkey, line));
    if (!verifier) {
      opened.unknown.push(line);
    } else if (await verifier.verify(bytes, line.signature)) {
      opened.verified.push({ ...line, verifier });
    } else {
      throw new TlogRejected('bad-signature', `the signature of ${keyLabel(line)} does not match the text`);
    }
  }
  if (opened.verified.length === 0) {
    const asked = verifiers.map(({ vkey }) => formatVkey(vkey)).join(', ') || 'none';
    throw new TlogRejected('unknown-key', `signed by ${signatures.map(keyLabel).join(', ')}; known keys: ${asked}`);
  }
  return opened;
}

function parseSignature(line: string): NoteSignature {
  const [name = '', encoded = '', ...more] = line.startsWith(SIGNATURE_LINE)
    ? line.slice(SIGNATURE_LINE.length).split(' ')
    : [];
  const bytes = more.length === 0 ? fromBase64(encoded) : undefined;
  if (!isKeyName(name) || !bytes || bytes.length < 5) {
    throw new MalformedTlog('signature', '— <key name> <base64 of 4 bytes key ID and the signature>');
  }
  return { name, keyId: uint32(bytes), signature: bytes.subarray(4) };
}

function encodeSignature({ keyId, signature }: NoteSignature): string {
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, keyId);
  return base64(concat(id, signature));
}

/** Lines that are there twice count once. */
const distinct = (lines: readonly NoteSignature[]): NoteSignature[] =>
  lines.filter(
    (line, n) => !lines.slice(0, n).some((other) => sameKey(other, line) && equal(other.signature, line.signature)),
  );

interface KeyName {
  name: string;
  keyId: number;
}

export const sameKey = (a: KeyName, b: KeyName): boolean => a.name === b.name && a.keyId === b.keyId;
export const keyLabel = ({ name, keyId }: KeyName): string => `${name}+${hex32(keyId)}`;

const isNoteText = (text: string): boolean => isCleanText(text, '\n');

function checkText(text: string): void {
  if (!text.endsWith('\n') || !isNoteText(text)) {
    throw new MalformedTlog('text', 'ends in a newline; no other control characters');
  }
}
