// Called by the schedules (催办): every morning for everything, every hour for what is due today or has passed. Which
// days are working days is not the schedule's business: on a day off a morning is an hour like any other. What one call
// does not get done, the next one does.
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { DaochaError } from '../../events/errors.ts';
import { remind, type RemindDeps } from '../../shared/clock/remind/run.ts';
import { RUN_MODES } from '../../shared/clock/remind/rules.ts';
import { METRICS } from '../runtime/variables.ts';

type Log = (message: string, facts: Record<string, unknown>) => void;

export interface RemindFunctionDeps extends Omit<RemindDeps, 'failed'> {
  now: () => Date;
  logger: { info: Log; warn: Log; error: Log };
  metrics: { addMetric: (name: string, unit: 'Count', value: number) => void };
}

export type RemindHandler = (
  event: unknown,
  context?: Pick<Context, 'getRemainingTimeInMillis' | 'awsRequestId'>,
) => Promise<void>;

/** Some of what was due could not be done: the run is called failed, so that it is seen; the next one tries again. */
export class RemindFailed extends DaochaError {
  constructor(failed: number) {
    super('remind-failed', 500, `${failed} of the things that were due could not be done; the log names each`, {
      facts: { failed },
    });
  }
}

const eventSchema = z.looseObject({ run: z.enum(RUN_MODES) });
/** ms kept in reserve for the commands in hand; less than what infra/local leaves to a run that is to end. */
const RESERVE_MS = 8_000;

/** A Lambda handler for EventBridge Scheduler; its input says which run it is: `{"run":"morning"}`. */
export function makeRemind({ now, logger, metrics, ...deps }: RemindFunctionDeps): RemindHandler {
  return async (event, context) => {
    const { run: mode } = eventSchema.parse(event);
    const left = (): number => context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
    const done = await remind(
      { ...deps, failed: (what, error) => logger.error('could not be done', { what, error }) },
      { mode, now: now(), correlation: context?.awsRequestId, goOn: () => left() > RESERVE_MS },
    );
    const { issued, missed, escalated, required, duties, failed, complete, behind, yearsMissing } = done;
    const rungs = Object.values(issued).reduce((sum, count) => sum + count, 0);
    metrics.addMetric(METRICS.remindRuns, 'Count', 1);
    metrics.addMetric('DeadlinesRead', 'Count', done.read);
    metrics.addMetric('RemindersIssued', 'Count', rungs);
    metrics.addMetric('DeadlinesMissed', 'Count', missed);
    if (escalated > 0) metrics.addMetric('CasesOverdue', 'Count', escalated);
    if (required > 0) metrics.addMetric('ReportsRequired', 'Count', required);
    if (duties > 0) metrics.addMetric('DutiesOpened', 'Count', duties);
    logger.info('reminded', { ...done });
    if (behind > 0) logger.warn('the views are behind: what they do not show yet is for the next run', { behind });
    if (!complete) logger.warn('the time of the run was up: the next one goes on', { ...done });
    if (yearsMissing.length > 0) {
      // the value is the year, so that the alarm says which one it is
      metrics.addMetric(METRICS.calendarYearMissing, 'Count', yearsMissing[0]!);
      logger.warn('something is due in a year without a statutory calendar: reckoned by the week', { yearsMissing });
    }
    if (failed > 0) throw new RemindFailed(failed);
  };
}
