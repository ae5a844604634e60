// The key that signs the log's checkpoints on one machine: a file in the data directory, made at the first start. On AWS the
// key is one of KMS, which nobody can read. A broken file is told of and never replaced: with another key, whoever has kept
// checkpoints of this log would rightly take it for another log.

import { createHash } from 'node:crypto';
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
  const size = (name: string) => (COPY.test(name) ? Number.parseInt(name, 10) : 0);
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

/** Lies beside the key from before its first signature on: a key without it was prepared, and has begun no log. */
const markFile = (data: string) => `${logKeyFile(data)}.began`;

/** Says that a log is signed with the key from now on. */
export function markLogKey(data: string): void {
  if (existsSync(markFile(data))) return;
  const words =
    'A log was begun with the key beside this file. Keep both. 旁边的密钥已用于签署一份日志，请一并保存。\n';
  writeFileSync(markFile(data), words, { mode: 0o600, flush: true });
}

/**
 * An empty database beside a key that has begun a log: the same key would sign a second one, a fork.
 * @throws DaochaError `log-begun`
 */
export function refuseSecondLog(data: string, database: string): void {
  if (!existsSync(markFile(data))) return;
  throw new DaochaError(
    'log-begun',
    500,
    `The database ${database} is empty, but the key ${logKeyFile(data)} has begun a log (${markFile(data)}): put the database back from your backup, or start on another data directory.`,
  );
}

/** What a copy of a checkpoint is called tells its size and the beginning of its hash (shared/record/attest/outbox.ts). */
const COPY = /^\d{12}-([0-9a-f]{16})\.(?:checkpoint|cosigned|tsq|tsr)$/u;
/** So many of the newest are looked at when the platform starts. */
const LOOKED_AT = 5000;
const TOLD = 5;

/** Copies that are not what was written, in words: whoever has to prove something with them learns it now. */
export function damagedCopies(copies: string): string[] {
  if (!existsSync(copies)) return [];
  const names = readdirSync(copies)
    .filter((name) => !name.startsWith('.'))
    .toSorted();
  const damaged = names.slice(-LOOKED_AT).filter((name) => {
    const [, hash] = COPY.exec(name) ?? [];
    if (hash === undefined) return true;
    try {
      return !createHash('sha256')
        .update(readFileSync(join(copies, name)))
        .digest('hex')
        .startsWith(hash);
    } catch {
      return true;
    }
  });
  if (damaged.length === 0) return [];
  const shown = `${damaged.slice(0, TOLD).join(', ')}${damaged.length > TOLD ? ' …' : ''}`;
  return [
    `${copies}：有 ${damaged.length} 个检查点副本不是当时写下的内容（${shown}），请保留原样，并从备份中取回。 ` +
      `${damaged.length} copies of checkpoints are not what was written: keep them as they are, and take them from your backup.`,
  ];
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
