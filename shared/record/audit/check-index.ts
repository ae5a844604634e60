// The verifiable index against the log: every stored block against what it is made of, every root that was sealed against what it must
// have been. Blocks above the smallest are compared with the stored ones below them, which were compared before: so memory does not grow,
// and the check goes on where it was.
import { subjectsOf, type Sorted } from '../../../events/subjects.ts';
import { blockOf, keyText, merged, trieRoot, type Block } from '../index/block.ts';
import { blockAt, blockWidth, indexRoot, SMALLEST, stretchesOf, type IndexStretch } from '../index/proof.ts';
import { blockOfLog, childrenOf } from '../index/seal-index.ts';
import { IndexDamaged, itemsOf, readBlock, readBuilt, readHeads, storedItems } from '../index/stored.ts';
import type { Item } from '../log/batch.ts';
import type { LogDeps } from '../log/deps.ts';
import { EventAltered, LogDamaged } from '../log/read.ts';
import type { Problems } from './problem.ts';
import { sealIn } from './verify-index.ts';

/** The smallest block that is not full yet; JSON. */
export interface IndexCheckState {
  from: number;
  /** of each of its events so far */
  subjects: string[][];
  /** an event of it is not as it was: nothing can be said of the block */
  damaged: boolean;
}

export class IndexCheck {
  state: IndexCheckState;
  readonly #deps: LogDeps;
  readonly #problems: Problems;
  #built: number | undefined;

  constructor(deps: LogDeps, problems: Problems, state?: IndexCheckState) {
    this.#deps = deps;
    this.#problems = problems;
    this.state = state ?? { from: 0, subjects: [], damaged: false };
  }

  /** The next event, in order; `whole`: it is as it came into the log, though it may be no event. */
  async event(position: number, whole: boolean, event: Sorted | undefined): Promise<void> {
    this.state.subjects.push(subjectsOf(event ?? {}));
    if (!whole) this.state.damaged = true;
    const sealed = event && sealIn(event);
    if (sealed) await this.#seal(position, sealed);
    if (this.state.subjects.length < SMALLEST) return;
    this.#built ??= await readBuilt(this.#deps);
    const to = this.state.from + SMALLEST;
    if (to <= this.#built) await this.#blocks(to);
    this.state = { from: to, subjects: [], damaged: false };
  }

  #tail(until = Number.POSITIVE_INFINITY): Block {
    const { from, subjects } = this.state;
    return blockOf(subjects.slice(0, until - from).map((own, n) => ({ position: from + n, keys: own.map(keyText) })));
  }

  /** The blocks that end here. */
  async #blocks(to: number): Promise<void> {
    if (!this.state.damaged) await this.#compare(blockAt(0, to / SMALLEST - 1), this.#tail());
    for (let level = 1; to % blockWidth(level) === 0; level++) {
      const index = to / blockWidth(level) - 1;
      try {
        const parts: Block[] = [];
        for (const part of childrenOf(level, index)) parts.push(await readBlock(this.#deps, part));
        await this.#compare(blockAt(level, index), merged(parts));
      } catch (error) {
        if (!(error instanceof IndexDamaged)) throw error; // its parts have been named
      }
    }
  }

  async #compare(stretch: IndexStretch, block: Block): Promise<void> {
    const where = `index block ${stretch.level}/${stretch.index}`;
    const stored = await storedItems(this.#deps, stretch);
    const same =
      itemsOf(this.#deps, stretch, block).map(textOf).toSorted().join() === stored.map(textOf).toSorted().join();
    if (same) return;
    const message = stored.length === 0 ? 'it is not there' : 'it is not what the events of the log give';
    this.#problems.add({ kind: stored.length === 0 ? 'missing' : 'altered', where, position: stretch.from, message });
  }

  /** What a seal says, by the blocks that are stored, which were compared, and the events behind them. */
  async #seal(position: number, { size, root }: { size: number; root: string }): Promise<void> {
    const problem = (message: string): void =>
      this.#problems.add({ kind: 'index', where: `seal of ${size} events`, position, message });
    if (size > position) return problem(`it is over ${size} events, and stands at ${position}`);
    const roots: Uint8Array[] = [];
    try {
      const stretches = stretchesOf(size);
      const full = stretches.filter(({ level }) => level >= 0);
      roots.push(...(await readHeads(this.#deps, full)).map((head) => head.root));
      for (const { from, to } of stretches.slice(full.length)) {
        if (from === this.state.from) {
          if (this.state.damaged) return;
          roots.push(trieRoot(this.#tail(to)));
          continue;
        }
        roots.push(trieRoot(await blockOfLog(this.#deps, from, to)));
      }
    } catch (error) {
      if (error instanceof IndexDamaged) return problem(`it cannot be made again: ${error.message}`);
      if (error instanceof EventAltered || error instanceof LogDamaged) return; // which has been named
      throw error;
    }
    const expected = Buffer.from(indexRoot(size, roots)).toString('hex');
    if (expected !== root) problem(`expected the root ${expected}, found ${root}`);
  }
}

const textOf = (item: Item): string =>
  Object.keys(item)
    .toSorted()
    .map((name) => `${name} ${item[name]!.S ?? item[name]!.N ?? Buffer.from(item[name]!.B ?? []).toString('base64')}`)
    .join(' ');
