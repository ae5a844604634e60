// Where secrets come from: SSM on AWS, a file that only its owner may read elsewhere; errors name the secret and never its value.
import { GetParameterCommand, GetParametersByPathCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../functions/runtime/environment.ts';
import { makeSecrets, type SecretsOptions } from '../../functions/runtime/secrets.ts';
import { temporaryDirectory } from '../support/platform.ts';

const VALUE = 'correct-horse-battery-staple';

describe('from SSM', () => {
  const ssm = mockClient(SSMClient);
  let now = 0;
  const secrets = (options: SecretsOptions = {}) =>
    makeSecrets('ssm:/daocha/liantang/', {
      ssm: ssm as unknown as SSMClient,
      now: () => new Date(now),
      ...options,
    });
  const holds = (Value: string) => ssm.on(GetParameterCommand).resolves({ Parameter: { Value } });
  const asked = () => ssm.commandCalls(GetParameterCommand).map(({ args }) => args[0].input);

  beforeEach(() => {
    ssm.reset();
    now = Date.UTC(2025, 5, 1);
  });

  it('a secret is the decrypted parameter of that name under the path of the town', async () => {
    holds(VALUE);
    expect(await secrets().readSecret('webhooks/district-fire')).toBe(VALUE);
    expect(asked()).toEqual([{ Name: '/daocha/liantang/webhooks/district-fire', WithDecryption: true }]);
  });

  it('is asked for once while it is fresh, however many want it at once, and again afterwards', async () => {
    holds('old');
    const { readSecret } = secrets({ freshMs: 1000 });
    expect(await Promise.all([readSecret('a'), readSecret('a')])).toEqual(['old', 'old']);
    now += 999;
    holds('new');
    expect(await readSecret('a')).toBe('old');
    now += 1;
    expect(await readSecret('a')).toBe('new');
    expect(asked()).toHaveLength(2);
  });

  it('a failure is not remembered', async () => {
    ssm.on(GetParameterCommand).rejectsOnce(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
    const { readSecret } = secrets();
    await expect(readSecret('a')).rejects.toThrow('slow down');
    holds(VALUE);
    expect(await readSecret('a')).toBe(VALUE);
  });

  it('one that is not there is named, with the command that puts it there', async () => {
    ssm.on(GetParameterCommand).rejects(new ParameterNotFound({ message: 'no', $metadata: {} }));
    await expect(secrets().readSecret('smtp')).rejects.toMatchObject({
      type: 'secret-missing',
      field: 'smtp',
      expected: expect.stringContaining('put-parameter --type SecureString --name /daocha/liantang/smtp'),
    });
  });

  it('one that may not be read is named', async () => {
    ssm.on(GetParameterCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    await expect(secrets().readSecret('smtp')).rejects.toMatchObject({
      type: 'secret-unreadable',
      field: 'smtp',
      expected: expect.stringContaining('/daocha/liantang/smtp'),
    });
  });

  it('a folder is read page by page and handed out by name', async () => {
    ssm
      .on(GetParametersByPathCommand, { Path: '/daocha/liantang/channels', Recursive: true, WithDecryption: true })
      .resolvesOnce({ Parameters: [{ Name: '/daocha/liantang/channels/village-01', Value: 'b' }], NextToken: 'more' })
      .resolves({ Parameters: [{ Name: '/daocha/liantang/channels/guijianban', Value: 'a' }] });
    expect([...(await secrets().listSecrets('channels'))]).toEqual([
      ['channels/guijianban', 'a'],
      ['channels/village-01', 'b'],
    ]);
    expect(ssm.commandCalls(GetParametersByPathCommand)[1]!.args[0].input).toMatchObject({ NextToken: 'more' });
  });
});

describe('from a file', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let file: string;
  const write = (text: string, mode = 0o600): void => {
    writeFileSync(file, text);
    chmodSync(file, mode);
  };
  const secrets = () => makeSecrets(`file:${file}`, { freshMs: 0 });
  const problem = async (reading: Promise<unknown>) => {
    const error = await reading.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(inspect(error)).not.toContain(VALUE);
    return error;
  };

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 'secrets.json');
  });
  afterEach(() => directory.remove());

  it('texts are handed out as they are, JSON as its text, folders by the beginning of their names', async () => {
    write(
      JSON.stringify({ 'channels/b': [{ kind: 'email' }], 'channels/a': 'x', channels2: 'no', smtp: { port: 25 } }),
    );
    expect(await secrets().readSecret('smtp')).toBe('{"port":25}');
    expect(await secrets().readSecret('channels/a')).toBe('x');
    expect([...(await secrets().listSecrets('channels'))]).toEqual([
      ['channels/a', 'x'],
      ['channels/b', '[{"kind":"email"}]'],
    ]);
  });

  it('without a file there are no secrets: a folder is empty, and one that is needed is named', async () => {
    expect(await secrets().listSecrets('channels')).toEqual(new Map());
    expect(await problem(secrets().readSecret('smtp'))).toMatchObject({ type: 'secret-missing', field: 'smtp' });
  });

  it.each([0o640, 0o604, 0o660])('a file that others may use (mode %o) is not read', async (mode) => {
    write(JSON.stringify({ smtp: VALUE }), mode);
    expect(await problem(secrets().readSecret('smtp'))).toMatchObject({
      type: 'secret-unreadable',
      field: 'smtp',
      expected: `chmod 600 ${file}`,
    });
  });

  it.each([`{"smtp": "${VALUE}"`, `["${VALUE}"]`, `"${VALUE}"`])(
    'content that is no JSON object is told without it',
    async (text) => {
      write(text);
      expect(await problem(secrets().readSecret('smtp'))).toMatchObject({ type: 'secret-unreadable', field: 'smtp' });
    },
  );

  it.each([
    [`{"smtp": {"password": "${VALUE}", "password": "${VALUE}2"}}`, 'smtp.password'],
    [`{"smtp": "${VALUE}", "smtp": "b"}`, 'smtp'],
    ['{"smtp": {"password": 12345678901234567890}}', 'smtp.password'],
  ])('what would be lost of it is named by its place, without it', async (text, place) => {
    write(text);
    const error = await problem(secrets().readSecret('smtp'));
    expect(error).toMatchObject({ type: 'secret-unreadable', message: expect.stringContaining(` at ${place}`) });
    expect(JSON.stringify([error, String(error)])).not.toMatch(/1234567890123/);
  });

  it.each(['""', 'null'])('an empty secret (%s) is one that is missing', async (empty) => {
    write(`{"smtp": ${empty}}`);
    expect(await problem(secrets().readSecret('smtp'))).toMatchObject({ type: 'secret-missing', field: 'smtp' });
  });
});

it.each(['', 'ssm:daocha/', 'ssm:/daocha', 'https://vault.example.com'])('%j names no place for secrets', (source) => {
  expect(() => makeSecrets(source)).toThrow(expect.objectContaining({ type: 'invalid-input', field: 'SECRETS' }));
  expect(() => readEnvironment(['secrets'], { SECRETS: source })).toThrow(/SECRETS (is missing|must be)/);
});

it.each(['', '../smtp', '/smtp', 'a//b', 'a b'])('%j is not the name of a secret', async (name) => {
  await expect(makeSecrets('file:/nowhere').readSecret(name)).rejects.toMatchObject({ field: 'secret' });
});
