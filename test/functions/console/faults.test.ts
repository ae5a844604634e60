// What the API refuses of a form is said in Chinese on the page: which field, and what would be right.
import { expect, test } from 'vitest';
import { parseInput } from '../../../functions/api/problems.ts';
import { ROUTES } from '../../../functions/api/routes.ts';
import { wordsFor } from '../../../functions/console/error-words.ts';
import type { DaochaError } from '../../../events/errors.ts';

const refused = (body: object): DaochaError => {
  try {
    parseInput(ROUTES.registerUnit.body, body, 'body');
  } catch (error) {
    return error as DaochaError;
  }
  throw new Error('it was taken');
};
const UNIT = { name: '甲', area: 'village-01', tracks: ['gas'] };

test.each<[object, string]>([
  [{ ...UNIT, name: '长'.repeat(201) }, '名称：最多 200 字，现有 201 字。'],
  [{ ...UNIT, name: '\u3164' }, '名称：不能为空，至少要有一个看得见的字。'],
  [{ ...UNIT, name: '店\u000B' }, '所填文字中有看不见的控制字符或自定义字符（U+000B），请删去后再提交。'],
  [{ ...UNIT, name: '店\uE000' }, '所填文字中有看不见的控制字符或自定义字符（U+E000），请删去后再提交。'],
  [{ ...UNIT, name: '店\uFFFD' }, '所填文字不是 UTF-8 编码，有的字已经丢失（U+FFFD），请重新填写。'],
  [{ ...UNIT, colour: 1 }, 'colour：没有这一项。'],
  [{ ...UNIT, name: 1, address: '' }, '名称：应为文字；地址：不能为空，至少要有一个看得见的字。'],
])('%j', (body, words) => {
  expect(wordsFor(refused(body))).toBe(words);
});

test('as the page calls the field', () => {
  expect(wordsFor(refused({ ...UNIT, name: '' }), '单位名称')).toBe('单位名称：不能为空，至少要有一个看得见的字。');
});
