// Logs that grow, and logs that fork, with their checkpoints and proofs; and witnesses that watch them, for the tests of both sides.
import { signCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { noteSigner } from '../../../shared/record/tlog/note.ts';
import { proveConsistency } from '../../../shared/record/tlog/proofs.ts';
import { readRoot, tileHashReader } from '../../../shared/record/tlog/tile-build.ts';
import { COSIGNATURE_V1, ED25519, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { addCheckpoint, type WitnessAnswer, type WitnessDeps } from '../../../shared/record/witness/witness.ts';
import { leavesOf, TileStore } from '../tlog/logs.ts';

export const ORIGIN = 'liantang.example/log';
export const logKey = localKey(new Uint8Array(32).fill(7));
export const logVkey = vkeyOf(ORIGIN, ED25519, logKey.publicKey);

/** Seconds since 1970 at which the witnesses of the tests sign. */
export const SIGNED_AT = 1_748_000_000;

export class TestLog {
  readonly store = new TileStore();
  readonly leaves: Uint8Array[] = [];

  async grow(count: number, seed = 0): Promise<this> {
    const added = leavesOf(count, seed + this.store.size);
    await this.store.append(added);
    this.leaves.push(...added);
    return this;
  }

  get size(): number {
    return this.store.size;
  }

  /** Signed as it stands, or as it stood. */
  async checkpoint(key = logKey, size = this.size): Promise<string> {
    const root = await readRoot(size, this.store.read);
    return signCheckpoint({ origin: ORIGIN, size, root }, [noteSigner(ORIGIN, key)]);
  }

  readonly prove = (older: number, newer: number): Promise<Uint8Array[]> =>
    proveConsistency(older, newer, tileHashReader(newer, this.store.read));
}

/** A log of `size` leaves. */
export const logOf = (size: number): Promise<TestLog> => new TestLog().grow(size);

/** A log that has the first leaves of another and goes on in its own way. */
export async function forkOf(log: TestLog, at: number, size: number): Promise<TestLog> {
  const fork = new TestLog();
  await fork.store.append(log.leaves.slice(0, at));
  fork.leaves.push(...log.leaves.slice(0, at));
  return fork.grow(size - at, 1_000_000);
}

export class TestWitness {
  readonly deps: WitnessDeps;
  latest: string | undefined;
  readonly answers: WitnessAnswer[] = [];

  constructor(name = 'witness.example/district', seed = 9, log = logVkey) {
    this.deps = { log, name, key: localKey(new Uint8Array(32).fill(seed)), now: () => SIGNED_AT };
  }

  get vkey() {
    return vkeyOf(this.deps.name, COSIGNATURE_V1, this.deps.key.publicKey);
  }

  async answer(body: Uint8Array | string): Promise<WitnessAnswer> {
    const answer = await addCheckpoint(typeof body === 'string' ? Buffer.from(body) : body, this.latest, this.deps);
    if (answer.keep !== undefined) this.latest = answer.keep;
    this.answers.push(answer);
    return answer;
  }
}
