// What may be set in the environment is checked before anything is begun, by its name; and whatever fails, the directory is free again.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dataDirectory } from '../../../infra/cli/data-directory.ts';
import { externalEngine } from '../../../infra/local/engine.ts';
import { startPlatform } from '../../../infra/local/platform.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import { temporaryDirectory } from '../../support/platform.ts';

let data: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  data = temporaryDirectory();
});
afterEach(() => {
  vi.unstubAllEnvs();
  data.remove();
});

describe('a setting that is wrong is named, with what would be right', () => {
  test.each([
    ['DAOCHA_TSA_URL', 'ftp://x', 'https address'],
    ['DAOCHA_TSA_MINUTES', '0', 'whole number of minutes'],
    ['DAOCHA_TOKEN_HOURS', 'abc', 'whole number of hours'],
    ['DAOCHA_TOKEN_HOURS', '24 ', 'at its end'],
    ['DAOCHA_WITNESSES', 'xx', 'verifier key'],
    ['DAOCHA_TENANT', 'a b', 'letters, digits'],
    ['DAOCHA_LOG_LEVEL', 'loud', 'WARN'],
    ['AWS_REGION', 'us east', 'us-east-1'],
    ['DAOCHA_SECRETS', '/nope', 'JSON file'],
    ['DAOCHA_SECRETS', '/tmp', 'not a file'],
  ])('%s=%s', async (name, value, right) => {
    const error = await readSettings(data.path, { [name]: value }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ status: 400, field: name });
    const { message, expected } = error as Error & { expected: string };
    expect(`${message} ${expected}`).toContain(right);
  });

  test('a file of secrets that others can read, or that is none, is told at the start', async () => {
    const file = join(data.path, 'my-secrets.json');
    writeFileSync(file, '{', { mode: 0o600 });
    await expect(readSettings(data.path, { DAOCHA_SECRETS: file })).rejects.toMatchObject({ field: 'DAOCHA_SECRETS' });
    writeFileSync(file, '{}');
    await expect(readSettings(data.path, { DAOCHA_SECRETS: file })).resolves.toMatchObject({ secrets: file });
    chmodSync(file, 0o644);
    await expect(readSettings(data.path, { DAOCHA_SECRETS: file })).rejects.toThrow('can be read by others');
  });

  test.each(['localhost:8000', '127.0.0.1:8000', 'ftp://localhost', 'http://', 'http://local host:8000'])(
    'DYNAMODB_ENDPOINT=%s',
    (endpoint) => {
      expect(() => externalEngine(endpoint, data.path, {})).toThrow(
        expect.objectContaining({
          field: 'DYNAMODB_ENDPOINT',
          expected: expect.stringContaining('http://127.0.0.1:8000'),
        }),
      );
    },
  );

  test('none is set: what holds then', async () => {
    expect(await readSettings(data.path, { DAOCHA_SECRETS: '', DAOCHA_TENANT: '' })).toEqual({
      tenant: 'liantang',
      tokenHours: 24,
      secrets: join(data.path, 'secrets.json'),
      logLevel: 'WARN',
      handedOn: {},
    });
  });

  test.each([
    ['--data', '', {}],
    ['--data', ' ', {}],
    ['DAOCHA_DATA', undefined, { DAOCHA_DATA: ' ' }],
  ])('a blank data directory is not the present one: %s', (name, flag, env) => {
    expect(() => dataDirectory(flag, env)).toThrow(expect.objectContaining({ field: name, status: 400 }));
    expect(dataDirectory(undefined, { DAOCHA_DATA: '' })).toMatch(/\.daocha$/);
  });
});

describe('a start that fails leaves the directory free', () => {
  const failing = async () => {
    const error = await startPlatform({ data: data.path, port: 0 }).catch((thrown: Error) => thrown);
    expect(existsSync(join(data.path, 'platform.lock'))).toBe(false);
    return error;
  };

  test('for a setting', async () => {
    vi.stubEnv('DAOCHA_TSA_URL', 'ftp://x');
    expect(await failing()).toMatchObject({ field: 'DAOCHA_TSA_URL' });
  });

  test('for a server that does not answer', async () => {
    vi.stubEnv('DYNAMODB_ENDPOINT', 'http://127.0.0.1:9');
    expect(await failing()).toMatchObject({
      field: 'DYNAMODB_ENDPOINT',
      message: expect.stringContaining('127.0.0.1:9'),
    });
  });

  test('for a database that is a directory', async () => {
    // of this engine's own, whichever is chosen for the others
    vi.stubEnv('DAOCHA_ENGINE', 'extenddb');
    mkdirSync(join(data.path, 'extenddb', 'data.sqlite'), { recursive: true });
    expect(await failing()).toMatchObject({
      type: 'damaged-database',
      message: expect.stringContaining('is not a file'),
    });
  });

  test('for a directory that is a file', async () => {
    const file = join(data.path, 'file');
    writeFileSync(file, '');
    await expect(startPlatform({ data: file, port: 0 })).rejects.toMatchObject({
      type: 'data-directory-unusable',
      field: 'data',
    });
  });
});
