// `daocha audit witness`: a small witness for the district's audit body. It cosigns the log's checkpoints as long as the log only
// grows, and says so loudly when it does not. It fetches and brings on its own, or takes requests as a C2SP tlog-witness.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { EXIT_CODES, problemLine } from '../../shared/record/audit/problem.ts';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { own } from '../../shared/own.ts';
import { formatVkey } from '../../shared/record/tlog/vkey.ts';
import { ADD_CHECKPOINT } from '../../shared/record/witness/protocol.ts';
import { addCheckpoint } from '../../shared/record/witness/witness.ts';
import { connect } from './api-client.ts';
import { print, warn } from './print.ts';
import { lookAt, Misbehaved, type WitnessLook } from './witness-look.ts';
import { initWitness, openWitness, type WitnessState } from './witness-state.ts';

export const WITNESS_HELP = `Usage: daocha audit witness init --dir DIR --name NAME --vkey LOGKEY [--since CHECKPOINT]
       daocha audit witness run --dir DIR [--every SECONDS] [--api URL] [--token TOKEN] [--data DIR]
       daocha audit witness serve --dir DIR [--port PORT]

A witness 见证人 states by its cosignature that the log has only ever grown. Keep its directory, and run one process on it.

init     makes a key, and prints what the log's operator needs: the witness's verifier key
  --name NAME        the witness's name, best a URL of yours without scheme
  --vkey LOGKEY      the key of the log, from a source of your own
  --since FILE       a checkpoint that you kept: the log must continue it. Without it the first that it sees is where it begins

run      fetches the log's checkpoint, checks by its tiles that the log has only grown, cosigns, and brings the line to the log
  --every SECONDS    again and again, until Ctrl-C; else once
  --api, --token, --data   the platform, as for other commands; the token must be a witness's or an auditor's

serve    takes requests of the log (C2SP tlog-witness) on 127.0.0.1; put it behind a server of yours that speaks TLS
  --port PORT        default: any free one

Exit codes: 0 cosigned, or nothing new · 2 wrong usage · 3 not reached, or our line was not taken ·
10 altered tiles · 14 truncated: the log is shorter than it was · 15 forked · 16 wrong-key. Evidence is kept in DIR/forks.`;

const EXIT = { ok: 0, usage: 2, failed: 3 } as const;
const seconds = (): number => Math.floor(Date.now() / 1000);
const MAX_BODY = 1024 * 1024;

/** @returns the exit code, see WITNESS_HELP */
export async function witness(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  const command = own({ init, run, serve }, name ?? '');
  if (name === undefined || rest.includes('--help') || name === '--help') {
    print(`${WITNESS_HELP}\n`);
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (!command)
    throw new InvalidInput(`there is no “daocha audit witness ${name}”`, { expected: 'init, run or serve' });
  return command(rest);
}

function flags<const T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T) {
  return parseArgs({ args, options, strict: true }).values;
}

function given(field: string, value: string | undefined, expected: string): string {
  if (value === undefined) throw new InvalidInput(`--${field} is missing`, { field, expected });
  return value;
}

async function init(args: string[]): Promise<number> {
  const values = flags(args, {
    dir: { type: 'string' },
    name: { type: 'string' },
    vkey: { type: 'string' },
    since: { type: 'string' },
  });
  const dir = given('dir', values.dir, 'a directory for the witness');
  const made = await initWitness(dir, {
    name: given('name', values.name, 'the name of the witness'),
    log: given('vkey', values.vkey, 'the key of the log: name+hash+key'),
    since: values.since === undefined ? undefined : readFileSync(values.since, 'utf8'),
  });
  print(`${made}\n`);
  return EXIT.ok;
}

async function run(args: string[]): Promise<number> {
  const values = flags(args, {
    dir: { type: 'string' },
    every: { type: 'string' },
    api: { type: 'string' },
    token: { type: 'string' },
    data: { type: 'string' },
  });
  const pause = values.every === undefined ? undefined : wholeSeconds(values.every);
  const state = openWitness(given('dir', values.dir, 'the directory of the witness'), seconds);
  const ended = new AbortController();
  const onInterrupt = (): void => ended.abort();
  process.on('SIGINT', onInterrupt);
  try {
    for (;;) {
      const code = await look(state, values);
      if (pause === undefined || (code !== EXIT.ok && code !== EXIT.failed)) return code;
      const interrupted = await sleep(pause * 1000, false, { signal: ended.signal }).catch(() => true);
      if (interrupted) return EXIT.ok;
    }
  } finally {
    process.off('SIGINT', onInterrupt);
    state.release();
  }
}

