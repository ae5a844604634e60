// Query: the years in which something is due of which the calendar knows nothing. Each year costs one short look at the
// tracks' lists, however much is open.
import { TRACKS } from '../../../events/envelope.ts';
import { yearOf, type WorkingDays } from '../../rules/calendar/working-days.ts';
import { deadlinesView, trackDeadlines, type DeadlineEntry } from '../../reading/deadline/list.ts';
import { readLists } from '../../reading/views/lists.ts';
import { viewPartition, type ViewDeps } from '../../reading/views/view.ts';
import { startOfTownDay, townDay } from '../../town-time.ts';

/** Years looked at, at most. A due date further away than that is a slip of the pen. */
const MOST = 10;

/**
 * The years without a notice in which something is due, from this one on; this one, too, when it has none: its days are counted today.
 * @param today in town time
 */
export async function yearsMissing(
  deps: ViewDeps,
  generation: number,
  calendar: Pick<WorkingDays, 'years'>,
  today: string,
): Promise<number[]> {
  const known = (year: number): boolean => calendar.years.includes(year);
  const missing = known(yearOf(today)) ? [] : [yearOf(today)];
  for (let year = yearOf(today), looked = 0; looked < MOST; looked += 1, year += 1) {
    if (known(year) || missing.includes(year)) continue;
    const due = await firstDue(deps, generation, year);
    if (due === undefined) break;
    year = yearOf(townDay(due));
    if (!known(year)) missing.push(year);
  }
  return missing;
}

/** The first due date in a year or after it. */
async function firstDue(deps: ViewDeps, generation: number, year: number): Promise<string | undefined> {
  const { docs } = await readLists<DeadlineEntry>(deps, {
    index: 'lists3',
    partitions: [...TRACKS, null].map((track) =>
      viewPartition(deps.tenant, generation, deadlinesView.name, trackDeadlines(track)),
    ),
    descending: false,
    after: startOfTownDay(`${year}-01-01`),
    below: undefined,
    limit: 1,
    wanted: () => true,
  });
  return docs[0]?.due;
}
