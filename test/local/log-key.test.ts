// The key of the log on one machine: made once, for its owner's eyes only, and never replaced by another.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLogKey } from '../../functions/seal/key.ts';
import { ensureLogKey, logKeyFile } from '../../infra/local/log-key.ts';
import { newPrivateKey } from '../../shared/tlog/private-key.ts';
import { temporaryDirectory } from '../support/platform.ts';

const ORIGIN = 'daocha.invalid/liantang';
let data: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  data = temporaryDirectory();
});
afterEach(() => data.remove());

test('the first start makes it, readable by its owner only; the next ones leave it as it is', async () => {
  ensureLogKey(data.path, ORIGIN);
  const file = logKeyFile(data.path);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, 'utf8');
  ensureLogKey(data.path, ORIGIN);
  expect(readFileSync(file, 'utf8')).toBe(text);
  const key = await openLogKey(`file:${file}`, ORIGIN);
  expect(key.publicKey).toHaveLength(32);
});

test('no two directories have the same', () => {
  const other = temporaryDirectory();
  for (const { path } of [data, other]) ensureLogKey(path, ORIGIN);
  expect(readFileSync(logKeyFile(data.path))).not.toEqual(readFileSync(logKeyFile(other.path)));
  other.remove();
});

test.each([
  ['half a key', newPrivateKey(ORIGIN).slice(0, 40), 'holds no private key'],
  ['nothing', '', 'holds no private key'],
  [
    'the key of another log',
    newPrivateKey('other.example'),
    'holds the key of the log other.example, not of daocha.invalid/liantang',
  ],
])('%s is told of and not replaced', (_what, text, says) => {
  writeFileSync(logKeyFile(data.path), text);
  expect(() => ensureLogKey(data.path, ORIGIN)).toThrow(says);
  expect(() => ensureLogKey(data.path, ORIGIN)).toThrow('Put back the file of your backup');
  expect(readFileSync(logKeyFile(data.path), 'utf8')).toBe(text);
});
