import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../functions/runtime/environment.ts';

const GOOD = {
  DAOCHA_TENANT: 'liantang',
  EVENTS_TABLE: 'events',
  DAOCHA_JWKS_URL: 'https://issuer.test/jwks',
};

describe('the environment of a function', () => {
  it('gives what was asked for and nothing else', () => {
    expect(readEnvironment(['tenant', 'eventsTable'], GOOD)).toEqual({ tenant: 'liantang', eventsTable: 'events' });
  });

  it('has defaults for the names of claims only', () => {
    expect(readEnvironment(['rolesClaim', 'organisationClaim', 'postClaim'], {})).toEqual({
      rolesClaim: 'roles',
      organisationClaim: 'org',
      postClaim: 'post',
    });
  });

  it('names every variable that is missing, empty or wrong', () => {
    const wrong = { ...GOOD, EVENTS_TABLE: '', DAOCHA_TENANT: 'a town' };
    expect(() => readEnvironment(['tenant', 'eventsTable', 'busName'], wrong)).toThrow(
      /DAOCHA_TENANT must be .*; EVENTS_TABLE is missing; BUS_NAME is missing/,
    );
  });

  it.each(['http://issuer.test/jwks', 'ftp://127.0.0.1/jwks', 'issuer.test', 'http://127.0.0.1.evil.test/jwks'])(
    'takes keys over https only: not %s',
    (url) => {
      expect(() => readEnvironment(['jwksUrl'], { DAOCHA_JWKS_URL: url })).toThrow(/DAOCHA_JWKS_URL/);
    },
  );

  it.each(['http://127.0.0.1:3000/jwks', 'http://localhost/jwks', 'http://[::1]:1/jwks'])(
    'takes http on this machine: %s',
    (url) => {
      expect(readEnvironment(['jwksUrl'], { DAOCHA_JWKS_URL: url }).jwksUrl).toBe(url);
    },
  );
});
