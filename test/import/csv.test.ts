import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Refusal } from '../../shared/import/command.ts';
import { readCsv } from '../../shared/import/csv.ts';
import type { CsvRow } from '../../shared/import/headings.ts';
import { bytes } from './support.ts';

async function read(content: string | Uint8Array, chunk?: number) {
  const rows: CsvRow[] = [];
  const refused: Refusal[] = [];
  let headings: string[] = [];
  const { rows: count, encoding } = await readCsv(bytes(content, chunk), {
    headings: ({ values }) => {
      headings = values;
      return { headings, required: new Set([2]) };
    },
    row: (row) => rows.push(row),
    refused: (refusal) => refused.push(refusal),
  });
  return { headings, rows, refused, count, encoding };
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
/** “单位,地址” and “饭店,练塘” in GBK. */
const GBK = Buffer.from('b5a5cebb2cb5d8d6b70ab7b9b5ea2cc1b7ccc10a', 'hex');

describe('encodings', () => {
  test('UTF-8 is read, characters cut between two chunks too', async () => {
    const { headings, rows, encoding } = await read('单位,地址\n饭店,练塘\n', 1);
    expect(encoding).toBe('utf-8');
    expect(headings).toEqual(['单位', '地址']);
    expect(rows).toEqual([{ line: 2, values: ['饭店', '练塘'] }]);
  });

  test('a byte order mark is not part of the first heading', async () => {
    expect((await read('\uFEFFa,b\n1,2\n')).headings).toEqual(['a', 'b']);
  });

  test('GBK is read', async () => {
    const { headings, rows, encoding } = await read(GBK, 3);
    expect(encoding).toBe('gbk');
    expect(headings).toEqual(['单位', '地址']);
    expect(rows[0]?.values).toEqual(['饭店', '练塘']);
  });

  test('gzip is unpacked whatever the file is called', async () => {
    expect((await read(gzipSync(GBK))).rows).toHaveLength(1);
  });

  test.each([
    ['UTF-16 (little endian)', Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le')],
    ['UTF-16 (big endian)', Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le').swap16()],
    ['UTF-16 (little endian, without byte order mark)', Buffer.from('a,b\n1,2\n', 'utf16le')],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])],
    ['Windows-1252', latin1('name,note\ncaf\xe9,cr\xe8me br\xfbl\xe9e\n')],
    ['Windows-1252', latin1('name,note\ncaf\xe9\n')],
    ['Big5', Buffer.from('b3e6a6ec2ca661a77d0ab6bab2f82ca4a4a4df2cad4ba77e0a', 'hex')],
    ['Excel workbook', Buffer.from('504b0304140006000800', 'hex')],
    ['binary', Buffer.from([1, 0, 2, 3, 4, 0, 0, 9, 9, 9, 9, 9, 9, 9])],
  ])('%s is refused by name, with what is read', async (name, content) => {
    const error = await read(content, 4096).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'InvalidInput', status: 400 });
    expect((error as Error).message).toContain(name);
    expect((error as Error).message).toContain('UTF-8 (with or without byte order mark) and GBK');
  });

  const GBK_HEAD = Buffer.from('b5a5cebbc3fbb3c62cb5d8d6b7', 'hex'); // 单位名称,地址
  const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
  const one = (byte: number): Buffer => Buffer.from([byte]);
  test.each([
    ['UTF-8', [utf8('单位,地址\n饭店,"练塘\n镇'), one(0xff), utf8('路"\n甲,乙\n')], [3, '地址', 'FF', '镇']],
    [
      'UTF-8',
      [utf8('单位,地址\r\n饭'), utf8('店').subarray(0, 2), utf8(',练塘\r\n甲,乙\r\n')],
      [2, '单位', 'E5', '饭'],
    ],
    ['UTF-8', [utf8('单位,地址\r甲,乙\r饭店,练'), utf8('塘').subarray(0, 1)], [3, '地址', 'E5', '练']],
    [
      'GBK',
      [GBK_HEAD, utf8('\n'), Buffer.from('b7b9b5ea', 'hex'), one(0xff), utf8(',a\n')],
      [2, '单位名称', 'FF', '饭店'],
    ],
    ['GBK', [GBK_HEAD, utf8('\n'), Buffer.from('b7b9b5ea2cc1b7cc', 'hex'), utf8('\n')], [2, '地址', 'CC', '练']],
  ] as const)('one broken byte of %s is told with its place', async (encoding, parts, [line, column, byte, before]) => {
    const content = Buffer.concat([...parts]);
    const error = await readCsv(
      bytes(content, 5),
      {
        headings: ({ values }) => ({ headings: values, required: new Set() }),
        row() {},
        refused() {},
      },
      { chinese: true },
    ).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ status: 400, field: column, facts: { line, column, byte } });
    for (const word of [
      encoding,
      `第 ${line} 行“${column}”一列`,
      `line ${line}, column “${column}”`,
      `0x${byte}`,
      `“${before}”`,
    ])
      expect((error as Error).message).toContain(word);
  });

  test('and with an encoding that was said', async () => {
    const content = Buffer.concat([GBK_HEAD, utf8('\n'), one(0xff), utf8('\n')]);
    const reading = (encoding: 'gbk' | 'utf-8') =>
      readCsv(
        bytes(content),
        { headings: ({ values }) => ({ headings: values, required: new Set() }), row() {}, refused() {} },
        { encoding },
      );
    await expect(reading('gbk')).rejects.toThrow('第 2 行“单位名称”一列有一个坏字节');
    await expect(reading('utf-8')).rejects.toThrow('The file is not in UTF-8');
  });

  test('a NUL anywhere is refused with its line, whatever the line ends', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const csv = `a,b${end}${`1,2${end}`.repeat(5000)}1,\0${end}`;
      await expect(read(csv, 4096)).rejects.toThrow('Line 5002 of the file holds a NUL');
    }
  });

  test('an empty file and a broken gzip are refused', async () => {
    await expect(read('')).rejects.toThrow('The file is empty');
    await expect(read(gzipSync('a,b\n1,2\n'.repeat(99)).subarray(0, 30))).rejects.toThrow('not a complete gzip file');
  });
});

