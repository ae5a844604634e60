// Query: the list of deadlines that are awaited, in order of due date, so that what is overdue comes first.
import { idSchema, instantSchema, TRACKS, type Track } from '../../../events/envelope.ts';
import { InvalidInput } from '../../../events/errors.ts';
import { cutText } from '../../text.ts';
import { checkOneOf } from '../views/cursor.ts';
import {
  DEADLINE_KINDS,
  deadlinesView,
  organisationDeadlines,
  trackDeadlines,
  type DeadlineEntry,
  type DeadlineKind,
} from './list.ts';
import { pageOfLists } from '../views/list-page.ts';
import type { AnswerPage } from '../views/page.ts';
import type { ListIndex, ViewDeps } from '../views/view.ts';

export interface DeadlineQuery {
  kind?: DeadlineKind | undefined;
  track?: Track | undefined;
  /** responsible organisation */
  organisation?: string | undefined;
  /** area of the unit when the hazard was found */
  area?: string | undefined;
  unit?: string | undefined;
  /** only those for which an extension waits to be decided, or only those for which none does */
  requested?: boolean | undefined;
  /** due before this instant */
  dueBefore?: string | undefined;
  /** due at this instant or later */
  dueFrom?: string | undefined;
  /** 1 to 100, default 20 */
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** @throws InvalidInput naming the field that is wrong; ViewMissing */
export async function listDeadlines(deps: ViewDeps, query: DeadlineQuery): Promise<AnswerPage<DeadlineEntry>> {
  checkFields(query);
  const { limit, cursor, ...asked } = query;
  const [index, lists] = source(query);
  return pageOfLists(deps, deadlinesView, {
    index,
    lists,
    identity: asked,
    limit,
    cursor,
    required: true,
    descending: false,
    after: query.dueFrom,
    below: query.dueBefore,
    wanted: (doc) =>
      (query.kind === undefined || doc.kind === query.kind) &&
      (query.track === undefined || doc.track === query.track) &&
      (query.organisation === undefined || doc.organisation === query.organisation) &&
      (query.area === undefined || doc.area === query.area) &&
      (query.unit === undefined || doc.unit === query.unit) &&
      (query.requested === undefined || query.requested === (doc.requested !== null)),
  });
}

function checkFields(query: DeadlineQuery): void {
  checkOneOf('kind', query.kind, DEADLINE_KINDS);
  checkOneOf('track', query.track, TRACKS);
  for (const field of ['organisation', 'area', 'unit', 'dueBefore', 'dueFrom'] as const) {
    const value = query[field];
    const schema = field.startsWith('due') ? instantSchema : idSchema;
    const result = value === undefined ? undefined : schema.safeParse(value);
    if (result && !result.success) {
      throw new InvalidInput(`${field}: ${cutText(value!, 100)}`, { field, expected: result.error.issues[0]!.message });
    }
  }
}

/** An organisation has one list; without one the tracks' lists are merged, that of what belongs to no track among them. */
function source({ track, organisation }: DeadlineQuery): [ListIndex, string[]] {
  if (organisation !== undefined) return ['lists2', [organisationDeadlines(organisation)]];
  return ['lists3', track === undefined ? [...TRACKS, null].map(trackDeadlines) : [trackDeadlines(track)]];
}
