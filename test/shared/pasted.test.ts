// What comes along when a key is pasted is named by its code and place wherever keys are taken, and the key is never repeated.
import { describe, expect, test } from 'vitest';
import { webhookSecretFault } from '../../functions/api/signed.ts';
import { keyFrom } from '../../functions/console/session.ts';
import { readEnvironment } from '../../functions/runtime/environment.ts';
import { openLogKey } from '../../functions/seal/key.ts';
import { isSafeUrl } from '../../shared/record/http-exchange.ts';
import { pastedAlong } from '../../shared/pasted.ts';
import { newPrivateKey, parsePrivateKey } from '../../shared/record/tlog/private-key.ts';
import { parseVkey } from '../../shared/record/tlog/vkey.ts';
import { parseWitnesses } from '../../shared/record/witness/configured.ts';

const ARN = 'arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd';
const VKEY = 'witness.example/d+0a1b2c3d+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const WHSEC = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const said = (act: () => unknown): string => {
  try {
    const value = act();
    return typeof value === 'string' ? value : '';
  } catch (error) {
    return (error as Error).message;
  }
};

test.each([
  ['key', false, undefined],
  ['k e y', false, 'has a blank (U+0020) within it'],
  ['key\t', false, 'has a blank (U+0009) at its end'],
  ['key\n', false, 'has a line end (U+000A) at its end'],
  ['k“ey', false, 'has a quotation mark (U+201C) within it'],
  ['k e"y', true, undefined],
  ['"key', true, undefined],
  ['"k"', true, 'has a quotation mark (U+0022) at its beginning'],
  ['k e y ', true, 'has a blank (U+0020) at its end'],
  ['k\u2060ey', true, 'has a character that is not seen (U+2060) within it'],
  ['', true, undefined],
  ['"', true, undefined],
] as const)('%j, words %s: %s', (text, words, found) => {
  expect(pastedAlong(text, words)).toBe(found);
});

describe('is told of', () => {
  const along = ['\uFEFF', '\u200B', '\u3164', '“'];
  test.each<[string, string, (key: string) => unknown]>([
    ['a verifier key', VKEY, parseVkey],
    ['a witness', VKEY, parseWitnesses],
    ['a private key', newPrivateKey('log.example', new Uint8Array(32)), parsePrivateKey],
    ['a webhook secret', WHSEC, webhookSecretFault],
    ['a setting', 'daocha-console', (key) => readEnvironment(['consoleClient'], { DAOCHA_CONSOLE_CLIENT: `${key} ` })],
  ])('%s', (_, key, take) => {
    for (const sign of along.slice(1)) {
      const message = said(() => take(`${key}${sign}`));
      expect(message).toMatch(/has a (character that is not seen|quotation mark|blank) \(U\+/);
      expect(message).not.toContain(key.slice(-8));
    }
  });

  test('the secret of the sessions, but for the line end of the file that it was put from', () => {
    const secret = 'x'.repeat(40);
    expect(keyFrom(`${secret}\n`)).toHaveLength(32);
    for (const sign of along.slice(0, 3)) expect(() => keyFrom(`${secret}${sign}`)).toThrow(/console-session\) has a/);
    expect(() => keyFrom(`"${secret}"`)).toThrow(/quotation mark/);
  });

  test('the ARN of the key in KMS, before KMS is asked', async () => {
    for (const sign of [' ', ...along]) {
      await expect(openLogKey(`kms:${ARN}${sign}`, 'log.example')).rejects.toThrow(/the ARN has a .* at its end/);
    }
  });

  test('a setting of a function, at its start', () => {
    const issuer = 'https://issuer.example';
    for (const text of [` ${issuer}`, `${issuer}\u200B`, `"${issuer}"`, `${issuer}\n`]) {
      expect(() => readEnvironment(['issuer'], { DAOCHA_ISSUER: text })).toThrow(/DAOCHA_ISSUER has a /);
    }
  });
});

test('an address with what nobody sees is none', () => {
  expect(isSafeUrl('https://witness.example/')).toBe(true);
  for (const sign of along('https://witness.example/')) expect(isSafeUrl(sign), JSON.stringify(sign)).toBe(false);
});
const along = (url: string): string[] =>
  ['\uFEFF', '\u200B', ' ', '"', '\n'].flatMap((sign) => [`${url}${sign}`, `${sign}${url}`]);
