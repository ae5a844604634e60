// Reading one's own write. A command answers with a token for what it wrote; a query given the token waits until the views have seen
// it, for a bounded time. `Prefer: wait=N` (RFC 7240) makes the command itself wait.
import { setTimeout as delay } from 'node:timers/promises';
import { streamKey, type Category } from '../../events/envelope.ts';
import { InvalidInput } from '../../events/errors.ts';
import { NotYetVisible, requireComing, waitFor, type AtLeast } from '../../shared/reading/views/as-of.ts';
import type { ApiDeps } from './handler-types.ts';

/** A commit by its stream and the version after its last event. */
export interface Written {
  stream: string;
  next: number;
}

const MAX_WAIT_SECONDS = 10;
const QUERY_WAIT_MS = 5_000;

/** `wait=5` of a Prefer header, 10 at most; undefined without one. @throws InvalidInput for what is no number of seconds */
export function preferredWait(prefer: string | undefined): number | undefined {
  const preference = prefer
    ?.split(',')
    .map((part) => part.trim())
    .find((part) => /^wait\s*(=|$)/i.test(part));
  if (preference === undefined) return undefined;
  const seconds = /^wait\s*=\s*"?(\d{1,6})"?$/i.exec(preference)?.[1];
  if (seconds === undefined) {
    throw new InvalidInput('Prefer: wait must be a number of seconds', { field: 'Prefer', expected: 'wait=5' });
  }
  return Math.min(Number(seconds), MAX_WAIT_SECONDS);
}

/** `liantang#unit#u_1`, 3 → `unit/u_1@3`: a token without characters that a URL would have to escape. */
export function tokenFor({ stream, next }: Written): string {
  const [, category, id] = stream.split('#');
  return `${category}/${id}@${next - 1}`;
}

/** Waits until the views have folded it. @throws NotYetVisible 504; InvalidInput at once for what cannot come */
export async function waitForViews(deps: ApiDeps, wanted: AtLeast): Promise<void> {
  await waitFor(deps.views, wanted, {
    timeoutMs: QUERY_WAIT_MS,
    behind: () => requireComing(deps.views, wanted),
    sleep: deps.pause ?? delay,
  });
}

/** The log position of the last of these, once the views have seen them all; undefined when time runs out first. */
export async function waitForWritten(
  deps: ApiDeps,
  written: readonly Written[],
  seconds: number,
): Promise<number | undefined> {
  const until = performance.now() + seconds * 1000;
  let last: number | undefined;
  try {
    for (const { stream, next } of written) {
      const timeoutMs = Math.max(0, until - performance.now());
      const event = { stream, version: next - 1 };
      const { position } = await waitFor(deps.views, event, { timeoutMs, sleep: deps.pause ?? delay });
      last = Math.max(last ?? position, position);
    }
    return last;
  } catch (error) {
    if (error instanceof NotYetVisible) return undefined;
    throw error;
  }
}

/** What `?atLeast=` names: a token or a log position. */
export function parseToken(tenant: string, token: string): AtLeast {
  const [, category, id, version] = /^(\w+)\/(.+)@(\d+)$/.exec(token) ?? [];
  if (id === undefined) return Number(token);
  return { stream: streamKey(tenant, category as Category, id), version: Number(version) };
}
