// The deployed function `notify`: wiring only.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import withMiddleware from '@middy/core';
import { now, wallClock } from '../runtime/now.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { flushMetrics } from '../runtime/flush-metrics.ts';
import { makeLogger } from '../runtime/logger.ts';
import { makeSecrets } from '../runtime/secrets.ts';
import { openWriter } from '../runtime/writer.ts';
import { adapterOf } from './adapters.ts';
import { readChannels } from './channels.ts';
import { makeNotify } from './notify.ts';

const settings = readEnvironment([
  'tenant',
  'eventsTable',
  'logTable',
  'viewsTable',
  'secrets',
  'consoleUrl',
  'writerSeed',
]);
const { tenant, eventsTable, logTable, viewsTable, secrets, consoleUrl } = settings;
const logger = makeLogger();
const metrics = new Metrics();
const dynamo = new DynamoDBClient();
const kept = makeSecrets(secrets);

export const handler = withMiddleware(
  makeNotify({
    store: { dynamo, table: eventsTable, writer: openWriter('notify', settings, { logger, now }) },
    views: { dynamo, events: eventsTable, log: logTable, views: viewsTable, tenant, now },
    channels: () => readChannels(kept),
    send: { now: wallClock, readSecret: kept.readSecret, timeoutMs: 10_000 },
    adapterOf,
    record: {
      tenant,
      actor: { person: 'daocha-notify', post: 'platform', organisation: 'office' },
      source: 'policy',
      now,
    },
    random: Math.random,
    console: consoleUrl === 'none' ? undefined : consoleUrl.replace(/\/+$/, ''),
    logger,
    metrics,
  }),
)
  .use(injectLambdaContext(logger))
  .use(flushMetrics(metrics));
