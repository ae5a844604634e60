// The sequencer: gives every commit its place in the one global order. Invariants: every commit exactly once; positions
// 0, 1, 2 … without gaps, never changed; a stream's versions in order; a transaction's parts side by side in one page; a
// cause before its effect. Deliveries may be doubled, reordered, lost (the next one of the stream, or `sweep`, brings the
// commit in) or handled by several sequencers at once; a run may die at any point: the next one finishes its work.
import { DaochaError } from '../../../events/errors.ts';
import type { Commit } from '../store/commit.ts';
import { appendLeaves } from '../tlog/merkle.ts';
import { exponential } from './batch.ts';
import { commitId, type CommitKey, type LogDeps } from './deps.ts';
import { frontierOf } from './frontier.ts';
import { nextTime, setBackBy } from './log-time.ts';
import { gather } from './gather.ts';
import { appendPage, readHead, type Head } from './head.ts';
import { orderCommits } from './order.ts';
import { cutPages } from './page.ts';
import { completeIndex, writeIndex, type IndexMemo } from './positions.ts';
import { hold, quarantined, release } from './quarantine.ts';

export interface Sequenced {
  /** events that this run gave a position */
  appended: number;
  /** commits that this run gave a position */
  commits: number;
  /** commits asked for that were in the log already */
  known: number;
  /** length of the log after the run */
  size: number;
  /** pages lost to a faster sequencer, and done again */
  conflicts: number;
  /** first held commit of every stream that cannot go on, because something before it does not exist */
  held: CommitKey[];
  /** keys asked for that the EVENTS table does not have */
  absent: CommitKey[];
  /** commits that this run marked, as they name another time than the log's */
  backDated: CommitKey[];
  /** by how many milliseconds this process's clock stood before the log's time when it wrote a page */
  setBack: number;
}

export interface SequenceOptions {
  /** kept by the caller from run to run of one process; saves reading what that process wrote itself */
  memo?: IndexMemo;
}

const ATTEMPTS = 30;
/** Looks at a missing commit before it counts as a hole: a transaction may become visible part after part. */
const LOOKS = 4;

/**
 * Brings these commits into the log, and with them whatever must come before or beside them.
 * Safe to repeat and to run at the same time as others.
 * @throws DaochaError `sequencer-contended` when others won every time; the SDK's errors (throttling) as they are
 */
export async function sequence(
  deps: LogDeps,
  keys: CommitKey[],
  { memo = { indexed: 0 } }: SequenceOptions = {},
): Promise<Sequenced> {
  const backoff = deps.backoff ?? exponential;
  const cache = new Map<string, Commit>();
  const result: Sequenced = {
    appended: 0,
    commits: 0,
    known: 0,
    size: 0,
    conflicts: 0,
    held: [],
    absent: [],
    backDated: [],
    setBack: 0,
  };
  const done = new Set<string>();
  let looks = 0;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const [head, quarantine] = await Promise.all([readHead(deps), quarantined(deps)]);
    await completeIndex(deps, head, memo);
    const todo = keys.filter((key) => !done.has(commitId(key)));
    const gathered = await gather(deps, [...todo, ...quarantine], cache);
    const { groups, held } = orderCommits(gathered.commits, gathered.last);
    const appended = await appendGroups(deps, head, groups, memo);
    for (const commit of appended.commits) done.add(commitId(commit));
    result.appended += appended.size - head.size;
    result.commits += appended.commits.length;
    result.size = appended.size;
    result.backDated.push(...appended.backDated);
    result.setBack = Math.max(result.setBack, appended.setBack);
    if (appended.lost) {
      result.conflicts++;
      await backoff(result.conflicts);
      continue;
    }
    const first = firstOfStreams(held);
    const before = new Set(quarantine.map(({ stream }) => stream));
    const news = first.filter(({ stream }) => !before.has(stream));
    if (news.length > 0 && ++looks < LOOKS) {
      await backoff(looks);
      continue;
    }
    if (news.length > 0 && (await readHead(deps)).size !== appended.size) continue; // may be another's half-written index
    for (const one of news) await hold(deps, one);
    const still = new Set(first.map(({ stream }) => stream));
    for (const { stream } of quarantine) if (!still.has(stream)) await release(deps, stream);
    const asked = new Set(keys.map(commitId));
    return {
      ...result,
      known: gathered.known,
      held: first,
      absent: gathered.absent.filter((key) => asked.has(commitId(key))),
    };
  }
  throw new DaochaError('sequencer-contended', 503, `other sequencers were faster ${ATTEMPTS} times in a row`);
}

interface AppendedGroups {
  commits: Commit[];
  size: number;
  lost: boolean;
  backDated: CommitKey[];
  setBack: number;
}

/** Page by page: the page with the head and its tree, then its index, so that the index lacks at most the last page. */
async function appendGroups(deps: LogDeps, head: Head, groups: Commit[][], memo: IndexMemo): Promise<AppendedGroups> {
  const commits = groups.flat();
  const backDated: CommitKey[] = [];
  let [size, placed, setBack] = [head.size, 0, 0];
  if (groups.length === 0) return { commits, size, lost: false, backDated, setBack };
  let frontier = await frontierOf(deps, head);
  const time = nextTime(deps.now(), head.time);
  for (const page of cutPages(groups, head.size, time)) {
    frontier = appendLeaves(frontier, page.leaves);
    if (!(await appendPage(deps, page, frontier))) {
      return { commits: commits.slice(0, placed), size, lost: true, backDated, setBack };
    }
    setBack = setBackBy(time);
    backDated.push(...page.entries.filter(({ first }) => page.backDated?.includes(first)));
    await writeIndex(deps, page, memo);
    size += page.count;
    placed += page.entries.length;
  }
  return { commits, size, lost: false, backDated, setBack };
}

function firstOfStreams(held: Commit[]): CommitKey[] {
  const first = new Map<string, CommitKey>();
  for (const { stream, version } of held) {
    if (version < (first.get(stream)?.version ?? Number.POSITIVE_INFINITY)) first.set(stream, { stream, version });
  }
  return [...first.values()];
}
