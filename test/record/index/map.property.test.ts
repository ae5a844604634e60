// The map itself: whatever the events are about, a proof gives all positions of a subject and no others, or that there are none; and
// nothing that is not so can be proved.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockOf, keyText, merged, proveIn, trieRoot } from '../../../shared/record/index/block.ts';
import { IndexTree } from '../../../shared/record/index/index-tree.ts';
import { indexRoot, stretchesOf, verifyIndexProof, type IndexProof } from '../../../shared/record/index/proof.ts';
import { share } from '../../support/runs.ts';

const subjects = fc.array(
  fc.uniqueArray(
    fc.nat(40).map((n) => `unit/u_${n}`),
    { maxLength: 3 },
  ),
  { minLength: 1, maxLength: 600 },
);

/** A proof by what is in memory. */
export function prove(
  all: readonly string[][],
  subject: string,
  size = all.length,
): { proof: IndexProof; root: Uint8Array } {
  const blocks = stretchesOf(size).map(({ from, to }) =>
    blockOf(all.slice(from, to).map((own, n) => ({ position: from + n, keys: own.map(keyText) }))),
  );
  const proof = { subject, size, blocks: blocks.map((block) => proveIn(block, keyText(subject))) };
  return {
    proof,
    root: indexRoot(
      size,
      blocks.map((block) => trieRoot(block)),
    ),
  };
}

test('a proof gives all positions of a subject and no others, and none of one that is not there', () => {
  fc.assert(
    fc.property(subjects, fc.nat(45), fc.nat(1000), (all, n, cut) => {
      const size = 1 + (cut % all.length);
      const subject = `unit/u_${n}`;
      const { proof, root } = prove(all, subject, size);
      const expected = all.slice(0, size).flatMap((own, position) => (own.includes(subject) ? [position] : []));
      expect(verifyIndexProof(JSON.parse(JSON.stringify(proof)) as IndexProof, root)).toEqual(expected);
    }),
    { numRuns: share(300) },
  );
});

test('made anew event by event it has the same root at every size, and blocks side by side are as the block of all', () => {
  fc.assert(
    fc.property(subjects, fc.nat(20), (some, times) => {
      const all = Array.from({ length: times + 1 }, () => some).flat();
      const tree = new IndexTree();
      const sizes = [1, Math.ceil(all.length / 2), all.length];
      for (const own of all) tree.add(own);
      for (const size of sizes) expect(tree.rootOf(size)).toEqual(prove(all, 'unit/u_1', size).root);
      expect(tree.rootOf(all.length + 1)).toBeUndefined();
      const keyed = all.map((own, position) => ({ position, keys: own.map(keyText) }));
      const cuts = [0, 100, 1000, 5000, keyed.length].filter((cut) => cut <= keyed.length);
      const parts = cuts.slice(1).map((to, n) => blockOf(keyed.slice(cuts[n], to)));
      expect(merged([...parts])).toEqual(blockOf(keyed.slice(0, cuts.at(-1))));
    }),
    { numRuns: share(60) },
  );
});

test('a position left out, added or moved, another subject, size or root: none of it is proved', () => {
  fc.assert(
    fc.property(subjects, fc.nat(45), fc.nat(5), fc.nat(), (all, n, kind, at) => {
      const { proof, root } = prove(all, `unit/u_${n}`);
      const told = verifyIndexProof(proof, root);
      const forged = structuredClone(proof);
      const block = forged.blocks[at % forged.blocks.length]!;
      if (kind === 0 && block.positions) block.positions.splice(at % block.positions.length, 1);
      else if (kind === 1) block.positions = [...(block.positions ?? []), all.length - 1];
      else if (kind === 2) forged.size += 1;
      else if (kind === 3 && block.positions) {
        delete block.positions;
        block.other = { key: Buffer.alloc(16).toString('base64'), list: Buffer.alloc(32).toString('base64') };
      } else if (kind === 4) forged.blocks.pop();
      else forged.subject = 'unit/another';
      if (JSON.stringify(forged) === JSON.stringify(proof)) return;
      // another subject that is not there either may stand beside the same key
      const outcome = attempt(() => verifyIndexProof(forged, root));
      expect(outcome).toMatch(
        told.length === 0 ? /^the index proof does not hold: |^none$/u : /^the index proof does not hold: /u,
      );
    }),
    { numRuns: share(600) },
  );
});

function attempt(run: () => number[]): string {
  try {
    return run().join() || 'none';
  } catch (error) {
    return (error as Error).message;
  }
}
