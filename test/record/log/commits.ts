// Builds commits as the store writes them, for tests of the log: streams with chained versions, transactions, causes.
import { itemFromCommit, NO_COMMIT, type Commit } from '../../../shared/record/store/commit.ts';
import { sealCommits } from '../../../shared/record/store/store.ts';
import type { LogDeps } from '../../../shared/record/log/deps.ts';
import type { FakeDynamo } from '../../support/fake-dynamo.ts';

export interface Part {
  stream: string;
  /** number of events; default 1 */
  events?: number;
  /** id of the event that led to it */
  cause?: string;
  /** milliseconds after the start of the test's time; default: one more than the commit before */
  at?: number;
}

/** A history that knows the last version and hash of each stream. */
export class History {
  readonly commits: Commit[] = [];
  readonly #streams = new Map<string, { next: number; hash: Uint8Array }>();
  #clock = 0;

  /** One command: a single commit, or a transaction when there are several parts. */
  commit(...parts: Part[]): Commit[] {
    const at = parts[0]?.at ?? ++this.#clock;
    const recordedAt = new Date(Date.UTC(2025, 5, 1) + at).toISOString();
    const command = `c${this.commits.length}`;
    const drafts = parts.map(({ stream, events = 1, cause }) => {
      const key = streamOf(stream);
      const { next: version, hash: prev } = this.#streams.get(key) ?? { next: 1, hash: NO_COMMIT };
      const draft = {
        stream: key,
        version,
        events: Array.from({ length: events }, (_, n) => eventBytes(key, version + n, { recordedAt, command })),
        command,
        request: 'r',
        person: 'p1',
        recordedAt,
        prev,
      };
      return cause === undefined ? draft : Object.assign(draft, { cause });
    });
    const commits = sealCommits(drafts);
    for (const { stream, next, hash } of commits) this.#streams.set(stream, { next, hash });
    this.commits.push(...commits);
    return commits;
  }
}

export const TENANT = 'liantang';
/** `h1` → `liantang#hazard#h1` */
export const streamOf = (id: string): string => `${TENANT}#hazard#${id}`;
/** `h1`, 3 → the id of its third event */
export const eventId = (id: string, version: number): string => `hazard/${id}/${version}`;

export function eventBytes(stream: string, version: number, about: object = {}): Uint8Array {
  const [tenant, category, id] = stream.split('#');
  const event = {
    id: `${category}/${id}/${version}`,
    type: 'HazardGraded',
    schema: 1,
    tenant,
    stream,
    version,
    occurredAt: '2025-06-01T00:00:00.000Z',
    recordedAt: '2025-06-01T00:00:00.000Z',
    actor: { person: 'p1', post: 'inspector', organisation: 'safety-office' },
    source: 'api',
    ruleSet: 1,
    command: 'c1',
    data: { grade: 'general', before: 'found', after: 'graded' },
    ...about,
  };
  return new TextEncoder().encode(JSON.stringify(event));
}

export function store(fake: FakeDynamo, commits: Commit[]): void {
  for (const commit of commits) fake.seed('events', itemFromCommit(commit));
}

export function logDeps(fake: FakeDynamo): LogDeps {
  return {
    dynamo: fake.client,
    events: 'events',
    log: 'log',
    tenant: TENANT,
    now: () => new Date(Date.UTC(2025, 5, 1, 0, 5)),
    backoff: () => Promise.resolve(),
  };
}
