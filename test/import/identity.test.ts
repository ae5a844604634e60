// Identity is never guessed: what may be one unit or two, one inspection or two, is refused with each other's lines, or asked about.
import { describe, expect, test } from 'vitest';
import { daochaCsv } from '../../shared/import/daocha-csv.ts';
import { readRegister } from '../../shared/import/read.ts';
import type { SourceOptions } from '../../shared/import/source.ts';
import { bytes, story } from './support.ts';

const HEAD =
  '单位编号,单位名称,单位类型,地址,所属村居,纬度,经度,专项,检查编号,检查时间,检查方式,检查结论,检查项,条款,有无隐患,隐患描述,隐患部位,责任单位,整改期限';
const COLUMNS = HEAD.split(',');

/** A row that is right but for what is told. */
function row(cells: Record<string, string> = {}): string {
  const plain: Record<string, string> = {
    单位名称: '甲店',
    地址: '甲路1号',
    专项: '城镇燃气',
    检查时间: '2025-05-08',
    条款: 'GAS-01',
    有无隐患: '有',
  };
  const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return COLUMNS.map((column) => quoted(cells[column] ?? plain[column] ?? '')).join(',');
}

async function read(rows: readonly string[], options: SourceOptions = {}) {
  const csv = `${[HEAD, ...rows].join('\r\n')}\r\n`;
  const { register, refused, notes } = await readRegister(bytes(csv, 65_536), daochaCsv, options);
  const plans = [...register.plans()];
  return {
    refused: refused.map(({ line, column }) => [line, column]),
    reasons: refused.map(({ reason }) => reason),
    notes,
    plans,
    units: plans.map((plan) => story(plan)[0]),
  };
}

describe('one number', () => {
  test.each(['9.13101E+17', '９.13101Ｅ+17', '9e+17', '913101000000000000', '1月2日', '2-Jan'])(
    '“%s” was made by a spreadsheet: all of its rows are refused',
    async (number) => {
      const { refused, reasons, units } = await read([
        row({ 单位编号: number, 单位名称: '甲店' }),
        row({ 单位编号: 'LT-1', 单位名称: '乙店' }),
        row({ 单位编号: number, 单位名称: '丙店' }),
      ]);
      expect(refused).toEqual([
        [2, '单位编号'],
        [4, '单位编号'],
      ]);
      expect(reasons[0]).toContain('line 4');
      expect(units).toEqual(['unit 乙店']);
    },
  );

  test('an apostrophe in front kept all digits, whatever they end in', async () => {
    expect(
      (await read([row({ 单位编号: "'913101000000000000" }), row({ 单位编号: '913101000000000001' })])).refused,
    ).toEqual([]);
  });

  test('with two names is nobody’s: both are named with their lines', async () => {
    const { refused, reasons } = await read([
      row({ 单位编号: '7', 单位名称: '甲店' }),
      row({ 单位编号: '7', 单位名称: '乙店' }),
      row({ 单位编号: '7', 单位名称: '甲店', 检查时间: '昨天' }),
    ]);
    expect(refused).toEqual([
      [4, '检查时间'],
      [2, '单位名称'],
      [3, '单位名称'],
    ]);
    expect(reasons[1]).toContain('“甲店”（行/line 2, 4）、“乙店”（行/line 3）');
  });

  test('with names that read alike is one unit, by its first spelling', async () => {
    const { refused, units } = await read([
      row({ 单位编号: '7', 单位名称: '甲（练塘）店' }),
      row({ 单位编号: '7', 单位名称: '甲(练塘) 店', 条款: 'GAS-02' }),
    ]);
    expect({ refused, units }).toEqual({ refused: [], units: ['unit 甲（练塘）店'] });
  });

  test('with two areas is refused: it decides who answers', async () => {
    const { refused } = await read([
      row({ 单位编号: '7', 所属村居: 'village-01' }),
      row({ 单位编号: '7', 所属村居: 'village-02' }),
      row({ 单位编号: '7' }),
    ]);
    expect(refused).toEqual([2, 3, 4].map((line) => [line, '所属村居']));
  });

  test('and without a number two areas at one name and address are refused as well', async () => {
    expect((await read([row({ 所属村居: 'village-01' }), row({ 所属村居: 'village-02' })])).refused).toHaveLength(2);
  });

  test('with another address, kind, place or conclusion goes in; what is dropped is told', async () => {
    const one = { 单位编号: '7', 单位类型: '餐饮', 地址: '甲路1号', 纬度: '31', 经度: '121', 检查结论: '限期整改' };
    const { refused, notes, plans } = await read([
      row(one),
      row({ ...one, 单位类型: '厂房', 地址: '乙路2号', 纬度: '30', 检查结论: '合格', 条款: 'GAS-02' }),
    ]);
    expect(refused).toEqual([]);
    expect(notes.map(({ line, column, kept, dropped }) => [line, column, kept, dropped])).toEqual([
      [3, '单位类型', '餐饮', '厂房'],
      [3, '地址', '甲路1号', '乙路2号'],
      [3, '纬度', '31, 121', '30, 121'],
      [3, '检查结论', '限期整改', '合格'],
    ]);
    expect(plans[0]?.commands[0]).toMatchObject({ details: { kind: '餐饮', address: '甲路1号' } });
  });

  test.each([
    [["'00123", '00123', '123']],
    [['００１２３', '123']],
    [['LT-A1', 'lt-a1']],
    [['0012 3', '123']],
    [['="00123"', '123.0']],
  ])('%s may be one number or several', async (numbers) => {
    const { refused, reasons } = await read(numbers.map((number, i) => row({ 单位编号: number, 单位名称: `店${i}` })));
    expect(refused).toEqual(numbers.map((_, i) => [i + 2, '单位编号']));
    for (const number of numbers) expect(reasons[0]).toContain(`“${number}”`);
  });

  test('of this platform itself is on record already', async () => {
    const { refused, reasons } = await read([row({ 单位编号: 'u_0123456789abcdef0123' })]);
    expect(refused).toEqual([[2, '单位编号']]);
    expect(reasons[0]).toContain('on record already');
  });
});

