// Sending what a channel has to do (发送), one message after the other: compose, reserve, send, record. Invariants:
// - One runner a channel: whoever holds the lease; every step is a compare-and-swap, so that one whose lease ran out
//   stops at its next step.
// - A message is composed before it is sent, and noted with an attempt before each attempt: after a crash it is the
//   same message, and no channel
//   gets more than its messages a minute, however many run at once.
// - Outside at least once: a crash between sending and recording has the message sent again, under the same id.
//   Recorded exactly once a round.
// - One channel's failures hold up no other; a message that fails is tried again later and later, until it is given up
//   and kept as dead letter.
import type { CommandContext } from '../../shared/rules/perform/execute.ts';
import { loadDelivery, recordDelivered, recordFailed } from '../../shared/rules/perform/delivery.ts';
import { settled } from '../../shared/rules/reminder/delivery.ts';
import type { StoreDeps } from '../../shared/record/store/store.ts';
import { partsOf, type OpenChannel } from './channels.ts';
import { compose, whole, type ComposeDeps } from './compose.ts';
import type { Adapter, Message, SendDeps } from './message.ts';
import { harmless, type Outcome } from './outcome.ts';
import {
  dropAgain,
  dropDue,
  putDeadLetter,
  readDueMessages,
  readState,
  toSendAgain,
  writeState,
  type ChannelState,
  type DeadLetter,
  type Pending,
} from './outbox.ts';
import { DAY_MS } from '../../shared/town-time.ts';

export interface DrainDeps extends ComposeDeps {
  store: StoreDeps;
  send: SendDeps;
  adapterOf: (kind: OpenChannel['kind']) => Adapter<never>;
  /** who the outcomes are recorded by, and by which clock; pauses and pace go by that of `send`, which is always the world's */
  record: Pick<CommandContext, 'tenant' | 'actor' | 'source'> & { now: () => Date };
  /** 0 to 1, for pauses that are not all alike */
  random: () => number;
}

/** What came of one look at a channel. */
export interface Drained {
  delivered: number;
  failed: number;
  /** attempts that are to be made again */
  postponed: number;
}

/** Longer than one attempt and recording it may take. */
const LEASE_MS = 60_000;
/** A minute of the channel's counting, and what the way there may differ by. */
const WINDOW_MS = 65_000;
/** A message is given up after this number of attempts, or this long after the first. */
export const MAX_ATTEMPTS = 20;
export const MAX_AGE_MS = DAY_MS;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** Somebody else has the channel, or had it meanwhile: nothing more is to be done here. */
class Overtaken extends Error {}

/**
 * Sends what the channel has to do, until nothing is left, it has to wait, or `goOn` says no.
 * @param channel undefined: it is not configured any more, and what it should have got is given up
 * @param before the follower's checkpoint: all due events before it are in the outbox
 */
