// Signing in, whole: the console's own client against the development issuer over HTTP, the token checked by the API's verifier; and every
// way in which it may go wrong.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeVerifier } from '../../../functions/api/auth.ts';
import { makeSignIn, type SignIn } from '../../../functions/console/sign-in.ts';
import { makeAuthorizing } from '../../../infra/local/authorize.ts';
import { discovery, ensureSigningKey, publicKeys, type SigningKey } from '../../../infra/local/issuer.ts';
import { temporaryDirectory } from '../../support/platform.ts';
import { HOST, makeConsoleTown, type ConsoleTown } from './support.ts';

const data = temporaryDirectory();
let server: Server;
let api: string;
let key: SigningKey;
let callback: string;
let town: ConsoleTown;

const signInFor = (issuer: string, audience = 'daocha', scope = 'openid profile'): SignIn =>
  makeSignIn({
    issuer,
    client: 'daocha-console',
    scope,
    verify: makeVerifier({ issuer, audience, keys: createLocalJWKSet(publicKeys(key)), now: () => new Date() }),
  });

beforeAll(async () => {
  key = await ensureSigningKey(data.path);
  server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!;
    const authorizing = issuers.get(api)!;
    if (path.endsWith('/authorize')) return void authorizing.authorize(request, response);
    if (path.endsWith('/token')) return void authorizing.token(request, response);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(discovery(api)));
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  callback = `${api}/console/callback`;
  issuers.set(api, makeAuthorizing(api, key, 'daocha'));
  town = await makeConsoleTown({}, { signIn: signInFor(`${api}/dev/issuer`), site: undefined });
});
afterAll(() => {
  server.close();
  data.remove();
});
const issuers = new Map<string, ReturnType<typeof makeAuthorizing>>();

/** Chooses somebody on the issuer's page; where it sends the browser back to. */
async function choose(location: string, fields: Record<string, string>): Promise<URL> {
  const answer = await fetch(location, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
  });
  expect(answer.status).toBe(303);
  return new URL(answer.headers.get('location')!);
}
const DEPARTMENT = { who: 'department guijianban p-017' };

describe('the client', () => {
  it('comes back with who was chosen, as the API would see them', async () => {
    const signIn = signInFor(`${api}/dev/issuer`);
    const { location, underway } = await signIn.begin(callback, '/console/units');
    expect(new URL(location).searchParams.get('code_challenge_method')).toBe('S256');
    const back = await choose(location, DEPARTMENT);
    expect(await signIn.finish(callback, back.search.slice(1), underway)).toEqual({
      person: 'p-017',
      roles: ['department'],
      organisation: 'guijianban',
      post: 'department',
      token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    });
  });

  it('asks the issuer again by a refresh token, where it asked for one', async () => {
    const signIn = signInFor(`${api}/dev/issuer`, 'daocha', 'openid offline_access');
    const { location, underway } = await signIn.begin(callback, '/console');
    const { refresh, ...who } = await signIn.finish(
      callback,
      (await choose(location, DEPARTMENT)).search.slice(1),
      underway,
    );
    expect(await signIn.refresh(refresh!)).toEqual({
      ...who,
      refresh,
      token: expect.not.stringMatching(who.token!),
    });
    const another = makeSignIn({
      issuer: `${api}/dev/issuer`,
      client: 'another',
      scope: 'openid',
      verify: () => Promise.reject(new Error('not asked')),
    });
    expect(await another.refresh(refresh!)).toBeUndefined();
    expect(await signIn.refresh('nonsense')).toBeUndefined();
    await expect(signInFor('http://127.0.0.1:9/dev/issuer').refresh(refresh!)).rejects.toMatchObject({ status: 503 });
  });

  it('a code is good once, and only with the verifier, the state and the nonce of its own sign-in', async () => {
    const signIn = signInFor(`${api}/dev/issuer`);
    const { location, underway } = await signIn.begin(callback, '/console');
    const other = (await signIn.begin(callback, '/console')).underway;
    const finish = async (changed: Partial<typeof underway>): Promise<unknown> => {
      const back = await choose(location, DEPARTMENT);
      return signIn
        .finish(callback, back.search.slice(1), { ...underway, ...changed })
        .catch((error: unknown) => error);
    };
    expect(await finish({ verifier: other.verifier })).toMatchObject({ type: 'sign-in-stale' });
    expect(await finish({ state: other.state })).toMatchObject({ type: 'sign-in-unchecked' });
    expect(await finish({ nonce: other.nonce })).toMatchObject({ type: 'sign-in-unchecked' });
    const back = (await choose(location, DEPARTMENT)).search.slice(1);
    await signIn.finish(callback, back, underway);
    await expect(signIn.finish(callback, back, underway)).rejects.toMatchObject({ type: 'sign-in-stale' });
  });

  it('a token for another audience signs nobody in', async () => {
    const signIn = signInFor(`${api}/dev/issuer`, 'another');
    const { location, underway } = await signIn.begin(callback, '/console');
    const back = await choose(location, DEPARTMENT);
    await expect(signIn.finish(callback, back.search.slice(1), underway)).rejects.toMatchObject({
      type: 'sign-in-token',
    });
  });

  it('who changes their mind at the issuer is told so', async () => {
    const signIn = signInFor(`${api}/dev/issuer`);
    const { underway } = await signIn.begin(callback, '/console');
    const query = new URLSearchParams({ error: 'access_denied', state: underway.state }).toString();
    await expect(signIn.finish(callback, query, underway)).rejects.toMatchObject({ type: 'sign-in-cancelled' });
  });

  it('an issuer that nobody answers for is an outage, and is asked again the next time', async () => {
    const silent = signInFor('http://127.0.0.1:9/dev/issuer');
    await expect(silent.begin(callback, '/console')).rejects.toMatchObject({ type: 'issuer-unreachable', status: 503 });
    await expect(silent.begin(callback, '/console')).rejects.toMatchObject({ status: 503 });
  });
});

