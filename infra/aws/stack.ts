// One town's platform as one CloudFormation stack: the tables, and one construct for each capability around them.

import { Annotations, Aws, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { type Configuration, PLACEHOLDER_ISSUER } from './configuration.ts';
import { Alarms } from './constructs/alarms.ts';
import { Api } from './constructs/api.ts';
import { Attesting } from './constructs/attesting.ts';
import { Console } from './constructs/console.ts';
import { EvidenceBucket } from './constructs/evidence.ts';
import { Escalating } from './constructs/escalating.ts';
import { Indexing } from './constructs/indexing.ts';
import { Notifying } from './constructs/notifying.ts';
import { Projecting } from './constructs/projecting.ts';
import { Publishing } from './constructs/publishing.ts';
import { ReminderSchedules } from './constructs/reminding.ts';
import { Sealing } from './constructs/sealing.ts';
import { Sequencing } from './constructs/sequencing.ts';
import { Tables } from './constructs/tables.ts';

export class DaochaStack extends Stack {
  constructor(scope: Construct, id: string, configuration: Configuration, props: StackProps = {}) {
    super(scope, id, {
      description: `daocha: the safety campaign of ${configuration.tenant}`,
      ...(configuration.region && { env: { region: configuration.region } }),
      terminationProtection: true,
      ...props,
    });

    const tables = new Tables(this, 'Tables', { eventsPolicy: configuration.eventsPolicy });
    const alarms = new Alarms(this, 'Alarms', configuration);
    new Sequencing(this, 'Sequencing', { configuration, tables, alarms });
    new Projecting(this, 'Projecting', { configuration, tables, alarms });
    new Sealing(this, 'Sealing', { configuration, tables, alarms });
    const { bucket } = new Attesting(this, 'Attesting', { configuration, tables, alarms });
    new Indexing(this, 'Indexing', { configuration, tables, alarms });
    new ReminderSchedules(this, 'Reminding', { configuration, tables, alarms });
    const { bus } = new Publishing(this, 'Publishing', { configuration, tables, alarms });
    const { dossiers } = new Escalating(this, 'Escalating', { configuration, tables, alarms });
    const api = new Api(this, 'Api', { configuration, tables, alarms, dossiers });
    new Notifying(this, 'Notifying', { configuration, tables, alarms, bus, site: api.http.apiEndpoint });
    const { http, authorizer } = api;
    const { bucket: evidence } = new EvidenceBucket(this, 'Evidence', {
      configuration,
      tables,
      alarms,
      http,
      authorizer,
    });
    new Console(this, 'Console', { configuration, tables, alarms, http, dossiers, evidence });

    if (configuration.issuer === PLACEHOLDER_ISSUER) {
      Annotations.of(this).addWarningV2(
        'daocha:issuer',
        `No sign-in is configured: context key "issuer" is the placeholder ${PLACEHOLDER_ISSUER}, which cannot be deployed.`,
      );
    }

    new CfnOutput(this, 'ApiUrl', { value: api.stage.url });
    new CfnOutput(this, 'ConsoleUrl', { value: `${configuration.console.site ?? api.http.apiEndpoint}/console` });
    new CfnOutput(this, 'EventsTable', { value: tables.events.tableName });
    new CfnOutput(this, 'LogTable', { value: tables.log.tableName });
    new CfnOutput(this, 'ViewsTable', { value: tables.views.tableName });
    new CfnOutput(this, 'BusName', { value: bus.eventBusName });
    new CfnOutput(this, 'DossierBucket', { value: dossiers.bucketName });
    new CfnOutput(this, 'EvidenceBucket', { value: evidence.bucketName });
    new CfnOutput(this, 'CheckpointsBucket', { value: bucket.bucketName });
    new CfnOutput(this, 'AlarmTopic', { value: alarms.topic.topicArn });
  }

  /** Never a literal partition, even for a fixed region: the same template stands in aws and in aws-cn. */
  override get partition(): string {
    return Aws.PARTITION;
  }
}
