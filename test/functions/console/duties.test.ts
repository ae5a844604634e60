// 应办事项 in the console: a matter is opened, its steps are done by forms made of the definition, what is unmet is said, a gate names what
// closes it, another person confirms; the list, the unit's page and the file have it.
import { beforeAll, describe, expect, test } from 'vitest';
import { LIANTANG_DUTIES } from '../../../shared/rules/campaign/liantang-duties.ts';
import { heading, hiddenFields, makeConsoleTown, type ConsoleTown, type Visitor } from './support.ts';

let it: ConsoleTown;
let office: Visitor;
let village: Visitor;
let enforcement: Visitor;
let unit: string;
let compound: string;
const MUSTS = ['清理隔离', '器材水源', '警戒标识', '通道畅通', '避免交叉', '专人监护'];
const six = (no?: string): Record<string, string> =>
  Object.fromEntries(MUSTS.map((field) => [`values.${field}`, String(field !== no)]));
const photos = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => JSON.stringify({ sha256: String(n).repeat(64), mediaType: 'image/jpeg' }));

beforeAll(async () => {
  it = await makeConsoleTown();
  const { town } = it;
  const admin = await town.as('admin', 'office');
  for (const duty of ['crowded.hot-work', 'factory.downgrade', 'ebike.charging']) {
    const definition = LIANTANG_DUTIES.find((one) => one.duty === duty)!;
    await town.post('/v1/campaign/duties', admin, definition);
  }
  const token = await town.as('office', 'office');
  const register = async (name: string, track: string, kind: string): Promise<string> =>
    (await town.post('/v1/units', token, { name, kind, area: 'village-01', tracks: [track] })).body.id;
  unit = await register('示例商场', 'hotwork-crowded', '商场');
  compound = await register('示例小区', 'ebike', '住宅小区');
  office = await it.as('office');
  village = await it.as('village', 'village-01');
  enforcement = await it.as('enforcement', 'zhifadui');
  await town.react();
  await town.settle();
});

/** Does a step; what comes back. */
const step = (who: Visitor, duty: string, name: string, fields: Record<string, string | string[]>) =>
  who.fill(`${duty}/steps/${name}/do`, fields);

describe('hot work', () => {
  let duty: string;

  test('is opened from the unit’s page, under its name', async () => {
    expect((await village.get(`/console/units/${unit}`)).text).toContain(`/console/duties/new?unit=${unit}`);
    const opened = await village.fill(`/console/duties/new?unit=${unit}`, {
      duty: 'crowded.hot-work',
      name: '大厅焊接',
      unit,
    });
    expect(opened.status).toBe(303);
    duty = opened.headers['location']!.split('?')[0]!;
    const { text } = await village.get(opened.headers['location']!);
    expect(heading(text)).toBe('动火作业“六必须”：大厅焊接');
    expect(text).toContain('已立项。');
    expect(text).toContain('三（五）1');
  });

  test('one “no” closes the gate, and the form says which; five photos are too few', async () => {
    const declared = { 'values.动火部位': '大厅', 'values.施工单位': '甲公司', 'values.动火日期': '2025-06-02' };
    expect((await step(village, duty, 'declare', declared)).status).toBe(303);
    const few = await step(village, duty, 'musts', { ...six(), evidence: photos(5) });
    expect(few.status).toBe(422);
    expect(few.text).toContain('须有 6 份不同的，现有 5 份');
    // what was uploaded goes along
    expect(few.text.match(/name="evidence"/g)).toHaveLength(5);
    expect((await step(village, duty, 'musts', { ...six('专人监护'), evidence: photos(6) })).status).toBe(303);
    const page = await village.get(duty);
    expect(page.text).toContain('必须安排专门人员全过程监护');
    const closed = await step(village, duty, 'start', { 'values.监护人': 'p-9' });
    expect(closed.status).toBe(422);
    expect(closed.text).toContain('不能进行这一步：必须安排专门人员全过程监护');
    expect((await step(village, duty, 'musts', { ...six(), evidence: photos(6) })).status).toBe(303);
    expect((await step(village, duty, 'start', { 'values.监护人': 'p-9' })).status).toBe(303);
  });

  test('enforcement stops it and lets it go on; then it ends and is done', async () => {
    await enforcement.fill(`${duty}/stop`, { reason: '监护人离岗', authority: '消防条例' });
    expect((await village.get(duty)).text).toContain('叫停：监护人离岗');
    expect((await village.get(duty)).text).not.toContain('/steps/end/do');
    await enforcement.fill(`${duty}/resume`, { reason: '已到位' });
    await step(village, duty, 'end', { 'values.现场已清理': 'true' });
    const { text } = await village.get(duty);
    expect(text).toContain('已办结');
    expect(text).not.toContain('class="button"');
  });

  test('a value that does not fit is said beside its field', async () => {
    const { headers } = await village.fill(`/console/duties/new?unit=${unit}`, {
      duty: 'crowded.hot-work',
      name: '乙',
      unit,
    });
    const path = headers['location']!.split('?')[0]!;
    const wrong = await step(village, path, 'declare', {
      'values.动火部位': '大厅',
      'values.施工单位': '甲',
      'values.动火日期': '2025-02-30',
    });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('动火日期应为日期');
    const page = await enforcement.get(`${path}/abandon`);
    expect(page.status).toBe(403);
    await office.fill(`${path}/abandon`, { reason: '工程取消' });
    expect((await village.get(path)).text).toContain('已终止');
  });
});

