// Starts the DynamoDB engine of the local platform as a child process: ExtendDB, or Dynoxide, or none when
// DYNAMODB_ENDPOINT names one that is already running. A watcher ends the child when this process is killed, and the
// lock of the data directory remembers it in case the watcher is killed as well.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify, stripVTControlCharacters } from 'node:util';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import type { DataLock } from './lock.ts';
import { requireAddress } from './settings.ts';
import { copiedSize, copiesFolder, logKeyFile, refuseShorterLog } from './log-key.ts';

export const ENGINES = ['extenddb', 'dynoxide'] as const;
export type EngineName = (typeof ENGINES)[number];

/** The example credential of the AWS documentation: the engines accept it, AWS never does. */
export const EXAMPLE_CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
export const LOCAL_REGION = 'us-east-1';

export interface Engine {
  name: EngineName | 'external';
  endpoint: string;
  /** Undefined when the engine is not ours. */
  pid: number | undefined;
  /** Where its data and what belongs to it (stream checkpoints) is kept. */
  directory: string;
  /** Ready for the constructor of a client of the AWS SDK. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Called at most once, when the engine ends without having been asked to. */
  onFailure(listener: (reason: string) => void): void;
  /** Ends it and waits until it is gone. Can be called again. */
  stop(): Promise<void>;
  /** Ends it and starts it on the same file and port; undefined when it is not ours, or keeps nothing. */
  restart?: () => Promise<void>;
}

export interface EngineOptions {
  /** The platform's data directory; the engine keeps its file in a folder of its name there. */
  data: string;
  /** Keep nothing: the data lies in a temporary directory that goes away at the end. */
  memory?: boolean;
  /** Default: DAOCHA_ENGINE, else extenddb. */
  engine?: string;
  /** Told which process to reap should this one be killed. */
  lock?: DataLock;
  env?: NodeJS.ProcessEnv;
}

/** The engine's program is not there, or it does not come up. */
export class EngineUnavailable extends DaochaError {
  constructor(message: string, cause?: unknown) {
    super('engine-unavailable', 503, message, { cause });
  }
}

const VARIABLE: Record<EngineName, string> = { extenddb: 'EXTENDDB_BINARY', dynoxide: 'DYNOXIDE_BINARY' };

/** @throws InvalidInput naming the engines there are */
export function engineName(asked: string | undefined, env: NodeJS.ProcessEnv = process.env): EngineName {
  const name = asked ?? (env['DAOCHA_ENGINE'] || 'extenddb');
  const found = ENGINES.find((engine) => engine === name);
  if (found === undefined) {
    throw new InvalidInput(`There is no engine called "${name}".`, {
      field: asked === undefined ? 'DAOCHA_ENGINE' : 'engine',
      expected: ENGINES.join(' or '),
    });
  }
  return found;
}

/** Path of the engine's program: the variable, or the package for this kind of machine. */
export function engineBinary(
  name: EngineName,
  {
    env = process.env,
    platform = `${process.platform}-${process.arch}`,
  }: { env?: NodeJS.ProcessEnv; platform?: string } = {},
): string {
  const variable = VARIABLE[name];
  const named = env[variable];
  if (named) {
    if (statSync(named, { throwIfNoEntry: false })?.isFile()) return resolve(named);
    throw new EngineUnavailable(`${variable} names ${named}, but there is no such file.`);
  }
  const packageName = `@${name}/${platform}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)), name);
  } catch (cause) {
    throw new EngineUnavailable(
      `The database engine ${name} is not installed for this kind of machine (${platform}). Do one of these:\n` +
        `  npm install --no-save ${packageName}      if the engine is published for it\n` +
        `  ${variable}=/path/to/${name} npm start      with a program you have built or downloaded\n` +
        `  DYNAMODB_ENDPOINT=http://… npm start      with any DynamoDB-compatible server that has transactions and streams`,
      cause,
    );
  }
}

/** The database of an engine, in the folder of its name. */
export const databaseFile = (directory: string): string => join(directory, 'data.sqlite');

