// What registers from the field must come to: each file beside this one is imported into a fresh town by the command
// itself. The town is the deployed API on tables in memory; test/integration/import-cases.test.ts does some of them on
// the running platform.
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { importCommandSchema } from '../../../shared/rules/perform/import-command.ts';
import { daochaCsv } from '../../../shared/import/daocha-csv.ts';
import { sendPlans } from '../../../shared/import/send.ts';
import { startTally } from '../../../shared/import/summary.ts';
import { importingTown } from '../command-line.ts';
import { planned, town as memoryTown } from '../support.ts';
import { CASES, made5000, madeBig, type Came } from './expected.ts';

const place = importingTown();
const { file: made, daochaImport, recorded } = place;
const given = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

async function comesTo(file: string, expected: Came, ...options: string[]) {
  const { exit, summary, err } = await daochaImport(file, ...options);
  const log = recorded();
  const { rows, units, inspections, hazards, refused } = summary ?? {};
  expect({ exit, rows, refused: refused?.map(({ line }) => line), ...(expected.exit === 2 && { err: '' }) }).toEqual({
    exit: expected.exit,
    rows: expected.rows,
    refused: expected.exit === 2 ? undefined : expected.refused,
    ...(expected.exit === 2 && { err: '' }),
  });
  expect({
    units: log.names.length,
    inspections: log.inspections.length,
    clean: log.inspections.filter(({ clean }) => clean).length,
    hazards: log.hazards,
  }).toEqual({
    units: expected.units,
    inspections: expected.inspections,
    clean: expected.clean ?? 0,
    hazards: expected.hazards,
  });
  const onRecord = { units: log.names.length, inspections: log.inspections.length, hazards: log.hazards };
  // What the platform itself refuses is counted all the same.
  const said = { units, inspections, hazards };
  const counted = expected.exit === 2 ? {} : onRecord;
  expect(said).toEqual(expected.read ? said : counted);
  for (const word of expected.said ?? []) expect(`${err} ${JSON.stringify(refused)}`).toContain(word);
  // every sentence in both languages
  for (const { reason } of refused ?? []) expect(reason).toMatch(/\p{Script=Han}.*[a-z]{3}/su);
  const before = place.town.commits();
  const again = await daochaImport(file, ...options);
  expect(again.exit).toBe(exit);
  expect(again.summary?.refused).toEqual(refused);
  expect(again.summary?.eventsAdded ?? 0).toBe(0);
  expect(place.town.commits()).toBe(before);
  return { summary, err, log };
}

describe('registers from the field', () => {
  test.each(CASES.map((one) => [[one.file, ...(one.options ?? [])].join(' '), one] as const))(
    '%s',
    async (_, { file, options = [], ...expected }) => {
      const { summary } = await comesTo(given(file), expected, ...options);
      expect(summary?.rows).toBe(expected.rows);
    },
  );

  test('5,000 units, one with an emoji at the cut', async () => {
    const memory = memoryTown();
    const import5000 = async () => {
      const { plans, rows, refused } = await planned(daochaCsv, made5000());
      for (const { commands } of plans) for (const command of commands) importCommandSchema.parse(command);
      const tally = startTally(rows, refused);
      const options = { source: 'daocha-csv', file: 'made.csv', batch: 100, concurrency: 4 };
      await sendPlans(plans, memory.post, tally, options);
      return tally.summary;
    };
    const first = await import5000();
    const whole = { rows: 5000, units: 5000, inspections: 5000, cleanInspections: 0, hazards: 5000, refused: [] };
    expect(first).toMatchObject(whole);
    const said = memory.executed.flatMap((command) => (command.kind === 'visit' ? command.answers : []));
    expect(said.map(({ text: words }) => words)).toContain(CUT);
    expect(await import5000()).toEqual({ ...first, eventsAdded: 0 });
  });

  test('an inspection too large for an event is refused with its first line', async () => {
    const expected = { rows: 200, units: 1, inspections: 0, hazards: 0, refused: [2], read: true as const };
    const { summary } = await comesTo(await made(madeBig()), { exit: 1, ...expected, said: ['65535 bytes', '太大'] });
    expect(summary?.rows).toBe(200);
  });
});

/** The description that is cut between two characters. */
const CUT = `${'隐'.repeat(998)}…`;

