// Load on one machine, bounded in number: a total of calls, and a number in flight. Rounds of two contenders alternate, so that a drift of the
// machine's speed falls on both, and their ratio is taken round by round.
import { median } from './table.ts';

export interface Measured {
  perSecond: number;
  /** milliseconds of each call */
  latencies: number[];
}

/** Makes `count` calls with at most `inFlight` under way. */
export async function run(
  count: number,
  inFlight: number,
  call: (index: number) => Promise<unknown>,
): Promise<Measured> {
  const latencies: number[] = [];
  let next = 0;
  const started = performance.now();
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const from = performance.now();
      await call(index);
      latencies.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { perSecond: (count / (performance.now() - started)) * 1000, latencies };
}

/** Runs the contenders in turn, `rounds` times after one warm-up, and gives each one's rounds. */
export async function inTurn<Name extends string>(
  rounds: number,
  contenders: Record<Name, (round: number) => Promise<Measured>>,
): Promise<Record<Name, Measured[]>> {
  const names = Object.keys(contenders) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<Name, Measured[]>;
  for (let round = 0; round <= rounds; round += 1) {
    // Each contender goes first in turn: what runs first in a round must not have the better of it.
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      const measured = await contenders[name](round);
      if (round > 0) results[name].push(measured);
    }
  }
  return results;
}

/** Median throughput of the rounds, as text. */
export function throughputOf(rounds: readonly Measured[]): string {
  return `${Math.round(median(rounds.map(({ perSecond }) => perSecond)))}/s`;
}

/** Ratio of two contenders' throughput, round by round. */
export function ratios(a: readonly Measured[], b: readonly Measured[]): number[] {
  return a.map((measured, index) => measured.perSecond / b[index]!.perSecond);
}
