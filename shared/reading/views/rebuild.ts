// Rebuilding the views: the next generation is projected from position 0 beside the live one, by the same code that projects live;
// it catches up, is compared with the live one document by document, and takes its place by compare-and-swap of the alias. Readers
// and the live projector go on all the while. Interrupted, it goes on where it was when it is run again.
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { DaochaError } from '../../../events/errors.ts';
import { concurrently } from '../../record/log/batch.ts';
import { follow, followerPosition } from '../../record/log/follow.ts';
import { readHead } from '../../record/log/head.ts';
import { applyBatch } from './apply.ts';
import { claimRebuild, ClaimLost, renewClaim, type RebuildClaim } from './rebuild-claim.ts';
import { compareGenerations, scanViews, type Comparison } from './compare.ts';
import { ALIAS_FRESH_MS, flip, forgetGeneration, liveGeneration, viewsOf } from './generation.ts';
import { generationPrefix, projectionName, type View, type ViewDeps } from './view.ts';

/** `wait`: a claim is held; is who holds it alive? */
export type RebuildStage = 'wait' | 'project' | 'compare' | 'remove';

export interface RebuildOptions {
  views: readonly View[];
  /** who rebuilds, for the message to a second one: host and process */
  owner: string;
  /** keep the documents of older generations */
  keep?: boolean;
  sleep: (ms: number) => Promise<void>;
  /** how far a stage has come; `total` is unknown while comparing and removing */
  onProgress?: (stage: RebuildStage, done: number, total?: number) => void;
  /** asked between batches: true ends the run, to be continued later */
  stopped?: () => boolean;
}

export interface Rebuilt {
  generation: number;
  replaced: number;
  /** an interrupted rebuild was continued */
  continued: boolean;
  /** events of the log in the new generation */
  events: number;
  comparison: Comparison | undefined;
  /** documents and entries of older generations removed */
  removed: number;
}

/** The new generation differs from the live one; the live one stays. */
export class RebuildDiffers extends DaochaError {
  constructor(generation: number, { differences, compared }: Comparison) {
    const named = differences.slice(0, 20);
    const more = differences.length > named.length ? ` and ${differences.length - named.length} more` : '';
    super(
      'rebuild-differs',
      409,
      `${differences.length} of ${compared} documents differ from the live ones: ${named.join(', ')}${more}`,
      {
        expected:
          'equal documents; a fold that was changed on purpose raises the shape of its view, and is then not compared',
        facts: { generation, differences },
      },
    );
  }
}

/** Ended early on request: run it again to continue. */
export class RebuildStopped extends DaochaError {
  constructor() {
    super('rebuild-stopped', 503, 'the rebuild was stopped', { expected: 'run it again: it goes on where it was' });
  }
}

/** A run in hand: what every step needs. */
interface Run {
  deps: ViewDeps;
  claim: RebuildClaim;
  options: RebuildOptions;
  renewedAt: number;
}

const BATCH = 500;
const RENEW_MS = 1000;

/**
 * Builds the next generation of the views and makes it the live one.
 * @throws RebuildRunning when another one is at work; RebuildDiffers, and then nothing has changed for readers; RebuildStopped
 */
export async function rebuild(deps: ViewDeps, options: RebuildOptions): Promise<Rebuilt> {
  const claim = await claimRebuild(deps, options.views, options.owner, async (ms) => {
    options.onProgress?.('wait', 0);
    await options.sleep(ms);
  });
  const run: Run = { deps, claim, options, renewedAt: deps.now().getTime() };
  try {
    const rebuilt = await carryOut(run);
    await renewClaim(deps, claim, 'over');
    return rebuilt;
  } catch (error) {
    // a generation that differs is not continued; anything else is
    if (!(error instanceof ClaimLost)) {
      await renewClaim(deps, claim, error instanceof RebuildDiffers ? 'over' : 'stopped').catch(() => {});
    }
    throw error;
  }
}

async function carryOut(run: Run): Promise<Rebuilt> {
  const { deps, claim, options } = run;
  const { generation } = claim;
  const replaced = await liveGeneration(deps);
  let comparison: Comparison | undefined;
  if (replaced !== generation) {
    const both = async (): Promise<void> => {
      await catchUp(run, generation);
      // its own projector may be at it as well: two at once are harmless
      await catchUp(run, replaced);
    };
    await both();
    comparison = await compareGenerations(deps, options.views, replaced, generation, {
      onPage: async (compared) => {
        options.onProgress?.('compare', compared);
        await goOn(run);
      },
      catchUp: both,
    });
    if (comparison.differences.length > 0) throw new RebuildDiffers(generation, comparison);
    await catchUp(run, generation);
    if (!(await flip(deps, replaced, generation))) throw new ClaimLost();
  }
  // Until now others may have taken the old generation for the live one: what they projected there in the meantime is fetched.
  await options.sleep(2 * ALIAS_FRESH_MS);
  await catchUp(run, generation);
  const removed = options.keep ? 0 : await removeOthers(run, generation);
  const events = await followerPosition(deps, projectionName(generation));
  return { generation, replaced, continued: claim.continued, events, comparison, removed };
}

async function catchUp(run: Run, generation: number): Promise<void> {
  const { deps, options } = run;
  const { size } = await readHead(deps);
  const views = await viewsOf(deps, generation, options.views);
  await follow(
    deps,
    projectionName(generation),
    async (batch) => {
      await applyBatch(deps, generation, views, batch);
      await goOn(run);
    },
    {
      batch: BATCH,
      onProgress: (position) => options.onProgress?.('project', position, Math.max(size, position)),
    },
  );
}

/** Between two steps: shows that this process is alive, and ends it when asked to. */
async function goOn(run: Run): Promise<void> {
  if (run.options.stopped?.()) throw new RebuildStopped();
  const now = run.deps.now().getTime();
  if (now - run.renewedAt < RENEW_MS) return;
  run.renewedAt = now;
  await renewClaim(run.deps, run.claim);
}

/** Removes the documents and the checkpoints of all generations but one. */
async function removeOthers(run: Run, generation: number): Promise<number> {
  const { deps, options } = run;
  const own = generationPrefix(deps.tenant, generation);
  const any = new RegExp(`^${escaped(deps.tenant)}#g(\\d+)#`);
  const others = new Set<number>();
  let removed = 0;
  let before: (() => Promise<void>) | undefined;
  for await (const items of scanViews(deps)) {
    // a page is removed after the next one was read: the scan goes on from its last key
    await before?.();
    const old = items.filter(({ pk }) => any.test(pk!.S!) && !pk!.S!.startsWith(own));
    before = async () => {
      await concurrently(old, async ({ pk, sk }) => {
        others.add(Number(any.exec(pk!.S!)![1]));
        await deps.dynamo.send(new DeleteItemCommand({ TableName: deps.views, Key: { pk: pk!, sk: sk! } }));
      });
      removed += old.length;
      options.onProgress?.('remove', removed);
      await goOn(run);
    };
  }
  await before?.();
  for (const other of others) await forgetGeneration(deps, other);
  return removed;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