describe('rows', () => {
  test('a row’s line is where it starts in the file, with breaks inside fields, blank lines and any line end', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const csv = ['a,b', '1,"x', 'y', 'z"', '', '2,q', ',', '3,"w', '"', '4,e'].join(end);
      const { rows, count } = await read(csv, 2);
      expect(rows.map(({ line, values }) => [line, values[0]])).toEqual([
        [2, '1'],
        [6, '2'],
        [8, '3'],
        [10, '4'],
      ]);
      expect(count).toBe(4);
    }
  });

  test('ragged rows are refused with line and column, and the rest is read', async () => {
    const { rows, refused, count } = await read('a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,"2\n2",3\n');
    expect(rows.map(({ line }) => line)).toEqual([2, 5]);
    expect(refused).toEqual([
      { line: 3, column: 'c', reason: expect.stringContaining('the row has 2 fields, the heading has 3') },
      { line: 4, column: 'column 4', reason: expect.stringContaining('the row has 4 fields, the heading has 3') },
    ]);
    expect(count).toBe(4);
  });

  test('blank fields too many, and last fields too few that may be blank, say nothing', async () => {
    const { rows, refused } = await read('a,b,c,d,e,,\n1,2,3,4,5\n1,2,3\n1,2,3,,,,,, ,\u200B\n1,2,3,4\n');
    expect(rows.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
    expect(refused).toEqual([]);
  });

  test('a short last row without line end may have been cut off; a whole one was not', async () => {
    expect((await read('a,b,c,d\n1,2,3\n1,2,3')).refused).toEqual([
      { line: 3, column: 'd', reason: expect.stringContaining('may have been cut off') },
    ]);
    expect((await read('a,b,c,d,\n1,2,3,4')).refused).toEqual([]);
  });

  test.each([
    ['sep=;', ';'],
    ['"sep=|"', '|'],
    ['sep=\t', 'TAB'],
  ])('another separator is refused by name: %s', async (first, found) => {
    await expect(read(`${first}\na,b,c\n`)).rejects.toThrow(`fields are separated by “${found}”`);
  });

  test.each(['sep=,', '"sep=,"', 'SEP=,'])('%s is skipped', async (first) => {
    const { headings, rows } = await read(`${first}\na,b,c\n1,2,3\n`);
    expect([headings, rows]).toEqual([['a', 'b', 'c'], [{ line: 3, values: ['1', '2', '3'] }]]);
  });

  test('a quote that is never closed refuses the file and names the line', async () => {
    await expect(read('a,b\n1,2\n3,"4\n5,6\n')).rejects.toThrow('from line 3 on: a quotation mark');
  });

  test('a quote inside a field is a quote', async () => {
    expect((await read('a,b\n5" pipe,x\n')).rows[0]?.values).toEqual(['5" pipe', 'x']);
  });
});
