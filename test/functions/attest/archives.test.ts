// Copies go to a bucket or a folder, are created and never written over; what S3 refuses is told, and not taken for done.
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openArchive } from '../../../functions/attest/archives.ts';
import { makeAttest } from '../../../functions/attest/attest.ts';
import { METRICS } from '../../../functions/runtime/variables.ts';
import { SealedTown } from '../../record/seal/support.ts';
import { itemsIn, sealed } from '../../record/attest/support.ts';
import { temporaryDirectory } from '../../support/platform.ts';

const s3 = mockClient(S3Client);
const bucket = openArchive('s3:town-checkpoints', 'liantang', s3 as unknown as S3Client);
const body = Buffer.from('a checkpoint');
const named = (name: string): Error => Object.assign(new Error(`as S3 words it: ${name}`), { name });
beforeEach(() => {
  s3.reset();
  s3.on(PutObjectCommand).resolves({});
});

describe('a bucket', () => {
  it('gets an object under the name of the town, with its SHA-256, if it is not there', async () => {
    await bucket.put('000000000003-0011223344556677.checkpoint', body);
    await bucket.put('000000000003-0011223344556677.tsr', body);
    const puts = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);
    expect(puts[0]).toEqual({
      Bucket: 'town-checkpoints',
      Key: 'liantang/000000000003-0011223344556677.checkpoint',
      Body: body,
      ContentType: 'text/plain; charset=utf-8',
      ChecksumSHA256: createHash('sha256').update(body).digest('base64'),
      IfNoneMatch: '*',
    });
    expect(puts[1]).toMatchObject({ ContentType: 'application/timestamp-reply' });
  });

  it('that has it already is as good', async () => {
    s3.on(PutObjectCommand).rejects(named('PreconditionFailed'));
    await expect(bucket.put('x', body)).resolves.toBeUndefined();
  });

  it.each(['AccessDenied', 'NoSuchBucket', 'SlowDown', 'InternalError', 'ConditionalRequestConflict', 'TimeoutError'])(
    'that answers %s is not taken for done',
    async (name) => {
      s3.on(PutObjectCommand).rejects(named(name));
      await expect(bucket.put('x', body)).rejects.toThrow(name);
    },
  );
});

describe('the function with a bucket', () => {
  const measured = new Map<string, number>();
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  const make = (town: SealedTown) =>
    makeAttest({
      log: town.log,
      archive: bucket,
      witnesses: [],
      random: () => new Uint8Array(8),
      logger: { info: log, warn: log, error: log },
      metrics: { addMetric: (name, _, value) => void measured.set(name, value) },
    });

  it('does not fail when S3 does, counts how long copies wait, and makes up for it later', async () => {
    const town = new SealedTown();
    for (let n = 0; n < 3; n++) await sealed(town, 1);
    s3.on(PutObjectCommand).rejects(named('SlowDown'));
    town.now = new Date(town.now.getTime() + 40 * 60_000);
    await make(town)({});
    expect(measured.get(METRICS.unarchivedSeconds)).toBeGreaterThan(1800);
    expect(logged).toContain('write-once storage fails');
    s3.reset();
    s3.on(PutObjectCommand).resolvesOnce({}).rejectsOnce(named('InternalError')).resolves({});
    await make(town)({});
    await make(town)({});
    const stored = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input.Key!.slice(0, 21));
    expect(new Set(stored).size).toBe(3);
    expect(measured.get(METRICS.unarchivedSeconds)).toBe(0);
    expect(itemsIn(town, 'attest')[0]).not.toHaveProperty('since');
  });

  it('ends before its time is up, and goes on the next time', async () => {
    const town = new SealedTown();
    for (let n = 0; n < 6; n++) await sealed(town, 1);
    let left = 18_000;
    await make(town)({}, { getRemainingTimeInMillis: () => (left -= 1000) });
    expect(s3.commandCalls(PutObjectCommand).length).toBeLessThan(6);
    await make(town)({});
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(6);
  });
});

describe('a folder', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());
  const folder = join(directory.path, 'checkpoints');

  it('gets whole files that are not written over, and nothing else', async () => {
    const archive = openArchive(`file:${folder}`, 'liantang');
    await archive.put('a.checkpoint', body);
    await archive.put('a.checkpoint', Buffer.from('another'));
    expect(readFileSync(join(folder, 'a.checkpoint'), 'utf8')).toBe('a checkpoint');
    expect(statSync(join(folder, 'a.checkpoint')).mode & 0o222).toBe(0);
    expect(readdirSync(folder)).toEqual(['a.checkpoint']);
  });

  it('that cannot be written is told', async () => {
    writeFileSync(join(directory.path, 'file'), '');
    const archive = openArchive(`file:${join(directory.path, 'file')}`, 'liantang');
    await expect(archive.put('a', body)).rejects.toThrow(/EEXIST|ENOTDIR/u);
  });
});

it('another setting is refused', () => {
  expect(() => openArchive('town-checkpoints', 'liantang')).toThrow(/expected s3:<bucket> or file:<folder>/u);
});
