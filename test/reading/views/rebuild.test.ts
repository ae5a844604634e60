// Rebuilding on a log with real pages: the new generation equals the live one, takes over, and leaves nothing behind; what goes
// wrong on the way changes nothing for readers.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { follow, followerPosition } from '../../../shared/record/log/follow.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { applyBatch } from '../../../shared/reading/views/apply.ts';
import { VIEWS } from '../../../shared/reading/views/catalogue.ts';
import { RebuildRunning } from '../../../shared/reading/views/rebuild-claim.ts';
import { liveGeneration, viewsOf } from '../../../shared/reading/views/generation.ts';
import { rebuild, RebuildDiffers, RebuildStopped, type RebuildOptions } from '../../../shared/reading/views/rebuild.ts';
import { projectionName, type View, type ViewDeps } from '../../../shared/reading/views/view.ts';
import { store } from '../../record/log/commits.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { acts, town, type Act, type Town } from '../../support/histories.ts';
import { viewDeps } from './projected.ts';

const options = (more: Partial<RebuildOptions> = {}): RebuildOptions => ({
  views: VIEWS,
  owner: 'test',
  sleep: async () => {},
  ...more,
});

const project = async (deps: ViewDeps, generation: number, views: readonly View[] = VIEWS, batch = 7) => {
  const present = await viewsOf(deps, generation, views);
  await follow(
    deps,
    projectionName(generation),
    async (events) => {
      await applyBatch(deps, generation, present, events);
    },
    { batch },
  );
};

async function append(fake: FakeDynamo, it: Town, from = 0): Promise<void> {
  const commits = it.commits.slice(from);
  store(fake, commits);
  await sequence(viewDeps(fake), commits);
}

/** A town whose events are in the log and in the live views. */
async function running(history: readonly Act[]): Promise<{ fake: FakeDynamo; deps: ViewDeps; it: Town }> {
  const fake = new FakeDynamo();
  const it = town(history);
  await append(fake, it);
  const deps = viewDeps(fake);
  await project(deps, 1);
  return { fake, deps, it };
}

const sample = (seed: number): Act[] => fc.sample(acts({ minLength: 40 }), { numRuns: 1, seed })[0]!;
const ofGeneration = (fake: FakeDynamo, generation: number) =>
  fake.items('views').filter(({ pk }) => pk!.S!.startsWith(`liantang#g${generation}#`));
