// Keys, passwords and addresses are pasted, and something may come along that nobody sees: then every message is refused, or nobody
// can sign in, and the value looks right. What came along is named by its code and place, the value never.
import { codeOf } from './text.ts';

const QUOTE = /["'`“”‘’「」『』]/u;
const KINDS: readonly (readonly [RegExp, string])[] = [
  [QUOTE, 'a quotation mark'],
  [/[\n\r\u2028\u2029]/u, 'a line end'],
  [/\uFEFF/u, 'a byte order mark'],
  [/[\s\p{Zs}]/u, 'a blank'],
  [
    /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\uFFFD]/u,
    'a character that is not seen',
  ],
];
const kindOf = (sign: string): string | undefined => KINDS.find(([signs]) => signs.test(sign))?.[1];

/**
 * `has a blank (U+0020) at its end`; undefined when nothing came along.
 * @param words blanks may be within it, and quotation marks that do not enclose it: a password, a list
 */
export function pastedAlong(text: string, words = false): string | undefined {
  const signs = Array.from(text);
  const enclosed = signs.length > 1 && QUOTE.test(signs[0]!) && QUOTE.test(signs.at(-1)!);
  const counts = (sign: string): boolean =>
    kindOf(sign) !== undefined && !(words && (sign === ' ' || (QUOTE.test(sign) && !enclosed)));
  const said = (sign: string, place: string): string => `has ${kindOf(sign)} (${codeOf(sign)}) ${place}`;
  const [first = '', last = ''] = [signs[0], signs.at(-1)];
  if (counts(first) || first === ' ') return said(first, 'at its beginning');
  if (counts(last) || last === ' ') return said(last, 'at its end');
  const within = signs.find(counts);
  return within === undefined ? undefined : said(within, 'within it');
}
