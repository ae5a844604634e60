// Reading lists with a bounded number of reads. A list is one partition of an index, in order of its order key; several lists are
// merged by that key. Filters look at items one by one, and at no more than a budget of them in one request: a page may be
// short, and its cursor then goes on where the looking ended.
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { ListIndex, ViewDeps } from './view.ts';

export interface ListQuery<Doc> {
  index: ListIndex;
  /** full partition keys; order keys are unique over all of them */
  partitions: string[];
  descending: boolean;
  /** go on after this order key, in the order asked for */
  after?: string | undefined;
  /** only order keys below this */
  below?: string | undefined;
  limit: number;
  /** items that the request may look at; default BUDGET */
  budget?: number;
  wanted: (doc: Doc) => boolean;
}

export interface ListPage<Doc> {
  docs: Doc[];
  /** order key to go on after; undefined at the end of the list */
  next: string | undefined;
  /** items read from the index */
  examined: number;
}

/** Items that one request may look at. A page of DynamoDB is at most 1 MB; entries are about 1 KB. */
export const BUDGET = 1000;

type Comes = (a: string, b: string) => boolean;
/** DynamoDB orders text by its UTF-8 bytes; JavaScript's `<` differs beyond the basic plane (rare Chinese characters). */
const before: Comes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;

interface Row<Doc> {
  order: string;
  doc: Doc;
}

/** One partition being read: what was read and not yet given out, and how far it has been read. */
interface Source<Doc> {
  partition: string;
  rows: Row<Doc>[];
  /** everything up to this order key was read; undefined: nothing yet */
  horizon: string | undefined;
  ended: boolean;
}

/** A page of the merged lists. Index reads are eventually consistent: on AWS they may lag the documents by some milliseconds. */
export async function readLists<Doc>(deps: ViewDeps, query: ListQuery<Doc>): Promise<ListPage<Doc>> {
  const comes: Comes = query.descending ? (a, b) => before(b, a) : before;
  const sources = query.partitions.map((partition): Source<Doc> => ({
    partition,
    rows: [],
    horizon: query.after,
    ended: false,
  }));
  const chunk = Math.max(8, Math.ceil((query.limit + 1) / Math.max(1, sources.length - 1)));
  const docs: Doc[] = [];
  let last = query.after;
  let examined = 0;
  for (;;) {
    while (docs.length < query.limit) {
      const source = nextSource(sources, comes);
      if (!source || !isNext(source.rows[0]!, sources, comes)) break;
      const row = source.rows.shift()!;
      docs.push(row.doc);
      last = row.order;
    }
    if (docs.length === query.limit) {
      const more = sources.some((source) => source.rows.length > 0 || !source.ended);
      return { docs, next: more ? last : undefined, examined };
    }
    const unread = sources.filter((source) => !source.ended && source.rows.length === 0);
    if (unread.length === 0) {
      // nothing is unread, so whatever there was has been given out
      return { docs, next: undefined, examined };
    }
    const room = Math.floor(((query.budget ?? BUDGET) - examined) / unread.length);
    if (room < 1) {
      const reached = first(
        unread.map(({ horizon }) => horizon),
        comes,
      );
      return { docs, next: furthest(last, reached, comes), examined };
    }
    // A filter that lets little through reads bigger pieces each time round.
    const size = Math.min(room, Math.max(chunk, Math.floor(examined / unread.length)));
    const counts = await Promise.all(unread.map((source) => readOn(deps, query, source, size)));
    examined += counts.reduce((sum, count) => sum + count, 0);
  }
}

/** Whether nothing unread can come before the row: every list whose rows are used up has been read beyond it. */
function isNext<Doc>(row: Row<Doc>, sources: Source<Doc>[], comes: Comes): boolean {
  return sources.every(
    ({ rows, ended, horizon }) => ended || rows.length > 0 || (horizon !== undefined && comes(row.order, horizon)),
  );
}

/** The first of some order keys in the order asked for; undefined comes before all. */
function first(orders: (string | undefined)[], comes: Comes): string | undefined {
  if (orders.length === 0 || orders.includes(undefined)) return undefined;
  return (orders as string[]).reduce((a, b) => (comes(b, a) ? b : a));
}

function furthest(a: string | undefined, b: string | undefined, comes: Comes) {
  if (a === undefined || b === undefined) return a ?? b;
  return comes(a, b) ? b : a;
}

function nextSource<Doc>(sources: Source<Doc>[], comes: Comes): Source<Doc> | undefined {
  return sources
    .filter(({ rows }) => rows.length > 0)
    .reduce<Source<Doc> | undefined>(
      (best, source) => (best && !comes(source.rows[0]!.order, best.rows[0]!.order) ? best : source),
      undefined,
    );
}

async function readOn<Doc>(deps: ViewDeps, query: ListQuery<Doc>, source: Source<Doc>, limit: number): Promise<number> {
  const n = query.index.slice(-1);
  const bound = query.descending ? (source.horizon ?? query.below) : source.horizon;
  const { Items = [], LastEvaluatedKey } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.views,
      IndexName: query.index,
      KeyConditionExpression: `#l = :l${bound === undefined ? '' : ` AND #o ${query.descending ? '<' : '>'} :bound`}`,
      ExpressionAttributeNames: { '#l': `l${n}`, ...(bound === undefined ? {} : { '#o': `o${n}` }) },
      ExpressionAttributeValues: {
        ':l': { S: source.partition },
        ...(bound === undefined ? {} : { ':bound': { S: bound } }),
      },
      ScanIndexForward: !query.descending,
      Limit: limit,
    }),
  );
  const rows = Items.map((item): Row<Doc> => ({ order: item[`o${n}`]!.S!, doc: JSON.parse(item['doc']!.S!) as Doc }));
  const inside = rows.filter(({ order }) => query.below === undefined || before(order, query.below));
  source.horizon = rows.at(-1)?.order ?? source.horizon;
  source.rows = inside.filter(({ doc }) => query.wanted(doc));
  source.ended = LastEvaluatedKey === undefined || inside.length < rows.length;
  return rows.length;
}
