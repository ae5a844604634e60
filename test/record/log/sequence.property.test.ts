// Whatever is delivered, doubled, reordered, lost, handled by several sequencers at once, and wherever they die: in the
// end every commit is in the log exactly once, in an order that keeps the rules.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { follow } from '../../../shared/record/log/follow.ts';
import { positionOf } from '../../../shared/record/log/positions.ts';
import { readLog, type Positioned } from '../../../shared/record/log/read.ts';
import { readHead } from '../../../shared/record/log/head.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { sweep } from '../../../shared/record/log/sweep.ts';
import type { Commit } from '../../../shared/record/store/commit.ts';
import { FakeDynamo, type Hook } from '../../support/fake-dynamo.ts';
import { interleave } from '../../support/interleave.ts';
import { eventId, History, logDeps, store, streamOf, type Part } from './commits.ts';
import { share } from '../../support/runs.ts';

interface Command {
  streams: number[];
  events: number;
  /** ms by which this server's clock is ahead or behind */
  skew: number;
  /** which of the events so far led to it, as a fraction of their number; undefined = none */
  cause: number | undefined;
}

interface Worker {
  /** batches of deliveries, as indexes into the commits */
  deliveries: number[][];
  /** the calls, counted per worker, at which it dies: negative = before the call, positive = after it */
  deaths: number[];
}

/** ms; many runs on a busy machine */
const PATIENCE = 120_000;

const commands = fc.array(
  fc.record<Command>({
    streams: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 3 }),
    events: fc.integer({ min: 1, max: 3 }),
    skew: fc.integer({ min: -4, max: 4 }),
    cause: fc.option(fc.double({ min: 0, max: 0.999, noNaN: true }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 14 },
);
const workers = fc.array(
  fc.record<Worker>({
    deliveries: fc.array(fc.array(fc.nat(30), { maxLength: 6 }), { maxLength: 4 }),
    deaths: fc.array(fc.integer({ min: -25, max: 25 }), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 3 },
);

const choices = fc.array(fc.nat(6), { minLength: 1, maxLength: 60 });

function historyOf(list: Command[]): History {
  const history = new History();
  for (const [n, { streams, events, skew, cause }] of list.entries()) {
    const so = history.commits.flatMap(({ stream, version, next }) =>
      Array.from({ length: next - version }, (_, at) => eventId(stream.split('#')[2]!, version + at)),
    );
    const led = cause === undefined ? undefined : so[Math.floor(cause * so.length)];
    const parts = streams.map((stream): Part => ({
      stream: `h${stream}`,
      events,
      at: 100 + 3 * n + skew,
      ...(led ? { cause: led } : {}),
    }));
    history.commit(...parts);
  }
  return history;
}

/** Dies at the given calls; every call lets others go first as the scheduler decides. */
function mortal(deaths: number[], pause: () => Promise<void>): Hook {
  let calls = 0;
  return async ({ when }) => {
    if (when === 'before') calls++;
    await pause();
    if (deaths.includes(when === 'before' ? -calls : calls)) throw new Error('killed');
  };
}

function checkOrder(commits: Commit[], log: Positioned[]): void {
  expect(log.map(({ position }) => position)).toEqual(log.map((_, n) => n));
  const places = new Map(log.map(({ event, position }) => [event.id, position]));
  const all = commits.flatMap((commit) =>
    commit.events.map((bytes, n) => ({ commit, bytes, version: commit.version + n })),
  );
  expect(log).toHaveLength(all.length);
  expect(places.size).toBe(all.length);
  const at = (stream: string, version: number): number => places.get(eventId(stream.split('#')[2]!, version))!;
  const late = all.filter(({ commit, version }) => {
    const before = [
      ...(version > 1 ? [at(commit.stream, version - 1)] : []),
      ...(commit.cause && version === commit.version ? [places.get(commit.cause)!] : []),
    ];
    return before.some((position) => !(position < at(commit.stream, version)));
  });
  expect(late).toEqual([]);
  for (const { parts } of commits) {
    if (!parts) continue;
    const mates = commits.filter(({ stream, version }) =>
      parts.some((part) => part.stream === stream && part.version === version),
    );
    const positions = mates.flatMap(({ stream, version, events }) => events.map((_, n) => at(stream, version + n)));
    expect(Math.max(...positions) - Math.min(...positions)).toBe(positions.length - 1);
  }
}

test(
  'every commit gets its place exactly once, whatever happens to deliveries and sequencers',
  async () => {
    await fc.assert(
      fc.asyncProperty(commands, workers, choices, async (list, crew, order) => {
        const fake = new FakeDynamo();
        let batches = 0;
        fake.processed = ({ name, entries }) =>
          name === 'BatchWriteItem' && batches++ % 2 ? Math.ceil(entries / 2) : entries;
        const { commits } = historyOf(list);
        const { pause, run } = interleave(order);
        let stored = 0;
        const write = async (): Promise<void> => {
          while (stored < commits.length) {
            const together = commits[stored]!.parts?.length ?? 1;
            store(fake, commits.slice(stored, stored + together));
            stored += together;
            await pause();
          }
        };
        const work = async ({ deliveries, deaths }: Worker): Promise<void> => {
          const deps = { ...logDeps(fake), dynamo: fake.clientWith(mortal(deaths, pause)) };
          const memo = { indexed: 0 };
          for (const delivery of deliveries) {
            const keys = delivery.map((n) => commits[n % stored]!);
            await pause();
            await sequence(deps, keys, { memo }).catch((error: Error) => {
              if (error.message !== 'killed') throw error;
            });
          }
        };
        store(fake, commits.slice(0, (stored = commits[0]!.parts?.length ?? 1)));
        await run([write(), ...crew.map(work)]);
        checkPrefix(fake, await readLog(logDeps(fake), 0, 1000));

        const swept = await sweep(logDeps(fake), { page: 4 });
        expect(swept.held).toEqual([]);
        const log = await readLog(logDeps(fake), 0, 1000);
        checkOrder(commits, log);
        expect((await readHead(logDeps(fake))).size).toBe(log.length);
        for (const { event, position } of log) {
          expect(await positionOf(logDeps(fake), event.stream, event.version)).toBe(position);
        }
        const index = fake.items('log').filter(({ pk }) => pk!.S!.includes('#at#'));
        expect(index).toHaveLength(commits.length);
        expect(fake.items('log').filter(({ pk }) => pk!.S!.endsWith('#quarantine'))).toEqual([]);
        const changed = fake.records.filter(
          ({ keys, eventName }) => eventName !== 'INSERT' && /#(page|at#.*)$/.test(keys['pk']?.S ?? ''),
        );
        expect(changed).toEqual([]);
      }),
      { numRuns: share(150) },
    );
  },
  PATIENCE,
);

/** Also half-way, whatever is in the log keeps the rules. */
function checkPrefix(fake: FakeDynamo, log: Positioned[]): void {
  const inLog = new Set(log.map(({ commit }) => `${commit.stream}@${commit.version}`));
  const next = new Map<string, number>();
  for (const { event, position, commit } of log) {
    expect(event.version).toBe((next.get(event.stream) ?? 0) + 1);
    next.set(event.stream, event.version);
    expect(position).toBeGreaterThanOrEqual(0);
    const item = fake
      .items('events')
      .find(({ stream, version }) => stream!.S === commit.stream && version!.N === String(commit.version));
    for (const part of item?.['parts']?.L ?? [])
      expect(inLog).toContain(`${part.M!['stream']!.S}@${part.M!['version']!.N}`);
  }
}

test(
  'followers see every event in order, exactly once unless they die, and then the last batch again',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        commands,
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: -12, max: 12 }), { maxLength: 4 }),
        async (list, batch, deaths) => {
          const fake = new FakeDynamo();
          const { commits } = historyOf(list);
          const deps = logDeps(fake);
          for (let n = 0; n < commits.length; n += 3) {
            store(fake, commits.slice(n, n + 3));
          }
          for (let n = 0; n < commits.length; n += 2) await sequence(deps, commits.slice(n, n + 2));
          const { size } = await readHead(deps);
          const seen: number[] = [];
          const handle = (events: Positioned[]): Promise<void> => {
            seen.push(...events.map(({ position }) => position));
            return Promise.resolve();
          };
          let runs = 0;
          const hook = mortal(deaths, () => Promise.resolve());
          for (let done = false; !done; runs++) {
            done = await follow({ ...deps, dynamo: fake.clientWith(hook) }, 'f', handle, { batch }).then(
              ({ position }) => position === size,
              () => false,
            );
          }
          const every = Array.from({ length: size }, (_, n) => n);
          expect(runs === 1 ? seen : [...new Set(seen)]).toEqual(every);
          const steps = seen.slice(1).map((position, n) => position - seen[n]!);
          expect(Math.min(1, ...steps)).toBeGreaterThan(-batch);
          expect(Math.max(1, ...steps)).toBe(1);
        },
      ),
      { numRuns: share(150) },
    );
  },
  PATIENCE,
);

