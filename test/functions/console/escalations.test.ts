// A case that goes beyond the town, by its forms: the district gives it back and says what is missing, the town adds
// it, the district accepts and decides, the town verifies. Who may do what is the API's to say; what may not be done is
// not on the page, and is refused.
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasWords } from '../../../functions/console/error-words.ts';
import { formed } from '../../../functions/console/act-form.ts';
import * as escalationCommands from '../../../shared/rules/escalation/commands.ts';
import { CASE_DONE } from '../../../functions/console/pages/escalation-acts.ts';
import { ESCALATION_ACTS as ACTS } from '../../../shared/rules/escalation/escalation.ts';
import { hiddenFields, type Visitor } from './support.ts';
import { makeTownWithHazard, type TownWithHazard } from './town.ts';

type Who = 'department' | 'office' | 'district' | 'other' | 'leader';

async function peopleOf({ console: { as } }: TownWithHazard): Promise<Record<Who, Visitor>> {
  return {
    department: await as('department', 'guijianban'),
    office: await as('office'),
    district: await as('district', 'district-construction'),
    other: await as('district', 'district-fire'),
    leader: await as('leader', 'leading-group'),
  };
}

const stepsOn = (text: string): string[] =>
  [...text.matchAll(/<li class="(is-[\w -]+)"[\s\S]*?<span class="name">([^<]+)/g)].map(
    ([, state, name]) => `${name} ${state}`,
  );
/** Last parts of the addresses of the buttons of a case. */
const buttonsOn = (text: string): string[] =>
  [...text.matchAll(/<a class="button[^"]*" href="\/console\/escalations\/[^/"]+\/([a-z]+)"/g)].map(
    ([, path]) => path!,
  );

