// The deployed function `seal`: wiring only.
import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import withMiddleware from '@middy/core';
import { now } from '../runtime/now.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { flushMetrics } from '../runtime/flush-metrics.ts';
import { makeLogger } from '../runtime/logger.ts';
import { VARIABLES } from '../runtime/variables.ts';
import { openLogKey } from './key.ts';
import { makeSeal } from './seal.ts';

const { tenant, logTable, logOrigin, logKey, sealSeconds } = readEnvironment([
  'tenant',
  'logTable',
  'logOrigin',
  'logKey',
  'sealSeconds',
]);
const logger = makeLogger();
const metrics = new Metrics();
const log = { dynamo: new DynamoDBClient(), events: '', log: logTable, tenant, now };

export const handler = withMiddleware(
  makeSeal({
    log,
    origin: logOrigin,
    key: () => openLogKey(logKey, logOrigin, { secrets: process.env[VARIABLES.secrets] }),
    interval: Number(sealSeconds) * 1000,
    sleep,
    logger,
    metrics,
  }),
)
  .use(injectLambdaContext(logger))
  .use(flushMetrics(metrics));
