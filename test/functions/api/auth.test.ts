import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { personSchema } from '../../../events/envelope.ts';
import { makeVerifier, remoteKeys } from '../../../functions/api/auth.ts';
import { NAMING } from '../../../functions/api/persons.ts';
import { ROUTE_NAMES, ROUTES } from '../../../functions/api/routes.ts';
import { AUDIENCE, ISSUER, makeKeys, makeTown, NOON, sign, type TestTown } from './support.ts';

let town: TestTown;
beforeAll(async () => {
  town = await makeTown();
});

const good = { sub: 'p-1', roles: ['office' as const], org: 'office', post: 'clerk' };

describe('signing in', () => {
  it('answers 401 with a challenge when there is no token', async () => {
    const { status, headers, body } = await town.send('GET', '/v1/campaign');
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Bearer realm="daocha"');
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toMatchObject({ type: 'urn:daocha:problem:unauthenticated', status: 401, field: 'Authorization' });
  });

  it.each([
    ['no scheme', 'abc', /not "Bearer "/],
    ['basic', 'Basic abc', /not "Bearer "/],
    ['not three parts', 'Bearer abc.def', /three parts/],
    ['three parts of nonsense', 'Bearer a.b.c', /malformed/],
  ])('says what is wrong with a malformed header: %s', async (_, authorization, message) => {
    const { status, body, headers } = await town.send('GET', '/v1/campaign', { headers: { authorization } });
    expect(status).toBe(401);
    expect(body.detail).toMatch(message);
    expect(headers['www-authenticate']).toContain('error=');
  });

  it.each([
    ['expired', { expiresIn: -60 }, /expired/],
    ['of another audience', { aud: 'other' }, /another audience; expected "daocha"/],
    ['of another issuer', { iss: 'https://evil.test' }, /another issuer; expected "https:\/\/issuer.test"/],
    ['without a subject', { sub: undefined }, /"sub" is missing/],
  ])('refuses a token that is %s', async (_, claims, message) => {
    const token = await sign(town.keys, { ...good, ...claims });
    const { status, body } = await town.get('/v1/campaign', token);
    expect(status).toBe(401);
    expect(body.detail).toMatch(message);
  });

  it('refuses a token signed by another key', async () => {
    const token = await sign(await makeKeys(), good);
    expect((await town.get('/v1/campaign', token)).status).toBe(401);
  });

  it('refuses unsigned tokens and shared secrets, whatever they claim', async () => {
    const at = Math.floor(NOON.getTime() / 1000);
    const unsigned = new UnsecuredJWT({ ...good })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setExpirationTime(at + 60)
      .encode();
    const shared = await new SignJWT({ ...good })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setExpirationTime(at + 60)
      .sign(new TextEncoder().encode('a secret that everybody knows by now'));
    for (const token of [unsigned, shared]) {
      const { status, body } = await town.get('/v1/campaign', token);
      expect(status).toBe(401);
      expect(body.detail).toMatch(/algorithm|malformed/);
    }
  });

  it('takes roles as a list or as words in one string, and no others than it knows', async () => {
    const verify = town.deps.verify;
    for (const roles of [['auditor', 'king'] as never, 'auditor king']) {
      const token = await sign(town.keys, { ...good, sub: `p-${typeof roles}`, roles });
      expect((await verify(`Bearer ${token}`)).roles).toEqual(['auditor']);
    }
  });

  it('tells somebody without a known role what would be needed', async () => {
    const token = await sign(town.keys, { ...good, roles: [] });
    const { status, body } = await town.get('/v1/campaign', token);
    expect(status).toBe(403);
    expect(body).toMatchObject({ type: 'urn:daocha:problem:forbidden', field: 'roles' });
    expect(body.expected).toContain('auditor');
  });

  it('lets nobody record anything whose token names no organisation or post', async () => {
    const before = town.commits();
    for (const lacking of ['org', 'post'] as const) {
      const token = await sign(town.keys, { ...good, [lacking]: undefined });
      const { status, body } = await town.post('/v1/units', token, { name: 'U', tracks: ['gas'] });
      expect(status).toBe(403);
      expect(body.expected).toContain(lacking === 'org' ? 'organisation' : 'post');
    }
    expect(town.commits()).toBe(before);
  });
});

