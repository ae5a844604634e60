// The deployed function `publish`: wiring only.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import withMiddleware from '@middy/core';
import { now } from '../runtime/now.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { flushMetrics } from '../runtime/flush-metrics.ts';
import { makeLogger } from '../runtime/logger.ts';
import { makePublish } from './publish.ts';

const { tenant, eventsTable, logTable, busName } = readEnvironment(['tenant', 'eventsTable', 'logTable', 'busName']);
const logger = makeLogger();
const metrics = new Metrics();
const log = { dynamo: new DynamoDBClient(), events: eventsTable, log: logTable, tenant, now };

export const handler = withMiddleware(makePublish({ log, logger, metrics, bus: new EventBridgeClient(), busName }))
  .use(injectLambdaContext(logger))
  .use(flushMetrics(metrics));
