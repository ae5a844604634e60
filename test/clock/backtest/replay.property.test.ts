// Over random histories of people, with the clock run every morning: the rules of the time, replayed, did exactly what
// is on record, whatever people did, and whatever came back, was extended, rejected or ordered again for the same date.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEvent } from '../../../events/catalogue.ts';
import { backtest } from '../../../shared/clock/backtest/backtest.ts';
import { commitFromItem } from '../../../shared/record/store/commit.ts';
import { HOUR, makeWorld, RULES, type World } from '../remind/world.ts';

const DAY = 24 * HOUR;
/** Half past eight in town, on the day after an instant or on the same one. */
const morningAfter = (at: number): number => Math.floor((at - HOUR / 2) / DAY) * DAY + DAY + HOUR / 2;

const act = fc.record({ nth: fc.nat(2), how: fc.nat(1000), hours: fc.nat(3) });
const days = fc.array(fc.array(act, { maxLength: 4 }), { minLength: 8, maxLength: 24, size: 'max' });

function logOf({ fake }: World) {
  return fake
    .items('events')
    .map(commitFromItem)
    .toSorted((a, b) => (a.recordedAt < b.recordedAt ? -1 : a.recordedAt > b.recordedAt ? 1 : a.version - b.version))
    .flatMap((commit) => commit.events.map(decodeEvent))
    .map((event, position) => ({ event, position }));
}

test('what is replayed is what is on record, over a hundred histories', async () => {
  let [reminded, missed] = [0, 0];
  await fc.assert(
    fc.asyncProperty(days, async (history) => {
      const world = await makeWorld();
      for (const acts of history) {
        const morning = morningAfter(world.now().getTime());
        for (const { nth, how, hours } of acts) {
          await world.people(nth, how);
          world.pass(hours);
        }
        world.pass((morning - world.now().getTime()) / HOUR);
        world.project();
        await world.wake('morning');
      }
      const log = logOf(world);
      async function* batches() {
        yield log;
      }
      const tested = await backtest(batches(), {
        ruleSet: { ...RULES, version: 2 },
        nextRun: (after) => ({ at: morningAfter(after), mode: 'morning' }),
      });
      const { recorded, replayed, backtested } = tested!;
      expect(replayed.figures).toEqual(recorded);
      expect(backtested).toEqual(replayed);
      reminded += Object.values(recorded.total.reminders).reduce((sum, count) => sum + count, 0);
      missed += recorded.total.missed;
    }),
    { numRuns: 100 },
  );
  // the histories are worth something only when they get around
  expect(reminded).toBeGreaterThan(200);
  expect(missed).toBeGreaterThan(50);
}, 600_000);
