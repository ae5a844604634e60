// How far the views have come, and waiting until they have come far enough to show one's own write.
import { DaochaError, InvalidInput } from '../../../events/errors.ts';
import { followerPosition } from '../../record/log/follow.ts';
import { readHead } from '../../record/log/head.ts';
import { positionOf } from '../../record/log/positions.ts';
import { isStored } from '../../record/store/store.ts';
import { currentGeneration } from './generation.ts';
import type { AsOf } from './page.ts';
import { projectionName, type ViewDeps } from './view.ts';

/** The live generation and how far it has come. Read before the documents, so that the claim holds for them. */
export async function present(deps: ViewDeps): Promise<{ generation: number; asOf: AsOf }> {
  const generation = await currentGeneration(deps);
  return { generation, asOf: { position: await followerPosition(deps, projectionName(generation)) } };
}

/** What a client has written or seen: a log position, or the event `version` of a stream. */
export type AtLeast = number | { stream: string; version: number };

const LONGEST_PAUSE_MS = 250;
/** Positions beyond the head that may be waited for: what others are writing at this moment. */
export const AHEAD = 1000;

export interface WaitOptions {
  /** longest wait in ms; default 5,000 */
  timeoutMs?: number;
  /** first pause between two looks in ms, default 25; each is half as long again as the one before, up to 250 */
  everyMs?: number;
  /** asked once, before the first pause; what it throws ends the wait */
  behind?: () => Promise<void>;
  sleep: (ms: number) => Promise<void>;
}

/** The views have not come that far yet: 504, ask again. */
export class NotYetVisible extends DaochaError {
  constructor(atLeast: AtLeast, position: number, waitedMs: number) {
    super('not-yet-visible', 504, `the views are at position ${position} after waiting ${waitedMs} ms`, {
      field: 'atLeast',
      expected: 'ask again later; what was written is safe',
      facts: { atLeast: typeof atLeast === 'number' ? atLeast : `${atLeast.stream}@${atLeast.version}`, position },
    });
  }
}

/**
 * Waits until the live views contain what is named; at once when they do.
 * @param atLeast a position: the event at it must be in, so a view as of position + 1 will do
 * @returns its position, and how far the views have come
 * @throws NotYetVisible after `timeoutMs`
 */
export async function waitFor(
  deps: ViewDeps,
  atLeast: AtLeast,
  { timeoutMs = 5000, everyMs = 25, behind, sleep }: WaitOptions,
): Promise<{ position: number; asOf: AsOf }> {
  // Not by the clock of the campaign, which may stand still: by what was slept, and what looking took besides.
  const begun = performance.now();
  let slept = 0;
  let wanted = typeof atLeast === 'number' ? atLeast : undefined;
  let pause = everyMs;
  for (;;) {
    wanted ??= typeof atLeast === 'number' ? atLeast : await positionOf(deps, atLeast.stream, atLeast.version);
    const asOf = wanted === undefined ? undefined : (await present(deps)).asOf; // without a position in no view either
    if (wanted !== undefined && asOf && asOf.position > wanted) return { position: wanted, asOf };
    if (slept === 0) await behind?.();
    const waited = Math.max(slept, Math.round(performance.now() - begun));
    if (waited >= timeoutMs) throw new NotYetVisible(atLeast, (asOf ?? (await present(deps)).asOf).position, waited);
    const ms = Math.min(pause, timeoutMs - waited);
    await sleep(ms);
    slept += ms;
    // Many who wait must not keep the tables from those whom they wait for.
    pause = Math.min(Math.ceil(pause * 1.5), Math.max(everyMs, LONGEST_PAUSE_MS));
  }
}

/** Nobody waits for what is far beyond the head of the log, or for an event that no stream has. @throws InvalidInput */
export async function requireComing(deps: ViewDeps, atLeast: AtLeast): Promise<void> {
  if (typeof atLeast === 'number') {
    const { size } = await readHead(deps);
    if (atLeast < size + AHEAD) return;
    throw cannotCome(
      `position ${atLeast} is far beyond the log, which has ${size} events`,
      `a position below ${size + AHEAD}, or the \`atLeast\` of an earlier answer`,
    );
  }
  const { stream, version } = atLeast;
  if (await isStored({ dynamo: deps.dynamo, table: deps.events }, stream, version)) return;
  throw noSuchEvent(stream, version);
}

/** In the same words for a stream that is not there, and for one that is not the caller's. */
export function noSuchEvent(stream: string, version: number): InvalidInput {
  const [, category, id] = stream.split('#');
  return cannotCome(
    `${category}/${id} has no event ${version} that can be waited for`,
    'the `atLeast` of an earlier answer',
  );
}

function cannotCome(what: string, expected: string): InvalidInput {
  return new InvalidInput(`atLeast: ${what}`, { field: 'atLeast', expected });
}
