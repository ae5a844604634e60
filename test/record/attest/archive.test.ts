// Write-once storage gets every checkpoint and every word said of one, whatever fails on the way; and work stays bounded.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readState, writeState } from '../../../functions/notify/outbox.ts';
import { archiveCheckpoints, type ArchiveRun } from '../../../shared/record/attest/archive.ts';
import { keepCosignatures } from '../../../shared/record/attest/cosignatures.ts';
import { standings } from '../../../shared/record/attest/progress.ts';
import { publish } from '../../../shared/record/seal/checkpoints.ts';
import { TENANT } from '../log/commits.ts';
import { SealedTown } from '../seal/support.ts';
import { itemsIn, lineOf, MemoryArchive, sealed, witnessOf } from './support.ts';

const MINUTE = 60_000;
const later = (town: SealedTown, ms: number): void => {
  town.now = new Date(town.now.getTime() + ms);
};

async function run(town: SealedTown, archive: MemoryArchive, goOn?: () => boolean): Promise<ArchiveRun> {
  return archiveCheckpoints(town.log, archive, (await standings(town.log)).get('archive'), goOn);
}

/** A checkpoint is not under its size yet, as when its sealer has been overtaken by another: it comes later. */
function hidden(town: SealedTown, size: number): () => Promise<void> {
  const key = { pk: { S: `${TENANT}#checkpoint` }, sk: { S: String(size).padStart(12, '0') } };
  const item = town.fake.items('log').find(({ pk, sk }) => pk!.S === key.pk.S && sk!.S === key.sk.S)!;
  town.fake.unseed('log', key);
  return () => publish(town.log, { size, note: item['note']!.S!, at: item['at']!.S! });
}

