// A case that goes beyond the town, in a real browser, by people of the town and of the district, each with a browser
// of their own: the district on a phone gives it back, the town adds what is missing, it goes up again by itself, the
// district decides, the town verifies.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBundle } from '../../../../shared/record/audit/verify.ts';
import { unzip } from '../../../support/zip.ts';
import { temporaryDirectory, waitFor } from '../../../support/platform.ts';
import { DESK, findChromium, NO_BROWSER, PHONE, signIn, type Person } from './chromium.ts';
import { caseOf, makeScene } from './scene.ts';
import { startStage, type Stage } from './stage.ts';

const chromium = findChromium();
if (chromium === undefined) console.warn(NO_BROWSER);

describe.skipIf(chromium === undefined)('a case with the district, in a browser', () => {
  let platform: Stage;
  let browser: Browser;
  const people: Record<string, Person> = {};
  let path = '';

  beforeAll(async () => {
    platform = await startStage(chromium!);
    ({ browser } = platform);
    const { api } = platform;
    await makeScene(platform);
    path = `/console/escalations/${await caseOf(platform)}`;
    people['district'] = await signIn(browser, api, 'district district-construction', PHONE);
    people['other'] = await signIn(browser, api, 'district district-fire', PHONE);
    people['office'] = await signIn(browser, api, 'office office', DESK);
    people['department'] = await signIn(browser, api, 'department guijianban', DESK);
  }, 600_000);
  afterAll(() => platform?.stop());

  const at = (who: string): Page => people[who]!.page;
  const open = async (who: string): Promise<Page> => {
    await at(who).goto(`${platform.api}${path}`);
    return at(who);
  };
  const buttons = async (who: string): Promise<string[]> =>
    (await open(who)).locator('section.next a.button').allTextContents();
  const expectDone = async (
    who: string,
    button: string,
    fill: (page: Page) => Promise<void>,
    says: string,
  ): Promise<void> => {
    const page = await open(who);
    await page.getByRole('link', { name: button, exact: true }).click();
    await fill(page);
    await page.locator('main form button').click();
    await page.getByRole('status').waitFor();
    expect(await page.getByRole('status').textContent()).toContain(says);
  };

  it('is what the district sees first, with how long it has waited; another unit sees nothing of it', async () => {
    const page = at('district');
    await page.goto(`${platform.api}/console`);
    expect(new URL(page.url()).pathname).toBe('/console/escalations');
    await page.getByRole('link', { name: 'GAS-01 连接软管' }).click();
    expect(new URL(page.url()).pathname).toBe(path);
    await at('other').goto(`${platform.api}/console`);
    await at('other').getByText('现在没有等待办理的案件').waitFor();
    expect((await at('other').goto(`${platform.api}${path}`))!.status()).toBe(403);
    people['other']!.complaints.length = 0; // the browser notes the 403
  });

  it('each sees the buttons that are theirs, and the form of another is refused', async () => {
    expect(await buttons('district')).toEqual(['受理', '退回']);
    expect(await buttons('office')).toEqual([]);
    expect((await at('office').goto(`${platform.api}${path}/accept`))!.status()).toBe(403);
    people['office']!.complaints.length = 0;
    const links = await (
      await open('district')
    )
      .locator('a[href^="/console/"]')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')!));
    const foreign = links.filter((link) => !/^\/console(\/(escalations|account|assets).*)?$/.test(link));
    expect(foreign).toEqual([]);
  });

  it('the dossier that is downloaded has the hash that the page shows', async () => {
    const page = await open('district');
    const hash = await page.locator('code.hash').first().textContent();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Word 文件' }).first().click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^上报材料-e_\w+-1\.docx$/);
    const bytes = readFileSync(await download.path());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash);
  });

  it('the proofs that are downloaded hold without the platform, and have the file in them', async () => {
    const page = await open('district');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: '证明包' }).first().click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^上报材料-e_\w+-1-证明\.zip$/);
    const home = temporaryDirectory();
    await unzip(readFileSync(await download.path()), home.path);
    const verdict = await verifyBundle(home.path);
    home.remove();
    expect(verdict).toMatchObject({ holds: true, problems: [], evidence: { named: 2, present: 2 } });
  });

  it('the hazard and the unit open through the case', async () => {
    const page = await open('district');
    await page.getByRole('link', { name: 'GAS-01 连接软管' }).last().click();
    expect(new URL(page.url()).pathname).toBe(`${path}/hazard`);
    await page.getByText('软管老化龟裂').first().waitFor();
    await (await open('district')).getByRole('link', { name: '蒸淀饭店' }).click();
    await page.getByRole('heading', { name: '单位：蒸淀饭店' }).waitFor();
  });

  it('the district gives it back; the town adds what is missing; it goes up again by itself', async () => {
    await expectDone(
      'district',
      '退回',
      (page) => page.getByLabel('所缺材料').fill('整改前后照片\n现场检查记录'),
      '已退回',
    );
    expect(await buttons('district')).toEqual([]);
    await expectDone(
      'department',
      '补充材料',
      async (page) => {
        await page.getByLabel('整改前后照片').check();
        await page.getByLabel('说明').fill('已补拍');
      },
      '补充材料已记录',
    );
    expect(await (await open('office')).locator('section.next li').allTextContents()).toEqual(['现场检查记录']);
    await expectDone(
      'office',
      '补充材料',
      async (page) => {
        await page.getByLabel('现场检查记录').check();
        await page.getByLabel('说明').fill('见附件');
      },
      '补充材料已记录',
    );
    await waitFor('the second dossier has gone up', async () => {
      const page = await open('district');
      return (await page.getByText('第 2 次报送', { exact: true }).count()) === 1;
    });
    expect(await buttons('district')).toEqual(['受理', '退回']);
  });

  it('the district accepts and decides, the town verifies: nobody has anything to do any more', async () => {
    await expectDone('district', '受理', (page) => page.getByLabel('区级受理编号').fill('青建〔2025〕31号'), '已受理');
    await expectDone(
      'district',
      '处理决定',
      (page) => page.getByLabel('处理决定').fill('责令停业整顿'),
      '等待镇级核实',
    );
    expect(await buttons('office')).toEqual(['镇级核实']);
    await expectDone('office', '镇级核实', (page) => page.getByLabel('核实情况').fill('现场核实已停业'), '案件办结');
    const page = await open('district');
    expect(await page.locator('ol.steps .name').allTextContents()).toEqual([
      '提出',
      '汇总材料',
      '上报区级',
      '区级退回',
      '补充材料',
      '补充材料',
      '汇总材料',
      '上报区级',
      '区级受理',
      '区级处理',
      '镇级核实',
    ]);
    expect(await page.locator('ol.steps .is-done').count()).toBe(11);
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(wide).toBeLessThanOrEqual(PHONE.width);
    for (const who of ['district', 'office', 'department']) expect(await buttons(who), who).toEqual([]);
  });

  it('nobody’s browser had anything to complain of', () => {
    for (const [who, { complaints }] of Object.entries(people)) expect(complaints, who).toEqual([]);
  });
});
