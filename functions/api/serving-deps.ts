// What the deployed functions that serve the API's routes (api, console, district, evidence) are told by the template
// in the same way, and made of.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { now, wallClock } from '../runtime/now.ts';
import type { Environment } from '../runtime/environment.ts';
import { makeVerifier, remoteKeys } from './auth.ts';
import { noViews, type ApiDeps } from './handler-types.ts';
import type { StoreDeps } from '../../shared/record/store/store.ts';
import { namesOnRecord } from '../../shared/reading/unit/list-query.ts';

/** The settings of one whose routes read streams only. */
export const SERVING_STREAMS = [
  'tenant',
  'eventsTable',
  'accessTable',
  'issuer',
  'audience',
  'jwksUrl',
  'rolesClaim',
  'organisationClaim',
  'postClaim',
  'tokenHours',
] as const;

/** What one has besides that records events. */
export const RECORDING = ['secrets', 'writerSeed'] as const;

/** The settings that each of the others has. */
export const SERVING = [...SERVING_STREAMS, 'logTable', 'viewsTable'] as const;

/** Tables, clock and verifier of a function that serves routes, without log and views. */
export function servingStreams(settings: Pick<Environment, (typeof SERVING_STREAMS)[number]>) {
  const { tenant, eventsTable, accessTable, jwksUrl } = settings;
  // Calls of the SDK are most of what a request costs; its middleware need not be put in order again for each.
  const dynamo = new DynamoDBClient({ cacheMiddleware: true });
  return {
    dynamo,
    deps: {
      tenant,
      now,
      store: { dynamo, table: eventsTable },
      views: noViews(),
      access: { dynamo, table: accessTable, tenant },
      verify: makeVerifier({ ...settings, keys: remoteKeys(jwksUrl), now: wallClock }),
    } satisfies Partial<ApiDeps>,
  };
}

/** The same with log and views, for one that records. `dynamo`: for the tables that it has besides. */
export function servingDeps(settings: Pick<Environment, (typeof SERVING)[number]>, writer: StoreDeps['writer']) {
  const { tenant, eventsTable, logTable, viewsTable } = settings;
  const { dynamo, deps } = servingStreams(settings);
  const views = { dynamo, events: eventsTable, log: logTable, views: viewsTable, tenant, now };
  const store = { ...deps.store, writer, names: { table: logTable, older: () => namesOnRecord(views) } };
  return { dynamo, deps: { ...deps, store, views } satisfies Partial<ApiDeps> };
}
