// Cosignatures of witnesses, version 1 (C2SP tlog-cosignature, type 0x04): by its line a witness states that at a time
// this was the largest head it had seen of the log, and that every earlier one was consistent with it. The signature is
// not over the checkpoint's text alone but over `cosignature/v1\ntime T\n` and the text.
import { concat, copyOf, utf8 } from './bytes.ts';
import { SIGNATURE_BYTES, verifyEd25519, type Ed25519Key } from './ed25519.ts';
import { MalformedTlog, TlogRejected } from './errors.ts';
import {
  formatNote,
  keyLabel,
  MAX_SIGNATURES,
  parseNote,
  parseSignatures,
  sameKey,
  type NoteSigner,
  type NoteVerifier,
} from './note.ts';
import { COSIGNATURE_V1, vkeyOf, type Vkey } from './vkey.ts';

const TIME_BYTES = 8;

/**
 * A witness's signer.
 * @param now seconds since 1970, whole; not over 2^53
 */
export function cosigner(name: string, key: Ed25519Key, now: () => number): NoteSigner {
  const { keyId } = vkeyOf(name, COSIGNATURE_V1, key.publicKey);
  return {
    name,
    keyId,
    async sign(text) {
      const time = now();
      if (!Number.isSafeInteger(time) || time < 0) throw new MalformedTlog('time', 'whole seconds since 1970');
      const stamp = new Uint8Array(TIME_BYTES);
      new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
      return concat(stamp, await key.sign(cosigned(text, time)));
    },
  };
}

/** Verifies a witness's lines. @throws MalformedTlog for a key of another type than 0x04 */
export function cosignatureVerifier(vkey: Vkey): NoteVerifier {
  if (vkey.type !== COSIGNATURE_V1) throw new MalformedTlog('witness key', 'of type 0x04 (cosignature/v1)');
  return {
    vkey,
    verify(text, signature) {
      const time = readTime(signature);
      if (time === undefined) return false;
      return verifyEd25519(vkey.publicKey, cosigned(text, time), copyOf(signature, TIME_BYTES));
    },
  };
}

/**
 * When a witness says it signed, in seconds since 1970.
 * @throws MalformedTlog unless it is 8 bytes of time, below 2^53, and a signature
 */
export function cosignatureTime(signature: Uint8Array): number {
  const time = readTime(signature);
  if (time === undefined) throw new MalformedTlog('cosignature', '8 bytes of time and 64 of signature');
  return time;
}

function readTime(signature: Uint8Array): number | undefined {
  if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined;
  const view = new DataView(signature.buffer, signature.byteOffset, signature.byteLength);
  const time = Number(view.getBigUint64(0));
  return Number.isSafeInteger(time) ? time : undefined;
}

const cosigned = (text: Uint8Array, time: number): Uint8Array => concat(utf8(`cosignature/v1\ntime ${time}\n`), text);

/**
 * The checkpoint with the lines that a witness answered with; an earlier line of the same witness gives way.
 * @param lines `— name base64\n`, once or more
 * @throws MalformedTlog
 * @throws TlogRejected `unknown-key` for a line of none of the witnesses, `bad-signature` for one that is not over this text
 */
export async function addCosignatures(
  note: Uint8Array | string,
  lines: string,
  witnesses: readonly NoteVerifier[],
): Promise<string> {
  const { text, signatures } = parseNote(note);
  const added = parseSignatures(lines);
  if (added.length + signatures.length > MAX_SIGNATURES) {
    throw new MalformedTlog('signatures', `at most ${MAX_SIGNATURES} on a checkpoint`);
  }
  for (const line of added) {
    const witness = witnesses.find(({ vkey }) => sameKey(vkey, line));
    if (!witness) throw new TlogRejected('unknown-key', `${keyLabel(line)} is none of the witnesses`);
    if (!(await witness.verify(utf8(text), line.signature))) {
      throw new TlogRejected('bad-signature', `the cosignature of ${keyLabel(line)} is not over this checkpoint`);
    }
  }
  const kept = signatures.filter((line) => !added.some((other) => sameKey(other, line)));
  return formatNote({ text, signatures: [...kept, ...added] });
}
