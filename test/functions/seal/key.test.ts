// Where the log's key is: in KMS, in a file, in a secret. Whatever is wrong is told, and the key itself never is.
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openLogKey } from '../../../functions/seal/key.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { newPrivateKey } from '../../../shared/record/tlog/private-key.ts';
import { temporaryDirectory } from '../../support/platform.ts';

const ORIGIN = 'liantang.example/log';
const seed = new Uint8Array(32).fill(3);
const { publicKey } = localKey(seed);
const line = newPrivateKey(ORIGIN, seed);
const directory = temporaryDirectory();
afterAll(() => directory.remove());
const written = (name: string, text: string): string => {
  const path = join(directory.path, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

describe('the key of the log', () => {
  it('is a file', async () => {
    const key = await openLogKey(`file:${written('key', `${line}\n`)}`, ORIGIN);
    expect(key.publicKey).toEqual(publicKey);
  });

  it('is a secret', async () => {
    const secrets = `file:${written('secrets.json', JSON.stringify({ 'log-key': line }))}`;
    expect((await openLogKey('secret:log-key', ORIGIN, { secrets })).publicKey).toEqual(publicKey);
    await expect(openLogKey('secret:other', ORIGIN, { secrets })).rejects.toThrow(/there is no secret other/u);
  });

  it('is one of KMS, whose ARN has colons', async () => {
    const kms = mockClient(KMSClient);
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
    const answer = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', PublicKey: spki } as const;
    kms.on(GetPublicKeyCommand, { KeyId: 'arn:aws-cn:kms:cn-north-1:111122223333:key/k' }).resolves(answer);
    const client = kms as unknown as KMSClient;
    const key = await openLogKey('kms:arn:aws-cn:kms:cn-north-1:111122223333:key/k', ORIGIN, { kms: client });
    expect(key.publicKey).toEqual(publicKey);
    kms.on(GetPublicKeyCommand).resolves({ ...answer, KeySpec: 'RSA_2048' });
    await expect(openLogKey('kms:arn:x', ORIGIN, { kms: client })).rejects.toThrow(
      /^LOG_KEY kms:arn:x: it is of kind/u,
    );
  });

  it.each([
    ['', /LOG_KEY \(not set\): expected kms:<ARN>, file:<path> or secret:<name>/u],
    ['/etc/key', /LOG_KEY \/etc\/key: expected/u],
    ['file:/does/not/exist', /cannot be read/u],
  ])('%j is refused', async (setting, message) => {
    await expect(openLogKey(setting, ORIGIN)).rejects.toThrow(message);
  });

  it('of another log, or cut off, is refused without being shown', async () => {
    const other = `file:${written('other', newPrivateKey('another.example/log', seed))}`;
    await expect(openLogKey(other, ORIGIN)).rejects.toThrow(
      /the key of the log another\.example\/log, not of liantang/u,
    );
    const half = line.slice(0, -8);
    const broken = await openLogKey(`file:${written('half', half)}`, ORIGIN).catch((error: Error) => error.message);
    expect(broken).toMatch(/holds no private key/u);
    expect(broken).not.toContain(half.slice(-20));
  });
});
