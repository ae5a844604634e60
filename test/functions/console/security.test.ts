// What must not happen, whatever is sent: markup out of names, forms of other sites, pages without the policy, doing twice what was clicked
// twice, and acting or reading beyond one's role.
import { beforeAll, describe, expect, test } from 'vitest';
import { ROLES } from '../../../shared/rules/roles.ts';
import { PAGES } from '../../../functions/console/pages.ts';
import { scopesOf } from '../../../functions/api/permissions.ts';
import { makeTownWithHazard, unitLink, type TownWithHazard } from './town.ts';
import { heading, hiddenFields } from './support.ts';

let it: TownWithHazard;
beforeAll(async () => {
  it = await makeTownWithHazard({ name: `<script>alert(1)</script>"'&`, text: '<img src=x onerror=alert(2)>' });
});

describe('hostile text', () => {
  test.each([
    '/units',
    '/units/{unit}',
    '/hazards',
    '/hazards/{hazard}',
    '/lists/baseline',
    '/lists/hazards',
    '/lists/closed-loop',
    '/deadlines',
    '/units/{unit}/correct',
    '/hazards/{hazard}/grade',
  ])('is shown as text on %s', async (path) => {
    const department = await it.console.as('department', 'guijianban');
    const { text, status } = await department.get(`${it.path(path)}?track=gas`);
    expect(status).toBe(200);
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('<img');
    expect(text).toContain(path === '/hazards/{hazard}/grade' || path === '/deadlines' ? '' : '&lt;');
  });

  test('comes back into its field as it was typed, a first empty line and all', async () => {
    const office = await it.console.as('office');
    const typed = '\n</textarea><script>alert(3)</script>';
    const { text, status } = await office.fill(it.path('/units/{unit}/close'), { reason: '' });
    expect(status).toBe(400);
    expect(text).toContain('请填写注销原因');
    const again = await office.fill(it.path('/hazards/{hazard}/close'), { kind: 'nonsense', reason: typed });
    expect(again.status).toBe(400);
    expect(again.text).not.toContain('<script>alert(3)');
    expect(again.text).toContain('&lt;/textarea&gt;&lt;script&gt;alert(3)');
  });

  test('in the address is neither shown nor followed', async () => {
    const office = await it.console.as('office');
    const odd = encodeURIComponent('"><script>alert(4)</script>');
    for (const query of [`done=${odd}`, `track=${odd}`, `status=${odd}`, `sort=${odd}`, `due=${odd}`]) {
      const { text, status } = await office.get(`/console/hazards?${query}`);
      expect(status, query).toBe(200);
      expect(text, query).not.toContain('alert(4)');
    }
    for (const query of [`unit=${odd}`, `area=${odd}`, `cursor=${odd}`, `organisation=${odd}`]) {
      const { text } = await office.get(`/console/hazards?${query}`);
      expect(text, query).not.toContain('<script>alert(4)');
    }
  });
});

describe('every answer', () => {
  test.each([
    '/',
    '/console',
    '/console/units',
    '/console/nothing',
    '/console/assets/x/console.css',
    '/console/signed-out',
    '/nothing',
  ])('of %s carries the policy', async (path) => {
    const office = await it.console.as('office');
    const { headers } = await office.get(path);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'self'; style-src 'self'/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000',
    });
  });

  test('of a page is kept by nobody, and has neither script nor style in it', async () => {
    const office = await it.console.as('office');
    for (const path of ['/', '/units', '/hazards/{hazard}', '/tracks/gas', '/lists/hazards', '/deadlines']) {
      const { headers, text } = await office.get(it.path(path));
      expect(headers['cache-control']).toBe('private, no-store');
      expect(text.match(/<script(?![^>]* src=)/g), path).toBeNull();
      expect(text.match(/<style|<[^>]*\s(style|on[a-z]+)=/g), path).toBeNull();
    }
  });

  test('of an asset is kept for good under its hash, and not under another', async () => {
    const { text } = await it.console.send('GET', '/console/signed-out');
    const css = /href="(\/console\/assets\/[^"]+\.css)"/.exec(text)![1]!;
    expect((await it.console.send('GET', css)).headers['cache-control']).toContain('immutable');
    const older = css.replace(/assets\/[^/]+/, 'assets/older');
    expect((await it.console.send('GET', older)).headers['cache-control']).toBe('no-store');
  });
});

