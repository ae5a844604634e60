// Who may do what with the key that signs checkpoints.

import { describe, expect, it } from 'vitest';

import { ADMINISTRATION } from '../../../infra/aws/constructs/log-key.ts';
import { synthesize } from '../../../infra/aws/synth.ts';
import { list, type Loose, named, resources, statements, target } from './template.ts';

const template = synthesize();
const [key] = resources(template, 'AWS::KMS::Key');
const sealRole = target(named(template, 'function', 'seal').Properties['Role']);
const policy: Loose[] = key!.Properties['KeyPolicy'].Statement;
const allowing = (action: string) => policy.filter((statement) => list<string>(statement.Action).includes(action));

describe('the key of the log', () => {
  it('is one for Ed25519 signatures and outlives the stack', () => {
    expect(key).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' },
    });
  });

  it('signs for the seal function only, and only what checkpoints need', () => {
    const condition = { StringEquals: { 'kms:SigningAlgorithm': 'ED25519_SHA_512', 'kms:MessageType': 'RAW' } };
    const [signing, ...more] = allowing('kms:Sign');
    expect(more).toEqual([]);
    expect(signing.Condition).toEqual(condition);
    expect(list(signing.Principal.AWS).map(target)).toEqual([sealRole]);
    const granted = statements(template).filter(({ actions }) => actions.some((action) => action.startsWith('kms:')));
    expect(granted.map(({ holder, actions, conditions }) => [holder, actions, conditions])).toEqual([
      [sealRole, ['kms:Sign'], condition],
      [sealRole, ['kms:GetPublicKey'], undefined],
    ]);
    for (const { resources: on } of granted) expect(on.map(target)).toEqual([key!.id]);
  });

  it('no statement allows by wildcard, and nobody may have it deleted', () => {
    const actions = policy.flatMap((statement) => list<string>(statement.Action));
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    expect(actions).not.toContain('kms:ScheduleKeyDeletion');
    expect(policy.every(({ Effect }) => Effect === 'Allow')).toBe(true);
  });

  it('the account administers it and sees its public half', () => {
    const [statement] = allowing('kms:PutKeyPolicy');
    expect(list(statement.Action)).toEqual(ADMINISTRATION);
    expect(ADMINISTRATION).toContain('kms:GetPublicKey');
  });

  it('is told to the seal function and to nobody else', () => {
    const told = resources(template, 'AWS::Lambda::Function').flatMap(({ Properties, Metadata }) =>
      'LOG_KEY' in (Properties['Environment']?.Variables ?? {}) ? [Metadata?.['daocha:function']] : [],
    );
    expect(told).toEqual(['seal']);
    const { LOG_KEY: setting } = named(template, 'function', 'seal').Properties['Environment'].Variables;
    expect(setting).toEqual({ 'Fn::Join': ['', ['kms:', { 'Fn::GetAtt': [key!.id, 'Arn'] }]] });
  });

  it('where KMS has no Ed25519 it is a secret in SSM, which only sealing may read', () => {
    const without = synthesize({ context: { logKey: 'ssm', tenant: 'dawang' } });
    expect(resources(without, 'AWS::KMS::Key')).toEqual([]);
    expect(named(without, 'function', 'seal').Properties['Environment'].Variables).toMatchObject({
      LOG_KEY: 'secret:log-key',
      SECRETS: 'ssm:/daocha/dawang/',
    });
    const reading = statements(without).filter(({ actions }) => actions.includes('ssm:GetParameter'));
    const own = reading.filter(({ resources: on }) => JSON.stringify(on).includes('parameter/daocha/dawang/log-key'));
    expect(own.map(({ holder }) => holder)).toEqual([target(named(without, 'function', 'seal').Properties['Role'])]);
  });
});
