// Headings as people write them, below what people put above them.
import { describe, expect, test } from 'vitest';
import { daochaCsv } from '../../shared/import/daocha-csv.ts';
import { readRegister } from '../../shared/import/read.ts';
import { torontoDinesafe } from '../../shared/import/toronto-dinesafe.ts';
import { bytes } from './support.ts';

const HEAD = '单位名称,专项,检查时间,条款,有无隐患';
const ROW = '甲店,燃气,2025-05-08,GAS-01,有';
const read = (csv: string) => readRegister(bytes(csv, 65_536), daochaCsv);

describe('headings', () => {
  test.each([
    '*单位名称,＊专项,检查时间*,条款（必填）,有无隐患【必填】',
    '单位名称 (required),专项(选填),检查时间（必填，如 2025-05-08）,条款 [optional],有无隐患',
    '\u200B单位名称,专\u00AD项,\uFEFF检查时间,条 款,"有无\n隐患"',
    'ＵＮＩＴ＿ＮＡＭＥ,Track,INSPECTED_AT,clause (Required),problem',
  ])('%s', async (heading) => {
    const { register, refused } = await read(`${heading}\n${ROW}\n,,,,x\n`);
    expect(register.units).toBe(1);
    expect(refused[0]?.column).toMatch(/^(单位名称|UNIT_NAME)$/);
  });

  test('that are one when nothing decorates them stand twice', async () => {
    await expect(read(`${HEAD},专项（必填）\n${ROW},燃气\n`)).rejects.toThrow('“专项” stands twice');
  });

  test.each([0, 1, 2, 9])('stand below %s rows of titles', async (titles) => {
    const above = Array.from({ length: titles }, (_, i) => `标题${i},标题${i},,,\n\n`).join('');
    const result = await read(`${above}${HEAD}\n${ROW}\n${ROW.replace('2025', '1925')}\n`);
    expect(result.above).toEqual(titles === 0 ? undefined : [1, titles * 2]);
    expect(result.refused.map(({ line }) => line)).toEqual([titles * 2 + 3]);
    expect(result.rows).toBe(2);
  });

  test('are not looked for below ten rows; the row most like them is shown with its line', async () => {
    const titles = '标题,,,,\n'.repeat(4);
    const nearly = HEAD.replace('条款', '依据');
    await expect(read(`${titles}${nearly}\n${titles}${titles}${HEAD}\n${ROW}\n`)).rejects.toThrow(
      /缺少 clause 或 条款 列.*column clause or 条款 is missing.*“单位名称”, “专项”, “检查时间”, “依据”, “有无隐患” \(line 5\)/s,
    );
  });

  test('of a file too short for ten rows are shown as well, what nobody sees by its code', async () => {
    await expect(read('标题\n单位\u200B名\n')).rejects.toThrow('“标题”');
    await expect(read('单位名称,\u202E专类\n')).rejects.toThrow('<U+202E>专类');
  });

  test('that stand once more between the rows are no record; in another order they are another table', async () => {
    const { register, refused } = await read(`${HEAD}\n${ROW}\n${HEAD.replace('专项', '专项（必填）')}\n${ROW}\n`);
    expect(register.units).toBe(1);
    expect(refused).toMatchObject([{ line: 3, column: '单位名称', reason: expect.stringContaining('重复的表头') }]);
    await expect(
      read(`${HEAD}\n${ROW}\n专项,单位名称,检查时间,条款,有无隐患\n燃气,乙店,2025-05-08,GAS-01,有\n`),
    ).rejects.toThrow('Line 3 holds headings again');
  });

  test('alone are no register', async () => {
    for (const csv of [`${HEAD}\n`, `标题,,,,\n${HEAD}\n,,,,\n\n`])
      await expect(read(csv)).rejects.toThrow(/文件只有表头（第 [12] 行）/);
  });

  test('of the foreign registers are found in the same way', async () => {
    const head =
      'Establishment ID,*Inspection ID,Establishment Name,Establishment Address,Infraction Details,Inspection Date,Severity,Action';
    const csv = `DineSafe,,,,,,,\n${head}\n1,2,A,B,,2001-05-14,,\n#N/A,2,A,B,,2001-05-14,,\n1.2E+10,2,A,B,,2001-05-14,,\n`;
    const { register, refused } = await readRegister(bytes(csv, 65_536), torontoDinesafe);
    expect(register.units).toBe(1);
    expect(refused.map(({ line, column }) => [line, column])).toEqual([
      [4, 'Establishment ID'],
      [5, 'Establishment ID'],
    ]);
  });
});
