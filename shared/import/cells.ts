// What a spreadsheet does to a cell, and what nobody sees at its ends.
import { isSeen, refusedIn } from '../text.ts';
import type { Facts, MessageKey } from './messages.ts';

/** Blanks and format characters; the tags that end a flag (U+E0020 …) belong to it. */
const ENDS = /^(?![\u{E0020}-\u{E007F}])[\s\p{Cf}]+|(?:(?![\u{E0020}-\u{E007F}])[\s\p{Cf}])+$/gu;
const PLAIN_ENDS = /^[\u0021-\u007E](?:.*[\u0021-\u007E])?$/s;

/** Without blanks and invisible characters at its ends; empty when nothing of it is seen. */
export function trimmed(text: string): string {
  if (text === '' || PLAIN_ENDS.test(text)) return text;
  return isSeen(text) ? text.replaceAll(ENDS, '') : '';
}

const ERROR =
  /^(?:#(?:N\/A|REF!|NAME\?|VALUE!|DIV\/0!|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|GETTING_DATA)|#{2,}|Err:\d{3})$/i;

/** `#N/A`, `#REF!` … or a column too narrow for its number, `########`. */
export const isSpreadsheetError = (text: string): boolean =>
  /[#＃:：]/.test(text) && ERROR.test(text.normalize('NFKC'));

const SCIENCE = /^\d+(?:\.\d+)?[Ee]\+\d+$/;
const ROUNDED = /^\d{15,}000$/;
const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const DATED = new RegExp(`^(?:\\d{1,2}月\\d{1,2}日|\\d{1,2}-(?:${MONTHS})|(?:${MONTHS})-\\d{2})$`, 'i');

/** What a spreadsheet made of a number: the message that says so. An apostrophe in front kept all digits. */
export function mangled(number: string): 'number-science' | 'number-rounded' | 'number-date' | undefined {
  const text = number.normalize('NFKC').replaceAll(/\s/g, '');
  if (SCIENCE.test(bareNumber(text))) return 'number-science';
  if (ROUNDED.test(text)) return 'number-rounded';
  return DATED.test(text) ? 'number-date' : undefined;
}

/** A number without what a spreadsheet puts to it or takes away: `'`, `="…"`, zeros, `.0`; width and blanks do not count. */
export function bareNumber(number: string): string {
  return number
    .normalize('NFKC')
    .replaceAll(/[\s\p{Cf}]/gu, '')
    .replace(/^="(.*)"$/, '$1')
    .replace(/^['’‘`]+/, '')
    .replace(/^(\d+)\.0+$/, '$1')
    .replace(/^0+(?=.)/, '');
}

/** Why a text cannot identify anything: the message and its facts. */
export function unsound(text: string, most: number): [MessageKey, Facts] | undefined {
  if (isSpreadsheetError(text)) return ['cell-error', { text }];
  if (text.length > most) return ['cell-long', { length: text.length, most }];
  const code = refusedIn(text, 'name');
  if (code) return ['cell-character', { code }];
  const broken = mangled(text);
  return broken && [broken, { text, others: '' }];
}
