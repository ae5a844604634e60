// The log's key in KMS, as KMS answers on good days and bad. KMS itself is mocked; the signatures are real.
import {
  DisabledException,
  GetPublicKeyCommand,
  InvalidKeyUsageException,
  KMSClient,
  KMSInvalidStateException,
  NotFoundException,
  SignCommand,
  type GetPublicKeyResponse,
} from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { kmsKey } from '../../../functions/seal/kms-key.ts';
import { signCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { noteSigner } from '../../../shared/record/tlog/note.ts';
import { verifyCheckpoint } from '../../../shared/record/tlog/proof.ts';
import { ED25519, formatVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';

const ARN = 'arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ORIGIN = 'liantang.example/log';
const inKms = localKey(new Uint8Array(32).fill(5));
const spki = (publicKey: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
const described: Partial<GetPublicKeyResponse> = {
  KeySpec: 'ECC_NIST_EDWARDS25519',
  KeyUsage: 'SIGN_VERIFY',
  SigningAlgorithms: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'],
  PublicKey: spki(inKms.publicKey),
};
/** An error that the SDK has no class for. */
const named = (name: string): Error => Object.assign(new Error('as KMS words it'), { name });
const fault = { message: 'as KMS words it', $metadata: {} };

const kms = mockClient(KMSClient);
const open = () => kmsKey(ARN, (why) => new Error(`unusable: ${why}`), kms as unknown as KMSClient);
beforeEach(() => {
  kms.reset();
  kms.on(GetPublicKeyCommand).resolves(described);
  kms.on(SignCommand).callsFake(({ Message }: { Message: Uint8Array }) => ({ Signature: inKms.sign(Message) }));
});

describe('a key in KMS', () => {
  it('signs checkpoints that verify with its public key', async () => {
    const key = await open();
    const head = { origin: ORIGIN, size: 1, root: new Uint8Array(32).fill(1) };
    const note = await signCheckpoint(head, [noteSigner(ORIGIN, key)]);
    const log = formatVkey(vkeyOf(ORIGIN, ED25519, key.publicKey));
    expect((await verifyCheckpoint(note, { log })).checkpoint.size).toBe(1);
  });

  it('is asked for the signature of the message itself, by its ARN', async () => {
    const message = Buffer.from('a checkpoint');
    await (await open()).sign(message);
    expect(kms.commandCalls(SignCommand).map(({ args }) => args[0].input)).toEqual([
      { KeyId: ARN, Message: message, MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' },
    ]);
    expect(kms.commandCalls(GetPublicKeyCommand)[0]!.args[0].input).toEqual({ KeyId: ARN });
  });
});

describe('a key that will not do says why, for a person', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'der', type: 'spki' });
  it.each<[what: string, answer: Partial<GetPublicKeyResponse>, message: RegExp]>([
    [
      'of another kind',
      { ...described, KeySpec: 'ECC_NIST_P256' },
      /kind ECC_NIST_P256 for SIGN_VERIFY; expected ECC_NIST_EDWARDS25519/u,
    ],
    ['for another use', { ...described, KeyUsage: 'ENCRYPT_DECRYPT' }, /for ENCRYPT_DECRYPT/u],
    ['with another public key', { ...described, PublicKey: rsa }, /cannot be read/u],
    ['without a public key', { KeySpec: described.KeySpec, KeyUsage: described.KeyUsage }, /cannot be read/u],
    ['with nothing', {}, /kind undefined/u],
  ])('%s', async (_, answer, message) => {
    kms.on(GetPublicKeyCommand).resolves(answer);
    await expect(open()).rejects.toThrow(message);
  });

  it.each([
    [new NotFoundException(fault), /unusable: there is no such key.*as KMS words it/u],
    [new DisabledException(fault), /unusable: it is disabled/u],
    [new KMSInvalidStateException(fault), /unusable: it cannot be used in its present state/u],
    [new InvalidKeyUsageException(fault), /unusable: it is not a key for signing/u],
    [named('AccessDeniedException'), /unusable: this function may not use it/u],
  ])('%s, when it is looked up and when it is to sign', async (error, message) => {
    const key = await open();
    kms.on(SignCommand).rejects(error);
    await expect(key.sign(Buffer.from('m'))).rejects.toThrow(message);
    kms.on(GetPublicKeyCommand).rejects(error);
    await expect(open()).rejects.toThrow(message);
  });

  it.each<[what: string, signature: Uint8Array | undefined]>([
    ['no signature', undefined],
    ['garbage', new Uint8Array(64).fill(1)],
    ['a signature cut off', inKms.sign(Buffer.from('m')) as Uint8Array],
    ['a signature over something else', inKms.sign(Buffer.from('other')) as Uint8Array],
    ['a signature by another key', localKey(new Uint8Array(32)).sign(Buffer.from('m')) as Uint8Array],
  ])('%s for an answer', async (what, Signature) => {
    kms.on(SignCommand).resolves({ Signature: what.endsWith('cut off') ? Signature?.subarray(0, 63) : Signature });
    const key = await open();
    await expect(key.sign(Buffer.from('m'))).rejects.toThrow(/unusable: KMS gave a signature that is not by/u);
  });
});

describe('what may pass is thrown as it is, so that the run is tried again', () => {
  it.each([
    ['throttling', named('ThrottlingException')],
    ['an outage', named('KMSInternalException')],
    ['no network', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
  ])('%s', async (_, error) => {
    kms.on(GetPublicKeyCommand).rejects(error);
    await expect(open()).rejects.toBe(error);
    kms.on(GetPublicKeyCommand).resolves(described);
    kms
      .on(SignCommand)
      .rejectsOnce(error)
      .resolves({ Signature: inKms.sign(Buffer.from('m')) as Uint8Array });
    const key = await open();
    await expect(key.sign(Buffer.from('m'))).rejects.toBe(error);
    expect(await key.sign(Buffer.from('m'))).toHaveLength(64);
  });
});
