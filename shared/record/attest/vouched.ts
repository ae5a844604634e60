// What others say of when the log was how long: the largest checkpoint that a witness had cosigned, or an authority had stamped, by some moment.
// Beside the log's own time (log-time.ts) it is what a stranger believes; it proves that events were there, never that they were not.
import type { LogDeps } from '../log/deps.ts';
import { cosignaturesAround } from './cosignatures.ts';
import { timeStampsAround } from './timestamps.ts';

export interface Vouched {
  /** everything before this position was there */
  size: number;
  /** when (ISO), by its own clock */
  time: string;
  by: 'cosignature' | 'time-stamp';
  /** the witness, or the authority */
  name: string;
}

/** @param near the size that the log's own time gives: what is looked at lies next to it */
export async function vouchedBy(deps: LogDeps, time: string, near: number): Promise<Vouched | null> {
  const [cosigned, stamped] = await Promise.all([cosignaturesAround(deps, near), timeStampsAround(deps, near)]);
  const said: Vouched[] = [
    ...cosigned.map((one) => ({
      size: one.size,
      time: new Date(one.time * 1000).toISOString(),
      by: 'cosignature' as const,
      name: one.witness,
    })),
    ...stamped.map((one) => ({ size: one.size, time: one.time, by: 'time-stamp' as const, name: one.authority })),
  ];
  const then = said.filter((one) => one.time <= time).toSorted((a, b) => b.size - a.size || (a.time < b.time ? -1 : 1));
  return then[0] ?? null;
}
