// The deployed function `sequence`: wiring only.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import withMiddleware from '@middy/core';
import { now } from '../clock.ts';
import { readEnvironment } from '../environment.ts';
import { flushMetrics } from '../flush-metrics.ts';
import { makeLogger } from '../logger.ts';
import { makeSequence } from './sequence.ts';

const { tenant, eventsTable, logTable } = readEnvironment(['tenant', 'eventsTable', 'logTable']);
const logger = makeLogger();
const metrics = new Metrics();
const log = { dynamo: new DynamoDBClient(), events: eventsTable, log: logTable, tenant, now };

export const handler = withMiddleware(makeSequence({ log, logger, metrics }))
  .use(injectLambdaContext(logger))
  .use(flushMetrics(metrics));
