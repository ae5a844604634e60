// What people wrote goes into the Excel lists as text, whatever it is: older events hold control characters, and some would be formulas.
import { beforeAll, describe, expect, test } from 'vitest';
import { excelFile } from '../../../functions/console/excel.ts';
import { recordInspection } from '../../../shared/rules/perform/inspection.ts';
import { registerUnit } from '../../../shared/rules/perform/unit.ts';
import { TENANT } from '../api/support.ts';
import { partsOf, wellFormed } from '../../support/docx.ts';
import { makeConsoleTown, type ConsoleTown } from './support.ts';

const TEXTS = [
  '甲\u000B乙',
  '甲\u0001乙',
  '甲\0乙',
  "=cmd|'/c calc'!A0",
  '@SUM(1)',
  '+1',
  '-1',
  '<&">',
  '𠀀😀',
  '甲\ufffe乙',
];
const ID = '00123';

let it: ConsoleTown;

beforeAll(async () => {
  it = await makeConsoleTown();
  const { store } = it.town.deps;
  const context = (command: string) => ({
    tenant: TENANT,
    command,
    request: command,
    actor: { person: 'p-1', post: 'p', organisation: 'guijianban' },
    source: 'api' as const,
    now: it.town.now.at,
  });
  for (const [n, text] of TEXTS.entries()) {
    const unit = `${ID}${n}`;
    const details = { name: text, kind: text, address: text, area: 'village-01', tracks: ['gas' as const] };
    await registerUnit(store, context(`u${n}`), { id: unit, details });
    await recordInspection(store, context(`i${n}`), {
      id: `i_${n}`,
      unit,
      track: 'gas',
      mode: 'routine',
      inspectors: ['p-1'],
      answers: [{ item: text, clause: text, answer: 'problem', text, place: text }],
    });
  }
  await it.town.settle();
});

/** The cells of a file, each with its type, and its text as Excel reads it. */
async function cellsOf(file: Uint8Array): Promise<{ type: string; text: string }[]> {
  const parts = await partsOf(file);
  for (const [name, xml] of parts) expect([name, wellFormed(xml)]).toEqual([name, true]);
  const sheet = parts.get('xl/worksheets/sheet1.xml')!;
  expect(sheet).not.toMatch(/<f[ >]/);
  const texts = [...(parts.get('xl/sharedStrings.xml') ?? '').matchAll(/<si>.*?<t[^>]*>([^<]*)<\/t>/gs)].map(
    ([, t]) => t!,
  );
  return [...sheet.matchAll(/<c ([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)].map(([, attributes, content = '']) => {
    const type = /\bt="(\w+)"/.exec(attributes!)?.[1] ?? 'n';
    const value = /<v>([^<]*)<\/v>/.exec(content)?.[1] ?? /<t[^>]*>([^<]*)<\/t>/.exec(content)?.[1] ?? '';
    return { type, text: unescaped(type === 's' ? texts[Number(value)]! : value) };
  });
}
const unescaped = (xml: string): string =>
  xml
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
/** `_x0041_` as Excel reads it: ECMA-376, ST_Xstring. */
const decoded = (text: string): string =>
  text.replaceAll(/_x([\dA-F]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

describe.each(['baseline', 'hazards', 'closed-loop'])('the list “%s”', (list) => {
  test('is a file that opens; formulas are text, and so are ids', async () => {
    const office = await it.as('office', 'office');
    const { status, text } = await office.get(`/console/lists/${list}/download`);
    expect(status).toBe(200);
    const cells = await cellsOf(Buffer.from(text, 'latin1'));
    const texts = cells.filter(({ type }) => type === 's' || type === 'inlineStr').map((cell) => cell.text);
    for (const one of TEXTS) {
      // what XML has no place for is gone, or escaped as Excel does it (_x000B_); the rest stands
      const [first, last] = [one.at(0)!, one.at(-1)!];
      expect(texts.some((cell) => cell === one || (cell.startsWith(first) && cell.endsWith(last)))).toBe(true);
    }
    for (const formula of TEXTS.filter((one) => /^[=@+-]/.test(one))) expect(texts).toContain(formula);
    const ids = list === 'baseline' ? [...TEXTS.keys()].map((n) => `${ID}${n}`) : [];
    expect(texts).toEqual(expect.arrayContaining(ids));
  });
});

test('a word that every object knows, and what reads like an escape, stand as they were written', async () => {
  const words = [...Object.getOwnPropertyNames(Object.prototype), '_x0041_', '__x005f_x0041_', 'x_xFFFF_y', '_x41_'];
  const columns = [{ head: '单位', width: 10, value: (row: string) => row }];
  const file = await excelFile({ title: '清单', columns, rows: words, position: 1, now: new Date(), more: false });
  const cells = await cellsOf(file);
  expect(cells.slice(-words.length).map(({ text }) => decoded(text))).toEqual(words);
});

test('a cell is cut between characters, and so is the name of the sheet', async () => {
  const value = `${'描'.repeat(32_766)}😀`;
  const title = `${'清'.repeat(30)}😀`;
  const columns = [{ head: '描述', width: 10, value: () => value }];
  const file = await excelFile({ title, columns, rows: [0], position: 1, now: new Date(), more: false });
  const cells = await cellsOf(file);
  expect(cells.at(-1)!.text).toBe(`${'描'.repeat(32_766)}…`);
  expect((await partsOf(file)).get('xl/workbook.xml')).toContain(`name="${'清'.repeat(30)}"`);
});