export async function drain(
  deps: DrainDeps,
  id: string,
  channel: OpenChannel | undefined,
  before: number,
  goOn: () => boolean = () => true,
): Promise<Drained> {
  const drained: Drained = { delivered: 0, failed: 0, postponed: 0 };
  const now = (): Date => deps.send.now();
  let state = await readState(deps.views, id);
  const write = async (change: Partial<ChannelState>): Promise<void> => {
    const written = await writeState(deps.views, id, { ...state, ...change });
    if (!written) throw new Overtaken();
    state = written;
  };
  const until = (): string => new Date(now().getTime() + LEASE_MS).toISOString();

  if (state.leased !== null && state.leased > now().toISOString()) return drained;
  try {
    await write({ leased: until() });
    let begun = state.message !== null;
    while (goOn()) {
      if (channel && state.notBefore !== null && state.notBefore > now().toISOString()) break;
      const message = state.message ?? (await next(deps, id, channel, state, before, write));
      if (!message) break;
      if (begun && (await finished(deps, id, message))) await write({ message: null });
      else if (message.hopeless) {
        await giveUp(deps, id, message, message.hopeless);
        await write({ message: null });
        drained.failed += 1;
      } else if (!channel) {
        const error = `the channel ${id} is not configured`;
        await giveUp(deps, id, message, { why: 'no-channel', error });
        await write({ message: null });
        drained.failed += 1;
      } else if (!(await attempt(channel, message))) break;
      begun = false;
    }
    await write({ leased: null });
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
  return drained;

  /** One attempt, with what follows from it; false when the channel has to be left alone for a while. */
  async function attempt(to: OpenChannel, pending: Pending): Promise<boolean> {
    const adapter = deps.adapterOf(to.kind);
    const at = now().getTime();
    const sent = state.sent.filter((time) => at - time < WINDOW_MS);
    if (sent.length >= adapter.perMinute) {
      await write({ notBefore: new Date(sent[0]! + WINDOW_MS).toISOString() });
      return false;
    }
    const tried = { ...pending, attempts: pending.attempts + 1 };
    const { message } = await whole(deps, id, pending);
    await write({ message: tried, sent: [...sent, at], leased: until() });
    const sentAt = deps.record.now().toISOString();
    const outcome = await sending(adapter, to, message);
    if (outcome.kind === 'taken') {
      await recordDelivered(deps.store, contextOf(deps, tried), tried.id, {
        ...dataOf(id, tried),
        sentAt,
        answer: outcome.answer,
      });
      await write({ message: null, failures: 0, notBefore: null, lastError: null });
      drained.delivered += 1;
      return true;
    }
    if (outcome.kind === 'refused') {
      await giveUp(deps, id, tried, { why: 'refused', error: outcome.error });
      // What refuses one message may refuse all: the next one waits too, and takes up what comes meanwhile.
      await write({ ...later(outcome), message: null });
      drained.failed += 1;
      return false;
    }
    const wait = later(outcome);
    // Who was asked too often says nothing about the message: only its age counts then.
    const attempts = outcome.limited ? pending.attempts : tried.attempts;
    const old = now().getTime() - Date.parse(pending.since) >= MAX_AGE_MS;
    if (attempts >= MAX_ATTEMPTS || old) {
      await giveUp(deps, id, tried, { why: 'exhausted', error: outcome.error });
      await write({ ...wait, message: null });
      drained.failed += 1;
    } else {
      await write({ ...wait, message: { ...tried, attempts } });
      drained.postponed += 1;
    }
    return false;
  }

  async function sending(adapter: Adapter<never>, to: OpenChannel, message: Message): Promise<Outcome> {
    try {
      return await adapter.send(to as never, message, deps.send);
    } catch (error) {
      // a secret that is missing, a fault of ours: the message waits until it is mended
      return { kind: 'again', error: harmless(`${(error as Error).name}: ${(error as Error).message}`) };
    }
  }

  function later({ error, afterMs }: { error: string; afterMs?: number }): Partial<ChannelState> {
    const failures = state.failures + 1;
    const grown = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
    const pause = afterMs ?? grown * (0.8 + 0.4 * deps.random());
    return { failures, lastError: error, notBefore: new Date(now().getTime() + pause).toISOString() };
  }
}

/** The message that comes next: one that somebody wants sent again, else one composed of what is due. It is noted before it is returned. */
async function next(
  deps: DrainDeps,
  id: string,
  channel: OpenChannel | undefined,
  state: ChannelState,
  before: number,
  write: (change: Partial<ChannelState>) => Promise<void>,
): Promise<Pending | undefined> {
  const now = deps.send.now();
  const [again] = await toSendAgain(deps.views, id);
  if (again) {
    const known = await loadDelivery(deps.store, deps.views.tenant, again.message);
    const message: Pending = {
      id: again.message,
      round: known.round + 1,
      carries: again.carries,
      attempts: 0,
      since: now.toISOString(),
    };
    const wanted = known.status !== 'delivered';
    if (wanted) await write({ message });
    await dropAgain(deps.views, again);
    return wanted ? message : next(deps, id, channel, state, before, write);
  }
  // Nothing to send it by: all of it goes into one message, to be given up.
  const adapter = channel ? deps.adapterOf(channel.kind) : { most: Number.POSITIVE_INFINITY, fits: () => true };
  const due = await readDueMessages(deps.views, id, before, Math.min(adapter.most, 200) + 25);
  const repeated = due.filter(({ position }) => position < state.upTo);
  const [first, ...more] = due.filter(({ position }) => position >= state.upTo);
  if (repeated.length > 0) {
    await dropDue(
      deps.views,
      id,
      repeated.map(({ position }) => position),
    );
  }
  if (!first) return repeated.length > 0 ? next(deps, id, channel, state, before, write) : undefined;
  const { pending } = await compose(deps, id, [first, ...more], adapter, { now, today: deps.record.now() });
  await write({ message: pending, upTo: pending.carries.at(-1)!.position + 1 });
  await dropDue(
    deps.views,
    id,
    pending.carries.map(({ position }) => position),
  );
  return pending;
}

/** Whether a message that an earlier run had begun has its outcome already; a dead letter that it did not get to write is written. */
async function finished(deps: DrainDeps, id: string, message: Pending): Promise<boolean> {
  const known = await loadDelivery(deps.store, deps.views.tenant, message.id);
  if (!settled(known, message.round)) return false;
  if (known.status === 'failed') await putDeadLetter(deps.views, letterOf(deps, id, message, message.hopeless));
  return true;
}

/** Recorded first: a dead letter alone would be nowhere to be seen. */
async function giveUp(
  deps: DrainDeps,
  id: string,
  message: Pending,
  reason: NonNullable<Pending['hopeless']>,
): Promise<void> {
  await recordFailed(deps.store, contextOf(deps, message), message.id, { ...dataOf(id, message), ...reason });
  await putDeadLetter(deps.views, letterOf(deps, id, message, reason));
}

function letterOf(deps: DrainDeps, id: string, message: Pending, reason: Pending['hopeless']): DeadLetter {
  return {
    channel: id,
    message: message.id,
    round: message.round,
    carries: message.carries,
    why: reason?.why ?? 'exhausted',
    error: reason?.error ?? 'given up in an earlier run',
    at: deps.record.now().toISOString(),
  };
}

function contextOf({ record }: DrainDeps, { carries }: Pending): Omit<CommandContext, 'command' | 'request'> {
  return { ...record, cause: carries[0]!.id, now: record.now() };
}

function dataOf(id: string, { carries, round, attempts }: Pending) {
  return { ...partsOf(id), carries: carries.map((reference) => reference.id), round, attempts };
}
