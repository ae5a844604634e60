// How the platform is: the log's size and how far each follower is behind it.
import { readHead } from '../../../shared/log/head.ts';
import { followerCheckpoint } from '../../../shared/log/follow.ts';
import { checkpointUpTo } from '../../../shared/seal/checkpoints.ts';
import { currentGeneration } from '../../../shared/views/generation.ts';
import { projectionName } from '../../../shared/views/view.ts';
import type { Answer, ApiDeps } from '../call.ts';

export const platformHandlers = {
  getHealth: async (deps: ApiDeps): Promise<Answer> => {
    try {
      return await health(deps);
    } catch (error) {
      deps.report('health: the tables cannot be reached', error, {});
      return { status: 503, body: { status: 'unavailable' }, headers: { 'retry-after': '1' } };
    }
  },
};

async function health(deps: ApiDeps): Promise<Answer> {
  // Positions first: what is appended meanwhile shows as lag, never as a follower ahead of the log.
  const names = ['publish', projectionName(await currentGeneration(deps.views))];
  const checkpoints = await Promise.all(names.map((name) => followerCheckpoint(deps.views, name)));
  const checkpoint = await checkpointUpTo(deps.views);
  const { size } = await readHead(deps.views);
  const signed = checkpoint && {
    size: checkpoint.size,
    at: checkpoint.at,
    age: Math.max(0, Math.round((deps.now().getTime() - Date.parse(checkpoint.at)) / 1000)),
  };
  const followers = Object.fromEntries(
    names.map((name, nth) => {
      const { position, at } = checkpoints[nth]!;
      return [name, { position, lag: Math.max(0, size - position), movedAt: at ?? null }];
    }),
  );
  return { status: 200, body: { status: 'ok', tenant: deps.tenant, log: { size, signed: signed ?? null }, followers } };
}
