// Keys as text (C2SP signed-note, “Verifier keys”): `name+hex(key ID)+base64(type ‖ public key)`. Private keys are in private-key.ts, so
// that a browser, which only verifies, need not know how to sign.
import { pastedAlong } from '../../pasted.ts';
import { base64, concat, equal, fromBase64, isCleanText, utf8 } from './bytes.ts';
import { PUBLIC_KEY_BYTES } from './ed25519.ts';
import { MalformedTlog } from './errors.ts';
import { sha256 } from './hash.ts';

/** Signature types (C2SP signed-note, “Signature types”) that this platform makes and verifies. */
export const ED25519 = 0x01;
export const COSIGNATURE_V1 = 0x04;
export type KeyType = typeof ED25519 | typeof COSIGNATURE_V1;

export interface Vkey {
  name: string;
  /** unsigned 32 bits */
  keyId: number;
  type: KeyType;
  /** 32 bytes */
  publicKey: Uint8Array;
}

/** Names must not be empty, nor have a space of any script or a plus (C2SP signed-note, “Format”). */
export const isKeyName = (name: string): boolean =>
  name !== '' && isCleanText(name) && !/[\p{White_Space}+]/u.test(name);

/** SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4], big-endian (C2SP signed-note, “Signatures”). */
export function keyIdOf(name: string, type: KeyType, publicKey: Uint8Array): number {
  const digest = sha256(concat(utf8(name), Uint8Array.of(0x0a, type), publicKey));
  return uint32(digest);
}

/** The verifier key of a public key. @throws MalformedTlog for a bad name or key length */
export function vkeyOf(name: string, type: KeyType, publicKey: Uint8Array): Vkey {
  if (!isKeyName(name)) throw new MalformedTlog('key name', 'not empty, without spaces and +');
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new MalformedTlog('public key', `${PUBLIC_KEY_BYTES} bytes`);
  return { name, keyId: keyIdOf(name, type, publicKey), type, publicKey };
}

export const formatVkey = ({ name, keyId, type, publicKey }: Vkey): string =>
  `${name}+${hex32(keyId)}+${base64(concat(Uint8Array.of(type), publicKey))}`;

/** @throws MalformedTlog also when the key ID is not that of the key, or the type none of ours */
export function parseVkey(text: string): Vkey {
  const { name, keyId, key } = parseKey(text, 'verifier key');
  const type = key[0];
  if (type !== ED25519 && type !== COSIGNATURE_V1) {
    throw new MalformedTlog('verifier key', 'of type 0x01 (Ed25519) or 0x04 (cosignature/v1)');
  }
  const vkey = vkeyOf(name, type, key.subarray(1));
  if (vkey.keyId !== keyId) {
    throw new MalformedTlog(
      'verifier key',
      `key ID ${hex32(vkey.keyId)}, as name and key give it, not ${hex32(keyId)}`,
    );
  }
  return vkey;
}

/** Whether two keys are the same bytes, whatever their names and types. */
export const samePublicKey = (a: Vkey, b: Vkey): boolean => equal(a.publicKey, b.publicKey);

/** Splits the text of a key of either kind. @throws MalformedTlog */
export function parseKey(text: string, field: string): { name: string; keyId: number; key: Uint8Array } {
  const [name = '', id = '', ...rest] = text.split('+');
  const key = fromBase64(rest.join('+')); // base64 has + of its own
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/u.test(id) || !key) {
    const along = pastedAlong(text);
    throw new MalformedTlog(field, `${along === undefined ? '' : `${along}; expected `}<name>+<8 hex digits>+<base64>`);
  }
  return { name, keyId: Number.parseInt(id, 16), key };
}

/** Eight hex digits. */
export const hex32 = (value: number): string => value.toString(16).padStart(8, '0');

/** The first four bytes as an unsigned big-endian number. */
export const uint32 = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
