// Where dossiers (上报材料) lie: under the SHA-256 of their bytes, so that a file is written once, or again with the same
// bytes, and one that was altered is not given out. `DOSSIERS` says where: `s3:<bucket>` on AWS, `file:<directory>`
// elsewhere.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { DOSSIERS_PLACE } from './variables.ts';
import { writeWhole } from './whole-file.ts';

export interface DossierStore {
  /** Keeps a file and gives its SHA-256 (64 hex digits); when it returns, the file is safe. */
  put: (bytes: Uint8Array, mediaType: string) => Promise<string>;
  /** @throws DossierMissing, DossierAltered */
  get: (sha256: string) => Promise<Uint8Array>;
}

/** An event names a dossier that is not there: restore it. */
export class DossierMissing extends DaochaError {
  constructor(sha256: string, where: string) {
    super('dossier-missing', 500, `the dossier ${sha256} is not in ${where}`, { facts: { sha256 } });
  }
}

/** The file is not the one that the event names: restore it. */
export class DossierAltered extends DaochaError {
  constructor(sha256: string, found: string) {
    super('dossier-altered', 500, `the dossier ${sha256} has been altered: what is stored has the hash ${found}`, {
      facts: { sha256, found },
    });
  }
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * @param place the value of `DOSSIERS`
 * @param tenant the town; its dossiers lie in a folder of their own
 * @throws InvalidInput naming `DOSSIERS` when it is neither of the two
 */
export function openDossierStore(place: string, tenant: string, s3?: S3Client): DossierStore {
  if (!DOSSIERS_PLACE.test(place)) {
    throw new InvalidInput('DOSSIERS names no place for dossiers', {
      field: 'DOSSIERS',
      expected: 's3:<bucket> on AWS, file:<directory> elsewhere',
    });
  }
  const [kind, where] = [place.slice(0, place.indexOf(':')), place.slice(place.indexOf(':') + 1)];
  const { put, get } =
    kind === 's3' ? inBucket(where, `dossiers/${tenant}`, s3 ?? new S3Client()) : inDirectory(join(where, tenant));
  return {
    put: async (bytes, mediaType) => {
      const sha256 = sha256Of(bytes);
      await put(sha256, bytes, mediaType);
      return sha256;
    },
    get: async (sha256) => {
      const bytes = await get(sha256);
      if (!bytes) throw new DossierMissing(sha256, place);
      const found = sha256Of(bytes);
      if (found !== sha256) throw new DossierAltered(sha256, found);
      return bytes;
    },
  };
}

interface Place {
  put: (name: string, bytes: Uint8Array, mediaType: string) => Promise<void>;
  get: (name: string) => Promise<Uint8Array | undefined>;
}

function inBucket(bucket: string, folder: string, s3: S3Client): Place {
  return {
    put: async (name, bytes, mediaType) => {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: `${folder}/${name}`,
          Body: bytes,
          ContentType: mediaType,
          ChecksumSHA256: Buffer.from(name, 'hex').toString('base64'),
        }),
      );
    },
    get: async (name) => {
      try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `${folder}/${name}` }));
        return await Body!.transformToByteArray();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
  };
}

function inDirectory(directory: string): Place {
  return {
    put: (name, bytes) => writeWhole(directory, name, bytes),
    get: async (name) => {
      try {
        return await readFile(join(directory, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
  };
}
