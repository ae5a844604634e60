// Compares the live EVENTS table with the log. First along the log: every page, every event against its leaf hash, the index, and
// tiles, checkpoints and head against the tree. Then along the streams: every commit's own hash, its link to the one before,
// and that no commit is there that never came by the log. Memory does not grow with the log; it goes on where it was.
import { createHash } from 'node:crypto';
import { QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { batchGet, type Item } from '../log/batch.ts';
import { commitId, indexPartition, versionKey, type CommitKey, type LogDeps } from '../log/deps.ts';
import { followerPositions } from '../log/follow.ts';
import { LEAF_BYTES, eventLeaf } from '../log/leaf.ts';
import { foreignTime, setBackBy, SKEW_MS } from '../log/log-time.ts';
import { pageAt, pagesFrom, type LogPage, type PageEntry } from '../log/page.ts';
import { commitFromItem, commitHash, NO_COMMIT, type Commit } from '../store/commit.ts';
import { equal } from '../tlog/bytes.ts';
import { Problems, type AuditProblem } from './problem.ts';
import { LogTree, type LogTreeState } from './log-tree.ts';
import { IndexCheck, type IndexCheckState } from './check-index.ts';
import { checkHead, checkSealed, type SealedDeps } from './check-sealed.ts';
import { parsedEvents, WriterCheck } from './check-writers.ts';

/** Where a check was when it stopped; JSON. */
export interface CheckState {
  tree: LogTreeState;
  index: IndexCheckState;
  /** the log has been walked to its end */
  walked: boolean;
  commits: number;
  /** of all commits in the log: sum of their keys' hashes, modulo 2^256, in hex */
  keys: string;
  writers?: readonly string[];
  chains: {
    start?: { stream: string; version: number };
    commits: number;
    streams: number;
    waiting: number;
    keys: string;
    seen: number;
  };
  problems: AuditProblem[];
  count: number;
  /** the log's time so far, and the events before it had any */
  time?: string | undefined;
  untimed: number;
}

export interface CheckOptions {
  onProgress?: (stage: 'log' | 'chains', done: number, total: number) => void;
  stopped?: () => boolean;
  from?: CheckState | undefined;
  save?: (state: CheckState) => void;
  /** the log's verifier key; without it, the one that is stored with the latest checkpoint is taken */
  vkey?: string | undefined;
}

export interface Checked {
  finished: boolean;
  problems: AuditProblem[];
  count: number;
  events: number;
  commits: number;
  streams: number;
  /** commits that are not in the log yet */
  waiting: number;
  /** events from before the log kept its own time: when they were recorded is their own word */
  untimed: number;
  /** of the tree over the whole log, base64 */
  root: string;
}

const PAGES = 8;
const ITEMS = 100;
/** Events between two savings of the state. */
const SAVED_EVERY = 20_000;

/** @throws what DynamoDB throws */
export async function checkLog(deps: LogDeps, options: CheckOptions = {}): Promise<Checked> {
  const run = new Check(deps, options);
  const finished = (await run.alongLog()) && (await run.alongStreams());
  return {
    finished,
    problems: run.problems.listed(),
    count: run.problems.count,
    events: run.tree.size,
    commits: run.commits,
    streams: run.chains.streams,
    waiting: run.chains.waiting,
    untimed: run.untimed,
    root: Buffer.from(run.tree.root()).toString('base64'),
  };
}

class Check {
  readonly deps: LogDeps;
  readonly options: CheckOptions;
  readonly problems = new Problems();
  tree: LogTree;
  commits: number;
  keys: bigint;
  readonly writers: WriterCheck;
  walked: boolean;
  chains: CheckState['chains'];
  time: string | undefined;
  untimed: number;
  readonly sealed: SealedDeps;
  readonly map: IndexCheck;

  constructor(deps: LogDeps, options: CheckOptions) {
    this.deps = deps;
    this.options = options;
    const from = options.from?.index ? options.from : undefined; // of a version that knew no index: anew
    this.tree = from ? LogTree.from(from.tree) : new LogTree();
    this.commits = from?.commits ?? 0;
    this.keys = BigInt(`0x${from?.keys ?? '0'}`);
    this.writers = new WriterCheck(deps.tenant, from?.writers);
    this.walked = from?.walked ?? false;
    this.chains = from?.chains ?? { commits: 0, streams: 0, waiting: 0, keys: '0', seen: 0 };
    this.time = from?.time;
    this.untimed = from?.untimed ?? 0;
    for (const problem of from?.problems ?? []) this.problems.add(problem);
    this.problems.count = from?.count ?? 0;
    this.sealed = { deps, problems: this.problems, vkey: options.vkey };
    this.map = new IndexCheck(deps, this.problems, from?.index);
  }

  save(): void {
    this.options.save?.({
      tree: this.tree.state(),
      index: this.map.state,
      walked: this.walked,
      commits: this.commits,
      keys: this.keys.toString(16),
      writers: this.writers.keys,
      chains: this.chains,
      problems: this.problems.kept,
      count: this.problems.count,
      time: this.time,
      untimed: this.untimed,
    });
  }

  /** @returns false when stopped */
  async alongLog(): Promise<boolean> {
    if (this.walked) return true;
    let saved = this.tree.size;
    const { size } = await checkHead(this.sealed);
    for (;;) {
      if (this.options.stopped?.()) {
        this.save();
        return false;
      }
      const next = this.tree.size;
      const pages = await pagesFrom(this.deps, next, PAGES);
      if (pages.length === 0) {
        const late = await pageAt(this.deps, next);
        if (late) pages.push(late); // the page has lost its place: its key and its content disagree
      }
      if (pages.length === 0) break;
      for (const page of pages) {
        if (page.first !== this.tree.size) {
          this.problems.add({
            kind: page.first > this.tree.size ? 'missing' : 'altered',
            where: `page ${page.first}`,
            position: this.tree.size,
            message: `a page for position ${this.tree.size} should stand here; nothing behind it can be checked`,
          });
          this.walked = true;
          break;
        }
        if (!(await this.page(page))) {
          this.walked = true;
          break;
        }
      }
      this.options.onProgress?.('log', this.tree.size, Math.max(size, this.tree.size));
      if (this.walked) break;
      if (this.tree.size - saved >= SAVED_EVERY) {
        saved = this.tree.size;
        this.save();
      }
    }
    if (this.tree.size < size && !this.walked) {
      this.problems.add({
        kind: 'truncated',
        where: `page ${this.tree.size}`,
        position: this.tree.size,
        message: `the log has no page here, and its head says that it has ${size} events`,
      });
    }
    await checkHead(this.sealed, this.tree);
    await this.followers();
    this.walked = true;
    this.save();
    return true;
  }

  /** A follower behind the end of the log passes over what comes: nobody is reminded of it, and no view shows it. */
  async followers(): Promise<void> {
    for (const { name, position } of await followerPositions(this.deps)) {
      if (position <= this.tree.size || (await pageAt(this.deps, position - 1))) continue; // grown meanwhile
      const message = `it is to go on at position ${position}, and the log has ${this.tree.size} events: it was moved`;
      this.problems.add({ kind: 'altered', where: `follower ${name}`, message });
    }
  }

  /** @returns false when nothing behind the page can be checked */
  async page(page: LogPage): Promise<boolean> {
    const counted = page.entries.reduce((sum, { count }) => sum + count, 0);
    if (page.leaves.length !== page.count * LEAF_BYTES || counted !== page.count) {
      this.problems.add({
        kind: 'altered',
        where: `page ${page.first}`,
        position: page.first,
        message: `${page.count} events, ${counted} in its commits, ${page.leaves.length / LEAF_BYTES} leaf hashes`,
      });
      return false;
    }
    const { found, broken } = await readCommits(this.deps, page.entries);
    await this.index(page);
    this.pageTime(page);
    for (const entry of page.entries) {
      this.commits += 1;
      this.keys = addKey(this.keys, entry);
      const commit = found.get(commitId(entry));
      const whole = commit !== undefined && this.events(page, entry, commit);
      const events = commit ? parsedEvents(commit) : [];
      for (let n = 0; n < entry.count; n++) {
        await this.map.event(entry.first + n, whole, whole ? events[n] : undefined);
      }
      if (!commit) {
        const why = broken.get(commitId(entry));
        this.problems.add({
          kind: why === undefined ? 'missing' : 'altered',
          where: commitId(entry),
          position: entry.first,
          message: why ?? `the commit is gone, with ${entry.count} event${entry.count === 1 ? '' : 's'}`,
        });
        continue;
      }
      for (const difference of await this.writers.differences(commit, events)) {
        this.problems.add({ ...difference, where: commitId(commit), position: entry.first });
      }
      this.recorded(page, entry, commit);
    }
    await checkSealed(this.sealed, this.tree, page.leaves);
    return true;
  }

  /** The log's time never runs backwards, and stands on every page once it stands on one. */
  pageTime(page: LogPage): void {
    const { first, time, at } = page;
    const [where, position] = [`page ${first}`, first];
    if (time === undefined) this.untimed += page.count;
    if (this.time !== undefined && (time === undefined || time < this.time)) {
      const message = `its time is ${time ?? 'gone'}, and the page before was written at ${this.time}`;
      this.problems.add({ kind: 'altered', where, position, message });
    } else if (setBackBy(page) > 0) {
      const message = `the sequencer's clock stood at ${at}, when the log was at ${time}: it had been set back`;
      this.problems.add({ kind: 'back-dated', where, position, message });
    }
    if (time !== undefined && time > (this.time ?? '')) this.time = time;
  }

  /** What a commit says of its time, against when it came into the log. */
  recorded({ time }: LogPage, entry: PageEntry, commit: Commit): void {
    const told = time === undefined ? undefined : foreignTime(commit, time);
    if (told === undefined) return;
    const message = `recorded at ${told || 'no time'} by its own word, it came into the log at ${time}`;
    this.problems.add({ kind: 'back-dated', where: commitId(entry), position: entry.first, message });
  }

  /** Each event of a commit against its leaf hash. @returns whether all are as they came into the log */
  events(page: LogPage, entry: PageEntry, commit: Commit): boolean {
    if (commit.events.length !== entry.count) {
      this.problems.add({
        kind: 'altered',
        where: commitId(entry),
        position: entry.first,
        message: `${commit.events.length} events, where ${entry.count} came into the log`,
      });
      return false;
    }
    const own = equal(commitHash(commit), commit.hash);
    let whole = true;
    for (const [n, bytes] of commit.events.entries()) {
      const at = (entry.first - page.first + n) * LEAF_BYTES;
      if (Buffer.compare(eventLeaf(bytes), page.leaves.subarray(at, at + LEAF_BYTES)) === 0) continue;
      whole = false;
      this.problems.add({
        kind: 'altered',
        where: own ? `${commitId(entry)}, page ${page.first}` : commitId(entry),
        position: entry.first + n,
        message: own
          ? 'the event is not the one whose hash is in the log; its commit agrees with itself: either was rewritten'
          : 'the event is not the one that came into the log',
      });
    }
    return whole;
  }

  /** The index stream + version → position, for the commits of a page. */
  async index(page: LogPage): Promise<void> {
    const found = await readIndex(this.deps, page.entries.map(lastOf));
    for (const entry of page.entries) {
      const item = found.get(commitId(lastOf(entry)));
      const where = `index ${commitId(entry)}`;
      if (!item) {
        this.problems.add({
          kind: 'missing',
          where,
          position: entry.first,
          message: 'the position is not in the index',
        });
      } else if (Number(item['first']?.N) !== entry.first || Number(item['version']?.N) !== entry.version) {
        this.problems.add({
          kind: 'altered',
          where,
          position: entry.first,
          message: `it says position ${item['first']?.N}`,
        });
      }
    }
  }

  /** @returns false when stopped */
  async alongStreams(): Promise<boolean> {
    const prefix = `${this.deps.tenant}#`;
    let before: Commit | undefined;
    let keys = BigInt(`0x${this.chains.keys}`);
    let saved = this.chains.seen;
    for (;;) {
      if (this.options.stopped?.()) {
        this.save();
        return false;
      }
      const { Items = [], LastEvaluatedKey } = await this.scan();
      const commits: Commit[] = [];
      for (const item of Items) {
        const key = { stream: item['stream']?.S ?? '', version: Number(item['version']?.N) };
        if (!key.stream.startsWith(prefix)) continue;
        const commit = this.parsed(item, key);
        if (commit) {
          before = await this.chained(commit, before);
          commits.push(commit);
        }
      }
      const index = await readIndex(
        this.deps,
        commits.map((commit) => ({ ...commit, version: commit.next - 1 })),
      );
      for (const commit of commits) {
        const item = index.get(`${commit.stream}@${commit.next - 1}`);
        if (item && Number(item['first']?.N) >= this.tree.size) continue; // came in meanwhile
        if (item) {
          keys = addKey(keys, commit);
          this.chains.commits += 1;
        } else await this.outside(commit);
      }
      this.chains.seen += Items.length;
      this.chains.keys = keys.toString(16);
      this.options.onProgress?.('chains', this.chains.commits, Math.max(this.commits, this.chains.commits));
      if (!LastEvaluatedKey) break;
      this.chains.start = { stream: LastEvaluatedKey['stream']!.S!, version: Number(LastEvaluatedKey['version']!.N) };
      if (this.chains.seen - saved >= SAVED_EVERY) {
        saved = this.chains.seen;
        this.save();
      }
    }
    if (keys !== this.keys && this.problems.count === 0) await this.strangers();
    return true;
  }

  scan() {
    const { start } = this.chains;
    return this.deps.dynamo.send(
      new ScanCommand({
        TableName: this.deps.events,
        ConsistentRead: true,
        Limit: ITEMS,
        ExclusiveStartKey: start && { stream: { S: start.stream }, version: { N: String(start.version) } },
      }),
    );
  }

  parsed(item: Item, key: CommitKey): Commit | undefined {
    try {
      return commitFromItem(item);
    } catch (error) {
      // what is in the log was named when the log was walked
      if (!this.problems.has(commitId(key))) {
        this.problems.add({ kind: 'altered', where: commitId(key), message: (error as Error).message });
      }
      return undefined;
    }
  }

  /** A commit's own hash, and its link to the one before. */
  async chained(commit: Commit, scanned: Commit | undefined): Promise<Commit> {
    const where = commitId(commit);
    const before = scanned?.stream === commit.stream ? scanned : await this.predecessor(commit);
    if (commit.version === 1) this.chains.streams += 1;
    const altered = (message: string): void => this.problems.add({ kind: 'altered', where, message });
    if (commit.next !== commit.version + commit.events.length) {
      altered(`${commit.events.length} events from version ${commit.version} do not end before ${commit.next}`);
    }
    if (!equal(commitHash(commit), commit.hash)) altered('its hash is not that of its content');
    const expected = before?.next ?? 1;
    if (commit.version > expected) {
      this.problems.add({
        kind: 'missing',
        where: `${commit.stream}@${expected}`,
        message: `the stream goes on with version ${commit.version}`,
      });
    } else if (commit.version < expected) {
      this.problems.add({
        kind: 'inserted',
        where,
        message: `the commit before already reaches to version ${expected - 1}`,
      });
    } else if (!equal(commit.prev, before?.hash ?? NO_COMMIT)) {
      altered('it does not continue the hash of the commit before: one of the two was rewritten');
    }
    if (
      before &&
      Date.parse(commit.recordedAt) < Date.parse(before.recordedAt) - SKEW_MS &&
      !this.problems.has(where)
    ) {
      const message = `recorded at ${commit.recordedAt} by its own word, after a commit of ${before.recordedAt} in its stream`;
      this.problems.add({ kind: 'back-dated', where, message });
    }
    return commit;
  }

  /** The commit before in its stream, where the scan did not just bring it. */
  async predecessor({ stream, version }: CommitKey): Promise<Commit | undefined> {
    if (version === 1) return undefined;
    const { Items = [] } = await this.deps.dynamo.send(
      new QueryCommand({
        TableName: this.deps.events,
        KeyConditionExpression: '#stream = :stream AND #version < :version',
        ExpressionAttributeNames: { '#stream': 'stream', '#version': 'version' },
        ExpressionAttributeValues: { ':stream': { S: stream }, ':version': { N: String(version) } },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    try {
      return Items[0] && commitFromItem(Items[0]);
    } catch {
      return undefined; // named when the scan came by it
    }
  }

  /** A commit that has no position: one that waits for it, or one that was put in behind the log's back. */
  async outside(commit: Commit): Promise<void> {
    const { Items = [] } = await this.deps.dynamo.send(
      new QueryCommand({
        TableName: this.deps.log,
        KeyConditionExpression: 'pk = :at',
        ExpressionAttributeValues: { ':at': { S: indexPartition(this.deps.tenant, commit.stream) } },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    const last = Items[0] ? Number(Items[0]['sk']!.S) : 0;
    if (commit.version > last) this.chains.waiting += 1;
    else if (!this.problems.has(`index ${commitId(commit)}`)) {
      this.problems.add({
        kind: 'inserted',
        where: commitId(commit),
        message: `it never came by the log, which has the stream up to version ${last}`,
      });
    }
  }

  /** Commits and log do not have the same keys, and the index hides it: every one is looked up. */
  async strangers(): Promise<void> {
    delete this.chains.start;
    for (;;) {
      const { Items = [], LastEvaluatedKey } = await this.scan();
      const commits = Items.map(commitFromItem).filter(({ stream }) => stream.startsWith(`${this.deps.tenant}#`));
      const index = await readIndex(
        this.deps,
        commits.map((commit) => ({ ...commit, version: commit.next - 1 })),
      );
      for (const commit of commits) {
        const first = Number(index.get(`${commit.stream}@${commit.next - 1}`)?.['first']?.N ?? -1);
        if (first < 0 || first >= this.tree.size) continue;
        const page = await pageAt(this.deps, first);
        if (page?.entries.some(({ stream, version }) => stream === commit.stream && version === commit.version))
          continue;
        this.problems.add({
          kind: 'inserted',
          where: commitId(commit),
          position: first,
          message: 'the index has a position for it, and the log has another commit there',
        });
      }
      if (!LastEvaluatedKey) return;
      this.chains.start = { stream: LastEvaluatedKey['stream']!.S!, version: Number(LastEvaluatedKey['version']!.N) };
    }
  }
}

const lastOf = ({ stream, version, count }: PageEntry): CommitKey => ({ stream, version: version + count - 1 });

const MODULUS = 2n ** 256n;

function addKey(sum: bigint, key: CommitKey): bigint {
  return (sum + BigInt(`0x${createHash('sha256').update(commitId(key)).digest('hex')}`)) % MODULUS;
}

/** Index items by `stream@last version`. */
async function readIndex(deps: LogDeps, lasts: readonly CommitKey[]): Promise<Map<string, Item>> {
  const keys = new Map(
    lasts.map((last) => [
      commitId(last),
      { pk: { S: indexPartition(deps.tenant, last.stream) }, sk: { S: versionKey(last.version) } },
    ]),
  );
  const items = await batchGet(deps.dynamo, deps.log, [...keys.values()], deps.backoff);
  const byKey = new Map(items.map((item) => [`${item['pk']?.S} ${item['sk']?.S}`, item]));
  return new Map(
    [...keys].flatMap(([id, { pk, sk }]) => {
      const item = byKey.get(`${pk.S} ${sk.S}`);
      return item ? [[id, item] as const] : [];
    }),
  );
}

/** Commits by id; for an item that is no longer a commit, what is wrong with it. */
async function readCommits(
  deps: LogDeps,
  entries: readonly PageEntry[],
): Promise<{ found: Map<string, Commit>; broken: Map<string, string> }> {
  const found = new Map<string, Commit>();
  const broken = new Map<string, string>();
  const keys = new Map(
    entries.map((entry) => [commitId(entry), { stream: { S: entry.stream }, version: { N: String(entry.version) } }]),
  );
  for (const item of await batchGet(deps.dynamo, deps.events, [...keys.values()], deps.backoff)) {
    const id = commitId({ stream: item['stream']!.S!, version: Number(item['version']!.N) });
    try {
      found.set(id, commitFromItem(item));
    } catch (error) {
      broken.set(id, (error as Error).message);
    }
  }
  return { found, broken };
}
