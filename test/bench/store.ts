// The event store against what it is made of: raw PutItem of the same bytes on the same engine, and castore, a kept event store for
// DynamoDB, as the peer. Write units are the engine's own ConsumedCapacity.
import { seededWriter } from '../../functions/runtime/writer.ts';
import { DynamoDBSingleTableEventStorageAdapter } from '@castore/event-storage-adapter-dynamodb';
import { EventStore, EventType, type Aggregate } from '@castore/core';
import {
  CreateTableCommand,
  DeleteItemCommand,
  PutItemCommand,
  ScanCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { LIANTANG, LIANTANG_RULES } from '../../shared/rules/campaign/liantang.ts';
import { seedCampaign } from '../../shared/rules/perform/campaign.ts';
import type { CommandContext } from '../../shared/rules/perform/execute.ts';
import { registerUnit } from '../../shared/rules/perform/unit.ts';
import { itemFromCommit, itemSize, NO_COMMIT } from '../../shared/record/store/commit.ts';
import { appendCommits, sealCommits, type NewCommit, type StoreDeps } from '../../shared/record/store/store.ts';
import { startEngineWithTables } from '../support/platform.ts';
import { inTurn, ratios, run, throughputOf, type Measured } from './load.ts';
import type { Bench } from './options.ts';
import { fixed, judged, median, percentile, type Row, type Section } from './table.ts';
import { TENANT, unitDetails } from './town.ts';

const ROUNDS = 9;
const CALLS = 1000;
const GROUPS = 200;
const NOTE =
  'Every item has 1,020 bytes, give or take 8. `append` writes the first event of a stream, which is no other than a later one; castore ' +
  'puts a first event into an index as well, so both kinds are shown. All share client, engine and stream settings.';

const REGISTERING =
  'One transaction, in which every item costs twice what it would alone: the event, the unit’s name, its address. So that nobody makes two units of one shop.';

export async function storeSections(bench: Bench): Promise<Section[]> {
  bench.say('store');
  const engine = await startEngineWithTables();
  try {
    await createCastoreTable(engine.dynamo);
    const signer = seededWriter('bench', 'liantang', 'bench');
    const writer = () => Promise.resolve(signer);
    const deps = { dynamo: engine.dynamo, table: engine.tables.events, writer };
    return [
      { title: 'Write units of one command of 1 KB', rows: await writeUnits(deps, engine.dynamo) },
      {
        title: 'Write units of a registration',
        rows: await registering({
          ...deps,
          names: { table: engine.tables.log, older: async function* () {} },
        }),
        note: REGISTERING,
      },
      {
        title: 'Append against raw PutItem and castore',
        rows: await throughput(bench, deps, engine.dynamo),
        note: NOTE,
      },
    ];
  } finally {
    await engine.stop();
  }
}

/** A commit whose item has just under 1,024 bytes, with its bytes spread over `events` events. */
export function commitOfOneKilobyte(stream: string, events: number): NewCommit {
  const commit = (bytes: number): NewCommit => ({
    stream,
    version: 1,
    events: Array.from({ length: events }, (_, index) => new Uint8Array(Math.floor(bytes / events)).fill(97 + index)),
    command: 'bench-command-0000001',
    request: 'fingerprint-0001',
    person: 'p-bench',
    recordedAt: '2025-05-08T02:00:00.000Z',
    prev: NO_COMMIT,
  });
  const overhead = itemSize(itemFromCommit(sealCommits([commit(0)])[0]!));
  return commit(1020 - overhead);
}

async function writeUnits(deps: StoreDeps, dynamo: DynamoDBClient): Promise<Row[]> {
  const units = async (events: number): Promise<number> => {
    const outcome = await appendCommits(deps, [commitOfOneKilobyte(`bench#hazard#units-${events}`, events)]);
    return outcome.kind === 'appended' ? outcome.writeUnits : Number.NaN;
  };
  const counted: number[] = [];
  // Without this, the SDK's answers carry no capacity: castore does not ask for it.
  const counting = countingClient(dynamo, counted);
  const castore = castoreStore(counting);
  const body = 'x'.repeat(860);
  await castore.pushEvent({ aggregateId: 'one', version: 1, type: 'HAPPENED', payload: { body } });
  const first = sum(counted);
  counted.length = 0;
  await castore.pushEvent({ aggregateId: 'one', version: 2, type: 'HAPPENED', payload: { body } });
  const later = sum(counted);
  counted.length = 0;
  const third = 'x'.repeat(240);
  const part = (index: number) =>
    castore.groupEvent({ aggregateId: `three-${index}`, version: 2, type: 'HAPPENED', payload: { body: third } });
  await EventStore.pushEventGroup(part(1), part(2), part(3));
  const group = sum(counted);
  return [
    judged('daocha, one event', await units(1), { atMost: 1 }),
    judged('daocha, three events in one commit', await units(3), { atMost: 1 }),
    { what: 'castore, first event of a stream', figure: fixed(first, 1) },
    { what: 'castore, later event', figure: fixed(later, 1) },
    { what: 'castore, three events (pushEventGroup)', figure: fixed(group, 1) },
  ];
}

/** What a registration writes: its event, and beside it what the unit is called and where it is (shared/rules/perform/unit-names.ts). */
async function registering(deps: Required<StoreDeps>): Promise<Row[]> {
  const as = (command: string): CommandContext => ({
    tenant: TENANT,
    command,
    request: command,
    actor: { person: 'p-office-1', post: '科员', organisation: 'office' },
    source: 'api',
    now: new Date(),
  });
  await seedCampaign(deps, as('seed'), { definition: LIANTANG, ruleSet: LIANTANG_RULES, targets: [] });
  const units = async (name: string, on: StoreDeps, address?: string) => {
    const details = { ...unitDetails(name), address };
    return fixed((await registerUnit(on, as(name), { details })).writeUnits, 1);
  };
  const { names: _none, ...alone } = deps;
  return [
    { what: 'the event alone', figure: await units('a', alone, '甲路1号') },
    { what: 'a unit without address', figure: await units('b', deps) },
    { what: 'a unit with an address', figure: await units('c', deps, '乙路1号') },
  ];
}

async function throughput(bench: Bench, deps: StoreDeps, dynamo: DynamoDBClient): Promise<Row[]> {
  const rows: Row[] = [];
  const castore = castoreStore(dynamo);
  const firstBody = 'x'.repeat(await castoreBody(dynamo, castore, 1));
  const body = 'x'.repeat(await castoreBody(dynamo, castore, 2));
  for (const inFlight of [1, 32]) {
    const calls = bench.quick ? 64 : inFlight === 1 ? CALLS / 2 : CALLS;
    const results = await inTurn(bench.quick ? 1 : ROUNDS, {
      daocha: (round) =>
        run(calls, inFlight, (index) =>
          appendCommits(deps, [{ ...prepared, stream: `bench#hazard#a${inFlight}-${round}-${index}` }]),
        ),
      raw: (round) => run(calls, inFlight, (index) => rawPut(deps, `bench#hazard#r${inFlight}-${round}-${index}`)),
      castoreFirst: (round) =>
        run(calls, inFlight, (index) => push(castore, `f${inFlight}-${round}-${index}`, 1, firstBody)),
      castore: (round) => run(calls, inFlight, (index) => push(castore, `c${inFlight}-${round}-${index}`, 2, body)),
    });
    rows.push(...contest(inFlight, results));
  }
  return [...rows, ...(await threeEvents(bench, deps, castore))];
}

/** One command that yields three events: one item here, a transaction of three items there. */
async function threeEvents(bench: Bench, deps: StoreDeps, castore: Castore): Promise<Row[]> {
  const calls = bench.quick ? 16 : GROUPS;
  const three = commitOfOneKilobyte('bench#hazard#template', 3);
  const body = 'x'.repeat(240);
  const results = await inTurn(bench.quick ? 1 : ROUNDS, {
    daocha: (round) =>
      run(calls, 8, (index) => appendCommits(deps, [{ ...three, stream: `bench#hazard#three-${round}-${index}` }])),
    castore: (round) =>
      run(calls, 8, (index) => {
        const part = (n: number) =>
          castore.groupEvent({
            aggregateId: `g${round}-${index}-${n}`,
            version: 2,
            type: 'HAPPENED',
            payload: { body },
          });
        return EventStore.pushEventGroup(part(1), part(2), part(3));
      }),
  });
  return [
    { what: 'append of three events, 8 in flight', figure: throughputOf(results.daocha) },
    { what: 'castore pushEventGroup of three events, 8 in flight', figure: throughputOf(results.castore) },
    judged('append ÷ castore, three events', median(ratios(results.daocha, results.castore)), { atLeast: 1 }),
  ];
}

const push = (castore: Castore, aggregateId: string, version: number, body: string): Promise<unknown> =>
  castore.pushEvent({ aggregateId, version, type: 'HAPPENED', payload: { body } });

function contest(inFlight: number, results: Record<'daocha' | 'raw' | 'castore' | 'castoreFirst', Measured[]>): Row[] {
  const row = (what: string, measured: Measured[]): Row => {
    const latencies = measured.flatMap((one) => one.latencies);
    const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)].map((value) => fixed(value, 1));
    return {
      what: `${what}, ${inFlight} in flight`,
      figure: `${throughputOf(measured)}, p50 ${p50} ms, p99 ${p99} ms`,
    };
  };
  return [
    row('raw PutItem', results.raw),
    row('append', results.daocha),
    row("castore pushEvent, a stream's first event", results.castoreFirst),
    row('castore pushEvent, a later event', results.castore),
    judged(`append ÷ raw, ${inFlight} in flight`, median(ratios(results.daocha, results.raw)), { atLeast: 0.85 }),
    judged(
      `append ÷ castore's first event, ${inFlight} in flight`,
      median(ratios(results.daocha, results.castoreFirst)),
      { atLeast: 1 },
    ),
    judged(`append ÷ castore's later event, ${inFlight} in flight`, median(ratios(results.daocha, results.castore)), {
      atLeast: 1,
    }),
  ];
}