describe('the life of a case by its forms', () => {
  let it: TownWithHazard;
  let people: Record<Who, Visitor>;
  let page = '';

  beforeAll(async () => {
    it = await makeTownWithHazard();
    people = await peopleOf(it);
  });

  const act = async (who: Who, form: string, fields: Record<string, string | string[]>): Promise<string> => {
    it.console.town.now.at = new Date(it.console.town.now.at.getTime() + 60_000);
    const sent = await people[who].fill(`${page}/${form}`, fields);
    expect(sent.status, sent.text).toBe(303);
    await it.console.town.react();
    const shown = await people[who].get(sent.headers['location']!);
    expect(shown.status).toBe(200);
    return shown.text;
  };

  test('graded major, a hazard goes up by itself, and its page leads to the case', async () => {
    const hazard = it.path('/hazards/{hazard}');
    expect((await people.department.get(hazard)).text).not.toContain('/console/escalations/');
    await people.department.fill(`${hazard}/grade`, { grade: 'major', basis: '随时可能爆燃' });
    await it.console.town.react();
    const { text } = await people.department.get(hazard);
    page = /href="(\/console\/escalations\/e_\w+)"/.exec(text)![1]!;
    expect(text).toContain('待区级受理');
  });

  test('it stands in the queue of its district unit, and in no other', async () => {
    for (const who of ['district', 'office', 'leader'] as const) {
      const { text } = await people[who].get('/console/escalations');
      expect(text).toContain(`href="${page}"`);
      expect(text).toContain('重大隐患（权限不足）');
      expect(text).toMatch(/data-head="已等待"\s+class="figure"\s*>0</);
    }
    const other = await people.other.get('/console/escalations');
    expect(other.text).toContain('现在没有等待办理的案件');
    expect((await people.other.get(page)).status).toBe(403);
    expect((await people.other.get(`${page}/dossiers/1`)).status).toBe(403);
    // the district's home is its queue, and the rest of the town is not there
    expect((await people.district.get('/console')).headers['location']).toBe('/console/escalations');
    expect((await people.district.get(it.path('/hazards/{hazard}'))).status).toBe(403);
    const navigation = (await people.district.get('/console/escalations')).text;
    expect(navigation).not.toContain('href="/console/units"');
  });

  test('the page says why, by which rule, in which state, and offers what the reader may do', async () => {
    const { text } = await people.district.get(page);
    expect(text).toContain('随时可能爆燃');
    expect(text).toContain('规则第 1 版');
    expect(text).toContain('等待示例区建设管理部门受理或退回');
    expect(stepsOn(text)).toEqual([
      '提出 is-done',
      '汇总材料 is-done',
      '上报区级 is-done',
      '区级受理 is-now',
      '区级处理 is-next',
      '镇级核实 is-next',
    ]);
    expect(buttonsOn(text)).toEqual(['accept', 'return']);
    for (const who of ['office', 'department', 'leader'] as const) {
      const seen = (await people[who].get(page)).text;
      expect(buttonsOn(seen), who).toEqual([]);
      expect(seen).toContain('您现在没有可以办理的事项');
    }
  });

  test('the hazard and the unit are there for the district through the case, for the town as its own pages', async () => {
    const { text } = await people.district.get(page);
    expect(text).toContain(`href="${page}/hazard"`);
    expect((await people.office.get(page)).text).toContain(`href="${it.path('/hazards/{hazard}')}"`);
    const hazard = await people.district.get(`${page}/hazard`);
    expect(hazard.status).toBe(200);
    expect(hazard.text).toContain('软管老化');
    const unit = await people.district.get(`${page}/unit`);
    expect(unit.text).toContain('练塘老街面馆');
    expect(unit.text).toContain('检查记录');
    // nothing on them leads where the district may not go
    for (const shown of [text, hazard.text, unit.text]) {
      const links = [...shown.matchAll(/href="(\/console\/(?:hazards|units|tracks|lists)[^"]*)"/g)].map(
        ([, link]) => link,
      );
      expect(links).toEqual([]);
    }
  });

  test('the dossier comes as Word, with the hash that the page says, and is on the access log as an export', async () => {
    const { text } = await people.district.get(page);
    const hash = /<code class="hash">([0-9a-f]{64})<\/code>/.exec(text)![1]!;
    const file = await people.district.get(`${page}/dossiers/1`);
    expect(file.headers['content-type']).toContain('wordprocessingml');
    expect(decodeURIComponent(file.headers['content-disposition']!)).toMatch(/上报材料-e_\w+-1\.docx$/);
    expect(createHash('sha256').update(Buffer.from(file.text, 'latin1')).digest('hex')).toBe(hash);
    const logged = it.console.town.fake
      .items('access')
      .flatMap(({ access }) => (access ? [JSON.parse(access.S!) as Record<string, unknown>] : []))
      .filter(({ action, person }) => action === 'export' && person === 'p-district-district-construction');
    expect(logged).toMatchObject([{ unit: it.unit, asked: { round: '1' } }]);
    expect((await people.district.get(`${page}/dossiers/7`)).text).toContain('没有这份材料');
  });

  test('given back with what is missing, and nothing to say is a fault at its field', async () => {
    const empty = await people.district.fill(`${page}/return`, { missing: ' \n ' });
    expect(empty.status).toBe(400);
    expect(empty.text).toContain('请填写所缺材料');
    const many = await people.district.fill(`${page}/return`, {
      missing: Array.from({ length: 21 }, (_, n) => `${n}`).join('\n'),
    });
    expect(many.text).toContain('<a href="#f-missing">所缺材料最多 20 项。</a>');
    const text = await act('district', 'return', { missing: '整改前后照片\r\n\r\n现场检查记录' });
    expect(text).toContain('已退回，等待镇级补充材料。');
    expect(text).toMatch(/<li>整改前后照片<\/li>\s*<li>现场检查记录<\/li>/);
    expect(stepsOn(text).slice(3, 6)).toEqual(['区级退回 is-done is-bad', '补充材料 is-now', '上报区级 is-next']);
    expect(buttonsOn(text)).toEqual([]);
  });

  test('the town adds what is missing, bit by bit; complete, it goes up again with a dossier compiled again', async () => {
    expect(buttonsOn((await people.department.get(page)).text)).toEqual(['material']);
    const part = await act('department', 'material', { answers: ['整改前后照片'], note: '已补拍' });
    expect(part).toContain('待补充材料');
    expect(part).not.toContain('<li>整改前后照片</li>');
    const rest = await act('office', 'material', { answers: ['现场检查记录'], note: '见附件' });
    expect(rest).toContain('待区级受理');
    expect(rest).toContain('第 2 次报送');
    expect(stepsOn(rest).filter((step) => step.startsWith('上报区级'))).toEqual([
      '上报区级 is-done',
      '上报区级 is-done',
    ]);
  });

  test('the district accepts and decides, the town verifies: the case is closed', async () => {
    const accepted = await act('district', 'accept', { reference: '青建〔2025〕31号' });
    expect(accepted).toContain('区级编号 青建〔2025〕31号');
    expect(buttonsOn(accepted)).toEqual(['resolve', 'return']);
    const future = await people.district.fill(`${page}/resolve`, { decision: '停产', decidedAt: '2099-01-01' });
    expect(future.status).toBe(400);
    const before = await people.district.fill(`${page}/resolve`, { decision: '停产', decidedAt: '2025-06-01' });
    expect(before).toMatchObject({ status: 422, text: expect.stringContaining('早于可能的时间') });
    const resolved = await act('district', 'resolve', { decision: '责令停产停业整顿三个月', decidedAt: '2025-06-02' });
    expect(resolved).toContain('责令停产停业整顿三个月');
    expect(buttonsOn(resolved)).toEqual([]);
    expect(buttonsOn((await people.office.get(page)).text)).toEqual(['verify']);
    const verified = await act('office', 'verify', { note: '现场核实已停用' });
    expect(verified).toContain('已核实，案件办结。');
    expect(verified).toContain('案件办结');
    expect(buttonsOn(verified)).toEqual([]);
    // every field of every event has a name for people
    expect(verified).not.toMatch(/<dt>[a-z]/);
    expect((await people.district.get('/console/escalations')).text).not.toContain(`href="${page}"`);
    expect((await people.district.get('/console/escalations?status=all')).text).toContain(`href="${page}"`);
  });
});

