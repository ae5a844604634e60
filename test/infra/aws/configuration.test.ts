// What a deployment may choose, and how it is told of a mistake.

import { describe, expect, it } from 'vitest';

import { InvalidInput } from '../../../events/errors.ts';
import { synthesize } from '../../../infra/aws/synth.ts';
import { named, resources } from './template.ts';

// The first synthesis loads the library, which takes seconds on a busy machine: not within a test's time.
const defaults = synthesize();

describe('configuration by context', () => {
  it.each([
    ['issuer', 'http://login.example.cn', 'https'],
    ['issuer', 'login.example.cn', 'https'],
    ['issuer', 'https://', 'https'],
    ['jwksUrl', 'http://login.example.cn/keys', 'https'],
    ['jwksUrl', 'https://login.example.cn/keys?x=1', 'https'],
    ['audience', 'two words', 'aud'],
    ['tenant', 'Liantang', 'a–z'],
    ['tenant', 'a#b', 'a–z'],
    ['region', 'Beijing', 'cn-north-1'],
    ['alarmEmail', 'the office', 'e-mail'],
    ['architecture', 'x86', 'arm64 or x86_64'],
    ['sequencerConcurrency', '0', 'whole number'],
    ['sequencerConcurrency', 'two', 'whole number'],
    ['eventsPolicy', 'no', 'true or false'],
    ['logKey', 'file', 'kms or ssm'],
    ['tokenHours', '0', 'whole number'],
    ['tokenHours', 'a day', 'whole number'],
    ['retentionYears', '0', 'whole number'],
    ['retentionYears', '100', 'whole number'],
    ['tsaUrl', 'http://tsa.example.cn', 'https'],
    ['tsaMinutes', 'hourly', 'whole number'],
    ['witnesses', 'witness.example', 'name+hash+key'],
    ['witnesses', ['witness.example'], 'name+hash+key'],
    ['witnesses', 7, 'text'],
    ['logOrigin', 'https://safety.example.cn/log', 'without scheme'],
    ['logOrigin', 'a town', 'without scheme'],
    ['sealSeconds', '0', '1 to 300'],
    ['sealSeconds', '301', '1 to 300'],
    ['issuer', { url: 'https://login.example.cn' }, 'https'],
  ])('%s = %j is refused, naming the key and what would be right', (key, value, expected) => {
    let refused: unknown;
    try {
      synthesize({ context: { [key]: value } });
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(InvalidInput);
    expect(refused).toMatchObject({ field: key });
    expect((refused as InvalidInput).message).toContain(`"${key}"`);
    expect((refused as InvalidInput).message).toContain(expected);
  });

  it('reaches the authorizer, the api function, the alarms and the names of the tenant', () => {
    const template = synthesize({
      context: {
        tenant: 'dawang',
        issuer: 'https://login.example.cn/realms/town',
        audience: 'campaign',
        jwksUrl: 'https://login.example.cn/keys',
        rolesClaim: 'groups',
        alarmEmail: 'duty@example.cn',
        runbooks: 'https://wiki.example.cn/runbooks',
        architecture: 'x86_64',
      },
    });
    expect(named(template, 'function', 'api').Properties).toMatchObject({
      Architectures: ['x86_64'],
      Environment: {
        Variables: {
          DAOCHA_TENANT: 'dawang',
          DAOCHA_ISSUER: 'https://login.example.cn/realms/town',
          DAOCHA_AUDIENCE: 'campaign',
          DAOCHA_JWKS_URL: 'https://login.example.cn/keys',
          DAOCHA_ROLES_CLAIM: 'groups',
        },
      },
    });
    expect(resources(template, 'AWS::ApiGatewayV2::Authorizer')[0]!.Properties['JwtConfiguration']).toEqual({
      Issuer: 'https://login.example.cn/realms/town',
      Audience: ['campaign'],
    });
    expect(resources(template, 'AWS::SNS::Subscription')[0]!.Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'duty@example.cn',
    });
    for (const { Properties } of resources(template, 'AWS::CloudWatch::Alarm')) {
      expect(Properties['AlarmDescription']).toContain('https://wiki.example.cn/runbooks#');
    }
    expect(JSON.stringify(template)).not.toContain('liantang');
  });

  it('keys of the issuer are looked for at its well-known place unless told otherwise', () => {
    const template = synthesize({ context: { issuer: 'https://login.example.cn/' } });
    expect(named(template, 'function', 'api').Properties['Environment'].Variables).toMatchObject({
      DAOCHA_JWKS_URL: 'https://login.example.cn/.well-known/jwks.json',
    });
  });

  it('the same sources and configuration give the same template', () => {
    expect(synthesize()).toEqual(defaults);
  });
});
