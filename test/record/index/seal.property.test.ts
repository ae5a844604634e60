// Sequencers and sealers of the index side by side, each of which may die between any two steps, before or after a call: every root that
// comes into the log is the right one, blocks are never changed, and the next run leaves nothing undone.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkLog } from '../../../shared/record/audit/check.ts';
import { blockOf, keyText, proveIn, trieRoot } from '../../../shared/record/index/block.ts';
import { blockAt, verifyIndexProof } from '../../../shared/record/index/proof.ts';
import { proveSubject, sealIndex } from '../../../shared/record/index/seal-index.ts';
import { proveStored, readBlock, readHeads, writeBlock } from '../../../shared/record/index/stored.ts';
import { readHead } from '../../../shared/record/log/head.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { sweep } from '../../../shared/record/log/sweep.ts';
import { History, logDeps, store, TENANT } from '../log/commits.ts';
import { FakeDynamo, type Hook } from '../../support/fake-dynamo.ts';
import { interleave } from '../../support/interleave.ts';
import { share } from '../../support/runs.ts';
import { sealsOf } from './sealed.ts';

interface Worker {
  kind: 'sequencer' | 'sealer';
  runs: number;
  deaths: number[];
}

/** Events in each commit: enough for blocks of two levels now and then. */
const commits = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 9 });
const workers = fc.array(
  fc.record<Worker>({
    kind: fc.constantFrom('sequencer', 'sealer'),
    runs: fc.integer({ min: 1, max: 4 }),
    deaths: fc.array(fc.integer({ min: -30, max: 30 }), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 4 },
);
const choices = fc.array(fc.nat(6), { minLength: 1, maxLength: 60 });

function mortal(deaths: number[], pause: () => Promise<void>): Hook {
  let calls = 0;
  return async ({ when }) => {
    if (when === 'before') calls++;
    await pause();
    if (deaths.includes(when === 'before' ? -calls : calls)) throw new Error('killed');
  };
}

const survived = (error: Error): void => {
  if (error.message !== 'killed') throw error;
};

test('whenever they die, each root in the log is right, and the next run ends as if nothing had happened', async () => {
  await fc.assert(
    fc.asyncProperty(commits, workers, choices, async (list, crew, order) => {
      const fake = new FakeDynamo();
      const deps = logDeps(fake);
      const history = new History();
      for (const [n, events] of list.entries()) store(fake, history.commit({ stream: `h${n % 3}`, events }));
      const { pause, run } = interleave(order);
      const work = async ({ kind, runs, deaths }: Worker): Promise<void> => {
        const log = { ...deps, dynamo: fake.clientWith(mortal(deaths, pause)) };
        for (let n = 0; n < runs; n++) {
          await pause();
          if (kind === 'sequencer') await sequence(log, history.commits.slice(n * 2, n * 2 + 2)).catch(survived);
          else await sealIndex(log).catch(survived);
        }
      };
      await run(crew.map(work));
      await sweep(deps);
      const { size } = await readHead(deps);
      const last = await sealIndex(deps);
      await sweep(deps);
      const { sizes, wrong } = await sealsOf(deps);
      expect(wrong).toEqual([]);
      expect(last.caughtUp).toBe(true);
      // only what is no seal of its own is worth another
      expect(last.sealed === undefined || sizes.at(-1) === size).toBe(true);
      expect((await sealIndex(deps)).sealed).toBeUndefined();
      const { sealed, ...proof } = await proveSubject(deps, 'hazard/h0', size + 1);
      const told = verifyIndexProof(proof, Buffer.from(sealed.root, 'hex'));
      expect(told.length).toBe(list.reduce((sum, events, n) => sum + (n % 3 === 0 ? events : 0), 0));
      // these commits say something else beside their events
      const { problems, finished } = await checkLog(deps);
      expect([finished, problems.filter(({ kind }) => kind !== 'mismatched')]).toEqual([true, []]);
      const changed = fake.records.filter(
        ({ keys, oldImage, newImage }) =>
          keys['pk']?.S === `${TENANT}#index` &&
          keys['sk']?.S !== 'built' &&
          oldImage !== undefined &&
          JSON.stringify(oldImage) !== JSON.stringify(newImage),
      );
      expect(changed).toEqual([]);
    }),
    { numRuns: share(100) },
  );
}, 120_000);

test('what is stored of a block in chunks and parts proves the same as the block', async () => {
  const deps = logDeps(new FakeDynamo());
  const stretch = blockAt(2, 3);
  const events = Array.from({ length: 9000 }, (_, n) => [`unit/u_${n % 4000}`, 'organisation/o']);
  const block = blockOf(events.map((own, n) => ({ position: stretch.from + n, keys: own.map(keyText) })));
  await writeBlock(deps, stretch, block);
  const [head] = await readHeads(deps, [stretch]);
  expect(head!.bits).toBe(3);
  expect(head!.root).toEqual(trieRoot(block));
  expect(await readBlock(deps, stretch)).toEqual(block);
  for (const subject of ['organisation/o', 'unit/u_0', 'unit/u_3999', 'unit/none', 'unit/other', 'person/p']) {
    expect(await proveStored(deps, stretch, head!, keyText(subject))).toEqual(proveIn(block, keyText(subject)));
  }
});

test('a stored block that is gone, cut off or changed: nothing is proved or sealed by it, and the block is named', async () => {
  const fake = new FakeDynamo();
  const deps = logDeps(fake);
  const history = new History();
  const all = Array.from({ length: 30 }, (_, n) => history.commit({ stream: `h${n % 9}`, events: 10 })).flat();
  store(fake, all);
  await sequence(deps, all);
  await sealIndex(deps);
  await sweep(deps);
  const first = fake.items('log').find(({ sk }) => sk!.S === 'block/0/000000000000')!;
  const cut = { ...first, entries: { B: first['entries']!.B!.slice(0, -1) } };
  fake.seed('log', cut);
  await expect(proveSubject(deps, 'hazard/h0', 301)).rejects.toThrow('block 0/0 of the index, positions 0 … 255');
  const other = first['entries']!.B!.slice();
  other[18]! += 1; // a position
  fake.seed('log', { ...first, entries: { B: other } });
  for (const id of Array.from({ length: 9 }, (_, n) => n)) {
    await expect(proveSubject(deps, `hazard/h${id}`, 301)).rejects.toThrow('the index proof does not hold');
  }
  fake.unseed('log', { pk: first['pk']!, sk: first['sk']! });
  await expect(proveSubject(deps, 'hazard/h0', 301)).rejects.toThrow('it is not there');
  const more = history.commit({ stream: 'h1' });
  store(fake, more);
  await sequence(deps, more);
  await expect(sealIndex(deps)).rejects.toThrow('block 0/0 of the index, positions 0 … 255: it is not there');
});
