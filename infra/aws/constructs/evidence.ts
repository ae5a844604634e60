// Evidence (证据): photos and papers in a bucket of their own, under their hash. They are put there by presigned
// requests, which S3 itself checks for hash, type and size; a function tells where, and hands files out to whoever may
// read the event that names them. Nobody can replace or remove one through the platform.

import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod, type IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  HttpMethods,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import type { Alarms } from './alarms.ts';
import { signIn } from './api.ts';
import { DaochaFunction } from './function.ts';
import type { Tables } from './tables.ts';

/** Nobody without the special right can remove a photo before that: a face that the law wants erased can still be. */
const LOCKED = Duration.days(3650);

export class EvidenceBucket extends Construct {
  readonly bucket: Bucket;

  constructor(
    scope: Construct,
    id: string,
    props: {
      configuration: Configuration;
      tables: Tables;
      alarms: Alarms;
      http: HttpApi;
      authorizer: IHttpRouteAuthorizer;
    },
  ) {
    super(scope, id);
    const { configuration, tables, alarms, http, authorizer } = props;
    this.bucket = this.files(configuration.console.site ?? http.apiEndpoint);

    const fn = new DaochaFunction(this, 'Evidence', {
      name: 'evidence',
      description: 'Where evidence is put, and handing it out',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 1024,
      timeout: Duration.seconds(29),
    });
    fn.bindTable(VARIABLES.eventsTable, tables.events, { actions: ['Query'] });
    fn.bindTable(VARIABLES.accessTable, tables.access, { actions: ['PutItem'] });
    bindEvidence(signIn(fn, configuration), this.bucket, configuration);
    alarms.watchFunction(fn, 'evidence', { retried: false });

    const integration = new HttpLambdaIntegration('Evidence', fn.lambda);
    for (const path of ['/v1/evidence', '/v1/evidence/{proxy+}']) {
      http.addRoutes({ path, methods: [HttpMethod.ANY], integration, authorizer });
    }
  }

  /** @param site from whose pages browsers may put files */
  private files(site: string): Bucket {
    const bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.governance(LOCKED),
      cors: [
        {
          allowedOrigins: [site],
          allowedMethods: [HttpMethods.PUT],
          allowedHeaders: ['content-type', 'if-none-match', 'x-amz-checksum-sha256'],
          maxAge: Duration.hours(1).toSeconds(),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Two functions can reach it, and the API logs who asked for which unit; files are named and checked by hash.',
    });
    return bucket;
  }
}

/**
 * Gives a function the evidence: where it is, and the rights to create a file (never to replace one), to read each, and to see whether one
 * is there (without listing, a missing file could not be told from a forbidden one).
 */
export function bindEvidence(fn: DaochaFunction, bucket: Bucket, { tenant }: Configuration): void {
  fn.setVariable(VARIABLES.evidence, `s3:${bucket.bucketName}`);
  const files = `evidence/${tenant}/*`;
  const grant = (statement: ConstructorParameters<typeof PolicyStatement>[0]): void => {
    fn.lambda.addToRolePolicy(new PolicyStatement(statement));
  };
  grant({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects(files)] });
  grant({
    actions: ['s3:PutObject'],
    resources: [bucket.arnForObjects(files)],
    conditions: { Null: { 's3:if-none-match': 'false' } },
  });
  grant({
    actions: ['s3:ListBucket'],
    resources: [bucket.bucketArn],
    conditions: { StringLike: { 's3:prefix': files } },
  });
  const bucketId = Stack.of(fn).getLogicalId(bucket.node.defaultChild as CfnBucket);
  Validations.of(fn).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${files}]`,
    reason: 'A file is named by its hash, which nobody knows before: one folder of one bucket.',
  });
}
