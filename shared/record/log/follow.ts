// Following the log: a follower has a name and a checkpoint, the next position to read. Waking up, catching up after an
// outage and rebuilding are the same: pull from the checkpoint to the end. The checkpoint moves only after `handle` has
// finished a batch, and never backwards: each event is handled at least once, in order, and after a crash the last batch
// again. What `handle` does must therefore bear repetition.
//
// An event that is gone or altered is not handed over, nor what comes after it in its stream: the stream is broken for this follower,
// which notes it beside its checkpoint and goes on with the rest of the town. Once the event is what it was, the stream is taken up again.
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { DaochaError } from '../../../events/errors.ts';
import type { Item } from './batch.ts';
import { followerPartition, type LogDeps } from './deps.ts';
import { pageAt } from './page.ts';
import { walkWhole, type EventAltered, type Positioned } from './read.ts';

/** A checkpoint beyond the end of the log: somebody moved it, and this follower would pass over what comes. */
export class FollowerAhead extends DaochaError {
  constructor(name: string, position: number) {
    super('follower-ahead', 500, `${name} is to go on at position ${position}, and the log does not reach so far`, {
      facts: { name, position },
    });
  }
}

/** A stream that a follower does not hand over, from an event on that is gone or altered. */
export interface BrokenStream {
  stream: string;
  /** of that event */
  position: number;
}

export interface FollowOptions {
  /** events handed over at once, at most; default 100 */
  batch?: number;
  /** stop before this position */
  until?: number;
  /** after each checkpoint: the next position */
  onProgress?: (position: number) => void;
  /** asked between batches; false ends the run before the end of the log */
  goOn?: () => boolean;
  /**
   * What becomes of a broken stream; without it an event that is gone or altered ends the run. `keep`: what was handed over of others
   * meanwhile cannot be joined with it any more, a rebuild brings it back. `retake`: handed over from there on, once it is whole.
   */
  broken?: 'keep' | 'retake';
}

export interface Followed {
  /** next position to read */
  position: number;
  /** events handed over */
  handled: number;
  /** whether the end of the log (or `until`) was reached */
  caughtUp: boolean;
  /** streams that are not handed over */
  broken: BrokenStream[];
}

/**
 * Hands everything from the follower's checkpoint to the end of the log to `handle`, batch after batch, in order.
 * @throws FollowerAhead, LogDamaged; EventAltered without `broken`
 */
export async function follow(
  deps: LogDeps,
  name: string,
  handle: (batch: Positioned[]) => Promise<void>,
  { batch = 100, until, onProgress, goOn = () => true, broken: becomes }: FollowOptions = {},
): Promise<Followed> {
  const checkpoint = await followerCheckpoint(deps, name);
  let { position } = checkpoint;
  const broken = new Map(checkpoint.broken.map((one) => [one.stream, one.position]));
  if (becomes === 'retake') await retake(deps, name, broken, { handle, batch, position });
  let handled = 0;
  const batches = walkWhole(deps, position, { batch, ...(until === undefined ? {} : { until }) });
  let coming = batches.next();
  const outcome = (caughtUp: boolean): Followed => ({ position, handled, caughtUp, broken: listed(broken) });
  for (let read = false; ; read = true) {
    const { value, done } = await coming;
    if (done || !value) {
      if (!read && position > 0 && !(await pageAt(deps, position - 1))) throw new FollowerAhead(name, position);
      return outcome(true);
    }
    if (!goOn()) return outcome(false);
    coming = batches.next(); // read ahead while this batch is handled
    coming.catch(() => {}); // its failure is met when it is awaited, unless `handle` fails first
    for (const altered of value.altered) {
      if (becomes === undefined) throw altered;
      const one = placeOf(altered);
      if (!broken.has(one.stream)) broken.set(one.stream, one.position);
    }
    const whole = value.events.filter((one) => one.position < (broken.get(one.commit.stream) ?? Infinity));
    if (whole.length > 0) await handle(whole);
    position = value.next;
    handled += whole.length;
    await saveCheckpoint(deps, name, position, broken);
    onProgress?.(position);
  }
}

const placeOf = ({ facts }: EventAltered): BrokenStream => ({
  stream: facts['stream'] as string,
  position: facts['position'] as number,
});

const listed = (broken: ReadonlyMap<string, number>): BrokenStream[] =>
  [...broken].map(([stream, position]) => ({ stream, position }));

