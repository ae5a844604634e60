// One platform per data directory: two engines on one file would corrupt it, and neither engine refuses a second.
// The lock is a file naming the holder. A process is known by its id and its start time, because ids are used again.
// A holder that was killed leaves the file behind (and perhaps its engine): the next start takes over and reaps it.

import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DaochaError } from '../../events/errors.ts';

export interface ProcessMark {
  pid: number;
  /** Opaque: when the process started, as the operating system tells it; empty where it does not. */
  started: string;
}

interface LockFile extends ProcessMark {
  directory: string;
  engine?: ProcessMark & {
    /** Words that its command line must contain before it may be killed. */ marks: string[];
  };
}

export interface DataLock {
  /** Names the engine that was started under this lock, so that a later start can reap it. */
  recordEngine(pid: number, marks: string[]): void;
  release(): void;
}

/** Another live platform holds the data directory. */
export class DataDirectoryInUse extends DaochaError {
  constructor(directory: string, pid: number) {
    super(
      'data-directory-in-use',
      409,
      `The data directory ${directory} is in use by the platform with process id ${pid}. ` +
        `Stop that one (kill ${pid}), or start this one with another --data directory.`,
      { facts: { directory, pid } },
    );
  }
}

/** Marks a running process, or undefined when there is none with this id. */
export function markOf(pid: number): ProcessMark | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name (in brackets) may itself hold blanks: count the fields after its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined; // dead, only not yet waited for
    return { pid, started: fields[19] ?? '' };
  } catch {
    return { pid, started: processStatus(pid, 'lstart=') };
  }
}

function processStatus(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

function isAlive(mark: ProcessMark): boolean {
  const now = markOf(mark.pid);
  return now !== undefined && now.started === mark.started;
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return processStatus(pid, 'command=');
  }
}

function readLock(path: string): LockFile | undefined {
  try {
    const lock = JSON.parse(readFileSync(path, 'utf8')) as LockFile;
    return typeof lock.pid === 'number' ? lock : undefined;
  } catch {
    return undefined; // absent, or cut short by a crash while it was written: nobody holds it
  }
}

/**
 * Ends an engine whose platform was killed. Kills nothing unless start time and command line are those recorded.
 * @returns the id of the process ended, or undefined when there was none
 */
function reapEngine(lock: LockFile): number | undefined {
  const { engine } = lock;
  if (engine === undefined || !isAlive(engine)) return undefined;
  const command = commandLine(engine.pid);
  if (!engine.marks.every((mark) => command.includes(mark))) return undefined;
  process.kill(engine.pid, 'SIGKILL'); // its writes are durable against a kill
  const until = performance.now() + 5000;
  while (isAlive(engine) && performance.now() < until) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
  return engine.pid;
}

/**
 * Takes the data directory for this process, or throws {@link DataDirectoryInUse} naming who has it.
 * @param directory made if absent
 * @param note told when a stale lock was taken over
 */
export function lockDataDirectory(directory: string, note: (message: string) => void = () => {}): DataLock {
  requireDirectory(directory);
  const path = join(directory, 'platform.lock');
  const mine: LockFile = { ...(markOf(process.pid) ?? { pid: process.pid, started: '' }), directory };
  const write = (flag: 'w' | 'wx', to = path) => writeFileSync(to, `${JSON.stringify(mine)}\n`, { flag, mode: 0o600 });
  try {
    write('wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    takeOver(path, directory, note, () => {
      write('w', `${path}.${process.pid}`);
      renameSync(`${path}.${process.pid}`, path);
    });
  }
  return {
    recordEngine(pid, marks) {
      mine.engine = { ...(markOf(pid) ?? { pid, started: '' }), marks };
      write('w', `${path}.${process.pid}`);
      renameSync(`${path}.${process.pid}`, path);
    },
    release() {
      if (readLock(path)?.pid === process.pid) rmSync(path, { force: true });
    },
  };
}

/** Made if absent. @throws DaochaError naming it when nothing can be kept there */
function requireDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
  } catch (error) {
    throw new DaochaError(
      'data-directory-unusable',
      400,
      `The data directory ${directory} cannot be used: ${(error as Error).message}.`,
      { field: 'data', expected: 'a directory that this user may write to: --data DIR, or DAOCHA_DATA', cause: error },
    );
  }
}

/** Two that find the same stale lock must not both win: the second guard file decides between them. */
function takeOver(path: string, directory: string, note: (message: string) => void, take: () => void): void {
  const guard = `${path}.takeover`;
  const held = readLock(path);
  if (held !== undefined && isAlive(held)) throw new DataDirectoryInUse(directory, held.pid);
  try {
    writeFileSync(guard, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const other = Number(readFileSync(guard, 'utf8'));
    if (other > 0 && other !== process.pid && markOf(other) !== undefined)
      throw new DataDirectoryInUse(directory, other);
    rmSync(guard, { force: true });
    writeFileSync(guard, String(process.pid), { flag: 'wx' });
  }
  try {
    const again = readLock(path);
    if (again !== undefined && isAlive(again)) throw new DataDirectoryInUse(directory, again.pid);
    if (again !== undefined) {
      const reaped = reapEngine(again);
      note(
        `the platform with process id ${again.pid} ended without cleaning up: taking over its data directory` +
          (reaped === undefined ? '' : ` and ending its engine (process id ${reaped})`),
      );
    }
    take();
  } finally {
    rmSync(guard, { force: true });
  }
}
