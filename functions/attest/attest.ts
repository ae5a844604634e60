// Woken by a schedule: copies checkpoints to write-once storage, and asks witnesses and time-stamping authority about the latest.
// What others do wrong fails no run: it is logged, and counted for the alarms by how long it has lasted.
import type { Context } from 'aws-lambda';
import { attest, type AttestorAnswer, type AttestDeps } from '../../shared/record/attest/attest.ts';
import { METRICS } from '../runtime/variables.ts';

type Log = (message: string, facts: Record<string, unknown>) => void;

export interface AttestFunctionDeps extends AttestDeps {
  logger: { info: Log; warn: Log; error: Log };
  metrics: { addMetric: (name: string, unit: 'Count' | 'Seconds', value: number) => void };
}

export type AttestHandler = (event: unknown, context?: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<void>;

/** ms kept in reserve for the object in hand. */
const RESERVE_MS = 15_000;

/** A Lambda handler for a schedule. */
export function makeAttest({ logger, metrics, ...deps }: AttestFunctionDeps): AttestHandler {
  return async (_event, context) => {
    const goOn = (): boolean => (context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY) > RESERVE_MS;
    const { archived, witnesses, authority } = await attest(deps, goOn);
    metrics.addMetric(METRICS.unarchivedSeconds, 'Seconds', archived.waiting);
    if (archived.written > 0) logger.info('copied to write-once storage', { objects: archived.written });
    if (archived.error !== undefined) {
      logger.error('write-once storage fails', { waitingSeconds: archived.waiting, error: archived.error });
    }
    for (const one of witnesses) tell('witness', one);
    if (witnesses.length > 0) {
      metrics.addMetric(METRICS.witnessSilentSeconds, 'Seconds', Math.max(...witnesses.map(({ failing }) => failing)));
      metrics.addMetric(METRICS.witnessRefused, 'Count', witnesses.filter(({ lasting }) => lasting).length);
    }
    if (authority) {
      tell('time-stamping authority', authority);
      metrics.addMetric(METRICS.unstampedSeconds, 'Seconds', authority.failing);
    }
  };

  function tell(what: string, { who, outcome, failing, error, lasting }: AttestorAnswer): void {
    if (outcome === 'nothing-new') return;
    if (outcome === 'done') return logger.info(`${what} attested the latest checkpoint`, { who });
    const facts = { who, failingSeconds: failing, error };
    if (lasting) logger.error(`${what} refuses our checkpoint`, facts);
    else logger.warn(`${what} fails; trying again`, facts);
  }
}
