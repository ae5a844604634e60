// The deployed function `remind`: wiring only.
import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import withMiddleware from '@middy/core';
import { now } from '../runtime/now.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { flushMetrics } from '../runtime/flush-metrics.ts';
import { makeLogger } from '../runtime/logger.ts';
import { openWriter } from '../runtime/writer.ts';
import { makeRemind } from './remind.ts';

const settings = readEnvironment(['tenant', 'secrets', 'writerSeed', 'eventsTable', 'logTable', 'viewsTable']);
const { tenant, eventsTable, logTable, viewsTable } = settings;
const logger = makeLogger();
const metrics = new Metrics();
const writer = openWriter('remind', settings, { logger, now });
const dynamo = new DynamoDBClient({ cacheMiddleware: true });

export const handler = withMiddleware(
  makeRemind({
    store: { dynamo, table: eventsTable, writer },
    views: { dynamo, events: eventsTable, log: logTable, views: viewsTable, tenant, now },
    sleep,
    now,
    logger,
    metrics,
  }),
)
  .use(injectLambdaContext(logger))
  .use(flushMetrics(metrics));
