// The session cookie: sealed, bound to its purpose, over after a day or two idle hours; and the masked token of forms.
import { describe, expect, test } from 'vitest';
import { checkCsrf, checkOrigin, csrfToken, ForeignForm } from '../../../functions/console/csrf.ts';
import { safeTarget } from '../../../functions/console/page.ts';
import {
  beginSession,
  IDLE,
  keyFrom,
  lasts,
  LONGEST,
  openSession,
  openUnderway,
  principalOf,
  renewed,
  sealSession,
  sealUnderway,
} from '../../../functions/console/session.ts';

const KEY = keyFrom('a secret of the tests, which is long enough');
const NOW = new Date('2025-06-02T04:00:00.000Z');
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
const principal = { person: 'p-017', roles: ['department' as const], organisation: 'guijianban', post: '科员' };

describe('a session', () => {
  test('comes back as who signed in, and shows nothing of it', async () => {
    const session = beginSession(principal, NOW);
    const cookie = await sealSession(KEY, session);
    expect(principalOf((await openSession(KEY, cookie, NOW))!)).toEqual(principal);
    const shown = cookie
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
      .join();
    for (const word of ['p-017', 'department', 'guijianban']) expect(shown).not.toContain(word);
  });

  test('ends after two hours without a request', async () => {
    const cookie = await sealSession(KEY, beginSession(principal, NOW));
    expect(await openSession(KEY, cookie, later(IDLE - 1))).toBeDefined();
    expect(await openSession(KEY, cookie, later(IDLE + 1))).toBeUndefined();
  });

  test('is prolonged by use, but never beyond its longest', async () => {
    let session = beginSession(principal, NOW);
    expect(renewed(session, later(60))).toBeUndefined();
    for (let at = 3600; at < LONGEST; at += 3600) {
      const cookie = await sealSession(KEY, session);
      session = renewed((await openSession(KEY, cookie, later(at)))!, later(at))!;
    }
    expect(lasts(session)).toBe(3600);
    const last = await sealSession(KEY, session);
    expect(await openSession(KEY, last, later(LONGEST - 1))).toBeDefined();
    expect(await openSession(KEY, last, later(LONGEST + 1))).toBeUndefined();
  });

  test('of another key, altered, or no cookie at all is none', async () => {
    const cookie = await sealSession(KEY, beginSession(principal, NOW));
    const parts = cookie.split('.');
    const altered = [
      ...parts.slice(0, 3),
      `${parts[3]!.startsWith('A') ? 'B' : 'A'}${parts[3]!.slice(1)}`,
      parts[4],
    ].join('.');
    for (const wrong of [altered, 'x', '', `${cookie}x`, undefined]) {
      expect(await openSession(KEY, wrong, NOW), wrong).toBeUndefined();
    }
    expect(await openSession(keyFrom('another secret, which is long enough too'), cookie, NOW)).toBeUndefined();
  });

  test('cannot be made of a sign-in that is under way, nor the other way round', async () => {
    const underway = { state: 's', nonce: 'n', verifier: 'v', to: '/console' };
    const sealed = await sealUnderway(KEY, underway, NOW);
    expect(await openUnderway(KEY, sealed, NOW)).toEqual(underway);
    expect(await openSession(KEY, sealed, NOW)).toBeUndefined();
    expect(await openUnderway(KEY, await sealSession(KEY, beginSession(principal, NOW)), NOW)).toBeUndefined();
    expect(await openUnderway(KEY, sealed, later(601))).toBeUndefined();
  });

  test('needs a secret of some length', () => {
    expect(() => keyFrom('short')).toThrow('5 characters; expected at least 32');
  });
});

describe('the token of forms', () => {
  const { csrf } = beginSession(principal, NOW);

  test('is another one on every page, and each is good', () => {
    const tokens = Array.from({ length: 20 }, () => csrfToken(csrf));
    expect(new Set(tokens).size).toBe(20);
    for (const token of tokens) expect(() => checkCsrf(csrf, token)).not.toThrow();
  });

  test.each([undefined, '', 'x', csrf, csrfToken(beginSession(principal, NOW).csrf), `${csrfToken(csrf)}AAAA`])(
    'is refused when it is %j',
    (token) => {
      expect(() => checkCsrf(csrf, token)).toThrow(ForeignForm);
    },
  );

  test.each([
    [{}, true],
    [{ origin: 'https://town.test' }, true],
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ origin: 'https://evil.test' }, false],
    [{ origin: 'http://town.test' }, false],
    [{ origin: 'null' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
  ] as [Record<string, string>, boolean][])('of a form with %j: %j', (headers, ours) => {
    const refused = (): boolean => {
      try {
        checkOrigin(new Headers(headers), 'https://town.test');
        return false;
      } catch (error) {
        return error instanceof ForeignForm;
      }
    };
    expect(refused()).toBe(!ours);
  });
});

describe('after signing in one goes on', () => {
  test.each(['/console', '/console/units', '/console/hazards?track=gas&due=overdue', '/console?x=1'])(
    'to %s',
    (target) => {
      expect(safeTarget(target)).toBe(target);
    },
  );

  test.each([
    undefined,
    '',
    'https://evil.test/console/units',
    '//evil.test/console',
    '/console//evil.test',
    '/console/\\evil.test',
    '/consoleevil',
    '/units',
    'javascript:alert(1)',
    '/console/units\r\nset-cookie: x=1',
    '/console/sign-in?to=/console',
    '/console/callback?code=1',
    '/console/sign-out',
  ])('home, not to %j', (target) => {
    expect(safeTarget(target)).toBe('/console');
  });
});
