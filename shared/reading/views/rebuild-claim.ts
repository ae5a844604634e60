// Who rebuilds, and which generation. The claim keeps two rebuilds from doing the same work twice and lets an interrupted one be
// continued; it is courtesy, not safety: projecting one generation twice at once does no harm, and the alias moves by compare-and-swap.
// A rebuild that is at work counts its claim up; one whose count stands still has died.
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DaochaError } from '../../../events/errors.ts';
import { itemKey } from './apply.ts';
import { liveGeneration } from './generation.ts';
import type { View, ViewDeps } from './view.ts';

export interface RebuildClaim {
  /** generation being built */
  generation: number;
  /** it was begun by a rebuild that did not finish */
  continued: boolean;
  owner: string;
  beat: number;
  shapes: string;
}

/** `running`: somebody is at it; `stopped`: interrupted, go on with the same generation; `over`: the next rebuild begins a new one. */
type State = 'running' | 'stopped' | 'over';

/** A claim that has not been counted up for so long belongs to a process that died. */
export const SILENCE_MS = 15_000;

/** Another rebuild is at work: 409. */
export class RebuildRunning extends DaochaError {
  constructor(owner: string, generation: number) {
    super('rebuild-running', 409, `${owner} is rebuilding the views (generation ${generation}) at this moment`, {
      expected: 'wait until it has ended; it can be run again then',
      facts: { owner, generation },
    });
  }
}

/** Somebody took the claim over, because this process was silent for too long. */
export class ClaimLost extends DaochaError {
  constructor() {
    super('rebuild-claim-lost', 409, 'another rebuild took over, because this one had not been heard of for too long', {
      expected: 'let the other one finish',
    });
  }
}

const claimKey = (deps: ViewDeps) => itemKey(`${deps.tenant}#alias`, 'rebuild');

/** The views and their shapes as text: a generation is continued only by the code that began it. */
export function shapesOf(views: readonly View[]): string {
  return [...new Set(views.map(({ name, kind, shape }) => `${name}/${kind}@${shape}`))].toSorted().join(' ');
}

/**
 * Claims the rebuild: a new generation, or the one that an interrupted rebuild left unfinished.
 * @throws RebuildRunning
 */
export async function claimRebuild(
  deps: ViewDeps,
  views: readonly View[],
  owner: string,
  sleep: (ms: number) => Promise<void>,
): Promise<RebuildClaim> {
  const shapes = shapesOf(views);
  const found = await readClaim(deps);
  if (found?.state === 'running') {
    await sleep(SILENCE_MS);
    const again = await readClaim(deps);
    if (again?.state === 'running' && (again.beat !== found.beat || again.owner !== found.owner)) {
      throw new RebuildRunning(again.owner, again.generation);
    }
  }
  const live = await liveGeneration(deps);
  const known = await readClaim(deps);
  const continued =
    known !== undefined && known.state !== 'over' && known.shapes === shapes && known.generation >= live;
  const generation = continued ? known.generation : Math.max(live, known?.generation ?? 0) + 1;
  const claim: RebuildClaim = { generation, continued, owner, beat: (known?.beat ?? 0) + 1, shapes };
  if (!(await writeClaim(deps, claim, 'running', known))) {
    throw new RebuildRunning((await readClaim(deps))?.owner ?? 'another process', generation);
  }
  return claim;
}

/** Says that the work goes on. @throws ClaimLost */
export async function renewClaim(deps: ViewDeps, claim: RebuildClaim, state: State = 'running'): Promise<void> {
  const before = { beat: claim.beat, owner: claim.owner };
  claim.beat += 1;
  if (!(await writeClaim(deps, claim, state, before))) throw new ClaimLost();
}

async function readClaim(deps: ViewDeps): Promise<(Omit<RebuildClaim, 'continued'> & { state: State }) | undefined> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.views, Key: claimKey(deps), ConsistentRead: true }),
  );
  return (
    Item && {
      generation: Number(Item['generation']!.N),
      owner: Item['owner']!.S!,
      beat: Number(Item['beat']!.N),
      shapes: Item['shapes']!.S!,
      state: Item['state']!.S as State,
    }
  );
}

async function writeClaim(
  deps: ViewDeps,
  { generation, owner, beat, shapes }: RebuildClaim,
  state: State,
  before: { beat: number; owner: string } | undefined,
): Promise<boolean> {
  try {
    await deps.dynamo.send(
      new PutItemCommand({
        TableName: deps.views,
        Item: {
          ...claimKey(deps),
          generation: { N: String(generation) },
          owner: { S: owner },
          beat: { N: String(beat) },
          shapes: { S: shapes },
          state: { S: state },
          at: { S: deps.now().toISOString() },
        },
        ...(before
          ? {
              ConditionExpression: '#beat = :beat AND #owner = :owner',
              ExpressionAttributeNames: { '#beat': 'beat', '#owner': 'owner' },
              ExpressionAttributeValues: { ':beat': { N: String(before.beat) }, ':owner': { S: before.owner } },
            }
          : { ConditionExpression: 'attribute_not_exists(pk)' }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
