// EventBridge patterns, which rules of the bus and filters of an event source mapping share: every named field must match
// one of the values listed for it. An operator that is not known here is an error at start, never a silent mismatch.

import { TemplateProblem } from './template.ts';

export type Pattern = { [field: string]: Pattern | Test[] };
type Test = string | number | boolean | null | Record<string, unknown>;

const OPERATORS = new Set(['exists', 'prefix', 'suffix', 'equals-ignore-case', 'anything-but', 'numeric']);

/**
 * @param source a pattern as JSON text or as an object
 * @throws TemplateProblem for an operator or a shape that is not known
 */
export function parsePattern(source: unknown): Pattern {
  const pattern: unknown = typeof source === 'string' ? JSON.parse(source) : source;
  check(pattern);
  return pattern as Pattern;
}

function check(pattern: unknown): void {
  if (Array.isArray(pattern)) {
    for (const test of pattern) {
      if (typeof test !== 'object' || test === null) continue;
      const operator = Object.keys(test)[0] ?? '';
      if (!OPERATORS.has(operator)) throw new TemplateProblem(`event patterns with "${operator}" are not known here`);
    }
    return;
  }
  if (typeof pattern !== 'object' || pattern === null)
    throw new TemplateProblem('an event pattern is not made of lists');
  for (const [field, inner] of Object.entries(pattern)) {
    if (field === '$or') throw new TemplateProblem('event patterns with "$or" are not known here');
    check(inner);
  }
}

export function matches(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, inner]) => {
    const value = typeof event === 'object' && event !== null ? (event as Record<string, unknown>)[field] : undefined;
    if (!Array.isArray(inner)) {
      return typeof value === 'object' && value !== null ? matches(inner, value) : matches(inner, {});
    }
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return inner.some((test) => values.some((one) => passes(test, one)));
  });
}

function passes(test: Test, value: unknown): boolean {
  if (typeof test !== 'object' || test === null) return value === test;
  const [operator, argument] = Object.entries(test)[0] ?? ['', undefined];
  switch (operator) {
    case 'exists':
      return (value !== undefined) === argument;
    case 'prefix':
      return typeof value === 'string' && value.startsWith(String(argument));
    case 'suffix':
      return typeof value === 'string' && value.endsWith(String(argument));
    case 'equals-ignore-case':
      return typeof value === 'string' && value.toLowerCase() === String(argument).toLowerCase();
    case 'anything-but':
      return (
        value !== undefined &&
        !(Array.isArray(argument) ? argument : [argument]).some((one) => passes(one as Test, value))
      );
    case 'numeric':
      return numeric(argument as unknown[], value);
    default:
      return false;
  }
}

function numeric(comparisons: unknown[], value: unknown): boolean {
  if (typeof value !== 'number') return false;
  for (let i = 0; i < comparisons.length; i += 2) {
    const bound = Number(comparisons[i + 1]);
    const holds = {
      '=': value === bound,
      '<': value < bound,
      '<=': value <= bound,
      '>': value > bound,
      '>=': value >= bound,
    };
    if (!(holds[comparisons[i] as keyof typeof holds] ?? false)) return false;
  }
  return true;
}
