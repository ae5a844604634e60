// Text is cut between characters, shown with what nobody sees, and compared by how it reads.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compared, cutText, isSeen, isWellFormed, patternFor, refusedIn, visible } from '../../shared/text.ts';

const characters = fc.array(fc.constantFrom('a', '隐', '𠀀', '😀', '\ud83d', '\ude00'), { maxLength: 12 });

describe('a cut', () => {
  test.each([
    ['what fits is left as it is', '隐患', 2, '隐患'],
    ['the mark counts', '隐患描述', 3, '隐患…'],
    ['a character of two units goes whole', `${'隐'.repeat(998)}𠀀患`, 1000, `${'隐'.repeat(998)}…`],
    ['one that fits stays', `${'隐'.repeat(997)}𠀀患患`, 1000, `${'隐'.repeat(997)}𠀀…`],
    ['no room at all', '隐患', 0, ''],
    ['no joiner is left at the end', '👨\u200D👩\u200D👧', 4, '👨…'],
  ])('%s', (_, text, max, cut) => {
    expect(cutText(text, max)).toBe(cut);
  });

  test('another mark, or none', () => {
    expect(cutText('条条😀条', 3, '')).toBe('条条');
    expect(cutText('条条😀条', 4, '')).toBe('条条😀');
    expect(cutText('abcdef', 5, '...')).toBe('ab...');
    expect(cutText('abcdef', 2, '...')).toBe('ab');
  });

  test('is never longer than told, makes no half of a character, and loses one unit at most', () => {
    fc.assert(
      fc.property(characters, fc.nat(14), fc.constantFrom('…', '', '...'), (some, max, end) => {
        const text = some.join('');
        const cut = cutText(text, max, end);
        expect(cut.length).toBeLessThanOrEqual(max);
        expect(isWellFormed(cut) || !isWellFormed(text)).toBe(true);
        expect(text.length <= max ? cut === text : cut.length >= max - 1).toBe(true);
        expect(cutText(`${text}\u200D\u200D${text}${'a'.repeat(15)}`, max, end)).not.toMatch(/\u200D(…|\.\.\.)?$/);
      }),
    );
  });
});

test('halves of characters are found as the built-in finds them', () => {
  fc.assert(
    fc.property(characters, (some) => {
      expect(isWellFormed(some.join(''))).toBe(some.join('').isWellFormed());
    }),
  );
});

test('what drives a terminal, turns the direction of writing or is not seen is shown by its code', () => {
  expect(visible('转义\u001B[31m红\u0007\u202E店\u200B')).toBe('转义<U+001B>[31m红<U+0007><U+202E>店<U+200B>');
  expect(visible('一行\n二行\r\t\u0000\u009B')).toBe('一行\n二行<U+000D><U+0009><U+0000><U+009B>');
  expect(visible('\ud83d 😀 \u{E0001}')).toBe('<U+D83D> 😀 <U+E0001>');
});

test('texts that read alike are compared as equal', () => {
  const shop = compared('老街8号 Cafe');
  for (const written of [
    '老街８号Cafe',
    ' 老街\u3000８号\u200BＣＡＦＥ',
    '老街8\uFE00号\u00A0cafe',
    '老街8号\tcafe\n',
  ]) {
    expect(compared(written)).toBe(shop);
  }
  expect(compared('\u2FB7品店')).toBe(compared('食品店'));
  expect(compared('老街9号cafe')).not.toBe(shop);
  for (const dash of '-–—‐‑‒―−－﹣﹘⸺ー') expect([dash, compared(`甲${dash}2号`)]).toEqual([dash, '甲-2号']);
  expect(compared('甲——2号')).toBe('甲-2号');
  for (const point of '.·・･•．‧∙⋅') expect([point, compared(`甲${point}乙`)]).toEqual([point, '甲.乙']);
  expect(compared('甲2号')).not.toBe(compared('甲-2号'));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => compared(compared(text)) === compared(text)));
});

test('names take neither control nor format characters, longer texts take line feeds, tabs and emoji', () => {
  expect(refusedIn('练塘某店 😀', 'name')).toBeUndefined();
  expect(refusedIn('店\u000B铺', 'name')).toBe('U+000B');
  for (const sign of ['\n', '\t', '\u200B', '\u202E', '\uFEFF']) {
    expect(refusedIn(`店${sign}铺`, 'name')).toBeDefined();
    expect(refusedIn(`店${sign}铺`, 'text')).toBeUndefined();
  }
  for (const sign of ['\0', '\r', '\u001B', '\u0085', '\ud83d']) expect(refusedIn(`店${sign}铺`, 'text')).toBeDefined();
});

test('the patterns of the document say what is refused, and that something is seen', () => {
  const some = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 1 }),
      fc.constantFrom('\u3164', '\u0301', '\uE000', '\uFFFD', '\n', ' ', '店'),
    ),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(some, fc.constantFrom('name', 'text'), fc.boolean(), (parts, what: 'name' | 'text', filled) => {
      const text = parts.join('').toWellFormed();
      const fits = refusedIn(text, what) === undefined && (!filled || isSeen(text));
      expect(new RegExp(patternFor(what, filled), 'u').test(text)).toBe(fits);
    }),
  );
});
