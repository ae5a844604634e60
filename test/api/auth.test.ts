import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeVerifier, remoteKeys } from '../../functions/api/auth.ts';
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
