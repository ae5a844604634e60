// What a question reads, and nothing else: the index entries of one unit (its timeline) and the commits that they name,
// or one stream and its entries in the index of positions. However long the log is, another unit's events are never
// touched.
import { QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { decodeEvent } from '../../../events/catalogue.ts';
import { streamKey, type Category } from '../../../events/envelope.ts';
import { DaochaError, NotFound } from '../../../events/errors.ts';
import { indexSubject } from '../../../events/subjects.ts';
import { own } from '../../own.ts';
import { proveBy } from '../../record/index/seal-index.ts';
import { batchGet, type Item } from '../../record/log/batch.ts';
import { requireLogged } from '../../record/log/leaves.ts';
import { backDatedBetween } from '../../record/log/log-time.ts';
import { positionsOf } from '../../record/log/positions.ts';
import { EventAltered } from '../../record/log/read.ts';
import { commitFromItem, type CommitKey } from '../../record/store/commit.ts';
import { loadStream } from '../../record/store/store.ts';
import { loadedOf, itemKey } from '../views/apply.ts';
import { carriedView, CARRIED_SK, type CarriedEntry } from '../delivery/list.ts';
import { timelineView, type TimelineEntry } from '../unit/timeline.ts';
import { viewPartition, type Placed, type ViewDeps } from '../views/view.ts';
import { knows, type Known } from './known-at.ts';

const ENTRIES_PER_READ = 1000;
/** An event may stand so many places after the first of its commit. */
const MAX_COMMIT = 1000;

/**
 * The index entries of a unit that were known then, in log order.
 * @throws NotFound `unknown-unit` when there is no such unit, or was none on record then
 */
export async function unitIndex(deps: ViewDeps, unit: string, known: Known): Promise<TimelineEntry[]> {
  const all = await wholeIndex(deps, unit, known);
  const entries = all.filter(({ position, recordedAt }) => knows(known, position, recordedAt));
  if (entries.length > 0) return entries;
  const first = all[0];
  throw new NotFound(
    'unknown-unit',
    first
      ? `unit ${unit} was not on record yet: its first record has position ${first.position}, recorded at ${first.recordedAt}`
      : `there is no unit ${unit}`,
    {
      field: first ? 'knownAt' : 'unit',
      expected: first ? `a position beyond ${first.position}, or a later time` : 'the id of a registered unit',
    },
  );
}

/** The same; none when there was no such unit. */
export async function knownIndex(deps: ViewDeps, unit: string, known: Known): Promise<TimelineEntry[]> {
  const all = await wholeIndex(deps, unit, known);
  return all.filter(({ position, recordedAt }) => knows(known, position, recordedAt));
}

async function wholeIndex(deps: ViewDeps, unit: string, known: Known): Promise<TimelineEntry[]> {
  const entries: TimelineEntry[] = [];
  let start: Item | undefined;
  do {
    const page: QueryCommandOutput = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.views,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: {
          ':pk': { S: viewPartition(deps.tenant, known.generation, timelineView.name, unit) },
        },
        ConsistentRead: true,
        Limit: ENTRIES_PER_READ,
        ExclusiveStartKey: start,
      }),
    );
    for (const item of page.Items ?? []) entries.push(JSON.parse(item['doc']!.S!) as TimelineEntry);
    start = page.LastEvaluatedKey;
  } while (start);
  await compare(deps, indexSubject('unit', unit), known, entries);
  return entries.toSorted((a, b) => a.position - b.position);
}

/** What is about to be answered leaves out what the index of the log lists, or has what it does not list. Restore the view, or the stream. */
export class IndexDisagrees extends DaochaError {
  constructor(subject: string, size: number, missing: readonly number[], extra: readonly number[]) {
    const parts = [
      missing.length > 0 && `positions ${missing.join(', ')} are in the index and not there`,
      extra.length > 0 && `positions ${extra.join(', ')} are there and not in the index`,
    ];
    super(
      'index-disagrees',
      500,
      `what is stored of ${subject} is not what the index over the first ${size} events says: ${parts.filter(Boolean).join('; ')}`,
      { facts: { subject, size, missing, extra } },
    );
  }
}

/** Everything below the seal that the index lists is there, and nothing else is. @throws IndexDisagrees, IndexDamaged, IndexRejected */
async function compare(
  deps: ViewDeps,
  subject: string,
  { indexed, position }: Known,
  found: readonly { position: number }[],
): Promise<void> {
  if (!indexed) return;
  const below = Math.min(indexed.size, position);
  const { blocks } = await proveBy(deps, subject, indexed);
  const listed = new Set(blocks.flatMap(({ positions = [] }) => positions).filter((one) => one < below));
  const there = new Set(found.map((one) => one.position).filter((one) => one < below));
  const [missing, extra] = [[...listed].filter((one) => !there.has(one)), [...there].filter((one) => !listed.has(one))];
  if (missing.length + extra.length > 0) throw new IndexDisagrees(subject, indexed.size, missing, extra);
}

/** Streams all of whose events, and no others, are what the index lists under their id. */
const LISTED = { hazard: 'hazard', inspection: 'inspection', escalation: 'escalation', report: 'report' } as const;

