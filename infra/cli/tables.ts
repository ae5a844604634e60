// For the operator's tools that work on the tables directly: those of the platform that runs on the data directory, or on AWS those
// that the environment names.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readEnvironment } from '../../functions/runtime/environment.ts';
import type { AccessDeps } from '../../shared/record/access/access.ts';
import { DaochaError } from '../../events/errors.ts';
import type { ViewDeps } from '../../shared/reading/views/view.ts';
import { EXAMPLE_CREDENTIALS, LOCAL_REGION } from '../local/engine.ts';
import { dataDirectory, readPlatformFile } from './data-directory.ts';

const now = (): Date => new Date();

/** The access log of the same platform, for what an operator takes out of the tables. @throws DaochaError saying what is missing */
export function connectAccess(data: string | undefined, { dynamo, tenant }: ViewDeps): AccessDeps {
  if (data === undefined && process.env['EVENTS_TABLE']) {
    return { dynamo, table: readEnvironment(['accessTable']).accessTable, tenant };
  }
  const table = readPlatformFile(dataDirectory(data))?.tables.access;
  if (table === undefined) throw notConnected(dataDirectory(data));
  return { dynamo, table, tenant };
}

function notConnected(directory: string): DaochaError {
  return new DaochaError(
    'not-connected',
    503,
    `No platform runs on ${directory}. Start it (npm start), name its data directory (--data), or on AWS set EVENTS_TABLE, LOG_TABLE, VIEWS_TABLE and DAOCHA_TENANT.`,
  );
}

/**
 * @param data `--data`; without it, and with EVENTS_TABLE set, the environment names the tables
 * @throws DaochaError saying what is missing
 */
export function connectTables(data: string | undefined): ViewDeps {
  if (data === undefined && process.env['EVENTS_TABLE']) {
    const { tenant, eventsTable, logTable, viewsTable } = readEnvironment([
      'tenant',
      'eventsTable',
      'logTable',
      'viewsTable',
    ]);
    return { dynamo: new DynamoDBClient(), events: eventsTable, log: logTable, views: viewsTable, tenant, now };
  }
  const directory = dataDirectory(data);
  const platform = readPlatformFile(directory);
  if (!platform) throw notConnected(directory);
  const dynamo = new DynamoDBClient({
    endpoint: platform.dynamodb,
    region: process.env['AWS_REGION'] ?? LOCAL_REGION,
    credentials: process.env['AWS_ACCESS_KEY_ID'] ? undefined : EXAMPLE_CREDENTIALS,
  });
  return { dynamo, ...platform.tables, tenant: platform.tenant, now };
}
