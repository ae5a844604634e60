// The deployed function `console`: wiring only.
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ALL_HANDLERS } from '../api/all-handlers.ts';
import { parseWitnesses } from '../../shared/witness/configured.ts';
import { makeVerifier, remoteKeys } from '../api/auth.ts';
import { now, wallClock } from '../clock.ts';
import { readEnvironment } from '../environment.ts';
import { makeSecrets } from '../secrets.ts';
import { makeHandler } from './lambda.ts';
import { keyFrom } from './session.ts';
import { makeSignIn } from './sign-in.ts';

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
  'secrets',
  'consoleClient',
  'consoleScope',
  'consoleSite',
  'sessionSecret',
]);
const { tenant, eventsTable, logTable, viewsTable, accessTable, directoryTable, jwksUrl } = settings;
const dynamo = new DynamoDBClient({ cacheMiddleware: true });
const logger = new Logger();
const verify = makeVerifier({ ...settings, keys: remoteKeys(jwksUrl), now: wallClock });
const secrets = makeSecrets(settings.secrets);

export const handler = makeHandler(
  {
    tenant,
    now,
    wallClock,
    handlers: ALL_HANDLERS,
    store: { dynamo, table: eventsTable },
    views: { dynamo, events: eventsTable, log: logTable, views: viewsTable, tenant, now },
    directory: { dynamo, table: directoryTable, tenant },
    access: { dynamo, table: accessTable, tenant },
    witnesses: parseWitnesses(settings.witnesses),
    verify,
    signIn: makeSignIn({
      issuer: settings.issuer,
      client: settings.consoleClient,
      scope: settings.consoleScope,
      verify,
    }),
    sessionKey: async () => keyFrom(settings.sessionSecret ?? (await secrets.readSecret('console-session'))),
    site: settings.consoleSite,
  },
  {
    info: (message, facts) => logger.info(message, facts),
    error: (message, facts) => logger.error(message, facts),
  },
);
