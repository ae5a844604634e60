// Escalating: every new page of the log wakes the function that does what follows by the rules: cases go up, dossiers
// are compiled. Dossiers lie in a bucket of their own, under their hash, locked against change; the function `district`
// hands them out to whoever may read the case.

import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { markerPartition } from '../../../shared/record/log/deps.ts';
import { METRICS, VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import { type Alarms, ownMetric } from './alarms.ts';
import { DaochaFunction } from './function.ts';
import { followerGrants, wakeOnNewPage } from './following.ts';
import { VIEW_INDEXES, type Tables } from './tables.ts';

/** Nobody without the special right can remove a dossier before that; the bucket keeps it after that as well. */
const LOCKED = Duration.days(3650);

export class Escalating extends Construct {
  readonly dossiers: Bucket;

  constructor(scope: Construct, id: string, props: { configuration: Configuration; tables: Tables; alarms: Alarms }) {
    super(scope, id);
    const { configuration, tables, alarms } = props;

    this.dossiers = new Bucket(this, 'Dossiers', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.governance(LOCKED),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(this.dossiers).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Only three functions can reach it, and the API logs who asked for which case; dossiers are locked and checked by hash.',
    });

    const fn = new DaochaFunction(this, 'React', {
      name: 'react',
      description: 'Does what follows from an event by the rules',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 1024,
      timeout: Duration.minutes(5),
    });
    followerGrants(fn, tables, configuration, alarms);
    // Commands, and what a dossier is compiled from; a transaction is authorised by the PutItem of its parts.
    fn.recordIn(tables.events, ['Query'], 'escalation', 'duty');
    // leaf hashes: what a dossier tells is compared with them
    // and how far it has come with opening duties
    fn.bindTable(
      VARIABLES.logTable,
      tables.log,
      { actions: ['BatchGetItem'] },
      { actions: ['UpdateItem'], partitions: [markerPartition(configuration.tenant)] },
    );
    fn.bindTable(VARIABLES.viewsTable, tables.views, {
      actions: ['BatchGetItem', 'GetItem', 'Query'],
      indexes: VIEW_INDEXES.map((index) => index.name),
    });
    bindDossiers(fn, 'PutObject', this.dossiers, configuration);

    alarms.watchFunction(fn, 'react', { retried: true });
    alarms.add(fn, 'RefusedAlarm', {
      metric: ownMetric(fn, METRICS.reactionRefused),
      says: 'A rule fired, or a dossier was to be compiled, and it was refused.',
      runbook: 'reaction-refused',
    });
    wakeOnNewPage(this, { fn, name: 'react', tables, configuration, alarms });
  }
}

/** Gives a function the dossiers: where they are, and the right to put or to get each, but not to list or remove any. */
export function bindDossiers(
  fn: DaochaFunction,
  right: 'PutObject' | 'GetObject',
  dossiers: Bucket,
  { tenant }: Configuration,
): void {
  fn.setVariable(VARIABLES.dossiers, `s3:${dossiers.bucketName}`);
  const files = `dossiers/${tenant}/*`;
  fn.lambda.addToRolePolicy(
    new PolicyStatement({ actions: [`s3:${right}`], resources: [dossiers.arnForObjects(files)] }),
  );
  const bucket = Stack.of(fn).getLogicalId(dossiers.node.defaultChild as CfnBucket);
  Validations.of(fn).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${bucket}.Arn>/${files}]`,
    reason: 'A dossier is named by its hash, which nobody knows before: one folder of one bucket.',
  });
}
