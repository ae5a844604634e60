// Where evidence (证据) lies: under the SHA-256 of its bytes, so that the same photo twice is one file, and one that was altered is not given
// out. Files never pass through the platform on their way in: whoever announces one is told where to put it, by an address that takes
// this file and no other. `EVIDENCE` says where: `s3:<bucket>` on AWS, `file:<directory>` on one machine.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { sha256Of } from './dossier-store.ts';
import { ticketFor, UPLOAD_WITHIN, type Announced } from './evidence-file.ts';
import { EVIDENCE_PLACE } from './variables.ts';

export interface Upload {
  method: 'PUT';
  /** absolute, or on one machine a path of the platform itself */
  url: string;
  /** to be sent exactly so: they are signed */
  headers: Record<string, string>;
  /** UTC; afterwards announce it again */
  expiresAt: string;
}

export interface EvidenceStore {
  has: (sha256: string) => Promise<boolean>;
  upload: (file: Announced) => Promise<Upload>;
  /** undefined when it is not there. @throws EvidenceAltered */
  get: (sha256: string) => Promise<Uint8Array | undefined>;
  /** scheme and host that uploads go to; undefined when it is the platform's own */
  origin: () => Promise<string | undefined>;
}

/** The file is not the one that the event names: restore it. */
export class EvidenceAltered extends DaochaError {
  constructor(sha256: string, found: string) {
    super('evidence-altered', 500, `the evidence ${sha256} has been altered: what is stored has the hash ${found}`, {
      facts: { sha256, found },
    });
  }
}

export interface EvidencePlace {
  /** the value of `EVIDENCE` */
  place: string;
  /** the town; its evidence lies in a folder of its own */
  tenant: string;
  /** on one machine: signs the addresses of uploads */
  secret?: string | undefined;
  /** the time of the real world */
  now: () => Date;
}

/** @throws InvalidInput naming `EVIDENCE` when it is neither of the two, or the secret is missing */
export function openEvidenceStore({ place, tenant, secret, now }: EvidencePlace, s3?: S3Client): EvidenceStore {
  if (!EVIDENCE_PLACE.test(place)) {
    throw new InvalidInput('EVIDENCE names no place for evidence', {
      field: 'EVIDENCE',
      expected: 's3:<bucket> on AWS, file:<directory> elsewhere',
    });
  }
  const where = place.slice(place.indexOf(':') + 1);
  if (place.startsWith('s3:')) return checked(inBucket(where, `evidence/${tenant}`, s3 ?? new S3Client(), now));
  if (secret === undefined) {
    throw new InvalidInput('evidence in a directory needs a secret that signs uploads', {
      field: 'DAOCHA_EVIDENCE_SECRET',
      expected: 'at least 32 characters',
    });
  }
  return checked(inDirectory(where, tenant, secret, now));
}

/** Gives nothing out that is not what its name says. */
function checked(store: EvidenceStore): EvidenceStore {
  return {
    ...store,
    get: async (sha256) => {
      const bytes = await store.get(sha256);
      if (bytes === undefined) return undefined;
      const found = sha256Of(bytes);
      if (found !== sha256) throw new EvidenceAltered(sha256, found);
      return bytes;
    },
  };
}

function inBucket(bucket: string, folder: string, s3: S3Client, now: () => Date): EvidenceStore {
  const at = (sha256: string) => ({ Bucket: bucket, Key: `${folder}/${sha256}` });
  /** S3 takes what has this hash, type and size, and only where nothing is yet; everything else it refuses by itself. */
  const sign = async ({ sha256, mediaType, size }: Announced) => {
    const checksum = Buffer.from(sha256, 'hex').toString('base64');
    const command = new PutObjectCommand({
      ...at(sha256),
      ContentType: mediaType,
      ContentLength: size,
      ChecksumSHA256: checksum,
      IfNoneMatch: '*',
    });
    const url = await getSignedUrl(s3, command, {
      expiresIn: UPLOAD_WITHIN,
      signingDate: now(),
      unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
      signableHeaders: new Set(['host', 'content-type', 'content-length', 'if-none-match', 'x-amz-checksum-sha256']),
    });
    return { url, checksum };
  };
  let origin: string | undefined;
  return {
    has: async (sha256) => {
      try {
        await s3.send(new HeadObjectCommand(at(sha256)));
        return true;
      } catch (error) {
        if (error instanceof NotFound || error instanceof NoSuchKey) return false;
        throw error;
      }
    },
    upload: async (file) => {
      const { url, checksum } = await sign(file);
      return {
        method: 'PUT',
        url,
        headers: { 'content-type': file.mediaType, 'if-none-match': '*', 'x-amz-checksum-sha256': checksum },
        expiresAt: new Date(now().getTime() + UPLOAD_WITHIN * 1000).toISOString(),
      };
    },
    get: async (sha256) => {
      try {
        const { Body } = await s3.send(new GetObjectCommand(at(sha256)));
        return await Body!.transformToByteArray();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    // as the SDK names the bucket, in every partition
    origin: async () => {
      origin ??= new URL((await sign({ sha256: '0'.repeat(64), mediaType: 'image/jpeg', size: 1 })).url).origin;
      return origin;
    },
  };
}

function inDirectory(directory: string, tenant: string, secret: string, now: () => Date): EvidenceStore {
  const read = async (sha256: string): Promise<Uint8Array | undefined> => {
    try {
      return await readFile(join(directory, tenant, sha256));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
  return {
    has: async (sha256) => (await read(sha256)) !== undefined,
    upload: (file) => {
      const expires = now().getTime() + UPLOAD_WITHIN * 1000;
      return Promise.resolve({
        method: 'PUT',
        url: ticketFor(secret, tenant, file, expires),
        headers: { 'content-type': file.mediaType },
        expiresAt: new Date(expires).toISOString(),
      });
    },
    get: read,
    origin: () => Promise.resolve(undefined),
  };
}
