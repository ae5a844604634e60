// Indexing: every few minutes the root of the verifiable index over the log so far goes into the log itself. The function may write
// nothing but blocks of the index and its own stream.

import { Duration, Validations } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';

import { METRICS, VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import { type Alarms, ownMetric } from './alarms.ts';
import { DaochaFunction } from './function.ts';
import type { Tables } from './tables.ts';

const SCHEDULE = Duration.minutes(5);

export class Indexing extends Construct {
  constructor(scope: Construct, id: string, props: { configuration: Configuration; tables: Tables; alarms: Alarms }) {
    super(scope, id);
    const { configuration, tables, alarms } = props;
    const { tenant } = configuration;

    const fn = new DaochaFunction(this, 'Index', {
      name: 'index',
      description: 'Seals the verifiable index over the log',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 1024,
      timeout: Duration.minutes(5),
    });
    fn.recordIn(tables.events, ['BatchGetItem', 'Query'], 'index').bindTable(
      VARIABLES.logTable,
      tables.log,
      { actions: ['GetItem', 'Query'] },
      { actions: ['PutItem', 'BatchWriteItem'], partitions: [`${tenant}#index`] },
    );

    alarms.watchFunction(fn, 'index', { retried: true });
    alarms.add(fn, 'RefusedAlarm', {
      metric: ownMetric(fn, METRICS.indexRefused),
      says: 'What is stored is not what came into the log, or not what the index was built of: it is not sealed.',
      runbook: 'index-refused',
    });
    alarms.add(fn, 'UnindexedAlarm', {
      metric: ownMetric(fn, METRICS.unindexedSeconds).with({ statistic: Stats.MAXIMUM }),
      says: 'Events have waited for the index for more than half an hour: nobody can prove that nothing of them is left out.',
      runbook: 'index-late',
      above: Duration.minutes(30).toSeconds(),
    });
    const rule = new Rule(this, 'Schedule', {
      description: 'Seals the index over the log',
      schedule: Schedule.rate(SCHEDULE),
    });
    rule.addTarget(new LambdaFunction(fn.lambda, { retryAttempts: 0 }));
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'The next one comes by itself in a few minutes and does the same: nothing of this one is worth keeping.',
    });
  }
}
