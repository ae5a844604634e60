// Where the local platform keeps its data, and the file in which a running platform tells the other commands where it is.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InvalidInput } from '../../events/errors.ts';
import { markOf } from '../local/lock.ts';

/** Names of the tables by what they hold. */
export interface TableNames {
  events: string;
  log: string;
  views: string;
  access: string;
  directory: string;
}

/** What a running platform writes to `<data>/platform.json`. */
export interface PlatformFile {
  /** Address of the API, e.g. `http://127.0.0.1:3000`. */
  api: string;
  /** Endpoints of the engine. */
  dynamodb: string;
  streams: string;
  /** Endpoint of the event bus. */
  bus: string;
  pid: number;
  /** When the process started, as the operating system tells it: process ids are used again. */
  started: string;
  tables: TableNames;
  tenant: string;
  issuer: string;
  audience: string;
  /** Hours that a token may live, if told. */
  tokenHours?: number;
}

/** `--data`, else DAOCHA_DATA, else `.daocha` in the present directory. Always absolute. */
export function dataDirectory(flag: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const given = flag ?? env['DAOCHA_DATA'];
  if (flag === '' || (given !== undefined && given !== '' && given.trim() === '')) {
    // A variable of a script that was not set would mean the present directory.
    const name = flag === undefined ? 'DAOCHA_DATA' : '--data';
    throw new InvalidInput(`${name} is blank: it names the data directory.`, {
      field: name,
      expected: `${name}: the path of a directory, or leave it out for .daocha`,
    });
  }
  return resolve(flag ?? (env['DAOCHA_DATA'] || '.daocha'));
}

const file = (data: string) => join(data, 'platform.json');

/** @returns what the platform that runs there wrote; undefined when none runs (a file left by a killed one is ignored) */
export function readPlatformFile(data: string): PlatformFile | undefined {
  try {
    const platform = JSON.parse(readFileSync(file(data), 'utf8')) as PlatformFile;
    return markOf(platform.pid)?.started === platform.started ? platform : undefined;
  } catch {
    return undefined;
  }
}

export function writePlatformFile(data: string, platform: Omit<PlatformFile, 'pid' | 'started'>): void {
  const mark = markOf(process.pid) ?? { pid: process.pid, started: '' };
  writeFileSync(`${file(data)}.new`, `${JSON.stringify({ ...platform, ...mark }, null, 1)}\n`, { mode: 0o600 });
  renameSync(`${file(data)}.new`, file(data));
}

export function removePlatformFile(data: string): void {
  rmSync(file(data), { force: true });
}
