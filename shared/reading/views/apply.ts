// Projecting: a batch of events is grouped by document; each document is loaded once, everything newer than its position is
// folded in, and it is written once, on condition that its position is still the one that was loaded. Whoever loses that race reloads
// and folds again. So an event counts once in effect, whatever is delivered twice, overlaps, lags behind or crashes in between.
//
// The position of a document is that of the last event that changed it, not of the last one seen: it does not depend on how the
// log was cut into batches, and a rebuild reproduces it.
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import canonicalize from 'canonicalize';
import { batchGet, batchPut, concurrently, exponential, StoreBusy, type Item } from '../../record/log/batch.ts';
import {
  COPY_PREFIX,
  viewPartition,
  type DocumentKey,
  type DocumentView,
  type EntryView,
  type Places,
  type Placed,
  type View,
  type ViewDeps,
} from './view.ts';

export interface Applied {
  /** documents and entries written */
  written: number;
  /** write units they took, indexes included, as the engine reports them */
  writeUnits: number;
  /** documents that another projector changed meanwhile and that were folded again */
  conflicts: number;
}

/** A document as stored: what it says, and the position up to which it says it. */
export interface Loaded<Doc> {
  doc: Doc | undefined;
  /** −1: not there yet */
  position: number;
}
export const ABSENT: Loaded<never> = { doc: undefined, position: -1 };

/** The events of a batch that concern one document. */
export interface Job {
  view: DocumentView<object>;
  where: DocumentKey;
  pk: string;
  events: Placed[];
}

/** One writer wins every round, so this many rounds mean that something else is wrong. */
const MAX_ROUNDS = 40;

/**
 * Folds a batch into the documents of one generation; when it returns, all of them have been written.
 * @param batch in any order; events twice in it count once
 */
export async function applyBatch(
  deps: ViewDeps,
  generation: number,
  views: readonly View[],
  batch: readonly Placed[],
): Promise<Applied> {
  const placed = [...new Map(batch.map((event) => [event.position, event])).values()].toSorted(
    (a, b) => a.position - b.position,
  );
  const applied: Applied = { written: 0, writeUnits: 0, conflicts: 0 };
  const jobs = jobsOf(deps, generation, views, placed);
  const keys = jobs.map(({ pk, where }) => itemKey(pk, where.sk));
  const stored = new Map(
    (await batchGet(deps.dynamo, deps.views, keys, deps.backoff)).map((item) => [itemName(item), item]),
  );
  const entries = views.flatMap((view) =>
    view.kind === 'entries' ? placed.flatMap((event) => entryItems(deps.tenant, generation, view, event)) : [],
  );
  const written = await Promise.allSettled([
    concurrently(jobs, (job) => project(deps, job, stored.get(`${job.pk} ${job.where.sk}`), applied)),
    batchPut(deps.dynamo, deps.views, entries, deps.backoff),
  ]);
  // both have ended before a failure goes up: nothing of this batch is written after the call
  for (const outcome of written) if (outcome.status === 'rejected') throw outcome.reason;
  applied.written += entries.length;
  return applied;
}

/** Groups events by the documents of a generation that they may change. */
export function jobsOf(deps: ViewDeps, generation: number, views: readonly View[], placed: readonly Placed[]): Job[] {
  const jobs = new Map<string, Job>();
  for (const view of views) {
    if (view.kind !== 'documents') continue;
    for (const event of placed) {
      for (const where of view.keys(event.event)) {
        const pk = viewPartition(deps.tenant, generation, view.name, where.key);
        const id = `${pk} ${where.sk}`;
        const job = jobs.get(id);
        if (job) job.events.push(event);
        else jobs.set(id, { view, where, pk, events: [event] });
      }
    }
  }
  return [...jobs.values()];
}

async function project(deps: ViewDeps, job: Job, stored: Item | undefined, applied: Applied): Promise<void> {
  let item = stored;
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const loaded = loadedOf<object>(item);
    const next = foldDocument(job.view, job.where, loaded, job.events);
    if (next.position === loaded.position) return;
    const [original, ...copies] = documentItems(job.pk, job.view, job.where, next);
    // Copies first: if a crash comes between, the original still says what has to be done again.
    for (const copy of copies) await putIfNewer(deps, copy, next.position, applied);
    if (await putIfStill(deps, original!, loaded.position, applied)) return;
    applied.conflicts += 1;
    if (round > 2) await (deps.backoff ?? exponential)(Math.min(round, 4));
    item = (
      await deps.dynamo.send(
        new GetItemCommand({ TableName: deps.views, Key: itemKey(job.pk, job.where.sk), ConsistentRead: true }),
      )
    ).Item;
  }
  throw new StoreBusy(`${job.pk} ${job.where.sk} kept changing`);
}

