// How thorough the random tests are. While one works a tenth of their runs will do; CI makes all of them (DAOCHA_RUNS=full).
export const FULL = process.env['DAOCHA_RUNS'] === 'full';

/** How many runs of a property: all of them in CI, else a tenth. */
export const share = (full: number): number => (FULL ? full : Math.ceil(full / 10));

/** Cases of one test that each take seconds: all of them in CI, else the first, the fourth, the seventh … */
export const few = <T>(cases: readonly T[]): T[] => cases.filter((_, nth) => FULL || nth % 3 === 0);
