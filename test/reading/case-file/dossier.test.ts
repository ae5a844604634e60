// The dossier of a case that was told from its beginning: what stands in it, that it is the same whenever it is
// compiled for the same position, and that whatever people wrote, it can be opened.
import { beforeAll, describe, expect, test } from 'vitest';
import { sha256Of } from '../../../functions/runtime/dossier-store.ts';
import type { EscalationEvent } from '../../../events/escalation.ts';
import { readStream } from '../../../shared/rules/perform/execute.ts';
import * as hazardCommands from '../../../shared/rules/hazard/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { gatherCase } from '../../../shared/reading/case-file/gather.ts';
import { withFixedTimes } from '../../../shared/reading/case-file/deterministic-zip.ts';
import { cleanText, escapeXml } from '../../../shared/reading/case-file/text.ts';
import { dossierDocument } from '../../../shared/reading/case-file/word.ts';
import { positionOf } from '../../../shared/record/log/positions.ts';
import { streamKey } from '../../../events/envelope.ts';
import { TENANT } from '../../functions/api/support.ts';
import { paragraphsOf, partsOf, wellFormed } from '../../support/docx.ts';
import { beginStory, tellStory, type Story } from './story.ts';

type Told = Awaited<ReturnType<typeof tellStory>>;

async function download(story: Story, id: string, round: number): Promise<Uint8Array> {
  const token = await story.town.as('district', 'district-construction');
  const { status, body, headers } = await story.town.get(`/v1/escalations/${id}/dossiers/${round}`, token);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(headers['content-type']).toContain('wordprocessingml');
  return new Uint8Array(body as Buffer);
}

/** The dossier for the event of the case with this version, compiled now. */
async function compileAgain({ town }: Story, id: string, version: number): Promise<Uint8Array> {
  const stored = await readStream(town.deps.store, TENANT, 'escalation', id);
  const event = stored.find((one) => one.event.version === version)!.event as EscalationEvent;
  const position = (await positionOf(town.deps.views, streamKey(TENANT, 'escalation', id), version))!;
  const deps = { ...town.deps.views, sleep: () => town.settle() };
  return dossierDocument(await gatherCase(deps, id, { event, position }));
}

/** The text of a dossier in which the first event of the hazard was recorded two days late, and says on what that rests. */
async function recordedLate({ town }: Story, id: string, version: number): Promise<string> {
  const stored = await readStream(town.deps.store, TENANT, 'escalation', id);
  const event = stored.find((one) => one.event.version === version)!.event as EscalationEvent;
  const position = (await positionOf(town.deps.views, streamKey(TENANT, 'escalation', id), version))!;
  const file = await gatherCase({ ...town.deps.views, sleep: () => town.settle() }, id, { event, position });
  const [first, ...rest] = file.hazardEvents;
  const recordedAt = new Date(Date.parse(first!.event.occurredAt) + 2 * 86_400_000).toISOString();
  const late = { ...first!, event: { ...first!.event, recordedAt, lateBasis: '凭<纸质>检查表' } };
  return (await paragraphsOf(await dossierDocument({ ...file, hazardEvents: [late, ...rest] }))).join('\n');
}

async function brokenParts(docx: Uint8Array): Promise<string[]> {
  return [...(await partsOf(docx))].flatMap(([name, xml]) => (wellFormed(xml) ? [] : [name]));
}

