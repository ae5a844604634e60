// What others say of checkpoints: every minute a function copies them to a bucket that nobody can delete from, and asks witnesses and
// time-stamping authority about the latest. Sealing knows nothing of it. The bucket keeps every object for years in
// compliance mode, which not even the account's root can shorten; the function may create objects there and nothing else.

import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { METRICS, VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import { type Alarms, ownMetric } from './alarms.ts';
import { DaochaFunction } from './function.ts';
import type { Tables } from './tables.ts';

const DAYS_OF_A_YEAR = 366;

export class Attesting extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: { configuration: Configuration; tables: Tables; alarms: Alarms }) {
    super(scope, id);
    const { configuration, tables, alarms } = props;
    const { tenant } = configuration;
    this.bucket = this.writeOnce(configuration);

    const fn = new DaochaFunction(this, 'Attest', {
      name: 'attest',
      description: 'Copies checkpoints to write-once storage; asks witnesses and the time-stamping authority',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 512,
      timeout: Duration.minutes(5),
    });
    const own = ['attest', 'cosignature', 'timestamp', 'to-archive'].map((partition) => `${tenant}#${partition}`);
    fn.bindTable(
      VARIABLES.logTable,
      tables.log,
      { actions: ['GetItem', 'Query'] },
      { actions: ['PutItem'], partitions: own },
      { actions: ['DeleteItem'], partitions: [`${tenant}#to-archive`] },
    )
      .setVariable(VARIABLES.archive, `s3:${this.bucket.bucketName}`)
      .setVariable(VARIABLES.witnesses, configuration.witnesses)
      .setVariable(VARIABLES.tsaUrl, configuration.tsaUrl)
      .setVariable(VARIABLES.tsaMinutes, configuration.tsaMinutes);
    this.mayCreate(fn, tenant);

    alarms.watchFunction(fn, 'attest', { retried: true });
    this.watch(fn, alarms);
    const rule = new Rule(this, 'Schedule', {
      description: 'Copies of checkpoints, cosignatures, time stamps',
      schedule: Schedule.rate(Duration.minutes(1)),
    });
    rule.addTarget(new LambdaFunction(fn.lambda, { retryAttempts: 0 }));
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'The next one comes by itself in a minute and does the same: nothing of this one is worth keeping.',
    });
  }

  private writeOnce({ retentionYears }: Configuration): Bucket {
    const bucket = new Bucket(this, 'Checkpoints', {
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.compliance(Duration.days(retentionYears * DAYS_OF_A_YEAR)),
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'It holds hashes and signatures that are served to auditors anyway; who changes its settings is in CloudTrail.',
    });
    return bucket;
  }

  /** `s3:if-none-match` must be there: a request that would replace an object is refused before it is looked at. */
  private mayCreate(fn: DaochaFunction, tenant: string): void {
    fn.lambda.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:PutObject'],
        resources: [this.bucket.arnForObjects(`${tenant}/*`)],
        conditions: { Null: { 's3:if-none-match': 'false' } },
      }),
    );
    const bucketId = Stack.of(this).getLogicalId(this.bucket.node.defaultChild as CfnBucket);
    Validations.of(fn).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${tenant}/*]`,
      reason:
        'The names of objects hold sizes and hashes that nobody knows beforehand; all stand under the name of the town.',
    });
  }

  private watch(fn: DaochaFunction, alarms: Alarms): void {
    const longest = (metric: string) => ownMetric(fn, metric).with({ statistic: Stats.MAXIMUM });
    alarms.add(fn, 'UnarchivedAlarm', {
      metric: longest(METRICS.unarchivedSeconds),
      says: 'Checkpoints have waited for their copy in write-once storage for more than half an hour.',
      runbook: 'checkpoints-not-copied',
      above: Duration.minutes(30).toSeconds(),
    });
    alarms.add(fn, 'WitnessRefusedAlarm', {
      metric: ownMetric(fn, METRICS.witnessRefused),
      says: 'A witness answers, and does not cosign: it has seen another log, or does not know ours.',
      runbook: 'witness-refuses',
    });
    alarms.add(fn, 'WitnessSilentAlarm', {
      metric: longest(METRICS.witnessSilentSeconds),
      says: 'A witness has not answered for more than two hours.',
      runbook: 'witness-silent',
      above: Duration.hours(2).toSeconds(),
    });
    alarms.add(fn, 'UnstampedAlarm', {
      metric: longest(METRICS.unstampedSeconds),
      says: 'The time-stamping authority has failed for more than two hours.',
      runbook: 'time-stamps-missing',
      above: Duration.hours(2).toSeconds(),
    });
  }
}
