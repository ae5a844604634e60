// What the deployed functions that serve the API's routes (api, console, district) are told by the template in the same way, and made of.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { now, wallClock } from '../clock.ts';
import type { Environment } from '../environment.ts';
import { makeVerifier, remoteKeys } from './auth.ts';
import type { ApiDeps } from './call.ts';

/** The settings that each of them has. */
export const SERVING = [
  'tenant',
  'eventsTable',
  'logTable',
  'viewsTable',
  'accessTable',
  'issuer',
  'audience',
  'jwksUrl',
  'rolesClaim',
  'organisationClaim',
  'postClaim',
] as const;

/** Tables, clock and verifier of a function that serves routes. `dynamo`: for the tables that it has besides. */
export function servingDeps(settings: Pick<Environment, (typeof SERVING)[number]>) {
  const { tenant, eventsTable, logTable, viewsTable, accessTable, jwksUrl } = settings;
  // Calls of the SDK are most of what a request costs; its middleware need not be put in order anew for each.
  const dynamo = new DynamoDBClient({ cacheMiddleware: true });
  return {
    dynamo,
    deps: {
      tenant,
      now,
      store: { dynamo, table: eventsTable },
      views: { dynamo, events: eventsTable, log: logTable, views: viewsTable, tenant, now },
      access: { dynamo, table: accessTable, tenant },
      verify: makeVerifier({ ...settings, keys: remoteKeys(jwksUrl), now: wallClock }),
    } satisfies Partial<ApiDeps>,
  };
}