const plain = (items: unknown[]): string => JSON.stringify(items).replaceAll(/liantang#g\d+#/g, '');

test('a rebuild equals the live views byte for byte, takes their place and removes them', async () => {
  await fc.assert(
    fc.asyncProperty(acts({ maxLength: 30 }), async (history) => {
      const { fake, deps, it } = await running(history);
      const before = plain(ofGeneration(fake, 1));
      const rebuilt = await rebuild(deps, options());
      expect(rebuilt).toMatchObject({ generation: 2, replaced: 1, continued: false, events: it.events.length });
      expect(rebuilt.comparison).toMatchObject({ differences: [], reshaped: [], compared: rebuilt.removed });
      expect(plain(ofGeneration(fake, 2))).toBe(before);
      expect(ofGeneration(fake, 1)).toEqual([]);
      expect(await liveGeneration(deps)).toBe(2);
      expect(await followerPosition(deps, projectionName(1))).toBe(0);
    }),
    { numRuns: 15 },
  );
});

test('--keep leaves the old generation; the next rebuild removes both', async () => {
  const { fake, deps } = await running(sample(1));
  await rebuild(deps, options({ keep: true }));
  expect(ofGeneration(fake, 1).length).toBeGreaterThan(0);
  expect(await rebuild(deps, options())).toMatchObject({ generation: 3, replaced: 2 });
  expect([...ofGeneration(fake, 1), ...ofGeneration(fake, 2)]).toEqual([]);
});

const tamper = async (change: (items: ReturnType<typeof ofGeneration>, fake: FakeDynamo) => void) => {
  const { fake, deps } = await running(sample(2));
  change(ofGeneration(fake, 1), fake);
  const before = fake.items('views').filter(({ pk }) => pk!.S !== 'liantang#alias');
  const error = await rebuild(deps, options()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RebuildDiffers);
  expect(await liveGeneration(deps)).toBe(1);
  expect(ofGeneration(fake, 1)).toEqual(before);
  return error as RebuildDiffers;
};
const isTrack = ({ pk, sk }: { pk?: { S?: string }; sk?: { S?: string } }) =>
  pk!.S!.includes('#track#') && sk!.S === 'total';

describe('documents that are not what the log says', () => {
  test('an altered one is named, and the live generation stays', async () => {
    const { message } = await tamper((items, fake) => {
      const item = items.find(isTrack as never)!;
      fake.seed('views', { ...item, doc: { S: item['doc']!.S!.replace('"inspections":', '"inspections":1') } });
    });
    expect(message).toMatch(/^1 of \d+ documents differ from the live ones: track#\w+ total$/);
  });

  test('one that lost its last event is named', async () => {
    const { message } = await tamper((items, fake) => {
      const item = items.find(isTrack as never)!;
      fake.seed('views', { ...item, position: { N: '3' } });
    });
    expect(message).toMatch(/: track#\w+ total$/);
  });

  test('one that is missing is named', async () => {
    const { message } = await tamper((items, fake) => {
      const { pk, sk } = items.find(isTrack as never)!;
      fake.unseed('views', { pk: pk!, sk: sk! });
    });
    expect(message).toMatch(/: track#\w+ total$/);
  });

  test('a missing entry of a timeline is named', async () => {
    const { message } = await tamper((items, fake) => {
      const { pk, sk } = items.find((item) => item['pk']!.S!.includes('#timeline#'))!;
      fake.unseed('views', { pk: pk!, sk: sk! });
    });
    expect(message).toMatch(/: timeline#u_\d /);
  });

  test('one that nothing in the log accounts for is named', async () => {
    const { message } = await tamper((items, fake) => {
      const item = items.find(isTrack as never)!;
      fake.seed('views', { ...item, sk: { S: 'org#nobody' } });
    });
    expect(message).toMatch(/: track#\w+ org#nobody$/);
  });

  test('the next attempt begins a new generation', async () => {
    const { fake, deps } = await running(sample(2));
    const item = ofGeneration(fake, 1).find(isTrack as never)!;
    fake.seed('views', { ...item, doc: { S: '{}' } });
    await rebuild(deps, options()).catch(() => {});
    fake.seed('views', item);
    expect(await rebuild(deps, options())).toMatchObject({ generation: 3, continued: false });
  });
});

test('a view whose shape was raised, or that is new, waits for the next generation and is not compared; the others are', async () => {
  const fake = new FakeDynamo();
  const deps = viewDeps(fake);
  const it = town(sample(3));
  const half = Math.floor(it.commits.length / 2);
  await append(fake, { commits: it.commits.slice(0, half) } as Town);
  await project(deps, 1);
  const figures = () => ofGeneration(fake, 1).filter(({ pk }) => pk!.S!.includes('#track#'));
  const before = figures();
  const raised = VIEWS.map((view) =>
    view.name === 'track'
      ? { ...view, shape: 2, fold: () => ({ changed: true }) }
      : view.name === 'timeline'
        ? { ...view, name: 'journal' }
        : view,
  ) as View[];
  // the new code is deployed, and goes on projecting the generation that the old code began
  await append(fake, it, half);
  await project(deps, 1, raised);
  expect(figures()).toEqual(before);
  expect(ofGeneration(fake, 1).some(({ pk }) => pk!.S!.includes('#journal#'))).toBe(false);

  const { comparison } = await rebuild(deps, options({ views: raised }));
  expect(comparison!.reshaped).toEqual(['journal', 'timeline', 'track']);
  expect(comparison!.compared).toBeGreaterThan(0);
});

test('events that come while it is at work end up in the new generation, whoever projects them where', async () => {
  await fc.assert(
    fc.asyncProperty(
      acts({ minLength: 15, maxLength: 40 }),
      fc.array(fc.record({ call: fc.nat({ max: 400 }), commits: fc.integer({ min: 1, max: 9 }), live: fc.boolean() }), {
        maxLength: 6,
      }),
      async (history, arrivals) => {
        const fake = new FakeDynamo();
        const whole = town(history);
        let stored = Math.ceil(whole.commits.length / 3);
        const part = { commits: whole.commits.slice(0, stored) } as Town;
        await append(fake, part);
        const deps = viewDeps(fake);
        await project(deps, 1);
        const more = async (count: number): Promise<void> => {
          const next = whole.commits.slice(stored, stored + count);
          stored += next.length;
          store(fake, next);
          await sequence(deps, next);
        };
        let calls = 0;
        // The rebuild's calls overlap; what arrives at them is sequenced one after the other, as by the one sequencer there is.
        let arrived = Promise.resolve();
        const arrive = async (commits: number, live: boolean): Promise<void> => {
          const generation = await liveGeneration(deps);
          await more(commits);
          if (live) await project(deps, generation);
        };
        const disturbed = {
          send: async (command: never) => {
            const now = calls++;
            for (const { commits, live } of arrivals.filter(({ call }) => call === now)) {
              arrived = arrived.then(() => arrive(commits, live));
            }
            await arrived;
            return fake.send(command);
          },
        };
        await rebuild({ ...deps, dynamo: disturbed as never }, options());
        await more(whole.commits.length);
        await project(deps, await liveGeneration(deps));
        const fresh = new FakeDynamo();
        await append(fresh, whole);
        await project(viewDeps(fresh), 1);
        expect(plain(ofGeneration(fake, 2))).toBe(plain(ofGeneration(fresh, 1)));
      },
    ),
    { numRuns: 25 },
  );
});

class Crash extends Error {}

test('killed at any call and run again, it ends as one run would', async () => {
  const { fake: calm, deps: calmDeps } = await running(sample(4));
  await rebuild(calmDeps, options());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 4 }), async (kills) => {
      const { fake, deps } = await running(sample(4));
      let alive = true;
      for (const kill of kills) {
        let calls = 0;
        const mortal = {
          send: async (command: never) => {
            if (calls++ >= kill) alive = false;
            if (!alive) throw new Crash();
            return fake.send(command);
          },
        };
        await rebuild({ ...deps, dynamo: mortal as never }, options()).catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error;
        });
        alive = true;
      }
      await rebuild(deps, options());
      const live = await liveGeneration(deps);
      expect(plain(ofGeneration(fake, live))).toBe(plain(ofGeneration(calm, 2)));
      expect(fake.items('views').filter(({ pk }) => pk!.S!.startsWith('liantang#g'))).toHaveLength(
        ofGeneration(fake, live).length,
      );
    }),
    { numRuns: 25 },
  );
});