describe('what is recorded of them', () => {
  const answers = async (file: string, ...options: string[]) => {
    await daochaImport(given(file), ...options);
    return recorded();
  };

  test('dates: the instants, in town time', async () => {
    const { occurred } = await answers('02-dates.csv');
    const day = '2025-04-24T16:00:00.000Z';
    expect(Object.fromEntries(occurred)).toEqual({
      2: day,
      3: day,
      4: day,
      7: day,
      8: '2025-04-25T06:30:00.000Z',
      9: '2025-04-25T01:30:00.000Z',
      10: '2025-04-25T06:30:00.000Z',
      11: '2025-04-25T01:30:00.000Z',
      12: '2025-04-25T06:30:00.000Z',
      13: '2025-04-25T14:30:00.000Z',
      18: '2025-04-25T01:30:00.000Z',
      19: day,
    });
  });

  test('due dates in words stand beside the description', async () => {
    const { inspections } = await answers('03-due-in-words.csv');
    const said = inspections.map((inspection) => inspection.answers[0]!['text']);
    const due = ['立即整改', '7日内', '长期', '2025.5.20', '2025年5月底前', '2025-05-20', '已整改'];
    expect(new Set(said)).toEqual(new Set(due.map((words) => `软管老化；整改期限 ${words}`)));
  });

  test('cuts fall between characters and keep the limit', async () => {
    const { inspections } = await answers('09a-cut-description.csv');
    expect(inspections.map((inspection) => inspection.answers[0]!['text'])).toContain(CUT);
  });

  test('a clause that is cut keeps the digest of the whole', async () => {
    const { inspections } = await answers('09c-cut-clause.csv');
    expect(inspections.map((inspection) => inspection.answers[0]!['clause'])).toContain(
      `${'条'.repeat(184)}… #171a8440852c`,
    );
  });

  test('rare characters of GB18030', async () => {
    const { names, inspections } = await answers('12-gb18030.csv');
    expect(names.toSorted()).toEqual(['㛃㐀𠀀饭店', '堃喆餐厅'].toSorted());
    expect(inspections.map((inspection) => inspection.answers[0]!['text'])).toContain('€气瓶');
  });

  test('quotation marks, and a line break in an address', async () => {
    const { names } = await answers('13-quoted.csv');
    expect(names.toSorted()).toEqual(['5" 管道店', '"未闭合" 店', '引号"店'].toSorted());
  });

  test('a formula is a text', async () => {
    expect((await answers('10c-control.csv')).names).toEqual(["=cmd|'/c calc'!A0"]);
  });

  test('GBK that could be Cyrillic is read when somebody says so', async () => {
    expect((await answers('12d-gbk-school.csv', '--encoding', 'gbk')).names.toSorted()).toEqual(
      ['小学', '医院'].toSorted(),
    );
  });

  test('lines stay those of the file where something stands above the headings', async () => {
    expect((await answers('06-title-row.csv')).occurred.map(([line]) => line)).toEqual([4]);
  });
  test('lines stay those of the file after sep=', async () => {
    expect((await answers('05-sep.csv')).occurred.map(([line]) => line)).toEqual([3]);
  });
});

describe('a unit that reads like one on record', () => {
  const HEAD = '单位编号,单位名称,地址,专项,检查时间,条款,有无隐患\n';
  const shop = (number: string, name: string, clause: string): string =>
    `${number},${name},老街8号,燃气,2025.5.8,${clause},有\n`;
  beforeEach(async () => {
    const { town } = place;
    const office = await town.as('office', 'office');
    const body = { id: 'u_shop', name: '老街新开面馆', address: '老街８号', tracks: ['gas'] };
    await town.post('/v1/units', office, body);
  });

  test('is refused by name and address alone, with the id that it looks like; --alike apart registers it beside', async () => {
    const file = await made(HEAD + shop('', '老街 新开面馆', 'GAS-01') + shop('', '别家', 'GAS-02'));
    const first = await daochaImport(file);
    expect(first).toMatchObject({ exit: 1, summary: { refused: [{ line: 2, column: '单位名称' }] } });
    expect(first.summary?.refused[0]?.reason).toMatch(/没有登记.*u_shop（老街新开面馆，老街８号）.*--alike apart/s);
    expect(recorded().names).toEqual(['别家']);
    expect(await daochaImport(file)).toMatchObject({ exit: 1, summary: { eventsAdded: 0 } });
    expect(await daochaImport(file, '--alike', 'apart')).toMatchObject({ exit: 0, summary: { refused: [] } });
    expect(recorded().names.toSorted()).toEqual(['别家', '老街 新开面馆'].toSorted());
    expect(await daochaImport(file)).toMatchObject({ exit: 0, summary: { eventsAdded: 0 } });
  });

  test('is only told of where the register has a number for it', async () => {
    const { exit, summary } = await daochaImport(await made(HEAD + shop('LT-1', '老街新开面馆', 'GAS-01')));
    expect({ exit, notes: summary?.notes }).toEqual({
      exit: 0,
      notes: [{ line: 2, column: '单位名称', note: expect.stringContaining('u_shop（老街新开面馆，老街８号）') }],
    });
    expect(recorded().names).toEqual(['老街新开面馆']);
  });
});
