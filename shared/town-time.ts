// The town's clock: Asia/Shanghai, which has been UTC+8 without summer time since 1992, so plain arithmetic will do. Instants are UTC
// with milliseconds (`2025-05-24T02:00:00.000Z`), days are calendar days of the town (`2025-05-24`). Imports nothing; everything may
// import it.
const OFFSET = 8 * 3_600_000;
export const DAY_MS = 86_400_000;

/** The moment as a clock on the wall in the town shows it, in the fields that end in UTC. */
export const onTheWall = (instant: string | Date): Date => new Date(new Date(instant).getTime() + OFFSET);
/** The moment at which the clock on the wall shows this. */
const offTheWall = (wall: Date): string => new Date(wall.getTime() - OFFSET).toISOString();

/** `2025-06-02` */
export const townDay = (instant: string | Date): string => onTheWall(instant).toISOString().slice(0, 10);
/** `2025-06-02 12:05` */
export const townMinute = (instant: string | Date): string =>
  onTheWall(instant).toISOString().slice(0, 16).replace('T', ' ');
/** `2025-06-02 12:05:09` */
export const townSecond = (instant: string | Date): string =>
  onTheWall(instant).toISOString().slice(0, 19).replace('T', ' ');

const midnight = (day: string): number => Date.parse(`${day}T00:00:00.000Z`);

/** The instant at which the clock on the wall shows this: `2025-06-02`, `09:00:00`. NaN when there is no such day or hour. */
export const momentOf = (day: string, time: string): number => Date.parse(`${day}T${time}Z`) - OFFSET;
/** The instant at which a day begins. */
export const startOfTownDay = (day: string): string => offTheWall(new Date(midnight(day)));
/** The last millisecond of a day: how a due date without an hour is meant. */
export const endOfTownDay = (day: string): string => offTheWall(new Date(midnight(day) + DAY_MS - 1));

/** `days` after `day`; before it if negative: `2025-02-28`, 1 → `2025-03-01`. */
export const plusDays = (day: string, days: number): string =>
  new Date(midnight(day) + days * DAY_MS).toISOString().slice(0, 10);
/** Days from one day to another; negative when the second is earlier. */
export const daysBetween = (from: string, to: string): number => Math.round((midnight(to) - midnight(from)) / DAY_MS);
/** Calendar days of the town from one instant to another; 0 on the same day, and when the second is earlier. */
export const townDaysBetween = (from: string, to: string): number =>
  Math.max(0, daysBetween(townDay(from), townDay(to)));
/** Both on one day of the town. */
export const sameTownDay = (a: string, b: string): boolean => townDay(a) === townDay(b);

/** The same clock time `months` calendar months earlier; on the month's last day where it has no such day. */
export function monthsEarlier(instant: string, months: number): string {
  const wall = onTheWall(instant);
  const day = wall.getUTCDate();
  wall.setUTCDate(1);
  wall.setUTCMonth(wall.getUTCMonth() - months);
  const last = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 0)).getUTCDate();
  wall.setUTCDate(Math.min(day, last));
  return offTheWall(wall);
}

/** 2000-01-01 in town time. An imported time before it is what a spreadsheet or a program made of something else. */
export const EARLIEST = '1999-12-31T16:00:00.000Z';
