// The leaf hashes of a stretch of the log, from its pages: what tiles, frontiers and roots are made of.
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { batchGet } from './batch.ts';
import { pagePartition, positionKey, tileKey, tilePartition, type CommitKey, type LogDeps } from './deps.ts';
import { LEAF_BYTES } from './leaf.ts';
import { pageAt } from './page.ts';
import { LogDamaged, requireLeaf } from './read.ts';

interface PageLeaves {
  first: number;
  leaves: Uint8Array;
}

/** Pages read at once: few at first, and then more, as pages may hold one event each. */
const FEWEST = 4;
const MOST = 256;

/**
 * The leaf hashes of positions [from, until), 32 bytes each, in pieces of whole pages except at the ends.
 * @throws LogDamaged when they are not all there
 */
export async function* leavesBetween(
  deps: LogDeps,
  from: number,
  until: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let next = from;
  for (let limit = FEWEST; next < until; limit = Math.min(2 * limit, MOST)) {
    let pages = await pageLeaves(deps, next, limit);
    if (pages[0]?.first !== next) {
      const page = await pageAt(deps, next); // in the middle of a page, which only the first read can be
      if (!page) throw new LogDamaged(next);
      pages = [page];
    }
    for (const { first, leaves } of pages) {
      if (first > next) throw new LogDamaged(next);
      const [start, end] = [next - first, Math.min(until - first, leaves.length / LEAF_BYTES)];
      if (end > start) yield leaves.subarray(start * LEAF_BYTES, end * LEAF_BYTES);
      next = Math.max(next, first + end);
      if (next >= until) return;
    }
  }
}

/** Up to `limit` pages from `from` on, strongly consistent; without the names of their commits. */
async function pageLeaves(deps: LogDeps, from: number, limit: number): Promise<PageLeaves[]> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :page AND sk >= :from',
      ExpressionAttributeNames: { '#first': 'first', '#leaves': 'leaves' },
      ExpressionAttributeValues: { ':page': { S: pagePartition(deps.tenant) }, ':from': { S: positionKey(from) } },
      ProjectionExpression: '#first, #leaves',
      ConsistentRead: true,
      Limit: limit,
    }),
  );
  return Items.map((item) => ({ first: Number(item['first']!.N), leaves: item['leaves']!.B! }));
}

const TILE_WIDTH = 256;

/**
 * The leaf hashes at some positions: from the full tiles that sealing has stored, of the rest from the pages.
 * @throws LogDamaged when they are not all there
 */
export async function leavesAt(deps: LogDeps, positions: readonly number[]): Promise<Map<number, Uint8Array>> {
  const byTile = Map.groupBy(new Set(positions), (position) => Math.floor(position / TILE_WIDTH));
  const keys = [...byTile.keys()].map((index) => ({
    pk: { S: tilePartition(deps.tenant) },
    sk: { S: tileKey(0, index) },
  }));
  const tiles = new Map(
    (await batchGet(deps.dynamo, deps.log, keys, deps.backoff)).map((item) => [item['sk']!.S!, item['hashes']!.B!]),
  );
  const found = new Map<number, Uint8Array>();
  for (const [index, wanted] of byTile) {
    const tile = tiles.get(tileKey(0, index));
    const first = tile ? index * TILE_WIDTH : Math.min(...wanted);
    const leaves = tile ?? (await together(leavesBetween(deps, first, Math.max(...wanted) + 1)));
    for (const position of wanted) {
      const at = (position - first) * LEAF_BYTES;
      found.set(position, leaves.subarray(at, at + LEAF_BYTES));
    }
  }
  return found;
}

/**
 * That stored events are those that got these positions.
 * @throws EventAltered naming the first that is not; LogDamaged
 */
export async function requireLogged(
  deps: LogDeps,
  stored: readonly { position: number; commit: CommitKey; bytes: Uint8Array }[],
): Promise<void> {
  const leaves = await leavesAt(
    deps,
    stored.map(({ position }) => position),
  );
  for (const { position, commit, bytes } of stored) requireLeaf(position, commit, bytes, leaves.get(position)!);
}

async function together(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
