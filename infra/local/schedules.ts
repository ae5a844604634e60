// Runs what the template declares on a schedule (EventBridge rules with `rate(…)`): once at the start, as what was behind
// when the platform stopped need not wait, then at the declared pace. A run that is still going on is not started again.

import { randomUUID } from 'node:crypto';
import { DaochaError } from '../../shared/errors.ts';
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
  /** Runs the schedules of a function now, and resolves when they have run. @throws what the function throws */
  fire(fn: string): Promise<void>;
  /** No more runs; resolves when those in flight have ended. */
  stop(): Promise<void>;
}

export function startSchedules(
  schedules: readonly LocalSchedule[],
  invoke: Invoker,
  note: (message: string) => void,
): Schedules {
  const running = new Map<LocalSchedule, Promise<void>>();
  const states = new Map<LocalSchedule, ScheduleState>(
    schedules.map((one) => [one, { schedule: one.name, function: one.function, runs: 0, failures: 0, failing: 0 }]),
  );

  const call = async (schedule: LocalSchedule): Promise<void> => {
    const state = states.get(schedule)!;
    state.runs += 1;
    state.lastRunAt = new Date().toISOString();
    try {
      await invoke(schedule.function, schedule.input ?? scheduledEvent(schedule));
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

  const timers = schedules.map((schedule) => {
    tick(schedule);
    return setInterval(() => tick(schedule), schedule.every);
  });
  return {
    states: () => [...states.values()].map((state) => ({ ...state })),
    async fire(fn) {
      const own = schedules.filter((schedule) => schedule.function === fn);
      if (own.length === 0) {
        const known = [...new Set(schedules.map((schedule) => schedule.function))].join(', ') || 'none';
        throw new DaochaError('unknown-schedule', 404, `nothing runs ${fn} on a schedule; scheduled are ${known}`);
      }
      // what is under way may have looked before what the caller has just done
      await Promise.allSettled(own.flatMap((schedule) => running.get(schedule) ?? []));
      await Promise.all(own.map(run));
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.allSettled(running.values());
    },
  };
}

/** The event that EventBridge gives to the target of a schedule. */
function scheduledEvent({ name }: LocalSchedule): Record<string, unknown> {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: LOCAL_ACCOUNT,
    time: new Date().toISOString(),
    region: 'local',
    resources: [`arn:aws:events:local:${LOCAL_ACCOUNT}:rule/${name}`],
    detail: {},
  };
}
