// From the keys of a delivery to everything that has to be ordered with them: the commits themselves, read from the
// EVENTS table (a delivery's content is never trusted), and, transitively, what must come before or beside them and is
// not in the log yet: earlier versions whose delivery was lost, the other parts of transactions, causes.
import type { Commit } from '../store/commit.ts';
import { getCommits, loadStream } from '../store/store.ts';
import { concurrently } from './batch.ts';
import { commitId, type CommitKey, type LogDeps } from './deps.ts';
import { causeOf } from './order.ts';
import { lastSequenced, sequencedAmong } from './positions.ts';

export interface Gathered {
  /** not in the log yet, each once */
  commits: Commit[];
  /** last version of a stream in the log, for every stream among the commits */
  last: (stream: string) => number;
  /** how many of the keys asked for were in the log already */
  known: number;
  /** keys asked for that the EVENTS table does not have */
  absent: CommitKey[];
}

/**
 * @param cache commits read so far by id: their content never changes, so a second attempt need not read them again
 */
export async function gather(deps: LogDeps, keys: CommitKey[], cache: Map<string, Commit>): Promise<Gathered> {
  const round = new Gathering(deps, cache);
  const asked = new Map(keys.map((key) => [commitId(key), key]));
  let wanted = await round.read([...asked.values()]);
  const absent = [...asked.values()].filter((key) => !cache.has(commitId(key)));
  const known = wanted.length - (wanted = await round.admit(wanted)).length;
  while (wanted.length > 0) wanted = await round.admit(await round.before(wanted));
  return { commits: [...round.admitted.values()], last: (stream) => round.last.get(stream) ?? 0, known, absent };
}

class Gathering {
  readonly admitted = new Map<string, Commit>();
  readonly last = new Map<string, number>();
  /** ids `stream@version` of the admitted commits' ends (the version after the last event) and events */
  readonly #ends = new Set<string>();
  readonly #events = new Set<string>();
  /** streams whose whole unsequenced tail has been read */
  readonly #loaded = new Set<string>();
  readonly #deps: LogDeps;
  readonly #store: { dynamo: LogDeps['dynamo']; table: string };
  readonly #cache: Map<string, Commit>;

  constructor(deps: LogDeps, cache: Map<string, Commit>) {
    this.#deps = deps;
    this.#store = { dynamo: deps.dynamo, table: deps.events };
    this.#cache = cache;
  }

  /** The commits at these keys, as far as they exist. */
  async read(keys: CommitKey[]): Promise<Commit[]> {
    const unread = keys.filter((key) => !this.#cache.has(commitId(key)));
    const commits = unread.length > 0 ? await getCommits(this.#store, unread) : [];
    for (const commit of commits) if (commit) this.#cache.set(commitId(commit), commit);
    return keys.flatMap((key) => this.#cache.get(commitId(key)) ?? []);
  }

  /** Takes in those that are not in the log, and learns how far their streams are; returns the ones that are new here. */
  async admit(commits: Commit[]): Promise<Commit[]> {
    const fresh = [...new Map(commits.map((commit) => [commitId(commit), commit])).values()].filter(
      (commit) => !this.admitted.has(commitId(commit)),
    );
    const present = await sequencedAmong(
      this.#deps,
      fresh.flatMap((commit) => [lastOf(commit), ...(commit.version > 1 ? [beforeOf(commit)] : [])]),
    );
    const unsequenced = fresh.filter((commit) => !present.has(commitId(lastOf(commit))));
    for (const commit of unsequenced) {
      this.admitted.set(commitId(commit), commit);
      const { stream, version, next } = commit;
      this.#ends.add(commitId({ stream, version: next }));
      for (let event = version; event < next; event++) this.#events.add(commitId({ stream, version: event }));
      if (present.has(commitId(beforeOf(commit)))) this.last.set(commit.stream, commit.version - 1);
    }
    return unsequenced;
  }

  /** What must come before or beside these commits, and has not been read yet. */
  async before(commits: Commit[]): Promise<Commit[]> {
    const parts = commits.flatMap((commit) => commit.parts ?? []).filter((part) => !this.admitted.has(commitId(part)));
    const needed = new Map<string, number>();
    const need = ({ stream, version }: CommitKey): void => {
      needed.set(stream, Math.max(version, needed.get(stream) ?? 0));
    };
    for (const commit of commits) {
      if (commit.version > 1 && !this.#ends.has(commitId(commit))) need(beforeOf(commit));
      const cause = causeOf(commit);
      if (cause && !this.#events.has(commitId(cause))) need(cause);
    }
    const found: Commit[] = [];
    await concurrently(needed, async ([stream, version]) => {
      found.push(...(await this.#tail(stream, version)));
    });
    return [...(await this.read(dedupe(parts))), ...found];
  }

  /** Everything of a stream that is not in the log, if `needed` is not; once per stream. */
  async #tail(stream: string, needed: number): Promise<Commit[]> {
    if (this.#loaded.has(stream)) return [];
    const last = this.last.get(stream) ?? (await lastSequenced(this.#deps, stream));
    this.last.set(stream, last);
    if (needed <= last) return [];
    this.#loaded.add(stream);
    const commits = await loadStream(this.#store, stream, last + 1);
    for (const commit of commits) this.#cache.set(commitId(commit), commit);
    return commits;
  }
}

const lastOf = ({ stream, next }: Commit): CommitKey => ({ stream, version: next - 1 });
const beforeOf = ({ stream, version }: Commit): CommitKey => ({ stream, version: version - 1 });
const dedupe = (keys: CommitKey[]): CommitKey[] => [...new Map(keys.map((key) => [commitId(key), key])).values()];
