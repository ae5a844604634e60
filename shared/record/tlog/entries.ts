// Entry bundles (C2SP tlog-tiles, “Log entries”): up to 256 entries, each behind its length as a big-endian uint16.
import { concat } from './bytes.ts';
import { MalformedTlog } from './errors.ts';
import { HASH_BYTES, hashInto, LEAF_PREFIX, room } from './hash.ts';
import { TILE_WIDTH } from './subtree.ts';

export const MAX_ENTRY_BYTES = 0xffff;

/** @throws MalformedTlog for no entries, for more than 256, and for an entry over 65,535 bytes */
export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array {
  checkWidth(entries.length);
  return concat(
    ...entries.flatMap((entry, n) => {
      if (entry.length > MAX_ENTRY_BYTES) throw new MalformedTlog(`entry ${n}`, `at most ${MAX_ENTRY_BYTES} bytes`);
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/**
 * The entries of a bundle of exactly `width` entries, as views of its bytes.
 * @throws MalformedTlog when bytes are missing or left over
 */
export function decodeEntries(bundle: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  eachEntry(bundle, width, (start, end) => entries.push(bundle.subarray(start, end)));
  return entries;
}

/**
 * Leaf hashes of a bundle of `width` entries: what its tile of level 0 must hold, 32 bytes each.
 * While an entry is hashed, the byte before it (of its length) is the prefix of a leaf, and then itself again: copying
 * every entry behind a prefix would cost a fifth of the time.
 * @throws MalformedTlog as `decodeEntries` does
 */
export function bundleLeaves(bundle: Uint8Array, width: number): Uint8Array {
  checkWidth(width);
  const leaves = room(width * HASH_BYTES);
  let at = 0;
  eachEntry(bundle, width, (start, end) => {
    const length = bundle[start - 1]!;
    bundle[start - 1] = LEAF_PREFIX;
    hashInto(viewOf(bundle, start - 1, end), leaves, at);
    bundle[start - 1] = length;
    at += HASH_BYTES;
  });
  return viewOf(leaves, 0, leaves.length); // no Node Buffer gets out
}

const viewOf = (bytes: Uint8Array, from: number, to: number): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from);

function eachEntry(bundle: Uint8Array, width: number, use: (start: number, end: number) => void): void {
  checkWidth(width);
  let at = 0;
  for (let n = 0; n < width; n++) {
    const start = at + 2;
    const end = start + (bundle[at] ?? 0) * 256 + (bundle[at + 1] ?? 0);
    if (end > bundle.length) throw new MalformedTlog('entry bundle', `it ends within entry ${n} of ${width}`);
    use(start, end);
    at = end;
  }
  if (at !== bundle.length) {
    throw new MalformedTlog('entry bundle', `${bundle.length - at} bytes are left over behind ${width} entries`);
  }
}

function checkWidth(width: number): void {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new MalformedTlog('entry bundle', `1 … ${TILE_WIDTH} entries`);
  }
}
