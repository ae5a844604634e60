// As known at (当时所知): every question of the trace is asked of the log as it was before a position, or as it had been recorded by a
// moment. Position P: everything before P and nothing else, as `asOf` says it everywhere. Time T: what had come into the log at T or
// earlier, by the log's own time (shared/record/log/log-time.ts), or what somebody else had seen in it by then; what an event says of itself
// does not matter, as whoever writes it can say anything. Without either: everything that the views have seen.
import * as z from 'zod';
import { instantSchema } from '../../../events/envelope.ts';
import { DaochaError, InvalidInput } from '../../../events/errors.ts';
import { vouchedBy, type Vouched } from '../../record/attest/vouched.ts';
import { readHead } from '../../record/log/head.ts';
import { sealBelow, type PlacedSeal } from '../../record/index/seal-index.ts';
import { sequencedAt, sizeAt } from '../../record/log/page.ts';
import { readLog } from '../../record/log/read.ts';
import { present } from '../views/as-of.ts';
import type { Placed, ViewDeps } from '../views/view.ts';

/** What a moment of knowledge rests on. */
export const KNOWN_BY = ['position', 'log', 'cosignature', 'time-stamp', 'events'] as const;

export const knownAtSchema = z.strictObject({
  asked: z.string().nullable().describe('null: as known now'),
  position: z.int().describe('everything in the answer stands before this log position'),
  time: instantSchema,
  by: z
    .enum(KNOWN_BY)
    .describe(
      "what the position of a time rests on: the log's own time; a cosignature or time stamp that proves more; or, before the log kept its time, the events' own word",
    ),
  vouched: z
    .strictObject({
      size: z.int().describe('everything before this position was there'),
      time: instantSchema.describe('when, by its own clock'),
      by: z.enum(['cosignature', 'time-stamp']),
      name: z.string().describe('the witness, or the authority'),
    } satisfies Record<keyof Vouched, z.ZodType>)
    .nullable()
    .describe('what somebody else had seen of the log by then'),
});

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
  by?: (typeof KNOWN_BY)[number];
  vouched?: Vouched | null;
  /** the latest seal of the index before the position: up to there answers are compared with it; null: there is none */
  indexed: PlacedSeal | null;
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

/** How an answer says for which moment it is. */
export const toldKnownAt = ({ asked, position, time, by = 'position', vouched = null }: Known) => ({
  asked,
  position,
  time,
  by,
  vouched,
});

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
    const indexed = await indexedBelow(deps, asOf.position);
    return { asked: null, position: asOf.position, recordedBy: null, time: now, until: now, generation, indexed };
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
    const time = last!.event.recordedAt;
    const indexed = await indexedBelow(deps, position);
    return { asked: String(position), position, recordedBy: null, time, until, generation, indexed };
  }
  const { time } = asked;
  const [first] = await readLog(deps, 0, 1);
  const then = await sizeAt(deps, time, size);
  const near = then.size ?? then.first;
  const vouched = await vouchedBy(deps, time, near);
  // A clock that ran ahead may have put a later time on what others had seen by then.
  const seen = vouched && vouched.size > near && vouched.size <= size ? vouched : undefined;
  const position = seen?.size ?? near;
  if (position === 0 || (then.size === undefined && !seen && time < first!.event.recordedAt)) {
    const since = (await sequencedAt(deps, 0)) ?? first!.event.recordedAt;
    throw wrong(
      `at ${time} nothing had been recorded`,
      `a moment from ${since} on, when the first event came into the log`,
    );
  }
  await wait(position - 1);
  const { generation } = await present(deps);
  const by = seen?.by ?? (then.size === undefined ? 'events' : 'log');
  const recordedBy = by === 'events' ? time : null;
  const until = new Date(Date.parse(time) + 1).toISOString();
  const indexed = await indexedBelow(deps, position);
  return { asked: time, position, recordedBy, time, until, generation, by, vouched, indexed };
}

const indexedBelow = async (deps: ViewDeps, position: number): Promise<PlacedSeal | null> =>
  (await sealBelow(deps, position)) ?? null;

function wrong(what: string, expected: string): InvalidInput {
  return new InvalidInput(`knownAt: ${what}`, { field: 'knownAt', expected });
}
