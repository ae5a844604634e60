// A sealed log, witnesses of it, and write-once storage in memory, for the tests of what others say of checkpoints.
import type { Archive } from '../../../shared/record/attest/outbox.ts';
import { checkpointUpTo, type SignedCheckpoint } from '../../../shared/record/seal/checkpoints.ts';
import { formatAddCheckpoint } from '../../../shared/record/witness/protocol.ts';
import { TENANT } from '../log/commits.ts';
import { VKEY, type SealedTown } from '../seal/support.ts';
import { TestWitness } from '../witness/logs.ts';

export const witnessOf = (name = 'witness.example/district', seed = 9): TestWitness =>
  new TestWitness(name, seed, VKEY);

/** Grows and signs. */
export async function sealed(town: SealedTown, events: number): Promise<SignedCheckpoint> {
  await town.grow(events);
  await town.seal();
  return (await checkpointUpTo(town.log))!;
}

/** The line of a witness that has seen nothing else. */
export async function lineOf(witness: TestWitness, { note }: SignedCheckpoint): Promise<string> {
  const fresh = new TestWitness(witness.deps.name, 0, VKEY);
  Object.assign(fresh.deps, witness.deps);
  const { status, body } = await fresh.answer(formatAddCheckpoint({ old: 0, proof: [], checkpoint: note }));
  if (status !== 200) throw new Error(body);
  return body;
}

export class MemoryArchive implements Archive {
  readonly objects = new Map<string, string>();
  /** names put, in order, those that were there already too */
  readonly puts: string[] = [];
  /** may throw, before or after it is there */
  hook: (name: string, when: 'before' | 'after') => void = () => {};

  async put(name: string, body: Uint8Array): Promise<void> {
    this.hook(name, 'before');
    this.puts.push(name);
    const text = Buffer.from(body).toString('base64');
    const there = this.objects.get(name);
    if (there !== undefined && there !== text) throw new Error(`${name} would be written over`);
    this.objects.set(name, text);
    await Promise.resolve();
    this.hook(name, 'after');
  }

  text(name: string): string {
    return Buffer.from(this.objects.get(name)!, 'base64').toString('utf8');
  }

  /** Sizes of what is there of a kind, in order. */
  sizes(kind: string): number[] {
    return [...this.objects.keys()]
      .filter((name) => name.endsWith(`.${kind}`))
      .map((name) => Number(name.slice(0, 12)))
      .toSorted((a, b) => a - b);
  }
}

/** Items of a partition of the LOG table. */
export const itemsIn = (town: SealedTown, partition: string) =>
  town.fake.items('log').filter(({ pk }) => pk!.S === `${TENANT}#${partition}`);
