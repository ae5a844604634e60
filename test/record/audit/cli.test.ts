// The commands as an auditor gives them: a bundle from a platform over HTTP, verified; exit codes and the one line that says it.
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openLogKey } from '../../../functions/seal/key.ts';
import { run as audit } from '../../../infra/cli/audit.ts';
import { run as exported } from '../../../infra/cli/export.ts';
import { parseVkey } from '../../../shared/record/tlog/vkey.ts';
import { flipped } from '../tlog/logs.ts';
import { sourceOf, temporary, Town, vkey } from './town.ts';

const main = fileURLToPath(new URL('../../../infra/cli/main.ts', import.meta.url));
const town = new Town(300);
const { dir, remove } = temporary();
let server: Server;

beforeAll(async () => {
  const { store, checkpoint } = await sourceOf(town.events);
  const files = new Map<string, Uint8Array | string>([...store.files].map(([path, data]) => [`/log/${path}`, data]));
  files.set('/log/checkpoint', checkpoint).set('/log/vkey', `${vkey}\n`);
  const items = town.events.flatMap(({ unit, stream, version }, position) =>
    unit === 'u_3' ? [{ position, stream, version }] : [],
  );
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://x');
    if (request.headers.authorization !== 'Bearer secret') response.writeHead(401).end('{"detail":"no token"}');
    else if (pathname === '/v1/units/u_3/timeline') response.end(JSON.stringify({ items }));
    else if (files.has(pathname)) response.end(files.get(pathname));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
});
afterAll(() => {
  server.close();
  remove();
});

interface Ended {
  code: number;
  out: string;
  err: string;
}

const connected = (): Record<string, string> => ({
  DAOCHA_API: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  DAOCHA_TOKEN: 'secret',
});

/** In a process of its own, as it is given. */
function daocha(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env: { ...process.env, ...connected() } }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

/** The same in this process. */
async function called([name, ...args]: readonly string[]): Promise<Ended> {
  const ended: Ended = { code: 0, out: '', err: '' };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((ended.out += String(text)))),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((ended.err += String(text)))),
  ];
  for (const [variable, value] of Object.entries(connected())) vi.stubEnv(variable, value);
  try {
    ended.code = await (name === 'audit' ? audit : exported)(args);
    return ended;
  } finally {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
  }
}

test('a bundle is taken home, holds, and does not when an event in it was altered', async () => {
  expect(await daocha('audit', 'bundle', '--unit', 'u_3', '--out', dir)).toMatchObject({ code: 0 });
  const verified = await daocha('audit', 'verify', dir, '--vkey', vkey);
  expect(verified).toMatchObject({ code: 0 });
  expect(verified.out).toContain('12 of 300 events');
  expect((await called(['audit', 'verify', dir])).out).toContain('give --vkey');
  const position = town.events.findIndex(({ unit }) => unit === 'u_3');
  const leaf = join(dir, `leaves/${position}.json`);
  writeFileSync(leaf, flipped(readFileSync(leaf), 700));
  const altered = await daocha('audit', 'verify', dir, '--vkey', vkey);
  expect(altered).toMatchObject({ code: 10 });
  expect(altered.out).toMatch(new RegExp(`^altered: leaves/${position}\\.json: position ${position}: .*\n`, 'u'));
});

test.each([
  [['audit'], 2, ''],
  [['audit', 'burn'], 2, 'no “daocha audit burn”'],
  [['audit', 'bundle', '--out', 'x'], 2, 'one of --unit U, --from P --to Q, --all'],
  [['audit', 'bundle', '--all'], 2, '--out is missing'],
  [['audit', 'bundle', '--from', '1', '--to', 'two', '--out', 'x'], 2, '--to: two'],
  [['audit', 'verify', '/nowhere/at/all'], 3, 'no such directory'],
  [['audit', 'verify', '.', '--vkey', 'key'], 3, 'verifier key'],
  [['export', 'xes', '--out', 'x'], 2, 'daocha export ocel2'],
  [['export', 'ocel2', '--out', 'x', '--data', '/nowhere'], 3, 'No platform runs on'],
] as const)('%j ends with %i', async (args, code, says) => {
  const ended = await called(args);
  expect(ended.code).toBe(code);
  expect(ended.err).toContain(says);
});

test('a position beyond the signed log, and an unfinished bundle of something else', async () => {
  const beyond = await called(['audit', 'bundle', '--from', '0', '--to', '300', '--out', `${dir}-beyond`]);
  expect(beyond).toMatchObject({ code: 2 });
  expect(beyond.err).toContain('position 300 is beyond the log, whose signed size is 300; at most 299');
  const unknown = await called(['audit', 'bundle', '--unit', 'u_none', '--out', `${dir}-unknown`]);
  expect(unknown.code).toBe(3);
});

test('a key for a log is written for its owner only, never over another, and opens as the log’s key', async () => {
  const base = temporary();
  mkdirSync(base.dir, { recursive: true });
  const out = join(base.dir, 'log-key');
  const made = await daocha('audit', 'key', '--name', 'safety.example/liantang', '--out', out);
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(made.out).not.toContain('PRIVATE');
  const key = await openLogKey(`file:${out}`, 'safety.example/liantang');
  expect(parseVkey(made.out.trim()).publicKey).toEqual(key.publicKey);
  expect(await daocha('audit', 'key', '--name', 'safety.example/liantang', '--out', out)).toMatchObject({ code: 2 });
  expect((await daocha('audit', 'key', '--name', 'two words', '--out', join(base.dir, 'other'))).err).toMatch(
    /--name/u,
  );
  base.remove();
});