test('stopped on request, it says so, and goes on with the same generation', async () => {
  const { deps } = await running(sample(5));
  let asked = 0;
  await expect(rebuild(deps, options({ stopped: () => asked++ > 0 }))).rejects.toThrow(RebuildStopped);
  expect(await liveGeneration(deps)).toBe(1);
  expect(await rebuild(deps, options())).toMatchObject({ generation: 2, continued: true });
});

test('a second rebuild is refused while the first is at work, and names it', async () => {
  const { deps } = await running(sample(6));
  let time = 0;
  const ticking = { ...deps, now: () => new Date(1e12 + (time += 600)) };
  let second: unknown;
  let tried = false;
  const first = await rebuild(
    ticking,
    options({
      owner: 'first',
      onProgress: () => {
        if (tried) return;
        tried = true;
        // while the second one waits to see whether the first is alive, the first goes on
        second = rebuild(deps, options({ owner: 'second', sleep: () => new Promise((done) => setTimeout(done, 200)) }));
        (second as Promise<unknown>).catch(() => {});
      },
      sleep: () => new Promise((done) => setTimeout(done, 400)),
    }),
  );
  expect(first.generation).toBe(2);
  await expect(second).rejects.toThrow(RebuildRunning);
  await expect(second).rejects.toThrow(/first/);
});