describe('no number', () => {
  const WRITTEN = ['甲(练塘)店', '甲（练塘）店', '甲（练塘） 店', '甲（练塘）\u200B店'];
  const rows = WRITTEN.map((name, i) => row({ 单位名称: name, 条款: `GAS-0${i}` }));

  test('written differently and read alike: all are refused, what nobody sees by its code', async () => {
    const { refused, reasons, units } = await read(rows);
    expect(refused).toEqual([2, 3, 4, 5].map((line) => [line, '单位名称']));
    expect(units).toEqual([]);
    expect(reasons[0]).toContain('<U+200B>');
    expect(reasons[0]).toContain('--alike one');
  });

  test.each([
    ['two numbers', [row({ 单位编号: '7' }), row({ 单位编号: '8' }), row()]],
    ['two addresses', [row(), row({ 地址: '乙路2号' }), row({ 地址: '' })]],
    ['no spelling that may be used', [row({ 单位名称: '甲\u200B店' }), row({ 单位名称: '甲\u202E店' })]],
  ])('--alike one is not advised once more where it does not settle it: %s', async (_, all) => {
    const { reasons } = await read(all, { alike: 'one' });
    expect(reasons).toHaveLength(all.length);
    for (const reason of reasons) expect(reason).toContain('--alike one does not settle it');
    for (const reason of reasons) expect(reason).not.toMatch(/或加 --alike one|import with --alike one/);
  });

  test('what is left of a character that could not be read is called that', async () => {
    const { refused, reasons } = await read([
      row({ 单位名称: '甲\uFFFD店' }),
      row({ 地址: '甲\uFFFD路' }),
      row({ 单位编号: 'A\uFFFD' }),
    ]);
    expect(new Set(refused.map(([line]) => line))).toEqual(new Set([2, 3, 4]));
    for (const reason of reasons) expect(reason).toMatch(/没有读出的字.*could not be read/);
    for (const reason of reasons) expect(reason).not.toContain('看不见');
    const { notes, refused: none } = await read([row({ 隐患描述: '软\uFFFD老化' })]);
    expect({ none, notes: notes.map(({ note }) => note) }).toEqual({
      none: [],
      notes: [expect.stringContaining('原来的字已经丢失')],
    });
  });

  test('--alike one makes them one unit by a spelling that may be recorded', async () => {
    const { refused, units, plans } = await read([rows[3]!, rows[0]!, rows[1]!], { alike: 'one' });
    expect({ refused, units, answers: plans[0]?.inspections }).toEqual({
      refused: [],
      units: ['unit 甲(练塘)店'],
      answers: 1,
    });
  });

  test('--alike apart takes them as written; what no name may hold stays refused', async () => {
    const { refused, units } = await read(rows, { alike: 'apart' });
    expect(refused).toEqual([[5, '单位名称']]);
    expect(units).toHaveLength(3);
  });

  test('what is invisible at the ends of a cell does not count', async () => {
    const { refused, units } = await read([
      row(),
      row({ 单位名称: '\uFEFF甲店\u200B', 地址: '　甲路1号 ', 条款: 'GAS-02' }),
    ]);
    expect({ refused, units }).toEqual({ refused: [], units: ['unit 甲店'] });
  });

  test('one of the same name without an address, or beside one with a number, is in doubt', async () => {
    expect((await read([row(), row({ 地址: '' })])).refused).toEqual([2, 3].map((line) => [line, '地址']));
    expect((await read([row(), row({ 单位编号: '7' })])).refused).toEqual([2, 3].map((line) => [line, '单位编号']));
    const one = await read([row(), row({ 单位编号: '7', 条款: 'GAS-02' })], { alike: 'one' });
    expect([one.refused, one.plans[0]?.commands[0]]).toMatchObject([[], { details: { external: { id: '7' } } }]);
  });

  test('the same name elsewhere is another unit', async () => {
    const { refused, units } = await read([row(), row({ 地址: '乙路2号' })]);
    expect([refused, units]).toEqual([[], ['unit 甲店', 'unit 甲店']]);
  });

  test('a name and address longer than an id are still a unit of their own', async () => {
    const long = '甲'.repeat(150);
    const { plans } = await read([row({ 地址: `${long}1` }), row({ 地址: `${long}2` })]);
    const ids = plans.map(({ commands }) => (commands[0]?.kind === 'unit' ? commands[0].details.external.id : ''));
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => id.length <= 128)).toBe(true);
  });

  test.each([
    ['单位名称', 200],
    ['地址', 300],
    ['单位编号', 128],
    ['检查编号', 128],
    ['检查项', 64],
  ])('%s is never cut', async (column, most) => {
    const { refused, reasons } = await read([row({ [column]: '长'.repeat(most + 1) })]);
    expect(refused).toEqual([[2, column]]);
    expect(reasons[0]).toContain(`${most + 1} characters, at most ${most}`);
    expect((await read([row({ [column]: '长'.repeat(most) })])).refused).toEqual([]);
  });
});

