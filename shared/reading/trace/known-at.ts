// As known at (当时所知): every question of the trace is asked of the log as it was before a position, or as it had been recorded by a
// moment. Position P: everything before P and nothing else, as `asOf` says it everywhere. Time T: what had been recorded (`recordedAt`) at
// T or earlier; when it is said to have happened does not matter. Without either: everything that the views have seen.
import { DaochaError, InvalidInput } from '../../../events/errors.ts';
import { readHead } from '../../record/log/head.ts';
import { readLog } from '../../record/log/read.ts';
import { present } from '../views/as-of.ts';
import type { Placed, ViewDeps } from '../views/view.ts';

export type KnownAt = { position: number } | { time: string };

/** The moment of knowledge that an answer is for. */
export interface Known {
  /** as asked; null: now */
  asked: string | null;
  /** everything before this log position may be in the answer */
  position: number;
  /** nothing recorded after this is in it; null: no bound beside the position */
  recordedBy: string | null;
  /** the same as a time: the one asked for, when the last event before the position was recorded, or now */
  time: string;
  /** it was so until this instant, not included: what has no log position, an access, was known if it was earlier */
  until: string;
  /** generation of the views whose index is read */
  generation: number;
}

/** Nothing has been recorded yet: there is nothing to ask about. */
export class NothingKnown extends DaochaError {
  constructor() {
    super('nothing-known', 404, 'the log is empty: nothing has been recorded yet', {
      field: 'knownAt',
      expected: 'ask again when something has been recorded',
    });
  }
}

export function knows(known: Pick<Known, 'position' | 'recordedBy'>, position: number, recordedAt: string): boolean {
  return position < known.position && (known.recordedBy === null || recordedAt <= known.recordedBy);
}

/** Those of some events that were known then. */
export function knownOf(known: Pick<Known, 'position' | 'recordedBy'>, placed: readonly Placed[]): Placed[] {
  return placed.filter(({ position, event }) => knows(known, position, event.recordedAt));
}

/**
 * Finds out what was known when.
 * @param wait resolves when the views have folded the event at a position; throws NotYetVisible
 * @throws InvalidInput naming `knownAt`: before the first event, beyond the head, in the future; NothingKnown
 */
export async function resolveKnownAt(
  deps: ViewDeps,
  asked: KnownAt | undefined,
  wait: (position: number) => Promise<void>,
): Promise<Known> {
  const now = deps.now().toISOString();
  if (asked === undefined) {
    const { generation, asOf } = await present(deps);
    return { asked: null, position: asOf.position, recordedBy: null, time: now, until: now, generation };
  }
  if ('time' in asked && asked.time > now) {
    throw wrong(`${asked.time} has not come yet`, `a moment not later than ${now}`);
  }
  const { size } = await readHead(deps);
  if (size === 0) throw new NothingKnown();
  if ('position' in asked) {
    const { position } = asked;
    const expected = `a position from 1 to ${size}: everything before it is known`;
    if (position < 1) throw wrong(`before position ${position} there is no event`, expected);
    if (position > size) throw wrong(`${position} is beyond the head of the log, which has ${size} events`, expected);
    await wait(position - 1);
    const [last, next] = await readLog(deps, position - 1, 2);
    const { generation } = await present(deps);
    const until = next?.event.recordedAt ?? now;
    return { asked: String(position), position, recordedBy: null, time: last!.event.recordedAt, until, generation };
  }
  const [first] = await readLog(deps, 0, 1);
  if (asked.time < first!.event.recordedAt) {
    throw wrong(
      `at ${asked.time} nothing had been recorded`,
      `a moment from ${first!.event.recordedAt} on, when the first event was recorded`,
    );
  }
  // What was recorded by then may have got its position only now: the views must have seen all that there is.
  await wait(size - 1);
  const { generation, asOf } = await present(deps);
  const { time } = asked;
  const until = new Date(Date.parse(time) + 1).toISOString();
  return { asked: time, position: asOf.position, recordedBy: time, time, until, generation };
}

function wrong(what: string, expected: string): InvalidInput {
  return new InvalidInput(`knownAt: ${what}`, { field: 'knownAt', expected });
}
