import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import roots from '../../vectors/merkle/roots.json' with { type: 'json' };
import { concat } from '../../../shared/record/tlog/bytes.ts';
import { hashInto, leafHash, nodeHash, sha256 } from '../../../shared/record/tlog/hash.ts';
import {
  appendLeaves,
  appendTiles,
  EMPTY_FRONTIER,
  frontierNodes,
  rangeNodes,
  root,
  type Frontier,
} from '../../../shared/record/tlog/merkle.ts';
import { subtreeRoot } from '../../../shared/record/tlog/subtree.ts';
import { leavesOf } from './logs.ts';
import { naiveLeaf, naiveRoot } from './naive.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const LEAVES = leavesOf(1200);
const grow = (from: Frontier, leaves: Uint8Array[]): Frontier => appendLeaves(from, concat(...leaves));

test('trees of 0 to 8 leaves have the published roots', () => {
  const leaves = roots.leaves.map((leaf) => leafHash(Buffer.from(leaf, 'hex')));
  for (const [size, published] of roots.roots.entries()) {
    expect(hex(root(grow(EMPTY_FRONTIER, leaves.slice(0, size))))).toBe(published);
  }
});

test('leaf and node hashes are SHA-256 behind 0x00 and 0x01, for entries of any length', () => {
  for (const length of [0, 1, 500, 65_535, 65_536, 100_000]) {
    const entry = new Uint8Array(length).fill(7);
    expect(hex(leafHash(entry))).toBe(hex(naiveLeaf(entry)));
  }
  const [left, right] = [LEAVES[0]!, LEAVES[1]!];
  expect(hex(nodeHash(left, right))).toBe(hex(naiveRoot([left, right])));
  for (const out of [new Uint8Array(70), Buffer.alloc(70)]) {
    hashInto(left, out, 5);
    expect(hex(out)).toBe('00'.repeat(5) + hex(sha256(left)) + '00'.repeat(33));
  }
});

test('hashes that were given out do not change when more are made', () => {
  const first = nodeHash(LEAVES[0]!, LEAVES[1]!);
  const tile = subtreeRoot(concat(...LEAVES.slice(0, 256)));
  const single = concat(LEAVES[5]!);
  const one = subtreeRoot(Buffer.from(single));
  const before = [first, tile, one].map(hex);
  for (let n = 0; n < 500; n++) subtreeRoot(concat(...LEAVES.slice(n, n + 2)));
  expect([first, tile, one].map(hex)).toEqual(before);
});

test('a tile of any width has the root of its tree, from any hash on', () => {
  for (let count = 1; count <= 256; count++) {
    const first = count % 5;
    const hashes = concat(...LEAVES.slice(0, first + count + 3));
    expect(hex(subtreeRoot(hashes, first, count))).toBe(hex(naiveRoot(LEAVES.slice(first, first + count))));
  }
  for (const [first, count] of [
    [0, 0],
    [0, 257],
    [1, 256],
    [0, 1.5],
  ] as const) {
    expect(() => subtreeRoot(new Uint8Array(256 * 32), first, count)).toThrow(RangeError);
  }
});

test('the frontier has the root of the tree, however the leaves came in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 6 }), (steps) => {
      let frontier = EMPTY_FRONTIER;
      for (const step of steps) {
        const before = concat(frontier.hashes);
        const next = grow(frontier, LEAVES.slice(frontier.size, frontier.size + step));
        expect(frontier.hashes).toEqual(before);
        frontier = next;
      }
      expect(hex(root(frontier))).toBe(hex(naiveRoot(LEAVES.slice(0, frontier.size))));
      const atOnce = grow(EMPTY_FRONTIER, LEAVES.slice(0, frontier.size));
      expect(frontier).toEqual(atOnce);
    }),
    { numRuns: 60 },
  );
});

test('whole tiles can be appended by their roots, where a tile ends', () => {
  const tops = [0, 1, 2, 3].map((n) => subtreeRoot(concat(...LEAVES.slice(n * 256, n * 256 + 256))));
  const whole = grow(EMPTY_FRONTIER, LEAVES.slice(0, 1024));
  expect(appendTiles(EMPTY_FRONTIER, concat(...tops))).toEqual(whole);
  expect(appendTiles(grow(EMPTY_FRONTIER, LEAVES.slice(0, 256)), concat(...tops.slice(1)))).toEqual(whole);
  expect(() => appendTiles(grow(EMPTY_FRONTIER, LEAVES.slice(0, 255)), tops[0]!)).toThrow('a multiple of 256');
});

test('a frontier with hashes missing or left over is refused', () => {
  const { size, hashes } = grow(EMPTY_FRONTIER, LEAVES.slice(0, 7));
  expect(hashes.length).toBe(3 * 32);
  for (const wrong of [hashes.subarray(32), concat(hashes, LEAVES[0]!), hashes.subarray(0, 95)]) {
    expect(() => root({ size, hashes: wrong })).toThrow('3 hashes of 32 bytes for 7 leaves');
    expect(() => appendLeaves({ size, hashes: wrong }, LEAVES[8]!)).toThrow('frontier');
  }
  expect(() => appendLeaves({ size, hashes }, new Uint8Array(33))).toThrow('32 bytes each');
});

test('a frontier names the perfect subtrees of its size, also beyond 2^32', () => {
  expect(frontierNodes(7)).toEqual([
    { level: 2, index: 0 },
    { level: 1, index: 2 },
    { level: 0, index: 6 },
  ]);
  fc.assert(
    fc.property(fc.maxSafeNat(), (size) => {
      const nodes = frontierNodes(size);
      expect(nodes.reduce((sum, { level }) => sum + 2 ** level, 0)).toBe(size);
      for (const { index } of nodes) expect(Number.isSafeInteger(index)).toBe(true);
    }),
  );
  expect(rangeNodes(8, 11)).toEqual([
    { level: 1, index: 4 },
    { level: 0, index: 10 },
  ]);
});
