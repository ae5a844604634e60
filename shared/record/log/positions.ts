// The index stream + version → position: one small immutable item per commit, keyed by the commit's last version.
// It is written after the page that it describes. Invariants: a page is appended only when the index is complete for all
// pages before it (so at most the last page can lack entries, after a crash, and the next run adds them from the page);
// the sequenced versions of a stream are a prefix, so its last index entry tells how far the stream is sequenced.
import { QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { batchGet, batchPut, type Item } from './batch.ts';
import { commitId, indexPartition, versionKey, type CommitKey, type LogDeps } from './deps.ts';
import type { Head } from './head.ts';
import { backDatedItem } from './log-time.ts';
import { pagesFrom, type LogPage, type PageEntry } from './page.ts';

/** What a process knows about the index from its own writes; kept between runs it saves re-reading the last page's. */
export interface IndexMemo {
  /** the index is known to be complete below this position */
  indexed: number;
}

const PAGES_PER_READ = 8;
const ENTRIES_PER_READ = 1000;

const indexKey = (deps: LogDeps, stream: string, last: number): Item => ({
  pk: { S: indexPartition(deps.tenant, stream) },
  sk: { S: versionKey(last) },
});

function indexItem(deps: LogDeps, entry: PageEntry): Item {
  return {
    ...indexKey(deps, entry.stream, entry.version + entry.count - 1),
    first: { N: String(entry.first) },
    version: { N: String(entry.version) },
  };
}

/** What stands beside a page: the position of each commit, and the marks of those that are back-dated. */
const itemsBeside = (deps: LogDeps, page: LogPage): Item[] => [
  ...page.entries.map((entry) => indexItem(deps, entry)),
  ...page.entries
    .filter(({ first }) => page.backDated?.includes(first))
    .map((entry) => backDatedItem(deps, { ...entry, position: entry.first, logged: page.time! })),
];

/** Writes the index of a page this process has just appended: 1 write unit per commit. */
export async function writeIndex(deps: LogDeps, page: LogPage, memo: IndexMemo): Promise<void> {
  await batchPut(deps.dynamo, deps.log, itemsBeside(deps, page), deps.backoff);
  memo.indexed = page.first + page.count;
}

/** Adds what a crash between page and index has left out, below `head`. Afterwards the index is complete below it. */
export async function completeIndex(deps: LogDeps, head: Head, memo: IndexMemo): Promise<void> {
  if (memo.indexed > head.size) memo.indexed = 0; // another table than the memo was made for
  let from = Math.max(memo.indexed, head.page ?? 0);
  while (from < head.size) {
    const pages = await pagesFrom(deps, from, PAGES_PER_READ);
    const items = pages.flatMap((page) => itemsBeside(deps, page));
    const keys = items.map(({ pk, sk }) => ({ pk: pk!, sk: sk! }));
    const present = new Set((await batchGet(deps.dynamo, deps.log, keys, deps.backoff)).map(itemId));
    const missing = items.filter((item) => !present.has(itemId(item)));
    await batchPut(deps.dynamo, deps.log, missing, deps.backoff);
    const last = pages.at(-1);
    if (!last) throw new Error(`the log has size ${head.size} but no page at ${from}`);
    from = last.first + last.count;
  }
  memo.indexed = head.size;
}

const itemId = (item: Item): string => `${item['pk']?.S} ${item['sk']?.S}`;

/**
 * Which of these last versions of commits are in the log: ids `<stream>@<last version>`; strongly consistent.
 * @param lasts a commit's stream and the version of its last event
 */
export async function sequencedAmong(deps: LogDeps, lasts: CommitKey[]): Promise<Set<string>> {
  const distinct = new Map(lasts.map((last) => [commitId(last), indexKey(deps, last.stream, last.version)]));
  const found = await batchGet(deps.dynamo, deps.log, [...distinct.values()], deps.backoff);
  const present = new Set(found.map(itemId));
  return new Set([...distinct].filter(([, key]) => present.has(itemId(key))).map(([id]) => id));
}

/** The last version of a stream that is in the log; 0 when none is. Strongly consistent. */
export async function lastSequenced(deps: LogDeps, stream: string): Promise<number> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :at',
      ExpressionAttributeValues: { ':at': { S: indexPartition(deps.tenant, stream) } },
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  return Items[0] ? Number(Items[0]['sk']!.S) : 0;
}

/** The position of the event `version` of `stream`; undefined while it is not in the log (or does not exist). */
export async function positionOf(deps: LogDeps, stream: string, version: number): Promise<number | undefined> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :at AND sk >= :version',
      ExpressionAttributeValues: {
        ':at': { S: indexPartition(deps.tenant, stream) },
        ':version': { S: versionKey(version) },
      },
      ConsistentRead: true,
      Limit: 1,
    }),
  );
  const entry = Items[0];
  if (!entry) return undefined;
  const first = Number(entry['version']!.N);
  return version < first ? undefined : Number(entry['first']!.N) + version - first;
}

/**
 * Positions of a whole stream: version of each commit's first event → its position; commits without one are not in the log yet. One index
 * item a commit, strongly consistent.
 */
export async function positionsOf(deps: LogDeps, stream: string): Promise<Map<number, number>> {
  const positions = new Map<number, number>();
  let start: Item | undefined;
  do {
    const page: QueryCommandOutput = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.log,
        KeyConditionExpression: 'pk = :at',
        ExpressionAttributeValues: { ':at': { S: indexPartition(deps.tenant, stream) } },
        ConsistentRead: true,
        Limit: ENTRIES_PER_READ,
        ExclusiveStartKey: start,
      }),
    );
    for (const item of page.Items ?? []) positions.set(Number(item['version']!.N), Number(item['first']!.N));
    start = page.LastEvaluatedKey;
  } while (start);
  return positions;
}
