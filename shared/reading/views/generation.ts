// A generation is one complete set of view documents. The alias says which one is live; a rebuild fills the next one and moves
// the alias by compare-and-swap. Without an alias, generation 1 is live.
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DaochaError } from '../../../events/errors.ts';
import { followerPartition } from '../../record/log/deps.ts';
import { itemKey } from './apply.ts';
import { projectionName, type View, type ViewDeps } from './view.ts';

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

const recordKey = (deps: ViewDeps, generation: number) => itemKey(`${deps.tenant}#alias`, `g${generation}`);
const servedViews = new WeakMap<object, Map<string, Promise<boolean>>>();
const records = new WeakMap<object, Map<string, Promise<Map<string, number>>>>();

/**
 * The views that a generation consists of, among those that this code has: of the same name and shape as when it was begun. A view
 * that came later, or whose fold has changed, would be wrong from there on; it waits for the next generation.
 */
export async function viewsOf(deps: ViewDeps, generation: number, views: readonly View[]): Promise<View[]> {
  const byGeneration = records.get(deps.dynamo) ?? new Map<string, Promise<Map<string, number>>>();
  records.set(deps.dynamo, byGeneration);
  const id = `${deps.views} ${deps.tenant} ${generation}`;
  // never changes once it is written
  const record = byGeneration.get(id) ?? recordOf(deps, generation, views);
  byGeneration.set(id, record);
  record.catch(() => byGeneration.delete(id));
  const shapes = await record;
  return views.filter(({ name, shape }) => shapes.get(name) === shape);
}

/**
 * Whether the live generation has a view, in the shape that this code knows: for who reads. A generation from before the view was there
 * does not, and the next rebuild makes one that does.
 */
export async function isServed(deps: ViewDeps, generation: number, view: View): Promise<boolean> {
  const served = servedViews.get(deps.dynamo) ?? new Map<string, Promise<boolean>>();
  servedViews.set(deps.dynamo, served);
  const id = `${deps.views} ${deps.tenant} ${generation} ${view.name}`;
  const before = served.get(id);
  if (before) return before;
  const asked = deps.dynamo
    .send(new GetItemCommand({ TableName: deps.views, Key: recordKey(deps, generation) }))
    .then(({ Item }) => {
      // not begun yet: whoever projects first begins it with all views
      if (!Item) served.delete(id);
      return !Item || Item['shapes']?.M?.[view.name]?.N === String(view.shape);
    });
  served.set(id, asked);
  asked.catch(() => served.delete(id));
  return asked;
}

/** The views are of an older daocha, or older than this view: it shows nothing until they have been built again. */
export class ViewMissing extends DaochaError {
  constructor(generation: number, names: readonly string[]) {
    super(
      'view-missing',
      503,
      `generation ${generation} of the views has no ${names.join(', ')}: it was begun before this version of daocha`,
      {
        expected: 'npm run -s daocha -- rebuild, once; the platform goes on working meanwhile',
        facts: { generation, views: names },
      },
    );
  }
}

/** @throws ViewMissing when the generation has not all of these views */
export async function requireViews(deps: ViewDeps, generation: number, views: readonly View[]): Promise<void> {
  const served = await Promise.all(views.map((view) => isServed(deps, generation, view)));
  const missing = views.filter((_, nth) => !served[nth]).map(({ name }) => name);
  if (missing.length > 0) throw new ViewMissing(generation, missing);
}

/** The record of a generation; made by whoever comes first. */
async function recordOf(deps: ViewDeps, generation: number, views: readonly View[]): Promise<Map<string, number>> {
  const shapes = Object.fromEntries(views.map(({ name, shape }) => [name, { N: String(shape) }]));
  try {
    await deps.dynamo.send(
      new PutItemCommand({
        TableName: deps.views,
        Item: { ...recordKey(deps, generation), shapes: { M: shapes }, at: { S: deps.now().toISOString() } },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.views, Key: recordKey(deps, generation), ConsistentRead: true }),
  );
  return new Map(Object.entries(Item?.['shapes']?.M ?? shapes).map(([name, { N }]) => [name, Number(N)]));
}

/** Forgets a generation whose documents are gone. */
export async function forgetGeneration(deps: ViewDeps, generation: number): Promise<void> {
  records.get(deps.dynamo)?.delete(`${deps.views} ${deps.tenant} ${generation}`);
  await deps.dynamo.send(new DeleteItemCommand({ TableName: deps.views, Key: recordKey(deps, generation) }));
  const checkpoint = itemKey(followerPartition(deps.tenant), projectionName(generation));
  await deps.dynamo.send(new DeleteItemCommand({ TableName: deps.log, Key: checkpoint }));
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
