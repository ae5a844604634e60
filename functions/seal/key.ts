// The key that signs the log's checkpoints, from its setting: `file:<path>`, a private key as Go's sumdb/note writes it
// (one line), which is what the local platform makes. Whatever the key is, it is asked for when it is first needed.
import { readFile } from 'node:fs/promises';
import { DaochaError } from '../../shared/errors.ts';
import type { Ed25519Key } from '../../shared/tlog/ed25519.ts';
import { parsePrivateKey } from '../../shared/tlog/vkey.ts';

/** The key cannot be had: nothing is signed until it can. */
export class LogKeyUnusable extends DaochaError {
  constructor(setting: string, why: string) {
    super('log-key-unusable', 500, `LOG_KEY ${setting || '(not set)'}: ${why}`);
  }
}

/**
 * @param setting `file:<path>`
 * @param origin the log's name, which the key must have
 * @throws LogKeyUnusable; its message never repeats the key
 */
export async function openLogKey(setting: string, origin: string): Promise<Ed25519Key> {
  const [kind, ...rest] = setting.split(':');
  if (kind !== 'file') throw new LogKeyUnusable(setting, 'expected file:<path>');
  return keyFromFile(rest.join(':'), origin);
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
