// What the pages say: after each act, with nothing to show, on the filters of the address, as of when; and the files to take away.
import { TextWriter, Uint8ArrayReader, ZipReader } from '@zip.js/zip.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { formed } from '../../../functions/console/act-form.ts';
import { HAZARD_DONE } from '../../../functions/console/pages/hazard-acts.ts';
import type { Command } from '../../../shared/rules/command.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { TRANSITIONS } from '../../../shared/rules/hazard/hazard.ts';
import { hasWords } from '../../../functions/console/error-words.ts';
import { heading, hiddenFields, makeConsoleTown, type ConsoleTown, type Visitor } from './support.ts';
import { makeTownWithHazard, type TownWithHazard } from './town.ts';

describe('the life of a hazard by its forms', () => {
  let it: TownWithHazard;
  let people: Record<'village' | 'inspector' | 'department' | 'operations' | 'office', Visitor>;
  beforeAll(async () => {
    it = await makeTownWithHazard();
    const { as } = it.console;
    people = {
      village: await as('village', 'village-01'),
      inspector: await as('inspector', 'guijianban'),
      department: await as('department', 'guijianban'),
      operations: await as('operations', 'chengyun'),
      office: await as('office'),
    };
  });

  /** Fills in a form, follows where it leads, and gives that page. */
  const act = async (who: keyof typeof people, form: string, fields: Record<string, string>): Promise<string> => {
    it.console.town.now.at = new Date(it.console.town.now.at.getTime() + 60_000);
    const sent = await people[who].fill(it.path(`/hazards/{hazard}/${form}`), fields);
    expect(sent.status, sent.text).toBe(303);
    const page = await people[who].get(sent.headers['location']!);
    expect(page.status).toBe(200);
    return page.text;
  };
  const next = (text: string): string[] =>
    [...text.matchAll(/<a class="button[^"]*" href="[^"]*\/hazards\/[^/"]+\/([a-z-]+)"/g)].map(([, path]) => path!);

  test('found, it can be graded by the department, and by nobody in the village', async () => {
    expect(next((await people.department.get(it.path('/hazards/{hazard}'))).text)[0]).toBe('grade');
    const village = next((await people.village.get(it.path('/hazards/{hazard}'))).text);
    expect(village).toContain('control');
    expect(village).not.toContain('grade');
  });

  test('goes from step to step, each said on the page that follows', async () => {
    expect(await act('department', 'grade', { grade: 'general', basis: '可立即整改' })).toContain('已定级。');
    expect(await act('operations', 'assign', { to: 'guijianban', note: '' })).toContain('已派发。');
    const ordered = await act('department', 'order', {
      measures: '更换软管',
      due: '2025-06-20',
      authority: '《条例》第四十条',
    });
    expect(ordered).toContain('已责令整改。');
    expect(ordered).toContain('还剩 18 天');
    expect(await act('village', 'extend', { due: '2025-06-25', reason: '配件未到' })).toContain('等待审批');
    const extended = await act('office', 'extension', { decision: 'approve', due: '', reason: '属实' });
    expect(extended).toContain('已同意延期。');
    expect(extended.match(/<th scope="row">\s*<time datetime="2025-06-2[05]T15:59:59/g)).toHaveLength(2);
    expect(await act('village', 'submit', { statement: '已更换' })).toContain('等待复查');
    expect(await act('inspector', 'verify', { result: 'rejected', words: '未装熄火保护' })).toContain('已退回整改');
    expect(await act('village', 'submit', { statement: '已加装' })).toContain('等待复查');
    expect(await act('inspector', 'verify', { result: 'passed', words: '现场复查' })).toContain('等待销项');
    const signedOff = await act('department', 'sign-off', {});
    expect(signedOff).toContain('已销项。');
    expect(next(signedOff)).toEqual([]);
    expect([...signedOff.matchAll(/class="is-(\w+)/g)].map(([, state]) => state)).toEqual(Array(7).fill('done'));
  });

  test('the unit’s page and timeline show it, and the unit is on the list', async () => {
    await it.console.town.settle();
    const { text } = await people.village.get(it.path('/units/{unit}'));
    expect(text).toContain('在销项名单');
    expect(text).toContain('现在没有未销项的隐患');
    expect(text).toContain('销项：GAS-01');
  });

  test('a form whose time is over says so and does nothing', async () => {
    const { status, text } = await people.department.get(it.path('/hazards/{hazard}/order'));
    expect(status).toBe(422);
    expect(text).toContain('隐患的状态已经变化');
  });
});

test('a hazard’s history says on what a claim rests that was asked about', async () => {
  const it = await makeTownWithHazard();
  const { town, as } = it.console;
  const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem' }];
  const seen = { unit: it.unit, track: 'gas', mode: 'routine', answers, occurredAt: '2025-06-01T02:00:00.000Z' };
  await town.post('/v1/inspections', await town.as('inspector', 'guijianban'), {
    ...seen,
    lateBasis: '凭<纸质>检查单',
  });
  const { text } = await (await as('department', 'guijianban')).get(it.path('/hazards/{hazard}'));
  expect(text).toMatch(/补录依据[^]{0,80}凭&lt;纸质&gt;检查单/);

  // beside what is late, and nowhere else: on the unit's timeline, behind an answer of the trace, on the event's own page
  await town.settle();
  await town.seal();
  const office = await as('office');
  const timeline = (await office.get(it.path('/units/{unit}'))).text.split('id="timeline"')[1]!;
  for (const entry of timeline.split('<li>').slice(1)) {
    expect(/1 天后补录/.test(entry), entry).toBe(/补录依据[^]{0,80}凭&lt;纸质&gt;检查单/.test(entry));
  }
  expect(timeline.match(/补录依据/g)).toHaveLength(2);
  const traced = (await office.get(`/console/trace/inspections?unit=${it.unit}`)).text;
  const [, item] = /<li[^>]*data-type="InspectionRecorded"([^]*?)<\/li>/.exec(traced)!;
  expect(item).toContain('补录依据：凭&lt;纸质&gt;检查单');
  const [, path] = /href="(\/console\/trace\/events\/\d+)"/.exec(item!)!;
  expect((await office.get(path!)).text).toMatch(/补录依据[^]{0,80}凭&lt;纸质&gt;检查单/);
});

describe('a form', () => {
  test('overtaken by another says so above what was filled in', async () => {
    const it = await makeTownWithHazard();
    const gui = await it.console.as('department', 'guijianban');
    const path = it.path('/hazards/{hazard}');
    await gui.fill(`${path}/grade`, { grade: 'general', basis: '可立即整改' });
    const open = await gui.get(`${path}/assign`);
    await gui.fill(`${path}/assign`, { to: 'guijianban' });
    const late = await gui.post(`${path}/assign`, { ...hiddenFields(open.text), to: 'shichangsuo', note: '请尽快' });
    expect(late.status).toBe(422);
    expect(late.text).toContain('role="alert"');
    expect(late.text).toContain('请尽快');
    expect(hiddenFields(late.text).key).not.toBe(hiddenFields(open.text).key);
  });

  test('names every fault, at its field and above, in words of the page', async () => {
    const it = await makeTownWithHazard();
    const gui = await it.console.as('department', 'guijianban');
    await gui.fill(it.path('/hazards/{hazard}/grade'), { grade: 'general', basis: '可立即整改' });
    await gui.fill(it.path('/hazards/{hazard}/assign'), { to: 'guijianban' });
    const order = it.path('/hazards/{hazard}/order');
    const empty = await gui.fill(order, { measures: '', due: '2025-02-30', authority: 'x'.repeat(2001) });
    expect(empty.status).toBe(400);
    for (const words of ['请填写整改措施', '整改期限应为日期，例如 2025-06-30', '依据最多 2000 字，现有 2001 字']) {
      expect(empty.text.split(words)).toHaveLength(3);
    }
    expect(empty.text).toMatch(/<title>有误：责令整改/);
    const past = await gui.fill(order, { measures: '更换', due: '2025-05-01', authority: '条例' });
    expect(past.status).toBe(422);
    expect(past.text).toContain('<a href="#f-due">整改期限已过，请填写今后的日期。</a>');
  });

  test('cannot be verified by who submitted', async () => {
    const it = await makeTownWithHazard();
    const gui = await it.console.as('department', 'guijianban');
    const page = it.path('/hazards/{hazard}');
    await gui.fill(`${page}/grade`, { grade: 'general', basis: '可立即整改' });
    await gui.fill(`${page}/assign`, { to: 'guijianban' });
    await gui.fill(`${page}/order`, { measures: '更换', due: '2025-06-20', authority: '条例' });
    await gui.fill(`${page}/submit`, { statement: '已更换' });
    expect((await gui.get(page)).text).not.toContain(`${page}/verify`);
    const colleague = await it.console.as('department', 'guijianban', 'p-colleague');
    expect((await colleague.get(page)).text).toContain(`${page}/verify`);
  });

  test('there is one for every act of a hazard, and words for what it leads to', () => {
    const covered = Object.values<Command>(hazardCommands).flatMap(({ acts }) => acts);
    expect(covered.toSorted()).toEqual(Object.keys(TRANSITIONS).toSorted());
    const offered = new Set(formed(hazardCommands).flatMap(([, { acts }]) => acts));
    // an extension is approved or refused by one form
    expect(covered.filter((act) => !offered.has(act))).toEqual(['refuseExtension']);
    for (const [name] of formed(hazardCommands)) expect(HAZARD_DONE[name], name).toMatch(/。$/);
    for (const name of ['rejected', 'refuseExtension']) expect(HAZARD_DONE[name]).toMatch(/。$/);
  });
});

test('a unit’s forms ask for what its commands take, with the tracks that it has', async () => {
  const it = await makeTownWithHazard();
  const gui = await it.console.as('department', 'guijianban');
  const unit = it.path('/units/{unit}');
  const act = async (form: string, fields: Record<string, string>): Promise<string> => {
    const sent = await gui.fill(`${unit}/${form}`, fields);
    expect(sent.status, sent.text).toBe(303);
    return (await gui.get(sent.headers['location']!)).text;
  };
  const lease = { lease: 'l-1', lessor: '甲公司', lessee: '乙公司', from: '2025-01-01', to: '' };
  expect(await act('leases', lease)).toContain('租赁已登记。');
  expect(await act('agreements', { lease: 'l-1', signedOn: '2025-05-06' })).toContain('安全管理协议已登记。');
  const person = 'p-officer-1';
  const assigned = {
    track: 'gas',
    person,
    post: '监管员',
    organisation: 'guijianban',
    from: '2025-04-28',
    basis: '到人',
  };
  expect(await act('supervisors', assigned)).toContain('监管责任人已明确。');
  const relieved = { track: 'gas', person, until: '2025-05-30', reason: '岗位调整' };
  expect(await act('relief', relieved)).toContain('监管责任人已免去。');
  expect(await act('risk', { to: 'B', basis: '设施已补齐' })).toContain('B 级');

  const wrong = await gui.fill(`${unit}/supervisors`, { ...assigned, track: 'ebike', person: '张 三', post: '' });
  expect(wrong.status).toBe(400);
  for (const words of ['请从所列各项中选择专项', '人员编号只有字母、数字和符号', '请填写岗位']) {
    expect(wrong.text).toContain(words);
  }
  const unknown = await gui.fill(`${unit}/agreements`, { lease: 'l 2', signedOn: '2025-05-06' });
  expect(unknown.text).toContain('租赁编号只有字母、数字和 _ . : -');
  const elsewhere = await it.console.as('inspector', 'village-02');
  expect((await elsewhere.get(`${unit}/leases`)).status).toBe(403);
});

describe('nothing to show', () => {
  let empty: ConsoleTown;
  beforeAll(async () => {
    empty = await makeConsoleTown();
  });

  test.each([
    ['', '还没有检查记录', '登记单位'],
    ['/units', '还没有登记单位', '登记第一个单位'],
    ['/hazards', '没有未销项的隐患', '查看全部隐患'],
    ['/hazards?status=verified', '没有符合条件的隐患', '清除筛选'],
    ['/lists/baseline', '没有符合条件的记录', '清除筛选'],
    ['/deadlines', '现在没有等待整改的隐患', '查看未销项的隐患'],
    ['/tracks/gas', '还没有可以比较的月份', ''],
  ])('on %s says so and what to do next', async (path, says, next) => {
    const { status, text } = await (await empty.as('office')).get(`/console${path}`);
    expect(status).toBe(200);
    expect(text).toContain(says);
    expect(text).toContain(next);
    expect(text).toMatch(/截至日志位置 <b>\d+<\/b>/);
  });

  test.each([
    ['/console/units/u_none', '没有这个单位'],
    ['/console/hazards/h_none', '没有这一条隐患'],
    ['/console/tracks/none', '没有这个页面'],
    ['/console/none', '没有这个页面'],
  ])('%s is not found, in words', async (path, says) => {
    const { status, text } = await (await empty.as('office')).get(path);
    expect(status).toBe(404);
    expect(text).toContain(says);
  });
});

describe('lists', () => {
  let it: ConsoleTown;
  const units = 45;
  beforeAll(async () => {
    it = await makeConsoleTown();
    const token = await it.town.as('village', 'village-01');
    for (let n = 0; n < units; n += 1) {
      await it.town.post('/v1/units', token, {
        name: `单位 ${String(n).padStart(2, '0')}`,
        area: 'village-01',
        tracks: [n % 2 === 0 ? 'gas' : 'factory'],
      });
    }
    await it.town.settle();
  });

  test('turn their pages by links that keep the filters, to the end', async () => {
    const office = await it.as('office');
    const seen: string[] = [];
    const kept: boolean[] = [];
    let path: string | undefined = '/console/units?track=gas&listed=false';
    while (path !== undefined) {
      const { text } = await office.get(path);
      seen.push(...[...text.matchAll(/href="\/console\/units\/u_\w+">(单位 \d+)</g)].map(([, name]) => name!));
      path = /rel="next" href="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
      kept.push(path?.includes('track=gas&listed=false') ?? true);
    }
    expect(kept).toEqual([true, true]);
    expect(seen).toEqual(Array.from({ length: 23 }, (_, n) => `单位 ${String(n * 2).padStart(2, '0')}`));
  });

  test('are taken away as Excel with Chinese headings, whole, and put on the access log as an export', async () => {
    const office = await it.as('office');
    const before = it.town.fake.items('access').length;
    const { status, headers, text } = await office.get('/console/lists/baseline/download?track=gas');
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('spreadsheetml.sheet');
    expect(decodeURIComponent(headers['content-disposition']!)).toMatch(/底数清单-2025-06-02\.xlsx$/);
    const sheet = await sheetOf(Buffer.from(text, 'latin1'));
    expect(sheet.slice(0, 12)).toEqual([
      '底数清单',
      expect.stringMatching(/^截至日志位置 \d+（2025-06-02 12:00:00），共 23 行$/),
      '单位',
      '单位编号',
      '类型',
      '地址',
      '村居',
      '专项',
      '底数摸排',
      '风险等级',
      '销项名单',
      '登记日期',
    ]);
    expect(sheet.filter((cell) => /^单位 \d+$/.test(cell))).toHaveLength(23);
    const logged = it.town.fake
      .items('access')
      .slice(before)
      .map((item) => JSON.parse(item['access']!.S!) as object);
    expect(logged).toEqual([expect.objectContaining({ action: 'export', unit: '*', asked: { track: 'gas' } })]);
  });

  test('an auditor says on what ground before anything about one unit is shown, and it is on record with it', async () => {
    const auditor = await it.as('auditor');
    const unit = it.town.fake
      .items('events')
      .map(({ stream }) => stream!.S!.split('#'))
      .find(([, kind]) => kind === 'unit');
    const page = `/console/units/${unit![2]}`;
    const asked = await auditor.get(page);
    expect(asked.headers['location']).toBe(`/console/ground?to=${encodeURIComponent(page)}`);
    const form = await auditor.get(asked.headers['location']!);
    const sent = await auditor.post('/console/ground', {
      ...hiddenFields(form.text),
      to: page,
      ground: '审计通知书 2025-3',
    });
    expect(sent).toMatchObject({ status: 303, headers: { location: page } });
    const cookie = sent.cookies[0]!.split(';')[0]!;
    const shown = await it.send('GET', page, { cookies: [cookie] });
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('查阅事由：审计通知书 2025-3');
    const record = JSON.parse(it.town.fake.items('access').findLast(({ access }) => access)!['access']!.S!);
    expect(record).toMatchObject({ person: 'p-auditor-office', ground: '审计通知书 2025-3' });
  });
});

/** The texts of the first sheet, in order. */
async function sheetOf(file: Uint8Array): Promise<string[]> {
  const reader = new ZipReader(new Uint8ArrayReader(file));
  const entries = await reader.getEntries();
  const read = async (name: RegExp): Promise<string> => {
    const entry = entries.find(({ filename }) => name.test(filename));
    return entry && 'getData' in entry ? entry.getData(new TextWriter()) : '';
  };
  const shared = [...(await read(/sharedStrings\.xml$/)).matchAll(/<t[^>]*>([^<]*)<\/t>/g)].map(([, text]) => text!);
  const cells = [...(await read(/sheet1\.xml$/)).matchAll(/<c ([^>]*)>(.*?)<\/c>/g)];
  await reader.close();
  return cells.map(([, attributes, content]) => {
    const value = /<v>([^<]*)<\/v>/.exec(content!)?.[1] ?? /<t[^>]*>([^<]*)<\/t>/.exec(content!)?.[1] ?? '';
    return attributes!.includes('t="s"') ? shared[Number(value)]! : value;
  });
}

test('what the rules of hazards and units refuse has words for the person', async () => {
  const { readFileSync } = await import('node:fs');
  const types = ['hazard/hazard', 'hazard/closure', 'hazard/extension', 'hazard/rectification', 'unit/unit'].flatMap(
    (name) => {
      const source = readFileSync(new URL(`../../../shared/rules/${name}.ts`, import.meta.url), 'utf8');
      return [...source.matchAll(/new (?:RuleViolated|NotFound)\(\s*'([a-z-]+)'/g)].map(([, type]) => type!);
    },
  );
  expect(types.length).toBeGreaterThan(20);
  expect(types.filter((type) => !hasWords(type))).toEqual([]);
});

test('the heading of an answer that went wrong inside says nothing of the inside', async () => {
  const it = await makeConsoleTown();
  const office = await it.as('office');
  it.town.fake.hook = ({ when }) => {
    if (when === 'before') throw new Error('secret inside');
  };
  const { status, text } = await office.get('/console/units');
  expect(status).toBe(500);
  expect(heading(text)).toBe('出错了');
  expect(text).not.toContain('secret inside');
  expect(it.logged.some(({ message }) => message.includes('secret inside'))).toBe(true);
});
