// The seam to Ed25519 (RFC 8032): a browser has ed25519.browser.ts instead, which verifies by WebCrypto.
// Signing is asynchronous because a key may live elsewhere: a KMS key (ED25519_SHA_512, message type RAW) is an
// `Ed25519Key` just as a local seed is.
import { createPrivateKey, createPublicKey, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { concat } from './bytes.ts';
import { MalformedTlog } from './errors.ts';

export const PUBLIC_KEY_BYTES = 32;
export const SEED_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** Something that can sign with one Ed25519 key. */
export interface Ed25519Key {
  /** 32 bytes (RFC 8032 §5.1.5) */
  publicKey: Uint8Array;
  /** 64 bytes (RFC 8032 §5.1.6, pure Ed25519) */
  sign(message: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

/** DER up to the key itself (RFC 8410): PKCS #8 of a seed, SubjectPublicKeyInfo of a public key. */
const PKCS8 = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);
const SPKI = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0);

/** A key held in this process; the seed is its 32-byte private key. */
export function localKey(seed: Uint8Array): Ed25519Key {
  if (seed.length !== SEED_BYTES) throw new MalformedTlog('seed', `${SEED_BYTES} bytes`);
  const key = createPrivateKey({ key: Buffer.from(concat(PKCS8, seed)), format: 'der', type: 'pkcs8' });
  const publicKey = publicKeyFromSpki(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) };
}

export const newSeed = (): Uint8Array => new Uint8Array(randomBytes(SEED_BYTES));

/** The 32 bytes in a DER SubjectPublicKeyInfo, as KMS GetPublicKey and openssl give it. */
export function publicKeyFromSpki(der: Uint8Array): Uint8Array {
  if (der.length !== SPKI.length + PUBLIC_KEY_BYTES || !SPKI.every((byte, at) => der[at] === byte)) {
    throw new MalformedTlog('public key', 'an Ed25519 SubjectPublicKeyInfo in DER');
  }
  return new Uint8Array(der.subarray(SPKI.length));
}

const keys = new Map<string, KeyObject>();
const MAX_KEYS = 64;

/** False for anything but a valid signature, also when the public key is no point of the curve. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  try {
    return verify(null, message, keyObject(publicKey), signature);
  } catch {
    return false;
  }
}

function keyObject(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString('hex');
  const known = keys.get(name);
  if (known) return known;
  const key = createPublicKey({ key: Buffer.from(concat(SPKI, publicKey)), format: 'der', type: 'spki' });
  if (keys.size >= MAX_KEYS) keys.clear();
  keys.set(name, key);
  return key;
}
