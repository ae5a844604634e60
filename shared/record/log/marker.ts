// How far something has come that is done piece by piece over several runs, kept in the LOG table beside the followers' checkpoints.
// It only saves work: whatever is done must bear repetition, because after a crash the last piece is done again.
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { markerPartition, type LogDeps } from './deps.ts';

export interface Marker {
  /** where to go on */
  after?: string | undefined;
  done: boolean;
}

export async function readMarker(deps: LogDeps, name: string): Promise<Marker> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.log, Key: keyOf(deps, name), ConsistentRead: true }),
  );
  return { after: Item?.['after']?.S || undefined, done: Item?.['done']?.BOOL === true };
}

export async function saveMarker(deps: LogDeps, name: string, { after, done }: Marker): Promise<void> {
  await deps.dynamo.send(
    new UpdateItemCommand({
      TableName: deps.log,
      Key: keyOf(deps, name),
      UpdateExpression: 'SET #after = :after, #done = :done, #at = :at',
      ExpressionAttributeNames: { '#after': 'after', '#done': 'done', '#at': 'at' },
      ExpressionAttributeValues: {
        ':after': { S: after ?? '' },
        ':done': { BOOL: done },
        ':at': { S: deps.now().toISOString() },
      },
    }),
  );
}

const keyOf = (deps: LogDeps, name: string) => ({ pk: { S: markerPartition(deps.tenant) }, sk: { S: name } });
