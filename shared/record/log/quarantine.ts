// Commits that cannot get a position, because a commit that must come before them does not exist (versions come from a
// read of the stream, so this is damage, not delay). Each such stream is noted once; every run tries it again, so that a
// stream leaves quarantine as soon as the missing commit is back. The rest of the log goes on meanwhile.
import { DeleteItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { quarantinePartition, type CommitKey, type LogDeps } from './deps.ts';

/** Streams looked at again in one run; more than this many damaged streams are a restore, not a repair. */
const LIMIT = 25;

/** The first held commit of each quarantined stream. */
export async function quarantined(deps: LogDeps): Promise<CommitKey[]> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :quarantine',
      ExpressionAttributeValues: { ':quarantine': { S: quarantinePartition(deps.tenant) } },
      Limit: LIMIT,
    }),
  );
  return Items.map((item) => ({ stream: item['sk']!.S!, version: Number(item['version']!.N) }));
}

/** Notes the first held commit of a stream. */
export async function hold(deps: LogDeps, held: CommitKey): Promise<void> {
  await deps.dynamo.send(
    new PutItemCommand({
      TableName: deps.log,
      Item: {
        pk: { S: quarantinePartition(deps.tenant) },
        sk: { S: held.stream },
        version: { N: String(held.version) },
        at: { S: deps.now().toISOString() },
      },
    }),
  );
}

/** The stream is whole again. */
export async function release(deps: LogDeps, stream: string): Promise<void> {
  await deps.dynamo.send(
    new DeleteItemCommand({
      TableName: deps.log,
      Key: { pk: { S: quarantinePartition(deps.tenant) }, sk: { S: stream } },
    }),
  );
}
