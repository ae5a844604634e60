// Called by a schedule every few minutes: builds the blocks of the verifiable index that have become full, and writes its root over the
// log so far into the log. A log that was never indexed is worked off block by block, over as many runs as it takes.
import type { Context } from 'aws-lambda';
import { DaochaError } from '../../events/errors.ts';
import { sealIndex, unindexedSince, type IndexDeps } from '../../shared/record/index/seal-index.ts';
import { METRICS } from '../runtime/variables.ts';

type Log = (message: string, facts: Record<string, unknown>) => void;

export interface IndexFunctionDeps {
  log: IndexDeps;
  logger: { info: Log; error: Log };
  metrics: { addMetric: (name: string, unit: 'Count' | 'Seconds', value: number) => void };
}

/** ms kept in reserve for the block in hand. */
const RESERVE_MS = 8_000;

export function makeIndex({ log, logger, metrics }: IndexFunctionDeps) {
  return async (_event: unknown, context?: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
    const left = (): number => context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
    try {
      const since = await unindexedSince(log);
      const waited = since === undefined ? 0 : Math.round((log.now().getTime() - Date.parse(since)) / 1000);
      metrics.addMetric(METRICS.unindexedSeconds, 'Seconds', Math.max(0, waited));
      const run = await sealIndex(log, () => left() > RESERVE_MS);
      if (run.sealed || !run.caughtUp) logger.info('indexed', { ...run });
    } catch (error) {
      // what is stored is not what came into the log, or not what was built of it
      if (error instanceof DaochaError && error.status === 500) {
        metrics.addMetric(METRICS.indexRefused, 'Count', 1);
        logger.error('the index is not sealed', { reason: error.message, ...error.facts });
      }
      throw error;
    }
  };
}
