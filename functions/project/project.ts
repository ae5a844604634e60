// Woken by new pages of the log: folds every event into the documents of the live generation of views. The name of the
// follower holds the generation, so after a rebuild has moved the alias the next wake-up goes on with the new one.
import { applyBatch } from '../../shared/reading/views/apply.ts';
import { VIEWS } from '../../shared/reading/views/catalogue.ts';
import { liveGeneration, viewsOf } from '../../shared/reading/views/generation.ts';
import { projectionName, type ViewDeps } from '../../shared/reading/views/view.ts';
import { makeFollower, type FollowerDeps, type StreamHandler } from '../runtime/follower.ts';

export interface ProjectDeps extends Omit<FollowerDeps, 'name' | 'handle' | 'log' | 'broken'> {
  views: ViewDeps;
}

/** Enough that a busy document is written once for many events, and little enough to be done again after a crash. */
const BATCH = 300;

/** A Lambda handler for the LOG table's stream. */
export function makeProject({ views, batch = BATCH, metrics, ...follower }: ProjectDeps): StreamHandler {
  return async (event, context) => {
    const generation = await liveGeneration(views);
    const present = await viewsOf(views, generation, VIEWS);
    const run = makeFollower({
      ...follower,
      metrics,
      batch,
      log: views,
      name: projectionName(generation),
      broken: 'keep',
      handle: async (events) => {
        const { written, conflicts } = await applyBatch(views, generation, present, events);
        metrics.addMetric('DocumentsWritten', 'Count', written);
        if (conflicts > 0) metrics.addMetric('ProjectionConflicts', 'Count', conflicts);
      },
    });
    await run(event, context);
  };
}
