// ed25519.ts as a browser has it (package.json, “browser”): verifying only, by WebCrypto (RFC 8032 as in the Web Cryptography API's
// “Ed25519”). Old browsers do not know it: that is said, and is never taken for a signature that is wrong.
import type { webcrypto } from 'node:crypto';
import { DaochaError } from '../../../events/errors.ts';

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** This browser cannot verify signatures, or not on this page: WebCrypto is there on https and on this machine only. */
export class NoEd25519 extends DaochaError {
  constructor(cause: unknown) {
    super('no-ed25519', 501, 'this browser cannot verify Ed25519 signatures', {
      expected: 'a present-day browser, over https',
      cause,
    });
  }
}

/** False for anything but a valid signature, also when the public key is no point of the curve. @throws NoEd25519 */
export async function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  let key: webcrypto.CryptoKey;
  try {
    key = await crypto.subtle.importKey('raw', new Uint8Array(publicKey), 'Ed25519', false, ['verify']);
  } catch (error) {
    if ((error as Error).name === 'DataError') return false;
    throw new NoEd25519(error);
  }
  return crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), new Uint8Array(message));
}
