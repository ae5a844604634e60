// The key that signs the log's checkpoints on one machine: a file in the data directory, made at the first start. On AWS the
// key is one of KMS, which nobody can read. A broken file is told of and never replaced: with another key, whoever has kept
// checkpoints of this log would rightly take it for another log.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keyFromText } from '../../functions/seal/key.ts';
import { DaochaError } from '../../events/errors.ts';
import type { LogDeps } from '../../shared/record/log/deps.ts';
import { checkpointUpTo, readSealed } from '../../shared/record/seal/checkpoints.ts';
import { newPrivateKey } from '../../shared/record/tlog/private-key.ts';
import { ED25519, formatVkey, vkeyOf } from '../../shared/record/tlog/vkey.ts';

export const logKeyFile = (data: string) => join(data, 'log-key');

/** Where the copies of checkpoints of a data directory are. */
export const copiesFolder = (data: string) => join(data, 'checkpoints');

/** The largest size that a copy of a checkpoint stands for, by its name; 0 where there is none. */
export function copiedSize(copies: string): number {
  if (!existsSync(copies)) return 0;
  const size = (name: string) => Number(/^\d+(?=-)/u.exec(name)?.[0] ?? 0);
  return readdirSync(copies).reduce((largest, name) => Math.max(largest, size(name)), 0);
}

/**
 * A log that is shorter than what was signed of it must not go on: the same key would sign a second one, a fork.
 * @param database its file, or its address
 * @throws DaochaError `log-cut-off` naming the database, both sizes and what to do
 */
export function refuseShorterLog(database: string, size: number, copies: string): void {
  const signed = copiedSize(copies);
  if (size >= signed) return;
  throw new DaochaError(
    'log-cut-off',
    500,
    `The database ${database} ${size === 0 ? 'is missing or empty: its log has 0' : `has a log of ${size}`} events, but ${signed} were signed ` +
      `(${copies}): put the database back from its copy, or start on another data directory.`,
  );
}

/** What has been signed here before. */
export interface SignedHere {
  /** the key that the log was signed with, as its verifier key; undefined: not known, or nothing is signed */
  vkey?: string | undefined;
  /** where checkpoints of this log were found, in words; undefined: nowhere */
  found?: string | undefined;
}

/** @param copies the folder of the copies of checkpoints, where there is one */
export async function signedHere(log: LogDeps, copies: string | undefined): Promise<SignedHere> {
  const sealed = await readSealed(log);
  const checkpoint = sealed ?? (await checkpointUpTo(log));
  if (checkpoint) return { vkey: sealed?.vkey, found: `the log here has ${checkpoint.size} signed events` };
  const copied = copies !== undefined && existsSync(copies) && readdirSync(copies).length > 0;
  return copied ? { found: `${copies} has copies of checkpoints` } : {};
}

/**
 * Makes the key of the data directory unless there is one, or a log that was signed with one. The file is readable by
 * its owner only.
 * @param origin the log's name
 * @throws DaochaError `broken-log-key` when the file holds no key of this log, is not there any more, or holds another
 * one than it was signed with
 */
export function ensureLogKey(data: string, origin: string, signed: SignedHere = {}): void {
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
    if (signed.found !== undefined) {
      // a new key would sign what everybody who kept a checkpoint must take for another log
      throw broken(`is missing, and ${signed.found}${signed.vkey === undefined ? '' : `, signed by ${signed.vkey}`}`);
    }
    mkdirSync(dirname(file), { recursive: true });
    const half = `${file}.new`; // a start that is killed here leaves no half key behind
    writeFileSync(half, `${newPrivateKey(origin)}\n`, { mode: 0o600 });
    renameSync(half, file);
    return;
  }
  const { publicKey } = keyFromText(text, origin, broken);
  const own = formatVkey(vkeyOf(origin, ED25519, publicKey));
  if (signed.vkey !== undefined && signed.vkey !== own) {
    throw broken(`holds the key of ${own}, and the log here was signed by ${signed.vkey}`);
  }
}
