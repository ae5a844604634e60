// A histogram of whole days, of bounded size whatever it has counted, from which a median is read: exact up to 60 days,
// beyond that in buckets at most 3 % wide (at least one day), so that the median is off by at most 1.5 %. Bounds are made with
// integers only: every machine makes the same ones.

/** Counts by lower bound of the bucket in days, as text: `{"7": 2, "100": 1}`. */
export type DayHistogram = Record<string, number>;

const EXACT_UP_TO = 60;
/** Everything from here on (some 110 years) is one bucket. */
const LAST_BOUND = 40_000;

const BOUNDS: readonly number[] = (() => {
  const bounds: number[] = [];
  for (let bound = 0; bound <= LAST_BOUND;) {
    bounds.push(bound);
    bound = bound < EXACT_UP_TO ? bound + 1 : Math.max(bound + 1, Math.floor((bound * 103) / 100));
  }
  return bounds;
})();

function bucketOf(days: number): number {
  let low = 0;
  let high = BOUNDS.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (BOUNDS[middle]! <= days) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function addDays(histogram: DayHistogram, days: number): DayHistogram {
  const bucket = String(BOUNDS[bucketOf(days)]);
  return { ...histogram, [bucket]: (histogram[bucket] ?? 0) + 1 };
}

/** Median in days (mean of the two middle ones for an even count); null when nothing was counted. */
export function medianDays(histogram: DayHistogram): number | null {
  const counted = Object.entries(histogram)
    .map(([bound, count]) => ({ bound: Number(bound), count }))
    .toSorted((a, b) => a.bound - b.bound);
  const total = counted.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const at = (rank: number): number => {
    let seen = 0;
    for (const { bound, count } of counted) {
      seen += count;
      if (seen > rank) return middleOf(bound);
    }
    throw new Error('rank beyond the histogram');
  };
  return (at(Math.floor((total - 1) / 2)) + at(Math.floor(total / 2))) / 2;
}

/** What a bucket's values are taken for: its middle. */
function middleOf(bound: number): number {
  const next = BOUNDS[bucketOf(bound) + 1];
  return next === undefined ? bound : (bound + next - 1) / 2;
}
