// 检查 on the phones that are there: old browsers, browsers that keep nothing, clocks that are wrong, photos as phones write them.
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../../support/platform.ts';
import { few } from '../../../support/runs.ts';
import { findChromium, NO_BROWSER, PHONE, signIn, type Person } from './chromium.ts';
import { draftsIn, startStage, type Stage } from './stage.ts';

const chromium = findChromium();
if (chromium === undefined) console.warn(NO_BROWSER);

const ITEMS = 10;
const CANNOT = '这个浏览器不能离线检查，请在有网络时填写并提交';
const CAN = '没有网络也能检查';
const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** What iOS 15.4 and Chromium 92 do not have. */
const OLD = `
  delete Map.groupBy; delete Object.groupBy; delete Object.hasOwn; delete AbortSignal.timeout; delete AbortSignal.any;
  delete Promise.withResolvers; delete Array.fromAsync; delete globalThis.structuredClone; delete HTMLElement.prototype.inert;
  for (const name of ['toSorted', 'toReversed', 'toSpliced', 'with', 'findLast', 'findLastIndex']) delete Array.prototype[name];
  for (const name of ['isWellFormed', 'toWellFormed']) delete String.prototype[name];
  for (const name of ['toSorted', 'toReversed', 'with', 'findLast']) delete Object.getPrototypeOf(Uint8Array).prototype[name];`;
/** The device's clock is off by what the page's store says; what the browser counts runs on. */
const CLOCK = `{
  const True = Date;
  const off = () => Number(localStorage.getItem('off') ?? 0);
  globalThis.Date = class extends True {
    constructor(...of) { if (of.length === 0) super(True.now() + off()); else super(...of); }
    static now() { return True.now() + off(); }
  };
}`;

