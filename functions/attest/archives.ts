// Where copies of checkpoints go, from its setting: `s3:<bucket>`, a bucket with Object Lock, or `file:<folder>`, on one machine.
// Both only ever create: what is there stays as it is.
import { createHash, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Archive } from '../../shared/record/attest/outbox.ts';
import { own } from '../../shared/own.ts';

/**
 * @param setting `s3:<bucket>` or `file:<folder>`
 * @param tenant its objects are under this name in the bucket
 */
export function openArchive(setting: string, tenant: string, s3?: S3Client): Archive {
  const place = setting.slice(setting.indexOf(':') + 1);
  if (setting.startsWith('s3:')) return s3Archive(place, tenant, s3 ?? new S3Client());
  if (setting.startsWith('file:')) return folderArchive(place);
  throw new Error(`ARCHIVE ${setting}: expected s3:<bucket> or file:<folder>`);
}

const TYPES: Record<string, string> = {
  tsq: 'application/timestamp-query',
  tsr: 'application/timestamp-reply',
};

/** Retention is the bucket's default; a role that may only create cannot shorten it, nor put anything in an object's place. */
function s3Archive(bucket: string, tenant: string, s3: S3Client): Archive {
  return {
    async put(name, body) {
      try {
        await s3.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: `${tenant}/${name}`,
            Body: body,
            ContentType: own(TYPES, name.split('.').at(-1)!) ?? 'text/plain; charset=utf-8',
            ChecksumSHA256: createHash('sha256').update(body).digest('base64'),
            IfNoneMatch: '*',
          }),
        );
      } catch (error) {
        if ((error as Error).name !== 'PreconditionFailed') throw error; // it is there already
      }
    },
  };
}

/** A file is there whole or not at all, and is not written over; write protection is for people, not against them. */
function folderArchive(folder: string): Archive {
  return {
    async put(name, body) {
      mkdirSync(folder, { recursive: true });
      const half = join(folder, `.${randomUUID()}`);
      try {
        writeFileSync(half, body, { mode: 0o444, flush: true });
        linkSync(half, join(folder, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      } finally {
        rmSync(half, { force: true });
      }
    },
  };
}