describe('a case', () => {
  test('what may not be done is not on the page, has no form, and is refused when it is sent all the same', async () => {
    const it = await makeTownWithHazard();
    const people = await peopleOf(it);
    await people.department.fill(it.path('/hazards/{hazard}/grade'), { grade: 'major', basis: '随时可能爆燃' });
    await it.console.town.react();
    const page = /href="(\/console\/escalations\/e_\w+)"/.exec(
      (await people.office.get('/console/escalations')).text,
    )![1]!;
    const before = it.console.town.commits();
    const bodies: Record<string, Record<string, string>> = {
      accept: {},
      return: { missing: '照片' },
      resolve: { decision: '停产' },
      material: { note: '说明' },
      verify: { note: '核实' },
    };
    for (const who of ['office', 'leader', 'other'] as const) {
      for (const form of ['accept', 'return']) {
        expect((await people[who].get(`${page}/${form}`)).status, `${who} ${form}`).toBe(403);
        const sent = { ...hiddenFields((await people[who].get('/console/account')).text), ...bodies[form] };
        expect((await people[who].post(`${page}/${form}`, sent)).status, `${who} ${form}`).toBe(403);
      }
    }
    // not its turn yet
    for (const form of ['resolve', 'verify', 'material']) {
      expect([403, 422]).toContain((await people.district.get(`${page}/${form}`)).status);
      const sent = { ...hiddenFields((await people.district.get('/console/account')).text), ...bodies[form] };
      expect([403, 422]).toContain((await people.district.post(`${page}/${form}`, sent)).status);
    }
    expect(it.console.town.commits()).toBe(before);
  });

  test('is brought up by hand by the office alone, to the unit it names or the one of the rule set', async () => {
    const it = await makeTownWithHazard();
    const people = await peopleOf(it);
    const hazard = it.path('/hazards/{hazard}');
    expect((await people.department.get(hazard)).text).not.toContain(`${hazard}/escalate`);
    expect((await people.department.get(`${hazard}/escalate`)).status).toBe(403);
    expect((await people.office.get(hazard)).text).toContain(`href="${hazard}/escalate"`);
    const sent = await people.office.fill(`${hazard}/escalate`, {
      limit: 'capacity',
      reason: '涉及跨镇管网',
      urgent: 'true',
      to: 'district-fire',
    });
    expect(sent.status).toBe(303);
    await it.console.town.react();
    const { text } = await people.other.get(sent.headers['location']!);
    expect(text).toContain('已提出上报');
    expect(text).toContain('专班研判');
    expect(text).toContain('涉及跨镇管网');
    expect(text).toContain('紧急');
    expect((await people.district.get(sent.headers['location']!)).status).toBe(403);
  });

  test('that there is not says so', async () => {
    const it = await makeTownWithHazard();
    const { text, status } = await (await it.console.as('office')).get('/console/escalations/e_none');
    expect(status).toBe(404);
    expect(text).toContain('没有这一案件');
  });

  test('has a form for every act, and words for what it leads to and what may be refused', async () => {
    const forms = formed(escalationCommands);
    expect(forms.flatMap(([, { acts }]) => acts).toSorted()).toEqual(Object.keys(ACTS).toSorted());
    for (const [name] of forms) expect(CASE_DONE[name]).toMatch(/。$/);
    const { readFileSync } = await import('node:fs');
    const types = ['rules/escalation/escalation', 'rules/perform/escalation'].flatMap((name) => {
      const source = readFileSync(new URL(`../../../shared/${name}.ts`, import.meta.url), 'utf8');
      return [...source.matchAll(/new (?:RuleViolated|NotFound)\(\s*'([a-z-]+)'/g)].map(([, type]) => type!);
    });
    expect(types.length).toBeGreaterThan(3);
    expect(types.filter((type) => !hasWords(type))).toEqual([]);
  });
});