/** Folds what is newer than the document into it; pure. */
export function foldDocument<Doc extends object>(
  view: DocumentView<Doc>,
  where: DocumentKey,
  loaded: Loaded<Doc>,
  events: readonly Placed[],
): Loaded<Doc> {
  let { doc, position } = loaded;
  for (const event of events) {
    if (event.position <= position) continue;
    const next = view.fold(doc, event, where);
    if (next === doc) continue;
    doc = next;
    position = event.position;
  }
  return { doc, position };
}

async function putIfStill(deps: ViewDeps, item: Item, position: number, applied: Applied): Promise<boolean> {
  return put(deps, item, applied, position === -1 ? undefined : { is: '=', position });
}

async function putIfNewer(deps: ViewDeps, item: Item, position: number, applied: Applied): Promise<void> {
  await put(deps, item, applied, { is: '<', position });
}

/** @param than the condition on the stored position; undefined: nothing may be stored there yet */
async function put(
  deps: ViewDeps,
  item: Item,
  applied: Applied,
  than: { is: '=' | '<'; position: number } | undefined,
): Promise<boolean> {
  const absent = 'attribute_not_exists(pk)';
  try {
    const { ConsumedCapacity } = await deps.dynamo.send(
      new PutItemCommand({
        TableName: deps.views,
        Item: item,
        ReturnConsumedCapacity: 'TOTAL',
        ...(than
          ? {
              ConditionExpression: than.is === '<' ? `${absent} OR #position < :position` : '#position = :position',
              ExpressionAttributeNames: { '#position': 'position' },
              ExpressionAttributeValues: { ':position': { N: String(than.position) } },
            }
          : { ConditionExpression: absent }),
      }),
    );
    applied.written += 1;
    applied.writeUnits += ConsumedCapacity?.CapacityUnits ?? 0;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

export const itemKey = (pk: string, sk: string): { pk: AttributeValue; sk: AttributeValue } => ({
  pk: { S: pk },
  sk: { S: sk },
});
export const itemName = (item: Item): string => `${item['pk']?.S} ${item['sk']?.S}`;

/** A document and its position from its item, if there is one. */
export function loadedOf<Doc>(item: Item | undefined): Loaded<Doc> {
  if (!item) return ABSENT;
  return { doc: JSON.parse(item['doc']!.S!) as Doc, position: Number(item['position']!.N) };
}

/** The items that a document is stored as: itself, then its copies. */
export function documentItems(
  pk: string,
  view: DocumentView<object>,
  where: DocumentKey,
  { doc, position }: Loaded<object>,
): Item[] {
  if (!doc) throw new Error(`view ${view.name}: a fold may not take a document away (${pk} ${where.sk})`);
  const listPrefix = pk.slice(0, pk.length - where.key.length);
  const copies = view.copies?.(doc, where) ?? [];
  const variants = [
    { sk: where.sk, places: view.places?.(doc, where) ?? {} },
    ...copies.map(({ name, places }) => ({ sk: `${COPY_PREFIX}${name}`, places })),
  ];
  return variants.map(({ sk, places }) => itemOf(pk, sk, doc, position, placeAttributes(listPrefix, places)));
}

function itemOf(pk: string, sk: string, doc: object, position: number, places: Item = {}): Item {
  return { ...itemKey(pk, sk), doc: { S: textOf(doc) }, position: { N: String(position) }, ...places };
}

/** Canonical JSON (RFC 8785): equal documents have equal bytes. */
function textOf(doc: object): string {
  const text = canonicalize(doc);
  if (text === undefined) throw new Error('a document is always an object');
  return text;
}

function placeAttributes(prefix: string, places: Places): Item {
  const attributes: Item = {};
  for (const n of [1, 2, 3] as const) {
    const place = places[`lists${n}`];
    if (!place) continue;
    attributes[`l${n}`] = { S: `${prefix}${place[0]}` };
    attributes[`o${n}`] = { S: place[1] };
  }
  return attributes;
}

function entryItems(tenant: string, generation: number, view: EntryView, placed: Placed): Item[] {
  return view
    .entries(placed)
    .map(({ key, sk, doc }) => itemOf(viewPartition(tenant, generation, view.name, key), sk, doc, placed.position));
}
