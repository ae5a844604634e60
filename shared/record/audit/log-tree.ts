// The tree over a live log, grown page by page: what the stored tiles and checkpoints must hold. Its state is a few hashes for each
// level, so that a check of any length goes on where it was.
import { base64, concat, equal, fromBase64 } from '../tlog/bytes.ts';
import { HASH_BYTES } from '../tlog/hash.ts';
import { appendLeaves, EMPTY_FRONTIER, root, type Frontier } from '../tlog/merkle.ts';
import { subtreeRoot, TILE_WIDTH } from '../tlog/subtree.ts';

export interface LogTreeState {
  size: number;
  /** base64 */
  frontier: string;
  /** of each level the hashes of the tile that is not full yet, base64 */
  edges: string[];
}

export interface FullTile {
  level: number;
  index: number;
  hashes: Uint8Array;
}

export class LogTree {
  frontier: Frontier = EMPTY_FRONTIER;
  #edges: Uint8Array[] = [];

  static from(state: LogTreeState): LogTree {
    const tree = new LogTree();
    tree.frontier = { size: state.size, hashes: fromBase64(state.frontier)! };
    tree.#edges = state.edges.map((edge) => fromBase64(edge)!);
    return tree;
  }

  state(): LogTreeState {
    return {
      size: this.frontier.size,
      frontier: base64(this.frontier.hashes),
      edges: this.#edges.map(base64),
    };
  }

  get size(): number {
    return this.frontier.size;
  }

  root(): Uint8Array {
    return root(this.frontier);
  }

  /** @returns the tiles that became full by it */
  append(leaves: Uint8Array): FullTile[] {
    const full: FullTile[] = [];
    let { size } = this.frontier;
    for (let at = 0; at < leaves.length;) {
      const room = (TILE_WIDTH - (size % TILE_WIDTH)) * HASH_BYTES;
      const some = leaves.subarray(at, at + room);
      this.#add(0, size, some, full);
      size += some.length / HASH_BYTES;
      at += some.length;
    }
    this.frontier = appendLeaves(this.frontier, leaves);
    return full;
  }

  /** @param size hashes of the level so far */
  #add(level: number, size: number, hashes: Uint8Array, full: FullTile[]): void {
    const edge = concat(this.#edges[level] ?? new Uint8Array(), hashes);
    if (edge.length < TILE_WIDTH * HASH_BYTES) {
      this.#edges[level] = edge;
      return;
    }
    const index = Math.floor(size / TILE_WIDTH);
    full.push({ level, index, hashes: edge });
    this.#edges[level] = new Uint8Array();
    this.#add(level + 1, index, subtreeRoot(edge), full);
  }

  /** Whether these are the hashes of its frontier, from left to right. */
  hasFrontier(hashes: Uint8Array): boolean {
    return equal(this.frontier.hashes, hashes);
  }
}
