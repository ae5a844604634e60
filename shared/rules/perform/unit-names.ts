// What units are called (单位名称), and what numbers they have in registers (单位编号): the look for a unit on record that reads like one
// about to be registered. Kept in LOG
// under `<tenant>#unit-name`, beside the followers' checkpoints, written in the transaction of the event. An entry only
// says where to look: what refuses a unit is read from the other's own stream. Sort keys: `n#<name>#<number>` for what
// was looked for first, so that two such registrations at once want the same number and one of them looks again;
// `n#<name>#<unit>` for what is only told; `a#<address>#<unit>`; `e#<register, number>#<number>`, always in order. Names, addresses and
// registers' numbers are there as digests of how they read (shared/text.ts).
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import type { UnitDetails } from '../../../events/unit.ts';
import { RuleViolated } from '../../../events/errors.ts';
import type { BesideWrite, StoreDeps, UnitNames } from '../../record/store/store.ts';
import { compared, numberRead } from '../../text.ts';
import { digest, loadState, type Read } from './execute.ts';

/** A unit that reads like another. */
export interface Alike {
  id: string;
  name: string;
  address?: string;
  /** its number in the register in which another's reads like it */
  external?: string;
}
type Named = Pick<UnitDetails, 'name' | 'address'>;
type Called = Named & Pick<UnitDetails, 'external'>;
type Item = Record<string, AttributeValue>;

/** Units that are told of at most, and looked at at a time: a chain may have hundreds of shops. */
export const MOST_ALIKE = 20;

/**
 * `refused`: not registered while one on record may be the same; `told`: registered, and told of; `apart`: registered
 * as another than all that it reads like. Of one whose number in a register reads like another's, `told` is `refused` too:
 * a spreadsheet takes zeros away, and one of the two numbers is wrong.
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
  unit: { id: string; details: Called; before?: Called | undefined },
  on: OnAlike,
  distinctFrom: readonly string[],
): Promise<Look> {
  const { names } = deps;
  if (!names) return NOBODY;
  await complete(deps, tenant, names);
  const { id, details, before } = unit;
  const name = nameKey(details);
  const address = addressKey(details);
  // A correction of something else is no news of the number.
  const number = before && sameNumber(before, details) ? undefined : numberKey(details);
  const [named, placed, numbered] = await Promise.all([
    entriesOf(deps, tenant, names, name),
    address === undefined ? [] : entriesOf(deps, tenant, names, address, MOST_ALIKE + 1),
    number === undefined ? [] : entriesOf(deps, tenant, names, number),
  ]);
  const said = new Set(distinctFrom);
  const others = named.filter((one) => one.id !== id);
  const sharing = numbered.filter((one) => one.id !== id && !said.has(one.id));
  // Of a unit that was corrected there are several entries; any of them says that it has to be looked at.
  const doubtful = others.filter((one) => on !== 'told' && !said.has(one.id) && mayBe(one, details));
  const left: Alike[] = [];
  const ids = [...new Set([...sharing, ...doubtful].map((one) => one.id))];
  for (let at = 0; at < ids.length && left.length < MOST_ALIKE; at += MOST_ALIKE) {
    const part = await Promise.all(
      ids.slice(at, at + MOST_ALIKE).map(async (other) => ({ other, ...(await read('unit', other)) })),
    );
    for (const { other, details: now, closed } of part) {
      if (!now || closed) continue;
      if (number !== undefined && sameNumber(now, details)) left.push(alikeOf(other, now, now.external?.id));
      else if (on !== 'told' && readsLike(now, details)) left.push(alikeOf(other, now));
    }
  }
  if (left.length > 0 && (on === 'refused' || (on === 'told' && left.some((one) => one.external !== undefined))))
    throw looksLike(left, details);

  const known = new Set([id, ...said, ...left.map((one) => one.id)]);
  const rest = [...sharing, ...others, ...placed].filter((one) => !known.has(one.id));
  const similar = [...new Map(rest.map((one) => [one.id, alikeOf(one.id, one)])).values()].slice(0, MOST_ALIKE);
  const own = { id, ...details };
  return {
    distinctFrom: [...new Set([...distinctFrom, ...(on === 'apart' ? left.map((one) => one.id) : [])])],
    similar,
    writes: [
      on === 'told'
        ? { Put: { TableName: names.table, Item: itemOf(tenant, `${name}${id}`, own) } }
        : inOrder(names, tenant, name, named, own),
      ...(address === undefined
        ? []
        : [{ Put: { TableName: names.table, Item: itemOf(tenant, `${address}${id}`, own) } }]),
      ...(number === undefined ? [] : [inOrder(names, tenant, number, numbered, own)]),
    ],
  };
}

/** An entry with the next number of its key, which nobody has yet: of two at once one looks again. */
function inOrder(
  { table }: UnitNames,
  tenant: string,
  key: string,
  known: readonly Entry[],
  unit: { id: string } & Named,
): BesideWrite {
  const next = String(Math.max(0, ...known.flatMap(({ number }) => number ?? [])) + 1).padStart(8, '0');
  return {
    Put: {
      TableName: table,
      Item: itemOf(tenant, `${key}${next}`, unit),
      ConditionExpression: 'attribute_not_exists(#pk)',
      ExpressionAttributeNames: { '#pk': 'pk' },
    },
  };
}

