// 系统: the page says how far everything has come, and what is wrong, in words.
import { describe, expect, test } from 'vitest';
import { ago } from '../../../functions/console/pages/system.ts';
import { hold } from '../../../shared/record/log/quarantine.ts';
import { exampleOf } from '../../support/builders.ts';
import { recordEvents } from '../../support/recorded.ts';
import { makeConsoleTown } from './support.ts';
import { streamKey } from '../../../events/envelope.ts';

describe('the page 系统', () => {
  test('says what is well, and what is behind', async () => {
    const it = await makeConsoleTown();
    await it.town.settle();
    await it.town.seal();
    it.town.now.at = new Date(it.town.now.at.getTime() + 600_000);
    const { text, status } = await (await it.as('office')).get('/console/system');
    expect(status).toBe(200);
    expect(text).toMatch(/计算视图[\s\S]*?没有落后/);
    expect(text).toMatch(/对外发布[\s\S]*?late">10 分钟/);
    expect(text).toContain('10 分钟前');
    expect(text).toContain('第 1 版');
    expect(text).toContain('2025、2026');
    expect(text).toContain('没有。每个提交都有日志位置。');
    expect(text).toContain('witness.example/district');
  });

  test('says what is held back, what was not delivered, and that nothing is signed', async () => {
    const it = await makeConsoleTown();
    await recordEvents(it.town.deps.store, [
      exampleOf('MessageFailed', { stream: streamKey('liantang', 'delivery', 'm_1') }),
    ]);
    await it.town.settle();
    await hold(it.town.deps.views, { stream: 'liantang#unit#u_x', version: 3 });
    const { text } = await (await it.as('auditor')).get('/console/system');
    expect(text).toContain('还没有签名');
    expect(text).toContain('unit/u_x');
    expect(text).toContain('多次尝试未成：HTTP 500');
  });

  test('is not there for others', async () => {
    const it = await makeConsoleTown();
    for (const [role, organisation] of [
      ['village', 'village-01'],
      ['department', 'guijianban'],
      ['district', 'district-fire'],
    ] as const) {
      const visitor = await it.as(role, organisation);
      expect((await visitor.get('/console/system')).status).toBe(403);
      expect((await visitor.get('/console/account')).text).not.toContain('href="/console/system"');
    }
  });

  test.each([
    [0, '0 秒'],
    [59, '59 秒'],
    [60, '1 分钟'],
    [3600, '1 小时'],
    [172_799, '47 小时'],
    [172_800, '2 天'],
  ])('%d seconds are %s', (seconds, words) => expect(ago(seconds)).toBe(words));
});
