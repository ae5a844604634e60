// Queries over hazards: the general list, and the plan's 风险隐患排查清单 and 整治闭环清单 made from it. Which index serves a query
// follows from its sort: by due date only open hazards are in order, by sign-off time only closed ones, by finding all.
import { QueryCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import type * as z from 'zod';
import { idSchema, instantSchema, TRACKS, type Track } from '../../../events/envelope.ts';
import {
  CLOSED_STATUSES,
  HAZARD_STATUSES,
  isOpen,
  WAITING_STATUSES,
  type HazardStatus,
} from '../../../events/hazard.ts';
import { HAZARD_GRADES, type HazardGrade } from '../../../events/inspection.ts';
import { InvalidInput } from '../../../events/errors.ts';
import { cutText } from '../../text.ts';
import { loadedOf } from '../views/apply.ts';
import { present } from '../views/as-of.ts';
import { checkLimit, checkOneOf, readCursor, writeCursor } from '../views/cursor.ts';
import {
  closedLoop,
  foundList,
  HAZARD_ORDERS,
  HAZARD_SORTS,
  hazardsView,
  organisationList,
  trackList,
  type ClosedLoopRow,
  type HazardEntry,
  type HazardOrder,
} from './list.ts';
import { BUDGET, readLists, type ListPage } from '../views/lists.ts';
import type { AnswerPage } from '../views/page.ts';
import { viewPartition, type ListIndex, type ViewDeps } from '../views/view.ts';

export type HazardSort = (typeof HAZARD_SORTS)[number];

export interface HazardQuery {
  track?: Track | undefined;
  unit?: string | undefined;
  /** responsible organisation */
  organisation?: string | undefined;
  /** area of the unit when the hazard was found */
  area?: string | undefined;
  /** one, several, `open`, `closed`, or `waiting` for the unit's side to deliver */
  status?: HazardStatus | 'open' | 'closed' | 'waiting' | readonly HazardStatus[] | undefined;
  grade?: HazardGrade | undefined;
  /** open hazards due before this instant; those without a due date are not among them */
  dueBefore?: string | undefined;
  /**
   * by default: open by `due`, closed by `-signedOff`, both by `-found`. Without a status, due asks for open, signedOff
   * for signed-off ones.
   */
  sort?: HazardSort | undefined;
  /** 1 to 100, default 20 */
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** A query after validation: every choice made. */
interface Plan {
  statuses: ReadonlySet<HazardStatus>;
  order: HazardOrder;
  descending: boolean;
  limit: number;
  wanted: (doc: HazardEntry) => boolean;
  /** what a cursor is bound to */
  identity: object;
  after: string | undefined;
}

/** @throws InvalidInput naming the field that is wrong, or that does not go with the others */
export async function listHazards(deps: ViewDeps, query: HazardQuery): Promise<AnswerPage<HazardEntry>> {
  const plan = planOf(query);
  const { generation, asOf } = await present(deps);
  const page =
    (query.unit === undefined ? undefined : await ofUnit(deps, generation, query.unit, plan)) ??
    (await readLists<HazardEntry>(deps, {
      ...source(deps, generation, query, plan),
      descending: plan.descending,
      after: plan.after,
      below: plan.order === 'due' ? query.dueBefore : undefined,
      limit: plan.limit,
      wanted: plan.wanted,
    }));
  return {
    items: page.docs,
    cursor: page.next === undefined ? undefined : writeCursor(plan.identity, page.next),
    examined: page.examined,
    asOf,
  };
}

function planOf(query: HazardQuery): Plan {
  checkFields(query);
  const order = query.sort?.replace('-', '') as HazardOrder | undefined;
  const statuses = new Set(statusesOf(query, order));
  const [open, closed] = [[...statuses].some(isOpen), [...statuses].some((status) => !isOpen(status))];
  if (query.dueBefore !== undefined && closed) {
    throw clash('dueBefore', 'only open hazards are due', 'status=open, or no status');
  }
  if (order === 'due' && closed)
    throw clash('sort', 'only open hazards are sorted by due date', 'status=open, or another sort');
  if (order === 'signedOff' && open) {
    throw clash('sort', 'only closed hazards are sorted by sign-off', 'status=closed or signed-off, or another sort');
  }
  const { limit, cursor, ...asked } = query;
  const sort = query.sort ?? (open && closed ? '-found' : open ? 'due' : '-signedOff');
  const identity = { view: 'hazards', ...asked, sort, status: [...statuses].toSorted() };
  return {
    statuses,
    order: sort.replace('-', '') as HazardOrder,
    descending: sort.startsWith('-'),
    limit: checkLimit(limit),
    wanted: (doc) =>
      statuses.has(doc.status) &&
      (query.track === undefined || doc.track === query.track) &&
      (query.unit === undefined || doc.unit === query.unit) &&
      (query.organisation === undefined || doc.organisation === query.organisation) &&
      (query.area === undefined || doc.area === query.area) &&
      (query.grade === undefined || doc.grade === query.grade) &&
      (query.dueBefore === undefined || (doc.due !== null && doc.due < query.dueBefore)),
    identity,
    after: cursor === undefined ? undefined : readCursor(identity, cursor),
  };
}

const clash = (field: string, message: string, expected: string) =>
  new InvalidInput(`${field}: ${message}`, { field, expected });

function checkFields(query: HazardQuery): void {
  checkOneOf('track', query.track, TRACKS);
  checkOneOf('grade', query.grade, HAZARD_GRADES);
  checkOneOf('sort', query.sort, HAZARD_SORTS);
  const statuses = Array.isArray(query.status) ? query.status : [query.status];
  for (const status of statuses) checkOneOf('status', status, [...HAZARD_STATUSES, 'open', 'closed', 'waiting']);
  for (const field of ['unit', 'organisation', 'area'] as const) checkFormat(field, query[field], idSchema);
  checkFormat('dueBefore', query.dueBefore, instantSchema);
}

function checkFormat(field: string, value: string | undefined, schema: z.ZodType): void {
  if (value === undefined) return;
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new InvalidInput(`${field}: ${cutText(value, 100)}`, { field, expected: result.error.issues[0]!.message });
  }
}

function statusesOf({ status, dueBefore }: HazardQuery, order: HazardOrder | undefined): readonly HazardStatus[] {
  if (status === 'open') return HAZARD_STATUSES.filter(isOpen);
  if (status === 'closed') return CLOSED_STATUSES;
  if (status === 'waiting') return WAITING_STATUSES;
  if (typeof status === 'string') return [status];
  if (status !== undefined && status.length > 0) return status;
  if (order === 'due' || dueBefore !== undefined) return HAZARD_STATUSES.filter(isOpen);
  return order === 'signedOff' ? ['signed-off'] : HAZARD_STATUSES;
}

function source(
  deps: ViewDeps,
  generation: number,
  { track, organisation }: HazardQuery,
  { order }: Plan,
): { index: ListIndex; partitions: string[] } {
  const partition = (list: string) => viewPartition(deps.tenant, generation, hazardsView.name, list);
  const tracks = track === undefined ? TRACKS : [track];
  if (order === 'found') return { index: 'lists3', partitions: tracks.map((each) => partition(foundList(each))) };
  const classOf = order === 'due' ? 'open' : 'closed';
  if (organisation !== undefined) {
    return { index: 'lists2', partitions: [partition(organisationList(organisation, classOf))] };
  }
  return { index: 'lists1', partitions: tracks.map((each) => partition(trackList(each, classOf))) };
}

/** A unit's hazards lie together: read them all and sort them here. Undefined for a unit with more than 1,000: the lists then serve it. */
async function ofUnit(
  deps: ViewDeps,
  generation: number,
  unit: string,
  plan: Plan,
): Promise<ListPage<HazardEntry> | undefined> {
  const all: HazardEntry[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.views,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: viewPartition(deps.tenant, generation, hazardsView.name, unit) } },
        ConsistentRead: true,
        Limit: BUDGET - all.length,
        ExclusiveStartKey: from,
      }),
    );
    all.push(...Items.map((item) => loadedOf<HazardEntry>(item).doc!));
    from = LastEvaluatedKey;
  } while (from && all.length < BUDGET);
  if (from) return undefined;
  const orderOf = HAZARD_ORDERS[plan.order];
  const sign = plan.descending ? -1 : 1;
  const rows = all
    .filter(plan.wanted)
    .map((doc) => ({ doc, order: orderOf(doc) }))
    .toSorted((a, b) => (a.order < b.order ? -sign : sign))
    .filter(({ order }) => plan.after === undefined || (plan.descending ? order < plan.after : order > plan.after));
  const page = rows.slice(0, plan.limit);
  return {
    docs: page.map(({ doc }) => doc),
    next: rows.length > page.length ? page.at(-1)!.order : undefined,
    examined: all.length,
  };
}

/** 风险隐患排查清单: every hazard found, newest first unless asked otherwise. */
export function hazardList(deps: ViewDeps, query: HazardQuery): Promise<AnswerPage<HazardEntry>> {
  return listHazards(deps, query);
}

/** 整治闭环清单: each hazard with the steps of its present cycle. */
export async function closedLoopList(
  deps: ViewDeps,
  query: HazardQuery,
): Promise<AnswerPage<Omit<ClosedLoopRow, 'unitName'>>> {
  const page = await listHazards(deps, query);
  return { ...page, items: page.items.map(closedLoop) };
}
