// The development issuer: tokens that verify against what it publishes, a key that only its owner can read.
import { createLocalJWKSet, jwtVerify } from 'jose';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  discovery,
  ensureSigningKey,
  keyFile,
  publicKeys,
  readSigningKey,
  seconds,
  signToken,
  type TokenRequest,
} from '../../../infra/local/issuer.ts';
import { temporaryDirectory } from '../../support/platform.ts';

const API = 'http://127.0.0.1:3000';
const place = { issuer: `${API}/dev/issuer`, audience: 'daocha', now: new Date('2026-01-01T00:00:00Z') };
let data: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  data = temporaryDirectory();
});
afterEach(() => data.remove());

test('the key is made once, for its owner alone, and kept', async () => {
  const made = await ensureSigningKey(data.path);
  expect(statSync(keyFile(data.path)).mode & 0o777).toBe(0o600);
  expect(existsSync(`${keyFile(data.path)}.new`)).toBe(false);
  expect(await ensureSigningKey(data.path)).toEqual(made);
  expect(readSigningKey(data.path)).toEqual(made);
});

test('where no platform ever ran there is no key', () => {
  expect(readSigningKey(data.path)).toBeUndefined();
});

test.each(['', '{', '{"kid":"a"}', 'null'])('a broken key file says what to do: %j', async (text) => {
  writeFileSync(keyFile(data.path), text);
  await expect(ensureSigningKey(data.path)).rejects.toThrow(/dev-issuer\.json holds no signing key\. Delete it/);
});

test('a key file that cannot be read is told of, not replaced', async () => {
  mkdirSync(keyFile(data.path));
  await expect(ensureSigningKey(data.path)).rejects.toThrow(/dev-issuer\.json cannot be read/);
  expect(statSync(keyFile(data.path)).isDirectory()).toBe(true);
});

describe('a token', () => {
  test('verifies against the published keys and carries the claims', async () => {
    const key = await ensureSigningKey(data.path);
    const token = await signToken(key, place, {
      roles: ['inspector', 'village'],
      org: 'village-01',
      post: '科员',
      ttl: '30m',
    });
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(publicKeys(key)), {
      issuer: place.issuer,
      audience: 'daocha',
      currentDate: place.now,
    });
    expect(payload).toMatchObject({
      sub: 'dev-inspector',
      roles: ['inspector', 'village'],
      org: 'village-01',
      post: '科员',
    });
    expect(payload.exp! - payload.iat!).toBe(1800);
    expect(protectedHeader).toMatchObject({ alg: 'ES256', kid: key.jwk.kid });
  });

  test('does not verify against the key of another data directory', async () => {
    const other = temporaryDirectory();
    const token = await signToken(await ensureSigningKey(other.path), place, { roles: ['admin'] });
    const keys = createLocalJWKSet(publicKeys(await ensureSigningKey(data.path)));
    await expect(jwtVerify(token, keys, { currentDate: place.now })).rejects.toThrow('no applicable key');
    other.remove();
  });

  test.each([
    [{ roles: [] }, 'role', /needs a role/],
    [{ roles: ['inspectr'] }, 'role', /no role called "inspectr"/],
    [{ roles: ['admin'], ttl: 'soon' }, 'ttl', /"soon" is not a duration/],
    [{ roles: ['admin'], ttl: '25h' }, 'ttl', /no token that lives longer than 24 hours/],
    [{ roles: ['admin'], person: 'system:clock' }, 'person', /stands for the platform itself/],
    ...[' system:x', 'system：x', 'ｓystem:x', 'a b', '张三', '', 'p\u200B1', 'p'.repeat(129)].map(
      (person): [TokenRequest, string, RegExp] => [{ roles: ['admin'], person }, 'person', /reference of a person/],
    ),
    ...['village 1', '规建办', '', 'a#b', 'v'.repeat(65)].map((org): [TokenRequest, string, RegExp] => [
      { roles: ['admin'], org },
      'org',
      /letters, digits/,
    ]),
    ...['', ' ', '\u3164', '所长\u001B[31m', '长'.repeat(129)].map((post): [TokenRequest, string, RegExp] => [
      { roles: ['admin'], post },
      'post',
      /cannot stand in a token/,
    ]),
  ] satisfies [TokenRequest, string, RegExp][])('is refused for %j', async (request, field, says) => {
    const error = await signToken(await ensureSigningKey(data.path), place, request).catch((e: unknown) => e);
    expect(error).toMatchObject({ field, message: expect.stringMatching(says), expected: expect.any(String) });
  });
});

test('only the public half is published', async () => {
  const [published] = publicKeys(await ensureSigningKey(data.path)).keys;
  expect(Object.keys(published!).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
});

test('the discovery document leads to the keys', () => {
  expect(discovery(API)).toMatchObject({ issuer: place.issuer, jwks_uri: `${API}/dev/issuer/jwks.json` });
});

test.each([
  ['90', 90],
  ['45s', 45],
  ['30m', 1800],
  ['8h', 28_800],
  ['7d', 604_800],
  ['366d', 31_622_400],
] as const)('%s is %d seconds', (text, length) => expect(seconds(text)).toBe(length));
test.each(['', '0', '-1', '1.5h', '8 h', '367d', '9999999999', 'h', '1w'])('%j is no duration', (text) => {
  expect(() => seconds(text)).toThrow(/is not a duration/);
});
