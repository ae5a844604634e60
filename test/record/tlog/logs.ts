// Logs for tests: entries from a seed, their leaf hashes, and tiles kept in a map as a server would keep them.
import { createHash } from 'node:crypto';
import { concat } from '../../../shared/record/tlog/bytes.ts';
import { leafHash } from '../../../shared/record/tlog/hash.ts';
import { newBundles, tileAt, tilePath, type HashTile } from '../../../shared/record/tlog/tile.ts';
import { buildTiles, type TileReader } from '../../../shared/record/tlog/tile-build.ts';
import { encodeEntries } from '../../../shared/record/tlog/entries.ts';
import { TILE_WIDTH } from '../../../shared/record/tlog/subtree.ts';

/** The same entries for the same seed, of different lengths; entry 0 is empty. */
export const entriesOf = (count: number, seed = 'log'): Uint8Array[] =>
  Array.from({ length: count }, (_, n) =>
    n === 0 ? new Uint8Array() : Buffer.from(`${seed} ${n} ${'·'.repeat(n % 40)}`),
  );

/** Distinct 32-byte hashes, quickly. */
export const leavesOf = (count: number, seed = 0): Uint8Array[] =>
  Array.from({ length: count }, (_, n) => new Uint8Array(createHash('sha256').update(`${seed}/${n}`).digest()));

export class TileStore {
  readonly files = new Map<string, Uint8Array>();
  readonly read: TileReader = (tiles) => tiles.map((tile) => this.get(tile));
  size = 0;

  get(tile: HashTile): Uint8Array {
    const data = this.files.get(tilePath(tile)) ?? this.files.get(tilePath({ ...tile, width: TILE_WIDTH }));
    if (!data) throw new Error(`no tile ${tilePath(tile)}`);
    return data;
  }

  async append(leaves: Uint8Array[]): Promise<void> {
    for (const { data, ...tile } of await buildTiles(this.size, concat(...leaves), this.read)) {
      this.files.set(tilePath(tile), data);
    }
    this.size += leaves.length;
  }

  /** Appends entries and writes their bundles too. */
  async log(entries: Uint8Array[], before: Uint8Array[] = []): Promise<void> {
    const older = this.size;
    await this.append(entries.map(leafHash));
    const all = [...before, ...entries];
    for (const { index } of newBundles(older, this.size)) {
      const tile = tileAt('entries', index, this.size)!;
      const start = index * TILE_WIDTH;
      this.files.set(tilePath(tile), encodeEntries(all.slice(start, start + tile.width)));
    }
  }
}

export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = new Uint8Array(bytes);
  const at = (bit >> 3) % bytes.length;
  changed[at]! ^= 1 << (bit & 7);
  return changed;
}