describe('an inspection', () => {
  test('of one number with two times or modes is refused whole', async () => {
    const { refused, reasons } = await read([
      row({ 检查编号: 'JC-1' }),
      row({ 检查编号: 'JC-1', 检查时间: '2025-05-09', 条款: 'GAS-02' }),
      row({ 检查编号: 'JC-2' }),
    ]);
    expect(refused).toEqual([2, 3].map((line) => [line, '检查时间']));
    expect(reasons[0]).toContain('line 3');
  });

  test.each([
    ['检查编号', '2.02505E+11'],
    ['检查编号', '202505080000000000'],
    ['检查项', '1月2日'],
    ['检查项', 'Jan-02'],
    ['条款', '5月1日'],
  ])('%s “%s” was made by a spreadsheet', async (column, text) => {
    expect((await read([row({ [column]: text })])).refused).toEqual([[2, column]]);
  });

  test('whose numbers differ by zeros in front may be one or two', async () => {
    expect((await read([row({ 检查编号: '01' }), row({ 检查编号: '1', 条款: 'GAS-02' })])).refused).toHaveLength(2);
  });

  test('with two answers to one item is refused whole; the same answer twice is one', async () => {
    const { refused } = await read([
      row({ 检查项: '1' }),
      row({ 检查项: '1', 有无隐患: '无' }),
      row({ 检查项: '2', 条款: 'GAS-02' }),
    ]);
    expect(refused).toEqual([2, 3, 4].map((line) => [line, '检查项']));
    const twice = await read([row({ 检查项: '1' }), row({ 检查项: '1' })]);
    expect([twice.refused, twice.notes.map(({ line }) => line)]).toEqual([[], [3]]);
  });
});

