// The projector against a store that delivers twice, interleaves, crashes and refuses: whatever happens, the views table ends as
// if each event had been folded once, in order.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyBatch } from '../../../shared/reading/views/apply.ts';
import { VIEWS } from '../../../shared/reading/views/catalogue.ts';
import type { Placed } from '../../../shared/reading/views/view.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { acts, town } from '../../support/histories.ts';
import { viewDeps } from './projected.ts';

/** The table after one undisturbed projector. */
async function undisturbed(placed: readonly Placed[]): Promise<unknown[]> {
  const fake = new FakeDynamo();
  for (const event of placed) await applyBatch(viewDeps(fake), 1, VIEWS, [event]);
  return fake.items('views');
}

class Crash extends Error {}

/** Lets other work go on here, so that concurrent projectors interleave. */
const breathe = (turns: number): Promise<void> =>
  turns <= 0 ? Promise.resolve() : Promise.resolve().then(() => breathe(turns - 1));

interface Projector {
  /** where it cuts the log into batches */
  cuts: number[];
  /** after which batch it starts over from which */
  again: { after: number; from: number }[];
  /** crashes at these calls of the store, before or after they take effect, and goes on with the same batch */
  crashes: number[];
  /** how long it lets others go first, call by call */
  pauses: number[];
}

const projector: fc.Arbitrary<Projector> = fc.record({
  cuts: fc.array(fc.nat({ max: 300 }), { maxLength: 8 }),
  again: fc.array(fc.record({ after: fc.nat({ max: 8 }), from: fc.nat({ max: 8 }) }), { maxLength: 2 }),
  crashes: fc.array(fc.nat({ max: 200 }), { maxLength: 4 }),
  pauses: fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 9 }),
});

async function project(fake: FakeDynamo, placed: readonly Placed[], { cuts, again, crashes, pauses }: Projector) {
  let calls = 0;
  const own = {
    send: async (command: never) => {
      const call = calls++;
      await breathe(pauses[call % pauses.length]!);
      if (crashes.includes(call) && call % 2 === 0) throw new Crash();
      const output = await fake.send(command);
      if (crashes.includes(call)) throw new Crash();
      return output;
    },
  };
  const deps = { ...viewDeps(fake), dynamo: own as never };
  const bounds = [...new Set([0, ...cuts.filter((cut) => cut < placed.length), placed.length])].toSorted(
    (a, b) => a - b,
  );
  const batches = bounds.slice(1).map((end, n) => placed.slice(bounds[n], end));
  const restarts = [...again];
  for (let n = 0; n < batches.length; n++) {
    try {
      await applyBatch(deps, 1, VIEWS, batches[n]!);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      n -= 1; // the checkpoint did not move: the same batch comes again
      continue;
    }
    const restart = restarts.findIndex(({ after, from }) => after === n && from < n);
    if (restart >= 0) n = restarts.splice(restart, 1)[0]!.from - 1;
  }
}

describe('the views end byte for byte as if one projector had folded each event once', () => {
  test('however the log is cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(acts(), fc.array(fc.nat({ max: 300 })), async (history, cuts) => {
        const { placed } = town(history);
        const fake = new FakeDynamo();
        await project(fake, placed, { cuts, again: [], crashes: [], pauses: [0] });
        expect(fake.items('views')).toEqual(await undisturbed(placed));
      }),
      { numRuns: 25 },
    );
  });

  test('though projectors overlap, lag, crash and start over', async () => {
    await fc.assert(
      fc.asyncProperty(acts(), fc.array(projector, { minLength: 2, maxLength: 3 }), async (history, projectors) => {
        const { placed } = town(history);
        const fake = new FakeDynamo();
        await Promise.all(projectors.map((each) => project(fake, placed, each)));
        expect(fake.items('views')).toEqual(await undisturbed(placed));
      }),
      { numRuns: 60 },
    );
  });

  test('though batch calls leave items unprocessed', async () => {
    const { placed } = town(fc.sample(acts({ minLength: 60 }), { numRuns: 1, seed: 7 })[0]!);
    const fake = new FakeDynamo();
    fake.processed = ({ entries }) => Math.ceil(entries / 2);
    await applyBatch(viewDeps(fake), 1, VIEWS, placed);
    expect(fake.items('views')).toEqual(await undisturbed(placed));
  });
});

test('two projectors that fold the same batch at once do meet, and one folds again', async () => {
  const { placed } = town(fc.sample(acts({ minLength: 30 }), { numRuns: 1, seed: 3 })[0]!);
  const fake = new FakeDynamo();
  const both = await Promise.all([0, 1].map(() => applyBatch(viewDeps(fake), 1, VIEWS, placed)));
  expect(both[0]!.conflicts + both[1]!.conflicts).toBeGreaterThan(0);
  expect(fake.items('views')).toEqual(await undisturbed(placed));
});

test('an event that a document has folded already writes nothing', async () => {
  const { placed } = town(fc.sample(acts({ minLength: 30 }), { numRuns: 1, seed: 5 })[0]!);
  const fake = new FakeDynamo();
  await applyBatch(viewDeps(fake), 1, VIEWS, placed);
  const puts = (): number => fake.calls.filter((name) => name === 'PutItem').length;
  const before = puts();
  await applyBatch(viewDeps(fake), 1, VIEWS, placed);
  expect(puts()).toBe(before);
});

test('a projector that stalled between reading and writing undoes nothing of what others folded meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      acts({ minLength: 20 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat({ max: 30 }),
      async (history, share, stall) => {
        const { placed } = town(history);
        const middle = Math.floor(placed.length * share);
        const fake = new FakeDynamo();
        await applyBatch(viewDeps(fake), 1, VIEWS, placed.slice(0, middle));
        let puts = 0;
        const slow = {
          send: async (command: { constructor: { name: string } }) => {
            if (command.constructor.name === 'PutItemCommand' && puts++ === stall) {
              await applyBatch(viewDeps(fake), 1, VIEWS, placed.slice(middle));
            }
            return fake.send(command as never);
          },
        };
        const some = placed.slice(middle, middle + Math.ceil((placed.length - middle) / 2));
        await applyBatch({ ...viewDeps(fake), dynamo: slow as never }, 1, VIEWS, some);
        if (puts <= stall) await applyBatch(viewDeps(fake), 1, VIEWS, placed.slice(middle));
        expect(fake.items('views')).toEqual(await undisturbed(placed));
      },
    ),
    { numRuns: 40 },
  );
});

test('an event that changes nothing about a document does not write it', async () => {
  const { placed } = town(fc.sample(acts({ minLength: 30 }), { numRuns: 1, seed: 9 })[0]!);
  const at = placed.findIndex(({ event }) => event.type === 'UnitLedgerChanged');
  const fake = new FakeDynamo();
  await applyBatch(viewDeps(fake), 1, VIEWS, placed.slice(0, at));
  const { written } = await applyBatch(viewDeps(fake), 1, VIEWS, [placed[at]!]);
  expect(written).toBe(1); // its entry on the timeline
});