/** Starts the engine and waits until it answers. The caller holds the lock of the data directory. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const env = options.env ?? process.env;
  const external = env['DYNAMODB_ENDPOINT'];
  if (external) return externalEngine(external, options.data, env);

  const name = engineName(options.engine, env);
  const binary = engineBinary(name, { env });
  const directory = resolve(options.data, name);
  refuseOtherEngine(options, name);
  if (!options.memory) {
    const file = databaseFile(directory);
    const copies = copiesFolder(options.data);
    // before the engine makes an empty one in its place
    if (!existsSync(file)) {
      refuseShorterLog(file, 0, copies);
      // signed, but not copied yet: how far its streams were read tells that there was one
      if (existsSync(join(directory, 'checkpoints.json'))) throw damaged(file, 'is missing, and was there before');
    }
    refuseDamaged(file, existsSync(logKeyFile(options.data)) || copiedSize(copies) > 0);
  }
  mkdirSync(directory, { recursive: true });
  const scratch = options.memory ? mkdtempSync(join(tmpdir(), 'daocha-engine-')) : undefined;
  const place = scratch ?? directory;

  let lastError: unknown;
  for (let attempt = 0; attempt < 3; attempt++) {
    const started = await launch(name, binary, place, scratch, options.lock).catch((error: unknown) => {
      if (!(error instanceof EngineUnavailable)) throw error; // a damaged database: trying again does not help
      lastError = error;
      return undefined;
    });
    if (started === undefined) continue;
    if (options.memory) return { ...started, directory };
    const again = () => launch(name, binary, place, undefined, options.lock, Number(new URL(started.endpoint).port));
    return Object.assign(restartable(started, again), { directory });
  }
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  throw lastError;
}

export function externalEngine(endpoint: string, data: string, env: NodeJS.ProcessEnv): Engine {
  requireAddress('DYNAMODB_ENDPOINT', endpoint, 'http://127.0.0.1:8000');
  const credentials =
    env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY']
      ? { accessKeyId: env['AWS_ACCESS_KEY_ID'], secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] }
      : EXAMPLE_CREDENTIALS;
  const directory = resolve(data, 'external');
  mkdirSync(directory, { recursive: true });
  return {
    name: 'external',
    endpoint,
    pid: undefined,
    directory,
    client: { endpoint, region: env['AWS_REGION'] ?? LOCAL_REGION, credentials },
    onFailure: () => {},
    stop: async () => {},
  };
}

/** The engine, and those that are started in its place. */
function restartable(
  first: Omit<Engine, 'directory' | 'restart'>,
  again: () => Promise<Omit<Engine, 'directory'>>,
): Omit<Engine, 'directory'> {
  let current = first;
  let listener: ((reason: string) => void) | undefined;
  let stopped = false;
  return {
    ...first,
    get pid() {
      return current.pid;
    },
    onFailure(own) {
      listener = own;
      current.onFailure(own);
    },
    async stop() {
      stopped = true;
      await current.stop();
    },
    async restart() {
      if (stopped) return;
      await current.stop();
      current = await again();
      if (stopped) await current.stop();
      else if (listener) current.onFailure(listener);
    },
  };
}

/** An engine reads only its own file; starting the other one would look as if everything were lost. */
function refuseOtherEngine(options: EngineOptions, name: EngineName): void {
  if (options.memory) return;
  for (const other of ENGINES) {
    const here = existsSync(databaseFile(join(options.data, name)));
    if (other !== name && !here && existsSync(databaseFile(join(options.data, other)))) {
      throw new InvalidInput(
        `The data in ${options.data} was written by the engine ${other}, and ${name} cannot read it. ` +
          `Start with DAOCHA_ENGINE=${other}, or name another directory with --data.`,
        { field: 'DAOCHA_ENGINE', expected: other },
      );
    }
  }
}

/**
 * Refuses a database file that was cut off or is something else, before the engine opens it.
 * @param used there is a key or a checkpoint of its log: an empty file is no new one
 * @throws DaochaError `damaged-database` naming the file
 */
function refuseDamaged(file: string, used: boolean): void {
  if (!existsSync(file)) return;
  if (!statSync(file).isFile()) throw damaged(file, 'is not a file');
  if (statSync(file).size === 0) {
    if (used) throw damaged(file, 'was cut off: it has 0 bytes');
    return;
  }
  const head = Buffer.alloc(100);
  const opened = openSync(file, 'r');
  const read = readSync(opened, head, 0, head.length, 0);
  closeSync(opened);
  // https://www.sqlite.org/fileformat.html#the_database_header
  const page = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16);
  const pages = head.readUInt32BE(28);
  const { size } = statSync(file);
  let why: string | undefined;
  if (read < head.length || head.toString('latin1', 0, 16) !== 'SQLite format 3\0') why = 'is not a database';
  else if (page < 512 || (page & (page - 1)) !== 0) why = 'has a damaged first page';
  // while a write-ahead log lies beside it, the engine may have been ended in the middle of taking it over
  else if (size < page * pages && !hasLog(file)) why = `was cut off: ${size} bytes where ${page * pages} belong`;
  if (why !== undefined) throw damaged(file, why);
}

const hasLog = (file: string): boolean => existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0;

/** @param said the engine's last words */
const damaged = (file: string, why: string, said?: string): DaochaError =>
  new DaochaError(
    'damaged-database',
    500,
    `The database ${file} ${why}. Keep what is there as it is for whoever looks into it, and put back the data directory of your backup. ` +
      `What was recorded since can be had from bundles and exports that were taken home.${said ? ` The engine said: ${said}` : ''}`,
  );