test(
  'a follower that runs twice at once moves its checkpoint forward only',
  async () => {
    await fc.assert(
      fc.asyncProperty(commands, choices, async (list, order) => {
        const fake = new FakeDynamo();
        const { commits } = historyOf(list);
        store(fake, commits);
        await sequence(logDeps(fake), commits);
        const { pause, run } = interleave(order);
        const deps = { ...logDeps(fake), dynamo: fake.clientWith(pause) };
        const follower = () => follow(deps, 'f', () => Promise.resolve(), { batch: 2 });
        await run([follower(), follower()]);
        const checkpoints = fake.records
          .filter(({ keys }) => keys['sk']?.S === 'f')
          .map(({ newImage }) => Number(newImage!['position']!.N));
        expect(checkpoints).toEqual(checkpoints.toSorted((a, b) => a - b));
        expect(new Set(checkpoints).size).toBe(checkpoints.length);
        expect(checkpoints.at(-1)).toBe((await readHead(logDeps(fake))).size);
      }),
      { numRuns: share(60) },
    );
  },
  PATIENCE,
);

test('positions answer for every event of a commit, and for none that is not there', async () => {
  const fake = new FakeDynamo();
  const history = new History();
  history.commit({ stream: 'h1', events: 3 });
  history.commit({ stream: 'h1', events: 2 });
  store(fake, history.commits);
  await sequence(logDeps(fake), history.commits);
  const found = await Promise.all(
    [0, 1, 2, 3, 4, 5, 6].map((version) => positionOf(logDeps(fake), streamOf('h1'), version)),
  );
  expect(found).toEqual([undefined, 0, 1, 2, 3, 4, undefined]);
});
