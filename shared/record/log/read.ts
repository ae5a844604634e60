// Reading the log: positions from the pages, contents from the EVENTS table. Every event is checked against its leaf
// hash, so nothing that was changed after it got its position is ever passed on.
import { decodeEvent, type DaochaEvent } from '../../../events/catalogue.ts';
import { DaochaError } from '../../../events/errors.ts';
import { parsedEvent } from '../../../events/subjects.ts';
import { NoCommit, type Commit } from '../store/commit.ts';
import { getCommits } from '../store/store.ts';
import { commitId, type CommitKey, type LogDeps } from './deps.ts';
import { LEAF_BYTES, eventLeaf } from './leaf.ts';
import { pageAt, pagesFrom, type LogPage, type PageEntry } from './page.ts';

/** An event with its place in the global order. */
export interface Positioned {
  position: number;
  event: DaochaEvent;
  /** exact stored bytes */
  bytes: Uint8Array;
  /** the commit it came in */
  commit: CommitKey;
}

/** A stored commit is gone, or an event differs from what got its position: stop, and restore it. */
export class EventAltered extends DaochaError {
  constructor(position: number, commit: CommitKey, what: string) {
    super('event-altered', 500, `position ${position}, commit ${commitId(commit)}: ${what}`, {
      facts: { position, ...commit },
    });
  }
}

/** @throws EventAltered when the bytes are not those that got the position */
export function requireLeaf(position: number, commit: CommitKey, bytes: Uint8Array, leaf: Uint8Array): void {
  if (Buffer.compare(eventLeaf(bytes), leaf) === 0) return;
  throw new EventAltered(position, commit, 'the event differs from the one that got this position');
}

/** The pages do not join. Restore the log. */
export class LogDamaged extends DaochaError {
  constructor(position: number) {
    super('log-damaged', 500, `the log has no page for position ${position}`, { facts: { position } });
  }
}

interface Reference {
  position: number;
  entry: PageEntry;
  leaf: Uint8Array;
}

const MAX_PAGES = 64;

/**
 * Events from position `from` on, in order, at most `limit`; fewer only at the end of the log.
 * @throws EventAltered
 */
export async function readLog(deps: LogDeps, from: number, limit: number): Promise<Positioned[]> {
  if (limit <= 0) return [];
  for await (const batch of walkLog(deps, from, { batch: limit })) return batch;
  return [];
}

/**
 * The bytes that are stored for a position, whether or not they are those that got it: for whoever verifies them.
 * @returns undefined beyond the end of the log
 * @throws EventAltered when they are gone
 */
export async function readStored(deps: LogDeps, position: number): Promise<Uint8Array | undefined> {
  const page = await pageAt(deps, position);
  if (!page) return undefined;
  const { entry } = referencesOf(page).find((reference) => reference.position === position)!;
  const [commit] = await getCommits({ dynamo: deps.dynamo, table: deps.events }, [entry]);
  const bytes = commit?.events[position - entry.first];
  if (!bytes) throw new EventAltered(position, entry, 'the event is no longer there');
  return bytes;
}

/**
 * Batches of up to `batch` events from position `from` to the end of the log, or to before position `until`.
 * @throws EventAltered, LogDamaged
 */
export async function* walkLog(
  deps: LogDeps,
  from: number,
  { batch, until = Number.POSITIVE_INFINITY }: { batch: number; until?: number },
): AsyncGenerator<Positioned[], void, undefined> {
  for await (const { events, altered } of walkWhole(deps, from, { batch, until })) {
    if (altered[0]) throw altered[0];
    yield events;
  }
}

/** A stretch of the log: the events in it that are as they came in, and what is wrong with the others. */
export interface LogStretch {
  events: Positioned[];
  altered: EventAltered[];
  /** the position after it */
  next: number;
}