/** How long a body makes castore's item as large as ours. */
async function castoreBody(dynamo: DynamoDBClient, castore: Castore, version: number): Promise<number> {
  await push(castore, 'c32-1-100', version, '');
  const { Items } = await dynamo.send(new ScanCommand({ TableName: CASTORE_TABLE, Limit: 100 }));
  const item = Items!.find(({ aggregateId }) => aggregateId?.S?.endsWith('c32-1-100'))!;
  await dynamo.send(
    new DeleteItemCommand({
      TableName: CASTORE_TABLE,
      Key: { aggregateId: item['aggregateId']!, version: item['version']! },
    }),
  );
  return itemSize(template) - itemSize(item);
}

/** The same item as `append` writes, put without hashing, sealing or checking. */
const prepared = commitOfOneKilobyte('bench#hazard#template', 1);
const template = itemFromCommit(sealCommits([prepared])[0]!);
function rawPut(deps: StoreDeps, stream: string): Promise<unknown> {
  return deps.dynamo.send(
    new PutItemCommand({
      TableName: deps.table,
      Item: { ...template, stream: { S: stream } },
      ConditionExpression: 'attribute_not_exists(#stream)',
      ExpressionAttributeNames: { '#stream': 'stream' },
    }),
  );
}

const CASTORE_TABLE = 'castore';

