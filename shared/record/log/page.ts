// A page is one stretch of the global order: which commits, how many events each, and the leaf hash of every event.
// Pages are written once and never changed; their first positions join without gaps. A page holds whole commits, and
// never cuts a transaction, so that what was committed together becomes visible together. A Merkle tree (C2SP
// tlog-tiles) can be built over the leaves at any time, from the pages alone.
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Commit } from '../store/commit.ts';
import type { Item } from './batch.ts';
import { pagePartition, positionKey, type LogDeps } from './deps.ts';
import { LEAF_BYTES, eventLeaf } from './leaf.ts';
import { foreignTime, type LogTime } from './log-time.ts';

export interface PageEntry {
  stream: string;
  /** version of the commit's first event */
  version: number;
  /** position of the commit's first event */
  first: number;
  /** events in the commit */
  count: number;
}

export interface LogPage extends LogTime {
  /** position of the first event */
  first: number;
  /** events */
  count: number;
  entries: PageEntry[];
  /** 32 bytes per event */
  leaves: Uint8Array;
  /** first positions of the commits that name another time than the page's */
  backDated?: number[];
}

const MAX_EVENTS = 1000;
/** Well below the 400 KB of an item; a single transaction of 4 MB of events still fits above it. */
const MAX_BYTES = 128 * 1024;

/**
 * Cuts ordered groups (a group = the commits of one transaction, or a single commit) into pages from position `first`, all of one time.
 * Only a transaction larger than a page makes a page larger than the limits.
 */
export function* cutPages(groups: Commit[][], first: number, time: LogTime = {}): Generator<LogPage> {
  let waiting: Commit[] = [];
  let events = 0;
  let bytes = 0;
  for (const group of groups) {
    const groupEvents = sum(group, (commit) => commit.events.length);
    const groupBytes = sum(group, (commit) => entryBytes(commit));
    if (waiting.length > 0 && (events + groupEvents > MAX_EVENTS || bytes + groupBytes > MAX_BYTES)) {
      yield makePage(waiting, first, time);
      first += events;
      [waiting, events, bytes] = [[], 0, 0];
    }
    waiting.push(...group);
    events += groupEvents;
    bytes += groupBytes;
  }
  if (waiting.length > 0) yield makePage(waiting, first, time);
}

function makePage(commits: Commit[], first: number, time: LogTime): LogPage {
  const leaves: Uint8Array[] = [];
  const entries: PageEntry[] = [];
  const backDated: number[] = [];
  for (const commit of commits) {
    const { stream, version, events } = commit;
    if (time.time !== undefined && foreignTime(commit, time.time) !== undefined) backDated.push(first + leaves.length);
    entries.push({ stream, version, first: first + leaves.length, count: events.length });
    leaves.push(...events.map(eventLeaf));
  }
  const marked = backDated.length > 0 ? { backDated } : {};
  return { first, count: leaves.length, entries, leaves: Buffer.concat(leaves), ...time, ...marked };
}

const sum = <T>(all: T[], size: (one: T) => number): number => all.reduce((total, one) => total + size(one), 0);
const entryBytes = ({ stream, events }: Commit): number => Buffer.byteLength(stream) + 16 + events.length * LEAF_BYTES;

export function itemFromPage(deps: LogDeps, page: LogPage): Item {
  return {
    pk: { S: pagePartition(deps.tenant) },
    sk: { S: positionKey(page.first) },
    first: { N: String(page.first) },
    count: { N: String(page.count) },
    streams: { L: page.entries.map(({ stream }) => ({ S: stream })) },
    versions: { L: page.entries.map(({ version }) => ({ N: String(version) })) },
    counts: { L: page.entries.map(({ count }) => ({ N: String(count) })) },
    leaves: { B: page.leaves },
    at: { S: page.at ?? deps.now().toISOString() },
    ...(page.time !== undefined && { time: { S: page.time } }),
    ...(page.backDated && { backDated: { L: page.backDated.map((position) => ({ N: String(position) })) } }),
  };
}

function pageFromItem(item: Item): LogPage {
  const first = Number(item['first']!.N);
  let position = first;
  const entries = item['streams']!.L!.map((stream, at): PageEntry => {
    const count = Number(item['counts']!.L![at]!.N);
    const entry = { stream: stream.S!, version: Number(item['versions']!.L![at]!.N), first: position, count };
    position += count;
    return entry;
  });
  const [time, at, backDated] = [item['time']?.S, item['at']?.S, item['backDated']?.L];
  return {
    first,
    count: Number(item['count']!.N),
    entries,
    leaves: item['leaves']!.B!,
    ...(time !== undefined && { time }),
    ...(at !== undefined && { at }),
    ...(backDated && { backDated: backDated.map(({ N }) => Number(N)) }),
  };
}

/** Up to `limit` pages whose first position is `from` or later, in order; strongly consistent. */
export async function pagesFrom(deps: LogDeps, from: number, limit: number): Promise<LogPage[]> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :page AND sk >= :from',
      ExpressionAttributeValues: { ':page': { S: pagePartition(deps.tenant) }, ':from': { S: positionKey(from) } },
      ConsistentRead: true,
      Limit: limit,
    }),
  );
  return Items.map(pageFromItem);
}

/** The page that holds `position`, if the log is that long; strongly consistent. */
export async function pageAt(deps: LogDeps, position: number): Promise<LogPage | undefined> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :page AND sk <= :at',
      ExpressionAttributeValues: { ':page': { S: pagePartition(deps.tenant) }, ':at': { S: positionKey(position) } },
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  const page = Items[0] && pageFromItem(Items[0]);
  return page && position < page.first + page.count ? page : undefined;
}

/** When the event at this position came into the log (ISO), by the sequencer's clock; undefined while none has. */
export async function sequencedAt(deps: LogDeps, position: number): Promise<string | undefined> {
  return (await pageTimeAt(deps, position))?.at;
}

/**
 * How long the log was at a moment, by its own time: the first page that is later is looked for by halves. Undefined when that goes back to
 * before the log kept its time; then `first` is where it began to.
 */
export async function sizeAt(deps: LogDeps, time: string, size: number): Promise<{ size?: number; first: number }> {
  let [low, high] = [0, size];
  while (low < high) {
    const page = await pageTimeAt(deps, Math.floor((low + high) / 2));
    if (!page) break; // it is missing: what is known is what is before it
    if (page.time === undefined || page.time <= time) low = page.first + page.count;
    else high = page.first;
  }
  const kept = low === 0 || (await pageTimeAt(deps, low - 1))?.time !== undefined;
  return { ...(kept && { size: low }), first: low };
}

/** The page that holds a position, without what is in it. */
async function pageTimeAt(
  deps: LogDeps,
  position: number,
): Promise<({ first: number; count: number } & LogTime) | undefined> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :page AND sk <= :at',
      ExpressionAttributeNames: { '#first': 'first', '#count': 'count', '#at': 'at', '#time': 'time' },
      ExpressionAttributeValues: { ':page': { S: pagePartition(deps.tenant) }, ':at': { S: positionKey(position) } },
      ProjectionExpression: '#first, #count, #at, #time',
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  const item = Items[0];
  if (!item) return undefined;
  const [first, count, time, at] = [Number(item['first']!.N), Number(item['count']!.N), item['time']?.S, item['at']?.S];
  if (position >= first + count) return undefined;
  return { first, count, ...(time !== undefined && { time }), ...(at !== undefined && { at }) };
}