/** May two units be one: of one name, and nothing about their addresses tells them apart. */
const readsLike = (a: Named, b: Named): boolean => compared(a.name) === compared(b.name) && mayBe(a, b);

/** Do two units read alike, so that neither the name nor the address nor a register's number tells them apart? */
export const readAlike = (a: Called, b: Called): boolean =>
  compared(a.name) === compared(b.name) && sameAddress(a, b) && numberKey(a) === numberKey(b);

/** Have both a number in one register, which reads the same? */
const sameNumber = (a: Called, b: Called): boolean => numberKey(a) !== undefined && numberKey(a) === numberKey(b);

const sameAddress = (a: Named, b: Named): boolean => compared(a.address ?? '') === compared(b.address ?? '');

/** Of the same name: at the same address too, or one of the two without address. */
const mayBe = (a: Named, b: Named): boolean => !a.address || !b.address || sameAddress(a, b);

const nameKey = ({ name }: Named): string => `n#${digest(compared(name))}#`;
const addressKey = ({ address }: Named): string | undefined =>
  address === undefined ? undefined : `a#${digest(compared(address))}#`;

const numberKey = ({ external }: Called): string | undefined =>
  external && `e#${digest(`${external.system}|${numberRead(external.id)}`)}#`;

const alikeOf = (id: string, { name, address }: Named, external?: string): Alike => ({
  id,
  name,
  ...(address && { address }),
  ...(external !== undefined && { external }),
});

function looksLike(units: Alike[], { external }: Called): RuleViolated {
  const ids = units.map(({ id }) => id).join(', ');
  const numbers = units.flatMap((one) => (one.external === undefined ? [] : [`“${one.external}” of ${one.id}`]));
  const why =
    numbers.length > 0
      ? `its number “${external!.id}” reads like ${numbers.join(', ')}`
      : `it reads like what is registered as ${ids}`;
  return new RuleViolated('unit-looks-like', why, {
    field: numbers.length > 0 ? 'external.id' : 'name',
    expected: `that unit; or, when it is another one, the same request with "distinctFrom": ${JSON.stringify(units.map(({ id }) => id))}`,
    facts: { units },
  });
}

const partitionOf = (tenant: string): string => `${tenant}#unit-name`;

function itemOf(tenant: string, sk: string, { id, name, address }: Alike | ({ id: string } & Named)): Item {
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

/** Another one whenever names are compared in another way: then all are entered again, under the digests of that way. */
const COMPLETE = 'complete-3';
const completed = new WeakMap<StoreDeps, Map<string, Promise<void>>>();

/**
 * Enters, once, what was registered before this was kept, from the list of units; nobody needs to be told to do so.
 * Until the mark says that all is entered, every process that registers a unit does it; the same entries again change
 * nothing.
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

async function enterOlder(deps: StoreDeps, tenant: string, { table, older }: UnitNames): Promise<void> {
  const { dynamo } = deps;
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
      units.map(async (unit) => {
        // The list does not have a register's number: it is in the unit's own stream.
        const { details } = await loadState(deps, tenant, 'unit', unit.id);
        const keys = [nameKey(unit), addressKey(unit), details ? numberKey(details) : undefined];
        await Promise.all(
          keys.flatMap((of) => (of === undefined ? [] : [put(itemOf(tenant, `${of}${unit.id}`, unit))])),
        );
      }),
    );
  }
  await put(key);
}
