// What somebody does at a time: who, and which request to the API. Whether it still makes sense is decided when its time comes.
import type { Role } from '../../shared/rules/roles.ts';
import type { WorkingDays } from '../../shared/rules/calendar/working-days.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';
import { momentOf, townDay } from '../../shared/town-time.ts';

export interface Caller {
  person: string;
  role: Role;
  org: string;
  post: string;
}

export interface Request {
  who: Caller;
  path: string;
  body: object;
}

export interface Act {
  /** an instant */
  at: string;
  /** names the act: its idempotency key, and the order among acts of the same moment */
  key: string;
  /** what to send, given what is known when its time has come; undefined: what it was for has been overtaken */
  request: (world: World) => Request | undefined;
}

/** A moment in working hours, `workingDays` after an instant; on the same day it is later than the instant. */
export function workingTime(calendar: WorkingDays, from: string, workingDays: number, lot: Random): string {
  const today = townDay(from);
  const minutes = lot.between(0, 8 * 60 - 1);
  const at = (day: string): string =>
    new Date(momentOf(day, '09:00:00') + minutes * 60_000 + lot.between(0, 59_999)).toISOString();
  const then = at(workingDays === 0 && calendar.isWorkday(today) ? today : calendar.shift(today, workingDays));
  return then > from ? then : at(calendar.shift(today, 1));
}
