// Evidence in S3: what is signed is what S3 then checks; S3's own failures as they come.
import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { problemFor } from '../../../functions/api/problems.ts';
import { openEvidenceStore } from '../../../functions/runtime/evidence-store.ts';
import { JPEG } from '../../support/evidence.ts';

const sha256 = createHash('sha256').update(JPEG).digest('hex');
const now = (): Date => new Date('2025-06-02T04:00:00.000Z');
const about = { $metadata: {}, message: '' };

function bucket(region = 'cn-north-1') {
  const client = new S3Client({
    region,
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
  });
  const s3 = mockClient(client);
  return { s3, store: openEvidenceStore({ place: 's3:town-evidence', tenant: 'liantang', now }, client) };
}

describe('an address to upload to', () => {
  test('is signed for this hash, type and size, for a quarter of an hour, and only where nothing is yet', async () => {
    const { store } = bucket();
    const upload = await store.upload({ sha256, mediaType: 'image/jpeg', size: JPEG.length });
    const url = new URL(upload.url);
    expect(url.pathname).toBe(`/evidence/liantang/${sha256}`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      'X-Amz-Expires': '900',
      'X-Amz-Date': '20250602T040000Z',
      // each of these headers must be sent as it was signed, or S3 refuses the request
      'X-Amz-SignedHeaders': 'content-length;content-type;host;if-none-match;x-amz-checksum-sha256',
    });
    expect(upload).toMatchObject({
      method: 'PUT',
      headers: {
        'content-type': 'image/jpeg',
        'if-none-match': '*',
        'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
      },
      expiresAt: '2025-06-02T04:15:00.000Z',
    });
  });

  test('is signed again for another hash, type or size', async () => {
    const { store } = bucket();
    const file = { sha256, mediaType: 'image/jpeg', size: JPEG.length } as const;
    const signatures = await Promise.all(
      [
        file,
        { ...file, size: 1 },
        { ...file, mediaType: 'image/png' as const },
        { ...file, sha256: '0'.repeat(64) },
      ].map(async (one) => new URL((await store.upload(one)).url).searchParams.get('X-Amz-Signature')),
    );
    expect(new Set(signatures).size).toBe(4);
  });

  test.each([
    ['cn-north-1', 'https://town-evidence.s3.cn-north-1.amazonaws.com.cn'],
    ['eu-central-1', 'https://town-evidence.s3.eu-central-1.amazonaws.com'],
  ])('is in the partition of %s', async (region, origin) => {
    const { store } = bucket(region);
    expect(await store.origin()).toBe(origin);
    const { url } = await store.upload({ sha256, mediaType: 'image/jpeg', size: 1 });
    expect(new URL(url).origin).toBe(origin);
  });
});

describe('S3', () => {
  test('says whether a file is there', async () => {
    const { s3, store } = bucket();
    s3.on(HeadObjectCommand).resolvesOnce({}).rejects(new NotFound(about));
    expect(await store.has(sha256)).toBe(true);
    expect(await store.has(sha256)).toBe(false);
  });

  test('refusing to say is no “not there”: nobody would be told to upload into the void', async () => {
    const { s3, store } = bucket();
    const refused = new S3ServiceException({ ...about, name: 'AccessDenied', $fault: 'client' });
    s3.on(HeadObjectCommand).rejects(refused);
    s3.on(GetObjectCommand).rejects(refused);
    await expect(store.has(sha256)).rejects.toBe(refused);
    await expect(store.get(sha256)).rejects.toBe(refused);
  });

  test.each(['SlowDown', 'InternalError', 'ServiceUnavailable', 'RequestTimeout'])(
    'answering %s is an outage: send it again',
    async (name) => {
      const { s3, store } = bucket();
      s3.on(HeadObjectCommand).rejects(new S3ServiceException({ ...about, name, $fault: 'server' }));
      const error: unknown = await store.has(sha256).catch((thrown: unknown) => thrown);
      expect(problemFor(error, 'c').problem.status).toBe(503);
    },
  );

  test('gives back what the hash names, says when it is gone, and never what was altered', async () => {
    const { s3, store } = bucket();
    const body = (bytes: Uint8Array) => ({ Body: { transformToByteArray: () => Promise.resolve(bytes) } as never });
    s3.on(GetObjectCommand)
      .resolvesOnce(body(JPEG))
      .rejectsOnce(new NoSuchKey(about))
      .resolves(body(Buffer.from('x')));
    expect(await store.get(sha256)).toEqual(JPEG);
    expect(await store.get(sha256)).toBeUndefined();
    await expect(store.get(sha256)).rejects.toMatchObject({ type: 'evidence-altered', status: 500 });
    expect(s3.commandCalls(GetObjectCommand)[0]!.args[0].input).toEqual({
      Bucket: 'town-evidence',
      Key: `evidence/liantang/${sha256}`,
    });
  });
});

test.each([
  ['nonsense', undefined, 'EVIDENCE'],
  ['file:somewhere', undefined, 'DAOCHA_EVIDENCE_SECRET'],
])('a place that cannot be is named at once: %s', (place, secret, field) => {
  expect(() => openEvidenceStore({ place, tenant: 'liantang', secret, now })).toThrow(
    expect.objectContaining({ field }),
  );
});