describe('the issuer', () => {
  const asked = async (changed: Record<string, string>): Promise<Response> => {
    const { location } = await signInFor(`${api}/dev/issuer`).begin(callback, '/console');
    const url = new URL(location);
    for (const [name, value] of Object.entries(changed)) url.searchParams.set(name, value);
    return fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams(DEPARTMENT) });
  };

  it.each([
    { redirect_uri: 'https://evil.test/console/callback' },
    { redirect_uri: 'http://127.0.0.1:1/console/callback' },
    { redirect_uri: 'not an address' },
    { response_type: 'token' },
    { code_challenge_method: 'plain' },
    { code_challenge: 'short' },
  ] as Record<string, string>[])('sends no code for %j', async (changed) => {
    const answer = await asked(changed);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    expect(await answer.text()).toContain(Object.keys(changed)[0]);
  });

  it('knows no role that the API does not know', async () => {
    const { location } = await signInFor(`${api}/dev/issuer`).begin(callback, '/console');
    const answer = await fetch(location, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ who: 'king x y' }),
    });
    expect(answer.status).toBe(400);
  });
});

describe('the pages', () => {
  it('keep a sign-in in a cookie that no script and no other site can use', async () => {
    const { cookies, headers, status } = await town.send('GET', '/console/sign-in?to=%2Fconsole%2Funits');
    expect(status).toBe(302);
    expect(headers['location']).toContain(`redirect_uri=${encodeURIComponent(`https://${HOST}/console/callback`)}`);
    expect(cookies).toEqual([
      expect.stringMatching(
        /^__Secure-daocha-sign-in-\w+\.[\w-]{16}=\S+; Max-Age=600; Path=\/console; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
  });

  it('a callback without its cookie, or of a sign-in that was never begun, signs nobody in', async () => {
    const { status, text, cookies } = await town.send('GET', '/console/callback?code=x&state=y');
    expect(status).toBe(400);
    expect(text).toContain('这次登录已失效，请重新登录');
    expect(cookies.some((cookie) => /^__Secure-daocha=[^;]/.test(cookie))).toBe(false);
  });

  it('signing out ends the session, by a form of this site only', async () => {
    const office = await town.as('office');
    const foreign = await office.post('/console/sign-out', {});
    expect(foreign.status).toBe(403);
    const { status, headers, cookies } = await office.fill('/console/account', {});
    expect(status).toBe(303);
    expect(headers['location']).toBe('/console/signed-out');
    expect(cookies).toEqual([expect.stringMatching(/^__Secure-daocha=; Max-Age=0; /)]);
  });
});
