// What a spreadsheet does to a cell, and what nobody sees at its ends.
import { isSeen, refusedIn } from '../text.ts';
import type { MessageFacts, MessageKey } from './messages.ts';

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

const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const CLOCK = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?`;
const M = '(?:0?[1-9]|1[0-2])';
const D = '(?:0?[1-9]|[12]\\d|3[01])';

/**
 * What a spreadsheet makes of a number, and the message that says so. Not here, because they are true numbers too: `2-1`, `2025-03`,
 * `2025.3.4`, `3.10`, and digits of any length that do not end in 000 where a spreadsheet rounds.
 */
const MANGLED: readonly (readonly [RegExp, MessageKey])[] = [
  // one digit before the point, as whatever prints numbers does; with a plus sign it is nothing else
  [/^(?:\d+(?:\.\d+)?E\+\d+|\d(?:\.\d+)?E-?[1-9]\d{0,2}|\d+\.\d+E[1-9]\d{0,2})$/i, 'number-science'],
  [/^\d{15,}000$/, 'number-rounded'],
  [/^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/, 'number-grouped'],
  [new RegExp(`^(?:19|20)\\d\\d([-/])${M}\\1${D}(?:[T ]*${CLOCK})?Z?$`, 'i'), 'number-date'],
  [new RegExp(`^(?:${M}/${D}|${D}/${M})(?:/(?:\\d\\d)?\\d\\d)?$`), 'number-date'],
  [new RegExp(`^(?:\\d{4}年${M}月(?:${D}日)?|${M}月${D}日)$`), 'number-date'],
  [new RegExp(`^(?:${D}-(?:${MONTHS})(?:-(?:\\d\\d)?\\d\\d)?|(?:${MONTHS})-(?:\\d\\d)?\\d\\d)$`, 'i'), 'number-date'],
  [new RegExp(`^${CLOCK}(?:[AP]M)?$`, 'i'), 'number-date'],
  [/^(?:TRUE|FALSE|真|假)$/i, 'number-value'],
  [/^[@+]\$?[A-Z]{1,3}\$?\d+$/i, 'number-value'],
  [/^-?[¥$€£]-?\d[\d,.]*$/, 'number-value'],
  [/^(?:同上|同前|同左|上同|如上|[〃″′"”“]+|ditto|do\.)$/i, 'cell-ditto'],
  [/^=(?!"[^"]*"$)/, 'number-value'],
];
/** Words for “has none”, or nothing but signs (…, ?, □, —). */
const NONE =
  /^(?:无|暂无|没有|不详|不明|未知|未填|未办理?|待[补填定办核]充?|空白?|略|缺|暂缺|NULL|NONE|NAN|N\/A|TBD|UNDEFINED|[^\p{L}\p{N}]+)$/iu;
/** What is not a register’s own number: digits after the point, and words for “has none”. */
const NO_NUMBER: typeof MANGLED = [
  [/^\d+\.0+$/, 'number-value'],
  [/^(?:\(\d[\d,.]*\)|[-+]\d[\d,.]*)$/, 'number-value'],
  [NONE, 'number-none'],
];
/** A name: also numbers that no sign has. `=cmd|…` is somebody's text and kept as such (a list never runs it). */
const NO_NAME: typeof MANGLED = [
  [NONE, 'cell-no-name'],
  [/^(?:0+|-?\d+\.\d+|[=+@][A-Z]{1,20}\(.*\)|[=+@]\$?[A-Z]{1,3}\$?\d+)$/i, 'cell-no-name'],
];
/** An item or a clause: the days of 2015 to 2035, which is what becomes of `3-4`. A register may well have a number 45720. */
const DAY_NUMBER: typeof MANGLED = [[/^(?:420(?:0[5-9]|[1-9]\d)|42[1-9]\d\d|4[3-8]\d{3}|49[0-6]\d\d)$/, 'number-date']];
const DASHES = /[\u2010-\u2015\u2212]/g;
/** As it would be typed on an English keyboard: full-width characters and the dashes of word processors are one with the plain ones. */
export const asTyped = (text: string): string => text.normalize('NFKC').replaceAll(DASHES, '-');

/** What a spreadsheet made of a number: the message that says so. An apostrophe in front kept all digits. */
export function mangled(number: string, what: 'number' | 'part' | 'name' = 'number'): MessageKey | undefined {
  const text = asTyped(number).replaceAll(/\s/g, '');
  if (what === 'name') {
    const forms = [
      ...MANGLED.filter(([, key]) => key !== 'number-value' || !text.startsWith('=')),
      ...NO_NAME,
      ...DAY_NUMBER,
    ];
    const found = forms.find(([form]) => form.test(text));
    return found && (found[1] === 'cell-ditto' ? 'cell-ditto' : 'cell-no-name');
  }
  const bare = text.replace(/^['’‘`]+/, '');
  const [, why] =
    [...MANGLED, ...(what === 'number' ? NO_NUMBER : DAY_NUMBER)].find(([form, key]) =>
      form.test(key === 'number-science' ? bare : text),
    ) ?? [];
  return why;
}

/** A character that no name may hold. U+FFFD is seen well enough: it stands for one that was lost. */
export const unfitCharacter = (code: string): [MessageKey, MessageFacts] =>
  code === 'U+FFFD' ? ['cell-unread', {}] : ['cell-character', { code }];

/** Why a text cannot identify anything: the message and its facts. @param what a register's number, or an item or a clause */
export function unsound(text: string, most: number, what?: 'number' | 'part'): [MessageKey, MessageFacts] | undefined {
  if (isSpreadsheetError(text)) return ['cell-error', { text }];
  if (text.length > most) return ['cell-long', { length: text.length, most }];
  const code = refusedIn(text, 'name');
  if (code) return unfitCharacter(code);
  const broken = mangled(text, what);
  return broken && [broken, { text, others: '' }];
}
