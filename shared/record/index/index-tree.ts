// The index made anew from the log, event by event, in memory: what every seal's root must have been. Of each level at most seven blocks
// wait for the eighth; of what is full only the root is kept.
import { blockOf, keyText, merged, trieRoot, type Block } from './block.ts';
import { FANOUT, indexRoot, SMALLEST, stretchesOf } from './proof.ts';

/** A tail can be made again while it is not older than so many smallest blocks: seals come soon after the events that they are over. */
const TAILS = 256;
/** Keys remembered: most subjects come again soon. */
const KNOWN = 50_000;

export class IndexTree {
  size = 0;
  readonly #roots: Uint8Array[][] = [[]];
  readonly #waiting: Block[][] = [[]];
  /** keys of the events of the latest smallest blocks, the last of which is not full */
  readonly #tails: { index: number; keys: string[][] }[] = [{ index: 0, keys: [] }];
  readonly #known = new Map<string, string>();

  /** Adds the next event, by its subjects. */
  add(subjects: readonly string[]): void {
    const tail = this.#tails.at(-1)!;
    tail.keys.push(subjects.map((subject) => this.#key(subject)));
    this.size += 1;
    if (tail.keys.length < SMALLEST) return;
    this.#full(0, blockOf(this.#placed(tail)));
    this.#tails.push({ index: tail.index + 1, keys: [] });
    if (this.#tails.length > TAILS) this.#tails.shift();
  }

  #key(subject: string): string {
    let key = this.#known.get(subject);
    if (key === undefined) {
      if (this.#known.size >= KNOWN) this.#known.clear();
      key = keyText(subject);
      this.#known.set(subject, key);
    }
    return key;
  }

  #placed({ index, keys }: { index: number; keys: string[][] }, count = keys.length) {
    return keys.slice(0, count).map((own, n) => ({ position: index * SMALLEST + n, keys: own }));
  }

  #full(level: number, block: Block): void {
    (this.#roots[level] ??= []).push(trieRoot(block));
    const waiting = (this.#waiting[level] ??= []);
    waiting.push(block);
    if (waiting.length < FANOUT) return;
    this.#waiting[level] = [];
    this.#full(level + 1, merged(waiting));
  }

  /** The root over the first `size` events; undefined beyond what was added, and where the tail is too long ago. */
  rootOf(size: number): Uint8Array | undefined {
    if (size > this.size) return undefined;
    const roots: Uint8Array[] = [];
    for (const { level, index, from, to } of stretchesOf(size)) {
      if (level >= 0) {
        roots.push(this.#roots[level]![index]!);
        continue;
      }
      const tail = this.#tails.find((one) => one.index === from / SMALLEST);
      if (!tail) return undefined;
      roots.push(trieRoot(blockOf(this.#placed(tail, to - from))));
    }
    return indexRoot(size, roots);
  }
}
