// Evaluates the DynamoDB expressions that daocha writes (conditions, key conditions, filters, updates, projections)
// over plain items. Recursive descent over the grammar of the API reference; anything unknown is an error, not a guess.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;
export interface Names {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}
type Scalar = string | number | boolean | Uint8Array;

export class ExpressionError extends Error {
  override name = 'ValidationException';
}

/** Expressions are few, and read for every item of a table. */
const tokenized = new Map<string, readonly string[]>();
const TOKEN = /\s*(<>|<=|>=|[=<>(),+-]|:[A-Za-z0-9_]+|#?[A-Za-z_][A-Za-z0-9_.]*)/y;

class Tokens {
  readonly list: readonly string[];
  at = 0;
  constructor(source: string) {
    this.list = tokensOf(source);
  }
  peek(): string | undefined {
    return this.list[this.at];
  }
  next(): string {
    const token = this.list[this.at++];
    if (token === undefined) throw new ExpressionError(`expression ends early: ${this.list.join(' ')}`);
    return token;
  }
  accept(word: string): boolean {
    if (this.peek()?.toUpperCase() !== word) return false;
    this.at++;
    return true;
  }
  expect(word: string): void {
    if (!this.accept(word)) throw new ExpressionError(`expected ${word}, found ${this.peek() ?? 'the end'}`);
  }
}

function tokensOf(source: string): readonly string[] {
  const known = tokenized.get(source);
  if (known) return known;
  const list: string[] = [];
  TOKEN.lastIndex = 0;
  const text = source.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new ExpressionError(`cannot read expression at ${start}: ${source}`);
    list.push(match[1]!);
  }
  tokenized.set(source, list);
  return list;
}

/** The comparable content of a value: numbers as numbers, the rest as they are. */
export function scalar(value: AttributeValue | undefined): Scalar | undefined {
  if (value === undefined) return undefined;
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.B !== undefined) return value.B;
  return undefined;
}

/** Order of DynamoDB: numbers by value, strings and bytes by their (UTF-8) bytes. */
export function compare(a: AttributeValue | undefined, b: AttributeValue | undefined): number {
  const [left, right] = [scalar(a), scalar(b)];
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') {
    if (left === right) return 0;
    // the order of UTF-16 is that of UTF-8 where there are no surrogates
    if (SURROGATE.test(left) || SURROGATE.test(right)) return Buffer.compare(Buffer.from(left), Buffer.from(right));
    return left < right ? -1 : 1;
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  return Number.NaN;
}

const SURROGATE = /[\ud800-\udfff]/;

function same(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.S !== undefined || b.S !== undefined) return a.S === b.S;
  return compare(a, b) === 0 || JSON.stringify(a) === JSON.stringify(b);
}

class Parser {
  readonly #tokens: Tokens;
  readonly #item: Item;
  readonly #names: Names;
  constructor(tokens: Tokens, item: Item, names: Names) {
    this.#tokens = tokens;
    this.#item = item;
    this.#names = names;
  }

