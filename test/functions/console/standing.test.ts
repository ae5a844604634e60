// A session ends for all who have its cookie, and its roles are never old: what a copy of the cookie, or a role that
// was taken away, can still do.
import { ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../../shared/rules/roles.ts';
import { Unavailable } from '../../../functions/api/problems.ts';
import {
  refreshed,
  beginSession,
  openSession,
  sealSession,
  sealUnderway,
  type Session,
} from '../../../functions/console/session.ts';
import type { SignedIn, SignIn } from '../../../functions/console/sign-in.ts';
import { ROLES_AT_MOST, ROLES_FOR } from '../../../functions/console/standing.ts';
import { NOON } from '../api/support.ts';
import { COOKIE, hiddenFields, KEY, makeConsoleTown, type Answered, type ConsoleTown } from './support.ts';

const WHO = { person: 'p-017', roles: ['department' as Role], organisation: 'guijianban', post: '科员' };
const PAGE = { accept: 'text/html,application/xhtml+xml' };

/** What the issuer says when it is asked again. */
let issuer: (token: string) => Promise<SignedIn | undefined>;
let asked: string[];
/** Who comes back from a sign-in. */
let arrives: SignedIn;
const signIn: SignIn = {
  begin: () => Promise.reject(new Error('not in this test')),
  finish: () => Promise.resolve(arrives),
  refresh: (token) => {
    asked.push(token);
    return issuer(token);
  },
  endSession: () => Promise.resolve(undefined),
};
let here: ConsoleTown;
let elsewhere: ConsoleTown;
beforeEach(async () => {
  asked = [];
  arrives = WHO;
  issuer = (token) => Promise.resolve({ ...WHO, refresh: token });
  here = await makeConsoleTown({}, { signIn });
  // another process on the same tables
  elsewhere = await makeConsoleTown(here.town, { signIn });
});
const pass = (seconds: number): void => {
  here.town.now.at = new Date(here.town.now.at.getTime() + seconds * 1000);
};
const cookieOf = async (session: Session): Promise<string> => `${COOKIE}=${await sealSession(KEY, session)}`;
const session = (refresh?: string): Session =>
  beginSession({ ...WHO, ...(refresh === undefined ? {} : { refresh }) }, here.town.now.at);
const page = (cookie: string, where = here, path = '/console/units'): Promise<Answered> =>
  where.send('GET', path, { cookies: [cookie], headers: PAGE });
const isSignedOut = ({ status, headers }: Answered): boolean =>
  status === 303 && (headers['location'] ?? '').startsWith('/console/sign-in?');
const newCookie = ({ cookies }: Answered): string | undefined =>
  cookies.find((one) => one.startsWith(`${COOKIE}=`))?.split(';')[0];
const opened = async (answer: Answered): Promise<Session | undefined> =>
  openSession(KEY, newCookie(answer)?.slice(COOKIE.length + 1), here.town.now.at);

describe('signing out', () => {
  async function signOut(cookie: string, where = here): Promise<Answered> {
    const { text } = await page(cookie, where, '/console/account');
    return where.send('POST', '/console/sign-out', { cookies: [cookie], form: hiddenFields(text) });
  }

  test('ends the copies of the cookie: pages, forms, scripts', async () => {
    const cookie = await cookieOf(session());
    const form = hiddenFields((await page(cookie, here, '/console/units/new')).text);
    expect((await signOut(cookie)).status).toBe(303);
    expect(isSignedOut(await page(cookie))).toBe(true);
    const before = here.town.commits();
    const fields = { ...form, name: '副本', tracks: 'gas' };
    const sent = await here.send('POST', '/console/units/new', { cookies: [cookie], form: fields });
    expect(isSignedOut(sent)).toBe(true);
    expect(here.town.commits()).toBe(before);
    // drafts on the device wait for the next sign-in
    const headers = { accept: 'application/json' };
    const script = await here.send('GET', '/console/units', { cookies: [cookie], headers });
    expect(script.status).toBe(401);
    expect(JSON.parse(script.text)).toMatchObject({ type: 'unauthenticated' });
  });

  test('ends them in other processes too: a form at once, a page within half a minute', async () => {
    const cookie = await cookieOf(session());
    const form = hiddenFields((await page(cookie, elsewhere, '/console/units/new')).text);
    await signOut(cookie);
    const fields = { ...form, name: '副本', tracks: 'gas' };
    const sent = await elsewhere.send('POST', '/console/units/new', { cookies: [cookie], form: fields });
    expect(isSignedOut(sent)).toBe(true);
    pass(31);
    expect(isSignedOut(await page(cookie, elsewhere))).toBe(true);
  });

  test('is not undone by signing in with the copy, nor by an older cookie of the same session', async () => {
    const first = session();
    const cookie = await cookieOf(first);
    pass(60);
    const later = await cookieOf(refreshed(first, WHO, here.town.now.at));
    await signOut(later);
    for (const copy of [cookie, later]) expect(isSignedOut(await page(copy))).toBe(true);
    const underway = { state: 's', nonce: 'n', verifier: 'v', to: '/console' };
    const sealed = `${COOKIE}-sign-in-0.s=${await sealUnderway(KEY, underway, here.town.now.at)}`;
    const again = await here.send('GET', '/console/callback?code=c&state=s', { cookies: [later, sealed] });
    const anew = await opened(again);
    expect(anew!.id).not.toBe(first.id);
    expect(isSignedOut(await page(later))).toBe(true);
  });

  test('is said not to have worked when it could not be put on record', async () => {
    const cookie = await cookieOf(session());
    const { text } = await page(cookie, here, '/console/account');
    const error = new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} });
    here.town.fake.hook = ({ name, when }) => {
      if (when === 'before' && name === 'PutItem') throw error;
    };
    const answer = await here.send('POST', '/console/sign-out', { cookies: [cookie], form: hiddenFields(text) });
    expect(answer.status).toBe(503);
    expect(newCookie(answer)).toBeUndefined();
  });

  test('of one leaves the other sessions of the same person alone', async () => {
    const [one, two] = [await cookieOf(session()), await cookieOf(session())];
    await signOut(one);
    expect((await page(two)).status).toBe(200);
  });
});