/** Hands over what was left out of streams that are whole again, up to the checkpoint; the rest comes with the others. */
async function retake(
  deps: LogDeps,
  name: string,
  broken: Map<string, number>,
  { handle, batch, position }: { handle: (batch: Positioned[]) => Promise<void>; batch: number; position: number },
): Promise<void> {
  for (const [stream, from] of broken) {
    let next: number | undefined; // where it is broken once more
    for await (const { events, altered } of walkWhole(deps, from, { batch, until: position })) {
      next = altered.map(placeOf).find((one) => one.stream === stream)?.position;
      if (next === from) break; // as long as nobody mends it, one read a run
      const left = events.filter((one) => one.commit.stream === stream && one.position < (next ?? Infinity));
      if (left.length > 0) await handle(left);
      if (next !== undefined) break;
    }
    if (next === from) continue;
    if (next === undefined) broken.delete(stream);
    else broken.set(stream, next);
    await saveBroken(deps, name, position, broken);
  }
}

/** The next position of every follower, by name. */
export async function followerPositions(deps: LogDeps): Promise<{ name: string; position: number }[]> {
  const found: { name: string; position: number }[] = [];
  let start: Item | undefined;
  do {
    const page: QueryCommandOutput = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.log,
        KeyConditionExpression: 'pk = :followers',
        ExpressionAttributeValues: { ':followers': { S: followerPartition(deps.tenant) } },
        ConsistentRead: true,
        Limit: 100,
        ExclusiveStartKey: start,
      }),
    );
    for (const item of page.Items ?? []) {
      found.push({ name: item['sk']!.S!, position: Number(item['position']?.N ?? 0) });
    }
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
}

/** The next position that a follower will read; 0 for one that never ran. */
export async function followerPosition(deps: LogDeps, name: string): Promise<number> {
  return (await followerCheckpoint(deps, name)).position;
}

/** A follower's next position, when it last moved on (ISO), and what it does not hand over; no time for one that never ran. */
export async function followerCheckpoint(
  deps: LogDeps,
  name: string,
): Promise<{ position: number; at?: string; broken: BrokenStream[] }> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.log, Key: checkpointKey(deps, name), ConsistentRead: true }),
  );
  const at = Item?.['at']?.S;
  const broken = Object.entries(Item?.['broken']?.M ?? {}).map(([stream, { N }]) => ({ stream, position: Number(N) }));
  return { position: Number(Item?.['position']?.N ?? 0), ...(at !== undefined && { at }), broken };
}

/** Never backwards: a second run of the same follower that is further on keeps its lead. */
const saveCheckpoint = (deps: LogDeps, name: string, position: number, broken: ReadonlyMap<string, number>) =>
  save(deps, name, {
    UpdateExpression: 'SET #position = :position, #at = :at, #broken = :broken',
    ConditionExpression: 'attribute_not_exists(#position) OR #position < :position',
    ExpressionAttributeNames: { '#position': 'position', '#at': 'at', '#broken': 'broken' },
    ExpressionAttributeValues: {
      ':position': { N: String(position) },
      ':at': { S: deps.now().toISOString() },
      ':broken': brokenAttribute(broken),
    },
  });

/** A run that is further on has its own list: it retakes the stream as well, which bears repetition. */
const saveBroken = (deps: LogDeps, name: string, position: number, broken: ReadonlyMap<string, number>) =>
  save(deps, name, {
    UpdateExpression: 'SET #broken = :broken',
    ConditionExpression: '#position = :position',
    ExpressionAttributeNames: { '#position': 'position', '#broken': 'broken' },
    ExpressionAttributeValues: { ':position': { N: String(position) }, ':broken': brokenAttribute(broken) },
  });

const brokenAttribute = (broken: ReadonlyMap<string, number>) => ({
  M: Object.fromEntries([...broken].map(([stream, position]) => [stream, { N: String(position) }])),
});

type Update = Omit<UpdateItemCommandInput, 'TableName' | 'Key'>;

async function save(deps: LogDeps, name: string, update: Update): Promise<void> {
  try {
    await deps.dynamo.send(new UpdateItemCommand({ TableName: deps.log, Key: checkpointKey(deps, name), ...update }));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

const checkpointKey = (deps: LogDeps, name: string) => ({
  pk: { S: followerPartition(deps.tenant) },
  sk: { S: name },
});
