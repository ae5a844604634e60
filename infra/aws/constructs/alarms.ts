// Alarms all go to one topic, and each names the section of docs/runbooks.md that says what to do. A missing metric is
// not a breach, as most of these metrics appear only when something went wrong; it is one for what must happen every day.

import { Aws, Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

import { METRICS_NAMESPACE } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import type { DaochaFunction } from './function.ts';

export interface AlarmRule {
  metric: IMetric;
  /** In words, what has happened when it rings. */
  says: string;
  /** Heading of docs/runbooks.md, as its anchor. */
  runbook: string;
  /** Rings when the metric exceeds it; 0 by default: once is enough. */
  above?: number;
  /** Instead: rings when the metric is below it, or not there at all. */
  below?: number;
  /** Periods in a row; 1 by default. */
  periods?: number;
}

export class Alarms extends Construct {
  readonly topic: Topic;
  private readonly runbooks: string;

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
    this.runbooks = configuration.runbooks;
    this.topic = new Topic(this, 'Topic', {
      displayName: `daocha ${configuration.tenant}: alarms`,
      enforceSSL: true,
    });
    // A topic with a policy of its own (TLS only) has lost the default one that let the account's alarms publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sns:Publish'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    if (configuration.alarmEmail) this.topic.addSubscription(new EmailSubscription(configuration.alarmEmail));
  }

  /** Declares an alarm under `scope`, beside the resource it watches. */
  add(scope: Construct, id: string, rule: AlarmRule): void {
    const alarm = new Alarm(scope, id, {
      metric: rule.metric,
      threshold: rule.below ?? rule.above ?? 0,
      comparisonOperator:
        rule.below === undefined ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: rule.periods ?? 1,
      treatMissingData: rule.below === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
      alarmDescription: `${rule.says} What to do: ${this.runbooks}#${rule.runbook}`,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
  }

  /**
   * Errors and throttles of a function. One that a stream wakes is called again automatically, and fails on purpose when
   * it ran out of time while catching up: only failing for long is news.
   */
  watchFunction(fn: DaochaFunction, name: string, { retried }: { retried: boolean }): void {
    const period = Duration.minutes(5);
    this.add(fn, 'ErrorsAlarm', {
      metric: fn.lambda.metricErrors({ period }),
      says: `The ${name} function failed.`,
      runbook: 'function-errors',
      periods: retried ? 3 : 1,
    });
    this.add(fn, 'ThrottlesAlarm', {
      metric: fn.lambda.metricThrottles({ period }),
      says: `The ${name} function was refused for want of concurrency.`,
      runbook: 'function-throttles',
      periods: 3,
    });
  }
}

/** A metric that a function itself writes, summed over five minutes. */
export function ownMetric(fn: DaochaFunction, metricName: string): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: fn.serviceName },
    statistic: 'Sum',
    period: Duration.minutes(5),
  });
}