describe('what a token says of itself', () => {
  const at = Math.floor(NOON.getTime() / 1000);
  const whole = { ...good, iss: ISSUER, aud: AUDIENCE, iat: at - 60, exp: at + 3600 };
  /** Claims as they are; undefined leaves one out. */
  const signed = async (
    claims: Record<string, unknown>,
    header: Record<string, unknown> = {},
    keys = town.keys,
  ): Promise<string> =>
    new SignJWT(JSON.parse(JSON.stringify({ ...whole, ...claims })) as Record<string, unknown>)
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1', ...header })
      .sign(keys.privateKey);
  const verifier = (tokenHours?: number) =>
    makeVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: town.keys.set,
      now: () => NOON,
      ...(tokenHours === undefined ? {} : { tokenHours }),
    });
  const DAY = 24 * 3600;

  it.each([
    ['a day and a second', { exp: at - 60 + DAY + 1 }, /lives for 25 hours; expected at most 24/],
    ['ten years', { exp: at + 3650 * DAY }, /expected at most 24/],
    ['for ever', { exp: 1e300 }, /expected at most 24/],
    ['since it was issued long ago', { iat: at - 30 * DAY }, /expected at most 24/],
    ['a moment, from a day to come on', { iat: at + DAY, exp: at + DAY + 60 }, /issued in the future/],
    ['nobody knows how long: no exp', { exp: undefined }, /"exp" is missing/],
    ['nobody knows how long: no iat', { iat: undefined }, /"iat" is missing/],
    ['words', { iat: 'now' }, /"iat"/],
  ])('is refused when it lives %s', async (_, claims, message) => {
    const refused = await verifier()(`Bearer ${await signed(claims)}`).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 401, message: expect.stringMatching(message) });
  });

  it('may live a day, or as long as the deployment says', async () => {
    const day = `Bearer ${await signed({ exp: at - 60 + DAY })}`;
    expect((await verifier()(day)).person).toBe('p-1');
    await expect(verifier(12)(day)).rejects.toThrow(/lives for 24 hours; expected at most 12/);
    const week = `Bearer ${await signed({ exp: at - 60 + 7 * DAY })}`;
    expect((await verifier(168)(week)).person).toBe('p-1');
  });

  it.each([
    ['an access token', {}, { typ: 'at+jwt' }],
    ['one in full', {}, { typ: 'application/AT+JWT' }],
    ['a JWT', {}, { typ: 'JWT' }],
    ['of no type', {}, {}],
    ['of Keycloak', { typ: 'Bearer', nonce: 'n' }, { typ: 'JWT' }],
    ['of Cognito', { token_use: 'access' }, {}],
  ])('is taken when it is %s', async (_, claims, header) => {
    expect((await verifier()(`Bearer ${await signed(claims, header)}`)).roles).toEqual(['office']);
  });

  it.each([
    ['a logout token', {}, { typ: 'logout+jwt' }, /type is "logout\+jwt"/],
    ['a security event', {}, { typ: 'secevent+jwt' }, /expected an access token/],
    ['a proof of possession', {}, { typ: 'dpop+jwt' }, /expected an access token/],
    ['of a type that is no header', {}, { typ: 'a"\nx: y' }, /type is "a\?\?x: y"/],
    ['an id token by its nonce', { nonce: 'n' }, { typ: 'JWT' }, /id token/],
    ['an id token by its hash', { at_hash: 'x' }, {}, /id token/],
    ['an id token of Cognito', { token_use: 'id' }, {}, /id token/],
    ['an id token of Keycloak', { typ: 'ID' }, { typ: 'JWT' }, /id token/],
    ['a refresh token of Keycloak', { typ: 'Refresh' }, { typ: 'JWT' }, /no access token/],
  ])('is refused when it is %s', async (_, claims, header, message) => {
    const token = await signed(claims, header);
    const { status, body, headers } = await town.get('/v1/campaign', token);
    expect({ status, field: body.field }).toEqual({ status: 401, field: 'Authorization' });
    expect(body.detail).toMatch(message);
    expect(headers['www-authenticate']).toMatch(
      /^Bearer realm="daocha", error="invalid_token", error_description="[^"]*"$/,
    );
  });

  it.each(['system:clock', 'System:react', 'system:'])('is refused when it is of %s', async (subject) => {
    const { status, body } = await town.get('/v1/campaign', await signed({ sub: subject }));
    expect(status).toBe(401);
    expect(body.detail).toMatch(/begins with "system:"/);
  });

  it.each(['张三', 'two words', '', 'p\u0000'])('is refused when its subject is no reference: %j', async (sub) => {
    const { status } = await town.get('/v1/campaign', await signed({ sub }));
    expect(status).toBe(401);
  });

  it('brings no key of its own, and none that is not known', async () => {
    const own = await makeKeys();
    const { publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    const jwk = await exportJWK(publicKey);
    for (const header of [
      { jwk },
      { jku: 'https://evil.test/keys' },
      { x5u: 'https://evil.test/cert' },
      { kid: 'unheard-of' },
      { kid: '../k1' },
    ]) {
      const { status, body } = await town.get('/v1/campaign', await signed({}, header, own));
      expect({ header: Object.keys(header), status }).toEqual({ header: Object.keys(header), status: 401 });
      expect(body.detail).toMatch(/signature does not match/);
    }
  });

  it('may be from a moment on, as far as clocks differ', async () => {
    expect((await verifier()(`Bearer ${await signed({ nbf: at + 2 })}`)).person).toBe('p-1');
    await expect(verifier()(`Bearer ${await signed({ nbf: at + 10 })}`)).rejects.toThrow(/not valid yet/);
  });
});

