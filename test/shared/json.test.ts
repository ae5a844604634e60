// Of JSON that others wrote nothing is lost without a word: neither the first of two equal keys nor the digits of a number.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJsonText } from '../../shared/json.ts';

const read = (text: string): unknown => readJsonText(Buffer.from(text));
const faultOf = (text: string): { field?: string; message?: string } => {
  try {
    read(text);
    return {};
  } catch (error) {
    return error as { field: string; message: string };
  }
};

test('what JSON.stringify writes is read as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      // whole numbers beyond 2^53 are refused, see below
      fc.pre(!/e[+-]?\d|\d{16}/.test(text));
      expect(read(text)).toEqual(JSON.parse(text));
    }),
  );
});

describe('a key that an object has twice is refused with its place', () => {
  test.each([
    ['{"a":1,"a":1}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"x":{"a":[{"b":1},{"b":1,"c":{},"b":2}]}}', 'x.a[1].b'],
    ['[[],[{"a":1,"b":[1,2],"a":3}]]', '[1][0].a'],
    ['{"":1,"":2}', 'body'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('%s', (text, field) => {
    expect(faultOf(text)).toMatchObject({ field, message: expect.stringContaining('more than once') });
  });

  test('the same key elsewhere, and a text that looks like one, is none', () => {
    for (const text of [
      '[{"a":1},{"a":2}]',
      '{"a":{"a":{"a":1}}}',
      '{"a":"\\"a\\":1,","b":",\\"a\\""}',
      '{"a":["a","a"]}',
    ]) {
      expect(read(text)).toEqual(JSON.parse(text));
    }
  });
});

describe('a number that would be stored as another one is refused with its place', () => {
  test.each(['9007199254740992', '-9007199254740993', '12345678901234567890', '1e400', '1e-400', '-0.1e-400', '1e300'])(
    '%s',
    (number) => {
      expect(faultOf(`{"facts":{"n":[0,${number}]}}`)).toMatchObject({
        field: 'facts.n[1]',
        message: expect.stringContaining('another number'),
      });
    },
  );

  test('fractions are rounded as everywhere; zero is zero', () => {
    for (const number of [
      '9007199254740991',
      '-9007199254740991',
      '31.100000000000001',
      '0',
      '-0',
      '0.0',
      '0e-999',
      '5e-324',

      '1e2',
    ]) {
      expect(read(`[${number}]`)).toEqual([Number(number)]);
    }
    expect(read('{"a":"9007199254740993 1e400"}')).toEqual({ a: '9007199254740993 1e400' });
  });
});

test('what is no JSON says so, and what is not UTF-8', () => {
  expect(faultOf('{"a":')).toMatchObject({ field: 'body', message: expect.stringContaining('not JSON') });
  expect(() => readJsonText(Buffer.from([0x7b, 0xff]), 'rule set')).toThrow(
    /the rule set is not JSON: it is not UTF-8/,
  );
  expect(faultOf('{"a\u001b')).toMatchObject({ message: expect.not.stringMatching(/\p{Cc}/u) });
});
