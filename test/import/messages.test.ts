// What an import tells people is told in Chinese and in English, and only through the table of messages.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fileRefused, MESSAGES, say } from '../../shared/import/messages.ts';
import { OWN_LISTS } from '../../shared/import/own-lists.ts';
import { listHeadings } from '../../functions/console/pages/lists.ts';
import { daochaCsv } from '../../shared/import/daocha-csv.ts';
import { planned } from './support.ts';

const FOLDER = fileURLToPath(new URL('../../shared/import/', import.meta.url));
/** The table itself, and what repeats the platform's own words. */
const TELLING = new Set(['messages.ts', 'summary.ts']);
const facts = (sentence: string): string[] => [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

test.each(Object.entries(MESSAGES))('%s is Chinese and English', (_, { zh, en }) => {
  expect(zh).toMatch(/\p{Script=Han}/u);
  expect(en).toMatch(/[a-z]{2}/);
});

test('a sentence says what it was given, or fails', () => {
  expect(say('date-order', { text: '{text}' })).toBe('“{text}”早于它之前的步骤 “{text}” is before what it follows');
  expect(() => say('date-order')).toThrow('needs text');
  expect(fileRefused('file-empty')).toMatchObject({ status: 400, message: '文件是空的。 The file is empty.' });
  for (const { zh, en } of Object.values(MESSAGES)) {
    const given = Object.fromEntries([...facts(zh), ...facts(en)].map((name) => [name, 'x']));
    expect(facts(zh).every((name) => name in given)).toBe(true);
  }
});

test('nothing in the importer refuses in words of its own', () => {
  const own = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.ts') && !TELLING.has(file))
    .filter((file) =>
      /reason: [`']|new InvalidInput\([`'"]|wrong\('\w+', [`"]/.test(readFileSync(`${FOLDER}${file}`, 'utf8')),
    );
  expect(own).toEqual([]);
});

test('the lists of the console are known by the headings that it writes', () => {
  expect(OWN_LISTS).toEqual(listHeadings());
});

test.each(Object.entries(OWN_LISTS))(
  '%s of this system is refused by name, under its title and note too',
  async (name, headings) => {
    const rest = ','.repeat(headings.length - 1);
    const csv = `${name}${rest}\n截至日志位置 7（2025-06-02 12:00），共 1 行${rest}\n${headings.join(',')}\n${headings.map(() => 'x').join(',')}\n`;
    await expect(planned(daochaCsv, csv)).rejects.toThrow('这是本系统的清单');
    await expect(planned(daochaCsv, `${headings.slice(0, -1).join(',')}\n`)).rejects.toThrow('所载事项已在记录中');
  },
);

const HAZARD = `h_${'0123456789'.repeat(2)}`;
test.each([
  ['with few of its columns', `隐患编号,名称\n${HAZARD},某店\n`],
  ['under other headings and a title', `某村隐患\n\n编号,名称,哪里\n${HAZARD},某店,后厨\n`],
  [
    'with the columns of an import',
    `单位名称,专项,检查时间,条款,有无隐患,隐患编号\n某店,燃气,2025-05-08,GAS-01,有,${HAZARD}\n`,
  ],
  ['in a column of any name', `单位名称,专项,检查时间,条款,有无隐患,序号\n某店,燃气,2025-05-08,GAS-01,有, ${HAZARD}\n`],
  ['of units', `编号,名称\nu_${'0123456789'.repeat(2)},某店\n`],
])('a list of this system is known by the ids in it: %s', async (_, csv) => {
  await expect(planned(daochaCsv, csv)).rejects.toThrow('这是本系统的清单');
});

test.each(['h_1', 'h_2025', '隐患h_0123456789', 'hazard_01234567890123456789'])(
  '“%s” is no id of this system',
  async (text) => {
    const csv = `单位名称,专项,检查时间,条款,有无隐患,隐患编号\n某店,燃气,2025-05-08,GAS-01,有,${text}\n`;
    expect(await planned(daochaCsv, csv)).toMatchObject({ refused: [], rows: 1 });
  },
);
