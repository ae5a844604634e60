// A table's stream wakes a function: the mapping with bounded retries, the queue for what failed, and the alarms on
// both. A wake-up carries no content that anything depends on: the function pulls from its own checkpoint, so a batch in
// the queue is a sign to look, not data that is lost.

import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnTable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import type { Alarms } from './alarms.ts';
import type { DaochaFunction } from './function.ts';

export interface WakeProps {
  table: Table;
  fn: DaochaFunction;
  name: string;
  alarms: Alarms;
  /** Records handed over at once, at most. */
  batchSize: number;
  /** Retries of a batch before it is split in two and at last set aside. */
  retryAttempts: number;
  maxRecordAge: Duration;
  /** Gathers records for so long before it wakes; at once by default. */
  batchingWindow?: Duration;
  /** Lambda event filters, as objects; a record that fits none wakes nobody. */
  filters?: object[];
}

export class Wake extends Construct {
  constructor(scope: Construct, id: string, props: WakeProps) {
    super(scope, id);
    const { table, fn } = props;
    const streamArn = table.tableStreamArn;
    if (!streamArn) throw new Error(`${table.node.path} has no stream to wake ${props.name}`);

    const failed = new Queue(this, 'Failed', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(failed).acknowledge(
      {
        id: 'AwsSolutions-SQS3',
        reason: 'It is itself where failed wake-ups go; people read it (runbook dead-letters).',
      },
      {
        id: 'Serverless-SQSRedrivePolicy',
        reason: 'It is itself where failed wake-ups go; people read it (runbook dead-letters).',
      },
    );

    fn.lambda.addToRolePolicy(
      new PolicyStatement({
        actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        resources: [streamArn],
      }),
    );
    fn.lambda.addToRolePolicy(
      new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: [`${table.tableArn}/stream/*`] }),
    );
    const tableId = Stack.of(this).getLogicalId(table.node.defaultChild as CfnTable);
    Validations.of(fn).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${tableId}.Arn>/stream/*]`,
      reason:
        'ListStreams is granted on the streams of one table: which of them is the present one is what it answers.',
    });

    const mapping = new EventSourceMapping(this, 'Mapping', {
      target: fn.lambda,
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: props.batchSize,
      parallelizationFactor: 1,
      bisectBatchOnError: true,
      retryAttempts: props.retryAttempts,
      maxRecordAge: props.maxRecordAge,
      ...(props.batchingWindow && { maxBatchingWindow: props.batchingWindow }),
      onFailure: new SqsDlq(failed),
      ...(props.filters && { filters: props.filters.map((filter) => ({ pattern: JSON.stringify(filter) })) }),
    });
    // The mapping is refused as long as the role may not read the stream.
    mapping.node.addDependency(fn.lambda.role!);

    props.alarms.add(this, 'FailedAlarm', {
      metric: failed.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      says: `The ${props.name} function gave up on a wake-up.`,
      runbook: 'dead-letters',
    });
    props.alarms.add(this, 'LateAlarm', {
      metric: fn.lambda.metric('IteratorAge', { period: Duration.minutes(1), statistic: Stats.MAXIMUM }),
      says: `The ${props.name} function is more than a minute behind its stream.`,
      runbook: 'iterator-age',
      above: Duration.minutes(1).toMilliseconds(),
      periods: 5,
    });
  }
}
