// Runs what the template declares on a schedule. What has a pace (`rate(…)`) runs once at the start, as what was behind
// when the platform stopped need not wait, then at its pace. What has times (`cron(…)`) runs at them, and at the start
// if the last time fell into the hours before it, while the platform was off; by a virtual clock only when told to
// (clock.ts). A run that is still going on is not started again.

import { randomUUID } from 'node:crypto';
import { wallClock } from '../../functions/runtime/now.ts';
import { DaochaError } from '../../events/errors.ts';
import { timetable, type Timetable } from './cron.ts';
import type { Invoker } from './functions.ts';
import type { LocalSchedule } from './model.ts';
import { LOCAL_ACCOUNT } from './template.ts';

export interface ScheduleState {
  schedule: string;
  function: string;
  runs: number;
  failures: number;
  /** failed runs since the last that went well */
  failing: number;
  /** ISO */
  lastRunAt?: string;
  lastError?: string;
}

export interface Schedules {
  states(): ScheduleState[];
  /** Runs the schedules of a function now, or only the named one, and resolves when they have run. @throws what the function throws */
  fire(fn: string, name?: string): Promise<void>;
  /** No more runs; resolves when those in flight have ended. */
  stop(): Promise<void>;
}

export interface ScheduleTimes {
  now: () => Date;
  /** the clock is a virtual one: whoever moves it fires what has times */
  virtual: boolean;
  /** there is data from before: a time that was missed is made up for */
  existed: boolean;
}

const REAL: ScheduleTimes = { now: wallClock, virtual: false, existed: false };
/** How long ago a missed time may be. */
const MISSED_MS = 12 * 3_600_000;
/** A timer takes 24.8 days at most, and does not run while the machine sleeps. */
const LONGEST_SLEEP_MS = 60_000;

export function startSchedules(
  schedules: readonly LocalSchedule[],
  invoke: Invoker,
  note: (message: string) => void,
  { now, virtual, existed }: ScheduleTimes = REAL,
): Schedules {
  const running = new Map<LocalSchedule, Promise<void>>();
  const states = new Map<LocalSchedule, ScheduleState>(
    schedules.map((one) => [one, { schedule: one.name, function: one.function, runs: 0, failures: 0, failing: 0 }]),
  );

  const call = async (schedule: LocalSchedule): Promise<void> => {
    const state = states.get(schedule)!;
    state.runs += 1;
    state.lastRunAt = now().toISOString();
    try {
      await invoke(schedule.function, schedule.input ?? scheduledEvent(schedule, now()));
      state.failing = 0;
    } catch (error) {
      state.failures += 1;
      state.failing += 1;
      state.lastError = (error as Error).message;
      throw error;
    } finally {
      running.delete(schedule);
    }
  };
  const run = (schedule: LocalSchedule): Promise<void> => {
    const going = running.get(schedule);
    if (going) return going;
    const began = call(schedule);
    running.set(schedule, began);
    return began;
  };
  const tick = (schedule: LocalSchedule): void => {
    run(schedule).catch((error: Error) => note(`${schedule.function} (on schedule) fails: ${error.message}`));
  };

  const timers: NodeJS.Timeout[] = [];
  /** Waits for the next of its times, again and again. */
  const waitFor = (schedule: LocalSchedule, times: Timetable, after: Date, slot: number): void => {
    const next = times.next(after);
    if (next === undefined) return;
    const sleep = Math.min(LONGEST_SLEEP_MS, Math.max(0, next.getTime() - now().getTime()));
    timers[slot] = setTimeout(() => {
      const at = now();
      if (at < next) return waitFor(schedule, times, after, slot);
      tick(schedule);
      waitFor(schedule, times, at, slot);
    }, sleep);
  };
  for (const [slot, schedule] of schedules.entries()) {
    const { every, cron } = schedule;
    if (every !== undefined) {
      tick(schedule);
      timers[slot] = setInterval(() => tick(schedule), every);
    } else if (cron !== undefined && !virtual) {
      const times = timetable(cron.expression, cron.timeZone);
      const at = now();
      const missed = times.next(new Date(at.getTime() - MISSED_MS));
      if (existed && missed !== undefined && missed <= at) tick(schedule);
      waitFor(schedule, times, at, slot);
    }
  }
  return {
    states: () => [...states.values()].map((state) => ({ ...state })),
    async fire(fn, name) {
      const own = schedules.filter((one) => one.function === fn && (name === undefined || one.name === name));
      if (own.length === 0) {
        const known = [...new Set(schedules.map((schedule) => schedule.function))].join(', ') || 'none';
        throw new DaochaError('unknown-schedule', 404, `nothing runs ${fn} on a schedule; scheduled are ${known}`);
      }
      // what is under way may have looked before what the caller has just done
      await Promise.allSettled(own.flatMap((schedule) => running.get(schedule) ?? []));
      await Promise.all(own.map(run));
    },
    async stop() {
      for (const timer of timers) clearInterval(timer); // clears time-outs as well
      await Promise.allSettled(running.values());
    },
  };
}

/** The event that EventBridge gives to the target of a schedule. */
function scheduledEvent({ name }: LocalSchedule, at: Date): Record<string, unknown> {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: LOCAL_ACCOUNT,
    time: at.toISOString(),
    region: 'local',
    resources: [`arn:aws:events:local:${LOCAL_ACCOUNT}:rule/${name}`],
    detail: {},
  };
}
