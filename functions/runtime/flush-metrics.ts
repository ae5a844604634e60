// Writes what a run has counted, once it has ended, well or not. A run that counted nothing (it failed early, or there was nothing
// to do) writes nothing: Powertools' own middleware would warn about it each time, and a log full of that hides the rest.
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';

/** Middleware for a handler that adds to `metrics`. */
export function flushMetrics(metrics: Pick<Metrics, 'hasStoredMetrics' | 'publishStoredMetrics'>): MiddlewareObj {
  const flush = (): void => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return { after: flush, onError: flush };
}