/** The events behind some index entries, in their order. @throws EventAltered when a commit is gone or holds another event */
export async function eventsOf(deps: ViewDeps, entries: readonly TimelineEntry[]): Promise<Placed[]> {
  const found = new Map<string, Uint8Array>();
  // An entry names its event, not the commit: most events are the first of theirs, and those that are not stand right behind it.
  let wanted = entries.map(({ stream, version }) => ({ stream, version }));
  for (let back = 0; wanted.length > 0 && back < MAX_COMMIT; back += 1) {
    const keys = new Map(
      wanted.flatMap(({ stream, version }) =>
        version > back ? [[`${stream}@${version - back}`, keyOf(stream, version - back)] as const] : [],
      ),
    );
    for (const item of await batchGet(deps.dynamo, deps.events, [...keys.values()], deps.backoff)) {
      const commit = commitFromItem(item);
      for (const [n, bytes] of commit.events.entries()) {
        found.set(`${commit.stream}@${commit.version + n}`, bytes);
      }
    }
    wanted = wanted.filter(({ stream, version }) => version > back && !found.has(`${stream}@${version}`));
  }
  return asLogged(
    deps,
    entries.map(({ stream, version, position, event: id }) => {
      const bytes = found.get(`${stream}@${version}`);
      if (!bytes) throw new EventAltered(position, { stream, version }, `the event ${id} is no longer there`);
      return { position, commit: { stream, version }, bytes };
    }),
  );
}

/** Events as they came into the log, and no others: each is compared with its leaf hash, and has the log's time where it names another. */
async function asLogged(
  deps: ViewDeps,
  stored: readonly { position: number; commit: CommitKey; bytes: Uint8Array }[],
): Promise<Placed[]> {
  if (stored.length === 0) return [];
  const positions = stored.map(({ position }) => position);
  const [marked] = await Promise.all([
    backDatedBetween(deps, Math.max(0, Math.min(...positions) - MAX_COMMIT), Math.max(...positions)),
    requireLogged(deps, stored),
  ]);
  const logged = new Map(
    marked.flatMap((one) => Array.from({ length: one.count }, (_, n) => [one.position + n, one.logged] as const)),
  );
  return stored.map(({ position, bytes }) => {
    const time = logged.get(position);
    return { position, event: decodeEvent(bytes), ...(time !== undefined && { logged: time }) };
  });
}

const keyOf = (stream: string, version: number): Item => ({ stream: { S: stream }, version: { N: String(version) } });

/** The events of a unit that were known then, in log order; of all of them, those whose entries are wanted. */
export async function readUnitEvents(
  deps: ViewDeps,
  unit: string,
  known: Known,
  wanted: (entry: TimelineEntry) => boolean = () => true,
): Promise<Placed[]> {
  return eventsOf(deps, (await unitIndex(deps, unit, known)).filter(wanted));
}

/** The events of one stream that were known then, oldest first; reads the stream and its index entries. */
export async function streamEvents(deps: ViewDeps, category: Category, id: string, known: Known): Promise<Placed[]> {
  const stream = streamKey(deps.tenant, category, id);
  const [commits, positions] = await Promise.all([
    loadStream({ dynamo: deps.dynamo, table: deps.events }, stream),
    positionsOf(deps, stream),
  ]);
  const placed = commits.flatMap(({ version, events }) => {
    const first = positions.get(version);
    if (first === undefined || first >= known.position) return []; // written a moment ago: nobody knows it yet
    return events.map((bytes, n) => ({ position: first + n, commit: { stream, version }, bytes }));
  });
  const kind = own(LISTED, category);
  if (kind !== undefined) await compare(deps, indexSubject(kind, id), known, placed);
  return (await asLogged(deps, placed)).filter(isKnown(known));
}

const isKnown =
  (known: Known) =>
  ({ position, event }: Placed): boolean =>
    knows(known, position, event.recordedAt);

/** The rosters of organisations as known then, by organisation. */
export async function readRosterEvents(
  deps: ViewDeps,
  organisations: readonly string[],
  known: Known,
): Promise<ReadonlyMap<string, Placed[]>> {
  const loaded = await Promise.all(
    organisations.map(async (id) => [id, await streamEvents(deps, 'roster', id, known)] as const),
  );
  return new Map(loaded);
}

/** The messages that carried an event, as known then: which ones, the view `carried` says; what became of them, their streams. */
export async function readDeliveryEvents(deps: ViewDeps, events: readonly string[], known: Known): Promise<Placed[]> {
  const keys = [...new Set(events)].map((event) =>
    itemKey(viewPartition(deps.tenant, known.generation, carriedView.name, event), CARRIED_SK),
  );
  const items = await batchGet(deps.dynamo, deps.views, keys, deps.backoff);
  const messages = new Set(
    items.flatMap((item) => loadedOf<CarriedEntry>(item).doc?.messages.map(({ message }) => message) ?? []),
  );
  const streams = await Promise.all([...messages].map((id) => streamEvents(deps, 'delivery', id, known)));
  return streams.flat();
}
