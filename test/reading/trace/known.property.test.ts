// As known at a position, a town knows what a town knows whose log ends there; and what an answer says does not depend
// on the order in which events came in, nor on how often they were delivered. Random histories, on tables in memory,
// through the sequencer and the projector.
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeEvent } from '../../../events/catalogue.ts';
import { streamKey } from '../../../events/envelope.ts';
import { LIANTANG } from '../../../shared/rules/campaign/liantang.ts';
import { follow } from '../../../shared/record/log/follow.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { itemFromCommit, NO_COMMIT, type Commit } from '../../../shared/record/store/commit.ts';
import { sealCommits } from '../../../shared/record/store/store.ts';
import { askDossier } from '../../../shared/reading/trace/unit-file-question.ts';
import { askDeadlines } from '../../../shared/reading/trace/hazard-questions.ts';
import { referrer } from '../../../shared/reading/trace/answer.ts';
import { addedUp, reportFacts } from '../../../shared/reading/trace/report.ts';
import { readLog } from '../../../shared/record/log/read.ts';
import { reportFigures, type FiguresFor } from '../../../shared/reading/report/figures.ts';
import { askClause, askDifference, askLate } from '../../../shared/reading/trace/unit-questions.ts';
import { resolveKnownAt, type Known, type KnownAt } from '../../../shared/reading/trace/known-at.ts';
import { applyBatch } from '../../../shared/reading/views/apply.ts';
import { VIEWS } from '../../../shared/reading/views/catalogue.ts';
import { projectionName, type ViewDeps } from '../../../shared/reading/views/view.ts';
import { viewDeps } from '../views/projected.ts';
import { eventOf } from '../../support/builders.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { acts, TENANT, town, UNITS, type Town } from '../../support/histories.ts';

/** A failure is told with its seed at once: shrinking such histories takes minutes. */
const RUNS = { numRuns: 40, endOnFailure: true };

/** The campaign was launched before anything else. */
const BEFORE = '2025-01-01T00:00:00.000Z';
const LAUNCHED: Commit = sealCommits([
  {
    stream: streamKey(TENANT, 'campaign', 'campaign'),
    version: 1,
    events: [
      encodeEvent(
        eventOf(
          'campaign',
          'campaign',
          1,
          { type: 'CampaignLaunched', data: LIANTANG },
          { occurredAt: BEFORE, recordedAt: BEFORE },
        ),
      ),
    ],
    command: 'launch',
    request: 'r',
    person: 'p',
    recordedAt: BEFORE,
    prev: NO_COMMIT,
  },
])[0]!;

/** Tables that hold these commits, delivered to the sequencer in these wake-ups; else each at the time at which it was recorded. */
async function tablesOf(commits: readonly Commit[], wakes?: readonly Commit[][]): Promise<ViewDeps> {
  const deps = { ...viewDeps(new FakeDynamo()), now: () => new Date(Date.UTC(2028, 0, 1)) };
  for (const commit of commits) {
    await deps.dynamo.send(new PutItemCommand({ TableName: 'events', Item: itemFromCommit(commit) }));
  }
  const honest = [...Map.groupBy(commits, ({ recordedAt }) => recordedAt)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const wake of wakes ?? honest.map(([, some]) => some)) {
    const now = (): Date => (wakes ? deps.now() : new Date(wake[0]!.recordedAt));
    await sequence(
      { ...deps, now },
      wake.map(({ stream, version }) => ({ stream, version })),
    );
  }
  await follow(deps, projectionName(1), async (batch) => {
    await applyBatch(deps, 1, VIEWS, batch);
  });
  return deps;
}

const resolve = (deps: ViewDeps, at?: KnownAt): Promise<Known> => resolveKnownAt(deps, at, () => Promise.resolve());

/** The answers to what can be asked of a unit, or what was thrown instead. */
async function answers(deps: ViewDeps, at: KnownAt | undefined, unit: string, hazards: readonly string[]) {
  const known = await resolve(deps, at);
  const access = { dynamo: deps.dynamo, table: 'access', tenant: TENANT };
  const asked = [
    () => askDossier({ ...deps, access }, known, { unit, on: '2025-12-31', months: 12 }),
    () => askClause(deps, known, { unit, clause: 'C-1' }),
    () => askLate(deps, known, unit),
    ...hazards.map((hazard) => () => askDeadlines(deps, known, hazard)),
  ];
  return Promise.all(
    asked.map((ask) =>
      ask().then(
        // What was asked, and by which moment of now it counts, is not what is compared.
        ({ knownAt: _knownAt, ...answer }) => withoutNow(answer),
        (error: Error) => ({ refused: error.name }),
      ),
    ),
  );
}

/** Days until now differ with what counts as now. */
const withoutNow = (answer: object): object => ({ ...answer, accesses: [] });

/** Positions of commits, the campaign's included. */
const sizesOf = (commits: readonly Commit[]): number[] => {
  let size = 0;
  return commits.map(({ events }) => (size += events.length));
};

