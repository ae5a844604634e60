// The key that signs the log's checkpoints on one machine: a file in the data directory, made at the first start. On AWS the
// key is one of KMS, which nobody can read. A broken file is told of and never replaced: with another key, whoever has kept
// checkpoints of this log would rightly take it for another log.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keyFromText } from '../../functions/seal/key.ts';
import { DaochaError } from '../../shared/errors.ts';
import { newPrivateKey } from '../../shared/tlog/private-key.ts';

export const logKeyFile = (data: string) => join(data, 'log-key');

/**
 * Makes the key of the data directory unless there is one. The file is readable by its owner only.
 * @param origin the log's name
 * @throws DaochaError `broken-log-key` when the file holds no key of this log
 */
export function ensureLogKey(data: string, origin: string): void {
  const file = logKeyFile(data);
  const broken = (why: string) =>
    new DaochaError(
      'broken-log-key',
      500,
      `${file} ${why}. Put back the file of your backup. Without one, the log in this directory cannot be signed any more: start on another directory.`,
    );
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw broken(`cannot be read: ${(error as Error).message}`);
    mkdirSync(dirname(file), { recursive: true });
    const half = `${file}.new`; // a start that is killed here leaves no half key behind
    writeFileSync(half, `${newPrivateKey(origin)}\n`, { mode: 0o600 });
    renameSync(half, file);
    return;
  }
  keyFromText(text, origin, broken);
}
