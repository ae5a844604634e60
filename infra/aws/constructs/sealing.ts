// Sealing: new pages of the log wake the function that signs the state of the log, at most every few seconds. A slow schedule
// wakes it too: a wake-up that was given up would otherwise leave the last events before a quiet night unsigned.

import { Duration, Validations } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';

import { METRICS, VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import { type Alarms, ownMetric } from './alarms.ts';
import { DaochaFunction } from './function.ts';
import { wakeOnNewPage } from './following.ts';
import { LogKey } from './log-key.ts';
import type { Tables } from './tables.ts';

const SCHEDULE = Duration.minutes(5);

export class Sealing extends Construct {
  constructor(scope: Construct, id: string, props: { configuration: Configuration; tables: Tables; alarms: Alarms }) {
    super(scope, id);
    const { configuration, tables, alarms } = props;

    const fn = new DaochaFunction(this, 'Seal', {
      name: 'seal',
      description: 'Signs how the log stands',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 512,
      timeout: Duration.minutes(5),
    });
    fn.bindTable(
      VARIABLES.logTable,
      tables.log,
      { actions: ['GetItem', 'Query'] },
      { actions: ['PutItem'], partitions: [`${configuration.tenant}#checkpoint`] },
      { actions: ['BatchWriteItem'], partitions: [`${configuration.tenant}#tile`] },
    )
      .setVariable(VARIABLES.logOrigin, configuration.logOrigin)
      .setVariable(VARIABLES.sealSeconds, String(configuration.sealSeconds));
    new LogKey(this, 'LogKey', { configuration, fn });

    alarms.watchFunction(fn, 'seal', { retried: true });
    alarms.add(fn, 'RefusedAlarm', {
      metric: ownMetric(fn, METRICS.sealRefused),
      says: 'What is stored does not continue what was signed: nothing is signed any more.',
      runbook: 'sealing-refused',
    });
    alarms.add(fn, 'UnsealedAlarm', {
      metric: ownMetric(fn, METRICS.unsealedSeconds).with({ statistic: Stats.MAXIMUM }),
      says: 'Events have waited for their signature for more than ten minutes.',
      runbook: 'sealing-late',
      above: Duration.minutes(10).toSeconds(),
    });

    wakeOnNewPage(this, {
      fn,
      name: 'seal',
      tables,
      configuration,
      alarms,
      // Whatever comes within the interval is signed together, by one run.
      batchSize: 1000,
      batchingWindow: Duration.seconds(configuration.sealSeconds),
    });
    const rule = new Rule(this, 'Schedule', {
      description: 'Seals what a lost wake-up has left unsigned',
      schedule: Schedule.rate(SCHEDULE),
    });
    rule.addTarget(new LambdaFunction(fn.lambda, { retryAttempts: 0 }));
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'The next one comes by itself in a few minutes and does the same: nothing of this one is worth keeping.',
    });
  }
}
