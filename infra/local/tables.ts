// Creates the tables that the template declares, on whatever engine it is given. Tables that are there already are kept
// with their data, and compared: a table of another shape is refused by name, never altered silently.

import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as pause } from 'node:timers/promises';
import { DaochaError } from '../../events/errors.ts';
import { type Physical, resolver, resourcesOf, type Template, TemplateProblem } from './template.ts';

export interface LocalTable {
  logicalId: string;
  /** What it is for: the template's metadata `daocha:table`, e.g. `events`. */
  role: string;
  name: string;
  arn: string;
  streamArn: string | undefined;
  /** True when it was there before: its data may be older than the stream's. */
  existed: boolean;
}

type Declared = Pick<
  CreateTableCommandInput,
  'KeySchema' | 'AttributeDefinitions' | 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes' | 'StreamSpecification'
>;

/** An existing table is not the one the template declares. */
export class TableDiffers extends DaochaError {
  constructor(name: string, what: string, declared: string, found: string) {
    super(
      'table-differs',
      409,
      `The table ${name} was made by another version of the platform: its ${what} is ${found}, but ${declared} is declared. ` +
        'Start on another --data directory and import the data there.',
      { facts: { table: name, what } },
    );
  }
}

/**
 * Creates all tables of the template (or takes those there are) and waits until they can be used.
 * @param physical is filled with their names and ARNs, for the resolver
 * @param prefix of the tables' names, e.g. `daocha`: `daocha-events`
 */
export async function createTables(
  client: DynamoDBClient,
  template: Template,
  physical: Map<string, Physical> = new Map(),
  prefix = 'daocha',
): Promise<LocalTable[]> {
  const resolve = resolver(template, physical);
  const declared = resourcesOf(template, 'AWS::DynamoDB::Table');
  const tables = await Promise.all(
    declared.map(async ({ id, resource, properties }) => {
      const role = resource.Metadata?.['daocha:table'];
      if (typeof role !== 'string') throw new TemplateProblem(`table ${id} has no metadata daocha:table`);
      return createTable(client, id, role, `${prefix}-${role}`, resolve(properties) as Record<string, unknown>);
    }),
  );
  for (const table of tables) {
    physical.set(table.logicalId, {
      ref: table.name,
      attributes: { Arn: table.arn, ...(table.streamArn === undefined ? {} : { StreamArn: table.streamArn }) },
    });
  }
  return tables;
}

async function createTable(
  client: DynamoDBClient,
  logicalId: string,
  role: string,
  name: string,
  properties: Record<string, unknown>,
): Promise<LocalTable> {
  const stream = properties['StreamSpecification'] as { StreamViewType?: string } | undefined;
  const wanted = {
    KeySchema: properties['KeySchema'],
    AttributeDefinitions: properties['AttributeDefinitions'],
    GlobalSecondaryIndexes: indexes(properties['GlobalSecondaryIndexes']),
    LocalSecondaryIndexes: indexes(properties['LocalSecondaryIndexes']),
    StreamSpecification:
      stream === undefined ? undefined : { StreamEnabled: true, StreamViewType: stream.StreamViewType },
  } as Declared;
  const before = await describe(client, name);
  if (before === undefined) {
    await client.send(new CreateTableCommand({ TableName: name, BillingMode: 'PAY_PER_REQUEST', ...wanted }));
  } else {
    compare(name, wanted, before);
  }
  const table = await active(client, name);
  const ttl = properties['TimeToLiveSpecification'] as { AttributeName?: string; Enabled?: boolean } | undefined;
  if (before === undefined && ttl?.Enabled === true) {
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: name,
        TimeToLiveSpecification: { AttributeName: ttl.AttributeName, Enabled: true },
      }),
    );
  }
  return {
    logicalId,
    role,
    name,
    arn: table.TableArn ?? '',
    streamArn: table.LatestStreamArn,
    existed: before !== undefined,
  };
}

/** Only what CreateTable takes: throughput and insights of an index have no meaning here. */
function indexes(declared: unknown): unknown[] | undefined {
  if (!Array.isArray(declared) || declared.length === 0) return undefined;
  return declared.map(({ IndexName, KeySchema, Projection }: Record<string, unknown>) => ({
    IndexName,
    KeySchema,
    Projection,
  }));
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException || (error as Error).name === 'ResourceNotFoundException')
      return undefined;
    throw error;
  }
}

async function active(client: DynamoDBClient, name: string): Promise<TableDescription> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const table = await describe(client, name);
    if (table?.TableStatus === 'ACTIVE') return table;
    await pause(attempt < 20 ? 10 : 100);
  }
  throw new DaochaError('engine-unavailable', 503, `The table ${name} did not become active within a minute.`);
}

function compare(name: string, wanted: Declared, found: TableDescription): void {
  const keys = (schema: Declared['KeySchema']) =>
    (schema ?? []).map((k) => `${k.AttributeName} ${k.KeyType}`).join(', ');
  const types = (of: Pick<Declared, 'AttributeDefinitions'>) =>
    (of.AttributeDefinitions ?? [])
      .map((a) => `${a.AttributeName} ${a.AttributeType}`)
      .toSorted()
      .join(', ');
  const list = (of: { IndexName?: string | undefined; KeySchema?: Declared['KeySchema'] }[] | undefined) =>
    (of ?? [])
      .map((index) => `${index.IndexName} (${keys(index.KeySchema)})`)
      .toSorted()
      .join(', ') || 'none';
  const stream = (of: Pick<Declared, 'StreamSpecification'>) => of.StreamSpecification?.StreamViewType ?? 'none';
  const pairs: [string, string, string][] = [
    ['key', keys(wanted.KeySchema), keys(found.KeySchema)],
    ['list of attributes', types(wanted), types(found)],
    ['list of indexes', list(wanted.GlobalSecondaryIndexes), list(found.GlobalSecondaryIndexes)],
    ['list of local indexes', list(wanted.LocalSecondaryIndexes), list(found.LocalSecondaryIndexes)],
    ['stream', stream(wanted), stream(found)],
  ];
  for (const [what, declared, actual] of pairs) {
    if (declared !== actual) throw new TableDiffers(name, what, declared, actual);
  }
}