describe('the dossier of a case that was given back once', () => {
  let story: Told;
  let first: string[];
  let second: string[];
  let bytes: Uint8Array;

  beforeAll(async () => {
    story = await tellStory();
    first = await paragraphsOf(await download(story, story.id, 1));
    bytes = await download(story, story.id, 2);
    second = await paragraphsOf(bytes);
  });

  /** Those of some words that stand nowhere in it. */
  const untold = (...words: string[]): string[] => words.filter((word) => !second.some((line) => line.includes(word)));

  test('asks the district unit for what and why, on its first page', () => {
    expect(second[0]).toBe('关于练塘老街饭店城镇燃气一般隐患超出镇级处置范围的报告');
    expect(second[1]).toBe('示例区建设管理部门：');
    expect(second[2]).toBe(
      '在“练塘镇‘5+2’安全专项整治行动”中，练塘老街饭店存在城镇燃气方面的一般隐患（GAS-01 瓶装液化气与明火同室）。2025年6月3日发现该隐患，' +
        '先后确定整改期限2次，其中1次逾期，复查不通过1次，延期1次，发出提醒3次，其中1次无任何回应，目前状态为“复查不通过”。因拒不整改，超出镇级执法权限，' +
        '现将有关材料报上，请予指导处理。本材料为第2次报送。',
    );
  });

  test('has its parts in order, those without anything to say left out', () => {
    const headings = (lines: string[]) => lines.filter((line) => /^[一二三四五六七八九十]、/.test(line));
    expect(headings(second)).toEqual([
      '一、上报事由',
      '二、退回意见和补充材料',
      '三、单位和隐患基本情况',
      '四、整改期限沿革',
      '五、提醒督办情况',
      '六、有关时点的责任人',
      '七、隐患处置经过',
      '八、单位检查和其他隐患情况',
      '九、证据目录',
      '十、材料说明',
    ]);
    expect(headings(first)).not.toContain('二、退回意见和补充材料');
    expect(headings(first)).toHaveLength(9);
  });

  test('tells every due date, with who set it and what came of it', () => {
    expect(
      untold(
        '2025-06-20',
        '《城镇燃气管理条例》第二十八条',
        '已被取代',
        '2025-07-04',
        '情况属实',
        '2025-07-05记录逾期',
      ),
    ).toEqual([]);
  });

  test('tells every reminder, to whom, and what was done next; a vacant post is named', () => {
    expect(
      untold('到期前3个工作日', '规建办分管联络员 p-gui-liaison', '领导小组组长 空缺', '无送达记录', '无回应'),
    ).toEqual([]);
  });

  test('tells who was responsible on the days that matter, by which appointment', () => {
    expect(
      untold('p-office-director', '练府〔2025〕18号附件', '2025-06-03 发现隐患', '2025-07-04 整改到期', '空缺'),
    ).toEqual([]);
  });

  test('tells what the district missed and what was added, with its evidence', () => {
    expect(
      untold('1. 现场检查记录', '2. 责令整改指令书送达回证', '针对“责令整改指令书送达回证”：', '附证据1件，见证据目录'),
    ).toEqual([]);
    expect(untold('e'.repeat(32))).toEqual([]);
  });

  test('tells the inspections, those without a signature too, and the other hazards of the unit', () => {
    expect(untold('暗访', '问题2项，无问题1项，拒签：负责人不在场，店员拒签', 'GAS-05 可燃气体报警')).toEqual([]);
  });

  test('names nobody, and says who signs it when', () => {
    expect(second.at(-2)).toBe('专班办公室');
    expect(second.at(-1)).toBe('2025年7月15日');
    expect(untold('人员以编号表示')).toEqual([]);
  });

  test('has the hash that its event names, and is the same file when it is compiled again a year later', async () => {
    const { town, id, at } = story;
    const { body } = await town.get(`/v1/escalations/${id}`, await town.as('office', 'office'));
    const named = body.dossiers.map((one: { files: { sha256: string }[] }) => one.files[0]!.sha256);
    expect(named[0]).toBe(sha256Of(bytes));
    await at('2025-08-01T02:00:00.000Z', 'district', 'district-construction', `/v1/escalations/${id}/acceptances`, {});
    await at('2026-04-01T02:00:00.000Z', 'office', 'office', `/v1/units/${story.unit}/corrections`, {
      details: { name: '改名后的饭店', area: 'village-01', tracks: ['gas'] },
      reason: '更名',
    });
    const calls = body.events.filter(
      (event: EscalationEvent) =>
        event.type === 'EscalationProposed' || (event.type === 'MaterialAdded' && event.data.left.length === 0),
    );
    expect(calls).toHaveLength(2);
    for (const [nth, call] of calls.entries()) {
      expect(sha256Of(await compileAgain(story, id, call.version))).toBe(named[1 - nth]);
    }
  });

  test('depends on nothing but what is in it: no clock, no chance', async () => {
    const core = (await partsOf(bytes)).get('docProps/core.xml')!;
    expect(core).toContain('2025-07-15T03:00:00Z');
    const zip = new DataView(bytes.buffer, bytes.byteOffset);
    expect(zip.getUint32(10, true)).toBe(0x00210000);
    expect(withFixedTimes(bytes)).toEqual(bytes);
  });

  test('says of what was recorded late on what that rests', async () => {
    expect(await recordedLate(story, story.id, 1)).toMatch(
      /事后补录或倒填时间：位次[\d、]*\d（补录依据：凭<纸质>检查表）/,
    );
  });

  test('is well-formed, part by part', async () => {
    expect(await brokenParts(bytes)).toEqual([]);
  });
});

describe('whatever people write', () => {
  const HOSTILE = `<w:p>&amp;"'</w:t>\u0000\u0007\u001f\ufffe𠮷\u202e${'火'.repeat(1900)}`;

  test('stands in the document as text', async () => {
    const story = await beginStory();
    // as an older event has it: what the API takes today has no control characters
    await perform(
      story.town.deps.store,
      {
        tenant: TENANT,
        command: 'older',
        request: 'older',
        actor: { person: 'p-department-guijianban', post: '工作人员', organisation: 'guijianban' },
        source: 'api',
        now: new Date('2025-06-03T06:00:00.000Z'),
      },
      hazardCommands.declareDanger,
      story.hazard,
      { reason: HOSTILE },
    );
    story.town.now.at = new Date('2025-06-03T06:00:00.000Z');
    await story.town.react();
    const id = await story.escalation();
    const bytes = await download(story, id, 1);
    const lines = await paragraphsOf(bytes);
    expect(lines[0]).toBe('特急');
    expect(lines).toContain(cleanText(HOSTILE));
    expect(await brokenParts(bytes)).toEqual([]);
  });

  test('loses only what XML has no place for', () => {
    expect(cleanText('a\u0000b\u000bc\td\ne\ufffff𠮷')).toBe('abc\td\nef𠮷');
    expect(escapeXml('<a href="x">&</a>')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;');
  });
});

test.each([
  ['nothing', new Uint8Array()],
  ['something else', new Uint8Array(100)],
])('%s is no archive whose times could be set', (_, bytes) => {
  expect(() => withFixedTimes(bytes)).toThrow('not a ZIP archive');
});
