// hash.ts as a browser has it (package.json, “browser”): SHA-256 by WebCrypto. WebCrypto answers later, and the verifier above it is
// synchronous on purpose. So a digest that is not known yet is asked for by breaking off; `hashing` has it computed and runs the verifier
// again, as often as it takes: once for each node of a proof, some twenty times for a million events. One verifier for both sides is
// worth more than the microseconds.
import { concat } from './bytes.ts';

export const HASH_BYTES = 32;
export const LEAF_PREFIX = 0;
export const NODE_PREFIX = 1;

/** Thrown where a digest is not known yet; nothing between here and `hashing` may catch it. */
class Wanted extends Error {
  readonly input: Uint8Array<ArrayBuffer>;
  readonly key: string;

  constructor(input: Uint8Array, key: string) {
    super('a digest that is still to be computed');
    this.input = new Uint8Array(input);
    this.key = key;
  }
}

const known = new Map<string, Uint8Array>();
/** Digests kept at most: a proof needs some dozens. */
const KEPT = 4096;

/**
 * Runs what hashes until all of its digests are there.
 * @param run is run several times: it must do nothing but compute
 */
export async function hashing<T>(run: () => T | Promise<T>): Promise<T> {
  if (known.size > KEPT) known.clear();
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Wanted)) throw error;
      known.set(error.key, new Uint8Array(await crypto.subtle.digest('SHA-256', error.input)));
    }
  }
}

export const room = (bytes: number): Uint8Array => new Uint8Array(bytes);

/** 32 bytes */
export function sha256(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return new Uint8Array(EMPTY_ROOT);
  let key = '';
  for (const byte of bytes) key += String.fromCodePoint(byte);
  const digest = known.get(key);
  if (!digest) throw new Wanted(bytes, key);
  return new Uint8Array(digest);
}

/** SHA-256 of `input`, written to `out` at offset `at`. */
export function hashInto(input: Uint8Array, out: Uint8Array, at: number): void {
  out.set(sha256(input), at);
}

/** SHA-256(0x00 ‖ entry), 32 bytes (RFC 6962 §2.1) */
export const leafHash = (entry: Uint8Array): Uint8Array => sha256(concat(Uint8Array.of(LEAF_PREFIX), entry));

/** SHA-256(0x01 ‖ left ‖ right), 32 bytes (RFC 6962 §2.1) */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(concat(Uint8Array.of(NODE_PREFIX), left, right));

/** Root of the empty tree: SHA-256 of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Uint8Array = Uint8Array.from(
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'.match(/../g)!,
  (hex) => Number.parseInt(hex, 16),
);
