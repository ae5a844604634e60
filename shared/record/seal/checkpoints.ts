// Signed checkpoints in the LOG table. Each is stored under its size, for ever and as it was signed; what witnesses and time-stamping
// authorities say of it is elsewhere (shared/record/attest/). The latest is stored once more under LATEST, with the frontier of its tree:
// that item is the one that sealers compare and swap, so that what is signed only ever grows. It is written first; a crash in
// between is made good by the next run.
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../log/batch.ts';
import { checkpointPartition, LATEST, positionKey, type LogDeps } from '../log/deps.ts';
import { frontierFromItem, frontierToItem } from '../log/frontier.ts';
import type { Frontier } from '../tlog/merkle.ts';

export interface SignedCheckpoint {
  size: number;
  /** the note as the log signed it */
  note: string;
  /** when it was signed (ISO) */
  at: string;
}

/** How far the log is sealed: everything below `size` is signed, and all its full tiles are written. */
export interface Sealed extends SignedCheckpoint {
  frontier: Frontier;
  /** the key that signed it, as text */
  vkey: string;
}

const keyOf = (deps: LogDeps, sk: string): Item => ({ pk: { S: checkpointPartition(deps.tenant) }, sk: { S: sk } });

/** The latest, strongly consistent; undefined while nothing is signed. @throws FrontierDamaged */
export async function readSealed(deps: LogDeps): Promise<Sealed | undefined> {
  const item = await get(deps, LATEST);
  if (!item) return undefined;
  const size = Number(item['size']!.N);
  const frontier = frontierFromItem(size, item['frontier'] ?? { L: [] })!;
  return { size, frontier, note: item['note']!.S!, vkey: item['vkey']!.S!, at: item['at']!.S! };
}

/** Makes `next` the latest if `before` still is; false when another sealer was faster, and then nothing was written. */
export async function advance(deps: LogDeps, before: Sealed | undefined, next: Sealed): Promise<boolean> {
  const condition = before
    ? {
        ConditionExpression: '#size = :size',
        ExpressionAttributeNames: { '#size': 'size' },
        ExpressionAttributeValues: { ':size': { N: String(before.size) } },
      }
    : { ConditionExpression: 'attribute_not_exists(pk)' };
  return put(deps, {
    item: {
      ...keyOf(deps, LATEST),
      size: { N: String(next.size) },
      note: { S: next.note },
      vkey: { S: next.vkey },
      at: { S: next.at },
      frontier: frontierToItem(next.frontier),
    },
    ...condition,
  });
}

/** Puts a checkpoint under its size, unless it is there already. */
export async function publish(deps: LogDeps, { size, note, at }: SignedCheckpoint): Promise<void> {
  const item = { ...keyOf(deps, positionKey(size)), note: { S: note }, at: { S: at } };
  await put(deps, { item, ConditionExpression: 'attribute_not_exists(pk)' });
}

/** The checkpoint of just this size, if one was signed. */
export async function checkpointOf(deps: LogDeps, size: number): Promise<SignedCheckpoint | undefined> {
  const item = await get(deps, positionKey(size));
  return item && checkpointFrom(item);
}

/** The largest checkpoint of at most this size (default: of all), strongly consistent. */
export const checkpointUpTo = (deps: LogDeps, size = LARGEST): Promise<SignedCheckpoint | undefined> =>
  nearest(deps, 'BETWEEN :none AND :size', size, false);

/** The smallest checkpoint of at least this size. */
export const checkpointFromOn = (deps: LogDeps, size: number): Promise<SignedCheckpoint | undefined> =>
  nearest(deps, 'BETWEEN :size AND :most', size, true);

/** Up to `limit` checkpoints of sizes above `size`, the smallest first. */
export async function checkpointsAfter(deps: LogDeps, size: number, limit: number): Promise<SignedCheckpoint[]> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :most',
      ExpressionAttributeValues: {
        ':pk': { S: checkpointPartition(deps.tenant) },
        ':from': { S: positionKey(size + 1) },
        ':most': { S: positionKey(LARGEST) },
      },
      ConsistentRead: true,
      Limit: limit,
    }),
  );
  return Items.map(checkpointFrom);
}

const LARGEST = 999_999_999_999;

async function nearest(
  deps: LogDeps,
  range: string,
  size: number,
  forward: boolean,
): Promise<SignedCheckpoint | undefined> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: `pk = :pk AND sk ${range}`,
      ExpressionAttributeValues: {
        ':pk': { S: checkpointPartition(deps.tenant) },
        ':size': { S: positionKey(size) },
        ...(forward ? { ':most': { S: positionKey(LARGEST) } } : { ':none': { S: positionKey(0) } }),
      },
      ConsistentRead: true,
      ScanIndexForward: forward,
      Limit: 1,
    }),
  );
  return Items[0] && checkpointFrom(Items[0]);
}

const checkpointFrom = (item: Item): SignedCheckpoint => ({
  size: Number(item['sk']!.S),
  note: item['note']!.S!,
  at: item['at']?.S ?? '',
});

async function get(deps: LogDeps, sk: string): Promise<Item | undefined> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.log, Key: keyOf(deps, sk), ConsistentRead: true }),
  );
  return Item;
}

/** False when the condition does not hold. */
async function put(
  deps: LogDeps,
  { item, ...condition }: { item: Item } & Pick<PutItemCommand['input'], 'ConditionExpression'>,
): Promise<boolean> {
  try {
    await deps.dynamo.send(new PutItemCommand({ TableName: deps.log, Item: item, ...condition }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
