// What keeps checkpoints out of everybody's reach, and who asks witnesses and authority.

import { describe, expect, it } from 'vitest';

import { synthesize, type SynthesizedTemplate } from '../../../infra/aws/synth.ts';
import { COSIGNATURE_V1, formatVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { type Found, list, type Loose, named, resources, statements, target } from './template.ts';

/** The bucket that the stack's outputs name. */
function bucketOf(of: SynthesizedTemplate): Found {
  const id = target(of.Outputs!['CheckpointsBucket']!.Value);
  return resources(of, 'AWS::S3::Bucket').find((bucket) => bucket.id === id)!;
}

const template = synthesize();
const bucket = bucketOf(template);
const attest = named(template, 'function', 'attest');
const role = target(attest.Properties['Role']);
const variables = (of: typeof template, fn = 'attest') =>
  named(of, 'function', fn).Properties['Environment'].Variables as Record<string, unknown>;

describe('the bucket of checkpoints', () => {
  it('keeps every version for ten years, whoever asks, and outlives the stack', () => {
    expect(bucket).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        ObjectLockEnabled: true,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 3660 } },
        },
        VersioningConfiguration: { Status: 'Enabled' },
      },
    });
    const longer = synthesize({ context: { retentionYears: 30 } });
    expect(bucketOf(longer).Properties).toMatchObject({
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 10_980 } } },
    });
  });

  it('is encrypted, not public, and answers over TLS only', () => {
    expect(bucket.Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    const policy = resources(template, 'AWS::S3::BucketPolicy').find(
      ({ Properties }) => target(Properties['Bucket']) === bucket.id,
    );
    expect(policy!.Properties['PolicyDocument'].Statement).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    ]);
  });

  it('is written by the attest function only, which may create under the name of the town, and nothing else', () => {
    const granted = statements(template).filter(({ resources: on }) => on.some((one) => target(one) === bucket.id));
    expect(granted).toEqual([
      {
        holder: role,
        effect: 'Allow',
        actions: ['s3:PutObject'],
        resources: [{ 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket.id, 'Arn'] }, '/liantang/*']] }],
        conditions: { Null: { 's3:if-none-match': 'false' } },
      },
    ]);
    expect(variables(template)['ARCHIVE']).toEqual({ 'Fn::Join': ['', ['s3:', { Ref: bucket.id }]] });
  });
});

describe('attesting', () => {
  it('runs every minute, and nothing else wakes it', () => {
    const rules = resources(template, 'AWS::Events::Rule').filter(({ Properties }) =>
      list<Loose>(Properties['Targets']).some(({ Arn }) => target(Arn) === attest.id),
    );
    expect(rules.map(({ Properties }) => Properties['ScheduleExpression'])).toEqual(['rate(1 minute)']);
    const wakes = resources(template, 'AWS::Lambda::EventSourceMapping').map(({ Properties }) =>
      target(Properties['FunctionName']),
    );
    expect(wakes).not.toContain(attest.id);
  });

  it('knows no witness and no authority unless told; the api knows the same witnesses', () => {
    expect(Object.keys(variables(template)).filter((name) => /WITNESS|TSA/u.test(name))).toEqual([]);
    const line = (name: string, seed: number) =>
      formatVkey(vkeyOf(name, COSIGNATURE_V1, new Uint8Array(32).fill(seed)));
    const witnesses = [`${line('w.example/a', 1)} https://w.example/a`, line('w.example/b', 2)];
    const told = synthesize({
      context: { witnesses, tsaUrl: 'https://tsa.example.cn/rfc3161', tsaMinutes: 30 },
    });
    expect(variables(told)).toMatchObject({
      DAOCHA_WITNESSES: witnesses.join(';'),
      DAOCHA_TSA_URL: 'https://tsa.example.cn/rfc3161',
      DAOCHA_TSA_MINUTES: '30',
    });
    expect(variables(told, 'api')['DAOCHA_WITNESSES']).toBe(witnesses.join(';'));
  });

  it.each([
    ['UnarchivedSeconds', 'Maximum', 1800, 'checkpoints-not-copied'],
    ['WitnessRefused', 'Sum', 0, 'witness-refuses'],
    ['WitnessSilentSeconds', 'Maximum', 7200, 'witness-silent'],
    ['UnstampedSeconds', 'Maximum', 7200, 'time-stamps-missing'],
  ])('rings on %s, under the name by which the function writes it', (metric, statistic, threshold, runbook) => {
    const alarms = resources(template, 'AWS::CloudWatch::Alarm');
    const alarm = alarms.find(({ Properties }) => Properties['MetricName'] === metric);
    expect(alarm!.Properties).toMatchObject({
      Namespace: variables(template)['POWERTOOLS_METRICS_NAMESPACE'],
      Dimensions: [{ Name: 'service', Value: variables(template)['POWERTOOLS_SERVICE_NAME'] }],
      Statistic: statistic,
      Threshold: threshold,
      EvaluationPeriods: 1,
    });
    expect(alarm!.Properties['AlarmDescription']).toContain(`#${runbook}`);
  });
});
