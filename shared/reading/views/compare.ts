// Comparing two generations while events keep coming. Documents at the same position must have the same bytes. Of two at
// different positions the older one is folded forward, in memory, with the events between; only such events count as its
// generation has not handled yet, so one that it should have folded long ago and lost shows as a difference.
import { ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import canonicalize from 'canonicalize';
import { batchGet, type Item } from '../../record/log/batch.ts';
import { followerPosition } from '../../record/log/follow.ts';
import { walkLog } from '../../record/log/read.ts';
import { documentItems, loadedOf, foldDocument, itemName, itemKey, jobsOf, type Job } from './apply.ts';
import { viewsOf } from './generation.ts';
import { COPY_PREFIX, generationPrefix, projectionName, type Placed, type View, type ViewDeps } from './view.ts';

export interface Comparison {
  /** documents and entries compared */
  compared: number;
  /** of those, how many had moved and were folded forward first */
  moved: number;
  /** views that were not compared, or not in all: they have another shape than in the live generation, or are new or given up */
  reshaped: string[];
  /** names of the documents that differ, `<view>#<key> <sort key>` */
  differences: string[];
}

/** A scan reads 1 MB at most; partners are fetched 100 at a time. */
const PAGE = 100;
/** How often copies that are rewritten all the time are looked at again. */
const ROUNDS = 6;

interface Pair {
  name: string;
  live: Item | undefined;
  next: Item | undefined;
}

/** Reads a whole table page by page, strongly consistent. */
export async function* scanViews(deps: ViewDeps): AsyncGenerator<Item[]> {
  let from: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await deps.dynamo.send(
      new ScanCommand({ TableName: deps.views, ConsistentRead: true, Limit: PAGE, ExclusiveStartKey: from }),
    );
    yield Items;
    from = LastEvaluatedKey;
  } while (from);
}

export interface Steps {
  /** after each piece of work */
  onPage: (compared: number) => Promise<void>;
  /** projects both generations to the end of the log */
  catchUp: () => Promise<void>;
}

/** Compares every document of two generations; both must have caught up with the log shortly before. */
export async function compareGenerations(
  deps: ViewDeps,
  views: readonly View[],
  live: number,
  next: number,
  steps: Steps,
): Promise<Comparison> {
  const prefixes = { live: generationPrefix(deps.tenant, live), next: generationPrefix(deps.tenant, next) };
  const result: Comparison = { compared: 0, moved: 0, reshaped: [], differences: [] };
  const common = await viewsOf(deps, live, views);
  const isCommon = (name: string): boolean => {
    const view = viewName(name);
    if (common.some((each) => each.name === view)) return true;
    if (!result.reshaped.includes(view)) result.reshaped.push(view);
    return false;
  };
  const moved: string[] = [];
  for await (const items of scanViews(deps)) {
    for (const pair of await pairs(deps, prefixes, namesIn(items, prefixes.next).filter(isCommon))) {
      if (positionOf(pair.live) === positionOf(pair.next)) check(pair, prefixes, result);
      else moved.push(pair.name);
    }
    // what both have has been met, or will be, on the other side
    for (const pair of await pairs(deps, prefixes, namesIn(items, prefixes.live).filter(isCommon))) {
      if (!pair.next) moved.push(pair.name);
    }
    await steps.onPage(result.compared);
  }
  await compareMoved(
    deps,
    common,
    prefixes,
    { live, next },
    moved.filter((name) => !isCopy(name)),
    result,
    steps,
  );
  await compareCopies(deps, prefixes, moved.filter(isCopy), result, steps);
  return { ...result, differences: result.differences.toSorted(), reshaped: result.reshaped.toSorted() };
}

type Prefixes = Record<'live' | 'next', string>;

function namesIn(items: readonly Item[], prefix: string): string[] {
  return items.flatMap((item) => {
    const pk = item['pk']!.S!;
    return pk.startsWith(prefix) ? [`${pk.slice(prefix.length)} ${item['sk']!.S}`] : [];
  });
}

const viewName = (name: string): string => name.slice(0, name.indexOf('#'));
// keys of documents hold no blank
const pkOf = (name: string): string => name.slice(0, name.indexOf(' '));
const skOf = (name: string): string => name.slice(name.indexOf(' ') + 1);
const isCopy = (name: string): boolean => skOf(name).startsWith(COPY_PREFIX);
const positionOf = (item: Item | undefined): number => Number(item?.['position']?.N ?? -1);

