// The deployed function `attest`: wiring only.
import { randomBytes } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import withMiddleware from '@middy/core';
import { parseWitnesses } from '../../shared/record/witness/configured.ts';
import { now } from '../runtime/now.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { flushMetrics } from '../runtime/flush-metrics.ts';
import { makeLogger } from '../runtime/logger.ts';
import { openArchive } from './archives.ts';
import { makeAttest } from './attest.ts';

const { tenant, logTable, archive, witnesses, tsaUrl, tsaMinutes } = readEnvironment([
  'tenant',
  'logTable',
  'archive',
  'witnesses',
  'tsaUrl',
  'tsaMinutes',
]);
const logger = makeLogger();
const metrics = new Metrics();

export const handler = withMiddleware(
  makeAttest({
    log: { dynamo: new DynamoDBClient(), events: '', log: logTable, tenant, now },
    archive: openArchive(archive, tenant),
    witnesses: parseWitnesses(witnesses),
    authority: tsaUrl === '' ? undefined : { url: tsaUrl, interval: Number(tsaMinutes) * 60_000 },
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    logger,
    metrics,
  }),
)
  .use(injectLambdaContext(logger))
  .use(flushMetrics(metrics));
