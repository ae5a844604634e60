// What is said when a value does not fit its schema and the schema has no words of its own: what would be right, in plain English.
// events/envelope.ts makes it the wording of every schema, so that nothing of the library's own comes out.
import * as z from 'zod';

/** Of a text that must not be empty. */
export const NOT_EMPTY = 'must not be empty: at least one character that is seen';

const KINDS = new Map([
  ['record', 'object'],
  ['int', 'whole number'],
  ['boolean', 'true or false'],
  ['nan', 'NaN'],
]);
const UNITS = new Map<string, [one: string, more: string]>([
  ['string', ['character', 'characters']],
  ['array', ['item', 'items']],
  ['set', ['item', 'items']],
  ['map', ['entry', 'entries']],
  ['file', ['byte', 'bytes']],
]);
const FORMATS = new Map([
  ['date', 'must be a date that exists, e.g. 2025-06-30'],
  ['datetime', 'must be a date and time, e.g. 2025-05-24T10:00:00+08:00'],
  ['email', 'must be an e-mail address'],
  ['url', 'must be a whole address, e.g. https://town.example/'],
]);

/** The words for one issue. */
export function plainly(issue: z.core.$ZodRawIssue): string {
  const { origin = 'value', inclusive = true } = issue as { origin?: string; inclusive?: boolean };
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `is missing; expected ${kindOf(issue.expected)}`;
      return `expected ${kindOf(issue.expected)}, not ${kindOf(z.util.parsedType(issue.input))}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      if (origin === 'string' && issue.minimum === 1) return NOT_EMPTY;
      return bound(origin, inclusive ? 'at least' : 'more than', issue.minimum, issue.input);
    case 'too_big':
      return bound(origin, inclusive ? 'at most' : 'less than', issue.maximum, issue.input);
    case 'invalid_format':
      return (
        FORMATS.get(issue.format) ?? `must be written as ${issue.format === 'regex' ? issue.pattern : issue.format}`
      );
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `unknown: ${issue.keys.join(', ')}`;
    case 'invalid_union': {
      const { options = [], errors = [] } = issue as {
        options?: readonly unknown[];
        errors?: { message?: string }[][];
      };
      if (options.length > 0) return `must be one of ${options.map(String).join(', ')}`;
      return [...new Set(errors.flatMap(([first]) => first?.message ?? []))].join(', or ') || 'fits no alternative';
    }
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues[0]?.message ?? `must fit the ${origin}`;
    case 'custom':
      return 'does not fit';
  }
}

const kindOf = (type: string): string => KINDS.get(type) ?? type;

function bound(origin: string, how: string, limit: number | bigint, input: unknown): string {
  const units = UNITS.get(origin);
  if (!units) return `must be ${how} ${limit}`;
  const { length } = (input ?? {}) as { length?: number };
  const has = length === undefined ? '' : `, has ${length}`;
  return `must have ${how} ${limit} ${units[Number(limit) === 1 ? 0 : 1]}${has}`;
}

const KINDS_ZH = new Map([
  ['string', '文字'],
  ['number', '数字'],
  ['whole number', '整数'],
  ['true or false', '是或否'],
  ['array', '列表'],
]);
const CHINESE: readonly (readonly [RegExp, (found: string[]) => string])[] = [
  [/^is missing/, () => '没有填写'],
  [/^must not be empty/, () => '不能为空，至少要有一个看得见的字'],
  [/^expected ([a-z ]+), not /, ([, kind]) => `应为${KINDS_ZH.get(kind!) ?? kind}`],
  [/^must be one of (.+)$/s, ([, values]) => `应为 ${values!.replaceAll(', ', '、')} 之一`],
  [
    /^must have at most (\d+) characters?(?:, has (\d+))?/,
    ([, most, has]) => `最多 ${most} 字${has ? `，现有 ${has} 字` : ''}`,
  ],
  [/^must have at least (\d+) characters?/, ([, least]) => `至少 ${least} 字`],
  [
    /^must have at most (\d+) items?(?:, has (\d+))?/,
    ([, most, has]) => `最多 ${most} 项${has ? `，现有 ${has} 项` : ''}`,
  ],
  [/^must have at least (\d+) items?/, ([, least]) => `至少 ${least} 项`],
  [/^must be at least (\S+)$/, ([, least]) => `不小于 ${least}`],
  [/^must be at most (\S+)$/, ([, most]) => `不大于 ${most}`],
  [
    /^must be (?:a date that exists|a date and time)[^,]*, e\.g\. (\S+)/,
    ([, example]) => `应为存在的日期，例如 ${example}`,
  ],
  [/^unknown/, () => '没有这一项'],
  [/^is not (?:percent-encoded )?UTF-8/, () => '不是 UTF-8 编码的文字'],
  [/^half a character/, () => '有不完整的字符'],
  [/(U\+[0-9A-F]+) stands in it/, ([, code]) => `有不能用的字符（${code}）`],
  [/^is given more than once/, () => '重复出现'],
  [/would be stored as another number/, () => '数字超出可以准确保存的范围'],
];

/** What an English sentence about a field says, for whoever reads Chinese; one that is not known keeps its words. */
export function inChinese(message: string): string {
  for (const [english, chinese] of CHINESE) {
    const found = english.exec(message);
    if (found) return chinese(found);
  }
  return `不符合要求（${message}）`;
}