function wholeSeconds(text: string): number {
  if (!/^[1-9]\d{0,5}$/u.test(text)) {
    throw new InvalidInput(`--every: ${text}`, { field: 'every', expected: 'a whole number of seconds, 1 to 999999' });
  }
  return Number(text);
}

/** One look, told in a line. */
async function look(state: WitnessState, options: { api?: string; token?: string; data?: string }): Promise<number> {
  try {
    const seen = await lookAt(await connect({ ...options, role: 'witness' }), state);
    print(`${described(state, seen)}\n`);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof Misbehaved) {
      const { evidence } = error.facts as { evidence?: string };
      warn(`${problemLine(error.problem)}\n`);
      warn(
        `The witness does not cosign. ${evidence ? `Both checkpoints are kept in ${evidence}. ` : ''}Tell the log's operator, and the other witnesses, before anything is changed.\n`,
      );
      return EXIT_CODES[error.problem.kind];
    }
    if (error instanceof InvalidInput) throw error;
    const { message, cause } = error as { message: string; cause?: Error };
    const known = error instanceof DaochaError ? message : `The log cannot be reached: ${cause?.message ?? message}`;
    warn(`${known}\n`);
    return EXIT.failed;
  }
}

function described({ deps }: WitnessState, { size, before, cosigned, brought }: WitnessLook): string {
  const what = !cosigned
    ? `${deps.log.name} still has ${size} events`
    : before === 0
      ? `${deps.log.name}: cosigned ${size} events, the first that this witness has seen`
      : `${deps.log.name}: cosigned ${size} events, which continue the ${before} cosigned before`;
  return `${new Date().toISOString()} ${what}${brought ? '' : '; the log takes no cosignatures'}.`;
}

async function serve(args: string[]): Promise<number> {
  const values = flags(args, { dir: { type: 'string' }, port: { type: 'string', default: '0' } });
  const port = Number(values.port);
  if (!/^\d{1,5}$/u.test(values.port) || port > 65_535) {
    throw new InvalidInput(`--port: ${values.port}`, { field: 'port', expected: 'a port, 0 for any free one' });
  }
  const state = openWitness(given('dir', values.dir, 'the directory of the witness'), seconds);
  const server = witnessServer(state);
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(port, '127.0.0.1', () => done());
    });
    const { port: bound } = server.address() as AddressInfo;
    print(`${formatVkey(state.vkey)} http://127.0.0.1:${bound}/\n`);
    await new Promise<void>((done) => {
      process.once('SIGINT', () => done());
      process.once('SIGTERM', () => done());
    });
    return EXIT.ok;
  } finally {
    server.close();
    server.closeAllConnections();
    state.release();
  }
}

/** Requests one after the other: between what was seen and what is kept nothing may come. */
export function witnessServer(state: WitnessState): Server {
  const origin = createHash('sha256').update(state.deps.log.name).digest('hex');
  let turn: Promise<unknown> = Promise.resolve();
  const answer = async (body: Uint8Array) => {
    const made = await addCheckpoint(body, state.latest(), state.deps);
    if (made.keep !== undefined) state.keep(made.keep);
    if (made.status === 422) warn(`not cosigned: ${made.body}`);
    return made;
  };
  return createServer((request, response) => {
    const end = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'content-type': type });
      response.end(text);
    };
    const { pathname } = new URL(request.url ?? '/', 'http://witness');
    if (request.method === 'GET' && pathname === `/${origin}/checkpoint`) {
      const latest = state.latest();
      return latest === undefined ? end(404, 'nothing cosigned yet\n') : end(200, latest);
    }
    if (request.method !== 'POST' || pathname !== `/${ADD_CHECKPOINT}`) return end(404, 'not found\n');
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY) chunks.push(chunk);
    });
    request.on('end', () => {
      if (size > MAX_BODY) return end(413, 'too large\n');
      turn = turn
        .then(() => answer(Buffer.concat(chunks)).then(({ status, body, type }) => end(status, body, type)))
        .catch((error: Error) => {
          warn(`${error.message}\n`);
          end(500, 'the witness cannot answer just now\n');
        });
    });
  });
}