async function launch(
  name: EngineName,
  binary: string,
  place: string,
  scratch: string | undefined,
  lock: DataLock | undefined,
  port?: number,
): Promise<Omit<Engine, 'directory'>> {
  const logFile = join(place, 'engine.log');
  const { args, env, address } = await preparation(name, place, logFile, port);
  const log = openSync(logFile, 'w', 0o600);
  // A process group of its own: Ctrl-C must reach the platform first, which stops the engine last.
  const child = spawn(binary, args, { cwd: place, env, detached: true, stdio: ['ignore', 'ignore', log] });
  closeSync(log);
  const gone = new Promise<string>((done) => {
    child.once('error', (error) => done(`it could not be started: ${error.message}`));
    child.once('exit', (code, signal) => done(`it ended (${signal ?? `exit code ${code}`})`));
  });
  if (child.pid !== undefined) lock?.recordEngine(child.pid, [name, place]);
  const watcher = child.pid === undefined ? undefined : watch(child.pid, scratch);

  let ended: string | undefined;
  let stopping = false;
  let listener: ((reason: string) => void) | undefined;
  void (async () => {
    ended = await gone;
    watcher?.kill('SIGKILL');
    if (!stopping) listener?.(ended);
  })();

  const stop = async () => {
    stopping = true;
    if (ended === undefined) child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5000);
    await gone;
    clearTimeout(late);
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  };

  try {
    const endpoint = await ready(address, () => ended);
    if (name === 'extenddb') await applySettings(binary, place);
    return {
      name,
      endpoint,
      pid: child.pid,
      client: { endpoint, region: LOCAL_REGION, credentials: EXAMPLE_CREDENTIALS },
      onFailure: (l) => {
        listener = l;
        if (ended !== undefined && !stopping) l(ended);
      },
      stop,
    };
  } catch (error) {
    const written = existsSync(logFile) ? stripVTControlCharacters(readFileSync(logFile, 'utf8')) : '';
    const last = written.trim().split('\n').slice(-5);
    const output = last.join('\n');
    stopping = true;
    child.kill('SIGKILL');
    await gone;
    if (/malformed|not a database|corrupt/iu.test(output))
      throw damaged(databaseFile(place), 'is damaged', last.at(-1));
    throw new EngineUnavailable(
      `The database engine ${name} did not start: ${(error as Error).message}.${output ? ` It said:\n${output}` : ''}`,
      error,
    );
  }
}

interface Preparation {
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Its address once known: from its log, or chosen beforehand. */
  address: () => string | undefined;
}

/** @param given the port of the one that it takes the place of */
async function preparation(name: EngineName, place: string, logFile: string, given?: number): Promise<Preparation> {
  const file = databaseFile(place);
  // Nothing of this process's environment: ExtendDB would adopt real AWS keys found there as its own.
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'] };
  if (name === 'dynoxide') {
    const port = given ?? (await freePort());
    const args = ['serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', file];
    return { args, env, address: () => `http://127.0.0.1:${port}` };
  }
  const config = join(place, 'extenddb.toml');
  const quoted = JSON.stringify(file); // a TOML basic string has the same escapes
  const toml = `[server]\nbind_addr = "127.0.0.1"\nport = ${given ?? 0}\n\n[storage]\nbackend = "sqlite"\n\n[storage.sqlite]\npath = ${quoted}\n`;
  writeFileSync(config, toml, { mode: 0o600 });
  Object.assign(env, {
    EXTENDDB__SERVER__PORT: String(given ?? 0),
    EXTENDDB__STORAGE__SQLITE__PATH: file,
    AWS_ACCESS_KEY_ID: EXAMPLE_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: EXAMPLE_CREDENTIALS.secretAccessKey,
  });
  const address = () => {
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(readFileSync(logFile, 'utf8'))?.[1];
    return port === undefined ? undefined : `http://127.0.0.1:${port}`;
  };
  return { args: ['serve', '--foreground', '--config', config], env, address };
}

/** Tables are active at once and indexes never lag: tests and people need not wait, and nothing relies on it. */
async function applySettings(binary: string, place: string): Promise<void> {
  for (const [key, value] of [
    ['control_plane_delay_seconds', '0'],
    ['index_propagation_delay_ms', '0'],
  ] as const) {
    await promisify(execFile)(binary, ['settings', '--config', join(place, 'extenddb.toml'), 'set', key, value]);
  }
}

async function ready(address: () => string | undefined, ended: () => string | undefined): Promise<string> {
  const until = performance.now() + 10_000;
  let last = 'it did not answer within 10 s';
  while (performance.now() < until) {
    const reason = ended();
    if (reason !== undefined) throw new Error(reason);
    const endpoint = address();
    if (endpoint !== undefined) {
      try {
        const answer = await fetch(endpoint, { signal: AbortSignal.timeout(2000) });
        await answer.arrayBuffer();
        return endpoint;
      } catch (error) {
        last = `it does not answer at ${endpoint} (${(error as Error).message})`;
      }
    }
    await pause(10);
  }
  throw new Error(last);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** A shell that waits for the end of its input, which comes when this process ends, however it ends. */
function watch(engine: number, scratch: string | undefined): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const script =
    'read _; kill -TERM "$1" 2>/dev/null; n=0; while kill -0 "$1" 2>/dev/null && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done; ' +
    'kill -KILL "$1" 2>/dev/null; if [ -n "$2" ]; then rm -rf -- "$2"; fi';
  const watcher = spawn('sh', ['-c', script, 'daocha-watch', String(engine), scratch ?? ''], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => {}); // no shell here: the lock file's record is enough
  watcher.stdin?.on('error', () => {});
  watcher.unref();
  (watcher.stdin as { unref?: () => void } | null)?.unref?.();
  return watcher;
}
