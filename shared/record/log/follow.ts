// Following the log: a follower has a name and a checkpoint, the next position to read. Waking up, catching up after an
// outage and rebuilding are the same: pull from the checkpoint to the end. The checkpoint moves only after `handle` has
// finished a batch, and never backwards: each event is handled at least once, in order, and after a crash the last batch
// again. What `handle` does must therefore bear repetition.
import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { followerPartition, type LogDeps } from './deps.ts';
import { walkLog, type Positioned } from './read.ts';

export interface FollowOptions {
  /** events handed over at once, at most; default 100 */
  batch?: number;
  /** stop before this position */
  until?: number;
  /** after each checkpoint: the next position */
  onProgress?: (position: number) => void;
  /** asked between batches; false ends the run before the end of the log */
  goOn?: () => boolean;
}

export interface Followed {
  /** next position to read */
  position: number;
  /** events handed over */
  handled: number;
  /** whether the end of the log (or `until`) was reached */
  caughtUp: boolean;
}

/** Hands everything from the follower's checkpoint to the end of the log to `handle`, batch after batch, in order. */
export async function follow(
  deps: LogDeps,
  name: string,
  handle: (batch: Positioned[]) => Promise<void>,
  { batch = 100, until, onProgress, goOn = () => true }: FollowOptions = {},
): Promise<Followed> {
  let position = await followerPosition(deps, name);
  let handled = 0;
  const batches = walkLog(deps, position, { batch, ...(until === undefined ? {} : { until }) });
  let coming = batches.next();
  for (;;) {
    const { value, done } = await coming;
    if (done || !value) return { position, handled, caughtUp: true };
    if (!goOn()) return { position, handled, caughtUp: false };
    coming = batches.next(); // read ahead while this batch is handled
    coming.catch(() => {}); // its failure is met when it is awaited, unless `handle` fails first
    await handle(value);
    position = value.at(-1)!.position + 1;
    handled += value.length;
    await saveCheckpoint(deps, name, position);
    onProgress?.(position);
  }
}

/** The next position that a follower will read; 0 for one that never ran. */
export async function followerPosition(deps: LogDeps, name: string): Promise<number> {
  return (await followerCheckpoint(deps, name)).position;
}

/** A follower's next position, and when it last moved on (ISO); no time for one that never ran. */
export async function followerCheckpoint(deps: LogDeps, name: string): Promise<{ position: number; at?: string }> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.log, Key: checkpointKey(deps, name), ConsistentRead: true }),
  );
  const at = Item?.['at']?.S;
  return { position: Number(Item?.['position']?.N ?? 0), ...(at !== undefined && { at }) };
}

/** Never backwards: a second run of the same follower that is further on keeps its lead. */
async function saveCheckpoint(deps: LogDeps, name: string, position: number): Promise<void> {
  try {
    await deps.dynamo.send(
      new UpdateItemCommand({
        TableName: deps.log,
        Key: checkpointKey(deps, name),
        UpdateExpression: 'SET #position = :position, #at = :at',
        ConditionExpression: 'attribute_not_exists(#position) OR #position < :position',
        ExpressionAttributeNames: { '#position': 'position', '#at': 'at' },
        ExpressionAttributeValues: { ':position': { N: String(position) }, ':at': { S: deps.now().toISOString() } },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

const checkpointKey = (deps: LogDeps, name: string) => ({
  pk: { S: followerPartition(deps.tenant) },
  sk: { S: name },
});
