// A virtual clock (虚拟时钟) for the whole platform, for simulations: it stands still until it is moved, in every thread of
// the platform at once, and what is scheduled for times of the day runs at its own time on the way. Sign-in and upkeep
// go by the real time all the while.

import { setClock } from '../../functions/runtime/now.ts';
import { InvalidInput } from '../../events/errors.ts';
import { timetable } from './cron.ts';
import type { LocalSchedule } from './model.ts';

export interface VirtualClock {
  now(): Date;
  /** Moves the clock, in every thread, without running what is scheduled. @throws InvalidInput for a time before the present one */
  set(at: Date): Promise<void>;
  /** Moves the clock; what is scheduled on the way runs, each at its time, one after the other. @returns how many runs there were */
  runTo(at: Date): Promise<number>;
}

/** What the clock moves. */
export interface Moved {
  schedules: readonly LocalSchedule[];
  /** sets the clock of the other threads (ms), and waits until they are set */
  tell: (at: number) => Promise<void>;
  fire: (fn: string, name: string) => Promise<void>;
  note: (message: string) => void;
  /** On a platform that runs in steps: brings into the log what was recorded, before the clock has moved far from it. */
  settle?: () => Promise<void>;
}

/** As the sequencer of a platform in real time comes within moments; beyond TOLERANCE_MS (log-time.ts) it would call a commit back-dated. */
const SETTLE_MS = 10 * 60_000;

/** Sets the clock of this thread to an instant, for as long as the platform runs. */
export function startVirtualClock(start: Date, { schedules, tell, fire, note, settle }: Moved): VirtualClock {
  const timed = schedules.flatMap(({ name, function: fn, cron }) =>
    cron === undefined ? [] : [{ name, fn, times: timetable(cron.expression, cron.timeZone) }],
  );
  let present = start;
  let settled = start;
  setClock(() => present);
  const set = async (at: Date): Promise<void> => {
    if (Number.isNaN(at.getTime()) || at < present) {
      throw new InvalidInput(`the clock stands at ${present.toISOString()} and cannot be set to ${String(at)}`, {
        field: 'at',
        expected: 'a later time',
      });
    }
    if (settle && at.getTime() - settled.getTime() >= SETTLE_MS) {
      await settle();
      settled = at;
    }
    present = at;
    await tell(at.getTime());
  };
  /** What comes next, up to an instant: the time, and everything that is due then. */
  const nextUntil = (until: Date) => {
    const coming = timed.map((one) => ({ ...one, at: one.times.next(present)?.getTime() ?? Number.POSITIVE_INFINITY }));
    const first = Math.min(...coming.map(({ at }) => at));
    return first <= until.getTime() ? { at: new Date(first), due: coming.filter(({ at }) => at === first) } : undefined;
  };
  return {
    now: () => present,
    set,
    async runTo(until) {
      let runs = 0;
      for (let next = nextUntil(until); next; next = nextUntil(until)) {
        await set(next.at);
        for (const { fn, name } of next.due) {
          await fire(fn, name).catch((error: Error) => note(`schedule ${name}: ${error.message}`));
          runs += 1;
        }
      }
      await set(until);
      return runs;
    },
  };
}
