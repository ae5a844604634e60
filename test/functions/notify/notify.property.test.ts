// Over random histories: wake-ups come twice, at once, late or never; runs crash between any two calls, or have their
// answer lost; channels fail, refuse, limit, are slow. Then: no reminder is lost, each is in exactly one message a
// channel, each message has one outcome a round; nothing goes out twice unless a run crashed while it was being sent;
// no channel ever gets more than it takes in a minute.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { deadLetters, putBack } from '../../../functions/notify/outbox.ts';
import type { Outcome } from '../../../functions/notify/outcome.ts';
import type { Hook } from '../../support/fake-dynamo.ts';
import { interleave } from '../../support/interleave.ts';
import { MINUTE, NotifyTown, TAKEN } from './town.ts';
import { FULL, share } from '../../support/runs.ts';

const ORGANISATIONS = ['guijianban', 'village-01'] as const;

interface Step {
  kind: 'remind' | 'run' | 'both' | 'wait' | 'again' | 'place';
  /** for whom */
  to: number;
  /** the call at which a run crashes; the others go through */
  crash: number | null;
  when: 'before' | 'after';
  /** in which order concurrent runs go on */
  choices: number[];
  minutes: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('remind', 'remind', 'remind', 'run', 'run', 'both', 'wait', 'again', 'place'),
  to: fc.integer({ min: 1, max: 3 }),
  crash: fc.option(fc.nat({ max: 45 }), { freq: 3 }),
  when: fc.constantFrom('before', 'after'),
  choices: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 8 }),
  minutes: fc.constantFrom(0, 1, 2, 30),
});
const outcome: fc.Arbitrary<Outcome> = fc.constantFrom<Outcome>(
  TAKEN,
  TAKEN,
  TAKEN,
  { kind: 'again', error: 'HTTP 500' },
  { kind: 'again', error: 'slow down', afterMs: 2 * MINUTE, limited: true },
  { kind: 'refused', error: 'errcode 93000' },
);

class Crash extends Error {}

/** Calls of one process: they wait their turn, and at one of them the process dies. */
function process(pause: () => Promise<void>, crash: number | null, when: 'before' | 'after'): Hook {
  let calls = 0;
  return async (call) => {
    if (call.when === 'before') await pause();
    if (call.when !== when) return;
    // A process that is dead makes no further call.
    if (crash !== null && calls++ >= crash) throw new Crash('killed');
  };
}

async function live(
  steps: Step[],
  outcomes: Outcome[],
): Promise<{ town: NotifyTown; reminded: string[][]; crashes: number }> {
  const town = new NotifyTown(...ORGANISATIONS);
  town.limits = { perMinute: 3, most: 2 };
  let answers = 0;
  town.robot = () => outcomes[answers++ % outcomes.length]!;
  const reminded: string[][] = [];
  let crashes = 0;
  const runs = async ({ crash, when, choices }: Step, howMany: number): Promise<void> => {
    const turns = interleave(choices);
    const wake = (nth: number): Promise<void> =>
      town.run(process(turns.pause, nth === 0 ? crash : null, when)).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
        crashes += 1;
      });
    await turns.run(Array.from({ length: howMany }, (_, nth) => wake(nth)));
  };
  for (const each of steps) {
    if (each.kind === 'remind') {
      const to = ORGANISATIONS.filter((_, nth) => each.to & (1 << nth));
      const id = await town.remind(...to);
      reminded.push(...to.map((organisation) => [organisation, id]));
    } else if (each.kind === 'run') await runs(each, 1);
    else if (each.kind === 'both') await runs(each, 2);
    else if (each.kind === 'again')
      for (const letter of await deadLetters(town.views)) await putBack(town.views, letter);
    else if (each.kind === 'place') await town.sequence();
    town.now += each.minutes * MINUTE;
  }
  // The channels come back to life.
  town.robot = () => TAKEN;
  town.now += 2 * MINUTE;
  await town.settle();
  return { town, reminded, crashes };
}

test('no reminder is lost, doubled or recorded twice, whatever crashes, overlaps or fails', async () => {
  const seen = { crashes: 0, twice: 0, failed: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 6, maxLength: 18 }),
      fc.array(outcome, { minLength: 1, maxLength: 6 }),
      async (steps, outcomes) => {
        const { town, reminded, crashes } = await live(steps, outcomes);
        expect(await town.busy()).toBe(false);

        // each reminder is in exactly one message of each channel that it was for
        const recorded = town.outcomes();
        const carriers = new Map<string, Set<string>>();
        for (const { stream, data } of recorded) {
          for (const id of data.carries) {
            const key = `${data.organisation} ${id}`;
            carriers.set(key, (carriers.get(key) ?? new Set()).add(stream));
          }
        }
        expect([...carriers.keys()].toSorted()).toEqual(reminded.map((pair) => pair.join(' ')).toSorted());
        for (const [key, streams] of carriers) expect(streams.size, key).toBe(1);

        // one outcome a round, and what is recorded as delivered was taken; what failed is kept, to be sent again
        const rounds = recorded.map(({ stream, data }) => `${stream} ${data.round}`);
        expect(new Set(rounds).size).toBe(rounds.length);
        const last = new Map(recorded.map((event) => [event.stream.split('#')[2]!, event.type]));
        const taken = new Set(town.sent.filter((one) => one.outcome.kind === 'taken').map(({ message }) => message));
        const delivered = [...last].filter(([, type]) => type === 'MessageDelivered').map(([message]) => message);
        expect(delivered.filter((message) => !taken.has(message))).toEqual([]);
        const dead = new Set((await deadLetters(town.views)).map(({ message }) => message));
        expect([...last.keys()].filter((message) => !delivered.includes(message) && !dead.has(message))).toEqual([]);

        // outside: at least once, and more than once only where a run died: one message of a channel for each death
        const doubles = ORGANISATIONS.map((organisation) => {
          const own = town.sent.filter((one) => one.outcome.kind === 'taken' && one.channel.startsWith(organisation));
          return own.length - new Set(own.map(({ message }) => message)).size;
        });
        for (const doubled of doubles) expect(doubled).toBeLessThanOrEqual(crashes);

        for (const { channel, at } of town.sent) {
          const lately = town.sent.filter(
            (other) => other.channel === channel && other.at >= at && other.at < at + MINUTE,
          );
          expect(lately.length).toBeLessThanOrEqual(town.limits.perMinute);
        }
        seen.crashes += crashes;
        seen.twice += doubles[0]! + doubles[1]!;
        seen.failed += recorded.length - delivered.length;
      },
    ),
    { numRuns: share(1000) },
  );
  // the histories had what they are about
  expect(seen.crashes).toBeGreaterThan(share(100));
  expect(seen.failed).toBeGreaterThan(share(100));
  expect(FULL ? seen.twice : 1).toBeGreaterThan(0);
}, 900_000);