const key = (prefix: string, name: string) => itemKey(`${prefix}${pkOf(name)}`, skOf(name));

async function pairs(deps: ViewDeps, prefixes: Prefixes, names: readonly string[]): Promise<Pair[]> {
  const keys = names.flatMap((name) => [key(prefixes.live, name), key(prefixes.next, name)]);
  const found = new Map(
    (await batchGet(deps.dynamo, deps.views, keys, deps.backoff)).map((item) => [itemName(item), item]),
  );
  return names.map((name) => ({
    name,
    live: found.get(itemName(key(prefixes.live, name))),
    next: found.get(itemName(key(prefixes.next, name))),
  }));
}

function check({ name, live, next }: Pair, prefixes: Prefixes, result: Comparison): void {
  result.compared += 1;
  if (bytesOf(live, prefixes.live) !== bytesOf(next, prefixes.next)) result.differences.push(name);
}

/** Everything stored, without the name of the generation. */
function bytesOf(item: Item | undefined, prefix: string): string | undefined {
  if (!item) return undefined;
  const plain = Object.entries(item).map(([field, value]) => [
    field,
    value.S?.startsWith(prefix) ? { S: value.S.slice(prefix.length) } : value,
  ]);
  return canonicalize(Object.fromEntries(plain));
}

async function compareMoved(
  deps: ViewDeps,
  views: readonly View[],
  prefixes: Prefixes,
  generations: Record<'live' | 'next', number>,
  moved: readonly string[],
  result: Comparison,
  { onPage }: Steps,
): Promise<void> {
  for (let at = 0; at < moved.length; at += PAGE) {
    // before the documents: everything below has been folded into them
    const [live, next] = await Promise.all(
      [generations.live, generations.next].map((each) => followerPosition(deps, projectionName(each))),
    );
    const chunk = await pairs(deps, prefixes, moved.slice(at, at + PAGE));
    const last = Math.max(...chunk.flatMap((pair) => [positionOf(pair.live), positionOf(pair.next)]));
    const events: Placed[] = [];
    const until = last + 1;
    for await (const batch of walkLog(deps, Math.min(live!, next!), { batch: 500, until })) events.push(...batch);
    const jobs = (generation: number): Map<string, Job> =>
      new Map(
        jobsOf(deps, generation, views, events).map((job) => [
          `${job.pk.slice(generationPrefix(deps.tenant, generation).length)} ${job.where.sk}`,
          job,
        ]),
      );
    const [liveJobs, nextJobs] = [jobs(generations.live), jobs(generations.next)];
    for (const pair of chunk) {
      const to = Math.max(positionOf(pair.live), positionOf(pair.next));
      result.moved += 1;
      const both = {
        name: pair.name,
        live: forward(pair.live, liveJobs.get(pair.name), live!, to),
        next: forward(pair.next, nextJobs.get(pair.name), next!, to),
      };
      // an entry (no fold) that one side has not come to yet
      const isEntry = !liveJobs.has(pair.name);
      const early = isEntry && ((!pair.live && to >= live!) || (!pair.next && to >= next!));
      if (early) result.compared += 1;
      else check(both, prefixes, result);
    }
    await onPage(result.compared);
  }
}

/** The document's item as its generation will have it at position `to`, having handled everything below `handled`. */
function forward(item: Item | undefined, job: Job | undefined, handled: number, to: number): Item | undefined {
  if (!job) return item;
  const coming = job.events.filter(({ position }) => position >= handled && position <= to);
  const loaded = loadedOf<object>(item);
  const folded = foldDocument(job.view, job.where, loaded, coming);
  return folded.position === loaded.position ? item : documentItems(job.pk, job.view, job.where, folded)[0];
}

/** Copies follow their original within moments; they are looked at until both sides are at the same position. */
async function compareCopies(
  deps: ViewDeps,
  prefixes: Prefixes,
  names: readonly string[],
  result: Comparison,
  { catchUp }: Steps,
): Promise<void> {
  let left = [...names];
  for (let round = 1; left.length > 0; round++) {
    const moving: string[] = [];
    await catchUp();
    for (const pair of await pairs(deps, prefixes, left)) {
      if (positionOf(pair.live) === positionOf(pair.next) || round === ROUNDS) check(pair, prefixes, result);
      else moving.push(pair.name);
    }
    left = moving;
  }
}
