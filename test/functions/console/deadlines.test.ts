// 期限: hazards and reports in one order, what was reminded, extensions that wait for a decision, and links to what the
// reader may do about it.
import { beforeAll, describe, expect, test } from 'vitest';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { streamKey } from '../../../events/envelope.ts';
import { exampleOf } from '../../support/builders.ts';
import { recordEvents } from '../../support/recorded.ts';
import type { Visitor } from './support.ts';
import { makeTownWithHazard, type TownWithHazard } from './town.ts';

let it: TownWithHazard;
let department: Visitor;
let office: Visitor;
let village: Visitor;
const page = '/console/deadlines';

/** The row of the hazard, as a card would show it: what stands under each head. */
async function rowOf(who: Visitor, query = ''): Promise<Record<string, string> | undefined> {
  const { text, status } = await who.get(`${page}${query}`);
  expect(status, text).toBe(200);
  const at = text.indexOf(`<a href="${it.path('/hazards/{hazard}')}">`);
  if (at < 0) return undefined;
  const row = text.slice(at, text.indexOf('</tr>', at));
  return Object.fromEntries(
    [...row.matchAll(/<td data-head="([^"]+)"[^>]*>([\s\S]*?)<\/td>/g)].map(([, head, cell]) => [head!, cell!.trim()]),
  );
}

beforeAll(async () => {
  it = await makeTownWithHazard();
  department = await it.console.as('department', 'guijianban');
  office = await it.console.as('office');
  village = await it.console.as('village', 'village-01');
  const hazard = it.path('/hazards/{hazard}');
  await department.fill(`${hazard}/grade`, { grade: 'general', basis: '可立即整改' });
  await office.fill(`${hazard}/assign`, { to: 'guijianban' });
  await department.fill(`${hazard}/order`, { measures: '更换', due: '2025-06-20', authority: '条例' });
  await recordEvents(it.console.town.deps.store, [
    exampleOf('ReportRequired', {
      stream: streamKey('liantang', 'report', 'monthly-2025-05-gas'),
      organisation: 'guijianban',
    }),
  ]);
  await it.console.town.settle();
});

const REPORT = '/console/reports/monthly-2025-05-gas';

describe('the page 期限', () => {
  test('has hazards and reports in order of due date, overdue first', async () => {
    const { text } = await office.get(page);
    const days = [...text.matchAll(/<h2 id="d-([\d-]+)"/g)].map(([, day]) => day);
    expect(days).toEqual(['2025-05-23', '2025-06-20']);
    expect(text).toContain('月度清单 2025-05');
    expect(text).toContain('逾期 10 天');
    expect(text).toContain('已逾期 1 项');
    expect(text).toContain('练塘老街面馆');
  });

  test.each([
    ['?kind=report', false, true],
    ['?kind=hazard', true, false],
    ['?state=overdue', false, true],
    ['?state=coming', true, false],
    ['?track=gas', true, true],
    ['?track=factory', false, false],
  ])('filtered %s', async (query, hazard, report) => {
    const { text } = await office.get(`${page}${query}`);
    expect(text.includes(it.path('/hazards/{hazard}'))).toBe(hazard);
    expect(text.includes('月度清单 2025-05')).toBe(report);
  });

  test('leads to what the reader may do, and to nothing else', async () => {
    const path = it.path('/hazards/{hazard}');
    expect((await rowOf(village))?.['办理']).toContain(`${path}/submit`);
    expect((await rowOf(department))?.['办理']).toContain(`${path}/extend`);
    expect((await rowOf(office))?.['办理']).toBe('');
  });

  test('shows an extension that waits, to whoever decides it with the way there, and what became of it', async () => {
    const path = it.path('/hazards/{hazard}');
    expect(await rowOf(office, '?state=requested')).toBeUndefined();
    await village.fill(`${path}/extend`, { due: '2025-06-25', reason: '配件未到' });
    await it.console.town.settle();
    const asked = await rowOf(office, '?state=requested');
    expect(asked?.['延期']).toMatch(/待批[\s\S]*2025-06-25/);
    expect(asked?.['办理']).toContain(`href="${path}">审批延期`);
    expect((await rowOf(village))?.['办理']).not.toContain('审批延期');
    expect((await rowOf(village))?.['办理']).not.toContain('申请延期');
    await office.fill(`${path}/extension`, { decision: 'refuse', due: '', reason: '理由不足' });
    await it.console.town.settle();
    expect(await rowOf(office, '?state=requested')).toBeUndefined();
    await village.fill(`${path}/extend`, { due: '2025-06-25', reason: '配件未到，附证明' });
    await office.fill(`${path}/extension`, { decision: 'approve', due: '', reason: '属实' });
    await it.console.town.settle();
    const extended = await rowOf(office);
    expect(extended?.['延期']).toMatch(/^<span class="sub">原期限[\s\S]*2025-06-20/);
  });

  test('says which reminder was issued, and that it was seen', async () => {
    const { store } = it.console.town.deps;
    const reminder = exampleOf('ReminderIssued', { stream: streamKey('liantang', 'hazard', it.hazard), unit: it.unit });
    expect((await rowOf(office))?.['提醒']).toContain('尚未');
    await recordEvents(store, [
      {
        ...reminder,
        data: { ...reminder.data, due: '2025-06-25T15:59:59.999Z', before: 'ordered', after: 'ordered' },
      } as DaochaEvent,
    ]);
    await it.console.town.settle();
    expect((await rowOf(office))?.['提醒']).toMatch(/<time datetime=/);
  });

  test('shows nobody what is not theirs', async () => {
    expect(await rowOf(await it.console.as('village', 'village-02'))).toBeUndefined();
    expect((await (await it.console.as('district', 'district-fire')).get(page)).status).toBe(403);
  });
});