/** As `walkLog`, and goes on behind events that are gone or altered. */
export async function* walkWhole(
  deps: LogDeps,
  from: number,
  { batch, until = Number.POSITIVE_INFINITY }: { batch: number; until?: number },
): AsyncGenerator<LogStretch, void, undefined> {
  let waiting: Reference[] = [];
  for await (const references of pagedReferences(deps, from, until)) {
    waiting = waiting.concat(references);
    while (waiting.length >= batch) {
      yield await contents(deps, waiting.slice(0, batch));
      waiting = waiting.slice(batch);
    }
  }
  if (waiting.length > 0) yield await contents(deps, waiting);
}

/** References page by page; reads few pages at first, more at a time when the pages turn out to be small. */
async function* pagedReferences(
  deps: LogDeps,
  from: number,
  until: number,
): AsyncGenerator<Reference[], void, undefined> {
  let next = from;
  for (let limit = 2; next < until; limit = Math.min(limit * 2, MAX_PAGES)) {
    let pages = await pagesFrom(deps, next, limit);
    if (pages[0]?.first !== next) {
      // The end of the log, or in the middle of a page (which only the first read can be).
      const page = await pageAt(deps, next);
      if (page) pages = [page];
      else if (pages.length === 0) return;
    }
    for (const page of pages) {
      if (page.first > next) throw new LogDamaged(next);
      const references = referencesOf(page).filter(({ position }) => position >= next && position < until);
      if (references.length > 0) yield references;
      next = page.first + page.count;
    }
  }
}

function referencesOf(page: LogPage): Reference[] {
  return page.entries.flatMap((entry) =>
    Array.from({ length: entry.count }, (_, n): Reference => {
      const at = (entry.first - page.first + n) * LEAF_BYTES;
      return { position: entry.first + n, entry, leaf: page.leaves.subarray(at, at + LEAF_BYTES) };
    }),
  );
}

async function contents(deps: LogDeps, references: Reference[]): Promise<LogStretch> {
  const keys = [...new Map(references.map(({ entry }) => [commitId(entry), entry])).values()];
  const commits = await commitsThatStand(deps, keys);
  const stretch: LogStretch = { events: [], altered: [], next: references.at(-1)!.position + 1 };
  for (const { position, entry, leaf } of references) {
    const { stream, version } = entry;
    const commit = { stream, version };
    try {
      const bytes = commits.get(commitId(entry))?.events[position - entry.first];
      if (!bytes) throw new EventAltered(position, commit, 'the event is no longer there');
      requireLeaf(position, commit, bytes, leaf);
      const event = decoded(bytes);
      if (!event) throw new EventAltered(position, commit, 'what came into the log is no event');
      stretch.events.push({ position, event, bytes, commit });
    } catch (error) {
      if (!(error instanceof EventAltered)) throw error;
      stretch.altered.push(error);
    }
  }
  return stretch;
}

/** By id; without those that are gone, or are no commits any more. */
async function commitsThatStand(deps: LogDeps, keys: readonly CommitKey[]): Promise<Map<string, Commit>> {
  const store = { dynamo: deps.dynamo, table: deps.events };
  const read = async (some: readonly CommitKey[]): Promise<(Commit | undefined)[]> => {
    try {
      return await getCommits(store, some);
    } catch (error) {
      if (!(error instanceof NoCommit)) throw error;
      if (some.length === 1) return [undefined];
      const half = Math.ceil(some.length / 2);
      return [...(await read(some.slice(0, half))), ...(await read(some.slice(half)))];
    }
  };
  return new Map((await read(keys)).flatMap((commit) => (commit ? [[commitId(commit), commit] as const] : [])));
}

/** Undefined for bytes that are no event; a type or schema that only a newer daocha knows is an error: it is to be deployed. */
function decoded(bytes: Uint8Array): DaochaEvent | undefined {
  try {
    return decodeEvent(bytes);
  } catch (error) {
    if (typeof parsedEvent(bytes)?.type === 'string') throw error;
    return undefined;
  }
}
