// How the platform is: the log's size and how far each follower is behind it, to anybody in short, to those who run and audit it in full.
import { workingDays } from '../../../shared/rules/calendar/working-days.ts';
import { ANNOUNCED_YEARS } from '../../../shared/rules/calendar/statutory.ts';
import { loadCampaign } from '../../../shared/rules/perform/campaign.ts';
import { ruleSetAt } from '../../../shared/rules/campaign/campaign.ts';
import { yearsMissing } from '../../../shared/clock/remind/years.ts';
import { sequencedAt } from '../../../shared/record/log/page.ts';
import { quarantined } from '../../../shared/record/log/quarantine.ts';
import { readHead } from '../../../shared/record/log/head.ts';
import { followerCheckpoint } from '../../../shared/record/log/follow.ts';
import { checkpointUpTo } from '../../../shared/record/seal/checkpoints.ts';
import { deadlinesView } from '../../../shared/reading/deadline/list.ts';
import { currentGeneration, isServed } from '../../../shared/reading/views/generation.ts';
import { projectionName } from '../../../shared/reading/views/view.ts';
import type { ApiDeps, TypedHandlers } from '../handler-types.ts';
import { townDay } from '../../../shared/town-time.ts';

/** Every follower of the log besides the projection, by the name under which it keeps its checkpoint. */
export const FOLLOWERS = ['publish', 'react', 'notify'] as const;

export const platformHandlers = {
  getSystem: async (deps, call) => {
    const generation = await currentGeneration(deps.views);
    const names = [projectionName(generation), ...FOLLOWERS];
    // positions first: what is appended meanwhile shows as lag
    const checkpoints = await Promise.all(names.map((name) => followerCheckpoint(deps.views, name)));
    const [{ size }, checkpoint, held, campaign] = await Promise.all([
      readHead(deps.views),
      checkpointUpTo(deps.views),
      quarantined(deps.views),
      loadCampaign(deps.store, deps.tenant, call.now),
    ]);
    const waiting = await Promise.all(
      checkpoints.map(async ({ position }) => (position < size ? await sequencedAt(deps.views, position) : undefined)),
    );
    const at = call.now.toISOString();
    const ruleSet = ruleSetAt(campaign, at);
    const calendar = workingDays(ruleSet?.calendar);
    // the state of the platform is told even while the views are rebuilt
    const missing =
      ruleSet && (await isServed(deps.views, generation, deadlinesView))
        ? await yearsMissing(deps.views, generation, calendar, townDay(at))
        : [];
    return {
      status: 200,
      body: {
        tenant: deps.tenant,
        at,
        log: { size, signed: signedAt(checkpoint, call.now) },
        generation,
        followers: names.map((name, nth) => {
          const since = waiting[nth];
          const behind = since === undefined ? null : secondsSince(since, call.now);
          return { name, ...standing(checkpoints[nth]!, size), broken: checkpoints[nth]!.broken, behind };
        }),
        held: held.map(({ stream, version }) => ({ stream, version })),
        ruleSet: ruleSet ? { version: ruleSet.version, effectiveFrom: ruleSet.effectiveFrom } : null,
        ruleSets: campaign.ruleSets.length,
        calendar: { ruleSet: [...calendar.years], announced: [...ANNOUNCED_YEARS], missing },
      },
    };
  },

  getHealth: async (deps) => {
    try {
      return await health(deps);
    } catch (error) {
      deps.report('health: the tables cannot be reached', error, {});
      // described apart from the answer of the route when all goes well
      const body = { status: 'unavailable' } as never;
      return { status: 503, body, headers: { 'retry-after': '1' } };
    }
  },
} satisfies TypedHandlers;

async function health(deps: ApiDeps) {
  // Positions first: what is appended meanwhile shows as lag, never as a follower ahead of the log.
  const names = ['publish', projectionName(await currentGeneration(deps.views))];
  const checkpoints = await Promise.all(names.map((name) => followerCheckpoint(deps.views, name)));
  const checkpoint = await checkpointUpTo(deps.views);
  const { size } = await readHead(deps.views);
  const followers = Object.fromEntries(names.map((name, nth) => [name, standing(checkpoints[nth]!, size)]));
  const log = { size, signed: signedAt(checkpoint, deps.now()) };
  const inOrder = Object.values(followers).every(({ ahead, broken }) => ahead === 0 && broken === 0);
  const status = inOrder ? ('ok' as const) : ('impaired' as const);
  return { status: 200, body: { status, tenant: deps.tenant, log, followers } };
}

const secondsSince = (then: string, now: Date): number =>
  Math.max(0, Math.round((now.getTime() - Date.parse(then)) / 1000));

/** The checkpoint that was signed last, and how many seconds ago; null before the first. */
function signedAt(checkpoint: Awaited<ReturnType<typeof checkpointUpTo>>, now: Date) {
  return checkpoint ? { size: checkpoint.size, at: checkpoint.at, age: secondsSince(checkpoint.at, now) } : null;
}

/** How far a follower has come, what it passes over, and how many streams it leaves out. */
function standing({ position, at, broken }: Awaited<ReturnType<typeof followerCheckpoint>>, size: number) {
  const lag = Math.max(0, size - position);
  return { position, lag, ahead: Math.max(0, position - size), broken: broken.length, movedAt: at ?? null };
}