/** The parts of a transaction stay together. */
function cutAt(history: Town, share: number): Commit[] {
  const all = [LAUNCHED, ...history.commits];
  let cut = 1 + Math.floor(share * (all.length - 1));
  while (cut < all.length && all[cut]!.command === all[cut - 1]!.command) cut += 1;
  return all.slice(0, cut);
}

const hazardsOf = (history: Town): string[] => [...history.streams('hazard').keys()].toSorted().slice(0, 3);

describe('what is known', () => {
  test('at a position is what a log that ends there knows, and so is what had been recorded by that time', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts({ minLength: 8, maxLength: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(...UNITS),
        async (done, share, unit) => {
          const history = town(done);
          const whole = await tablesOf([LAUNCHED, ...history.commits]);
          const some = cutAt(history, share);
          const cut = await tablesOf(some);
          const hazards = hazardsOf(history);
          const position = sizesOf(some).at(-1)!;
          const expected = await answers(cut, { position }, unit, hazards);
          expect(await answers(whole, { position }, unit, hazards)).toEqual(expected);
          const time = some
            .map(({ recordedAt }) => recordedAt)
            .toSorted()
            .at(-1)!;
          expect(await answers(whole, { time }, unit, hazards)).toEqual(expected);
        },
      ),
      RUNS,
    );
  });

  test('does not depend on the order of deliveries, or on their number', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts({ minLength: 8, maxLength: 30 }),
        fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 40 }),
        fc.constantFrom(...UNITS),
        async (done, shuffle, unit) => {
          const history = town(done);
          const all = [LAUNCHED, ...history.commits];
          // every commit twice, in an order that has nothing to do with theirs, a few at a time
          const order = [...all, ...all]
            .map((commit, n) => ({ commit, key: shuffle[n % shuffle.length]! * 7919 + ((n * 31) % 97) }))
            .toSorted((a, b) => a.key - b.key)
            .map(({ commit }) => commit);
          const wakes = order.flatMap((_, n) => (n % 3 === 0 ? [order.slice(n, n + 3)] : []));
          const [straight, shuffled] = [await tablesOf(all, [all]), await tablesOf(all, wakes)];
          const hazards = hazardsOf(history);
          const told = async (deps: ViewDeps) => withoutPositions(await answers(deps, undefined, unit, hazards));
          expect(await told(shuffled)).toEqual(await told(straight));
        },
      ),
      RUNS,
    );
  });

  test('then and now differ in nothing when nothing came since, and every difference names later events only', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts({ minLength: 8, maxLength: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (done, share) => {
          const history = town(done);
          const deps = await tablesOf([LAUNCHED, ...history.commits]);
          const now = await resolve(deps);
          const position = sizesOf(cutAt(history, share)).at(-1)!;
          const then = await resolve(deps, { position });
          for (const unit of UNITS) {
            const same = await askDifference(deps, now, now, unit).catch(() => ({ facts: [] }));
            expect(same.facts).toEqual([]);
            const answer = await askDifference(deps, then, now, unit).catch(() => undefined);
            for (const fact of answer?.facts ?? []) {
              expect(fact.because.length).toBeGreaterThan(0);
              expect(fact.because.every((ref) => ref.position >= position)).toBe(true);
              expect(fact.before).not.toEqual(fact.after);
            }
          }
        },
      ),
      RUNS,
    );
  });
});

function withoutPositions(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, inner: unknown) => (name === 'position' ? undefined : inner)));
}

describe('the figures of a report', () => {
  const REPORTS: FiguresFor[] = [
    { kind: 'monthly', track: 'gas', organisation: 'guijianban' },
    { kind: 'quarterly', track: null, organisation: 'office' },
    { kind: 'year-end', track: null, organisation: 'guijianban' },
    { kind: 'year-end', track: null, organisation: 'shichangsuo' },
  ];
  const shown = (figures: Record<string, number>): Record<string, number> =>
    Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== 0));

  test('are what the events before their position count, added up', async () => {
    let counted = 0;
    await fc.assert(
      fc.asyncProperty(acts({ minLength: 20, maxLength: 60 }), async (done) => {
        const deps = await tablesOf([LAUNCHED, ...town(done).commits]);
        const log = await readLog(deps, 0, 10_000);
        for (const report of REPORTS) {
          const { position, figures } = await reportFigures(deps, report, () => Promise.resolve());
          expect(position).toBe(log.length);
          const subject = { ...report, position, submittedAt: '2028-01-01T00:00:00.000Z' };
          const facts = reportFacts(subject, log, referrer(log));
          expect(shown(addedUp(facts, 'behind'))).toEqual(shown(figures));
          expect(addedUp(facts, 'later')).toEqual({});
          counted += facts.length;
        }
      }),
      RUNS,
    );
    expect(counted).toBeGreaterThan(100);
  });
});
