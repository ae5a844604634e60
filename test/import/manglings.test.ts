// What spreadsheets, databases and programs make of numbers is refused wherever a cell identifies something; what is a true number goes in.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mangled } from '../../shared/import/cells.ts';
import { daochaCsv } from '../../shared/import/daocha-csv.ts';
import { readRegister } from '../../shared/import/read.ts';
import { bytes } from './support.ts';

/** By the columns in which it is refused: every one that identifies, or the numbers alone, or the items and clauses alone. */
const MANGLED = {
  all: [
    "9.13101E+17|9.2e17|9.2E17|９.２Ｅ１７|9E+17|1.00E+05|1E5|1e-5|'9.13101E+17|9.1 E+17",
    '913101000000000000|9131010000000000000|913,101,000,000,000,000|1,234|1，234|1,234.50',
    '2025/3/4|2025-03-04|2025－03－04|2025—3—4|2025-3-4 0:00|2025-03-04T00:00:00Z|2025/3/4 9:30:00.0',
    '3/4|12/31|31/12|3/4/2025|3/4/25|3月4日|2025年3月4日|2025年3月|4-Mar|4-Mar-25|Mar-25|1:30|12:00:00|1:30 PM',
    '真|假|@A1|+A1|¥123|￥1,200.50|同上|〃|″|ditto',
    'TRUE|false|=B2|=VLOOKUP(A2,B:C,2,0)|#N/A|#REF!|########|#DIV/0!',
  ],
  number: ['123.0|913101.00|无|暂无|/|—|NULL|None|nan|N/A|undefined|待补|空|不明|…|?|？？？|□|(123)|（123）|-123'],
  part: ['45720|43831'],
};
/** Numbers, items and clauses as towns have them. */
const TRUE = [
  '1|007|123|20250304|2025030401|310118000123|91310118MA1JL1234X|913101181234567|913101181234567892',
  'LT-0001|JC-1|A1|E5|3E001|310118E0012|12E5|B-E12|1-2|2-1|12-31|1-2-3|2025-03|2025-3-41|9131-01-18',
  `1.2|3.10|5.3.2|2025.3.4|2025-05-08-01|第2-1条|GB 50016-2014 5.3.2|13/45|沪A·12345|'00123|="00123"|MAY|3月|10,5|1,23|12:345`,
];
const each = (...lines: string[]): string[] => lines.flatMap((line) => line.split('|'));

const HEAD = '单位名称,专项,检查时间,有无隐患,单位编号,检查编号,检查项,条款';
async function refusedIn(column: string, text: string): Promise<string[]> {
  const cells = { 单位编号: '', 检查编号: '', 检查项: '', 条款: 'GAS-01', [column]: text };
  const quoted = Object.values(cells).map((cell) => `"${cell.replaceAll('"', '""')}"`);
  const csv = `${HEAD}\n甲店,燃气,2025-05-08,有,${quoted.join(',')}\n`;
  const { refused } = await readRegister(bytes(csv, 65_536), daochaCsv);
  for (const { reason } of refused) expect(reason).toContain(text.slice(0, 9));
  return refused.map(({ line, column: of }) => `${line} ${of}`);
}

test('what is no name of a unit is refused in its cell, and so is a row that means the one above', async () => {
  const reasonsOf = async (name: string, address: string) => {
    const csv = `单位名称,地址,专项,检查时间,有无隐患,条款\n"${name}","${address}",燃气,2025-05-08,有,GAS-01\n`;
    return (await readRegister(bytes(csv, 65_536), daochaCsv)).refused;
  };
  const none = each('无|—|0|????|1月2日|TRUE|=SUM(A1)|=B2|9.13101E+17|45720|3/4|同上|〃|待补|…|□|真|,,');
  for (const text of none)
    expect(await reasonsOf(text, '甲路1号')).toMatchObject([
      { line: 2, column: '单位名称', reason: expect.stringContaining(`“${text}”`) },
    ]);
  expect(await reasonsOf('甲店', '同上')).toMatchObject([{ line: 2, column: '地址' }]);
  for (const text of each('1988|7-11|360|无名小吃|同上楼|待补车间|A1|3M|=cmd|Yes!|真真|空间|24小时'))
    expect([text, await reasonsOf(text, '甲路1号')]).toEqual([text, []]);
});

describe('what a spreadsheet made of it', () => {
  test.each([
    ['单位编号', each(...MANGLED.all, ...MANGLED.number)],
    ['检查编号', each(...MANGLED.all, ...MANGLED.number)],
    ['检查项', each(...MANGLED.all, ...MANGLED.part)],
    ['条款', each(...MANGLED.all, ...MANGLED.part)],
  ])('is refused with line and column: %s', async (column, texts) => {
    for (const text of texts) expect([text, await refusedIn(column, text)]).toEqual([text, [`2 ${column}`]]);
  });

  test.each(['单位编号', '检查编号', '检查项', '条款'])('is not what is true, which goes in: %s', async (column) => {
    const own = column === '检查项' || column === '条款' ? MANGLED.number : MANGLED.part;
    for (const text of each(...TRUE, ...own)) expect([text, await refusedIn(column, text)]).toEqual([text, []]);
  });

  test('any quantity, date or time in any way of showing it', () => {
    const two = (n: number): string => String(n).padStart(2, '0');
    fc.assert(
      fc.property(
        fc.bigInt({ min: 10n ** 17n, max: 10n ** 20n }),
        fc.date({ min: new Date('1901-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
        (number, date) => {
          const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
          const plain = Number(number);
          const ways = [
            plain.toExponential(5),
            plain.toExponential(3).replace('+', ''),
            plain.toExponential(0).toUpperCase(),
          ];
          const rounded = `${number.toString().slice(0, -3)}000`;
          ways.push(
            rounded,
            plain.toLocaleString('en-US'),
            `${y}/${m}/${d}`,
            `${y}-${two(m)}-${two(d)}`,
            `${y}年${m}月${d}日`,
          );
          ways.push(
            `${m}/${d}`,
            `${d}/${m}/${y}`,
            `${m}月${d}日`,
            date.toISOString(),
            `${y}-${two(m)}-${two(d)} 09:30:00`,
          );
          for (const way of ways) expect([way, mangled(way)]).toEqual([way, expect.stringMatching(/^number-/)]);
        },
      ),
    );
  });

  test('never a plain number of usual length, one with letters and digits, or one in parts', () => {
    const digits = fc.stringMatching(/^[0-9]{1,17}$/);
    const lettered = fc
      .stringMatching(/^[A-DF-Z]{1,3}-?[0-9]{1,6}$/)
      .filter((text) => !/^(?:Mar|May|Jan|Jun|Jul|Aug|Oct|Nov)/i.test(text));
    const parts = fc.stringMatching(/^[0-9]{1,2}(?:[-.][0-9]{1,2}){1,2}$/).filter((text) => !/^\d+\.0+$/.test(text));
    fc.assert(
      fc.property(fc.oneof(digits, lettered, parts), (text) => {
        expect([text, mangled(text)]).toEqual([text, undefined]);
      }),
    );
  });
});