describe('the archive', () => {
  it('gets every checkpoint, as it was signed, under a name that says what it is', async () => {
    const [town, archive] = [new SealedTown(), new MemoryArchive()];
    expect(await run(town, archive)).toEqual({ written: 0, waiting: 0 });
    for (let n = 0; n < 3; n++) await sealed(town, 2);
    expect(await run(town, archive)).toEqual({ written: 3, waiting: 0 });
    expect(archive.sizes('checkpoint')).toEqual([2, 4, 6]);
    const [name] = archive.puts;
    expect(name).toMatch(/^000000000002-[0-9a-f]{16}\.checkpoint$/u);
    expect(archive.text(name!)).toBe(town.checkpoints()[0]!.note);
  });

  it('gets cosignatures that come later, and forgets what it has sent', async () => {
    const [town, archive, witness] = [new SealedTown(), new MemoryArchive(), witnessOf()];
    const first = await sealed(town, 2);
    await sealed(town, 2);
    await run(town, archive);
    await keepCosignatures(town.log, first, await lineOf(witness, first), [witness.vkey]);
    expect(await run(town, archive)).toEqual({ written: 1, waiting: 0 });
    expect(archive.sizes('cosigned')).toEqual([2]);
    expect(archive.text(archive.puts.at(-1)!)).toContain(`— ${witness.deps.name} `);
    expect(itemsIn(town, 'to-archive')).toEqual([]);
  });

  it('is not in the way of what notify has waiting in the same table, nor the other way round', async () => {
    const [town, archive, witness] = [new SealedTown(), new MemoryArchive(), witnessOf()];
    const first = await sealed(town, 2);
    const idle = await readState(town.log, 'office/wecom');
    await writeState(town.log, 'office/wecom', { ...idle, failures: 1, lastError: 'HTTP 500' });
    await keepCosignatures(town.log, first, await lineOf(witness, first), [witness.vkey]);
    expect(await run(town, archive)).toEqual({ written: 2, waiting: 0 });
    expect(await readState(town.log, 'office/wecom')).toMatchObject({ failures: 1 });
  });

  it('does nothing when nothing is new, whatever is there', async () => {
    const [town, archive] = [new SealedTown(), new MemoryArchive()];
    for (let n = 0; n < 120; n++) await sealed(town, 1);
    await run(town, archive);
    later(town, 20 * MINUTE);
    await run(town, archive);
    archive.puts.length = 0;
    town.fake.calls.length = 0;
    expect(await run(town, archive)).toEqual({ written: 0, waiting: 0 });
    expect(archive.puts).toEqual([]);
    expect(town.fake.calls.length).toBeLessThan(8);
    expect((await standings(town.log)).get('archive')).toMatchObject({ size: 120, also: undefined });
  });

  it('one that is written under its size after a larger one is not left out', async () => {
    const [town, archive] = [new SealedTown(), new MemoryArchive()];
    await sealed(town, 2);
    await sealed(town, 2);
    await sealed(town, 2);
    const appear = hidden(town, 4);
    await run(town, archive);
    expect(archive.sizes('checkpoint')).toEqual([2, 6]);
    later(town, 4 * MINUTE);
    await appear();
    await run(town, archive);
    expect(archive.sizes('checkpoint')).toEqual([2, 4, 6]);
    expect(archive.puts).toHaveLength(3); // and none twice
  });

  it('that fails says why and since when; the next run goes on from there', async () => {
    const [town, archive] = [new SealedTown(), new MemoryArchive()];
    for (let n = 0; n < 3; n++) await sealed(town, 1);
    let denied = true;
    archive.hook = (name, when) => {
      if (denied && when === 'before' && name.startsWith('000000000002')) throw new Error('AccessDenied');
    };
    const signedAt = town.now.getTime();
    later(town, 10 * MINUTE);
    const first = await run(town, archive);
    expect(first).toMatchObject({ written: 1, error: expect.objectContaining({ message: 'AccessDenied' }) as Error });
    expect(first.waiting).toBeGreaterThanOrEqual(600);
    const since = town.now.toISOString();
    expect((await standings(town.log)).get('archive')).toMatchObject({ since, problem: 'Error' });
    later(town, MINUTE);
    expect((await run(town, archive)).waiting).toBeGreaterThanOrEqual((town.now.getTime() - signedAt) / 1000 - 5);
    expect((await standings(town.log)).get('archive')).toMatchObject({ since });
    denied = false;
    expect(await run(town, archive)).toEqual({ written: 2, waiting: 0 });
    expect((await standings(town.log)).get('archive')!.since).toBeUndefined();
    expect(archive.sizes('checkpoint')).toEqual([1, 2, 3]);
  });

  it('a run that is told to end goes on the next time', async () => {
    const [town, archive] = [new SealedTown(), new MemoryArchive()];
    for (let n = 0; n < 130; n++) await sealed(town, 1);
    let left = 70;
    expect(await run(town, archive, () => left-- > 0)).toMatchObject({ written: 70 });
    expect(await run(town, archive)).toEqual({ written: 60, waiting: 0 });
    expect(archive.puts).toHaveLength(130);
  });

  it('whatever fails or dies in between, everything is there in the end, and unchanged', async () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant('grow' as const), late: fc.boolean(), cosigned: fc.boolean() }),
      fc.record({ act: fc.constant('run' as const), dies: fc.nat(14), refuses: fc.nat(6), after: fc.boolean() }),
      fc.record({ act: fc.constant('wait' as const), minutes: fc.nat(10) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const [town, archive, witness] = [new SealedTown(), new MemoryArchive(), witnessOf()];
        const hiding: { appear: () => Promise<void>; until: number }[] = [];
        for (const one of steps) {
          if (one.act === 'wait') later(town, one.minutes * MINUTE);
          else if (one.act === 'grow') {
            const before = town.signed().at(-1);
            const checkpoint = await sealed(town, 1);
            if (one.late && before !== undefined) {
              hiding.push({ appear: hidden(town, before), until: town.now.getTime() + 5 * MINUTE });
            }
            if (one.cosigned) {
              await keepCosignatures(town.log, checkpoint, await lineOf(witness, checkpoint), [witness.vkey]);
            }
          } else await failingRun(town, archive, one);
          for (const late of hiding.splice(0)) {
            if (town.now.getTime() >= late.until) await late.appear();
            else hiding.push(late);
          }
        }
        for (const { appear } of hiding) await appear(); // never more than a few minutes late
        await run(town, archive);
        expect(archive.sizes('checkpoint')).toEqual(town.signed());
        expect(archive.sizes('cosigned')).toEqual(
          itemsIn(town, 'cosignature').map(({ sk }) => Number(sk!.S!.slice(0, 12))),
        );
        expect(itemsIn(town, 'to-archive')).toEqual([]);
        later(town, 20 * MINUTE);
        await run(town, archive);
        archive.puts.length = 0;
        expect(await run(town, archive)).toEqual({ written: 0, waiting: 0 });
        expect(archive.puts).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

/** A run that dies before one of its calls to the tables, or whose storage refuses one object. */
async function failingRun(
  town: SealedTown,
  archive: MemoryArchive,
  { dies, refuses, after }: { dies: number; refuses: number; after: boolean },
): Promise<void> {
  let [calls, puts] = [0, 0];
  town.fake.hook = ({ when }) => {
    if (when === (after ? 'after' : 'before') && calls++ === dies) throw new Error('killed');
  };
  archive.hook = (_, when) => {
    if (when === (after ? 'after' : 'before') && puts++ === refuses) throw new Error('refused');
  };
  await run(town, archive).catch((error: Error) => {
    if (error.message !== 'killed') throw error;
  });
  town.fake.hook = () => {};
  archive.hook = () => {};
}
