// The whole life of a hazard in a real browser, by five people in five roles, each with a browser of their own; some on a phone.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESK, findChromium, NO_BROWSER, PHONE, signIn, type Person } from './chromium.ts';
import { startStage, type Stage } from './stage.ts';
import { plusDays, townDay } from '../../../../shared/town-time.ts';

const chromium = findChromium();
if (chromium === undefined) console.warn(NO_BROWSER);

describe.skipIf(chromium === undefined)('the life of a hazard, in a browser', () => {
  let platform: Stage;
  let browser: Browser;
  const people: Record<string, Person> = {};
  let unit = '';
  let hazard = '';

  beforeAll(async () => {
    platform = await startStage(chromium!);
    ({ browser } = platform);
    const { api } = platform;
    people['village'] = await signIn(browser, api, 'village village-01', PHONE);
    people['inspector'] = await signIn(browser, api, 'inspector guijianban', PHONE);
    people['department'] = await signIn(browser, api, 'department guijianban', DESK);
    people['operations'] = await signIn(browser, api, 'operations chengyun', DESK);
    people['office'] = await signIn(browser, api, 'office office', DESK);
  }, 120_000);
  afterAll(() => platform?.stop());

  const at = (who: string): Page => people[who]!.page;
  /** Opens the hazard's page, presses the button of that name, fills in and sends. */
  const expectDone = async (
    who: string,
    button: string,
    fill: (page: Page) => Promise<void>,
    says: string,
  ): Promise<void> => {
    const page = at(who);
    await page.goto(`${platform.api}/console/hazards/${hazard}`);
    await page.getByRole('link', { name: button, exact: true }).click();
    await fill(page);
    await page.locator('main form button').click();
    await page.getByRole('status').waitFor();
    expect(await page.getByRole('status').textContent()).toContain(says);
  };
  const buttons = (who: string): Promise<string[]> => at(who).locator('section.next a.button').allTextContents();

  it('the village registers a unit on its phone', async () => {
    const page = at('village');
    await page.locator('details.menu summary').click();
    await page.locator('details.menu').getByRole('link', { name: '单位', exact: true }).click();
    await page.getByRole('link', { name: '登记单位', exact: true }).click();
    await page.getByLabel('名称').fill('练塘老街面馆');
    await page.getByLabel('类型').fill('餐饮');
    await page.getByLabel('城镇燃气').check();
    // a nervous thumb
    await page.getByRole('button', { name: '登记' }).dblclick();
    await page.getByRole('status').filter({ hasText: '单位已登记' }).waitFor();
    unit = new URL(page.url()).pathname.split('/').at(-1)!;
    await page.goto(`${platform.api}/console/units`);
    expect(await page.getByRole('link', { name: '练塘老街面馆' }).count()).toBe(1);
  });

  it('the inspector’s visit finds a hazard', async () => {
    const { findings } = await platform.call('inspector', 'guijianban', '/v1/inspections', {
      unit,
      track: 'gas',
      mode: 'routine',
      answers: [{ item: '1', clause: 'GAS-01 连接软管', answer: 'problem', text: '软管老化' }],
    });
    hazard = findings[0]!.hazard;
    await at('inspector').goto(`${platform.api}/console/hazards/${hazard}`);
    expect(await at('inspector').getByRole('heading', { level: 1 }).textContent()).toBe('GAS-01 连接软管');
  });

  it('each sees the buttons that are theirs, and no other', async () => {
    await at('department').goto(`${platform.api}/console/hazards/${hazard}`);
    await at('operations').goto(`${platform.api}/console/hazards/${hazard}`);
    expect((await buttons('department'))[0]).toBe('定级');
    expect(await buttons('inspector')).not.toContain('定级');
    expect(await buttons('operations')).not.toContain('定级');
    const refused = await at('operations').goto(`${platform.api}/console/hazards/${hazard}/grade`);
    expect(refused!.status()).toBe(403);
    await at('operations').getByRole('heading', { name: '不能办理' }).waitFor();
    people['operations']!.complaints.length = 0; // the browser notes the 403
  });

  it('the department grades it, the operations centre assigns it, the department orders', async () => {
    await expectDone(
      'department',
      '定级',
      async (page) => {
        await page.getByLabel('一般隐患').check();
        await page.getByLabel('定级依据').fill('可立即整改');
      },
      '已定级',
    );
    await expectDone(
      'operations',
      '派发',
      async (page) => void (await page.getByLabel('派发给').selectOption({ label: '规建办' })),
      '已派发',
    );
    await expectDone(
      'department',
      '责令整改',
      async (page) => {
        await page.getByLabel('整改措施').fill('更换软管');
        await page.getByLabel('整改期限').fill(plusDays(townDay(new Date()), 400));
        await page.getByLabel('依据').fill('《城镇燃气管理条例》第四十条');
      },
      '已责令整改',
    );
  });

  it('a fault is named at its field, and what was typed is still there', async () => {
    const page = at('village');
    await page.goto(`${platform.api}/console/hazards/${hazard}/extend`);
    await page.getByLabel('延期理由').fill('配件未到');
    await page.locator('main form button').click();
    await page.getByRole('alert').waitFor();
    expect(await page.evaluate('document.activeElement?.className')).toBe('faults');
    await page.getByRole('alert').getByRole('link', { name: '请填写延至' }).click();
    expect(await page.evaluate('document.activeElement?.id')).toBe('f-due');
    expect(await page.getByLabel('延期理由').inputValue()).toBe('配件未到');
    people['village']!.complaints.length = 0; // the browser notes the 400
  });

  it('the village submits, the inspector rejects, the village submits again, the inspector passes it', async () => {
    const expectSubmitted = (statement: string) =>
      expectDone('village', '提交整改', (page) => page.getByLabel('整改情况').fill(statement), '已提交整改');
    const expectVerified = (result: string, words: string, says: string) =>
      expectDone(
        'inspector',
        '复查',
        async (page) => {
          await page.getByLabel(result, { exact: true }).check();
          await page.getByLabel('依据或理由').fill(words);
        },
        says,
      );
    await expectSubmitted('软管已更换');
    await expectVerified('不通过', '未装熄火保护装置', '已退回整改');
    await expectSubmitted('已加装熄火保护装置');
    await expectVerified('通过', '现场复查', '等待销项');
  });

  it('the lead department signs off, and the unit stands on the list', async () => {
    await expectDone('department', '销项', async () => {}, '已销项');
    expect(await buttons('department')).toEqual([]);
    // the page that follows a form names what was written; another page that is given it shows it
    const written = new URL(at('department').url()).searchParams.get('atLeast')!;
    const page = at('office');
    await page.goto(`${platform.api}/console/units/${unit}?${new URLSearchParams({ atLeast: written }).toString()}`);
    expect(await page.getByText('在销项名单', { exact: true }).count()).toBe(1);
  });

  it('nobody’s browser had anything to complain of', () => {
    for (const [who, { complaints }] of Object.entries(people)) expect(complaints, who).toEqual([]);
  });

  it('after signing out a page asks to sign in again', async () => {
    const page = at('office');
    await page.goto(`${platform.api}/console/account`);
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.getByRole('heading', { name: '已退出' }).waitFor();
    await page.goto(`${platform.api}/console/units/${unit}`);
    await page.getByText('这是本机的开发用登录页').waitFor();
    // and back to where one was going
    await page.click('button[value^="office office "]');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('练塘老街面馆');
  });
});
