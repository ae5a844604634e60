// The verifiable index: a Merkle map from a subject (events/subjects.ts) to the list of its positions, over the first N events of the log,
// whose one root nobody can change later (`IndexSealed`). Here: what is hashed, and how a proof is verified, in Node and in a browser.
//
// The log is cut into blocks of 256 · 8^level positions; N is made of the fewest of them, from the left, and of a tail of less than 256.
// Each block is a map of its own, a binary trie over the keys in it, which splits only where keys differ: so a block never changes once
// it is full, what is stored of it is written once, and the root of any N follows from the events before N alone. A proof goes through
// every block: in each either the list of positions, or the key that stands where this one would (docs/decisions/036-index.md).
//
//   key   = SHA-256("daocha/index/subject\n" ‖ subject), first 16 bytes
//   list  = SHA-256(0x12 ‖ each position, 8 bytes, big-endian); of a single position, 24 zero bytes ‖ the position
//   leaf  = SHA-256(0x10 ‖ key ‖ list)
//   node  = SHA-256(0x11 ‖ number of the first bit in which its keys differ, 1 byte ‖ left (bit 0) ‖ right (bit 1))
//   root  = SHA-256("daocha/index/v1\n" ‖ N, 8 bytes, big-endian ‖ root of each block; 32 zero bytes for one without subjects)
import { DaochaError } from '../../../events/errors.ts';
import { concat, copyOf, equal, fromBase64 } from '../tlog/bytes.ts';
import { HASH_BYTES, sha256 } from '../tlog/hash.ts';

export const SMALLEST = 256;
export const FANOUT = 8;
export const KEY_BYTES = 16;
const KEY_BITS = 8 * KEY_BYTES;
/** A step of a path: the bit, and the hash on the other side. */
export const STEP_BYTES = 1 + HASH_BYTES;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const SUBJECT = utf8('daocha/index/subject\n');
const ROOT = utf8('daocha/index/v1\n');
export const EMPTY_BLOCK: Uint8Array = new Uint8Array(HASH_BYTES);
export const LEAF = 0x10;
export const NODE = 0x11;
export const LIST = 0x12;

/** A stretch of positions [from, to) with a map of its own; the tail has level −1. */
export interface IndexStretch {
  level: number;
  index: number;
  from: number;
  to: number;
}

export const blockWidth = (level: number): number => SMALLEST * FANOUT ** level;

export const blockAt = (level: number, index: number): IndexStretch => ({
  level,
  index,
  from: index * blockWidth(level),
  to: (index + 1) * blockWidth(level),
});

/** What the first `size` positions are made of: the largest blocks first, then the tail. */
export function stretchesOf(size: number): IndexStretch[] {
  const found: IndexStretch[] = [];
  let level = 0;
  while (blockWidth(level + 1) <= size) level += 1;
  let from = 0;
  for (; level >= 0; level--) {
    for (const width = blockWidth(level); from + width <= size; from += width) {
      found.push(blockAt(level, from / width));
    }
  }
  if (from < size) found.push({ level: -1, index: 0, from, to: size });
  return found;
}

export const subjectKey = (subject: string): Uint8Array => copyOf(sha256(concat(SUBJECT, utf8(subject))), 0, KEY_BYTES);

export function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}

const listHash = (positions: readonly number[]): Uint8Array =>
  positions.length === 1
    ? concat(new Uint8Array(HASH_BYTES - 8), uint64(positions[0]!))
    : sha256(concat(Uint8Array.of(LIST), ...positions.map(uint64)));
const mapLeaf = (key: Uint8Array, list: Uint8Array): Uint8Array => sha256(concat(Uint8Array.of(LEAF), key, list));
const mapNode = (bit: number, left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(concat(Uint8Array.of(NODE, bit), left, right));

/** @param blocks the roots of the stretches of `size`, in order */
export const indexRoot = (size: number, blocks: readonly Uint8Array[]): Uint8Array =>
  sha256(concat(ROOT, uint64(size), ...blocks));

export const bitOf = (key: Uint8Array, bit: number): number => (key[bit >> 3]! >> (7 - (bit & 7))) & 1;

/** One block's part of a proof. */
export interface BlockProof {
  /** the subject's, in this block */
  positions?: number[] | undefined;
  /** it is not in this block: the key (base64) that stands where its own would, and the hash of that one's list */
  other?: { key: string; list: string } | undefined;
  /** steps from the leaf to the block's root, base64 of 33 bytes each: bit, hash on the other side */
  path?: string | undefined;
}

/** That these are all positions of a subject below a size; none of the three: the block has no subjects at all. */
export interface IndexProof {
  subject: string;
  size: number;
  blocks: BlockProof[];
}

/** A proof that does not prove it. */
export class IndexRejected extends DaochaError {
  constructor(message: string) {
    super('index-proof-rejected', 400, `the index proof does not hold: ${message}`, { field: 'index' });
  }
}

/**
 * All positions of a subject below a size, as the root says; none is a proof that there are none.
 * @throws IndexRejected, naming the block
 */
export function verifyIndexProof({ subject, size, blocks }: IndexProof, root: Uint8Array): number[] {
  const stretches = stretchesOf(size);
  if (blocks.length !== stretches.length) {
    throw new IndexRejected(`${size} events are ${stretches.length} blocks, and it has ${blocks.length}`);
  }
  const key = subjectKey(subject);
  const roots = blocks.map((block, n) => blockRoot(block, key, stretches[n]!));
  if (!equal(indexRoot(size, roots), root)) {
    throw new IndexRejected(`it is not of the root that was sealed for ${size} events`);
  }
  return blocks.flatMap(({ positions }) => positions ?? []);
}

function blockRoot({ positions, other, path }: BlockProof, key: Uint8Array, { from, to }: IndexStretch): Uint8Array {
  const wrong = (what: string): IndexRejected => new IndexRejected(`positions ${from} … ${to - 1}: ${what}`);
  if (positions === undefined && other === undefined && path === undefined) return EMPTY_BLOCK;
  const steps = fromBase64(path ?? '');
  if (steps === undefined || steps.length % STEP_BYTES !== 0) throw wrong('path must be base64 of 33 bytes a step');
  let at: Uint8Array;
  let hash: Uint8Array;
  if (positions !== undefined) {
    const grows = positions.every((one, n) => one >= (n === 0 ? from : positions[n - 1]! + 1) && one < to);
    if (other !== undefined || positions.length === 0 || !grows)
      throw wrong('its positions must grow, and be of the block');
    at = key;
    hash = mapLeaf(key, listHash(positions));
  } else {
    const own = fromBase64(other?.key ?? '');
    const list = fromBase64(other?.list ?? '');
    if (own?.length !== KEY_BYTES || list?.length !== HASH_BYTES)
      throw wrong('other must be a key and the hash of a list');
    if (equal(own, key)) throw wrong('the key that should be another is the one asked for');
    at = own;
    hash = mapLeaf(own, list);
  }
  for (let n = 0, below = KEY_BITS; n < steps.length; n += STEP_BYTES) {
    const bit = steps[n]!;
    if (bit >= below) throw wrong('the bits of its path must fall');
    // where a key leads that is not there, the other stands that it meets
    if (bitOf(at, bit) !== bitOf(key, bit)) throw wrong('the other key does not stand where this one would');
    const side = copyOf(steps, n + 1, n + STEP_BYTES);
    hash = bitOf(at, bit) === 0 ? mapNode(bit, hash, side) : mapNode(bit, side, hash);
    below = bit;
  }
  return hash;
}
