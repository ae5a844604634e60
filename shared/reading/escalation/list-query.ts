// Queries over the cases that go beyond the town: the queue of a district unit, of a track, of the town, urgent and oldest first.
import { idSchema, TRACKS, type Track } from '../../../events/envelope.ts';
import { InvalidInput } from '../../../events/errors.ts';
import { batchGet } from '../../record/log/batch.ts';
import { cutText } from '../../text.ts';
import { loadedOf, itemName, itemKey } from '../views/apply.ts';
import { checkOneOf } from '../views/cursor.ts';
import {
  ALL_CASES,
  ENDED,
  districtCases,
  ESCALATION_FILTERS,
  escalationsView,
  trackCases,
  type EscalationEntry,
  type StandsNow,
} from './list.ts';
import { currentGeneration } from '../views/generation.ts';
import { hazardsView, type HazardEntry } from '../hazard/list.ts';
import { pageOfLists } from '../views/list-page.ts';
import { UNIT_ENTRY_SK, unitsView, type UnitEntry } from '../unit/list.ts';
import type { AnswerPage } from '../views/page.ts';
import { viewPartition, type ListIndex, type ViewDeps } from '../views/view.ts';

export interface EscalationQuery {
  /** district unit */
  to?: string | undefined;
  track?: Track | undefined;
  /** area of the unit, organisation responsible for the hazard, when the case was proposed */
  area?: string | undefined;
  organisation?: string | undefined;
  hazard?: string | undefined;
  unit?: string | undefined;
  /** one status, or `open`: all but verified */
  status?: (typeof ESCALATION_FILTERS)[number] | undefined;
  urgent?: boolean | undefined;
  /** 1 to 100, default 20 */
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** @throws InvalidInput naming the field that is wrong */
export async function listEscalations(deps: ViewDeps, query: EscalationQuery): Promise<AnswerPage<EscalationEntry>> {
  checkOneOf('track', query.track, TRACKS);
  checkOneOf('status', query.status, ESCALATION_FILTERS);
  for (const field of ['to', 'area', 'organisation', 'hazard', 'unit'] as const) {
    const value = query[field];
    if (value === undefined || idSchema.safeParse(value).success) continue;
    throw new InvalidInput(`${field}: ${cutText(value, 100)}`, { field, expected: 'an id' });
  }
  const { limit, cursor, ...asked } = query;
  const [index, list] = source(query);
  return pageOfLists(deps, escalationsView, {
    index,
    lists: [list],
    identity: asked,
    limit,
    cursor,
    descending: false,
    below: query.status !== undefined && query.status !== 'verified' ? ENDED : undefined,
    wanted: (doc) =>
      (query.to === undefined || doc.to === query.to) &&
      (query.track === undefined || doc.track === query.track) &&
      (query.area === undefined || doc.area === query.area) &&
      (query.organisation === undefined || doc.organisation === query.organisation) &&
      (query.hazard === undefined || doc.hazard === query.hazard) &&
      (query.unit === undefined || doc.unit === query.unit) &&
      (query.status === undefined || query.status === 'open' || doc.status === query.status) &&
      (query.urgent === undefined || doc.urgent === query.urgent),
  });
}

/** The smallest list that holds everything asked for. */
function source({ to, track }: EscalationQuery): [ListIndex, string] {
  if (to !== undefined) return ['lists1', districtCases(to)];
  return track === undefined ? ['lists3', ALL_CASES] : ['lists2', trackCases(track)];
}

/** The present name of each case's unit and the state of its hazard: one batch read, two small items a case. */
export async function standNow(
  deps: ViewDeps,
  cases: readonly Pick<EscalationEntry, 'unit' | 'hazard'>[],
): Promise<StandsNow[]> {
  const generation = await currentGeneration(deps);
  const partition = (view: string, unit: string): string => viewPartition(deps.tenant, generation, view, unit);
  const keys = new Map(
    cases.flatMap(({ unit, hazard }) => {
      if (unit === null) return [];
      const [entry, found] = [partition(unitsView.name, unit), partition(hazardsView.name, unit)];
      return [
        [`${entry} ${UNIT_ENTRY_SK}`, itemKey(entry, UNIT_ENTRY_SK)] as const,
        [`${found} ${hazard}`, itemKey(found, hazard)] as const,
      ];
    }),
  );
  const items = new Map(
    (await batchGet(deps.dynamo, deps.views, [...keys.values()], deps.backoff)).map((item) => [itemName(item), item]),
  );
  return cases.map(({ unit, hazard }) => {
    const entry = loadedOf<UnitEntry>(items.get(`${partition(unitsView.name, unit ?? '')} ${UNIT_ENTRY_SK}`)).doc;
    const found = loadedOf<HazardEntry>(items.get(`${partition(hazardsView.name, unit ?? '')} ${hazard}`)).doc;
    const hazardNow = found && {
      clause: found.clause,
      text: found.text,
      place: found.place,
      status: found.status,
      grade: found.grade,
      due: found.due,
    };
    return { unitName: entry?.name ?? null, hazardNow: hazardNow ?? null };
  });
}
