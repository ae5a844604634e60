// The deployed function `sequence`: wiring only.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import withMiddleware from '@middy/core';
import { now } from '../runtime/now.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { flushMetrics } from '../runtime/flush-metrics.ts';
import { makeLogger } from '../runtime/logger.ts';
import { makeSequence } from './sequence.ts';

const { tenant, eventsTable, logTable } = readEnvironment(['tenant', 'eventsTable', 'logTable']);
const logger = makeLogger();
const metrics = new Metrics();
const log = { dynamo: new DynamoDBClient(), events: eventsTable, log: logTable, tenant, now };

export const handler = withMiddleware(makeSequence({ log, logger, metrics }))
  .use(injectLambdaContext(logger))
  .use(flushMetrics(metrics));
