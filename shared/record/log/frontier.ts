// The frontier of the log's Merkle tree (shared/record/tlog/merkle.ts): how it is stored, and how it is found again from the
// pages alone. A few hashes for a log of any length, one for each bit set in its size.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { concat } from '../tlog/bytes.ts';
import { HASH_BYTES } from '../tlog/hash.ts';
import { appendLeaves, EMPTY_FRONTIER, frontierNodes, type Frontier } from '../tlog/merkle.ts';
import { DaochaError } from '../../../events/errors.ts';
import type { LogDeps } from './deps.ts';
import { leavesBetween } from './leaves.ts';

/** The stored frontier cannot be one of a tree of this size: something wrote over it. */
export class FrontierDamaged extends DaochaError {
  constructor(size: number, found: number) {
    const needed = frontierNodes(size).length;
    super('frontier-damaged', 500, `the frontier of ${size} events has ${needed} hashes, and ${found} are stored`, {
      facts: { size },
    });
  }
}

/** A list of binary, the largest subtree first. */
export const frontierToItem = ({ hashes }: Frontier): AttributeValue => ({
  L: Array.from({ length: hashes.length / HASH_BYTES }, (_, n) => ({
    B: hashes.slice(n * HASH_BYTES, (n + 1) * HASH_BYTES),
  })),
});

/** Undefined when there is none. @throws FrontierDamaged when it is not of this size */
export function frontierFromItem(size: number, stored: AttributeValue | undefined): Frontier | undefined {
  if (!stored) return undefined;
  const hashes = (stored.L ?? []).map(({ B }) => B ?? new Uint8Array());
  const wrong = hashes.length !== frontierNodes(size).length || hashes.some(({ length }) => length !== HASH_BYTES);
  if (wrong) throw new FrontierDamaged(size, hashes.length);
  return { size, hashes: concat(...hashes) };
}

/**
 * The frontier of the log up to its head: the head's own, or, when the head is from before it was kept there, that of the
 * pages, which are all read for it, once.
 * @throws LogDamaged when the pages do not join
 */
export async function frontierOf(deps: LogDeps, head: { size: number; frontier?: Frontier }): Promise<Frontier> {
  if (head.frontier) return head.frontier;
  let frontier = EMPTY_FRONTIER;
  for await (const leaves of leavesBetween(deps, 0, head.size)) frontier = appendLeaves(frontier, leaves);
  return frontier;
}
