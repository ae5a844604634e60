// Sequencing: the stream of EVENTS wakes the function that gives every event its position in LOG. The compare-and-swap
// on the log's head is what keeps two sequencers apart; a reserved concurrency only saves them from trying in vain.

import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';

import { METRICS, VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import { type Alarms, ownMetric } from './alarms.ts';
import { DaochaFunction } from './function.ts';
import type { Tables } from './tables.ts';
import { Wake } from './stream-trigger.ts';

export class Sequencing extends Construct {
  constructor(scope: Construct, id: string, props: { configuration: Configuration; tables: Tables; alarms: Alarms }) {
    super(scope, id);
    const { configuration, tables, alarms } = props;

    const fn = new DaochaFunction(this, 'Sequence', {
      name: 'sequence',
      description: 'Gives every event its position in the global order',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 1024,
      timeout: Duration.minutes(2),
      reservedConcurrency: configuration.sequencerConcurrency,
    });
    fn.bindTable(VARIABLES.eventsTable, tables.events, { actions: ['BatchGetItem', 'Query'] });
    fn.bindTable(
      VARIABLES.logTable,
      tables.log,
      { actions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'BatchWriteItem'] },
      { actions: ['DeleteItem'], partitions: [`${configuration.tenant}#quarantine`] },
    );

    alarms.watchFunction(fn, 'sequence', { retried: true });
    alarms.add(fn, 'TamperedAlarm', {
      metric: ownMetric(fn, METRICS.eventsTampered),
      says: 'A stored event was changed or removed.',
      runbook: 'events-tampered',
    });
    alarms.add(fn, 'GapAlarm', {
      metric: ownMetric(fn, METRICS.sequencerGap),
      says: 'A stream has a hole in its versions and is quarantined.',
      runbook: 'sequencer-gap',
    });

    alarms.add(fn, 'BackDatedAlarm', {
      metric: ownMetric(fn, METRICS.eventsBackDated),
      says: 'An event came into the log that names another time than the log’s.',
      runbook: 'back-dated',
    });
    alarms.add(fn, 'ClockAlarm', {
      metric: ownMetric(fn, METRICS.clockSetBackSeconds),
      says: 'The clock stands before the time of the log.',
      runbook: 'back-dated',
    });

    new Wake(this, 'Wake', {
      table: tables.events,
      fn,
      name: 'sequence',
      alarms,
      batchSize: 500,
      // Only here does a wake-up name what is new. Tries for two hours through an outage; a bad commit is isolated by
      // splitting, and its stream's next commit brings it in again.
      retryAttempts: 200,
      maxRecordAge: Duration.hours(2),
    });
  }
}
