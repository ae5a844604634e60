// Reminding: EventBridge Scheduler calls the function that watches the clock, in the town's own time: every morning for
// everything, and every hour of the day for what is due today or has passed. Which mornings are working days the
// function knows from the rule set's calendar.

import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { markerPartition } from '../../../shared/record/log/deps.ts';
import { METRICS, VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import { type Alarms, ownMetric } from './alarms.ts';
import { DaochaFunction } from './function.ts';
import { REMIND_TIMES, TOWN_TIME } from './remind-times.ts';
import { type Tables, VIEW_INDEXES } from './tables.ts';

export class ReminderSchedules extends Construct {
  constructor(scope: Construct, id: string, props: { configuration: Configuration; tables: Tables; alarms: Alarms }) {
    super(scope, id);
    const { configuration, tables, alarms } = props;

    const fn = new DaochaFunction(this, 'Remind', {
      name: 'remind',
      description: 'Reminds of what is due and records what has passed',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 1024,
      timeout: Duration.minutes(10),
    });
    fn.recordIn(tables.events, ['BatchGetItem', 'Query'], 'hazard', 'report', 'duty', 'escalation', 'proposal');
    fn.bindTable(
      VARIABLES.logTable,
      tables.log,
      { actions: ['GetItem'] },
      // how far it has come with opening duties
      { actions: ['UpdateItem'], partitions: [markerPartition(configuration.tenant)] },
    );
    fn.bindTable(VARIABLES.viewsTable, tables.views, {
      actions: ['GetItem', 'Query'],
      indexes: VIEW_INDEXES.map((index) => index.name),
    });

    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
      description: "What daocha's schedules may do",
      managedPolicies: [tables.eventsAreImmutable],
    });
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [fn.lambda.functionArn] }));
    const failed = this.failureQueue();
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [failed.queueArn] }));
    for (const [name, { expression, run, says }] of Object.entries(REMIND_TIMES)) {
      new CfnSchedule(this, name, {
        description: `${says}: ${configuration.tenant}`,
        scheduleExpression: expression,
        scheduleExpressionTimezone: TOWN_TIME,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: fn.lambda.functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ run }),
          // The next one does what this one did not: no use in insisting for long.
          retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: Duration.minutes(30).toSeconds() },
          deadLetterConfig: { arn: failed.queueArn },
        },
      });
    }

    alarms.watchFunction(fn, 'remind', { retried: false });
    alarms.add(fn, 'SilentAlarm', {
      metric: ownMetric(fn, METRICS.remindRuns).with({ period: Duration.days(1), statistic: Stats.SUM }),
      says: 'Nobody has been reminded for a day, because the remind function has not run.',
      runbook: 'remind-silent',
      below: 1,
    });
    alarms.add(fn, 'CalendarAlarm', {
      metric: ownMetric(fn, METRICS.calendarYearMissing).with({ period: Duration.days(1), statistic: Stats.MAXIMUM }),
      says: 'Something is due in a year without a statutory calendar (the value is the year): reckoned by the week.',
      runbook: 'calendar-year-missing',
    });
    alarms.add(this, 'FailedAlarm', {
      metric: failed.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      says: 'A schedule could not call the remind function.',
      runbook: 'remind-silent',
    });
  }

  private failureQueue(): Queue {
    const failed = new Queue(this, 'Failed', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const reason = 'It is itself where calls go that failed; people read it (runbook remind-silent).';
    Validations.of(failed).acknowledge(
      { id: 'AwsSolutions-SQS3', reason },
      { id: 'Serverless-SQSRedrivePolicy', reason },
    );
    return failed;
  }
}
