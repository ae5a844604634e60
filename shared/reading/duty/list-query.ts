// Query: duties, open ones first, in order of due date, filtered. By a unit, by who owes them, or by definition; of a track the lists of its
// definitions are merged.
import { DUTY_STATUSES, type DutyStatus } from '../../../events/duty.ts';
import { idSchema, TRACKS, type Track } from '../../../events/envelope.ts';
import { InvalidInput } from '../../../events/errors.ts';
import { cutText } from '../../text.ts';
import { checkOneOf } from '../views/cursor.ts';
import { pageOfLists } from '../views/list-page.ts';
import type { AnswerPage } from '../views/page.ts';
import type { ListIndex, ViewDeps } from '../views/view.ts';
import { definitionDuties, dutiesView, ownerDuties, unitDuties, type DutyEntry } from './list.ts';

export interface DutyQuery {
  /** the definition */
  duty?: string | undefined;
  track?: Track | undefined;
  /** who owes it */
  organisation?: string | undefined;
  /** village in which it is */
  area?: string | undefined;
  unit?: string | undefined;
  status?: DutyStatus | undefined;
  /** a rule does not hold, or all do */
  unmet?: boolean | undefined;
  /** nobody owes it: the post is empty */
  vacant?: boolean | undefined;
  /** not a step has been done */
  untouched?: boolean | undefined;
  /** open, and its date has passed at this instant */
  overdueAt?: string | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

/**
 * @param definitions of the campaign, with their tracks: the lists of those that are asked about are merged
 * @throws InvalidInput naming the field that is wrong; ViewMissing
 */
export async function listDuties(
  deps: ViewDeps,
  definitions: readonly { duty: string; track?: Track | undefined }[],
  query: DutyQuery,
): Promise<AnswerPage<DutyEntry>> {
  checkOneOf('track', query.track, TRACKS);
  checkOneOf('status', query.status, DUTY_STATUSES);
  for (const field of ['duty', 'organisation', 'area', 'unit'] as const) {
    const value = query[field];
    if (value === undefined || idSchema.safeParse(value).success) continue;
    throw new InvalidInput(`${field}: ${cutText(value, 100)}`, { field, expected: 'an id' });
  }
  const { limit, cursor, overdueAt, ...asked } = query;
  const [index, lists] = source(query, definitions);
  return pageOfLists(deps, dutiesView, {
    index,
    lists,
    identity: { ...asked, overdue: overdueAt !== undefined },
    limit,
    cursor,
    required: true,
    descending: false,
    // what is closed, or has no date that has passed, comes after these
    below: overdueAt === undefined ? undefined : `0#${overdueAt}`,
    wanted: (doc) =>
      (overdueAt === undefined || doc.status === 'open') &&
      (query.duty === undefined || doc.duty === query.duty) &&
      (query.track === undefined || doc.track === query.track) &&
      (query.organisation === undefined || doc.organisation === query.organisation) &&
      (query.area === undefined || doc.area === query.area || doc.organisation === query.area) &&
      (query.unit === undefined || doc.unit === query.unit) &&
      (query.status === undefined || doc.status === query.status) &&
      (query.unmet === undefined || doc.unmet.length > 0 === query.unmet) &&
      (query.vacant === undefined || (doc.organisation === null) === query.vacant) &&
      (query.untouched === undefined || (doc.doneAt === null) === query.untouched),
  });
}

function source(
  { unit, organisation, area, duty, track, vacant }: DutyQuery,
  definitions: readonly { duty: string; track?: Track | undefined }[],
): [ListIndex, string[]] {
  if (unit !== undefined) return ['lists3', [unitDuties(unit)]];
  if (organisation !== undefined) return ['lists2', [ownerDuties(organisation)]];
  if (area !== undefined) return ['lists2', [ownerDuties(area)]];
  if (vacant === true) return ['lists2', [ownerDuties(null)]];
  const wanted = definitions.filter((one) =>
    duty === undefined ? track === undefined || one.track === track : one.duty === duty,
  );
  return ['lists1', wanted.map((one) => definitionDuties(one.duty))];
}
