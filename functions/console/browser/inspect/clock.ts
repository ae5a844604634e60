// When an inspection was finished, in the platform's time, on a device whose clock may be wrong, or be corrected or
// wrong between finishing and sending. What is known: the device's clock beside the platform's at the last answer
// before finishing and at the first one of the sending, and, on a page that stayed open, the milliseconds that the
// browser has counted meanwhile, whatever the clock was set to.

/** What the device says of a moment. */
export interface ClockReading {
  /** its clock: `Date.now()` */
  now: number;
  /** milliseconds counted since `origin`; they may stand still while a phone sleeps, and never run back */
  tick: number;
  /** `performance.timeOrigin`: of the same page, and only then, two ticks can be compared */
  origin: number;
}
/** An answer of the platform: its time, and what the device said then. */
export interface Contact extends ClockReading {
  platform: number;
}
/** 提交: what the device said, and what it said when the page was opened. */
export interface Finished extends ClockReading {
  opened?: ClockReading;
}

export const reading = (): ClockReading => ({
  now: Date.now(),
  tick: performance.now(),
  origin: performance.timeOrigin,
});

/** The platform's time stands for the middle between asking and the answer: wrong by half of the way at most. */
export function contact(platform: number, asked: ClockReading, answered: ClockReading): Contact {
  const half = (answered.tick - asked.tick) / 2;
  return { platform, now: answered.now - half, tick: answered.tick - half, origin: answered.origin };
}

/** The platform's time now, as far as the device can tell. */
export function platformNow(last: Contact | undefined, { now, tick, origin }: ClockReading): number {
  if (!last) return now;
  return last.platform + (last.origin === origin ? tick - last.tick : Math.max(0, now - last.now));
}

/** Milliseconds by which two reckonings of one moment may differ. */
const SLACK = 2000;
/** What may lie before the page or after the sending, over a slow line. */
const MINUTE = 60_000;

/** Whether the clock was put back between two readings, or runs behind what was counted. */
const putBack = (from: ClockReading, to: ClockReading): boolean =>
  to.now < from.now - SLACK || (to.origin === from.origin && to.now - from.now < to.tick - from.tick - SLACK);

/**
 * Milliseconds since 1970; undefined when nobody can tell but who was there.
 * @param before the last answer before finishing; the device's error then is taken for its error at finishing
 * @param after the answer with which the sending begins
 * @param from when the page was made by the platform: nothing can be finished before it
 */
export function finishedAt(
  before: Contact | undefined,
  finished: Finished,
  after: Contact,
  from: number | undefined,
): number | undefined {
  const { platform } = after;
  const counted = finished.origin === after.origin ? platform - (after.tick - finished.tick) : undefined;
  const between = (at: number): number => Math.min(Math.max(at, from ?? 0), platform);
  const told = byTheClock(before, finished, after);
  const latest = counted === undefined ? platform + MINUTE : counted + SLACK;
  if (told !== undefined && told <= latest && told >= (from ?? 0) - MINUTE) return between(told);
  // late where the phone slept, never early
  return counted === undefined ? undefined : between(counted);
}

function byTheClock(before: Contact | undefined, finished: Finished, after: Contact): number | undefined {
  if (!before) return after.platform - (after.now - finished.now);
  const opened = before.origin === finished.origin ? undefined : finished.opened;
  if (putBack(before, finished) || (opened && putBack(opened, finished))) return undefined;
  return before.platform + (finished.now - before.now);
}
