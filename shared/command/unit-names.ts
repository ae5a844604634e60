// What units are called (单位名称): the look for a unit on record that reads like one about to be registered. Kept in LOG under `<tenant>#unit-name`, beside
// the followers' checkpoints, written in the transaction of the event. An entry only says where to look: what refuses a unit is read from the other's own stream.
// Sort keys: `n#<name>#<number>` for what was looked for first, so that two such registrations at once want the same number and one of them looks again;
// `n#<name>#<unit>` for what is only told; `a#<address>#<unit>`. Names and addresses stand there as digests of how they read (shared/text.ts).
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import type { UnitDetails } from '../../events/unit.ts';
import { RuleViolated } from '../errors.ts';
import type { BesideWrite, StoreDeps, UnitNames } from '../store/store.ts';
import { compared } from '../text.ts';
import { digest, type Read } from './execute.ts';

/** A unit that reads like another. */
export interface Alike {
  id: string;
  name: string;
  address?: string;
}
type Called = Pick<UnitDetails, 'name' | 'address'>;
type Item = Record<string, AttributeValue>;

/** Units that are looked at and told of at most: a chain may have hundreds of shops. */
export const MOST_ALIKE = 20;

/**
 * `refused`: not registered while one on record may be the same; `told`: registered, and told of; `apart`: registered as another than all that it
 * reads like.
 */
export type OnAlike = 'refused' | 'told' | 'apart';

export interface Look {
  /** what it was said, or taken, to be another than */
  distinctFrom: string[];
  similar: Alike[];
  writes: BesideWrite[];
}

const NOBODY: Look = { distinctFrom: [], similar: [], writes: [] };

/**
 * Looks whether the unit reads like one on record, and yields what has to be written with it.
 * @throws RuleViolated `unit-looks-like` with facts `units`
 */
export async function lookAlike(
  deps: StoreDeps,
  tenant: string,
  read: Read,
  unit: { id: string; details: Called },
  on: OnAlike,
  distinctFrom: readonly string[],
): Promise<Look> {
  const { names } = deps;
  if (!names) return NOBODY;
  await complete(deps, tenant, names);
  const { id, details } = unit;
  const name = nameKey(details);
  const address = addressKey(details);
  const [named, placed] = await Promise.all([
    entriesOf(deps, tenant, names, name),
    address === undefined ? [] : entriesOf(deps, tenant, names, address, MOST_ALIKE + 1),
  ]);
  const others = [...new Map(named.filter((one) => one.id !== id).map((one) => [one.id, one])).values()];
  const same: Alike[] = [];
  for (const other of on === 'told' ? [] : others.filter((one) => mayBe(one, details)).slice(0, MOST_ALIKE)) {
    const { details: now, closed } = await read('unit', other.id);
    if (now && !closed && compared(now.name) === compared(details.name) && mayBe(now, details)) {
      same.push(alikeOf(other.id, now));
    }
  }
  const said = new Set(distinctFrom);
  const left = same.filter((one) => !said.has(one.id));
  if (on === 'refused' && left.length > 0) throw looksLike(left);

  const rest = [...others, ...placed].filter((one) => one.id !== id && !same.some((other) => other.id === one.id));
  const similar = [...new Map(rest.map((one) => [one.id, alikeOf(one.id, one)])).values()].slice(0, MOST_ALIKE);
  const numbers = named.flatMap(({ number }) => number ?? []);
  const next = String(Math.max(0, ...numbers) + 1).padStart(8, '0');
  const own = { id, ...details };
  return {
    distinctFrom: [...new Set([...distinctFrom, ...(on === 'apart' ? left.map((one) => one.id) : [])])],
    similar,
    writes: [
      on === 'told'
        ? { Put: { TableName: names.table, Item: itemOf(tenant, `${name}${id}`, own) } }
        : {
            Put: {
              TableName: names.table,
              Item: itemOf(tenant, `${name}${next}`, own),
              ConditionExpression: 'attribute_not_exists(#pk)',
              ExpressionAttributeNames: { '#pk': 'pk' },
            },
          },
      ...(address === undefined
        ? []
        : [{ Put: { TableName: names.table, Item: itemOf(tenant, `${address}${id}`, own) } }]),
    ],
  };
}

/** Do two units read alike, so that neither the name nor the address tells them apart? */
export const readAlike = (a: Called, b: Called): boolean => compared(a.name) === compared(b.name) && sameAddress(a, b);

