// The order of what is new, a pure function. Rules, strongest first: a stream's versions in order; all parts of a
// transaction side by side; a cause before its effect; otherwise by time of recording, then stream, then version.
// What has no complete past is held, and so is everything that must come after it. Causes that form a circle (only a
// defect can write that) give way; the other rules never do.
import type { Commit } from '../store/commit.ts';
import { commitId } from './deps.ts';

export interface Ordered {
  /** each group stays together: the commits of one transaction, or a single commit */
  groups: Commit[][];
  /** commits that cannot be placed yet, by recording time */
  held: Commit[];
}

interface Node {
  commits: Commit[];
  /** first in reading order among commits without a rule between them */
  lead: Commit;
  /** nodes that must come before, by stream order */
  streams: Set<Node>;
  /** nodes that must come before, as causes */
  causes: Set<Node>;
  /** nodes that wait for this one */
  followers: Node[];
  state: 'waiting' | 'placed' | 'held';
}

/**
 * @param commits the new commits, none of them in the log yet, each once
 * @param last the last version of a stream that is in the log (0 = none)
 */
export function orderCommits(commits: Commit[], last: (stream: string) => number): Ordered {
  const nodes = group(commits);
  const nodeOf = new Map(nodes.flatMap((node) => node.commits.map((commit) => [commitId(commit), node])));
  const past = new Past(commits);
  for (const node of nodes) {
    if (node.commits.length < (node.lead.parts?.length ?? 1)) hold(node);
    for (const commit of node.commits) {
      if (commit.version !== last(commit.stream) + 1) {
        const before = past.predecessor(commit);
        if (before) link(node, nodeOf.get(commitId(before))!, 'streams');
        else hold(node);
      }
      const cause = past.cause(commit);
      if (cause) link(node, nodeOf.get(commitId(cause))!, 'causes');
    }
  }
  for (const node of nodes) if (node.state === 'held') holdFollowers(node);
  return place(nodes);
}

/** Commits by what others ask for: who ends where this one begins, and who holds a certain event. */
class Past {
  readonly #byEnd = new Map<string, Commit>();
  readonly #byEvent = new Map<string, Commit>();
  constructor(commits: Commit[]) {
    for (const commit of commits) {
      this.#byEnd.set(commitId({ stream: commit.stream, version: commit.next }), commit);
      for (let version = commit.version; version < commit.next; version++) {
        this.#byEvent.set(commitId({ stream: commit.stream, version }), commit);
      }
    }
  }
  predecessor(commit: Commit): Commit | undefined {
    return this.#byEnd.get(commitId(commit));
  }
  cause(commit: Commit): Commit | undefined {
    const cause = causeOf(commit);
    return cause && this.#byEvent.get(commitId(cause));
  }
}

/** The event that a commit names as its cause: `<category>/<id>/<version>` in the commit's own tenant. */
export function causeOf(commit: Commit): { stream: string; version: number } | undefined {
  const [category, id, version] = commit.cause?.split('/') ?? [];
  if (!category || !id || !(Number(version) >= 1)) return undefined;
  const tenant = commit.stream.slice(0, commit.stream.indexOf('#'));
  return { stream: `${tenant}#${category}#${id}`, version: Number(version) };
}

function group(commits: Commit[]): Node[] {
  const groups = new Map<string, Commit[]>();
  for (const commit of commits) {
    const id = commit.parts?.length ? commit.parts.map(commitId).join(' ') : commitId(commit);
    const mates = groups.get(id);
    if (mates) mates.push(commit);
    else groups.set(id, [commit]);
  }
  return [...groups.values()].map((mates): Node => {
    const inside = arrange(mates);
    const lead = inside.reduce((least, commit) => (reading(commit, least) < 0 ? commit : least));
    return { commits: inside, lead, streams: new Set(), causes: new Set(), followers: [], state: 'waiting' };
  });
}

/** The parts of a transaction as the transaction lists them, but versions and causes first. */
function arrange(mates: Commit[]): Commit[] {
  if (mates.length === 1) return mates;
  const listed = mates[0]!.parts!.map(commitId);
  const waiting = mates.toSorted((a, b) => listed.indexOf(commitId(a)) - listed.indexOf(commitId(b)));
  const past = new Past(mates);
  const arranged: Commit[] = [];
  while (waiting.length > 0) {
    const free = waiting.findIndex((commit) =>
      [past.predecessor(commit), past.cause(commit)].every(
        (before) => before === undefined || before === commit || !waiting.includes(before),
      ),
    );
    arranged.push(...waiting.splice(Math.max(free, 0), 1));
  }
  return arranged;
}

function link(node: Node, before: Node, kind: 'streams' | 'causes'): void {
  if (before === node) return;
  node[kind].add(before);
  before.followers.push(node);
}

function hold(node: Node): void {
  node.state = 'held';
}

function holdFollowers(node: Node): void {
  const reached = [node];
  for (let next = reached.pop(); next; next = reached.pop()) {
    for (const follower of next.followers) {
      if (follower.state === 'held') continue;
      hold(follower);
      reached.push(follower);
    }
  }
}

/** Kahn's algorithm; among the nodes that are free, the first in reading order goes first. */
function place(nodes: Node[]): Ordered {
  const groups: Commit[][] = [];
  const free: Node[] = [];
  const offer = (node: Node): void => {
    let [low, high] = [0, free.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (reading(free[middle]!.lead, node.lead) > 0) low = middle + 1;
      else high = middle;
    }
    free.splice(low, 0, node);
  };
  const unplaced = nodes.filter((node) => node.state !== 'held').toSorted((a, b) => reading(a.lead, b.lead));
  for (const node of unplaced) if (node.streams.size + node.causes.size === 0) offer(node);
  for (;;) {
    for (let node = free.pop(); node; node = free.pop()) {
      node.state = 'placed';
      groups.push(node.commits);
      for (const follower of new Set(node.followers)) {
        follower.streams.delete(node);
        follower.causes.delete(node);
        if (follower.state === 'waiting' && follower.streams.size + follower.causes.size === 0) offer(follower);
      }
    }
    const stuck = unplaced.find((node) => node.state === 'waiting');
    const loosened = stuck && loosen(circleBefore(stuck));
    if (!loosened) break;
    if (loosened.streams.size + loosened.causes.size === 0) offer(loosened);
  }
  const held = nodes.filter((node) => node.state !== 'placed').flatMap((node) => node.commits);
  return { groups, held: held.toSorted(reading) };
}

/** Nodes that wait for each other in a circle; every node that is stuck waits, in the end, for such a circle. */
function circleBefore(stuck: Node): Node[] {
  const path: Node[] = [];
  let node = stuck;
  for (; !path.includes(node); node = [...node.streams, ...node.causes][0]!) path.push(node);
  return path.slice(path.indexOf(node));
}

/** Drops one cause from a circle: the one that its first effect in reading order waits for. */
function loosen(circle: Node[]): Node | undefined {
  const before = new Map(circle.map((node, at) => [node, circle[(at + 1) % circle.length]!]));
  const [effect] = circle
    .filter((node) => !node.streams.has(before.get(node)!))
    .toSorted((a, b) => reading(a.lead, b.lead));
  effect?.causes.delete(before.get(effect)!);
  return effect;
}

/** By time of recording, then stream, then version. */
function reading(a: Commit, b: Commit): number {
  if (a.recordedAt !== b.recordedAt) return a.recordedAt < b.recordedAt ? -1 : 1;
  if (a.stream !== b.stream) return a.stream < b.stream ? -1 : 1;
  return a.version - b.version;
}