describe('system:', () => {
  it.each([
    ['/v1/directory', { person: 'system:clock', name: '某' }, 'person'],
    ['/v1/directory/erasures', { person: 'system:react', reason: 'r' }, 'person'],
    [
      '/v1/inspections',
      {
        unit: 'u_1',
        track: 'gas',
        mode: 'routine',
        answers: [{ item: '1', clause: 'c', answer: 'ok' }],
        inspectors: ['p-2', 'SYSTEM:clock'],
      },
      'inspectors[1]',
    ],
    [
      '/v1/inspections/i_1/corrections',
      { target: 'e', changes: [{ field: 'inspectors', to: ['system:clock'] }], reason: 'r' },
      'changes[0].to[0]',
    ],
    [
      '/v1/units/u_1/supervisors',
      { track: 'gas', person: 'system:clock', post: 'x', organisation: 'office', from: '2025-06-01', basis: 'b' },
      'person',
    ],
  ])('stands for no person in %s', async (path, body, field) => {
    const office = await town.as('office', 'office');
    const before = town.commits();
    const answer = await town.post(path, office, body);
    expect({ status: answer.status, field: answer.body.field }).toEqual({ status: 400, field });
    expect(answer.body.expected).toMatch(/does not begin with "system:"/);
    expect(town.commits()).toBe(before);
  });

  it('is looked for in every field of a command that names people', () => {
    const person = (z.toJSONSchema(personSchema) as { pattern: string }).pattern;
    const found = new Set<string>();
    const walk = (schema: unknown, name: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { pattern, properties, ...rest } = schema as Record<string, unknown>;
      if (pattern === person) found.add(name);
      for (const [key, value] of Object.entries(properties ?? {})) walk(value, key);
      for (const value of Object.values(rest)) walk(value, name);
    };
    for (const name of ROUTE_NAMES)
      walk(z.toJSONSchema(ROUTES[name].body, { io: 'input', unrepresentable: 'any' }), '');
    expect([...found].filter((name) => !NAMING.has(name))).toEqual([]);
    expect(found.size).toBeGreaterThan(1);
  });
});

describe('verified tokens', () => {
  it('are remembered until they expire, so that a busy client costs no signature checks', async () => {
    const keys = await makeKeys();
    let fetched = 0;
    let now = NOON;
    const verify = makeVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: (...args) => {
        fetched += 1;
        return keys.set(...args);
      },
      now: () => now,
    });
    const token = await sign(keys, { ...good, expiresIn: 60 });
    for (let at = 0; at < 5; at += 1) expect((await verify(`Bearer ${token}`)).person).toBe('p-1');
    expect(fetched).toBe(1);
    now = new Date(NOON.getTime() + 120_000);
    await expect(verify(`Bearer ${token}`)).rejects.toThrow(/expired/);
  });

  it('are checked again after five minutes, so that a withdrawn key stops working', async () => {
    const keys = await makeKeys();
    const other = await makeKeys();
    let current = keys.set;
    let now = NOON;
    const verify = makeVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: (...args) => current(...args),
      now: () => now,
    });
    const token = await sign(keys, good);
    await verify(`Bearer ${token}`);
    current = other.set;
    now = new Date(NOON.getTime() + 299_000);
    await verify(`Bearer ${token}`);
    now = new Date(NOON.getTime() + 301_000);
    await expect(verify(`Bearer ${token}`)).rejects.toMatchObject({ status: 401 });
  });
});

describe('keys of the issuer', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function serve(answer: (path: string) => { status: number; body: string }): Promise<string> {
    server = createServer((request, response) => {
      const { status, body } = answer(request.url ?? '');
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  }

  it('are fetched once for many tokens', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] });
    let requests = 0;
    const url = await serve(() => {
      requests += 1;
      return { status: 200, body: jwks };
    });
    const verify = makeVerifier({ issuer: ISSUER, audience: AUDIENCE, keys: remoteKeys(url), now: () => NOON });
    const keys = { privateKey, set: undefined as never };
    for (const sub of ['a', 'b', 'c']) {
      expect((await verify(`Bearer ${await sign(keys, { ...good, sub, alg: 'ES256' })}`)).person).toBe(sub);
    }
    expect(requests).toBe(1);
  });

  it.each([
    ['answers 500', () => ({ status: 500, body: 'x' })],
    ['answers no keys', () => ({ status: 200, body: '{"a":1}' })],
  ])('out of reach are an outage (503), not the fault of the caller: %s', async (_, answer) => {
    const verify = makeVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: remoteKeys(await serve(answer)),
      now: () => NOON,
    });
    const token = await sign(await makeKeys(), good);
    await expect(verify(`Bearer ${token}`)).rejects.toMatchObject({ status: 503, type: 'issuer-unreachable' });
  });

  it('on a closed port are an outage too', async () => {
    const url = await serve(() => ({ status: 200, body: '' }));
    await new Promise((closed) => server!.close(closed));
    server = undefined;
    const verify = makeVerifier({ issuer: ISSUER, audience: AUDIENCE, keys: remoteKeys(url), now: () => NOON });
    await expect(verify(`Bearer ${await sign(await makeKeys(), good)}`)).rejects.toMatchObject({ status: 503 });
  });
});
