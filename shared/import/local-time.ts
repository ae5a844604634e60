// From a register's wall clock to UTC. Registers write local time without a zone; events hold UTC with milliseconds.
// The zone's rules come from the runtime (Intl), nothing is computed from a table of our own.

const DATE = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/;
const DATE_TIME = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface LocalInstant {
  /** UTC, ISO 8601 with milliseconds. */
  at: string;
  /** The register gave a date and no time of day: `at` is that day's local midnight. */
  dateOnly: boolean;
}

export type LocalClock = (local: string) => LocalInstant | undefined;

/**
 * Reader of local times of one zone: `2017-01-26T09:45:44`, `2017-01-26 09:45`, `2020-07-29` (local midnight),
 * also with slashes. Yields undefined for anything else, and for days that do not exist (30 February).
 * A time that the clocks showed twice is taken as the first; one that they skipped moves forward by the skip.
 */
export function localClock(zone: string): LocalClock {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const offsets = new Map<number, number>();
  const known = new Map<string, LocalInstant | undefined>();

  function offsetAt(utc: number): number {
    const name = format.formatToParts(utc).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
    const match = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(name);
    if (!match?.[1]) return 0;
    const ms = Number(match[2]) * HOUR + Number(match[3]) * 60_000 + Number(match[4] ?? 0) * 1000;
    return match[1] === '-' ? -ms : ms;
  }

  function offsetOfDay(day: number): number {
    let offset = offsets.get(day);
    if (offset === undefined) offsets.set(day, (offset = offsetAt(day * DAY)));
    return offset;
  }

  function toUtc(wall: number): number {
    const day = Math.floor(wall / DAY);
    const before = offsetOfDay(day - 1);
    const after = offsetOfDay(day + 2);
    if (before === after) return wall - before;
    if (offsetAt(wall - before) === before) return wall - before;
    return offsetAt(wall - after) === after ? wall - after : wall - before;
  }

  return (local) => {
    if (known.has(local)) return known.get(local);
    const wall = wallClock(local);
    const instant = wall && { at: isoOf(toUtc(wall.ms)), dateOnly: wall.dateOnly };
    // Registers repeat their times (dates above all); the bound only keeps a hostile file from filling the memory.
    if (known.size < 50_000) known.set(local, instant);
    return instant;
  };
}

/** Milliseconds since 1970 → `2017-01-26T14:45:44.000Z`. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function wallClock(local: string): { ms: number; dateOnly: boolean } | undefined {
  const text = local.trim();
  const match = DATE.exec(text) ?? DATE_TIME.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(match[i] ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59 || year < 1900) return undefined;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(ms);
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day) return undefined;
  return { ms, dateOnly: match[4] === undefined };
}
