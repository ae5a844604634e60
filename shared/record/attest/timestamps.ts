// Time stamps (RFC 3161) in the LOG table, one for a checkpoint at most: over the note as the log signed it, so that
// cosignatures added later do not change what was stamped.
import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../log/batch.ts';
import { positionKey, timeStampPartition, type LogDeps } from '../log/deps.ts';
import type { Stamped } from '../timestamp/authority.ts';
import { archived } from './outbox.ts';
import { putOnce } from './put-once.ts';

export interface StoredTimeStamp {
  size: number;
  /** the request, DER */
  tsq: Uint8Array;
  /** the answer, DER */
  tsr: Uint8Array;
  /** when the authority says that the checkpoint existed (ISO) */
  time: string;
  /** who stamped, as its certificate says */
  authority: string;
  /** when we asked (ISO) */
  at: string;
}

/** Keeps a time stamp; false when the checkpoint has one already. */
export function putTimeStamp(deps: LogDeps, size: number, stamped: Stamped): Promise<boolean> {
  const item: Item = {
    pk: { S: timeStampPartition(deps.tenant) },
    sk: { S: positionKey(size) },
    tsq: { B: stamped.tsq },
    tsr: { B: stamped.tsr },
    time: { S: stamped.time.toISOString() },
    authority: { S: stamped.authority },
    at: { S: deps.now().toISOString() },
  };
  return putOnce(deps, item, [archived(size, 'tsq', stamped.tsq), archived(size, 'tsr', stamped.tsr)]);
}

export async function timeStampOf(deps: LogDeps, size: number): Promise<StoredTimeStamp | undefined> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({
      TableName: deps.log,
      Key: { pk: { S: timeStampPartition(deps.tenant) }, sk: { S: positionKey(size) } },
      ConsistentRead: true,
    }),
  );
  return Item && fromItem(Item);
}

/** That of the largest checkpoint that has one. */
export async function latestTimeStamp(deps: LogDeps): Promise<StoredTimeStamp | undefined> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: timeStampPartition(deps.tenant) } },
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  return Items[0] && fromItem(Items[0]);
}

const NEAR = 5;

/** Those of the checkpoints next to a size: the nearest below it, or of it, and the nearest above. */
export async function timeStampsAround(deps: LogDeps, size: number): Promise<StoredTimeStamp[]> {
  const query = async (comparison: '<=' | '>'): Promise<StoredTimeStamp[]> => {
    const { Items = [] } = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.log,
        KeyConditionExpression: `pk = :pk AND sk ${comparison} :size`,
        ExpressionAttributeValues: { ':pk': { S: timeStampPartition(deps.tenant) }, ':size': { S: positionKey(size) } },
        ConsistentRead: true,
        ScanIndexForward: comparison === '>',
        Limit: NEAR,
      }),
    );
    return Items.map(fromItem);
  };
  return (await Promise.all([query('<='), query('>')])).flat();
}

const fromItem = (item: Item): StoredTimeStamp => ({
  size: Number(item['sk']!.S),
  tsq: item['tsq']!.B!,
  tsr: item['tsr']!.B!,
  time: item['time']!.S!,
  authority: item['authority']!.S!,
  at: item['at']!.S!,
});