describe('a report', () => {
  test('is reached from its deadline, by everybody; handed in by who owes it, with figures as of a position', async () => {
    const { text } = await department.get(page);
    expect(text).toContain(`href="${REPORT}">`);
    expect(text).toContain(`href="${REPORT}/submit">报送`);
    expect((await office.get(page)).text).not.toContain(`${REPORT}/submit`);
    const before = await village.get(REPORT);
    expect(before.text).toContain('待报送');
    expect(before.text).not.toContain('/submit"');
    expect((await village.get(`${REPORT}/submit`)).status).toBe(403);
    expect((await office.get(`${REPORT}/submit`)).status).toBe(403);
    const sent = await department.fill(`${REPORT}/submit`, { note: '本月新增隐患均已派发' });
    expect(sent.headers['location']).toBe(`${REPORT}?done=submitted`);
    const after = (await department.get(sent.headers['location']!)).text;
    expect(after).toContain('已报送。');
    expect(after).toContain('第 1 版');
    expect(after).toMatch(/数字截至日志位置<\/dt>\s*<dd>\d+/);
    expect(after).toMatch(/未销项<\/dt>\s*<dd>1/);
  });

  test('is returned and accepted by whom it goes to, each with words when its time is not', async () => {
    const chengyun = await it.console.as('operations', 'chengyun');
    expect((await office.get(REPORT)).text).not.toContain(`${REPORT}/accept`);
    expect((await office.get(`${REPORT}/accept`)).status).toBe(403);
    expect((await chengyun.get(REPORT)).text).toContain(`${REPORT}/return`);
    const returned = await chengyun.fill(`${REPORT}/return`, { reason: '数据不全' });
    expect((await chengyun.get(returned.headers['location']!)).text).toContain('数据不全');
    const early = await chengyun.get(`${REPORT}/accept`);
    expect(early.status).toBe(422);
    expect(early.text).toContain('报表还没有报送');
    await department.fill(`${REPORT}/submit`, {});
    await chengyun.fill(`${REPORT}/accept`, {});
    const { text } = await department.get(REPORT);
    expect(text).toContain('已接收');
    expect(text).toContain('第 2 版');
    expect(text).toMatch(/种类<\/dt>\s*<dd>月度清单/);
    expect(text).not.toMatch(/<dt>[a-z]/i);
    expect(text).not.toContain(`${REPORT}/submit`);
    expect((await department.get(`${REPORT}/submit`)).text).toContain('报表已接收');
    expect((await department.get('/console/reports/none')).text).toContain('没有这份报表');
  });
});