describe('a form', () => {
  const fields = { name: '表单测试店', tracks: 'gas', area: 'village-01' };

  test('without the token, with another session’s, or from another site, changes nothing', async () => {
    const village = await it.console.as('village', 'village-01');
    const other = await it.console.as('village', 'village-01');
    const own = hiddenFields((await village.get('/console/units/new')).text);
    const foreign = hiddenFields((await other.get('/console/units/new')).text);
    const before = it.console.town.commits();
    const tries = [
      village.post('/console/units/new', { ...fields, key: own.key }),
      village.post('/console/units/new', { ...fields, ...foreign }),
      village.post('/console/units/new', { ...fields, csrf: own.csrf }),
      village.post('/console/units/new', { ...fields, ...own }, { origin: 'https://evil.test' }),
      village.post('/console/units/new', { ...fields, ...own }, { 'sec-fetch-site': 'cross-site' }),
    ];
    for (const tried of tries) {
      const { status, text } = await tried;
      expect(status).toBe(403);
      expect(text).toContain('页面已过期，没有提交');
    }
    expect(it.console.town.commits()).toBe(before);
  });

  test('sent twice at once is done once, and both times leads to the same page', async () => {
    const village = await it.console.as('village', 'village-01');
    const form = { ...fields, ...hiddenFields((await village.get('/console/units/new')).text) };
    const before = it.console.town.commits();
    const [one, two] = await Promise.all([
      village.post('/console/units/new', form),
      village.post('/console/units/new', form),
    ]);
    expect(one.status).toBe(303);
    expect(two.headers['location']).toBe(one.headers['location']);
    expect(it.console.town.commits()).toBe(before + 1);
  });

  test('whose fault has been mended is another command', async () => {
    const village = await it.console.as('village', 'village-01');
    const first = await village.fill('/console/units/new', { ...fields, name: '' });
    expect(first.status).toBe(400);
    const mended = await village.post('/console/units/new', { ...fields, ...hiddenFields(first.text) });
    expect(mended.status).toBe(303);
  });

  test.each([
    ['a body of another type', { raw: '{}', headers: { 'content-type': 'application/json' } }, 415],
    ['a body beyond the limit', { raw: `name=${'x'.repeat(70_000)}` }, 413],
  ])('with %s is refused', async (_what, sent, status) => {
    const village = await it.console.as('village', 'village-01');
    const answer = await it.console.send('POST', '/console/units/new', { ...sent, cookies: [village.cookie] });
    expect(answer.status).toBe(status);
  });
});

describe('who is not signed in', () => {
  test.each(PAGES.map(({ path }) => path))('is sent to sign in from %s, and back', async (path) => {
    const page = it.path(path);
    const { status, headers } = await it.console.send('GET', `${page}?a=1`);
    expect(status).toBe(303);
    expect(headers['location']).toBe(`/console/sign-in?${new URLSearchParams({ to: `${page}?a=1` }).toString()}`);
  });

  test('sends a form to no effect', async () => {
    const before = it.console.town.commits();
    const { status } = await it.console.send('POST', '/console/units/new', { form: { name: 'x' } });
    expect(status).toBe(303);
    expect(it.console.town.commits()).toBe(before);
  });
});

describe('a role', () => {
  // what may be done with one hazard is tested with the hazard
  const gated = PAGES.filter(({ action, path }) => action !== undefined && !path.startsWith('/hazards/{id}/'));

  test.each(ROLES)('%s gets the pages that the permission table gives it, and no other', async (role) => {
    const visitor = await it.console.as(role, role === 'village' ? 'village-01' : 'guijianban');
    const principal = { person: 'p', roles: [role], organisation: 'guijianban', post: 'p' };
    const account = await visitor.get('/console/account');
    const links = [...account.text.matchAll(/<li>\s*<a href="(\/console[^"]*)"/g)].map(([, link]) => link);
    const home = links.length > 0 ? 302 : 403; // where the overview is closed, one goes to the first page that is not
    for (const { path, action } of gated) {
      const { status } = await visitor.get(it.path(path));
      const closed = status === (path === '/' ? home : 403);
      // a hazard or unit may lie beyond the caller's own part of the town
      const may = scopesOf(principal, action!);
      expect(closed ? may.filter((scope) => scope === 'town') : may.slice(0, 1), `${path} ${status}`).toHaveLength(
        closed ? 0 : 1,
      );
      expect(status, path).not.toBe(500);
    }
    // every link of the navigation leads somewhere
    for (const link of new Set(links)) expect([200, 303], link).toContain((await visitor.get(link!)).status);
  });

  test('nobody without a role is told to ask for one', async () => {
    const nobody = await it.console.as([], 'office', 'p-nobody');
    const { status, text } = await nobody.get('/console');
    expect(status).toBe(403);
    expect(text).toContain('还没有本平台的角色');
  });

  test('sees no button for what it may not do, no form for it, and is refused when it sends one all the same', async () => {
    const shi = await it.console.as('department', 'shichangsuo');
    const gui = await it.console.as('department', 'guijianban');
    const page = it.path('/hazards/{hazard}');
    expect((await gui.get(page)).text).toContain(`href="${page}/grade"`);
    // shares the track as a member, so may grade; only the lead assigns
    const text = (await shi.get(page)).text;
    expect(text).toContain(`href="${page}/grade"`);
    const office = await it.console.as('leader', 'leading-group');
    const seen = await office.get(page);
    expect(seen.text).not.toContain(`href="${page}/grade"`);
    expect(seen.text).toContain('您现在没有可以办理的事项');
    expect((await office.get(`${page}/grade`)).status).toBe(403);
    const { csrf, key } = hiddenFields((await office.get('/console/account')).text);
    const before = it.console.town.commits();
    const sent = await office.post(`${page}/grade`, { csrf, key, grade: 'general', basis: '可立即整改' });
    expect(sent.status).toBe(403);
    expect(heading(sent.text)).toBe('不能办理');
    expect(it.console.town.commits()).toBe(before);
  });

  test('a village sees its own units and hazards only', async () => {
    const own = await it.console.as('village', 'village-01');
    const other = await it.console.as('village', 'village-02');
    expect((await own.get('/console/units')).text).toContain(unitLink(it));
    expect((await other.get('/console/units')).text).not.toContain(unitLink(it));
    expect((await other.get('/console/units?area=village-01')).text).not.toContain(unitLink(it));
    for (const path of ['/units/{unit}', '/hazards/{hazard}', '/units/{unit}/correct']) {
      expect((await other.get(it.path(path))).status, path).toBe(403);
    }
  });
});