  or(): boolean {
    let value = this.and();
    while (this.#tokens.accept('OR')) value = this.and() || value;
    return value;
  }

  and(): boolean {
    let value = this.not();
    while (this.#tokens.accept('AND')) value = this.not() && value;
    return value;
  }

  not(): boolean {
    if (this.#tokens.accept('NOT')) return !this.not();
    if (this.#tokens.accept('(')) {
      const value = this.or();
      this.#tokens.expect(')');
      return value;
    }
    return this.comparison();
  }

  comparison(): boolean {
    const word = this.#tokens.peek();
    if (word === 'attribute_exists' || word === 'attribute_not_exists') {
      const [value] = this.call();
      return (value === undefined) === (word === 'attribute_not_exists');
    }
    if (word === 'begins_with' || word === 'contains') {
      const [value, part] = this.call();
      if (value?.L) return value.L.some((element) => same(element, part));
      if (value?.SS) return value.SS.includes(part?.S ?? '');
      if (value?.S === undefined || part?.S === undefined) return false;
      return word === 'contains' ? value.S.includes(part.S) : value.S.startsWith(part.S);
    }
    const left = this.operand();
    if (this.#tokens.accept('BETWEEN')) {
      const low = this.operand();
      this.#tokens.expect('AND');
      const high = this.operand();
      return compare(left, low) >= 0 && compare(left, high) <= 0;
    }
    if (this.#tokens.accept('IN')) {
      this.#tokens.expect('(');
      let found = false;
      do found = same(left, this.operand()) || found;
      while (this.#tokens.accept(','));
      this.#tokens.expect(')');
      return found;
    }
    const operator = this.#tokens.next();
    const right = this.operand();
    if (operator === '=') return same(left, right);
    if (operator === '<>') return !same(left, right);
    const order = compare(left, right);
    if (operator === '<') return order < 0;
    if (operator === '<=') return order <= 0;
    if (operator === '>') return order > 0;
    if (operator === '>=') return order >= 0;
    throw new ExpressionError(`unknown operator ${operator}`);
  }

  /** `name(operand, …)` */
  call(): (AttributeValue | undefined)[] {
    this.#tokens.next();
    this.#tokens.expect('(');
    const values: (AttributeValue | undefined)[] = [];
    do values.push(this.operand());
    while (this.#tokens.accept(','));
    this.#tokens.expect(')');
    return values;
  }

  operand(): AttributeValue | undefined {
    const word = this.#tokens.peek();
    if (word === 'size') {
      const [value] = this.call();
      const length = value?.S?.length ?? value?.B?.length ?? value?.L?.length;
      return length === undefined ? undefined : { N: String(length) };
    }
    if (word === 'if_not_exists') {
      const [present, otherwise] = this.call();
      return present ?? otherwise;
    }
    return resolve(this.#tokens.next(), this.#item, this.#names);
  }

  /** operand, or the sum or difference of two */
  sum(): AttributeValue | undefined {
    const left = this.operand();
    const sign = this.#tokens.accept('+') ? 1 : this.#tokens.accept('-') ? -1 : 0;
    if (sign === 0) return left;
    return { N: String(Number(left?.N) + sign * Number(this.operand()?.N)) };
  }
}

function nameOf(token: string, names: Names): string {
  if (!token.startsWith('#')) return token;
  const name = names.ExpressionAttributeNames?.[token];
  if (name === undefined) throw new ExpressionError(`undefined name ${token}`);
  return name;
}

function resolve(token: string, item: Item, names: Names): AttributeValue | undefined {
  if (!token.startsWith(':')) return item[nameOf(token, names)];
  const value = names.ExpressionAttributeValues?.[token];
  if (value === undefined) throw new ExpressionError(`undefined value ${token}`);
  return value;
}

/** The items that can fulfil a key condition: those whose hash key has the value that it asks for. */
export function ofPartition(items: Iterable<Item>, hash: string, expression: string | undefined, names: Names): Item[] {
  const tokens = tokensOf(expression ?? '');
  const at = tokens.findIndex(
    (token, n) => tokens[n + 1] === '=' && !token.startsWith(':') && nameOf(token, names) === hash,
  );
  if (at < 0) throw new ExpressionError(`the key condition names no value of ${hash}: ${expression}`);
  const wanted = resolve(tokens[at + 2]!, {}, names);
  const found: Item[] = [];
  for (const item of items) if (same(item[hash], wanted)) found.push(item);
  return found;
}

/** Whether `item` (empty object = absent) fulfils a condition, key condition or filter; no expression: yes. */
export function holds(expression: string | undefined, item: Item | undefined, names: Names): boolean {
  if (expression === undefined) return true;
  const tokens = new Tokens(expression);
  const value = new Parser(tokens, item ?? {}, names).or();
  if (tokens.peek() !== undefined) throw new ExpressionError(`unexpected ${tokens.peek()} in ${expression}`);
  return value;
}

/** The item after an update expression: SET, REMOVE and ADD of whole attributes. */
export function updated(expression: string, item: Item, names: Names): Item {
  const tokens = new Tokens(expression);
  const parser = new Parser(tokens, item, names);
  const result: Item = { ...item };
  while (tokens.peek() !== undefined) {
    const clause = tokens.next().toUpperCase();
    do {
      const name = nameOf(tokens.next(), names);
      if (clause === 'SET') {
        tokens.expect('=');
        const value = parser.sum();
        if (value === undefined) throw new ExpressionError(`no value for ${name}`);
        result[name] = value;
      } else if (clause === 'ADD') {
        const value = parser.operand();
        result[name] = { N: String(Number(item[name]?.N ?? 0) + Number(value?.N)) };
      } else if (clause === 'REMOVE') {
        delete result[name];
      } else throw new ExpressionError(`unknown clause ${clause}`);
    } while (tokens.accept(','));
  }
  return result;
}

/** Only the attributes of a projection expression; no expression: all. */
export function projected(expression: string | undefined, item: Item, names: Names): Item {
  if (expression === undefined) return item;
  const wanted = new Set(expression.split(',').map((token) => nameOf(token.trim(), names)));
  return Object.fromEntries(Object.entries(item).filter(([name]) => wanted.has(name)));
}
