// The bucket of evidence and who reaches it, in the template.
import { describe, expect, it } from 'vitest';

import { synthesize } from '../../../infra/aws/synth.ts';
import { type Loose, metadata, named, resources, statements, target } from './template.ts';

const template = synthesize();
const bucket = resources(template, 'AWS::S3::Bucket').find(({ id }) => id.startsWith('EvidenceFiles'))!;

describe('the bucket of evidence', () => {
  it('keeps each file for ten years: whoever may write over one cannot remove what was there', () => {
    expect(bucket.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 3650 } } },
    });
  });

  it('is private, encrypted, keeps every version, and outlives the stack', () => {
    expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(bucket.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      VersioningConfiguration: { Status: 'Enabled' },
    });
  });

  it('is reached by TLS only', () => {
    const policy = resources(template, 'AWS::S3::BucketPolicy').find(
      ({ Properties }) => target(Properties['Bucket']) === bucket.id,
    )!;
    expect(policy.Properties['PolicyDocument'].Statement).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    ]);
  });

  it('takes files from pages of the console only, and only by PUT', () => {
    const [rule, ...others] = bucket.Properties['CorsConfiguration'].CorsRules as Loose[];
    expect(others).toEqual([]);
    expect(rule).toMatchObject({
      AllowedMethods: ['PUT'],
      AllowedHeaders: ['content-type', 'if-none-match', 'x-amz-checksum-sha256'],
    });
    expect(JSON.stringify(rule!.AllowedOrigins)).toMatch(/ApiEndpoint/);
    const own = synthesize({ context: { consoleSite: 'https://safety.example.cn' } });
    const other = resources(own, 'AWS::S3::Bucket').find(({ id }) => id.startsWith('EvidenceFiles'))!;
    expect(other.Properties['CorsConfiguration'].CorsRules[0].AllowedOrigins).toEqual(['https://safety.example.cn']);
  });

  it('is reached by evidence and console, who may create, read and look, in the folder of the town; nobody may remove', () => {
    const reached = statements(template).filter(({ resources: of }) => JSON.stringify(of).includes(bucket.id));
    const holders = new Map(
      resources(template, 'AWS::Lambda::Function').map(({ Properties, Metadata }) => [
        target(Properties['Role']),
        metadata({ Metadata }, 'function'),
      ]),
    );
    const rights = reached.map(({ holder, actions }) => `${holders.get(holder)} ${actions.join('+')}`);
    expect(rights.toSorted()).toEqual([
      'console s3:GetObject',
      'console s3:ListBucket',
      'console s3:PutObject',
      'evidence s3:GetObject',
      'evidence s3:ListBucket',
      'evidence s3:PutObject',
    ]);
    const only = { folder: '/evidence/liantang/*', new: { Null: { 's3:if-none-match': 'false' } } };
    const having = (right: string) => (reached as Loose[]).filter(({ actions }) => actions.includes(right));
    for (const { resources: of } of [...having('s3:GetObject'), ...having('s3:PutObject')]) {
      expect(JSON.stringify(of)).toContain(only.folder);
    }
    expect(having('s3:PutObject').map(({ conditions }) => conditions)).toEqual([only.new, only.new]);
    for (const { conditions } of having('s3:ListBucket')) {
      expect(conditions).toEqual({ StringLike: { 's3:prefix': 'evidence/liantang/*' } });
    }
  });

  it('is known to the functions that reach it', () => {
    for (const name of ['evidence', 'console']) {
      const { EVIDENCE } = named(template, 'function', name).Properties['Environment'].Variables;
      expect(JSON.stringify(EVIDENCE)).toContain(bucket.id);
    }
  });
});
