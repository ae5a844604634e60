// A small in-memory DynamoDB for property tests: the calls daocha makes, atomic per call as the real one, with hooks
// that fail, delay or interleave calls, and answers that leave items unprocessed. It refuses what the real service
// refuses (limits, duplicate keys) and Query or Scan without `Limit`, which the local engine does not page without.
import {
  ConditionalCheckFailedException,
  ResourceNotFoundException,
  TransactionCanceledException,
  type AttributeValue,
  type BatchGetItemCommandInput,
  type BatchWriteItemCommandInput,
  type DynamoDBClient,
  type GetItemCommandInput,
  type PutItemCommandInput,
  type QueryCommandInput,
  type ScanCommandInput,
  type TransactWriteItemsCommandInput,
  type UpdateItemCommandInput,
  type DeleteItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import {
  compare,
  ExpressionError,
  holds,
  ofPartition,
  projected,
  scalar,
  updated,
  type Item,
  type Names,
} from './dynamo-expressions.ts';

export interface FakeTable {
  hash: string;
  range: string;
  /** name → key attributes; an item without both is not in the index */
  indexes?: Record<string, { hash: string; range: string }>;
}

export interface FakeCall {
  /** `PutItem`, `Query` … */
  name: string;
  input: Record<string, unknown>;
  when: 'before' | 'after';
}

/** May wait, and may throw: before the call nothing has happened, after it everything has. */
export type Hook = (call: FakeCall) => Promise<void> | void;

interface FakeCommand {
  constructor: { name: string };
  input: unknown;
}

export interface FakeRecord {
  table: string;
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  keys: Item;
  newImage?: Item;
  oldImage?: Item;
}

/** The tables of daocha by their usual test names. */
export const DAOCHA_TABLES: Record<string, FakeTable> = {
  events: { hash: 'stream', range: 'version' },
  log: { hash: 'pk', range: 'sk' },
  access: { hash: 'pk', range: 'sk' },
  directory: { hash: 'pk', range: 'sk' },
  views: {
    hash: 'pk',
    range: 'sk',
    indexes: {
      lists1: { hash: 'l1', range: 'o1' },
      lists2: { hash: 'l2', range: 'o2' },
      lists3: { hash: 'l3', range: 'o3' },
    },
  },
};

interface Write {
  table: string;
  key: Item;
  /** undefined = delete */
  item?: Item;
}

const MAX_ITEM = 400 * 1024;

export class FakeDynamo {
  hook: Hook = () => {};
  /** How many entries of a batch call are processed; the rest comes back as unprocessed. At least one is. */
  processed: (call: { name: string; entries: number }) => number = ({ entries }) => entries;
  /** Every change of an item, in order, as its stream would carry it. */
  readonly records: FakeRecord[] = [];
  /** Names of the calls made, in order. */
  readonly calls: string[] = [];
  readonly #definitions: Record<string, FakeTable>;
  readonly #tables = new Map<string, Map<string, Item>>();

  constructor(definitions: Record<string, FakeTable> = DAOCHA_TABLES) {
    this.#definitions = definitions;
    for (const name of Object.keys(definitions)) this.#tables.set(name, new Map());
  }

  /** The fake as the client that the code under test takes. */
  get client(): DynamoDBClient {
    return this as unknown as DynamoDBClient;
  }

  /** All items of a table, in key order. */
  items(table: string): Item[] {
    return copyOf(this.#sorted(table));
  }

  #sorted(table: string): Item[] {
    const { hash, range } = this.#definition(table);
    return [...this.#table(table).values()].toSorted(
      (a, b) => compare(a[hash], b[hash]) || compare(a[range], b[range]),
    );
  }

  /** Puts an item without conditions, hooks or limits: for arranging a test. */
  seed(table: string, item: Item): void {
    this.#write([{ table, key: this.#key(table, item), item: copyOf(item) }]);
  }

  /** Removes an item without conditions or hooks: for arranging a test. */
  unseed(table: string, key: Item): void {
    this.#write([{ table, key: this.#key(table, key) }]);
  }

  /** A client of its own on the same tables: one process among several, with its own hook. */
  clientWith(hook: Hook): DynamoDBClient {
    return {
      send: (command: FakeCommand) => this.#send(command, hook),
      destroy: () => {},
    } as unknown as DynamoDBClient;
  }

  send(command: FakeCommand): Promise<unknown> {
    return this.#send(command, (call) => this.hook(call));
  }

  async #send(command: FakeCommand, hook: Hook): Promise<unknown> {
    const name = command.constructor.name.replace(/Command$/, '');
    const input = copyOf(command.input) as Record<string, unknown>;
    this.calls.push(name);
    await hook({ name, input, when: 'before' });
    const output = copyOf(this.#run(name, input));
    await hook({ name, input, when: 'after' });
    return { $metadata: {}, ...output };
  }

  destroy(): void {}

  #run(name: string, input: Record<string, unknown>): Record<string, unknown> {
    switch (name) {
      case 'GetItem':
        return this.#get(input as unknown as GetItemCommandInput);
      case 'PutItem':
        return this.#put(input as unknown as PutItemCommandInput);
      case 'UpdateItem':
        return this.#update(input as unknown as UpdateItemCommandInput);
      case 'DeleteItem':
        return this.#delete(input as unknown as DeleteItemCommandInput);
      case 'Query':
        return this.#query(input as unknown as QueryCommandInput);
      case 'Scan':
        return this.#scan(input as unknown as ScanCommandInput);
      case 'BatchGetItem':
        return this.#batchGet(input as unknown as BatchGetItemCommandInput);
      case 'BatchWriteItem':
        return this.#batchWrite(input as unknown as BatchWriteItemCommandInput);
      case 'TransactWriteItems':
        return this.#transact(input as unknown as TransactWriteItemsCommandInput);
      default:
        throw new Error(`the fake does not know ${name}`);
    }
  }

  #definition(table: string): FakeTable {
    const definition = this.#definitions[table];
    if (!definition) throw new ResourceNotFoundException({ message: `no table ${table}`, $metadata: {} });
    return definition;
  }

  #table(table: string): Map<string, Item> {
    this.#definition(table);
    return this.#tables.get(table)!;
  }

  #key(table: string, item: Item): Item {
    const { hash, range } = this.#definition(table);
    const key: Item = {};
    for (const name of [hash, range]) {
      const value = item[name];
      if (value === undefined || scalar(value) === undefined) throw new ExpressionError(`missing the key ${name}`);
      if (value.S === '') throw new ExpressionError(`empty string in key ${name}`);
      key[name] = value;
    }
    return key;
  }

  #stored(table: string, key: Item): Item | undefined {
    return this.#table(table).get(JSON.stringify(this.#key(table, key)));
  }

  #write(writes: Write[]): void {
    for (const { table, key, item } of writes) {
      const id = JSON.stringify(key);
      const old = this.#table(table).get(id);
      if (item === undefined) this.#table(table).delete(id);
      else this.#table(table).set(id, item);
      if (JSON.stringify(old) === JSON.stringify(item)) continue; // as on AWS: no change, no record
      this.records.push({
        table,
        eventName: old === undefined ? 'INSERT' : item === undefined ? 'REMOVE' : 'MODIFY',
        keys: key,
        ...(item === undefined ? {} : { newImage: item }),
        ...(old === undefined ? {} : { oldImage: old }),
      });
    }
  }

  #get(input: GetItemCommandInput): Record<string, unknown> {
    const item = this.#stored(input.TableName!, input.Key!);
    return item === undefined ? {} : { Item: projected(input.ProjectionExpression, item, input) };
  }

  #check(
    input: Names & {
      ConditionExpression?: string | undefined;
      ReturnValuesOnConditionCheckFailure?: string | undefined;
    },
    stored: Item | undefined,
  ): void {
    if (holds(input.ConditionExpression, stored, input)) return;
    throw new ConditionalCheckFailedException({
      message: 'The conditional request failed',
      $metadata: {},
      ...(input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && stored ? { Item: copyOf(stored) } : {}),
    });
  }

  #sized(table: string, item: Item): Write {
    const bytes = itemBytes(item);
    if (bytes > MAX_ITEM) throw new ExpressionError('Item size has exceeded the maximum allowed size');
    return { table, key: this.#key(table, item), item };
  }

  #put(input: PutItemCommandInput): Record<string, unknown> {
    const write = this.#sized(input.TableName!, input.Item!);
    this.#check(input, this.#stored(input.TableName!, input.Item!));
    this.#write([write]);
    return {};
  }

  #update(input: UpdateItemCommandInput): Record<string, unknown> {
    const stored = this.#stored(input.TableName!, input.Key!);
    this.#check(input, stored);
    const item = updated(input.UpdateExpression ?? '', stored ?? input.Key!, input);
    this.#write([this.#sized(input.TableName!, item)]);
    return input.ReturnValues === 'ALL_NEW' ? { Attributes: item } : {};
  }

  #delete(input: DeleteItemCommandInput): Record<string, unknown> {
    this.#check(input, this.#stored(input.TableName!, input.Key!));
    this.#write([{ table: input.TableName!, key: this.#key(input.TableName!, input.Key!) }]);
    return {};
  }

  #query(input: QueryCommandInput): Record<string, unknown> {
    const definition = this.#definition(input.TableName!);
    const index = input.IndexName === undefined ? undefined : definition.indexes?.[input.IndexName];
    if (input.IndexName !== undefined && !index) throw new ExpressionError(`no index ${input.IndexName}`);
    if (index && input.ConsistentRead)
      throw new ExpressionError('Consistent reads are not supported on global secondary indexes');
    const order = index ? [index.range, definition.hash, definition.range] : [definition.range];
    const all = this.#table(input.TableName!).values();
    const found = ofPartition(all, (index ?? definition).hash, input.KeyConditionExpression, input)
      .filter((item) => !index || item[index.range])
      .filter((item) => holds(input.KeyConditionExpression, item, input))
      .toSorted((a, b) => order.reduce((sign, name) => sign || compare(a[name], b[name]), 0));
    if (input.ScanIndexForward === false) found.reverse();
    return this.#page(found, input, index ? [index.hash, index.range] : []);
  }

  #scan(input: ScanCommandInput): Record<string, unknown> {
    return this.#page(this.#sorted(input.TableName!), input, []);
  }

  #page(found: Item[], input: QueryCommandInput | ScanCommandInput, indexKeys: string[]): Record<string, unknown> {
    if (input.Limit === undefined) throw new ExpressionError('daocha always passes Limit on Query and Scan');
    const { hash, range } = this.#definition(input.TableName!);
    const keyOf = (item: Item): Item =>
      Object.fromEntries([hash, range, ...indexKeys].map((name) => [name, item[name]!]));
    const after = input.ExclusiveStartKey === undefined ? undefined : JSON.stringify(keyOf(input.ExclusiveStartKey));
    const start = after === undefined ? 0 : found.findIndex((item) => JSON.stringify(keyOf(item)) === after) + 1;
    if (after !== undefined && start === 0) throw new ExpressionError('the fake pages only from keys that still exist');
    const page = found.slice(start, start + input.Limit);
    const items = page.filter((item) => holds(input.FilterExpression, item, input));
    const more = page.length === input.Limit; // as on AWS: also when the page ends exactly at the end
    return {
      Count: items.length,
      ScannedCount: page.length,
      ...(input.Select === 'COUNT'
        ? {}
        : { Items: items.map((item) => projected(input.ProjectionExpression, item, input)) }),
      ...(more && page.length > 0 ? { LastEvaluatedKey: keyOf(page.at(-1)!) } : {}),
    };
  }

  #batchGet(input: BatchGetItemCommandInput): Record<string, unknown> {
    const wanted = Object.entries(input.RequestItems!).flatMap(([table, request]) =>
      request.Keys!.map((key) => ({ table, key, request })),
    );
    this.#batch(
      wanted.map(({ table, key }) => ({ table, key: this.#key(table, key) })),
      100,
    );
    const count = Math.max(
      1,
      Math.min(wanted.length, this.processed({ name: 'BatchGetItem', entries: wanted.length })),
    );
    const Responses: Record<string, Item[]> = {};
    const UnprocessedKeys: NonNullable<BatchGetItemCommandInput['RequestItems']> = {};
    for (const [at, { table, key, request }] of wanted.entries()) {
      if (at >= count) {
        (UnprocessedKeys[table] ??= { ...request, Keys: [] }).Keys!.push(key);
        continue;
      }
      const item = this.#stored(table, key);
      const responses = (Responses[table] ??= []);
      if (item) responses.unshift(projected(request.ProjectionExpression, item, request)); // no order is promised
    }
    return { Responses, UnprocessedKeys };
  }

  #batchWrite(input: BatchWriteItemCommandInput): Record<string, unknown> {
    const writes = Object.entries(input.RequestItems!).flatMap(([table, requests]) =>
      requests.map((request) => ({
        table,
        request,
        write: request.PutRequest
          ? this.#sized(table, request.PutRequest.Item!)
          : { table, key: this.#key(table, request.DeleteRequest!.Key!) },
      })),
    );
    this.#batch(
      writes.map(({ write }) => write),
      25,
    );
    const count = Math.max(
      1,
      Math.min(writes.length, this.processed({ name: 'BatchWriteItem', entries: writes.length })),
    );
    const UnprocessedItems: NonNullable<BatchWriteItemCommandInput['RequestItems']> = {};
    for (const { table, request } of writes.slice(count)) (UnprocessedItems[table] ??= []).push(request);
    this.#write(writes.slice(0, count).map(({ write }) => write));
    return { UnprocessedItems };
  }

  #batch(keys: { table: string; key: Item }[], limit: number): void {
    if (keys.length === 0 || keys.length > limit)
      throw new ExpressionError(`a batch has 1 to ${limit} entries, not ${keys.length}`);
    const distinct = new Set(keys.map(({ table, key }) => `${table} ${JSON.stringify(key)}`));
    if (distinct.size < keys.length) throw new ExpressionError('Provided list of item keys contains duplicates');
  }

  #transact(input: TransactWriteItemsCommandInput): Record<string, unknown> {
    const writes: Write[] = [];
    const failures: (ConditionalCheckFailedException | undefined)[] = [];
    for (const { Put, Update, Delete, ConditionCheck } of input.TransactItems!) {
      const action = (Put ?? Update ?? Delete ?? ConditionCheck)!;
      const key = this.#key(action.TableName!, Put ? Put.Item! : (Update ?? Delete ?? ConditionCheck)!.Key!);
      const stored = this.#stored(action.TableName!, key);
      try {
        this.#check(action, stored);
        failures.push(undefined);
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        failures.push(error);
        continue;
      }
      if (Put) writes.push(this.#sized(Put.TableName!, Put.Item!));
      else if (Update)
        writes.push(this.#sized(Update.TableName!, updated(Update.UpdateExpression!, stored ?? key, Update)));
      else
        writes.push(Delete ? { table: Delete.TableName!, key } : { table: action.TableName!, key, item: stored ?? {} });
    }
    this.#batch(
      input.TransactItems!.map((item) => {
        const action = (item.Put ?? item.Update ?? item.Delete ?? item.ConditionCheck)!;
        return {
          table: action.TableName!,
          key: this.#key(action.TableName!, (item.Put ? item.Put.Item : (action as { Key?: Item }).Key)!),
        };
      }),
      100,
    );
    if (failures.some(Boolean)) {
      throw new TransactionCanceledException({
        message: 'Transaction cancelled',
        $metadata: {},
        CancellationReasons: failures.map((failure) =>
          failure
            ? { Code: 'ConditionalCheckFailed', ...(failure.Item ? { Item: failure.Item } : {}) }
            : { Code: 'None' },
        ),
      });
    }
    const checks = new Set(input.TransactItems!.flatMap((item, at) => (item.ConditionCheck ? [at] : [])));
    this.#write(writes.filter((_, at) => !checks.has(at)));
    return {};
  }
}

/** A deep copy of inputs and items: plain objects, lists, bytes and plain values. A tenth of what structuredClone costs. */
function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element: unknown) => copyOf(element)) as T;
  if (value instanceof Uint8Array) return Uint8Array.from(value) as T;
  if (value instanceof Set) return new Set([...value].map((element: unknown) => copyOf(element))) as T;
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) copy[name] = copyOf((value as Record<string, unknown>)[name]);
  return copy as T;
}

/** Size of an item as DynamoDB counts it, near enough for limits: names and values in bytes. */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1;
  if (value.B !== undefined) return value.B.length;
  if (value.L !== undefined) return value.L.reduce((sum, element) => sum + 1 + valueBytes(element), 3);
  if (value.M !== undefined) return 3 + Object.values(value.M).length + itemBytes(value.M);
  return 1;
}
