// 检查 in a real browser: an inspection without network from the first page to the last, which comes through reloads, two tabs, two taps, an
// ended session and a closed unit, and arrives once, with the photo whose hash was made on the device.
import { AxeBuilder } from '@axe-core/playwright';
import { createHash } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../../support/platform.ts';
import { findChromium, NO_BROWSER, PHONE, signIn, type Person } from './chromium.ts';
import { draftsIn, startStage, type Stage } from './stage.ts';

const chromium = findChromium();
if (chromium === undefined) console.warn(NO_BROWSER);

const ITEMS = 10;
const WHERE = { geolocation: { latitude: 31.0123, longitude: 121.0456, accuracy: 12 }, permissions: ['geolocation'] };

interface Stored {
  occurredAt: string;
  place?: { lat: number };
  device?: string;
  evidence?: { sha256: string; mediaType: string; takenAt?: string }[];
  data: {
    answers: { clause: string; answer: string; evidence?: string[] }[];
    findings: { hazard: string }[];
    template: object;
  };
}

describe.skipIf(chromium === undefined)('an inspection, in a browser', () => {
  let platform: Stage;
  let browser: Browser;
  let inspector: Person;
  let page: Page;
  let unit: string;
  let closing: string;

  const newUnit = async (name: string): Promise<string> =>
    (await platform.call('office', 'office', '/v1/units', { name, area: 'village-01', tracks: ['gas'] })).id;
  /** Inspections in the unit's timeline, once the awaited number is there. */
  const inspectionsAt = async (of: string, awaited = 0): Promise<string[]> => {
    let found: string[] = [];
    await waitFor(`${awaited} inspections`, async () => (found = await timeline(of)).length >= awaited);
    return found;
  };
  const timeline = async (of: string): Promise<string[]> => {
    await platform.caughtUp();
    const { items } = await platform.call('office', 'office', `/v1/units/${of}/timeline`);
    return items
      .filter(({ type }: { type: string }) => type === 'InspectionRecorded')
      .map(({ stream }: { stream: string }) => stream.split('#')[2]!);
  };
  const stored = async (id: string): Promise<Stored> =>
    (await platform.call('office', 'office', `/v1/inspections/${id}`)).events[0];

  beforeAll(async () => {
    platform = await startStage(chromium!);
    ({ browser } = platform);
    unit = await newUnit('练塘老街面馆');
    closing = await newUnit('即将停业小吃店');
    await waitFor('both units are listed', async () => {
      const { items } = await platform.call('office', 'office', '/v1/units');
      return items.length === 2;
    });
    inspector = await signIn(browser, platform.api, 'inspector guijianban', PHONE, WHERE);
    ({ page } = inspector);
  }, 120_000);
  afterAll(() => platform?.stop());

  const answerAll = async (on: Page, problem?: number): Promise<void> => {
    for (let at = 0; at < ITEMS; at += 1) {
      await on.locator(`input[name=a-${at}][value=${at === problem ? 'problem' : 'ok'}]`).check();
    }
    if (problem !== undefined) await on.locator(`[name=t-${problem}]`).fill('软管老化龟裂');
  };
  const choose = async (on: Page, name: string): Promise<void> => {
    await on.locator('#unit-search').fill(name);
    await on.locator('.found button').filter({ hasText: name }).click();
  };
  const drafts = (state: string) => page.locator(`.drafts li[data-state=${state}]`);
  const keptHere = (on: Page) => on.locator('[data-device]').filter({ hasText: '没有网络也能检查' }).waitFor();
  /** A photo of some size, as a phone's camera would give it. */
  const photo = (of: Page): Promise<Buffer> => of.screenshot({ fullPage: true, scale: 'css' });

  it('opens once with network, and says that it is kept on the device', async () => {
    await page.goto(`${platform.api}/console/inspect`);
    await keptHere(page);
    expect(await page.locator('[data-device]').textContent()).toContain('2 家单位');
  });

  it('without network, is filled in with photos, comes through a reload, and waits', async () => {
    const picture = await photo(page);
    await inspector.context.setOffline(true);
    await page.goto(`${platform.api}/console/inspect/gas`);
    await choose(page, '练塘老街面馆');
    await answerAll(page, 0);
    await page.locator('[data-photos=f-0] input').setInputFiles([
      { name: '"><img src=x onerror=alert(1)>.png', mimeType: 'image/png', buffer: picture },
      { name: '<b>no picture</b>.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<html>') },
    ]);
    await page.locator('[data-photos=f-0] img').waitFor();
    expect(await page.locator('[data-photos=f-0] .fault').textContent()).toBe('<b>no picture</b>.jpg：不是能读的图片');
    await page.locator('[name=signature][value=signed]').check();
    await waitFor('the last that was filled in is kept', async () =>
      (await draftsIn(page)).some(({ fields }) => fields.some(([name]) => name === 'signature')),
    );

    await page.reload();
    await page.locator('[data-photos=f-0] img').waitFor();
    expect(await page.locator('[name=t-0]').inputValue()).toBe('软管老化龟裂');
    expect(await page.locator('.lead').textContent()).toBe('练塘老街面馆');
    expect(await page.locator('[data-progress]').textContent()).toBe('已答 10 / 10 项，有问题 1 项');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);

    // a nervous thumb
    await page.getByRole('button', { name: '提交检查' }).evaluate((button) => {
      const { click } = button as unknown as { click: () => void };
      for (let taps = 0; taps < 2; taps += 1) click.call(button);
    });
    await drafts('ready').waitFor();
    await page.getByText('没有网络。').waitFor();
    expect(await drafts('ready').count()).toBe(1);
    expect(await inspectionsAt(unit)).toEqual([]);
  });

  it('is sent by itself when the network returns: once, with two tabs open, and with the photo as it was hashed', async () => {
    const second = await inspector.context.newPage();
    await second.goto(`${platform.api}/console/inspect`);
    await inspector.context.setOffline(false);
    await drafts('sent').waitFor();
    await second.reload();
    await second.locator('.drafts li[data-state=sent]').waitFor();
    await second.close();
    const [id, ...more] = await inspectionsAt(unit, 1);
    expect(more).toEqual([]);
    const event = await stored(id!);
    expect(event).toMatchObject({ place: { lat: 31.0123 }, device: expect.stringMatching(/^web-/) });
    expect(Math.abs(Date.parse(event.occurredAt) - Date.now())).toBeLessThan(10 * 60_000);
    expect(event.data.answers.filter(({ answer }) => answer === 'ok')).toHaveLength(9);
    const [file, ...others] = event.evidence!;
    expect(others).toEqual([]);
    expect(event.data.answers[0]!.evidence).toEqual([file!.sha256]);
    const [{ hazard }] = event.data.findings as [{ hazard: string }];
    const answer = await fetch(`${platform.api}/v1/evidence/${file!.sha256}?event=hazard/${hazard}/1`, {
      headers: { authorization: `Bearer ${await platform.token('office', 'office', 'p-office')}` },
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file!.sha256);
    expect(bytes.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8])); // made a JPEG on the device

    await page.goto(`${platform.api}/console/hazards/${hazard}`);
    const shown = page.locator('.shots img').first();
    await shown.scrollIntoViewIfNeeded();
    await waitFor('the photo is shown', () =>
      shown.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0),
    );
  });

  it('lost its answer on the way: it is sent again and still is one', async () => {
    await page.goto(`${platform.api}/console/inspect/gas?unit=${unit}`);
    await answerAll(page);
    await page.locator('[name=signature][value=signed]').check();
    const before = (await inspectionsAt(unit)).length;
    // arrives and is recorded; the answer does not come back, and the line stays bad for a while
    let [lost, bad] = [0, true];
    await inspector.context.route('**/console/inspect/gas', async (route) => {
      if (route.request().method() !== 'POST' || !bad) return route.continue();
      if (lost === 0) await route.fetch();
      lost += 1;
      await route.abort('connectionreset');
    });
    await page.getByRole('button', { name: '提交检查' }).click();
    await drafts('unsure').waitFor();
    expect(lost).toBeGreaterThan(0);
    // what may have arrived is neither changed nor thrown away
    expect(await drafts('unsure').getByRole('button', { name: '删除' }).count()).toBe(0);
    expect(await drafts('unsure').getByRole('link', { name: '继续填写' }).count()).toBe(0);
    bad = false;
    await drafts('unsure').getByRole('button', { name: '现在发送' }).click();
    await drafts('unsure').waitFor({ state: 'detached' });
    await inspector.context.unroute('**/console/inspect/gas');
    expect(await inspectionsAt(unit, before + 1)).toHaveLength(before + 1);
  });

  it('of a unit that was closed meanwhile is refused in words, kept, and recorded for another', async () => {
    await page.goto(`${platform.api}/console/inspect`);
    await inspector.context.setOffline(true);
    await page.goto(`${platform.api}/console/inspect/gas`);
    await choose(page, '即将停业小吃店');
    await answerAll(page);
    await page.locator('[name=signature][value=signed]').check();
    await page.getByRole('button', { name: '提交检查' }).click();
    await drafts('ready').waitFor();
    await platform.call('department', 'guijianban', `/v1/units/${closing}/closure`, { reason: '停业' });
    await inspector.context.setOffline(false);
    await drafts('refused').waitFor();
    expect(await drafts('refused').locator('.fault').textContent()).toBe('单位已注销，不能再办理。');
    await drafts('refused').getByRole('link', { name: '继续填写' }).click();
    await page.getByRole('alert').filter({ hasText: '单位已注销' }).waitFor();
    await choose(page, '练塘老街面馆');
    const before = (await inspectionsAt(unit)).length;
    await page.getByRole('button', { name: '提交检查' }).click();
    await page.getByRole('status').filter({ hasText: '检查已记录' }).waitFor();
    expect(await inspectionsAt(unit, before + 1)).toHaveLength(before + 1);
    expect(await inspectionsAt(closing)).toEqual([]);
  });

  it('of a new unit that reads like one on record asks which it is, and is recorded for either', async () => {
    const units = async (): Promise<string[]> => {
      await platform.caughtUp();
      const { items } = await platform.call('office', 'office', '/v1/units?limit=100');
      return items.map(({ unit: id }: { unit: string }) => id);
    };
    const before = { units: await units(), inspections: await inspectionsAt(unit) };
    await page.goto(`${platform.api}/console/inspect`);
    for (const name of ['练塘 老街面馆', '练塘老街面馆']) {
      await inspector.context.setOffline(true);
      await page.goto(`${platform.api}/console/inspect/gas`);
      await page.locator('[name=newName]').fill(name);
      await answerAll(page);
      await page.locator('[name=signature][value=signed]').check();
      await page.getByRole('button', { name: '提交检查' }).click();
      await drafts('ready').waitFor();
      await inspector.context.setOffline(false);
      const asked = drafts('refused');
      await asked.getByText('已有名称、地址相同的单位在册').waitFor();
      expect(await asked.getByRole('link', { name: '练塘老街面馆' }).getAttribute('href')).toBe(
        `/console/units/${unit}`,
      );
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
      expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
      expect({ units: await units(), inspections: await inspectionsAt(unit) }).toEqual(before);
      if (name.includes(' ')) {
        await asked.getByRole('button', { name: '就是这一家' }).click();
        before.inspections = await inspectionsAt(unit, before.inspections.length + 1);
      } else await asked.getByRole('button', { name: '确是另一家' }).click();
      await asked.waitFor({ state: 'detached' });
    }
    let fresh: string[] = [];
    await waitFor('another unit', async () => {
      fresh = (await units()).filter((id) => !before.units.includes(id));
      return fresh.length > 0;
    });
    expect(fresh).toHaveLength(1);
    expect(await inspectionsAt(fresh[0]!, 1)).toHaveLength(1);
  });

  it('is kept when the session has ended, and sent after signing in again as the same person', async () => {
    await page.goto(`${platform.api}/console/inspect/gas?unit=${unit}`);
    await answerAll(page);
    await page.locator('[name=signature][value=refused]').check();
    await page.locator('[name=refusal]').fill('负责人不在场');
    await inspector.context.setOffline(true);
    await page.getByRole('button', { name: '提交检查' }).click();
    await drafts('ready').waitFor();
    const before = (await inspectionsAt(unit)).length;
    await inspector.context.clearCookies();
    await inspector.context.setOffline(false);
    await page.getByText('登录已过期，草稿都在本机。').waitFor();
    expect(await inspectionsAt(unit)).toHaveLength(before);

    await page.getByRole('link', { name: '登录后自动发送' }).click();
    await page.click('button[value^="village village-01 "]'); // somebody else borrows the phone
    await page.getByText('本机另有 1 份其他人的草稿').waitFor();
    expect(await inspectionsAt(unit)).toHaveLength(before);

    await inspector.context.clearCookies();
    await page.goto(`${platform.api}/console/inspect`);
    await page.click('button[value^="inspector guijianban "]');
    expect(await inspectionsAt(unit, before + 1)).toHaveLength(before + 1);
  });

  it('is filled in by one page at a time', async () => {
    await page.goto(`${platform.api}/console/inspect/gas?unit=${unit}`);
    await page.locator('[name=p-0]').waitFor({ state: 'attached' });
    await page.locator('input[name=a-0][value=ok]').check();
    await page.waitForURL(/draft=/);
    const second = await inspector.context.newPage();
    await second.goto(page.url());
    await second.getByRole('alert').filter({ hasText: '正在另一个页面填写' }).waitFor();
    expect(await second.locator('main > form').getAttribute('inert')).toBe('');
    await page.goto('about:blank');
    await second.reload();
    await waitFor('the draft is there', () => second.locator('input[name=a-0][value=ok]').isChecked());
    await second.close();
  });

  it('works without script as a plain form', async () => {
    const plain = await signIn(browser, platform.api, 'village village-01', PHONE, { javaScriptEnabled: false });
    await plain.page.goto(`${platform.api}/console/inspect/gas?unit=${unit}`);
    await answerAll(plain.page, 3);
    await plain.page.locator('[name=signature][value=signed]').check();
    await plain.page.getByRole('button', { name: '提交检查' }).click();
    expect(await plain.page.getByRole('status').textContent()).toContain('检查已记录');
    expect(await plain.page.locator('input[type=file]').count()).toBe(0);
    await plain.close();
  });

  it('leaves no pages on the device when somebody signs out', async () => {
    await page.goto(`${platform.api}/console/inspect`);
    await keptHere(page);
    expect(await page.evaluate('caches.has("daocha-inspect")')).toBe(true);
    await page.goto(`${platform.api}/console/signed-out`);
    await waitFor('the pages are gone', async () => !(await page.evaluate<boolean>('caches.has("daocha-inspect")')));
  });

  it('nothing of it troubled the browser but the lost network', () => {
    const expected = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_RESET|Failed to load resource|status of 4\d\d/;
    expect(inspector.complaints.filter((text) => !expected.test(text))).toEqual([]);
  });
});
