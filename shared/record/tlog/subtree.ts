// The root of up to 256 neighbouring hashes: what one tile amounts to. Children are kept where they are hashed, as
// 0x01 ‖ left ‖ right, and each level is written over the one below, so that nothing is copied: most of the work of
// verifying a log happens here.
import { copyOf } from './bytes.ts';
import { HASH_BYTES, hashInto, NODE_PREFIX, room } from './hash.ts';

/** Hashes in a full tile (C2SP tlog-tiles, “Merkle Tree”). */
export const TILE_WIDTH = 256;

const PAIR = 1 + 2 * HASH_BYTES;
const scratch = room((TILE_WIDTH / 2) * PAIR);
const pairs = Array.from({ length: TILE_WIDTH / 2 }, (_, n) => scratch.subarray(n * PAIR, (n + 1) * PAIR));
for (const pair of pairs) pair[0] = NODE_PREFIX;

const slot = (n: number): number => (n >> 1) * PAIR + 1 + (n & 1) * HASH_BYTES;

/**
 * RFC 6962 Merkle tree hash over `count` hashes (1 … 256) in `hashes` from the `first` on. The last one of an odd level
 * rises as it is, which gives the RFC's tree for any count.
 */
export function subtreeRoot(hashes: Uint8Array, first = 0, count = hashes.length / HASH_BYTES - first): Uint8Array {
  if (!Number.isInteger(count) || count < 1 || count > TILE_WIDTH || (first + count) * HASH_BYTES > hashes.length) {
    throw new RangeError(`subtreeRoot: ${count} hashes from ${first} of ${hashes.length} bytes`);
  }
  if (count === 1) return copyOf(hashes, first * HASH_BYTES, (first + 1) * HASH_BYTES);
  const end = (first + count) * HASH_BYTES;
  for (let n = 0; n < count; n += 2) {
    const from = (first + n) * HASH_BYTES;
    scratch.set(hashes.subarray(from, Math.min(from + 2 * HASH_BYTES, end)), slot(n));
  }
  for (let width = count; width > 1; width = (width + 1) >> 1) {
    const whole = width >> 1;
    for (let n = 0; n < whole; n++) hashInto(pairs[n]!, scratch, slot(n));
    if (width & 1) scratch.copyWithin(slot(whole), slot(width - 1), slot(width - 1) + HASH_BYTES);
  }
  return copyOf(scratch, 1, 1 + HASH_BYTES);
}
