// Woken by new pages of the log, and by a slow schedule in case a wake-up was lost: signs the state of the log. What woke it is not
// looked at: it seals up to the head. When the time of a run is nearly used up it fails on purpose, so that its records come again.
import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { sequencedAt } from '../../shared/record/log/page.ts';
import { readSealed } from '../../shared/record/seal/checkpoints.ts';
import { sealLog, SealRefused, type SealDeps } from '../../shared/record/seal/seal.ts';
import type { Ed25519Key } from '../../shared/record/tlog/ed25519.ts';
import { FollowerBehind, wakes } from '../runtime/follower.ts';
import { METRICS } from '../runtime/variables.ts';

type Log = (message: string, facts: Record<string, unknown>) => void;

export interface SealFunctionDeps extends Omit<SealDeps, 'key'> {
  /** asked until it answers, then remembered */
  key: () => Promise<Ed25519Key>;
  logger: { info: Log; error: Log };
  metrics: { addMetric: (name: string, unit: 'Count' | 'Seconds', value: number) => void };
}

/** A delivery of the stream, or the schedule's event, which has no records. */
export type SealEvent = Partial<DynamoDBStreamEvent>;

export type SealHandler = (event: SealEvent, context?: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<void>;

/** ms kept in reserve for the step in hand; less than what infra/local leaves to a run that is to end. */
const RESERVE_MS = 8_000;

/** A Lambda handler for the LOG table's stream and for a schedule. */
export function makeSeal({ key, logger, metrics, ...deps }: SealFunctionDeps): SealHandler {
  let known: Ed25519Key | undefined;
  return async ({ Records }, context) => {
    if (Records && !wakes(Records, deps.log.tenant)) return;
    known ??= await key();
    if (!Records) metrics.addMetric(METRICS.unsealedSeconds, 'Seconds', await unsealedSeconds(deps));
    const left = (): number => context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
    const goOn = (wait: number): boolean => left() > RESERVE_MS + wait;
    try {
      const run = await sealLog({ ...deps, key: known }, { goOn });
      metrics.addMetric('CheckpointsSigned', 'Count', run.signed.length);
      if (run.signed.length > 0) logger.info('sealed', { ...run });
      if (!run.caughtUp && Records?.length) throw new FollowerBehind('seal', run.size);
    } catch (error) {
      if (error instanceof SealRefused) {
        metrics.addMetric(METRICS.sealRefused, 'Count', 1);
        logger.error('sealing is refused', { reason: error.message, ...error.facts });
      }
      throw error;
    }
  };
}

/** How long the oldest event that is not signed has been in the log; 0 when all are signed. */
async function unsealedSeconds({ log }: Pick<SealDeps, 'log'>): Promise<number> {
  const size = (await readSealed(log))?.size ?? 0;
  const at = await sequencedAt(log, size);
  return at === undefined ? 0 : Math.max(0, Math.round((log.now().getTime() - Date.parse(at)) / 1000));
}