describe('what opened by itself', () => {
  const path = (): string => `/console/duties/ebike.charging%3A${compound}`;

  test('is on the list and on the unit’s page; 149 ports for 300 bikes are unmet and a hazard', async () => {
    await it.town.settle();
    const list = await village.get('/console/duties');
    expect(list.text).toContain('充电设施配建');
    expect(list.text).toContain(path());
    const survey = {
      'values.电动自行车数': '300',
      'values.充电端口数': '149',
      'values.步行时间': '3',
      'values.简易消防设施': 'true',
    };
    const done = await step(village, path(), 'survey', survey);
    expect(done.headers['location']).toContain('done=unmet');
    await it.town.settle();
    expect((await village.get('/console/duties?state=unmet')).text).toContain('低于“1：2”');
    const page = await village.get(`/console/units/${compound}`);
    expect(page.text).toContain('充电端口数');
    expect(page.text).toContain('EB-04');
    // the form holds what was filled in before
    const again = await village.get(`${path()}/steps/survey/do`);
    expect(again.text).toContain('value="149"');
    expect(
      (
        await village.post(`${path()}/steps/survey/do`, {
          ...hiddenFields(again.text),
          ...survey,
          'values.充电端口数': '150',
        })
      ).status,
    ).toBe(303);
    await it.town.settle();
    expect((await village.get('/console/duties?state=done')).text).toContain(path());
  });

  test('is taken away as Excel, of one definition with its fields as columns', async () => {
    const file = await office.get('/console/duties/download?state=all&duty=ebike.charging');
    expect(file.status).toBe(200);
    expect(file.headers['content-type']).toContain('spreadsheetml');
    expect((await office.get('/console/deadlines?kind=duty')).status).toBe(200);
    const book = await office.get('/console/duties/facts');
    expect(book.headers['content-type']).toContain('spreadsheetml');
  });

  test('a second person confirms what another did, and never oneself', async () => {
    const token = await it.town.as('office', 'office');
    const factory = (
      await it.town.post('/v1/units', token, { name: '示例厂', kind: '厂房', area: 'village-01', tracks: ['factory'] })
    ).body.id;
    await it.town.post(`/v1/units/${factory}/risk-gradings`, token, { to: 'D', basis: '评定' });
    await it.town.react();
    await it.town.settle();
    const downgrade = `/console/duties/factory.downgrade:${factory}:1`;
    await step(village, downgrade, 'downgrade', {
      'values.新等级': 'B',
      'values.降档依据': '补齐',
      evidence: photos(1),
    });
    expect((await village.get(downgrade)).text).not.toContain('/steps/downgrade/confirm');
    expect((await office.get(downgrade)).text).toContain('/steps/downgrade/confirm');
    await office.fill(`${downgrade}/steps/downgrade/return`, { reason: '照片不清' });
    expect((await village.get(downgrade)).text).toContain('照片不清');
    await step(village, downgrade, 'downgrade', {
      'values.新等级': 'B',
      'values.降档依据': '补齐',
      evidence: photos(1),
    });
    const confirmed = await office.fill(`${downgrade}/steps/downgrade/confirm`, {});
    expect(confirmed.status).toBe(303);
    await it.town.settle();
    expect((await office.get(`/console/units/${factory}`)).text).toContain('B 级');
  });
});
