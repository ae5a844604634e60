// The key that signs the log's checkpoints: an asymmetric key of KMS that nobody can read. Its policy lets the seal function
// sign, with Ed25519 and nothing else, and nobody besides: who wants to sign must first change the policy, which CloudTrail
// shows. The account may administer it and see its public half; neither stack nor account can delete it by mistake.

import { RemovalPolicy } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

import { LOG_KEY_ALGORITHM, VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import type { DaochaFunction } from './function.ts';

/** What the account's administrators may do: all but signing and deleting. To delete it, change the policy first. */
export const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:GetPublicKey',
  'kms:ListKeyPolicies',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateKeyDescription',
];

/** Name of the secret that holds the private key where KMS has no Ed25519. */
export const KEY_SECRET = 'log-key';

/** Gives the seal function its key: one of KMS of its own, or the secret `log-key` in SSM. */
export class LogKey extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { configuration, fn }: { configuration: Configuration; fn: DaochaFunction },
  ) {
    super(scope, id);
    if (configuration.logKey === 'ssm') {
      fn.bindSecrets(configuration.tenant, { names: [KEY_SECRET] }).setVariable(
        VARIABLES.logKey,
        `secret:${KEY_SECRET}`,
      );
      return;
    }
    const role = fn.lambda.role!;
    const only = { StringEquals: { 'kms:SigningAlgorithm': LOG_KEY_ALGORITHM, 'kms:MessageType': 'RAW' } };
    const key = new Key(this, 'Key', {
      description: `Signs the checkpoints of the log ${configuration.logOrigin}`,
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN,
      policy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'Administration',
            principals: [new AccountRootPrincipal()],
            actions: ADMINISTRATION,
            resources: ['*'],
          }),
          new PolicyStatement({
            sid: 'OnlySealingSigns',
            principals: [role],
            actions: ['kms:Sign'],
            resources: ['*'],
            conditions: only,
          }),
          new PolicyStatement({
            sid: 'SealingSeesThePublicKey',
            principals: [role],
            actions: ['kms:GetPublicKey'],
            resources: ['*'],
          }),
        ],
      }),
    });
    fn.setVariable(VARIABLES.logKey, `kms:${key.keyArn}`);
    fn.lambda.addToRolePolicy(
      new PolicyStatement({ actions: ['kms:Sign'], resources: [key.keyArn], conditions: only }),
    );
    fn.lambda.addToRolePolicy(new PolicyStatement({ actions: ['kms:GetPublicKey'], resources: [key.keyArn] }));
  }
}
