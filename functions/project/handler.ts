// The deployed function `project`: wiring only.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import withMiddleware from '@middy/core';
import { now } from '../runtime/now.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { flushMetrics } from '../runtime/flush-metrics.ts';
import { makeLogger } from '../runtime/logger.ts';
import { makeProject } from './project.ts';

const { tenant, eventsTable, logTable, viewsTable } = readEnvironment([
  'tenant',
  'eventsTable',
  'logTable',
  'viewsTable',
]);
const logger = makeLogger();
const metrics = new Metrics();
const views = {
  dynamo: new DynamoDBClient(),
  events: eventsTable,
  log: logTable,
  views: viewsTable,
  tenant,
  now,
};

export const handler = withMiddleware(makeProject({ views, logger, metrics }))
  .use(injectLambdaContext(logger))
  .use(flushMetrics(metrics));
