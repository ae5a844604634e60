// Sessions of the console that have ended before their time, in the ACCESS table: append-only, so that nobody can take back a sign-out.
// One small item each, under one partition; a session that still goes on has none.
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { AccessDeps } from './access.ts';

const keyOf = ({ tenant }: AccessDeps, id: string) => ({ pk: { S: `${tenant}#session` }, sk: { S: id } });

/** Ends a session for good, and every copy of its cookie. */
export async function endSession(deps: AccessDeps, id: string, who: { person: string; at: string }): Promise<void> {
  try {
    await deps.dynamo.send(
      new PutItemCommand({
        TableName: deps.table,
        Item: { ...keyOf(deps, id), person: { S: who.person }, at: { S: who.at } },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error; // ended already
  }
}

/** Strongly consistent. */
export async function hasEnded(deps: AccessDeps, id: string): Promise<boolean> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.table, Key: keyOf(deps, id), ConsistentRead: true }),
  );
  return Item !== undefined;
}
