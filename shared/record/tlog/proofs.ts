// Inclusion and consistency proofs: built from a reader of node hashes (tiles, usually), and verified as RFC 9162
// §2.1.3.2 and §2.1.4.2 say, strictly: exactly as many hashes as needed, every number in range. The reader is asked
// once, for everything. Verifying never returns false: it throws, or it holds.
import { equal } from './bytes.ts';
import { MalformedTlog, TlogRejected } from './errors.ts';
import { EMPTY_ROOT, HASH_BYTES, nodeHash } from './hash.ts';
import { foldRight, powerBelow, rangeNodes, type Node } from './merkle.ts';

/** Hashes of nodes, in the order asked for; each node's leaves are all within the tree. */
export type HashReader = (nodes: readonly Node[]) => Promise<readonly Uint8Array[]> | readonly Uint8Array[];

type Range = readonly [from: number, to: number];

/**
 * Audit path of leaf `index` in the tree of `size` leaves, the leaf's sibling first (RFC 6962 §2.1.1).
 * @throws MalformedTlog when the leaf is not in the tree
 */
export async function proveInclusion(index: number, size: number, read: HashReader): Promise<Uint8Array[]> {
  checkSize('size', size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new MalformedTlog('index', `a position in the log of ${size}, from 0 on`);
  }
  const path: Range[] = [];
  for (let from = 0, to = size; to - from > 1;) {
    const split = from + powerBelow(to - from);
    path.push(index < split ? [split, to] : [from, split]);
    if (index < split) to = split;
    else from = split;
  }
  return rangeHashes(path.reverse(), read);
}

/**
 * Proof that the first `older` leaves of the tree of `newer` leaves are the tree of `older` leaves (RFC 6962 §2.1.2).
 * Empty between equal sizes and from the empty tree.
 * @throws MalformedTlog when `older` is larger than `newer`
 */
export async function proveConsistency(older: number, newer: number, read: HashReader): Promise<Uint8Array[]> {
  checkSize('newer', newer);
  checkSize('older', older);
  if (older > newer) throw new MalformedTlog('older', `at most ${newer}, the newer size`);
  if (older === 0 || older === newer) return [];
  const path: Range[] = [];
  let [from, to] = [0, newer];
  while (to !== older) {
    const split = from + powerBelow(to - from);
    path.push(older <= split ? [split, to] : [from, split]);
    if (older <= split) to = split;
    else from = split;
  }
  if (from > 0) path.push([from, to]); // the verifier has the root of a subtree from 0 on: the older root
  return rangeHashes(path.reverse(), read);
}

/**
 * The root that a leaf and its audit path lead to (RFC 9162 §2.1.3.2).
 * @throws TlogRejected `not-included` when the path has too few or too many hashes
 */
export function rootFromInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
): Uint8Array {
  checkSize('size', size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new TlogRejected('not-included', `position ${index} is not in a log of ${size}`);
  }
  checkHashes([leaf, ...proof]);
  let [fn, sn] = [index, size - 1];
  let hash = leaf;
  for (const sibling of proof) {
    if (sn === 0) throw new TlogRejected('not-included', 'the inclusion proof has too many hashes');
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  if (sn !== 0) throw new TlogRejected('not-included', 'the inclusion proof has too few hashes');
  return hash;
}

/**
 * Holds when the leaf hash is at `index` in the tree of `size` leaves with this root.
 * @throws TlogRejected `not-included`
 */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): void {
  if (!equal(rootFromInclusion(leaf, index, size, proof), root)) {
    throw new TlogRejected('not-included', `the entry is not at position ${index} of this log of ${size}`);
  }
}

export interface TreeHead {
  size: number;
  root: Uint8Array;
}

/**
 * Holds when `newer` only appended to `older` (RFC 9162 §2.1.4.2). Everything is consistent with the empty tree, by the
 * empty proof.
 * @throws TlogRejected `not-consistent`
 */
export function verifyConsistency(older: TreeHead, newer: TreeHead, proof: readonly Uint8Array[]): void {
  checkSize('older size', older.size);
  checkSize('newer size', newer.size);
  checkHashes([older.root, newer.root, ...proof]);
  const refuse = (why: string): never => {
    throw new TlogRejected(
      'not-consistent',
      `the log of ${newer.size} does not continue that of ${older.size}: ${why}`,
    );
  };
  if (older.size > newer.size) return refuse('it is shorter');
  for (const { size, root } of [older, newer]) {
    if (size === 0 && !equal(root, EMPTY_ROOT)) return refuse('an empty log has another root');
  }
  if (older.size === newer.size || older.size === 0) {
    if (proof.length > 0) return refuse('the proof has too many hashes');
    if (older.size === newer.size && !equal(older.root, newer.root)) return refuse('the roots differ');
    return;
  }
  const path = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof;
  const first = path[0];
  if (proof.length === 0 || !first) return refuse('the proof has too few hashes');
  let [fn, sn] = [older.size - 1, newer.size - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  let [oldHash, newHash] = [first, first];
  for (const hash of path.slice(1)) {
    if (sn === 0) return refuse('the proof has too many hashes');
    if (fn % 2 === 1 || fn === sn) {
      oldHash = nodeHash(hash, oldHash);
      newHash = nodeHash(hash, newHash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      newHash = nodeHash(newHash, hash);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  if (sn !== 0) return refuse('the proof has too few hashes');
  if (!equal(oldHash, older.root)) return refuse('what it holds first is not the older log');
  if (!equal(newHash, newer.root)) return refuse('the proof does not lead to its root');
}

async function rangeHashes(ranges: readonly Range[], read: HashReader): Promise<Uint8Array[]> {
  const nodes = ranges.map(([from, to]) => rangeNodes(from, to));
  const hashes = await read(nodes.flat());
  let at = 0;
  return nodes.map((some) => foldRight(hashes.slice(at, (at += some.length))));
}

const half = (n: number): number => Math.floor(n / 2);
const isPowerOfTwo = (n: number): boolean => powerBelow(n + 1) === n;

function checkSize(field: string, size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw new MalformedTlog(field, 'a whole number from 0 on');
}

function checkHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some(({ length }) => length !== HASH_BYTES)) throw new MalformedTlog('hash', '32 bytes');
}
