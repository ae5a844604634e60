// Sequencers and sealers side by side, each of which may die between any two steps, before or after a call: the log goes on,
// what was signed is always a prefix of it, and the next runs leave nothing undone.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkLog } from '../../../shared/record/audit/check.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { sweep } from '../../../shared/record/log/sweep.ts';
import { sealLog } from '../../../shared/record/seal/seal.ts';
import { store } from '../log/commits.ts';
import type { Hook } from '../../support/fake-dynamo.ts';
import { interleave } from '../../support/interleave.ts';
import { SealedTown, vkeyText } from './support.ts';
import { share } from '../../support/runs.ts';

interface Worker {
  kind: 'sequencer' | 'sealer';
  runs: number;
  /** the calls, counted per worker, at which it dies: negative = before the call, positive = after it */
  deaths: number[];
}

/** Events in each commit: enough for a few full tiles. */
const commits = fc.array(fc.integer({ min: 1, max: 180 }), { minLength: 1, maxLength: 9 });
const workers = fc.array(
  fc.record<Worker>({
    kind: fc.constantFrom('sequencer', 'sealer'),
    runs: fc.integer({ min: 1, max: 5 }),
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

test('whenever they die, the log continues, and all that was ever signed is a prefix of it', async () => {
  await fc.assert(
    fc.asyncProperty(commits, workers, fc.constantFrom(64, 65_536), choices, async (list, crew, most, order) => {
      const town = new SealedTown();
      for (const [n, events] of list.entries()) store(town.fake, town.history.commit({ stream: `h${n % 3}`, events }));
      const all = town.history.commits;
      const { pause, run } = interleave(order);
      const work = async ({ kind, runs, deaths }: Worker): Promise<void> => {
        const log = { ...town.log, dynamo: town.fake.clientWith(mortal(deaths, pause)) };
        for (let n = 0; n < runs; n++) {
          await pause();
          if (kind === 'sequencer') await sequence(log, all.slice(n * 2, n * 2 + 2)).catch(survived);
          else await sealLog({ ...town.sealer({ interval: 0 }), log }, { most }).catch(survived);
        }
      };
      await run(crew.map(work));
      await sweep(town.log);
      expect(await town.seal({ interval: 0 }, { most })).toMatchObject({ caughtUp: true });
      expect(await town.wrong()).toEqual([]);
      expect(town.signed().at(-1)).toBe(list.reduce((sum, events) => sum + events, 0));
      expect(await checkLog(town.log, { vkey: vkeyText })).toMatchObject({ finished: true, count: 0, waiting: 0 });
      const rewritten = town.fake.records.filter(
        ({ keys, eventName }) =>
          eventName !== 'INSERT' && /#(page|tile|checkpoint)$/u.test(keys['pk']!.S!) && keys['sk']!.S !== 'latest',
      );
      expect(rewritten).toEqual([]);
    }),
    { numRuns: share(150) },
  );
}, 120_000);

test('a death at each single call of a whole run, before it and after it: the next run ends as if nothing had happened', async () => {
  const prepared = async (): Promise<SealedTown> => {
    const town = new SealedTown();
    await town.grow(40);
    await town.seal({ interval: 0 });
    await town.grow(500);
    return town;
  };
  const whole = await prepared();
  const before = whole.fake.calls.length;
  await whole.seal({ interval: 0 });
  const calls = whole.fake.calls.length - before;
  expect(calls).toBeGreaterThan(8);
  for (let call = 1; call <= calls; call++) {
    for (const death of [-call, call]) {
      const town = await prepared();
      const dynamo = town.fake.clientWith(mortal([death], () => Promise.resolve()));
      await expect(town.seal({ interval: 0, log: { ...town.log, dynamo } })).rejects.toThrow('killed');
      await town.seal({ interval: 0 });
      expect(await town.wrong(), `death at call ${death}`).toEqual([]);
      expect(town.fake.items('log')).toEqual(whole.fake.items('log'));
    }
  }
});
