// A log for tests of sealing: events in the tables, a clock that only sleeping moves, and what must hold of all that was ever signed.
import type { LogDeps } from '../../../shared/record/log/deps.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { sealLog, type SealDeps, type SealOptions, type SealRun } from '../../../shared/record/seal/seal.ts';
import { tileReader } from '../../../shared/record/seal/tiles.ts';
import { concat, equal } from '../../../shared/record/tlog/bytes.ts';
import { appendLeaves, EMPTY_FRONTIER, root } from '../../../shared/record/tlog/merkle.ts';
import { openCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { noteVerifier } from '../../../shared/record/tlog/note.ts';
import { tilePath, tilesOf } from '../../../shared/record/tlog/tile.ts';
import { ED25519, formatVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { History, logDeps, store, TENANT } from '../log/commits.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { TileStore } from '../tlog/logs.ts';

export const ORIGIN = 'town.example/log';
export const KEY = localKey(new Uint8Array(32).fill(5));
export const VKEY = vkeyOf(ORIGIN, ED25519, KEY.publicKey);
export const vkeyText = formatVkey(VKEY);

export class SealedTown {
  readonly fake = new FakeDynamo();
  readonly history = new History();
  readonly log: LogDeps;
  now = new Date('2025-06-01T00:05:00.000Z');
  /** ms slept in all */
  slept = 0;

  constructor() {
    this.log = { ...logDeps(this.fake), now: () => this.now };
  }

  /** So many more events, `perPage` to a page. */
  async grow(events: number, perPage = 100): Promise<void> {
    for (let n = 0; n < events; n += perPage) {
      const some = Array.from({ length: Math.min(perPage, events - n) }, () =>
        this.history.commit({ stream: `h${this.history.commits.length}` }),
      ).flat();
      store(this.fake, some);
      await sequence(this.log, some);
    }
  }

  sealer(changed: Partial<SealDeps> = {}): SealDeps {
    const sleep = (ms: number): Promise<void> => {
      this.slept += ms;
      this.now = new Date(this.now.getTime() + ms);
      return Promise.resolve();
    };
    return { log: this.log, origin: ORIGIN, key: KEY, interval: 2000, sleep, ...changed };
  }

  seal(changed: Partial<SealDeps> = {}, options: SealOptions = {}): Promise<SealRun> {
    return sealLog(this.sealer(changed), options);
  }

  /** The leaf hashes by the pages, in order. */
  leaves(): Uint8Array[] {
    const pages = this.fake.items('log').filter(({ pk }) => pk!.S === `${TENANT}#page`);
    return pages.flatMap(({ leaves }) =>
      Array.from({ length: leaves!.B!.length / 32 }, (_, n) => leaves!.B!.slice(n * 32, n * 32 + 32)),
    );
  }

  /** Sizes that have been made the latest, in the order in which that happened. */
  signed(): number[] {
    return this.fake.records
      .filter(({ keys }) => keys['pk']?.S === `${TENANT}#checkpoint` && keys['sk']?.S === 'latest')
      .map(({ newImage }) => Number(newImage!['size']!.N));
  }

  /** Checkpoints under their sizes. */
  checkpoints(): { size: number; note: string }[] {
    return this.fake
      .items('log')
      .filter(({ pk, sk }) => pk!.S === `${TENANT}#checkpoint` && sk!.S !== 'latest')
      .map(({ sk, note }) => ({ size: Number(sk!.S), note: note!.S! }));
  }

  /**
   * What is wrong with what was signed so far; nothing, when every checkpoint is of a prefix of the log and larger than the
   * one before, and every tile below the latest is there and right.
   */
  async wrong(): Promise<string[]> {
    const leaves = this.leaves();
    const sizes = this.signed();
    const found: string[] = [];
    if (sizes.some((size, n) => n > 0 && size <= sizes[n - 1]!)) found.push(`signed ${sizes.join(', ')}`);
    const published = this.checkpoints();
    if (published.map(({ size }) => size).join() !== sizes.join()) found.push('not each stands under its size');
    for (const { size, note } of published) {
      const { size: stated, root: signed } = await openCheckpoint(note, { log: [noteVerifier(VKEY)] });
      const tree = appendLeaves(EMPTY_FRONTIER, concat(...leaves.slice(0, size)));
      if (stated !== size || !equal(root(tree), signed)) found.push(`checkpoint ${size} is of another log`);
    }
    const size = sizes.at(-1) ?? 0;
    const expected = new TileStore();
    await expected.append(leaves.slice(0, size));
    const tiles = tilesOf(size);
    const read = await tileReader(this.log)(tiles);
    for (const [n, tile] of tiles.entries()) if (!equal(read[n]!, expected.get(tile))) found.push(tilePath(tile));
    return found;
  }
}