describe('what a spreadsheet or a keyboard left in a cell', () => {
  test.each(['#N/A', '#REF!', '#NAME?', '#VALUE!', '#DIV/0!', '########', '＃N/A'])(
    '“%s” is refused in whatever column is read',
    async (text) => {
      for (const column of COLUMNS) expect((await read([row({ [column]: text })])).refused).toEqual([[2, column]]);
    },
  );

  test.each(['单位名称', '地址', '单位编号', '所属村居', '检查编号', '检查项', '条款'])(
    'a control character in %s is refused by its code',
    async (column) => {
      for (const sign of ['\u000B', '\u2028', '\uE000', '\uFFFE', '\uFFFD']) {
        const { refused, reasons } = await read([row({ [column]: `甲${sign}1` })]);
        expect(refused).toEqual([[2, column]]);
        expect(reasons[0]).toContain(`U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
      }
    },
  );

  test.each(['隐患描述', '隐患部位', '检查结论', '责任单位', '整改期限', '单位类型'])(
    'a control character in %s becomes a blank, and that is told',
    async (column) => {
      const { refused, notes, plans } = await read([row({ [column]: '后\u0001厨' })]);
      expect(refused).toEqual([]);
      expect(notes).toEqual([{ line: 2, column, note: expect.stringContaining('U+0001') }]);
      expect(JSON.stringify(plans)).toContain('后 厨');
    },
  );

  test.each(['\u3164', '\u2800', '\uFE0F', '\u0301', '\u200B\u3000'])(
    'a cell of which nothing is seen is an empty cell (%j)',
    async (text) => {
      expect((await read([row({ 单位名称: text })])).refused).toEqual([[2, '单位名称']]);
      expect((await read([row({ 条款: text })])).refused).toEqual([[2, '条款']]);
      const { refused, notes, plans } = await read([row({ 隐患部位: text, 单位类型: text })]);
      expect({ refused, notes }).toEqual({ refused: [], notes: [] });
      expect(JSON.stringify(plans)).not.toContain(text);
    },
  );

  test('a coordinate that cannot be read loses no row', async () => {
    const { refused, notes } = await read([row({ 纬度: '31°02′', 经度: '121' }), row({ 地址: '乙路', 纬度: '31' })]);
    expect(refused).toEqual([]);
    expect(notes.map(({ line, column, dropped }) => [line, column, dropped])).toEqual([
      [2, '纬度', '31°02′'],
      [3, '经度', '31'],
    ]);
  });

  test('a description is cut before the words of a due date are', async () => {
    const { plans } = await read([row({ 隐患描述: '隐'.repeat(1200), 整改期限: '立即整改', 责任单位: '某公司' })]);
    const [, visit] = plans[0]!.commands;
    const text = visit?.kind === 'visit' ? visit.answers[0]?.text : '';
    expect(text).toMatch(/^隐+…；整改期限 立即整改；责任单位 某公司$/);
    expect(text).toHaveLength(1000);
  });

  test.each([
    '2025-05-01',
    '2025.5.1',
    '20250501',
    '2025年5月1日',
    '1999-01-01',
    '1905/7/1',
    '2052-05-20',
    '2035年5月9日',
  ])('a due date “%s” before the inspection, or ten years after it, is refused', async (due) => {
    expect((await read([row({ 整改期限: due })])).refused).toEqual([[2, '整改期限']]);
  });

  test('a due date of the inspection’s day, or within ten years, is kept', async () => {
    for (const due of ['2025-05-08', '2025-05-20', '2035-05-08'])
      expect((await read([row({ 整改期限: due })])).refused).toEqual([]);
  });

  test.each([
    ['a total', { 单位编号: '合 计', 单位名称: '', 检查时间: '', 条款: '12', 有无隐患: '' }, '合 计'],
    ['a total under the names', { 单位名称: '总计：12家' }, '总计：12家'],
    ['a remark', { 单位编号: '填表人：某某', 单位名称: '', 检查时间: '', 有无隐患: '' }, '填表人：某某'],
  ])('%s below the table is no record, and is called so', async (_, cells, said) => {
    const { refused, reasons, units } = await read([row({ 单位名称: '乙店' }), row(cells)]);
    expect({ refused, units }).toEqual({ refused: [[3, '单位名称']], units: ['unit 乙店'] });
    expect(reasons[0]).toContain(`“${said}”是合计或说明`);
  });

  test.each(['constructor', '__proto__', 'toString'])('“%s” is no word of the table', async (word) => {
    for (const column of ['专项', '有无隐患', '检查方式'])
      expect((await read([row({ [column]: word })])).refused).toEqual([[2, column]]);
  });
});

describe('an area', () => {
  const organisations = () =>
    Promise.resolve([
      { id: 'village-01', name: '示例一村' },
      { id: 'a', name: '同名村' },
      { id: 'b', name: '同名村' },
    ]);

  test('is the id of the one organisation of that name', async () => {
    const { refused, plans } = await read(
      [row({ 所属村居: '示例 一村' }), row({ 所属村居: 'village-01', 条款: 'GAS-02' })],
      {
        organisations,
      },
    );
    expect([refused, plans[0]?.commands[0]]).toMatchObject([[], { details: { area: 'village-01' } }]);
  });

  test.each(['同名村', '某村', 'village-99'])('“%s” is refused where names are asked for', async (area) => {
    const { refused } = await read([row({ 所属村居: area }), row({ 地址: '乙路', 所属村居: '示例一村' })], {
      organisations,
    });
    expect(refused).toEqual([[2, '所属村居']]);
  });
});

describe('an inspection that no event has room for', () => {
  test('does not stop the rest of its unit, and its sign-offs are not sent', async () => {
    const items = Array.from({ length: 301 }, (_, n) => row({ 检查编号: 'JC-1', 检查项: String(n), 有无隐患: '无' }));
    const { plans } = await read([...items, row({ 检查时间: '2025-05-09' })]);
    expect(plans[0]?.refused).toEqual([
      { line: 2, column: '检查项', reason: expect.stringContaining('一次检查最多 300 项，这次有 301 项') },
    ]);
    expect(plans[0]?.commands.map(({ kind }) => kind)).toEqual(['unit', 'visit']);
  });
});

describe('a row that is refused for something else', () => {
  const second = row({ 单位编号: 'LT-1', 单位名称: '乙店' });
  test.each([
    ['a surplus cell', `${row({ 单位编号: 'LT-1' })},surplus`],
    ['a row that is too short', 'LT-1,甲店,,甲路1号'],
    ['a name that is too long', row({ 单位编号: 'LT-1', 单位名称: '店'.repeat(201) })],
    ['an area that a spreadsheet spoilt', row({ 单位编号: 'LT-1', 所属村居: '#REF!' })],
  ])('still says who has which number: %s', async (_, first) => {
    const { refused, reasons, units } = await read([first, second, row({ 单位名称: '丙店' })]);
    expect(refused.map(([line]) => line)).toEqual([2, 3]);
    expect(refused[1]).toEqual([3, '单位名称']);
    expect(reasons[1]).toMatch(/“LT-1”.*行\/line 2.*行\/line 3/);
    expect(units).toEqual(['unit 丙店']);
  });

  test('says nothing where its number or its name cannot be read, or they are the same', async () => {
    const rows = [row({ 单位编号: 'LT-1', 单位名称: '#REF!' }), `${second},surplus`, second];
    expect((await read(rows)).refused.map(([line]) => line)).toEqual([2, 3]);
  });
});
