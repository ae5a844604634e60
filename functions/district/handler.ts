// The deployed function `district`: the API's routes about cases that go beyond the town, in a function of their own: it alone can reach the
// dossiers, and the API stays small. Wiring only.
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeVerifier, remoteKeys } from '../api/auth.ts';
import { noDirectory } from '../api/call.ts';
import { makeHandler } from '../api/lambda.ts';
import { now, wallClock } from '../clock.ts';
import { makeDeliveryVerifier } from '../api/signed.ts';
import { openDossierStore } from '../dossier-store.ts';
import { readEnvironment } from '../environment.ts';
import { makeSecrets } from '../secrets.ts';
import { DISTRICT_HANDLERS } from './handlers.ts';

const settings = readEnvironment([
  'tenant',
  'eventsTable',
  'logTable',
  'viewsTable',
  'accessTable',
  'dossiers',
  'secrets',
  'issuer',
  'audience',
  'jwksUrl',
  'rolesClaim',
  'organisationClaim',
  'postClaim',
]);
const { tenant, eventsTable, logTable, viewsTable, accessTable, jwksUrl } = settings;
const dynamo = new DynamoDBClient({ cacheMiddleware: true });
const logger = new Logger();

export const handler = makeHandler(
  {
    tenant,
    now,
    handlers: DISTRICT_HANDLERS,
    store: { dynamo, table: eventsTable },
    views: { dynamo, events: eventsTable, log: logTable, views: viewsTable, tenant, now },
    access: { dynamo, table: accessTable, tenant },
    directory: noDirectory(),
    witnesses: [],
    verify: makeVerifier({ ...settings, keys: remoteKeys(jwksUrl), now: wallClock }),
    verifyDelivery: makeDeliveryVerifier({
      secrets: makeSecrets(settings.secrets),
      now: wallClock,
      report: (message, facts) => logger.warn(message, facts),
    }),
    dossiers: openDossierStore(settings.dossiers, tenant),
  },
  {
    info: (message, facts) => logger.info(message, facts),
    error: (message, facts) => logger.error(message, facts),
  },
);
