// Question 11, units like this one (same track and kind, the same area if asked) that were never checked for a clause:
// no inspection on record there answered it, whatever the answer. The list of units gives the candidates, page by page;
// of each its own index and its inspections are read. What is read in one page is bounded; the cursor goes on.
import { parseStreamKey, type Track } from '../../../events/envelope.ts';
import { InvalidInput } from '../../../events/errors.ts';
import type { TimelineEntry } from '../unit/timeline.ts';
import { listUnits } from '../unit/list-query.ts';
import type { ViewDeps } from '../views/view.ts';
import { referrer } from './answer.ts';
import type { UncheckedFact } from './answers.ts';
import { inspectionsIn } from './inspections.ts';
import type { Known } from './known-at.ts';
import { eventsOf, knownIndex } from './load.ts';

export interface UncheckedPage {
  facts: UncheckedFact[];
  /** units looked at for this page, this one's own left out */
  looked: number;
  cursor: string | undefined;
}

export interface LikeUnit {
  unit: string;
  track: Track;
  kind: string | null;
  area?: string | undefined;
  clause: string;
}

/** Units looked at in one page, at most. */
export const MAX_LOOKED = 50;

/** One page of units like it that were never checked for the clause. @param limit units to look at, 1 to 50 */
export async function uncheckedPage(
  deps: ViewDeps,
  known: Known,
  like: LikeUnit,
  { limit = 20, cursor }: { limit?: number | undefined; cursor?: string | undefined },
): Promise<UncheckedPage> {
  if (limit < 1 || limit > MAX_LOOKED) {
    throw new InvalidInput(`limit: ${limit}`, { field: 'limit', expected: `1 to ${MAX_LOOKED}` });
  }
  const { track, area } = like;
  const page = await listUnits(deps, { track, area, limit, cursor });
  const candidates = page.items.filter(({ unit, kind }) => unit !== like.unit && kind === like.kind);
  const facts: UncheckedFact[] = [];
  for (const { unit, name, kind, area: at } of candidates) {
    const index = await knownIndex(deps, unit, known);
    if (index.length === 0) continue; // not on record then
    const placed = await eventsOf(deps, index.filter(isInspection));
    const inspections = inspectionsIn(placed).filter((seen) => seen.recorded && seen.track === track);
    const checked = inspections.some(({ recorded }) =>
      recorded!.data.answers.some(({ clause }) => clause === like.clause),
    );
    if (checked) continue;
    const refer = referrer(placed);
    facts.push({
      unit,
      name,
      kind,
      area: at,
      inspections: inspections.length,
      lastInspection: inspections.at(-1)?.at ?? null,
      events: inspections.flatMap((seen) => seen.placed.map(refer)),
    });
  }
  return { facts, looked: candidates.length, cursor: page.cursor };
}

const isInspection = ({ stream }: TimelineEntry): boolean => parseStreamKey(stream).category === 'inspection';
