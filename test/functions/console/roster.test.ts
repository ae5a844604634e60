// 名册, and who people are: the roster of a day, each post's line of appointments, the forms that appoint and relieve;
// names for those who may know them, each look on the access log under the person.
import { beforeAll, describe, expect, test } from 'vitest';
import { hasWords } from '../../../functions/console/error-words.ts';
import { gapBefore, postLines } from '../../../functions/console/pages/roster.ts';
import type { HeldPost } from '../../../shared/reading/roster/page.ts';
import { hiddenFields, makeConsoleTown, type ConsoleTown, type Visitor } from './support.ts';
import { makeTownWithHazard } from './town.ts';

const NAME = '示例甲';
const LIAISON = 'p-liaison-1';
const ERASED = 'p-liaison-0';

describe('the roster', () => {
  let it: ConsoleTown;
  let office: Visitor;
  let department: Visitor;
  let village: Visitor;
  const page = '/console/roster/guijianban';
  const appoint = (who: Visitor, fields: Record<string, string>) =>
    who.fill(`${page}/appoint`, { post: 'liaison', basis: '练府〔2025〕18号附件', ...fields });

  beforeAll(async () => {
    it = await makeConsoleTown();
    [office, department, village] = await Promise.all([
      it.as('office'),
      it.as('department', 'guijianban'),
      it.as('village', 'village-01'),
    ]);
    const token = await it.town.as('office', 'office');
    for (const [person, name] of [
      [LIAISON, NAME],
      [ERASED, '示例乙'],
    ]) {
      await it.town.post('/v1/directory', token, { person, name, phone: '021-59250000' });
    }
    await it.town.agreed('/v1/directory/erasures', token, { person: ERASED, reason: '本人申请' });
  });

  test('says which posts nobody holds', async () => {
    await it.town.settle();
    const { text } = await office.get('/console/roster');
    expect(text).toContain('规建办');
    expect(text).toMatch(/tag bad">分管联络员/);
    expect((await office.get('/console/roster?vacant=false')).text).toContain('没有符合条件的组织');
  });

  test('is filled by the organisation itself and by the office, by reference; a name is not taken for one', async () => {
    const named = await appoint(department, { person: NAME, from: '2025-04-25' });
    expect(named.status).toBe(400);
    expect(named.text).toContain('不要填姓名');
    expect((await appoint(department, { person: ERASED, from: '2025-04-25' })).status).toBe(303);
    await it.town.settle();
    const held = /guijianban\/([\w.:-]+)\/relieve/.exec((await department.get(page)).text)![1]!;
    const early = await department.fill(`${page}/${held}/relieve`, { until: '2025-01-01', reason: '岗位调整' });
    expect(early.text).toContain('<a href="#f-until">免去日期早于任职日期。</a>');
    const relieved = await department.fill(`${page}/${held}/relieve`, { until: '2025-05-09', reason: '岗位调整' });
    expect(relieved.headers['location']).toBe(`${page}?done=relieved`);
    const next = await appoint(office, { person: LIAISON, from: '2025-05-12' });
    expect(next.headers['location']).toBe(`${page}?done=appointed`);
    expect((await department.get(next.headers['location']!)).text).toContain('已任命。');
    await it.town.settle();
  });

  test('of a day shows who held the post then; the day stands in the address', async () => {
    const holders = async (on: string): Promise<(string | undefined)[]> => {
      const { text } = await department.get(`${page}?on=${on}`);
      const section = /<section aria-labelledby="held">[\s\S]*?<\/section>/.exec(text)![0];
      return [...section.matchAll(/data-head="人员"[^>]*>([^<]*)/g)].map(([, person]) => person!.trim());
    };
    expect(await holders('2025-05-01')).toEqual([ERASED]);
    expect(await holders('2025-05-10')).toEqual([]);
    expect(await holders('2025-05-12')).toEqual([LIAISON]);
    const list = (await village.get('/console/roster?on=2025-05-01')).text;
    expect(list).toContain(ERASED);
    expect(list).toContain(`href="${page}?on=2025-05-01"`);
    expect((await village.get('/console/roster?on=nonsense')).status).toBe(200);
  });

  test('shows each post’s line, its gap, and the event behind each', async () => {
    const { text } = await village.get(page);
    const line = /<ol class="terms">[\s\S]*?<\/ol>/.exec(text)![0];
    expect([...line.matchAll(/<li class="([\w-]+)"/g)].map(([, kind]) => kind)).toEqual(['is-over', 'gap', 'is-held']);
    expect(line).toContain('2025-05-10 至 2025-05-11');
    expect(line).toContain('roster/guijianban/1');
    expect(line).toContain('免职 <code>roster/guijianban/2</code>');
    expect(text).toMatch(/截至日志位置 <b>\d+<\/b>/);
  });

  test('names people to the office, says who was erased, and gives others the reference alone', async () => {
    const seen = (await office.get(page)).text;
    expect(seen).toContain(NAME);
    expect(seen).toContain('（已删除）');
    for (const who of [department, village]) {
      const { text } = await who.get(page);
      expect(text).toContain(LIAISON);
      expect(text).not.toContain(NAME);
      expect(text).not.toContain('（已删除）');
    }
    // nobody's number is on a page
    expect(seen).not.toContain('59250000');
  });

  test('each look at a name is on the access log under the person, and a look that cannot be put there shows nothing', async () => {
    const looks = (person: string): unknown[] =>
      it.town.fake
        .items('access')
        .filter(({ pk }) => pk!.S === `liantang#person#${person}`)
        .map(({ access }) => JSON.parse(access!.S!) as unknown);
    const [before, gone] = [looks(LIAISON).length, looks(ERASED).length];
    await office.get(page);
    expect(looks(LIAISON)).toHaveLength(before + 1);
    expect(looks(LIAISON).at(-1)).toMatchObject({
      action: 'names',
      person: 'p-office-office',
      asked: { person: LIAISON },
    });
    expect(looks(ERASED)).toHaveLength(gone + 1);
    await department.get(page);
    expect(looks(LIAISON)).toHaveLength(before + 1);
    it.town.fake.hook = ({ when, name }) => {
      if (when === 'before' && name === 'PutItem') throw new Error('no');
    };
    const { status, text } = await office.get(page);
    it.town.fake.hook = () => {};
    expect(status).toBe(503);
    expect(text).not.toContain(NAME);
  });

  test('an auditor reads references until they say on what ground, then names', async () => {
    const auditor = await it.as('auditor');
    const before = await auditor.get(page);
    expect(before.status).toBe(200);
    expect(before.text).not.toContain(NAME);
    const form = await auditor.get(`/console/ground?to=${page}`);
    const sent = await auditor.post('/console/ground', { ...hiddenFields(form.text), to: page, ground: '审计 2025-3' });
    const cookie = sent.cookies[0]!.split(';')[0]!;
    expect((await it.send('GET', page, { cookies: [cookie] })).text).toContain(NAME);
  });

  test('who may not appoint has no button and no form, and is refused', async () => {
    for (const who of [village, await it.as('leader', 'leading-group')]) {
      const { text } = await who.get(page);
      expect(text).not.toContain(`${page}/appoint`);
      expect(text).not.toContain('/relieve');
      expect((await who.get(`${page}/appoint`)).status).toBe(403);
      const before = it.town.commits();
      const fields = { post: 'liaison', person: 'p-x', from: '2025-05-12', basis: 'b' };
      const sent = { ...hiddenFields((await who.get('/console/account')).text), ...fields };
      expect((await who.post(`${page}/appoint`, sent)).status).toBe(403);
      expect(it.town.commits()).toBe(before);
    }
    expect((await office.get('/console/roster/nobody')).text).toContain('没有这个组织');
    expect((await office.get(`${page}/a-none/relieve`)).status).toBe(404);
  });

  test('has words for what its rules refuse', async () => {
    const { readFileSync } = await import('node:fs');
    const source = readFileSync(new URL('../../../shared/rules/roster/roster.ts', import.meta.url), 'utf8');
    const types = [...source.matchAll(/new (?:RuleViolated|NotFound)\(\s*'([a-z-]+)'/g)].map(([, type]) => type!);
    expect(types.length).toBeGreaterThan(4);
    expect(types.filter((type) => !hasWords(type))).toEqual([]);
  });
});

describe('the page of a hazard and of a unit', () => {
  test('name the people to those who may know them, and to nobody else', async () => {
    const it = await makeTownWithHazard();
    const token = await it.console.town.as('office', 'office');
    const person = 'p-inspector-guijianban';
    await it.console.town.post('/v1/directory', token, { person, name: NAME });
    const office = await it.console.as('office');
    const department = await it.console.as('department', 'guijianban');
    for (const path of ['/hazards/{hazard}', '/units/{unit}']) {
      expect((await office.get(it.path(path))).text, path).toContain(`${NAME} <span class="ref">${person}</span>`);
      const { text } = await department.get(it.path(path));
      expect(text).toContain(person);
      expect(text, path).not.toContain(NAME);
    }
  });
});

describe('a line of appointments', () => {
  const held = (from: string, until: string | null, more: Partial<HeldPost> = {}): HeldPost => ({
    appointment: `a-${from}`,
    post: 'liaison',
    title: '分管联络员',
    person: 'p',
    track: null,
    area: null,
    from,
    until,
    basis: 'b',
    event: 'roster/x/1',
    relief: null,
    corrections: [],
    ...more,
  });

  test('has posts in the plan’s order, each in order of time, tracks apart', () => {
    const all = [
      held('2025-06-01', null, { track: 'gas' }),
      held('2025-05-01', null),
      held('2025-04-01', '2025-04-30'),
      held('2025-07-01', null, { post: 'leader', title: '组长' }),
    ];
    expect(postLines(all).map(({ title, track, terms }) => [title, track, terms.map(({ from }) => from)])).toEqual([
      ['组长', null, ['2025-07-01']],
      ['分管联络员', 'gas', ['2025-06-01']],
      ['分管联络员', null, ['2025-04-01', '2025-05-01']],
    ]);
  });

  test.each([
    ['the day after', [held('2025-04-01', '2025-04-30')], '2025-05-01', undefined],
    ['a day late', [held('2025-04-01', '2025-04-30')], '2025-05-02', ['2025-05-01', '2025-05-01']],
    ['beside one who goes on', [held('2025-04-01', '2025-04-02'), held('2025-04-01', null)], '2025-06-01', undefined],
    [
      'after the longest of several',
      [held('2025-04-01', '2025-05-30'), held('2025-04-05', '2025-04-06')],
      '2025-06-01',
      ['2025-05-31', '2025-05-31'],
    ],
    ['first of all', [], '2025-06-01', undefined],
  ])('begun %s', (_what, earlier, from, gap) => {
    expect(gapBefore(earlier, held(from, null))).toEqual(gap);
  });
});
