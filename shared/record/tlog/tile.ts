// Tiles (C2SP tlog-tiles, “Merkle Tree”): the tree cut into pieces 8 levels high and 256 hashes wide, that never change
// once full. Here: their names, which ones a tree has, which ones growth adds, and the place of a node in them.
import { fromDecimal } from './bytes.ts';
import { MalformedTlog } from './errors.ts';
import type { Node } from './merkle.ts';
import { TILE_WIDTH } from './subtree.ts';

/** Levels of the tree that a tile spans. */
export const TILE_HEIGHT = 8;
const MAX_LEVEL = 63;

export interface Tile {
  /** 0 holds leaf hashes, n the roots of full tiles of n − 1; `entries` the entries themselves */
  level: number | 'entries';
  /** from 0, within the level */
  index: number;
  /** hashes or entries: 256, or fewer in a partial tile */
  width: number;
}

/** A tile of hashes. */
export interface HashTile extends Tile {
  level: number;
}

/** `tile/0/x001/x234/067`, and `.p/112` behind it when partial (C2SP tlog-tiles, “Merkle Tree”, “Log entries”). */
export function tilePath({ level, index, width }: Tile): string {
  const validLevel = level === 'entries' || (Number.isInteger(level) && level >= 0 && level <= MAX_LEVEL);
  const validIndex = Number.isSafeInteger(index) && index >= 0;
  if (!validLevel || !validIndex || !Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new MalformedTlog('tile', `a level of 0 … 63 or entries, an index from 0, a width of 1 … ${TILE_WIDTH}`);
  }
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/gu)!;
  const name = groups.map((group, n) => (n < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const PATH =
  /^tile\/(?<level>entries|[0-9]{1,2})\/(?<groups>(?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/(?<width>[0-9]{1,3}))?$/u;

/**
 * The tile that a path names. Each tile has one spelling; any other is refused.
 * @throws MalformedTlog
 */
export function parseTilePath(path: string): Tile {
  const { level = '', groups = '', width } = PATH.exec(path)?.groups ?? {};
  const index = Number(groups.replaceAll(/[x/]/gu, ''));
  const tile: Tile = {
    level: level === 'entries' ? level : (fromDecimal(level) ?? -1),
    index,
    width: width === undefined ? TILE_WIDTH : (fromDecimal(width) ?? 0),
  };
  if (groups === '' || !wellFormed(tile) || tilePath(tile) !== path) {
    throw new MalformedTlog('path', 'tile/<level or entries>/<index, as x001/x234/067>[.p/<1 … 255>]');
  }
  return tile;
}

const wellFormed = ({ level, index, width }: Tile): boolean =>
  (level === 'entries' || (level >= 0 && level <= MAX_LEVEL)) &&
  Number.isSafeInteger(index) &&
  width >= 1 &&
  width <= TILE_WIDTH;

/** Hashes of a level of tiles in a tree of this size: floor(size / 256^level). */
export const levelWidth = (size: number, level: number): number => Math.floor(size / TILE_WIDTH ** level);

/** Every tile of hashes of a tree of this size, the partial ones of just this size. */
export const tilesOf = (size: number): HashTile[] => newTiles(0, size);

/**
 * The tiles of hashes that differ between two sizes of a tree: what has to be written when it grows. Lowest level first,
 * then left to right. Partial tiles of sizes in between are not among them.
 */
export function newTiles(older: number, newer: number): HashTile[] {
  const tiles: HashTile[] = [];
  for (let level = 0; levelWidth(newer, level) > 0; level++) {
    tiles.push(
      ...newOfLevel(levelWidth(older, level), levelWidth(newer, level)).map(({ index, width }) => ({
        level,
        index,
        width,
      })),
    );
  }
  return tiles;
}

/** The entry bundles that differ between two sizes of a log. */
export const newBundles = (older: number, newer: number): Tile[] =>
  newOfLevel(older, newer).map(({ index, width }) => ({ level: 'entries', index, width }));

function newOfLevel(older: number, newer: number): { index: number; width: number }[] {
  if (older >= newer) return [];
  const first = Math.floor(older / TILE_WIDTH);
  const last = Math.floor((newer - 1) / TILE_WIDTH);
  return Array.from({ length: last - first + 1 }, (_, n) => ({
    index: first + n,
    width: Math.min(TILE_WIDTH, newer - (first + n) * TILE_WIDTH),
  }));
}

/** The tile of this level and index as it is in a tree of `size`; undefined when that tree has none. */
export function tileAt(level: number | 'entries', index: number, size: number): Tile | undefined {
  const width = Math.min(TILE_WIDTH, levelWidth(size, level === 'entries' ? 0 : level) - index * TILE_WIDTH);
  return width > 0 ? { level, index, width } : undefined;
}

/** Where a node's subtree is: in which tile, from which hash on, over how many. */
export interface TilePlace {
  level: number;
  index: number;
  first: number;
  count: number;
}

export function placeOf({ level, index }: Node): TilePlace {
  const count = 2 ** (level % TILE_HEIGHT);
  const start = index * count;
  return {
    level: Math.floor(level / TILE_HEIGHT),
    index: Math.floor(start / TILE_WIDTH),
    first: start % TILE_WIDTH,
    count,
  };
}
