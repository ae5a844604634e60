// The directory (人员名录): the one place that knows what a person's reference stands for. Apart from the events, because
// it can forget: an erased person is overwritten by a tombstone that holds nothing but that they were erased. Events
// commit to what stood here: HMAC-SHA-256 of each field under a random 256-bit key that is kept here and goes with the
// person, so that afterwards nobody can try names or telephone numbers against the commitment. A person's item is
// written in the same transaction as the event about it (shared/rules/perform/person.ts), so neither is ever there alone.
import { GetItemCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { batchGet, type Backoff } from '../log/batch.ts';
import type { BesideWrite } from '../store/store.ts';

export interface DirectoryDeps {
  dynamo: DynamoDBClient;
  /** name of the DIRECTORY table */
  table: string;
  tenant: string;
  backoff?: Backoff;
}

/** What is known of a person. */
export interface PersonData {
  name: string;
  phone?: string | undefined;
}

/** The fields that are committed to. */
export const COMMITTED = ['name', 'phone'] as const;
export type CommittedField = (typeof COMMITTED)[number];

/** What was entered at one time, with the keys of its commitments (hex). */
export interface Entry extends PersonData {
  keys: Partial<Record<CommittedField, string>>;
  at: string;
}

/** `entries`: oldest first, the last is what holds. */
export type KnownPerson = { state: 'entered'; entries: Entry[] } | { state: 'erased' } | { state: 'unknown' };

/** Entries that are kept of one person; the older ones have what a person was called at the time. */
export const MOST_ENTRIES = 100;

type Item = Record<string, AttributeValue>;
const keyOf = (tenant: string, person: string): Item => ({ pk: { S: `${tenant}#person` }, sk: { S: person } });

/** What the directory knows of a person; strongly consistent. */
export async function readPerson(deps: DirectoryDeps, person: string): Promise<KnownPerson> {
  const { Item: item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.table, Key: keyOf(deps.tenant, person), ConsistentRead: true }),
  );
  return knownFrom(item);
}

function knownFrom(item: Item | undefined): KnownPerson {
  if (!item) return { state: 'unknown' };
  if (item['erased']) return { state: 'erased' };
  return { state: 'entered', entries: JSON.parse(item['entries']!.S!) as Entry[] };
}

/** The write that enters a person: goes beside the event that says so. */
export function entered(deps: DirectoryDeps, person: string, entries: readonly Entry[]): BesideWrite {
  const item = { ...keyOf(deps.tenant, person), entries: { S: JSON.stringify(entries) } };
  return { Put: { TableName: deps.table, Item: item } };
}

/** The write that forgets a person: name, telephone number and keys are gone with it. */
export function forgotten(deps: DirectoryDeps, person: string): BesideWrite {
  return { Put: { TableName: deps.table, Item: { ...keyOf(deps.tenant, person), erased: { BOOL: true } } } };
}

/** A new entry, with a new key for each field. */
export function newEntry({ name, phone }: PersonData, at: string): Entry {
  const data = phone === undefined ? { name } : { name, phone };
  const keys = Object.fromEntries(
    COMMITTED.filter((field) => data[field] !== undefined).map((field) => [field, newKey()]),
  );
  return { ...data, keys, at };
}

const newKey = (): string => randomBytes(32).toString('hex');

/** HMAC-SHA-256 of the value's UTF-8 under a key in hex: `printf %s VALUE | openssl dgst -sha256 -mac HMAC -macopt hexkey:KEY`. */
export function commitment(value: string, key: string): string {
  return createHmac('sha256', Buffer.from(key, 'hex')).update(value, 'utf8').digest('hex');
}

/** The commitments of an entry, as its event holds them. */
export function commitmentsOf(entry: Entry): Commitments & { name: string } {
  const of = (field: CommittedField): string | undefined => {
    const { [field]: value, keys } = entry;
    return value === undefined || keys[field] === undefined ? undefined : commitment(value, keys[field]);
  };
  const phone = of('phone');
  return { name: of('name')!, ...(phone === undefined ? {} : { phone }) };
}

/** Whether a commitment is to this value; only who has the key can tell. */
export function opens(value: string, key: string, committed: string): boolean {
  const made = Buffer.from(commitment(value, key), 'hex');
  const given = Buffer.from(committed, 'hex');
  return made.length === given.length && timingSafeEqual(made, given);
}

/** What a screen shows of a person. */
export interface NamedPeople {
  name: string;
  phone: string | null;
  state: KnownPerson['state'];
  /** to what stands here, to be compared with what the events commit to */
  commitments: Commitments | null;
}

type Commitments = Partial<Record<CommittedField, string>>;

/** Shown in place of the name of somebody who was erased. */
export const ERASED_NAME = '（已删除）';

/**
 * Names for a screen, by reference; whoever may see them has to be settled before. One batch read for every hundred. Somebody whom the
 * directory does not know is shown by the reference itself.
 */
export async function resolveNames(
  deps: DirectoryDeps,
  references: Iterable<string>,
): Promise<Map<string, NamedPeople>> {
  const wanted = [...new Set(references)];
  const items = await batchGet(
    deps.dynamo,
    deps.table,
    wanted.map((person) => keyOf(deps.tenant, person)),
    deps.backoff,
  );
  const found = new Map(items.map((item) => [item['sk']!.S!, knownFrom(item)]));
  return new Map(wanted.map((person) => [person, named(person, found.get(person) ?? { state: 'unknown' })]));
}

function named(person: string, known: KnownPerson): NamedPeople {
  if (known.state === 'erased') return { name: ERASED_NAME, phone: null, state: 'erased', commitments: null };
  if (known.state === 'unknown') return { name: person, phone: null, state: 'unknown', commitments: null };
  const last = known.entries.at(-1)!;
  return { name: last.name, phone: last.phone ?? null, state: 'entered', commitments: commitmentsOf(last) };
}
