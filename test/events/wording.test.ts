// Whoever sends something wrong is told what would be right in words of ours: each schema of every route and event is given all kinds
// of wrong values, and none of the library's default wordings comes out.
import * as z from 'zod';
import { expect, test } from 'vitest';
import { DEFINITIONS } from '../../events/catalogue.ts';
import { envelopeSchema } from '../../events/envelope.ts';
import { inChinese, plainly } from '../../events/wording.ts';
import { zodDefinition, type Definition } from '../../functions/api/characters.ts';
import type { Route } from '../../functions/api/route.ts';
import { ROUTE_NAMES, ROUTES } from '../../functions/api/routes.ts';

const WRONG: unknown[] = [
  undefined,
  null,
  true,
  0,
  -1,
  0.5,
  NaN,
  1e300,
  Infinity,
  10n,
  Symbol('s'),
  new Date(0),
  '',
  ' ',
  'x',
  '2025-13-45',
  '2025-06-31T25:00',
  'x'.repeat(70_000),
  [],
  Array(2000).fill('x'),
  {},
  { zzz: 1 },
];
const DEFAULT =
  /^(invalid|too (small|big)|unrecognized|expected .*(received|to (be|have))|does not fit|fits no)|\[object/i;

/** The schema and everything within it. */
function* parts(schema: z.core.$ZodType, seen = new Set<z.core.$ZodType>()): Generator<z.core.$ZodType> {
  if (seen.has(schema)) return;
  seen.add(schema);
  yield schema;
  const {
    shape = {},
    options = [],
    getter,
    ...rest
  } = zodDefinition(schema) as Definition & {
    keyType?: z.core.$ZodType;
    getter?: () => z.core.$ZodType;
  };
  const inner = [rest.element, rest.valueType, rest.keyType, rest.innerType, rest.in, getter?.()];
  for (const next of [...Object.values(shape), ...options, ...inner]) if (next) yield* parts(next, seen);
}

test('no default wording of the library comes out of any schema', () => {
  const routes = ROUTE_NAMES.map((name) => ROUTES[name] as Route);
  const schemas = [
    envelopeSchema,
    ...DEFINITIONS.map(({ data }) => data),
    ...routes.flatMap(({ params, query, body }) => [params, query, body]),
  ];
  const seen = new Set<z.core.$ZodType>();
  const messages = new Map<string, Set<string>>();
  for (const part of schemas.flatMap((schema) => [...parts(schema, seen)])) {
    for (const value of WRONG) {
      const { error } = z.safeParse(part, value);
      for (const { code, message } of error?.issues ?? []) {
        messages.set(code, (messages.get(code) ?? new Set()).add(message));
      }
    }
  }
  // every kind that is declared anywhere has been provoked
  expect([...messages.keys()]).toEqual(
    expect.arrayContaining([
      'invalid_type',
      'invalid_value',
      'too_small',
      'too_big',
      'invalid_format',
      'invalid_union',
      'unrecognized_keys',
      'custom',
    ]),
  );
  expect([...messages.values()].flatMap((all) => [...all]).filter((message) => DEFAULT.test(message))).toEqual([]);
  expect([...messages.get('too_small')!]).toContain('must not be empty: at least one character that is seen');
});

test('what the schemas say in words of the kind is said in Chinese too', () => {
  const chinese = (schema: z.ZodType, value: unknown): string =>
    inChinese(schema.safeParse(value).error!.issues[0]!.message);
  expect(chinese(z.string(), undefined)).toBe('没有填写');
  expect(chinese(z.string().min(1), '')).toBe('不能为空，至少要有一个看得见的字');
  expect(chinese(z.string().max(2), '甲乙丙')).toBe('最多 2 字，现有 3 字');
  expect(chinese(z.array(z.int()).max(1), [1, 2])).toBe('最多 1 项，现有 2 项');
  expect(chinese(z.array(z.int()).min(2), [1])).toBe('至少 2 项');
  expect(chinese(z.int(), 'x')).toBe('应为数字');
  expect(chinese(z.int().min(2), 1)).toBe('不小于 2');
  expect(chinese(z.number().max(2), 3)).toBe('不大于 2');
  expect(chinese(z.enum(['a', 'b']), 'c')).toBe('应为 a、b 之一');
  expect(chinese(z.iso.date(), 'x')).toBe('应为存在的日期，例如 2025-06-30');
  expect(inChinese('unknown field; known are name')).toBe('没有这一项');
  expect(inChinese('must be whole')).toBe('不符合要求（must be whole）');
});

test('each kind of issue says what would be right', () => {
  const said = (schema: z.ZodType, value: unknown): string | undefined =>
    schema.safeParse(value).error?.issues[0]?.message;
  expect(said(z.string(), undefined)).toBe('is missing; expected string');
  expect(said(z.int(), 0.5)).toBe('expected whole number, not number');
  expect(said(z.boolean(), 'x')).toBe('expected true or false, not string');
  expect(said(z.enum(['a', 'b']), 'c')).toBe('must be one of a, b');
  expect(said(z.literal('a'), 'c')).toBe('must be a');
  expect(said(z.string().min(2), '甲')).toBe('must have at least 2 characters, has 1');
  expect(said(z.string().max(2), '甲乙丙')).toBe('must have at most 2 characters, has 3');
  expect(said(z.array(z.int()).max(1), [1, 2])).toBe('must have at most 1 item, has 2');
  expect(said(z.number().gt(1), 1)).toBe('must be more than 1');
  expect(said(z.number().max(1), 2)).toBe('must be at most 1');
  expect(said(z.number().multipleOf(5), 2)).toBe('must be a multiple of 5');
  expect(said(z.iso.date(), '2025-02-29')).toBe('must be a date that exists, e.g. 2025-06-30');
  expect(said(z.string().regex(/^a$/), 'b')).toBe('must be written as /^a$/');
  expect(said(z.union([z.boolean(), z.int()]), 'x')).toBe(
    'expected true or false, not string, or expected number, not string',
  );
  expect(said(z.record(z.enum(['a']), z.int()), { b: 1 })).toBeDefined();
  expect(plainly({ code: 'unrecognized_keys', keys: ['x'], input: {} } as never)).toBe('unknown: x');
});
