// Blocks of the index in memory: which keys have which positions, sorted by key; their hash, and the way from a leaf to it.
// Keys are texts of 16 characters, one a byte, which compare as their bytes do.
import { base64 } from '../tlog/bytes.ts';
import { HASH_BYTES, hashInto, room } from '../tlog/hash.ts';
import { bitOf, type BlockProof, EMPTY_BLOCK, KEY_BYTES, subjectKey, LEAF, LIST, NODE, STEP_BYTES } from './proof.ts';

export interface BlockEntry {
  key: string;
  /** growing */
  positions: number[];
}
/** Sorted by key, each key once. */
export type Block = BlockEntry[];

export const keyText = (subject: string): string => Buffer.from(subjectKey(subject)).toString('latin1');
export const keyBytes = (key: string): Uint8Array => Buffer.from(key, 'latin1');

/** @param keys of each position in order */
export function blockOf(keys: Iterable<{ position: number; keys: readonly string[] }>): Block {
  const found = new Map<string, number[]>();
  for (const { position, keys: own } of keys) {
    for (const key of own) {
      const positions = found.get(key);
      if (positions) positions.push(position);
      else found.set(key, [position]);
    }
  }
  return [...found.keys()].toSorted().map((key) => ({ key, positions: found.get(key)! }));
}

/** Blocks side by side as one; a position of the first is before each of the second. */
export function merged(blocks: readonly Block[]): Block {
  if (blocks.length <= 1) return blocks[0] ?? [];
  const half = Math.ceil(blocks.length / 2);
  const [left, right] = [merged(blocks.slice(0, half)), merged(blocks.slice(half))];
  const all: Block = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    const [one, other] = [left[l]!, right[r]!];
    if (one.key === other.key) {
      all.push({ key: one.key, positions: one.positions.concat(other.positions) });
      l += 1;
      r += 1;
    } else if (one.key < other.key) {
      all.push(one);
      l += 1;
    } else {
      all.push(other);
      r += 1;
    }
  }
  for (; l < left.length; l++) all.push(left[l]!);
  for (; r < right.length; r++) all.push(right[r]!);
  return all;
}

const leaf = room(1 + KEY_BYTES + HASH_BYTES) as Buffer;
leaf[0] = LEAF;
const node = room(2 + 2 * HASH_BYTES) as Buffer;
node[0] = NODE;

/** A leaf's hash, written to `out`; the last 32 bytes of `leaf` are its list afterwards. */
function leafInto({ key, positions }: BlockEntry, out: Uint8Array, at: number): void {
  leaf.write(key, 1, 'latin1');
  if (positions.length === 1) {
    leaf.fill(0, 1 + KEY_BYTES, leaf.length - 8);
    writePosition(leaf, leaf.length - 8, positions[0]!);
  } else {
    const list = Buffer.allocUnsafe(1 + 8 * positions.length);
    list[0] = LIST;
    for (let n = 0; n < positions.length; n++) writePosition(list, 1 + 8 * n, positions[n]!);
    hashInto(list, leaf, 1 + KEY_BYTES);
  }
  hashInto(leaf, out, at);
}

function writePosition(bytes: Buffer, at: number, position: number): void {
  bytes.writeUInt32BE(Math.floor(position / 2 ** 32), at);
  bytes.writeUInt32BE(position % 2 ** 32, at + 4);
}

/** The first bit in which two keys differ. */
function firstDifference(one: string, other: string): number {
  let at = 0;
  while (one.charCodeAt(at) === other.charCodeAt(at)) at += 1;
  return 8 * at + Math.clz32(one.charCodeAt(at) ^ other.charCodeAt(at)) - 24;
}

/** What a trie stands on: a leaf, or a whole subtree that is known by one of its keys and its hash. */
interface Stump {
  key: string;
  hash: Uint8Array;
}

/** Root of the trie over some of the entries, sorted; zeroes when there are none. */
export function trieRoot(entries: readonly (BlockEntry | Stump)[], from = 0, to = entries.length): Uint8Array {
  if (from >= to) return EMPTY_BLOCK;
  // Hashes that wait for their right side, and the bits in which they differ from what comes behind: growing.
  const hashes = room(HASH_BYTES * 130) as Buffer;
  const bits: number[] = [];
  for (let n = from; n < to; n++) {
    const entry = entries[n]!;
    let depth = bits.length;
    if ('hash' in entry) hashes.set(entry.hash, depth * HASH_BYTES);
    else leafInto(entry, hashes, depth * HASH_BYTES);
    const bit = n + 1 < to ? firstDifference(entry.key, entries[n + 1]!.key) : -1;
    while (bits.length > 0 && bits.at(-1)! > bit) {
      depth -= 1;
      node[1] = bits.pop()!;
      hashes.copy(node, 2, depth * HASH_BYTES, (depth + 2) * HASH_BYTES);
      hashInto(node, hashes, depth * HASH_BYTES);
    }
    bits.push(bit);
  }
  return new Uint8Array(hashes.subarray(0, HASH_BYTES));
}

/** Which of these, sorted and not none, a key meets; and the way from there to the root, with the hashes beside it. */
export function pathIn(entries: readonly (BlockEntry | Stump)[], key: string): { at: number; path: Uint8Array[] } {
  const bytes = keyBytes(key);
  const path: Uint8Array[] = [];
  let [from, to] = [0, entries.length];
  while (to - from > 1) {
    const bit = firstDifference(entries[from]!.key, entries[to - 1]!.key);
    let [low, high] = [from + 1, to - 1]; // the first that has the bit
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bitOf(keyBytes(entries[middle]!.key), bit) === 1) high = middle;
      else low = middle + 1;
    }
    const right = bitOf(bytes, bit) === 1;
    const step = new Uint8Array(STEP_BYTES);
    step[0] = bit;
    step.set(right ? trieRoot(entries, from, low) : trieRoot(entries, low, to), 1);
    path.unshift(step);
    if (right) from = low;
    else to = low;
  }
  return { at: from, path };
}

/** @param entries those that the key meets as entries, the others as they come */
export function proveIn(entries: readonly (BlockEntry | Stump)[], key: string): BlockProof {
  if (entries.length === 0) return {};
  const { at, path } = pathIn(entries, key);
  const found = entries[at] as BlockEntry;
  const steps = base64(Buffer.concat(path));
  if (found.key === key) return { positions: found.positions, path: steps };
  leafInto(found, room(HASH_BYTES), 0);
  const list = base64(leaf.subarray(1 + KEY_BYTES));
  return { other: { key: base64(keyBytes(found.key)), list }, path: steps };
}
