// Notifying: the bus wakes the function that tells organisations what concerns them. The rule picks the events that are
// told to anybody, the queue gathers them for some seconds, so that many reminders are one run and one message. A
// wake-up carries nothing that anything depends on: the function follows the log. A schedule wakes it every minute as
// well, for what waits for its next attempt.

import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type IEventBus, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { METRICS, VARIABLES } from '../../../functions/runtime/variables.ts';
import { NOTICE_TYPES } from '../../../shared/rules/reminder/notice.ts';
import type { Configuration } from '../configuration.ts';
import { type Alarms, ownMetric } from './alarms.ts';
import { followerGrants } from './following.ts';
import { DaochaFunction } from './function.ts';
import type { Tables } from './tables.ts';

const TIMEOUT = Duration.minutes(2);
/** Long enough for the reminders of one morning to come together, short enough for danger. */
const GATHERING = Duration.seconds(5);

export interface NotifyingProps {
  configuration: Configuration;
  tables: Tables;
  alarms: Alarms;
  bus: IEventBus;
  /** address of the HTTP API, where the console is unless it has a site of its own */
  site: string;
}

export class Notifying extends Construct {
  constructor(scope: Construct, id: string, { configuration, tables, alarms, bus, site }: NotifyingProps) {
    super(scope, id);
    const { tenant } = configuration;
    const fn = new DaochaFunction(this, 'Notify', {
      name: 'notify',
      description: 'Tells organisations by WeCom, DingTalk, webhook and e-mail what concerns them',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 512,
      timeout: TIMEOUT,
    });
    followerGrants(fn, tables, configuration, alarms);
    // It records what became of each message.
    fn.recordIn(tables.events, ['Query'], 'delivery');
    fn.bindTable(VARIABLES.logTable, tables.log, {
      actions: ['PutItem', 'DeleteItem', 'BatchWriteItem'],
      partitions: [`${tenant}#outbox`],
    });
    fn.bindTable(VARIABLES.viewsTable, tables.views, { actions: ['GetItem', 'BatchGetItem'] });
    fn.bindSecrets(tenant, { names: ['smtp'], folders: ['channels'] });
    fn.setVariable(VARIABLES.consoleUrl, `${configuration.console.site ?? site}/console`);

    alarms.watchFunction(fn, 'notify', { retried: true });
    alarms.add(fn, 'UndeliveredAlarm', {
      metric: ownMetric(fn, METRICS.messagesFailed),
      says: 'A message was given up: a channel refused it, or kept failing.',
      runbook: 'undelivered-messages',
    });
    this.wokenByTheBus(fn, bus, alarms);
    this.wokenByTheClock(fn);
  }

  private wokenByTheBus(fn: DaochaFunction, bus: IEventBus, alarms: Alarms): void {
    const failed = new Queue(this, 'Failed', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(failed).acknowledge({
      id: 'Serverless-SQSRedrivePolicy',
      reason: 'It is itself where failed wake-ups go; people read it (runbook dead-letters).',
    });
    const wakeUps = new Queue(this, 'WakeUps', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // Six times the function's time, as Lambda's documentation asks for.
      visibilityTimeout: Duration.seconds(TIMEOUT.toSeconds() * 6),
      retentionPeriod: Duration.days(1),
      deadLetterQueue: { queue: failed, maxReceiveCount: 5 },
    });
    new Rule(this, 'Told', {
      description: 'Events that somebody is told of',
      eventBus: bus,
      eventPattern: { detailType: [...NOTICE_TYPES] },
      targets: [new SqsQueue(wakeUps, { deadLetterQueue: failed })],
    });
    wakeUps.grantConsumeMessages(fn.lambda);
    const mapping = new EventSourceMapping(this, 'Mapping', {
      target: fn.lambda,
      eventSourceArn: wakeUps.queueArn,
      batchSize: 1000,
      maxBatchingWindow: GATHERING,
      maxConcurrency: 2,
    });
    mapping.node.addDependency(fn.lambda.role!);
    Validations.of(mapping).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'It reads a queue: what keeps failing goes where the queue sends it.',
    });
    const period = Duration.minutes(1);
    alarms.add(this, 'FailedAlarm', {
      metric: failed.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
      says: 'The notify function gave up on a wake-up.',
      runbook: 'dead-letters',
    });
    alarms.add(this, 'LateAlarm', {
      metric: wakeUps.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM }),
      says: 'Wake-ups of the notify function have waited for more than a quarter of an hour.',
      runbook: 'function-errors',
      above: Duration.minutes(15).toSeconds(),
      periods: 3,
    });
  }

  private wokenByTheClock(fn: DaochaFunction): void {
    const rule = new Rule(this, 'Schedule', {
      description: 'Sends what waits for its next attempt',
      schedule: Schedule.rate(Duration.minutes(1)),
    });
    rule.addTarget(new LambdaFunction(fn.lambda, { retryAttempts: 0 }));
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'The next one comes by itself in a minute and does the same: nothing of this one is worth keeping.',
    });
  }
}
