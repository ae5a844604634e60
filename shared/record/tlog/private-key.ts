// The private key file in the form that Go's sumdb/note and the witnesses' tools use, `PRIVATE+KEY+name+hex(key ID)+base64(type ‖ seed)`.
import { pastedAlong } from '../../pasted.ts';
import { base64, concat } from './bytes.ts';
import { localKey, newSeed, SEED_BYTES, type Ed25519Key } from './ed25519.ts';
import { MalformedTlog } from './errors.ts';
import { ED25519, hex32, parseKey, vkeyOf } from './vkey.ts';

export interface NamedKey {
  name: string;
  key: Ed25519Key;
}

const PRIVATE = 'PRIVATE+KEY+';

/** A new private key as one line of text; keep it secret. Its name should be the log's origin. */
export function newPrivateKey(name: string, seed: Uint8Array = newSeed()): string {
  const { keyId } = vkeyOf(name, ED25519, localKey(seed).publicKey);
  return `${PRIVATE}${name}+${hex32(keyId)}+${base64(concat(Uint8Array.of(ED25519), seed))}`;
}

/** @throws MalformedTlog; its message never repeats the key */
export function parsePrivateKey(text: string): NamedKey {
  const expected = `one line ${PRIVATE}<name>+<key ID>+<key>`;
  if (!text.startsWith(PRIVATE)) {
    const along = pastedAlong(text);
    throw new MalformedTlog('private key', `${along === undefined ? '' : `${along}; expected `}${expected}`);
  }
  const { name, keyId, key: typed } = parseKey(text.slice(PRIVATE.length), 'private key');
  if (typed[0] !== ED25519 || typed.length !== 1 + SEED_BYTES) {
    throw new MalformedTlog('private key', 'of type 0x01 (Ed25519)');
  }
  const key = localKey(typed.subarray(1));
  if (vkeyOf(name, ED25519, key.publicKey).keyId !== keyId) {
    throw new MalformedTlog('private key', 'the key ID that name and key give');
  }
  return { name, key };
}
