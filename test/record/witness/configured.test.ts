// Witnesses as they are configured: what is taken, and what is said of a mistake.
import { expect, it } from 'vitest';
import { InvalidInput } from '../../../events/errors.ts';
import { COSIGNATURE_V1, ED25519, formatVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { parseWitnesses } from '../../../shared/record/witness/configured.ts';

const keyOf = (name: string, seed: number, type: typeof ED25519 | typeof COSIGNATURE_V1 = COSIGNATURE_V1) =>
  formatVkey(vkeyOf(name, type, new Uint8Array(32).fill(seed)));
const [one, two] = [keyOf('w.example/one', 1), keyOf('w.example/two', 2)];

it('is a line for each, with an address or without; empty lines and comments do not count', () => {
  const text = `# the district's audit office\n${one} https://w.example/\n\n  ${two};`;
  expect(parseWitnesses(text)).toMatchObject([
    { vkey: { name: 'w.example/one' }, url: 'https://w.example/' },
    { vkey: { name: 'w.example/two' } },
  ]);
  expect(parseWitnesses(text)[1]).not.toHaveProperty('url');
  expect(parseWitnesses('')).toEqual([]);
  expect(parseWitnesses(`${one} http://127.0.0.1:8080/w;${two}`)).toHaveLength(2);
});

it.each([
  ['w.example', /line 1: verifier key/u],
  [`${one};w.example+00000000+AAAA`, /line 2: /u],
  [keyOf('w.example', 1, ED25519), /the key of a log, not of a witness/u],
  [`${one} http://w.example/`, /http:\/\/w\.example\/ is no https address/u],
  [`${one} https://user:word@w.example/`, /no https address/u],
  [`${one} w.example`, /no https address/u],
  [`${one} https://w.example/ x`, /more than a key and an address/u],
  [`${one};${keyOf('w.example/other', 1)}`, /the key of w\.example\/other is there twice/u],
])('%s is refused, naming the line', (text, message) => {
  expect(() => parseWitnesses(text)).toThrow(InvalidInput);
  expect(() => parseWitnesses(text)).toThrow(message);
});