describe.skipIf(chromium === undefined)('an inspection on a phone', () => {
  let platform: Stage;
  let browser: Browser;
  /** of the first item of the checklist */
  let clause: string;

  const newUnit = async (name: string): Promise<string> => {
    const { id } = await platform.call('office', 'office', '/v1/units', { name, area: 'village-01', tracks: ['gas'] });
    await platform.caughtUp();
    return id;
  };
  /** Events of a type in the timeline of a unit, once the awaited number is there. */
  // oxlint-disable-next-line typescript/no-explicit-any
  const eventsOf = async (unit: string, type: string, awaited = 0): Promise<any[]> => {
    // oxlint-disable-next-line typescript/no-explicit-any
    let found: any[] = [];
    await waitFor(`${awaited} of ${type}`, async () => {
      await platform.caughtUp();
      const { items } = await platform.call('office', 'office', `/v1/units/${unit}/timeline`);
      found = items.filter((one: { type: string }) => one.type === type);
      return found.length >= awaited;
    });
    return found;
  };
  /** The last inspection of a unit, once the awaited number is there. */
  // oxlint-disable-next-line typescript/no-explicit-any
  const inspectionOf = async (unit: string, awaited = 1): Promise<any> => {
    const found = await eventsOf(unit, 'InspectionRecorded', awaited);
    expect(found).toHaveLength(awaited);
    const ids = found.map(({ stream }) => stream.split('#')[2]);
    const events = await Promise.all(
      ids.map(async (id) => (await platform.call('office', 'office', `/v1/inspections/${id}`)).events[0]),
    );
    return events.toSorted((a, b) => (a.recordedAt < b.recordedAt ? 1 : -1))[0];
  };

  /** An inspector with a phone of their own. @param script runs in each page before its own scripts */
  const phone = async (script = '', options: Parameters<Browser['newContext']>[0] = {}): Promise<Person> => {
    const person = await signIn(browser, platform.api, 'inspector guijianban', PHONE, options);
    if (script !== '') await person.context.addInitScript(script);
    return person;
  };
  const begins = async (page: Page): Promise<void> => {
    await page.goto(`${platform.api}/console/inspect`);
    await page.locator('[data-device]').filter({ hasText: CAN }).waitFor();
  };
  const form = (page: Page, unit: string) => page.goto(`${platform.api}/console/inspect/gas?unit=${unit}`);
  const fill = async (page: Page, name?: string, problem?: number): Promise<void> => {
    if (name !== undefined) {
      await page.locator('#unit-search').fill(name);
      await page.locator('.found button').filter({ hasText: name }).click();
    }
    for (let at = 0; at < ITEMS; at += 1) {
      await page.locator(`input[name=a-${at}][value=${at === problem ? 'problem' : 'ok'}]`).check();
    }
    if (problem !== undefined) await page.locator(`[name=t-${problem}]`).fill('软管老化龟裂');
    await page.locator('[name=signature][value=signed]').check();
  };
  const submit = (page: Page) => page.getByRole('button', { name: '提交检查' }).click();
  const draft = (page: Page, state: string) => page.locator(`.drafts li[data-state=${state}]`);
  const setClock = (page: Page, off: number) => page.evaluate(`localStorage.setItem('off', '${off}')`);

  beforeAll(async () => {
    platform = await startStage(chromium!);
    ({ browser } = platform);
    const { page, close } = await phone();
    await page.goto(`${platform.api}/console/inspect/gas`);
    clause = (await page.locator('#f-a-0-hint').textContent())!;
    await close();
  }, 120_000);
  afterAll(() => platform?.stop());

  it('works whole in the oldest browsers', async () => {
    const unit = await newUnit('旧手机面馆');
    const { page, context, complaints } = await phone(OLD);
    await begins(page);
    await context.setOffline(true);
    await page.goto(`${platform.api}/console/inspect/gas`);
    await fill(page, '旧手机面馆', 0);
    await waitFor('all of it is kept', async () =>
      (await draftsIn(page)).some(({ fields }) => fields.some(([name]) => name === 'signature')),
    );
    const [kept, ...more] = await draftsIn(page);
    expect(more).toEqual([]);
    expect(kept).toMatchObject({ state: 'editing', unitName: '旧手机面馆' });
    expect(kept!.fields).toEqual(
      expect.arrayContaining([
        ['a-0', 'problem'],
        ['t-0', '软管老化龟裂'],
        ['unit', unit],
      ]),
    );
    expect(await page.locator('[data-photos=f-0] input').count()).toBe(1);
    expect(await page.locator('[data-photos=f-0]').isVisible()).toBe(true);

    const second = await context.newPage();
    await second.goto(page.url());
    await second.getByRole('alert').filter({ hasText: '正在另一个页面填写' }).waitFor();
    expect(await second.locator('input[name=a-0]').first().isDisabled()).toBe(true);
    await second.close();

    await submit(page);
    await draft(page, 'ready').waitFor();
    expect(await draft(page, 'ready').textContent()).toContain('等待发送');
    await context.setOffline(false);
    await draft(page, 'sent').waitFor();
    expect((await inspectionOf(unit)).data.answers).toHaveLength(ITEMS);
    const network = /ERR_INTERNET_DISCONNECTED|Failed to load resource/;
    expect(complaints.filter((text) => !network.test(text))).toEqual([]);
  });

  it.each(
    few([
      [
        'refuses to open its store',
        `IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };`,
      ],
      ['has no WebCrypto', `Object.defineProperty(crypto, 'subtle', { value: undefined });`],
      ['has no service worker', `delete Navigator.prototype.serviceWorker;`],
      [
        'refuses service workers',
        `ServiceWorkerContainer.prototype.register = () => Promise.reject(new DOMException('no', 'SecurityError'));`,
      ],
      ['has no FormData', `delete globalThis.FormData;`],
    ]),
  )('a browser that %s is promised nothing, and loses nothing', async (name, script) => {
    const unit = await newUnit(name);
    const { page, context } = await phone(script);
    const heard: string[] = [];
    await page.goto(`${platform.api}/console/inspect`);
    await page.getByText(CANNOT).waitFor();
    heard.push(await page.locator('main').innerText());
    await form(page, unit);
    await page.getByText(CANNOT).waitFor();
    await fill(page, undefined, 0);
    heard.push(await page.locator('main').innerText());
    expect(await page.locator('[data-photos]').first().isVisible()).toBe(false);

    await context.setOffline(true);
    await submit(page);
    await page.getByRole('alert').filter({ hasText: '没有网络，没有提交' }).waitFor();
    heard.push(await page.locator('main').innerText());
    expect(page.url()).toContain('/console/inspect/gas');
    expect(await page.locator('[name=t-0]').inputValue()).toBe('软管老化龟裂');
    expect(await page.locator('[name=a-9][value=ok]').isChecked()).toBe(true);
    expect(await eventsOf(unit, 'InspectionRecorded')).toEqual([]);

    await context.setOffline(false);
    await submit(page);
    await page.getByRole('status').filter({ hasText: '检查已记录' }).waitFor();
    await inspectionOf(unit);
    expect(heard.filter((text) => text.includes('没有网络也能'))).toEqual([]);
    await context.close();
  });

  /** A hazard that the town has rectified, on the sign-off list. */
  const signedOff = async (name: string): Promise<{ unit: string; hazard: string }> => {
    const unit = await newUnit(name);
    const { findings } = await platform.call('inspector', 'guijianban', '/v1/inspections', {
      unit,
      track: 'gas',
      mode: 'routine',
      answers: [{ item: '1', clause, answer: 'problem', text: '软管老化' }],
      signature: { kind: 'signed', by: 'p-unit-1' },
    });
    const { hazard } = findings[0];
    const due = new Date(Date.now() + 72 * HOUR).toISOString();
    for (const [role, org, act, body] of [
      ['department', 'guijianban', 'gradings', { grade: 'general', basis: '可立即整改' }],
      ['operations', 'chengyun', 'assignments', { to: 'guijianban' }],
      ['department', 'guijianban', 'orders', { measures: '更换软管', due, authority: '《城镇燃气管理条例》第四十条' }],
      ['village', 'village-01', 'submissions', { statement: '软管已更换' }],
      ['inspector', 'guijianban', 'verifications', { result: 'passed', basis: '现场复查' }],
      ['department', 'guijianban', 'sign-off', {}],
    ] as const) {
      await platform.call(role, org, `/v1/hazards/${hazard}/${act}`, body);
    }
    await platform.caughtUp();
    return { unit, hazard };
  };
  /** Fills in the form without network, on a clock that is off, and submits it; when that truly was. */
  const finish = async ({ page, context }: Person, name: string, off: number): Promise<number> => {
    await context.setOffline(true);
    await setClock(page, off);
    await page.goto(`${platform.api}/console/inspect/gas`);
    await fill(page, name, 0);
    const finished = Date.now();
    await submit(page);
    await draft(page, 'ready').waitFor();
    return finished;
  };
  const claimOf = async (unit: string, awaited = 1): Promise<number> =>
    Date.parse((await inspectionOf(unit, awaited)).occurredAt);
  const IN_2010 = Date.parse('2010-01-01T00:00:00.000Z');

  it('whose clock was in 2010 at finishing, and right at sending, hides no recurrence', async () => {
    const { unit, hazard } = await signedOff('回潮面馆');
    const person = await phone(CLOCK);
    const { page, context } = person;
    await begins(page);
    const finished = await finish(person, '回潮面馆', IN_2010 - Date.now());
    // network and right time come back together
    await setClock(page, 0);
    await context.setOffline(false);
    await draft(page, 'sent').waitFor();
    expect(Math.abs((await claimOf(unit, 2)) - finished)).toBeLessThan(5 * SECOND);
    expect(await eventsOf(unit, 'RecurrenceFound', 1)).toHaveLength(1);
    expect(await platform.call('office', 'office', `/v1/hazards/${hazard}`)).toMatchObject({ recurrences: 1 });
    expect((await platform.call('office', 'office', `/v1/units/${unit}`)).listed.on).toBe(false);
  });

  it.each(
    few([
      ['right at finishing, and back in 2010 at sending', 0, IN_2010 - Date.now()],
      ['right at finishing, and an hour back at sending', 0, -HOUR],
      ['ten minutes ahead all the while', HOUR / 6, HOUR / 6],
      ['three hours behind all the while', -3 * HOUR, -3 * HOUR],
    ] as const),
  )('whose clock is %s: the true time, loaded anew or not', async (name, atFinishing, atSending) => {
    for (const loadedAnew of [false, true]) {
      const unitName = `${name}，${loadedAnew ? '重新打开' : '一直打开'}`;
      const unit = await newUnit(unitName);
      const person = await phone(CLOCK);
      const { page, context } = person;
      await setClock(page, atFinishing);
      await begins(page);
      const finished = await finish(person, unitName, atFinishing);
      await setClock(page, atSending);
      if (loadedAnew) await page.goto(`${platform.api}/console/inspect`);
      await context.setOffline(false);
      await draft(page, 'sent').waitFor();
      expect(Math.abs((await claimOf(unit)) - finished), unitName).toBeLessThan(5 * SECOND);
      await context.close();
    }
  });

  it('whose clock was in 2010 at finishing, and whose page was loaded again since, is asked for the time', async () => {
    const name = '补填时间面馆';
    const { unit, hazard } = await signedOff(name);
    const person = await phone(CLOCK, { timezoneId: 'America/New_York' });
    const { page, context } = person;
    await begins(page);
    const finished = await finish(person, name, IN_2010 - Date.now());
    await page.goto(`${platform.api}/console/inspect`);
    // times on the page are the town's, whatever the device's zone
    expect(await draft(page, 'ready').textContent()).toContain('2010-01-01 08:0');
    await setClock(page, 0);
    await context.setOffline(false);
    await draft(page, 'refused').waitFor();
    const said = (await draft(page, 'refused').locator('> .fault').textContent())!;
    expect(said).toMatch(/^本机时钟当时显示 2010-01-01 08:0\d，请填写检查时间。$/);
    expect(await eventsOf(unit, 'HazardPersisted')).toEqual([]);

    const inTown = (at: number): string => new Date(at + 8 * HOUR).toISOString().slice(0, 16);
    const send = page.getByRole('button', { name: '说明后发送' });
    await page.getByLabel('检查时间').fill(inTown(finished - HOUR));
    await page.getByLabel('依据').fill('凭签字的检查单');
    await send.click();
    await page.getByRole('alert').filter({ hasText: '检查时间应在' }).waitFor();
    await page.getByLabel('检查时间').fill(inTown(finished));
    await page.getByLabel('依据').fill('');
    await send.click();
    await page.getByRole('alert').filter({ hasText: '请填写依据' }).waitFor();
    await page.getByLabel('依据').fill('凭签字的检查单');
    await send.click();
    await draft(page, 'sent').waitFor();
    const recorded = await inspectionOf(unit, 2);
    expect(Math.abs(Date.parse(recorded.occurredAt) - finished)).toBeLessThan(60 * SECOND);
    expect(recorded.lateBasis).toMatch(
      /^本机时钟当时显示 2010-01-01 08:0\d，检查时间由检查人填写。依据：凭签字的检查单$/,
    );
    expect(await platform.call('office', 'office', `/v1/hazards/${hazard}`)).toMatchObject({ recurrences: 1 });
  });

  it('is asked for a reason when the record speaks against its time, and says it with the same claim under a new key', async () => {
    const name = '说明理由面馆';
    const unit = await newUnit(name);
    const { page, context } = await phone();
    await begins(page);
    await form(page, unit);
    await fill(page);
    const sent: URLSearchParams[] = [];
    await context.route('**/console/inspect/gas', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      sent.push(new URLSearchParams(route.request().postData()!));
      if (sent.length > 1) return route.continue();
      const no = { type: 'seen-before-sign-off', asks: 'basis', faults: [{ message: '早于销项一天以上。' }] };
      return route.fulfill({ status: 422, json: no });
    });
    await submit(page);
    await draft(page, 'refused').getByText('早于销项一天以上。').waitFor();
    await page.getByLabel('依据').fill('当天手机没有电，凭纸质检查单补录');
    await page.getByRole('button', { name: '说明后发送' }).click();
    await draft(page, 'sent').waitFor();
    expect((await inspectionOf(unit)).lateBasis).toBe('当天手机没有电，凭纸质检查单补录');
    const [first, second] = sent as [URLSearchParams, URLSearchParams];
    expect(second.get('occurredAt')).toBe(first.get('occurredAt'));
    expect(second.get('key')).not.toBe(first.get('key'));
  });

  it('turns photos upright, and says of each that it cannot keep why', async () => {
    const unit = await newUnit('照片面馆');
    const { page } = await phone();
    await begins(page);
    await form(page, unit);
    await fill(page, undefined, 0);
    const part = page.locator('[data-photos=f-0]');
    const add = (name: string, buffer: Buffer, mimeType: string) =>
      part.locator('input').setInputFiles([{ name, mimeType, buffer }]);
    const file = (name: string): Buffer => readFileSync(new URL(`../photos/${name}`, import.meta.url));

    await add('rotated6.jpg', file('rotated6.jpg'), 'image/jpeg');
    const shown = part.locator('img');
    await shown.waitFor();
    const sizes = () =>
      page.evaluate<number[]>(`(() => {
      const image = document.querySelector('[data-photos=f-0] img');
      return [image.naturalWidth, image.naturalHeight];
    })()`);
    await waitFor('the photo is shown', async () => (await sizes())[0]! > 0);
    expect(await sizes()).toEqual([800, 1200]);

    await add('IMG_0001.HEIC', file('fake.heic'), 'image/heic');
    const said = part.locator('.fault');
    await said.waitFor();
    expect(await said.textContent()).toBe(
      'IMG_0001.HEIC：是 HEIC 格式，这个浏览器不能读。请把相机设置改为 JPEG（兼容性最佳）后重拍，或上传截图',
    );

    const put = (error: string) =>
      page.evaluate(`{
        const put = IDBObjectStore.prototype.put;
        window.put ??= put;
        IDBObjectStore.prototype.put = function (value, key) {
          if (value?.blob) throw new DOMException('no', '${error}');
          return window.put.call(this, value, ...(key === undefined ? [] : [key]));
        };
      }`);
    const other = await page.screenshot();
    await put('QuotaExceededError');
    await add('full.png', other, 'image/png');
    await part.getByText('full.png：本机空间不足，照片没有存下').waitFor();
    await put('DataCloneError');
    await add('old.png', other, 'image/png');
    await part.getByText('old.png：这个浏览器不能保存照片（无痕模式或系统过旧），检查内容已存下').waitFor();

    await submit(page);
    await page.waitForURL(/done=inspected/);
    expect((await inspectionOf(unit)).evidence).toHaveLength(1);
  });
});
