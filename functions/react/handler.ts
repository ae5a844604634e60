// The deployed function `react`: wiring only.
import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import withMiddleware from '@middy/core';
import { now } from '../runtime/now.ts';
import { openDossierStore } from '../runtime/dossier-store.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { flushMetrics } from '../runtime/flush-metrics.ts';
import { makeLogger } from '../runtime/logger.ts';
import { openWriter } from '../runtime/writer.ts';
import { makeReact } from './react.ts';

const settings = readEnvironment([
  'tenant',
  'secrets',
  'writerSeed',
  'eventsTable',
  'logTable',
  'viewsTable',
  'dossiers',
]);
const { tenant, eventsTable, logTable, viewsTable, dossiers } = settings;
const logger = makeLogger();
const metrics = new Metrics();
const writer = openWriter('react', settings, { logger, now });
const dynamo = new DynamoDBClient();
const views = { dynamo, events: eventsTable, log: logTable, views: viewsTable, tenant, now, sleep };
const store = { dynamo, table: eventsTable, writer };

export const handler = withMiddleware(
  makeReact({ views, store, dossiers: openDossierStore(dossiers, tenant), logger, metrics }),
)
  .use(injectLambdaContext(logger))
  .use(flushMetrics(metrics));
