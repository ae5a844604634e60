// What every function that follows the log has in common. A new page of the log wakes it; what the wake-up says is not
// looked at beyond "there may be something": the function pulls from its own checkpoint to the end of the log. When the
// time of a run is nearly used up it fails on purpose, so that Lambda calls again and it goes on from its checkpoint.
import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { DaochaError } from '../../events/errors.ts';
import { pagePartition, type LogDeps } from '../../shared/record/log/deps.ts';
import { follow, type Followed, type FollowOptions } from '../../shared/record/log/follow.ts';
import type { Positioned } from '../../shared/record/log/read.ts';
import { METRICS } from './variables.ts';

export interface FollowerDeps {
  log: LogDeps;
  /** name of the checkpoint */
  name: string;
  /**
   * must bear repetition: after a crash the last batch comes again
   * @param goOn whether there is time; without it, what takes long throws FollowerBehind
   */
  handle: (batch: Positioned[], goOn: () => boolean) => Promise<void>;
  /** events handed over at once, at most */
  batch?: number;
  /** what becomes of a stream in which an event is gone or altered */
  broken: NonNullable<FollowOptions['broken']>;
  logger: FollowerLogger;
  metrics: { addMetric: (name: string, unit: 'Count', value: number) => void };
}

type Log = (message: string, facts: Record<string, unknown>) => void;
export interface FollowerLogger {
  info: Log;
  error: Log;
}

export type StreamHandler = (
  event: DynamoDBStreamEvent,
  context?: Pick<Context, 'getRemainingTimeInMillis'>,
) => Promise<void>;

/** Not a fault: there was more to do than one run has time for. The next attempt goes on from the checkpoint. */
export class FollowerBehind extends DaochaError {
  constructor(name: string, position: number) {
    super('follower-behind', 503, `${name} has more to do than one run has time for; it is at position ${position}`, {
      facts: { name, position },
    });
  }
}

/** Whether a run ended on purpose: whoever called calls again, and nobody need be told. */
export const isBehind = (error: unknown): boolean => (error as { type?: unknown } | null)?.type === 'follower-behind';

/** Time kept in reserve for the batch in hand. */
const RESERVE_MS = 15_000;

/** A Lambda handler for the LOG table's stream that follows the log under a name. */
export function makeFollower({ log, name, handle, batch = 100, broken, logger, metrics }: FollowerDeps): StreamHandler {
  return async (event, context) => {
    if (!wakes(event.Records, log.tenant)) return;
    const goOn = (): boolean => (context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY) > RESERVE_MS;
    const followed = await follow(log, name, (events) => handle(events, goOn), { batch, goOn, broken });
    const { position, handled, caughtUp } = followed;
    if (handled > 0) logger.info('followed', { follower: name, handled, position });
    tellFollowed(name, followed, { logger, metrics });
    if (!caughtUp) throw new FollowerBehind(name, position);
  };
}

/** What every run of a follower says: what it was given, and loudly what it was not. */
export function tellFollowed(
  name: string,
  { handled, broken }: Pick<Followed, 'handled' | 'broken'>,
  { logger, metrics }: Pick<FollowerDeps, 'logger' | 'metrics'>,
): void {
  metrics.addMetric('EventsFollowed', 'Count', handled);
  if (broken.length === 0) return;
  metrics.addMetric(METRICS.streamsBroken, 'Count', broken.length);
  logger.error('streams are left out: an event in each is gone or altered', { follower: name, broken });
}

/** New pages wake; checkpoints and the index, which live in the same table, do not (filtered in the template as well). */
export function wakes(records: DynamoDBStreamEvent['Records'], tenant: string): boolean {
  return records.length === 0 || records.some(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S === pagePartition(tenant));
}
