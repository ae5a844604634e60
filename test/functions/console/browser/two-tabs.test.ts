// Two tabs of one browser: sign-ins begun side by side, a form that was opened before the other tab signed out or in as
// somebody else, and a draft that waits while somebody else is signed in.
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../../support/platform.ts';
import { findChromium, NO_BROWSER, PHONE, visitor, type Person } from './chromium.ts';
import { startStage, type Stage } from './stage.ts';

const chromium = findChromium();
if (chromium === undefined) console.warn(NO_BROWSER);

const INSPECTOR = 'inspector guijianban';
const VILLAGE = 'village village-01';
const ITEMS = 10;

describe.skipIf(chromium === undefined)('two tabs of one browser', () => {
  let platform: Stage;
  let browser: Browser;
  let person: Person;
  let first: Page;
  let second: Page;

  beforeAll(async () => {
    platform = await startStage(chromium!);
    ({ browser } = platform);
  }, 120_000);
  beforeEach(async () => {
    person = await visitor(browser, PHONE);
    first = person.page;
    second = await person.context.newPage();
    return () => person.close();
  });
  afterAll(() => platform?.stop());

  const go = (page: Page, path: string) => page.goto(`${platform.api}/console${path}`);
  const choose = async (page: Page, who: string): Promise<void> => {
    await page.click(`button[value^="${who} "]`);
    await page.waitForURL((url) => url.pathname.startsWith('/console'));
  };
  const landed = async (page: Page, path: string): Promise<boolean> =>
    new URL(page.url()).pathname === `/console${path}` && (await page.locator('.person').count()) === 1;
  const signOut = async (page: Page): Promise<void> => {
    await go(page, '/account');
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.getByRole('heading', { name: '已退出' }).waitFor();
  };
  const signInAs = async (page: Page, who: string): Promise<void> => {
    await signOut(page);
    await go(page, '/account');
    await choose(page, who);
  };
  const shown = async (page: Page): Promise<string> => (await page.locator('.person').textContent())!;
  const grave = async (page: Page) =>
    (await new AxeBuilder({ page }).analyze()).violations.filter(
      ({ impact }) => impact === 'serious' || impact === 'critical',
    );

  it.each([
    ['in the order in which they were begun', false],
    ['in the other order', true],
  ])('sign in both, %s, each where it was going, beside a third that is broken off', async (_order, turned) => {
    const tabs: [Page, string][] = [
      [first, '/lists/hazards'],
      [second, '/deadlines'],
    ];
    for (const [page, path] of tabs) await go(page, path);
    const third = await person.context.newPage();
    await go(third, '/units');
    await third.close();
    for (const [page, path] of turned ? tabs.toReversed() : tabs) {
      await choose(page, INSPECTOR);
      expect(await landed(page, path), page.url()).toBe(true);
    }
    for (const [page, path] of tabs) {
      await page.reload();
      expect(await landed(page, path), page.url()).toBe(true);
    }
    expect(person.complaints).toEqual([]);
  });

  const fill = async (name: string): Promise<void> => {
    await go(first, '/units/new');
    await first.getByLabel('名称').fill(name);
    await first.getByLabel('地址').fill('示例路 <1> 号');
    await first.getByLabel('城镇燃气').check();
  };
  const expectFilledIn = async (name: string): Promise<void> => {
    expect(await first.getByLabel('名称').inputValue()).toBe(name);
    expect(await first.getByLabel('地址').inputValue()).toBe('示例路 <1> 号');
    expect(await first.getByLabel('城镇燃气').isChecked()).toBe(true);
  };
  /** Who is on record as having registered a unit of this name. */
  const registeredBy = async (name: string): Promise<string[]> => {
    await platform.caughtUp();
    const { items } = await platform.call('office', 'office', '/v1/units');
    const units = items.filter((unit: { name: string }) => unit.name === name);
    const timelines = units.map(({ unit }: { unit: string }) =>
      platform.call('office', 'office', `/v1/units/${unit}/timeline`),
    );
    return (await Promise.all(timelines)).map(({ items: events }) => events.at(-1).actor.person);
  };
  const register = () => first.getByRole('button', { name: '登记' }).click();

  it('a form is held when the other tab has signed out, and comes back filled in', async () => {
    const name = '另页退出面馆';
    await go(first, '/units');
    await choose(first, VILLAGE);
    const me = await shown(first);
    await fill(name);
    await signOut(second);
    await register();
    await first.getByText('所填内容还在本页').waitFor();
    expect(await grave(first)).toEqual([]);
    expect(await registeredBy(name)).toEqual([]);
    const popup = person.context.waitForEvent('page');
    await first.getByRole('link', { name: '在新页面登录' }).click();
    await choose(await popup, VILLAGE);
    await first.getByRole('button', { name: '再提交一次' }).click();
    await first.getByRole('alert').getByText(`现在登录的是 ${me}`).waitFor();
    expect(await grave(first)).toEqual([]);
    await expectFilledIn(name);
    await register();
    await first.getByRole('status').filter({ hasText: '单位已登记' }).waitFor();
    expect(await registeredBy(name)).toEqual([me]);
  });

  it('a form is not recorded as somebody who has signed in meanwhile, unless they say so', async () => {
    const name = '换人面馆';
    await go(first, '/units');
    await choose(first, VILLAGE);
    await fill(name);
    await signInAs(second, 'office office');
    await register();
    const other = await shown(second);
    await first.getByRole('alert').getByText(`现在登录的是 ${other}`).waitFor();
    await expectFilledIn(name);
    expect(await registeredBy(name)).toEqual([]);
    await register();
    await first.getByRole('status').filter({ hasText: '单位已登记' }).waitFor();
    expect(await registeredBy(name)).toEqual([other]);
  });

  it('a draft says that somebody else is signed in, and goes as who filled it in', async () => {
    const { id } = await platform.call('office', 'office', '/v1/units', { name: '合用手机面馆', tracks: ['gas'] });
    await waitFor('the unit is listed', async () =>
      (await platform.call('office', 'office', '/v1/units')).items.some(({ unit }: { unit: string }) => unit === id),
    );
    await go(first, `/inspect/gas?unit=${id}`);
    await choose(first, INSPECTOR);
    const me = await shown(first);
    await first.bringToFront(); // Chromium draws the tab in front only, and a click waits for that
    for (let at = 0; at < ITEMS; at += 1) await first.locator(`input[name=a-${at}][value=ok]`).check();
    await first.locator('[name=signature][value=signed]').check();
    await person.context.route('**/console/inspect/gas', (route) =>
      route.request().method() === 'POST' ? route.abort('connectionreset') : route.continue(),
    );
    await first.getByRole('button', { name: '提交检查' }).click();
    const waiting = first.locator('.drafts li[data-state=unsure]');
    await waiting.waitFor();
    await person.context.unroute('**/console/inspect/gas');
    await signInAs(second, VILLAGE);
    await waiting.getByRole('button', { name: '现在发送' }).click();
    await first.getByText(`现在登录的是 ${await shown(second)}，以填写人的账号登录后自动发送。`).waitFor();
    await signInAs(second, INSPECTOR);
    await waiting.getByRole('button', { name: '现在发送' }).click();
    await first.locator('.drafts li[data-state=sent]').waitFor();
    let by: string[] = [];
    await waitFor('the inspection is listed', async () => {
      const { items } = await platform.call('office', 'office', `/v1/units/${id}/timeline`);
      const found = items.filter(({ type }: { type: string }) => type === 'InspectionRecorded');
      by = found.map(({ actor }: { actor: { person: string } }) => actor.person);
      return by.length > 0;
    });
    expect(by).toEqual([me]);
  });

  it('what somebody else keeps on the device is not taken for one’s own', async () => {
    await go(second, '/account');
    await choose(second, VILLAGE);
    const other = await shown(second);
    await signInAs(second, INSPECTOR);
    let asked = 0;
    await person.context.route('**/console/inspect/kept', async (route) => {
      asked += 1;
      if (asked > 1) return route.continue();
      // on its way the other tab has signed in as somebody else
      await signInAs(second, VILLAGE);
      return route.fulfill({ json: { person: other, pages: ['/console/inspect'], units: [], more: false } });
    });
    await go(first, '/inspect');
    await waitFor('the page is that of who is signed in', async () => (await shown(first)) === other);
    await first.locator('[data-device]').filter({ hasText: '没有网络也能检查' }).waitFor();
    expect(await shown(first)).toBe(other);
  });
});
