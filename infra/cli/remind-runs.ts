// At what times the clock is run, one run after the other: the schedules of the stack.
import type { RunMode } from '../../shared/clock/remind/rules.ts';
import { REMIND_TIMES, TOWN_TIME } from '../aws/constructs/remind-times.ts';
import { timetable } from '../local/cron.ts';

/** The next run after an instant (ms). */
export function remindRuns(): (after: number) => { at: number; mode: RunMode } {
  const times = Object.values(REMIND_TIMES).map(({ expression, run }) => ({
    mode: run,
    table: timetable(expression, TOWN_TIME),
  }));
  return (after) => {
    const coming = times.map(({ mode, table }) => ({ mode, at: table.next(new Date(after))!.getTime() }));
    return coming.reduce((first, next) => (next.at < first.at ? next : first));
  };
}
