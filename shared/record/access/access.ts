// The access log (查阅记录): who read or took home what about a unit, when, and on what ground. Append-only like EVENTS,
// and apart from it: there are far more reads than events, and a read changes nothing
// (docs/decisions/009-access-log.md). An item is written when a read begins, beside the read itself, and must be there
// before the answer leaves. A read that was then refused gets a second item that says so; if that one is lost, the log
// says too much rather than too little.
import {
  ConditionalCheckFailedException,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { WHOLE, type Access, type LoggedAccess } from './entry.ts';

export interface AccessDeps {
  dynamo: DynamoDBClient;
  /** name of the ACCESS table */
  table: string;
  tenant: string;
}

type Item = Record<string, AttributeValue>;

/** What a question about accesses is about: a unit, or a person whose name was looked up. */
export type AccessSubject = { unit: string } | { person: string };

const partitionOf = (tenant: string, subject: AccessSubject): string =>
  'unit' in subject ? `${tenant}#unit#${subject.unit}` : `${tenant}#person#${subject.person}`;

/** Lists lie apart: whoever works here looks at them all day, and a question about one unit is not about them unless it says so. */
const lists = (tenant: string): string => `${tenant}#list`;

function partitionFor(tenant: string, { unit, action, asked }: Access): string {
  if (action === 'names') return partitionOf(tenant, { person: asked['person'] ?? '' });
  return action === 'list' && unit === WHOLE ? lists(tenant) : partitionOf(tenant, { unit });
}

const REFUSED = '#refused';

/**
 * Puts an access on record.
 * @param id unique, e.g. a UUID: the same access written twice by a retry is one
 */
export function recordAccess(deps: AccessDeps, id: string, access: Access): Promise<void> {
  return put(deps, {
    pk: { S: partitionFor(deps.tenant, access) },
    sk: { S: `${access.at}#${id}` },
    access: { S: JSON.stringify(access) },
  });
}

/** Says of an access on record that it was refused, and by which problem. */
export function recordRefusal(deps: AccessDeps, id: string, access: Access, problem: string): Promise<void> {
  return put(deps, {
    pk: { S: partitionFor(deps.tenant, access) },
    sk: { S: `${access.at}#${id}${REFUSED}` },
    refused: { S: problem },
  });
}

async function put(deps: AccessDeps, item: Item): Promise<void> {
  try {
    await deps.dynamo.send(
      new PutItemCommand({ TableName: deps.table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
    );
  } catch (error) {
    // An attempt whose answer was lost, and that the SDK repeated, meets itself: the id is used once.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

export interface AccessQuery {
  /** from this instant on, included */
  after: string;
  /** up to this instant, not included */
  until: string;
  /** also reads of lists that may have shown the unit among others; default false */
  lists?: boolean | undefined;
  /** 1 to 500; default 100 */
  limit?: number | undefined;
  /** `next` of the page before */
  from?: string | undefined;
}

export interface AccessPage {
  /** oldest first */
  accesses: LoggedAccess[];
  /** ready for `from`; undefined at the end */
  next: string | undefined;
  /** items read */
  examined: number;
}

/**
 * Who read or took home a unit: accesses to the unit itself, and to the whole log, in which it is. Reads at most two
 * items an access, and only of the time asked about, however long the log of accesses is.
 * @param subject a unit (`*`: only accesses to the whole), or a person: who looked up the name
 */
export async function accessesOf(deps: AccessDeps, subject: AccessSubject, query: AccessQuery): Promise<AccessPage> {
  const limit = query.limit ?? 100;
  const partitions = [
    ...new Set([
      partitionOf(deps.tenant, subject),
      ...('unit' in subject ? [partitionOf(deps.tenant, { unit: WHOLE })] : []),
      ...(query.lists ? [lists(deps.tenant)] : []),
    ]),
  ];
  const start = query.from ?? query.after;
  const read = await Promise.all(partitions.map((pk) => readPartition(deps, pk, start, query.until, limit)));
  // A partition that was not read to its end knows nothing beyond its last item: neither does the page.
  const horizon = read.flatMap(({ ended, last }) => (ended ? [] : [last!])).toSorted()[0];
  const rows = read
    .flatMap((one) => one.rows)
    .filter(({ sk }) => horizon === undefined || sk <= horizon)
    .toSorted((a, b) => (a.sk < b.sk ? -1 : 1));
  const page = rows.slice(0, limit);
  const more = horizon !== undefined || rows.length > limit;
  return {
    accesses: page.map(({ access }) => access),
    // after everything that belongs to the last one: `~` sorts behind every other character of a sort key
    next: more ? `${page.at(-1)?.sk ?? horizon!}~` : undefined,
    examined: read.reduce((sum, one) => sum + one.examined, 0),
  };
}

async function readPartition(
  deps: AccessDeps,
  pk: string,
  from: string,
  until: string,
  limit: number,
): Promise<{
  rows: { sk: string; access: LoggedAccess }[];
  ended: boolean;
  last: string | undefined;
  examined: number;
}> {
  const items: Item[] = [];
  let start: Item | undefined;
  // an access and its refusal are two items
  const wanted = 2 * limit + 1;
  do {
    const page = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: from }, ':until': { S: until } },
        ConsistentRead: true,
        Limit: wanted - items.length,
        ExclusiveStartKey: start,
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start && items.length < wanted);
  const refusals = new Map(
    items.flatMap((item) => (item['refused'] ? [[item['sk']!.S!.slice(0, -REFUSED.length), item['refused'].S!]] : [])),
  );
  const rows = items.flatMap((item) => {
    if (!item['access']) return [];
    const sk = item['sk']!.S!;
    return [{ sk, access: { ...(JSON.parse(item['access'].S!) as Access), refused: refusals.get(sk) ?? null } }];
  });
  // The refusal of the last one may not have been read: that one is left to the next page.
  const cut = start !== undefined && rows.length > 1 ? rows.slice(0, -1) : rows;
  return { rows: cut, ended: start === undefined, last: cut.at(-1)?.sk, examined: items.length };
}
