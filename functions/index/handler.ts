// The deployed function `index`: wiring only.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import withMiddleware from '@middy/core';
import { now } from '../runtime/now.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { flushMetrics } from '../runtime/flush-metrics.ts';
import { makeLogger } from '../runtime/logger.ts';
import { openWriter } from '../runtime/writer.ts';
import { makeIndex } from './index.ts';

const settings = readEnvironment(['tenant', 'secrets', 'writerSeed', 'eventsTable', 'logTable']);
const { tenant, eventsTable, logTable } = settings;
const logger = makeLogger();
const metrics = new Metrics();
const writer = openWriter('index', settings, { logger, now });

export const handler = withMiddleware(
  makeIndex({
    log: { dynamo: new DynamoDBClient(), events: eventsTable, log: logTable, tenant, now, writer },
    logger,
    metrics,
  }),
)
  .use(injectLambdaContext(logger))
  .use(flushMetrics(metrics));
