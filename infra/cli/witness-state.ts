// What a witness keeps, in a directory of its own: its private key, the key of the log that it watches, the last checkpoint that it
// cosigned, and the evidence when the log showed it two histories. The checkpoint is on the disk before a signature leaves.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { newPrivateKey, parsePrivateKey } from '../../shared/record/tlog/private-key.ts';
import {
  COSIGNATURE_V1,
  ED25519,
  formatVkey,
  isKeyName,
  parseVkey,
  vkeyOf,
  type Vkey,
} from '../../shared/record/tlog/vkey.ts';
import { known, type WitnessDeps } from '../../shared/record/witness/witness.ts';
import { markOf, type ProcessMark } from '../local/lock.ts';

const KEY = 'witness-key';
const LOG = 'log.vkey';
const CHECKPOINT = 'checkpoint';
const LOCK = 'lock';
const FORKS = 'forks';

export interface WitnessState {
  dir: string;
  deps: WitnessDeps;
  /** the witness's own verifier key */
  vkey: Vkey;
  /** the last checkpoint that it cosigned, with its line; undefined before the first */
  latest: () => string | undefined;
  /** Replaces it; on the disk when this returns. */
  keep: (checkpoint: string) => void;
  /** Keeps both checkpoints of a log that showed two histories; says where. */
  evidence: (seen: string) => string;
  /** Lets another process have the directory. */
  release: () => void;
}

/**
 * Makes the directory of a new witness: a key, and what it watches.
 * @param since an earlier checkpoint of the log that it goes on from
 * @returns the verifier key to give to the log's operator
 * @throws InvalidInput; MalformedTlog, TlogRejected for what is not a log key or checkpoint
 */
export async function initWitness(
  dir: string,
  { name, log, since }: { name: string; log: string; since?: string | undefined },
): Promise<string> {
  if (!isKeyName(name)) {
    throw new InvalidInput(`--name: ${name}`, {
      field: 'name',
      expected: 'a name without spaces and +, best a URL of yours without scheme',
    });
  }
  const logKey = parseVkey(log);
  if (logKey.type !== ED25519) {
    throw new InvalidInput(`--vkey: ${log} is the key of a witness`, {
      field: 'vkey',
      expected: 'the key of a log, as /log/vkey shows it',
    });
  }
  if (since !== undefined) await known(since, logKey);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const line = newPrivateKey(name);
  try {
    writeFileSync(join(dir, KEY), `${line}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new InvalidInput(`${dir} has a witness already`, {
      field: 'dir',
      expected: 'another directory; no key is written over',
    });
  }
  writeFileSync(join(dir, LOG), `${log}\n`);
  if (since !== undefined) writeThrough(dir, CHECKPOINT, since);
  return formatVkey(vkeyOf(name, COSIGNATURE_V1, parsePrivateKey(line).key.publicKey));
}

/**
 * Opens a witness's directory for this process alone.
 * @param now seconds since 1970
 * @throws InvalidInput when there is no witness in it; DaochaError `witness-in-use`, `broken-witness`
 */
export function openWitness(dir: string, now: () => number): WitnessState {
  const text = (name: string): string | undefined => {
    try {
      return readFileSync(join(dir, name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
  const [line, log] = [text(KEY), text(LOG)];
  if (line === undefined || log === undefined) {
    throw new InvalidInput(`there is no witness in ${dir}`, {
      field: 'dir',
      expected: 'a directory made by daocha audit witness init',
    });
  }
  let deps: WitnessDeps;
  try {
    deps = { log: parseVkey(log.trim()), ...parsePrivateKey(line.trimEnd()), now };
  } catch (error) {
    throw new DaochaError('broken-witness', 500, `the keys in ${dir} cannot be read: ${(error as Error).message}`);
  }
  const release = lock(dir);
  return {
    dir,
    deps,
    vkey: vkeyOf(deps.name, COSIGNATURE_V1, deps.key.publicKey),
    latest: () => text(CHECKPOINT),
    keep: (checkpoint) => writeThrough(dir, CHECKPOINT, checkpoint),
    evidence(seen) {
      const place = join(dir, FORKS, new Date(now() * 1000).toISOString().replaceAll(':', ''));
      mkdirSync(place, { recursive: true });
      writeThrough(place, 'kept', text(CHECKPOINT) ?? '');
      writeThrough(place, 'seen', seen);
      return place;
    },
    release,
  };
}

/** There whole or not at all, and on the disk. */
function writeThrough(dir: string, name: string, content: string): void {
  const [target, half] = [join(dir, name), join(dir, `.${name}.new`)];
  writeFileSync(half, content, { flush: true });
  renameSync(half, target);
  const folder = openSync(dir, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** One process a directory: two could cosign two histories. What a process that was killed left behind is taken over. */
function lock(dir: string): () => void {
  const file = join(dir, LOCK);
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(markOf(process.pid)), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(file);
    const now = holder && markOf(holder.pid);
    if (holder && now?.started === holder.started) {
      throw new DaochaError(
        'witness-in-use',
        409,
        `the witness in ${dir} is in use by the process with id ${holder.pid}`,
      );
    }
    rmSync(file, { force: true });
  }
}

function holderOf(file: string): ProcessMark | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessMark;
  } catch {
    return undefined;
  }
}