const sameAddress = (a: Called, b: Called): boolean => compared(a.address ?? '') === compared(b.address ?? '');

/** Of the same name: at the same address too, or one of the two without address. */
const mayBe = (a: Called, b: Called): boolean => !a.address || !b.address || sameAddress(a, b);

const nameKey = ({ name }: Called): string => `n#${digest(compared(name))}#`;
const addressKey = ({ address }: Called): string | undefined =>
  address === undefined ? undefined : `a#${digest(compared(address))}#`;

const alikeOf = (id: string, { name, address }: Called): Alike => ({ id, name, ...(address && { address }) });

function looksLike(units: Alike[]): RuleViolated {
  const ids = units.map(({ id }) => id).join(', ');
  return new RuleViolated('unit-looks-like', `it reads like what is registered as ${ids}`, {
    field: 'name',
    expected: `that unit; or, when it is another one, the same request with "distinctFrom": ${JSON.stringify(units.map(({ id }) => id))}`,
    facts: { units },
  });
}

const partitionOf = (tenant: string): string => `${tenant}#unit-name`;

function itemOf(tenant: string, sk: string, { id, name, address }: Alike | ({ id: string } & Called)): Item {
  return {
    pk: { S: partitionOf(tenant) },
    sk: { S: sk },
    unit: { S: id },
    name: { S: name },
    ...(address === undefined ? {} : { address: { S: address } }),
  };
}

const PAGE = 1000;
type Entry = Alike & { number?: number };

/** Strongly consistent. */
async function entriesOf(
  { dynamo }: StoreDeps,
  tenant: string,
  { table }: UnitNames,
  prefix: string,
  limit?: number,
): Promise<Entry[]> {
  const found: Entry[] = [];
  let start: Item | undefined;
  do {
    const page = await dynamo.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :prefix)',
        ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
        ExpressionAttributeValues: { ':pk': { S: partitionOf(tenant) }, ':prefix': { S: prefix } },
        ConsistentRead: true,
        Limit: limit ?? PAGE,
        ExclusiveStartKey: start,
      }),
    );
    for (const { sk, unit, name, address } of page.Items ?? []) {
      const last = sk!.S!.slice(prefix.length);
      found.push({
        ...alikeOf(unit!.S!, { name: name!.S!, address: address?.S }),
        ...(/^\d{8}$/.test(last) && last !== unit!.S && { number: Number(last) }),
      });
    }
    start = limit === undefined ? page.LastEvaluatedKey : undefined;
  } while (start);
  return found;
}

// --- a platform that registered units before it kept what they are called -------------------------------------------------------------

const COMPLETE = 'complete';
const completed = new WeakMap<StoreDeps, Map<string, Promise<void>>>();

/**
 * Enters, once, what was registered before this was kept, from the list of units; nobody needs to be told to do so. Until the mark stands that all
 * is entered, every process that registers a unit does it; the same entries again change nothing.
 */
function complete(deps: StoreDeps, tenant: string, names: UnitNames): Promise<void> {
  const known = completed.get(deps) ?? new Map<string, Promise<void>>();
  completed.set(deps, known);
  const begun = known.get(tenant);
  if (begun) return begun;
  const done = enterOlder(deps, tenant, names);
  known.set(tenant, done);
  done.catch(() => known.delete(tenant));
  return done;
}

async function enterOlder({ dynamo }: StoreDeps, tenant: string, { table, older }: UnitNames): Promise<void> {
  const key = { pk: { S: partitionOf(tenant) }, sk: { S: COMPLETE } };
  const { Item: mark } = await dynamo.send(
    new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true, ProjectionExpression: 'sk' }),
  );
  if (mark) return;
  const put = async (item: Item): Promise<void> => {
    await dynamo
      .send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ConditionExpression: 'attribute_not_exists(#pk)',
          ExpressionAttributeNames: { '#pk': 'pk' },
        }),
      )
      .catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
  };
  for await (const units of older()) {
    await Promise.all(
      units.flatMap((unit) => {
        const address = addressKey(unit);
        return [`${nameKey(unit)}${unit.id}`, ...(address === undefined ? [] : [`${address}${unit.id}`])].map((sk) =>
          put(itemOf(tenant, sk, unit)),
        );
      }),
    );
  }
  await put(key);
}
