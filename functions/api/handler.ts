// The deployed function `api`: wiring only.
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { parseWitnesses } from '../../shared/witness/configured.ts';
import { now, wallClock } from '../clock.ts';
import { readEnvironment } from '../environment.ts';
import { makeVerifier, remoteKeys } from './auth.ts';
import { HANDLERS } from './handlers.ts';
import { makeHandler } from './lambda.ts';

const settings = readEnvironment([
  'tenant',
  'eventsTable',
  'logTable',
  'viewsTable',
  'accessTable',
  'directoryTable',
  'witnesses',
  'issuer',
  'audience',
  'jwksUrl',
  'rolesClaim',
  'organisationClaim',
  'postClaim',
]);
const { tenant, eventsTable, logTable, viewsTable, accessTable, directoryTable, jwksUrl } = settings;
// Calls of the SDK are most of what a request costs; its middleware need not be put in order anew for each.
const dynamo = new DynamoDBClient({ cacheMiddleware: true });
const logger = new Logger();

export const handler = makeHandler(
  {
    tenant,
    now,
    handlers: HANDLERS,
    store: { dynamo, table: eventsTable },
    views: { dynamo, events: eventsTable, log: logTable, views: viewsTable, tenant, now },
    directory: { dynamo, table: directoryTable, tenant },
    access: { dynamo, table: accessTable, tenant },
    witnesses: parseWitnesses(settings.witnesses),
    verify: makeVerifier({ ...settings, keys: remoteKeys(jwksUrl), now: wallClock }),
  },
  {
    info: (message, facts) => logger.info(message, facts),
    error: (message, facts) => logger.error(message, facts),
  },
);
