// Making tiles out of leaf hashes, and hashes out of tiles. What a tree adds to its tiles when it grows depends only on
// its sizes, its new leaf hashes and the partial tiles on its right edge.
import { concat, copyOf } from './bytes.ts';
import { MalformedTlog, TlogRejected } from './errors.ts';
import { HASH_BYTES } from './hash.ts';
import { foldRight, frontierNodes, type Frontier, type Node } from './merkle.ts';
import type { HashReader } from './proofs.ts';
import { subtreeRoot, TILE_WIDTH } from './subtree.ts';
import { levelWidth, newTiles, placeOf, tileAt, tilePath, type HashTile } from './tile.ts';

/**
 * Contents of tiles, in the order asked for. Where a partial tile was asked for, a wider or the full one of the same
 * index will do: its first hashes are the same.
 */
export type TileReader = (tiles: readonly HashTile[]) => Promise<readonly Uint8Array[]> | readonly Uint8Array[];

export interface BuiltTile extends HashTile {
  /** 32 bytes per hash */
  data: Uint8Array;
}

/**
 * The tiles to write when the tree of `size` leaves grows by `leaves` (32 bytes each). Reads at most one partial tile
 * per level.
 * @throws TlogRejected `bad-tile` when the reader's tile is too short
 */
export async function buildTiles(size: number, leaves: Uint8Array, read: TileReader): Promise<BuiltTile[]> {
  if (leaves.length % HASH_BYTES !== 0) throw new MalformedTlog('leaves', '32 bytes each');
  const newer = size + leaves.length / HASH_BYTES;
  const edges = await readEdges(size, newer, read);
  const built: BuiltTile[] = [];
  let added = leaves;
  for (let level = 0; added.length > 0; level++) {
    const edge = edges.get(level) ?? new Uint8Array();
    const hashes = concat(edge, added);
    const tiles = newTiles(size, newer).filter((tile) => tile.level === level);
    let at = 0;
    for (const tile of tiles) {
      built.push({ ...tile, data: copyOf(hashes, at, (at += tile.width * HASH_BYTES)) });
    }
    added = concat(
      ...built.filter((tile) => tile.level === level && tile.width === TILE_WIDTH).map(({ data }) => subtreeRoot(data)),
    );
  }
  return built;
}

/** The partial tiles on the right edge that growth to `newer` goes on from. */
async function readEdges(size: number, newer: number, read: TileReader): Promise<Map<number, Uint8Array>> {
  const edges: HashTile[] = [];
  for (let level = 0; levelWidth(newer, level) > levelWidth(size, level); level++) {
    const width = levelWidth(size, level);
    if (width % TILE_WIDTH > 0) edges.push({ level, index: Math.floor(width / TILE_WIDTH), width: width % TILE_WIDTH });
  }
  const contents = edges.length > 0 ? await read(edges) : [];
  return new Map(edges.map((tile, n) => [tile.level, exactly(tile, contents[n])]));
}

/** The hashes of a tile, and no more, from what was read for it. */
function exactly(tile: HashTile, data: Uint8Array | undefined): Uint8Array {
  const bytes = tile.width * HASH_BYTES;
  if (!data || data.length < bytes || data.length > TILE_WIDTH * HASH_BYTES || data.length % HASH_BYTES !== 0) {
    throw new TlogRejected('bad-tile', `${tilePath(tile)} has ${data?.length ?? 'no'} bytes where ${bytes} belong`, {
      tile: tilePath(tile),
    });
  }
  return data.subarray(0, bytes);
}

/**
 * Reads nodes of the tree of `size` leaves from its tiles; asks for each tile once. The hashes are as good as the tiles:
 * what is proved with them is checked against a signed root.
 * @throws TlogRejected `bad-tile`
 */
export function tileHashReader(size: number, read: TileReader): HashReader {
  return async (nodes) => {
    const wanted = new Map<string, HashTile>();
    for (const node of nodes) {
      const tile = tileOf(node, size);
      wanted.set(tilePath(tile), tile);
    }
    const tiles = [...wanted.values()];
    const contents = tiles.length > 0 ? await read(tiles) : [];
    const data = new Map(tiles.map((tile, n) => [tilePath(tile), exactly(tile, contents[n])]));
    return nodes.map((node) => {
      const { first, count } = placeOf(node);
      return subtreeRoot(data.get(tilePath(tileOf(node, size)))!, first, count);
    });
  };
}

function tileOf(node: Node, size: number): HashTile {
  const { level, index, first, count } = placeOf(node);
  const tile = tileAt(level, index, size);
  if (!tile || first + count > tile.width) {
    throw new MalformedTlog('node', `(${node.level}, ${node.index}) is not in a tree of ${size}`);
  }
  return { ...tile, level };
}

/** The frontier of the tree of `size` leaves, from its tiles. */
export async function readFrontier(size: number, read: TileReader): Promise<Frontier> {
  return { size, hashes: concat(...(await tileHashReader(size, read)(frontierNodes(size)))) };
}

/** The root of the tree of `size` leaves, from the tiles on its right edge. */
export async function readRoot(size: number, read: TileReader): Promise<Uint8Array> {
  return foldRight(await tileHashReader(size, read)(frontierNodes(size)));
}
