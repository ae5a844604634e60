// A generation is one complete set of view documents. The alias says which one is live; a rebuild fills the next one and moves
// the alias by compare-and-swap. Without an alias, generation 1 is live.
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { itemKey } from './apply.ts';
import type { ViewDeps } from './view.ts';

export const FIRST_GENERATION = 1;
/** How long a reader may go on with the generation it knows. */
export const ALIAS_FRESH_MS = 1000;

const aliasKey = (deps: ViewDeps) => itemKey(`${deps.tenant}#alias`, 'current');

/** The live generation, strongly consistent: for who writes. */
export async function liveGeneration(deps: ViewDeps): Promise<number> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.views, Key: aliasKey(deps), ConsistentRead: true }),
  );
  return Number(Item?.['generation']?.N ?? FIRST_GENERATION);
}

const known = new WeakMap<object, Map<string, { at: number; generation: Promise<number> }>>();

/** The live generation for who reads: at most a second old. */
export function currentGeneration(deps: ViewDeps): Promise<number> {
  const byTable = known.get(deps.dynamo) ?? new Map<string, { at: number; generation: Promise<number> }>();
  known.set(deps.dynamo, byTable);
  const id = `${deps.views} ${deps.tenant}`;
  const now = deps.now().getTime();
  const cached = byTable.get(id);
  if (cached && Math.abs(now - cached.at) < ALIAS_FRESH_MS) return cached.generation;
  const generation = liveGeneration(deps);
  byTable.set(id, { at: now, generation });
  // a failed read must not be answered for a second
  generation.catch(() => byTable.delete(id));
  return generation;
}

/** Makes `to` the live generation if `from` still is; false when it is not. */
export async function flip(deps: ViewDeps, from: number, to: number): Promise<boolean> {
  try {
    await deps.dynamo.send(
      new PutItemCommand({
        TableName: deps.views,
        Item: { ...aliasKey(deps), generation: { N: String(to) }, at: { S: deps.now().toISOString() } },
        ConditionExpression:
          from === FIRST_GENERATION ? 'attribute_not_exists(pk) OR #generation = :from' : '#generation = :from',
        ExpressionAttributeNames: { '#generation': 'generation' },
        ExpressionAttributeValues: { ':from': { N: String(from) } },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
