// Tiles of the log (C2SP tlog-tiles) from the LOG table. Full ones are stored: they never change. Of the partial ones on the
// right edge nothing is stored but what they are made of: leaf hashes are in the pages, and of every full tile its root,
// which is the hash in the tile above, is in a small item of its own.
import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { DaochaError } from '../../../events/errors.ts';
import { batchPut, type Item } from '../log/batch.ts';
import { rootKey, tileKey, tilePartition, type LogDeps } from '../log/deps.ts';
import { leavesBetween } from '../log/leaves.ts';
import { concat } from '../tlog/bytes.ts';
import { HASH_BYTES } from '../tlog/hash.ts';
import { subtreeRoot, TILE_WIDTH } from '../tlog/subtree.ts';
import type { BuiltTile, TileReader } from '../tlog/tile-build.ts';
import { tilePath, type HashTile } from '../tlog/tile.ts';

/** What sealing has written of the tree is not all there. `daocha audit check` names what is missing. */
export class TreeDamaged extends DaochaError {
  constructor(tile: HashTile) {
    super('tree-damaged', 500, `${tilePath(tile)} cannot be made from what the log has stored`, {
      facts: { tile: tilePath(tile) },
    });
  }
}

const keyOf = (deps: LogDeps, sk: string): Item => ({ pk: { S: tilePartition(deps.tenant) }, sk: { S: sk } });

/** Writes the full ones among these, with their roots. Whoever writes them writes the same. */
export async function writeFullTiles(deps: LogDeps, tiles: readonly BuiltTile[]): Promise<void> {
  const full = tiles.filter(({ width }) => width === TILE_WIDTH);
  const items = full.flatMap(({ level, index, data }) => [
    { ...keyOf(deps, tileKey(level, index)), hashes: { B: data } },
    { ...keyOf(deps, rootKey(level, index)), hash: { B: subtreeRoot(data) } },
  ]);
  await batchPut(deps.dynamo, deps.log, items, deps.backoff);
}

/**
 * Reads tiles of the sealed log, full or of any width that it has.
 * @throws TreeDamaged; LogDamaged when a page is missing
 */
export const tileReader =
  (deps: LogDeps): TileReader =>
  (tiles) =>
    Promise.all(tiles.map((tile) => readTile(deps, tile)));

async function readTile(deps: LogDeps, tile: HashTile): Promise<Uint8Array> {
  if (tile.width === TILE_WIDTH) {
    const { Item } = await deps.dynamo.send(
      new GetItemCommand({
        TableName: deps.log,
        Key: keyOf(deps, tileKey(tile.level, tile.index)),
        ConsistentRead: true,
      }),
    );
    const hashes = Item?.['hashes']?.B;
    if (hashes?.length !== TILE_WIDTH * HASH_BYTES) throw new TreeDamaged(tile);
    return hashes;
  }
  const first = tile.index * TILE_WIDTH;
  if (tile.level > 0) return roots(deps, tile, first);
  const leaves: Uint8Array[] = [];
  for await (const some of leavesBetween(deps, first, first + tile.width)) leaves.push(some);
  return concat(...leaves);
}

/** The hashes of a partial tile above level 0: the roots of the tiles under it. */
async function roots(deps: LogDeps, tile: HashTile, first: number): Promise<Uint8Array> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: {
        ':pk': { S: tilePartition(deps.tenant) },
        ':first': { S: rootKey(tile.level - 1, first) },
        ':last': { S: rootKey(tile.level - 1, first + tile.width - 1) },
      },
      ConsistentRead: true,
      Limit: tile.width,
    }),
  );
  const hashes = Items.map((item) => item['hash']?.B);
  if (hashes.length !== tile.width || hashes.some((hash) => hash?.length !== HASH_BYTES)) throw new TreeDamaged(tile);
  return concat(...hashes.map((hash) => hash!));
}
