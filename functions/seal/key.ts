// The key that signs the log's checkpoints, from its setting: `kms:<ARN>`, a key that nobody can read; `file:<path>`, a private
// key as Go's sumdb/note writes it (one line), which is what the local platform makes; `secret:<name>`, the same line as a
// secret, where KMS has no Ed25519. Whatever the key is, it is asked for when it is first needed.
import { readFile } from 'node:fs/promises';
import type { KMSClient } from '@aws-sdk/client-kms';
import { DaochaError } from '../../events/errors.ts';
import type { Ed25519Key } from '../../shared/record/tlog/ed25519.ts';
import { parsePrivateKey } from '../../shared/record/tlog/private-key.ts';
import { makeSecrets } from '../runtime/secrets.ts';
import { kmsKey } from './kms-key.ts';

/** The key cannot be had: nothing is signed until it can. */
export class LogKeyUnusable extends DaochaError {
  constructor(setting: string, why: string) {
    super('log-key-unusable', 500, `LOG_KEY ${setting || '(not set)'}: ${why}`);
  }
}

export interface LogKeyOptions {
  /** made when it is first needed, unless given */
  kms?: KMSClient;
  /** value of `SECRETS`, for a key that is a secret */
  secrets?: string | undefined;
}

/**
 * @param setting `kms:<ARN>`, `file:<path>` or `secret:<name>`
 * @param origin the log's name, which a private key must have
 * @throws LogKeyUnusable for what a person must mend; its message never repeats the key
 */
export async function openLogKey(
  setting: string,
  origin: string,
  { kms, secrets = '' }: LogKeyOptions = {},
): Promise<Ed25519Key> {
  const [kind = '', ...rest] = setting.split(':');
  const named = rest.join(':');
  const unusable = (why: string): LogKeyUnusable => new LogKeyUnusable(setting, why);
  switch (kind) {
    case 'kms':
      return kmsKey(named, unusable, kms);
    case 'secret':
      return keyFromText(await makeSecrets(secrets).readSecret(named), origin, unusable);
    case 'file':
      return keyFromFile(named, origin);
    default:
      throw unusable('expected kms:<ARN>, file:<path> or secret:<name>');
  }
}

async function keyFromFile(path: string, origin: string): Promise<Ed25519Key> {
  const unusable = (why: string) => new LogKeyUnusable(`file:${path}`, why);
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw unusable(`cannot be read: ${error.message}`);
  });
  return keyFromText(text, origin, unusable);
}

/** @throws what `unusable` makes */
export function keyFromText(text: string, origin: string, unusable: (why: string) => Error): Ed25519Key {
  let named;
  try {
    named = parsePrivateKey(text.trimEnd());
  } catch (error) {
    throw unusable(`holds no private key (${(error as Error).message})`);
  }
  if (named.name !== origin) throw unusable(`holds the key of the log ${named.name}, not of ${origin}`);
  return named.key;
}
