// The key by which a function signs for what it records: from SSM, or on one machine from the platform's key; without it commits go on,
// unsigned, and the log says so.
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { openWriter, seededWriter, writerName } from '../../../functions/runtime/writer.ts';
import { newPrivateKey } from '../../../shared/record/tlog/private-key.ts';

const ssm = mockClient(SSMClient);
const NAME = writerName('liantang', 'api');
let at = 0;
let warnings: object[] = [];
const open = (more: { writerSeed?: string; secrets?: string } = {}) =>
  openWriter(
    'api',
    { tenant: 'liantang', secrets: 'ssm:/daocha/liantang/', writerSeed: undefined, ...more },
    {
      logger: { warn: (_message, facts) => void warnings.push(facts) },
      now: () => new Date(at),
    },
  );
const asked = () => ssm.commandCalls(GetParameterCommand).map(({ args }) => args[0].input.Name);
const missing = () => ssm.on(GetParameterCommand).rejects(new ParameterNotFound({ $metadata: {}, message: 'no' }));

beforeEach(() => {
  ssm.reset();
  at = Date.UTC(2025, 5, 1);
  warnings = [];
});

test('it is the secret of the function, read once', async () => {
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: `${newPrivateKey(NAME)}\n` } });
  const writer = open();
  const [signer] = await Promise.all([writer(), writer()]);
  expect(signer).toMatchObject({ name: NAME });
  expect(await writer()).toBe(signer);
  expect(asked()).toEqual(['/daocha/liantang/writers/api']);
  expect(warnings).toEqual([]);
});

test('while it is missing nothing is signed and SSM is asked every five minutes; then it is taken', async () => {
  missing();
  const writer = open();
  expect(await writer()).toBeUndefined();
  at += 4 * 60_000;
  expect(await writer()).toBeUndefined();
  expect(asked()).toHaveLength(1);
  expect(warnings).toEqual([{ secret: 'writers/api', why: 'there is no such secret' }]);
  at += 2 * 60_000;
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: newPrivateKey(NAME) } });
  expect(await writer()).toMatchObject({ name: NAME });
});

test.each([
  ['no key', 'correct-horse', 'PRIVATE+KEY+'],
  ['a key of another component', newPrivateKey(writerName('liantang', 'react')), NAME],
])('what is %s signs nothing, and no line holds it', async (_what, value, says) => {
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: value } });
  expect(await open()()).toBeUndefined();
  expect(JSON.stringify(warnings)).toContain(says);
  expect(JSON.stringify(warnings)).not.toContain(value);
});

test('on one machine each function has its own, the same at every start', async () => {
  const seed = 's'.repeat(43);
  const signer = await open({ writerSeed: seed })();
  expect(signer).toMatchObject({ name: NAME, keyId: seededWriter(seed, 'liantang', 'api').keyId });
  expect(seededWriter(seed, 'liantang', 'react').vkey).not.toBe(seededWriter(seed, 'liantang', 'api').vkey);
  expect(asked()).toEqual([]);
});
