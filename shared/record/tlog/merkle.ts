// The append-only Merkle tree of RFC 6962 §2.1 as a frontier (“compact range”): the roots of the perfect subtrees that
// the tree is made of, the largest first, one per bit that is set in its size. That is all one must keep in order to
// append, and to know the root.
import { concat, copyOf } from './bytes.ts';
import { EMPTY_ROOT, HASH_BYTES, nodeHash } from './hash.ts';
import { MalformedTlog } from './errors.ts';
import { subtreeRoot, TILE_WIDTH } from './subtree.ts';

export interface Frontier {
  /** leaves in the tree */
  size: number;
  /** 32 bytes for each bit set in `size`, the largest subtree first */
  hashes: Uint8Array;
}

export const EMPTY_FRONTIER: Frontier = { size: 0, hashes: new Uint8Array() };

/** A node that is the root of a perfect subtree: of the 2^level leaves from index × 2^level on. */
export interface Node {
  level: number;
  index: number;
}

/**
 * The frontier after appending leaf hashes (32 bytes each, one after the other); the given one stays as it was.
 * @throws MalformedTlog when the frontier does not have the hashes that its size needs
 */
export const appendLeaves = (frontier: Frontier, leaves: Uint8Array): Frontier => grow(frontier, leaves, 1);

/**
 * The same for the roots of whole tiles of leaves, 256 leaves each: so that tiles can be hashed apart, by several workers.
 * @throws MalformedTlog also when the tree does not end with a whole tile
 */
export const appendTiles = (frontier: Frontier, roots: Uint8Array): Frontier => grow(frontier, roots, TILE_WIDTH);

/** @param unit leaves under each of the hashes */
function grow(frontier: Frontier, hashes: Uint8Array, unit: number): Frontier {
  const count = hashes.length / HASH_BYTES;
  if (!Number.isInteger(count)) throw new MalformedTlog('leaves', '32 bytes each');
  if (frontier.size % unit !== 0) throw new MalformedTlog('frontier', `a multiple of ${unit} leaves`);
  let { size } = frontier;
  const stack = subtrees(frontier);
  for (let done = 0; done < count;) {
    const width = nextBlock(size / unit, count - done);
    push(stack, width * unit, subtreeRoot(hashes, done, width));
    size += width * unit;
    done += width;
  }
  return { size, hashes: concat(...stack.map(({ hash }) => hash)) };
}

/** Root of the whole tree (RFC 6962 §2.1: the tree head), 32 bytes. */
export function root(frontier: Frontier): Uint8Array {
  return foldRight(subtrees(frontier).map(({ hash }) => hash));
}

interface Subtree {
  width: number;
  hash: Uint8Array;
}

function subtrees({ size, hashes }: Frontier): Subtree[] {
  const nodes = frontierNodes(size);
  if (hashes.length !== nodes.length * HASH_BYTES) {
    throw new MalformedTlog('frontier', `${nodes.length} hashes of 32 bytes for ${size} leaves`);
  }
  return nodes.map(({ level }, n) => ({
    width: 2 ** level,
    hash: copyOf(hashes, n * HASH_BYTES, (n + 1) * HASH_BYTES),
  }));
}

/** Adds a perfect subtree on the right; two of one size become one, as often as there are two. */
function push(stack: Subtree[], width: number, hash: Uint8Array): void {
  for (let last = stack.at(-1); last?.width === width; last = stack.at(-1)) {
    hash = nodeHash(last.hash, hash);
    width *= 2;
    stack.pop();
  }
  stack.push({ width, hash });
}

/** The most hashes, up to a tile, that make one perfect subtree where a level of this size goes on. */
function nextBlock(size: number, left: number): number {
  let width = 1;
  while (width < TILE_WIDTH && size % (width * 2) === 0 && width * 2 <= left) width *= 2;
  return width;
}

/** Where the hashes of a frontier are in the tree. */
export const frontierNodes = (size: number): Node[] => rangeNodes(0, size);

/**
 * The largest perfect subtrees that make up the leaves [from, to), from left to right. As in every range that a proof
 * or a frontier speaks of, `from` is a multiple of the largest of them.
 */
export function rangeNodes(from: number, to: number): Node[] {
  const nodes: Node[] = [];
  for (let at = from; at < to;) {
    const width = powerBelow(to - at + 1);
    nodes.push({ level: Math.log2(width), index: at / width });
    at += width;
  }
  return nodes;
}

/** The largest power of two smaller than n (n > 1): where RFC 6962 §2.1 splits n leaves. */
export function powerBelow(n: number): number {
  let width = 1;
  while (width * 2 < n) width *= 2;
  return width;
}

/** Root over perfect subtrees of falling size: the small ones on the right are joined first. */
export function foldRight(hashes: readonly Uint8Array[]): Uint8Array {
  const last = hashes.at(-1);
  return last ? hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last) : EMPTY_ROOT;
}
