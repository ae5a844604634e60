// The clock of every function. On AWS it is the server's. The local platform may set another one (infra/local/virtual-clock.ts), so that a year
// of the campaign can pass in minutes; it does so in each of its threads. Rules never ask a clock: they are told the time.
let present: () => Date = wallClock;

/** The time by which things are recorded, reminded and missed. */
export function now(): Date {
  return present();
}

/** The time of the real world, whatever the campaign's is: how long a token holds, how long a request may wait. */
export function wallClock(): Date {
  return new Date();
}

/** Sets another clock for this thread; without one, the server's again. */
export function setClock(clock: () => Date = wallClock): void {
  present = clock;
}
