// What every follower of the log has in common: it reads the log and the events, writes nothing but its own checkpoint
// into LOG, and is woken by new pages only.

import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { METRICS, VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import { type Alarms, ownMetric } from './alarms.ts';
import type { DaochaFunction } from './function.ts';
import type { Tables } from './tables.ts';
import { Wake } from './stream-trigger.ts';

/** Lets a function follow the log; of LOG it may write only the followers' checkpoints. An alarm says when it leaves something out. */
export function followerGrants(fn: DaochaFunction, tables: Tables, configuration: Configuration, alarms: Alarms): void {
  fn.bindTable(VARIABLES.eventsTable, tables.events, { actions: ['BatchGetItem'] });
  fn.bindTable(
    VARIABLES.logTable,
    tables.log,
    { actions: ['GetItem', 'Query'] },
    { actions: ['UpdateItem'], partitions: [`${configuration.tenant}#follower`] },
  );
  alarms.add(fn, 'BrokenStreamAlarm', {
    metric: ownMetric(fn, METRICS.streamsBroken),
    says: 'A stream is left out, because an event in it is gone or altered.',
    runbook: 'broken-stream',
  });
}

/**
 * Wakes a follower when the sequencer has written a page. All pages of a log are one partition of LOG, thus one shard:
 * with parallelization 1 a follower runs once at a time, by itself, without a reserved concurrency. Checkpoints and
 * the position index are in LOG too and wake nobody.
 */
export function wakeOnNewPage(
  scope: Construct,
  props: {
    fn: DaochaFunction;
    name: string;
    tables: Tables;
    configuration: Configuration;
    alarms: Alarms;
    batchSize?: number;
    batchingWindow?: Duration;
  },
): void {
  new Wake(scope, 'Wake', {
    table: props.tables.log,
    fn: props.fn,
    name: props.name,
    alarms: props.alarms,
    batchSize: props.batchSize ?? 100,
    ...(props.batchingWindow && { batchingWindow: props.batchingWindow }),
    // The next wake-up makes good for this one: no use in insisting.
    retryAttempts: 20,
    maxRecordAge: Duration.hours(1),
    filters: [{ dynamodb: { Keys: { pk: { S: [`${props.configuration.tenant}#page`] } } } }],
  });
}