/** The table as castore's documentation declares it. */
async function createCastoreTable(dynamo: DynamoDBClient): Promise<void> {
  await dynamo.send(
    new CreateTableCommand({
      TableName: CASTORE_TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'aggregateId', AttributeType: 'S' },
        { AttributeName: 'version', AttributeType: 'N' },
        { AttributeName: 'eventStoreId', AttributeType: 'S' },
        { AttributeName: 'timestamp', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'aggregateId', KeyType: 'HASH' },
        { AttributeName: 'version', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'initialEvents',
          KeySchema: [
            { AttributeName: 'eventStoreId', KeyType: 'HASH' },
            { AttributeName: 'timestamp', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
}

type Castore = ReturnType<typeof castoreStore>;
const happened = new EventType<'HAPPENED', { body: string }>({ type: 'HAPPENED' });

function castoreStore(dynamoDBClient: DynamoDBClient) {
  return new EventStore({
    eventStoreId: 'BENCH',
    eventTypes: [happened],
    reducer: (aggregate: Aggregate) => aggregate,
    eventStorageAdapter: new DynamoDBSingleTableEventStorageAdapter({ tableName: CASTORE_TABLE, dynamoDBClient }),
  });
}

/** The client with every write asking for, and adding up, its consumed capacity. */
function countingClient(dynamo: DynamoDBClient, counted: number[]): DynamoDBClient {
  return new Proxy(dynamo, {
    get(target, property, receiver) {
      if (property !== 'send') return Reflect.get(target, property, receiver) as unknown;
      return async (command: { input: Record<string, unknown> }) => {
        command.input['ReturnConsumedCapacity'] = 'TOTAL';
        const output = (await target.send(command as never)) as {
          ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[];
        };
        for (const capacity of [output.ConsumedCapacity ?? []].flat()) counted.push(capacity.CapacityUnits ?? 0);
        return output;
      };
    },
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
