// 倒查 in a real browser: an answer follows the slider through time; the events behind it are verified there; and whoever alters an event, on
// its way or in the table, or signs another log with another key, is found out.
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectTables } from '../../../../infra/cli/tables.ts';
import { signCheckpoint } from '../../../../shared/record/tlog/checkpoint.ts';
import { localKey, newSeed } from '../../../../shared/record/tlog/ed25519.ts';
import { leafHash, nodeHash } from '../../../../shared/record/tlog/hash.ts';
import { noteSigner } from '../../../../shared/record/tlog/note.ts';
import { formatTlogProof } from '../../../../shared/record/tlog/proof.ts';
import { ED25519, formatVkey, vkeyOf } from '../../../../shared/record/tlog/vkey.ts';
import { waitFor } from '../../../support/platform.ts';
import { DESK, findChromium, NO_BROWSER, PHONE, signIn, type Person } from './chromium.ts';
import { makeScene, type Made } from './scene.ts';
import { startStage, type Stage } from './stage.ts';

const chromium = findChromium();
if (chromium === undefined) console.warn(NO_BROWSER);

describe.skipIf(chromium === undefined)('the trace, in a browser', () => {
  let platform: Stage;
  let browser: Browser;
  let made: Made;
  let auditor: Person;
  let page: Page;

  beforeAll(async () => {
    platform = await startStage(chromium!);
    ({ browser } = platform);
    const { api } = platform;
    made = await makeScene(platform);
    const office = await platform.token('office', 'office');
    await waitFor('everything is signed and folded', async () => {
      const health = (await (
        await fetch(`${api}/health`, { headers: { authorization: `Bearer ${office}` } })
      ).json()) as {
        log: { size: number; signed: { size: number } | null };
        followers: Record<string, { lag: number }>;
      };
      const { log, followers } = health;
      return log.signed?.size === log.size && Object.values(followers).every(({ lag }) => lag === 0);
    });
  }, 600_000);
  beforeEach(async () => {
    auditor = await signIn(browser, platform.api, 'auditor office', DESK);
    ({ page } = auditor);
    await page.goto(`${platform.api}/console/ground`);
    await page.getByLabel('事由').fill('审计通知 2025-03');
    await page.locator('main form button').click();
    await page.waitForURL(`${platform.api}/console`);
    return () => auditor.close();
  });
  afterAll(() => platform?.stop());

  const open = (path: string) => page.goto(`${platform.api}/console/trace/${path}`);
  const verdict = (of: Page = page): Promise<string> =>
    of.locator('[data-proof] .verdict .tag').first().textContent() as Promise<string>;
  /** The verdict on the event of this page, and the step that failed. */
  const verified = async (): Promise<{ says: string; failed: string[] }> => {
    await page.locator('[data-verdict]').first().waitFor();
    return { says: await verdict(), failed: await page.locator('.proof-steps .fails').allTextContents() };
  };
  const firstEvent = async (): Promise<number> => {
    await open(`deadlines?hazard=${made.hazards['signed-off']}`);
    return Number(await page.locator('[data-proof]').first().getAttribute('data-proof'));
  };

  it('leads from a unit’s page to its inspections, and the events behind are verified on opening', async () => {
    await page.goto(`${platform.api}/console/units/${made.units[7]}`);
    await page.getByRole('link', { name: '检查情况' }).click();
    await page.getByRole('heading', { level: 1, name: '检查情况' }).waitFor();
    expect(await page.locator('#answer .records th[scope=row]').count()).toBeGreaterThan(0);
    await page.locator('details.behind > summary').first().click();
    expect(await verified()).toEqual({ says: '已验证', failed: [] });
    await page.locator('.proof-steps summary').first().click();
    expect(await page.locator('.proof-steps').first().locator('.holds').count()).toBe(5);
    expect(await page.locator('[data-key]').textContent()).toContain('平台自己提供，尚未固定');
    expect(auditor.complaints).toEqual([]);
  });

  it('follows the slider: the answer and the address change, the page stays', async () => {
    await open(`deadlines?hazard=${made.hazards['signed-off']}`);
    await page.evaluate('window.stays = true');
    expect(await page.locator('#answer').textContent()).toContain('复查');
    expect(await page.locator('#answer h3').first().textContent()).not.toContain('尚未销项');
    const slider = page.getByLabel('拖动到某一时刻，答复随之改变');
    await slider.focus();
    await page.keyboard.press('Home');
    await page.waitForURL(/knownAt=\d+/);
    await page.locator('#answer h3').filter({ hasText: '尚未销项' }).first().waitFor();
    expect(await page.locator('#slider-says').textContent()).toContain('发现隐患');
    expect(await page.getByRole('link', { name: '前一时刻' }).isVisible()).toBe(false);
    await page.getByRole('link', { name: '后一时刻' }).click();
    await page.locator('#slider-says').filter({ hasText: '隐患定级' }).waitFor();
    await page.locator('#answer:not([aria-busy])').waitFor(); // the words come at once, the answer after them
    expect(await page.evaluate('window.stays')).toBe(true);
    // the address that is left behind shows the same to whoever opens it
    const address = page.url();
    const known = await page.locator('#answer .lead').textContent();
    await page.goto(address);
    expect(await page.locator('#answer .lead').textContent()).toBe(known);
    expect(auditor.complaints).toEqual([]);
  });

  it('says on what ground it is read, also where another tab has stated another one', async () => {
    await open(`deadlines?hazard=${made.hazards['signed-off']}`);
    const other = await auditor.context.newPage();
    await other.goto(`${platform.api}/console/ground`);
    await other.getByLabel('事由').fill('审计通知 2025-04');
    await other.locator('main form button').click();
    await other.waitForURL(`${platform.api}/console`);
    await page.bringToFront();
    await page.getByLabel('拖动到某一时刻，答复随之改变').focus();
    await page.keyboard.press('Home');
    await page.locator('.ground').filter({ hasText: '审计通知 2025-04' }).waitFor();
    expect(new URL(page.url()).searchParams.get('knownAt')).toMatch(/^\d+$/);
  });

  it('is asked without script by a form and by links', async () => {
    const still = await signIn(browser, platform.api, 'office office', PHONE, { javaScriptEnabled: false });
    await still.page.goto(`${platform.api}/console/trace/late?unit=${made.units[3]}`);
    expect(await still.page.locator('#slider').isVisible()).toBe(false);
    expect(await still.page.locator('.without-script').isVisible()).toBe(true);
    const now = await still.page.locator('#answer .lead').textContent();
    await still.page.getByRole('link', { name: '前一时刻' }).click();
    expect(await still.page.locator('#answer .lead').textContent()).not.toBe(now);
    await still.page.getByLabel('当时所知（日志位置，或带时区的时间）').fill('2001-01-01T00:00:00+08:00');
    await still.page.getByRole('button', { name: '提问' }).click();
    expect(await still.page.getByRole('alert').textContent()).toContain('那时还没有这方面的记录');
    await still.close();
  });

  it('an event whose bytes were altered on their way is shown as altered, with the step that failed', async () => {
    const position = await firstEvent();
    await page.route(`**/trace/events/${position}/download`, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replace(/"version":\d+/, '"version":9') });
    });
    await open(`events/${position}`);
    const { says, failed } = await verified();
    expect(says).toBe('已被改动');
    expect(failed.join()).toContain('叶哈希沿证明折算到根');
    expect(failed.join()).toContain('页面所示与字节一致');
  });

  it('a page that says something else than the event is found out', async () => {
    const position = await firstEvent();
    await page.route(`**/trace/events/${position}`, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({
        response: answer,
        body: (await answer.text()).replace(/data-recorded="\d{4}/, 'data-recorded="2001'),
      });
    });
    await open(`events/${position}`);
    const { says, failed } = await verified();
    expect(says).toBe('已被改动');
    expect(failed).toHaveLength(1);
    expect(failed[0]).toContain('recordedAt');
  });

  /** Serves another log in place of the platform's: the first event and others, signed by a key of the forger's own under the same name. */
  const forger = async () => {
    const { api } = platform;
    const own = await (await page.request.get(`${api}/console/trace/log/vkey/download`)).text();
    const first = await (await page.request.get(`${api}/console/trace/events/0/download`)).body();
    const name = own.split('+')[0]!;
    const key = localKey(newSeed());
    const leaf = leafHash(new Uint8Array(first));
    const serve = async (second: Uint8Array): Promise<void> => {
      const head = { origin: name, size: 2, root: nodeHash(leaf, second) };
      const checkpoint = await signCheckpoint(head, [noteSigner(name, key)]);
      const body = formatTlogProof({ index: 0, hashes: [second], checkpoint });
      await page.route('**/proof/download', (route) => route.fulfill({ body, contentType: 'text/plain' }));
    };
    const vkey = formatVkey(vkeyOf(name, ED25519, key.publicKey));
    await page.route('**/vkey/download', (route) => route.fulfill({ body: `${vkey}\n`, contentType: 'text/plain' }));
    return { own, serve };
  };
  const other = (n: number): Uint8Array => leafHash(Uint8Array.of(n));

  it('another log, signed by another key, is found out by whoever pinned the log’s own', async () => {
    const { own, serve } = await forger();
    await serve(other(1));
    await open('events/0');
    // who trusts the key that comes with the log is deceived, and is told that this may be
    expect(await verified()).toEqual({ says: '已验证', failed: [] });
    expect(await page.locator('[data-key].from-platform').textContent()).toContain('尚未固定');
    await page.getByText('固定您自己取得的日志公钥').click();
    await page.getByLabel('日志公钥（vkey）').fill('not a key');
    await page.getByRole('button', { name: '固定', exact: true }).click();
    await page.getByText('这不是日志公钥').waitFor();
    await page.getByLabel('日志公钥（vkey）').fill(own);
    await page.getByRole('button', { name: '固定', exact: true }).click();
    await page.locator('[data-key].other').waitFor();
    await page.locator('[data-result]').filter({ hasText: '已被改动 1' }).waitFor();
    expect(await page.locator('.proof-steps .fails').allTextContents()).toEqual([
      expect.stringContaining('检查点的签名'),
    ]);
    // with the log's own proofs again, the pinned key is content
    await page.unrouteAll();
    await open('events/0');
    expect(await verified()).toEqual({ says: '已验证', failed: [] });
    expect(await page.locator('[data-key].pinned').textContent()).toContain('您在这个浏览器中固定的');
  });

  it('two histories signed by one key are a fork, and the first one stays remembered', async () => {
    const { serve } = await forger();
    for (const [second, says] of [
      [1, '已验证'],
      [2, '已被改动'],
      [1, '已验证'],
    ] as const) {
      await serve(other(second));
      await open('events/0');
      const found = await verified();
      expect(found.says).toBe(says);
      expect(found.failed.map((text) => text.includes('接续上次所见的检查点'))).toEqual(
        says === '已验证' ? [] : [true],
      );
    }
  });

  it('an event altered in the table is shown as altered, wherever it is shown', async () => {
    const hazard = made.hazards.submitted;
    const { dynamo, events, tenant } = connectTables(platform.data);
    const { Items } = await dynamo.send(
      new QueryCommand({
        TableName: events,
        KeyConditionExpression: '#s = :s',
        ExpressionAttributeNames: { '#s': 'stream' },
        ExpressionAttributeValues: { ':s': { S: `${tenant}#hazard#${hazard}` } },
        ConsistentRead: true,
      }),
    );
    const commit = Items!.find((item) => Buffer.from(item['events']!.L![0]!.B!).toString().includes('HazardGraded'))!;
    const text = Buffer.from(commit['events']!.L![0]!.B!).toString('utf8');
    const altered = text.replace('可立即整改', '不必整改了');
    expect(altered).not.toBe(text);
    await dynamo.send(
      new PutItemCommand({ TableName: events, Item: { ...commit, events: { L: [{ B: Buffer.from(altered) }] } } }),
    );
    dynamo.destroy();
    await open(`deadlines?hazard=${hazard}`);
    expect(await page.locator('main').textContent()).toContain('已不是登记时的内容，本页没有据此作答');
    await page.getByRole('link', { name: /^日志位置 \d+$/ }).click();
    expect(await page.locator('.stored').textContent()).toContain('不必整改了');
    expect(await page.getByText('这一事件已不是登记时的内容').isVisible()).toBe(true);
    const { says, failed } = await verified();
    expect(says).toBe('已被改动');
    expect(failed).toEqual([expect.stringContaining('叶哈希沿证明折算到根')]);
  });
});