describe('roles', () => {
  test('that were taken away end within five minutes, for pages and forms', async () => {
    const cookie = await cookieOf(session('r-1'));
    expect((await page(cookie)).status).toBe(200);
    issuer = () => Promise.resolve({ ...WHO, roles: [] });
    pass(ROLES_FOR + 1);
    const answer = await page(cookie);
    expect(answer.status).toBe(403);
    expect(await opened(answer)).toMatchObject({ roles: [] });
    // a copy of the cookie from before has them no longer either
    expect((await page(cookie, elsewhere)).status).toBe(403);
  });

  test('that were given are there as soon, and forms that are open stay good', async () => {
    const cookie = await cookieOf(session('r-1'));
    const form = hiddenFields((await page(cookie, here, '/console/account')).text);
    issuer = () => Promise.resolve({ ...WHO, roles: ['office'], organisation: 'office', refresh: 'r-2' });
    pass(ROLES_FOR + 1);
    const fields = { ...form, name: '新店', tracks: 'gas' };
    const sent = await here.send('POST', '/console/units/new', { cookies: [cookie], form: fields });
    expect(sent.status).toBe(303);
    expect(isSignedOut(sent)).toBe(false);
    expect(await opened(sent)).toMatchObject({ roles: ['office'], refresh: 'r-2' });
  });

  test('are asked for once by tabs that wake up together, with a token that is good once', async () => {
    const cookie = await cookieOf(session('r-1'));
    let good = 'r-1';
    issuer = (token) => {
      if (token !== good) return Promise.resolve(undefined);
      good = 'r-2';
      return Promise.resolve({ ...WHO, refresh: good });
    };
    pass(ROLES_FOR + 1);
    const answers = await Promise.all([page(cookie), page(cookie), page(cookie)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(asked).toEqual(['r-1']);
    pass(ROLES_FOR + 1);
    expect((await page(newCookie(answers[0])!)).status).toBe(200);
    expect(asked).toEqual(['r-1', 'r-2']);
  });

  test('of a sign-in that the issuer has ended, or of another person, are none', async () => {
    for (const says of [undefined, { ...WHO, person: 'p-other' }]) {
      const cookie = await cookieOf(session(`r-${says?.person ?? 'ended'}`));
      issuer = () => Promise.resolve(says);
      pass(ROLES_FOR + 1);
      expect(isSignedOut(await page(cookie))).toBe(true);
      expect(isSignedOut(await page(cookie))).toBe(true);
    }
    expect(asked).toHaveLength(2);
  });

  test('are good for a while when the issuer does not answer, and then no longer', async () => {
    const cookie = await cookieOf(session('r-1'));
    issuer = () => Promise.reject(new Unavailable('issuer-unreachable', 'silent'));
    pass(ROLES_AT_MOST - 1);
    expect((await page(cookie)).status).toBe(200);
    pass(2);
    expect((await page(cookie)).status).toBe(503);
    issuer = (token) => Promise.resolve({ ...WHO, refresh: token });
    expect((await page(cookie)).status).toBe(200);
  });

  test('without a refresh token: a page goes by way of the issuer, a form has a quarter of an hour', async () => {
    const cookie = await cookieOf(session());
    const form = hiddenFields((await page(cookie, here, '/console/account')).text);
    const send = (name: string): Promise<Answered> =>
      here.send('POST', '/console/units/new', { cookies: [cookie], form: { ...form, name, tracks: 'gas' } });
    pass(ROLES_FOR + 1);
    expect(isSignedOut(await page(cookie))).toBe(true);
    const part = await here.send('GET', '/console/units', { cookies: [cookie], headers: { accept: 'image/*' } });
    expect(part.status).toBe(200);
    expect(isSignedOut(await send('一'))).toBe(false);
    pass(ROLES_AT_MOST - ROLES_FOR);
    expect(isSignedOut(await send('二'))).toBe(true);
  });
});

describe('signing in again', () => {
  async function comeBack(cookie: string): Promise<Answered> {
    const underway = { state: 's', nonce: 'n', verifier: 'v', to: '/console/units' };
    const sealed = `${COOKIE}-sign-in-0.s=${await sealUnderway(KEY, underway, here.town.now.at)}`;
    return here.send('GET', '/console/callback?code=c&state=s', { cookies: [cookie, sealed] });
  }

  test('as the same person goes on with the session: its forms, its ground, its end', async () => {
    const before = { ...session(), ground: '倒查 17 号' };
    pass(ROLES_FOR + 1);
    arrives = { ...WHO, roles: ['office'] };
    const anew = await opened(await comeBack(await cookieOf(before)));
    const { id, csrf, ground, since } = before;
    expect(anew).toMatchObject({ id, csrf, ground, since, roles: ['office'] });
  });

  test('as another person ends the session of the first', async () => {
    const cookie = await cookieOf(session());
    arrives = { ...WHO, person: 'p-other' };
    const anew = await opened(await comeBack(cookie));
    expect(anew?.person).toBe('p-other');
    expect(isSignedOut(await page(cookie))).toBe(true);
  });
});

test('a refresh token that no cookie can hold is left out, and the session kept', async () => {
  const cookie = await sealSession(KEY, session('x'.repeat(5000)));
  expect(cookie.length).toBeLessThan(4000);
  expect(await openSession(KEY, cookie, NOON)).toMatchObject({ person: 'p-017' });
  expect((await openSession(KEY, cookie, NOON))!.refresh).toBeUndefined();
});
