// The witness that an audit body runs, as it is given on the command line: against a log that grows, forks, shrinks, lies about its
// tiles, has another key, or is away; and as a server that a log asks.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run as audit } from '../../../infra/cli/audit.ts';
import { witnessServer } from '../../../infra/cli/audit-witness.ts';
import { initWitness, openWitness } from '../../../infra/cli/witness-state.ts';
import { addCosignatures, cosignatureVerifier } from '../../../shared/record/tlog/cosignature.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { verifyCheckpoint } from '../../../shared/record/tlog/proof.ts';
import { COSIGNATURE_V1, ED25519, formatVkey, parseVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { askWitness } from '../../../shared/record/witness/client.ts';
import { temporaryDirectory } from '../../support/platform.ts';
import { forkOf, logOf, logVkey, ORIGIN, type TestLog } from './logs.ts';

let place: ReturnType<typeof temporaryDirectory>;
let dir: string;
let server: Server;
/** what is served; undefined: 503 */
let log: TestLog | undefined;
/** the checkpoint, when it is not the log's own */
let checkpoint: string | undefined;
/** lines that were brought, by size */
let brought: { size: number; line: string }[];
let takes: boolean;

beforeEach(async () => {
  place = temporaryDirectory();
  dir = join(place.path, 'witness');
  [log, checkpoint, brought, takes] = [undefined, undefined, [], true];
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://x');
    const answer = async (): Promise<void> => {
      if (request.headers.authorization !== 'Bearer secret')
        return void response.writeHead(401).end('{"detail":"who?"}');
      if (!log) return void response.writeHead(503).end('{"detail":"out of order"}');
      if (pathname === '/log/checkpoint') return void response.end(checkpoint ?? (await servedNote(log)));
      const file = log.store.files.get(pathname.replace('/log/', ''));
      if (file) return void response.end(file);
      const size = /^\/log\/checkpoint\/(?<size>\d+)\/cosignatures$/u.exec(pathname)?.groups?.['size'];
      if (request.method !== 'POST' || size === undefined || !takes) return void response.writeHead(404).end('{}');
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { cosignatures: line } = JSON.parse(Buffer.concat(chunks).toString()) as { cosignatures: string };
      brought.push({ size: Number(size), line });
      response.end('{}');
    };
    void answer();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
});
afterEach(() => {
  server.close();
  place.remove();
});

/** With the lines that were brought, as a log serves them. */
const servedNote = async (of: TestLog): Promise<string> =>
  (await of.checkpoint()) +
  brought
    .filter(({ size }) => size === of.size)
    .map(({ line }) => line)
    .join('');

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => !!(written.out += String(text)));
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => !!(written.err += String(text)));
  const code = await audit(['witness', ...args]).finally(() => {
    out.mockRestore();
    err.mockRestore();
  });
  return { code, ...written };
}
const api = (): string[] => [
  '--api',
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  '--token',
  'secret',
];
const look = () => cli('run', '--dir', dir, ...api());
const init = async (...more: string[]): Promise<string> => {
  const made = await cli('init', '--dir', dir, '--name', 'witness.example/d', '--vkey', formatVkey(logVkey), ...more);
  expect(made).toMatchObject({ code: 0, err: '' });
  return made.out.trim();
};
const kept = (): string => readFileSync(join(dir, 'checkpoint'), 'utf8');

describe('a witness of a log that only grows', () => {
  it('cosigns, brings its line, keeps the checkpoint, and says from where to where', async () => {
    const vkey = parseVkey(await init());
    expect(vkey.type).toBe(COSIGNATURE_V1);
    expect(statSync(join(dir, 'witness-key')).mode & 0o777).toBe(0o600);
    log = await logOf(3);
    expect(await look()).toMatchObject({
      code: 0,
      out: expect.stringContaining('cosigned 3 events, the first') as string,
    });
    for (const [size, before] of [
      [300, 3],
      [70_000, 300],
    ] as const) {
      await log.grow(size - log.size);
      expect((await look()).out).toContain(`cosigned ${size} events, which continue the ${before} cosigned before`);
    }
    expect(brought.map(({ size }) => size)).toEqual([3, 300, 70_000]);
    const policy = { log: formatVkey(logVkey), witnesses: [formatVkey(vkey)], threshold: 1 };
    await verifyCheckpoint(kept(), policy);
    const { size, line } = brought[2]!;
    await addCosignatures(await log.checkpoint(undefined, size), line, [cosignatureVerifier(vkey)]);
  });

  it('signs nothing while nothing is new, and brings again what the log does not have', async () => {
    await init();
    log = await logOf(5);
    await look();
    const before = kept();
    expect((await look()).out).toContain('still has 5 events');
    expect(brought).toHaveLength(1);
    brought = [];
    await look();
    expect(brought).toHaveLength(1);
    expect(kept()).toBe(before);
  });

  it('goes on from a checkpoint that was kept from before', async () => {
    log = await logOf(20);
    writeFileSync(join(place.path, 'since'), await log.checkpoint());
    await log.grow(20);
    await init('--since', join(place.path, 'since'));
    expect((await look()).out).toContain('cosigned 40 events, which continue the 20');
    rmSync(dir, { recursive: true });
    await init('--since', join(place.path, 'since'));
    log = await forkOf(log, 10, 40);
    expect(await look()).toMatchObject({ code: 15 });
  });

  it('a log that takes no lines is cosigned all the same', async () => {
    await init();
    [log, takes] = [await logOf(5), false];
    expect(await look()).toMatchObject({ code: 0, out: expect.stringContaining('takes no cosignatures') as string });
  });
});

describe('a witness of a log that does what no log may do', () => {
  it.each([
    ['a fork of the same size', 300, 300],
    ['a fork that is longer', 299, 700],
    ['another log from the beginning', 0, 301],
  ])('%s: it says so, keeps the evidence, and cosigns nothing', async (_, at, size) => {
    await init();
    const honest = await logOf(300);
    log = honest;
    await look();
    const before = kept();
    log = await forkOf(honest, Math.min(at, 299), size);
    const ended = await look();
    expect(ended.code).toBe(15);
    expect(ended.err).toMatch(
      /^forked: log\/checkpoint: .*300 events.*two histories|^forked: log\/checkpoint: .*roots differ/u,
    );
    expect(ended.err).toContain('before anything is changed');
    expect(kept()).toBe(before);
    expect(brought).toHaveLength(1);
    const [place_] = readdirSync(join(dir, 'forks'));
    expect(readFileSync(join(dir, 'forks', place_!, 'kept'), 'utf8')).toBe(before);
    expect(readFileSync(join(dir, 'forks', place_!, 'seen'), 'utf8')).toBe(await servedNote(log));
    log = honest; // and it goes on with the log that it knows
    expect(await look()).toMatchObject({ code: 0 });
  });

  it('a log that is shorter than it was', async () => {
    await init();
    log = await logOf(300);
    await look();
    checkpoint = await log.checkpoint(undefined, 200);
    expect(await look()).toMatchObject({
      code: 14,
      err: expect.stringMatching(/^truncated: .*200 events; it had 300/u) as string,
    });
  });

  it('tiles that are not those of the checkpoint', async () => {
    await init();
    log = await logOf(300);
    await look();
    await log.grow(10);
    checkpoint = await log.checkpoint();
    const tile = log.store.files.get('tile/0/001.p/54')!;
    log.store.files.set(
      'tile/0/001.p/54',
      tile.map((byte, n) => (n === 1700 ? byte ^ 1 : byte)),
    );
    expect(await look()).toMatchObject({
      code: 10,
      err: expect.stringMatching(/^altered: log\/tile: .*310 events/u) as string,
    });
  });

  it('another key, another log, a changed checkpoint', async () => {
    await init();
    log = await logOf(30);
    checkpoint = await log.checkpoint(localKey(new Uint8Array(32)));
    expect(await look()).toMatchObject({ code: 16 });
    checkpoint = (await log.checkpoint()).replace('\n30\n', '\n31\n');
    expect(await look()).toMatchObject({ code: 10 });
    expect(() => kept()).toThrow(/ENOENT/u);
  });
});

describe('when something is missing or wrong', () => {
  it('a log that is away, or refuses, is tried again later', async () => {
    await init();
    expect(await look()).toMatchObject({ code: 3, err: expect.stringContaining('out of order') as string });
    log = await logOf(3);
    expect(await cli('run', '--dir', dir, ...api().slice(0, 3), 'wrong')).toMatchObject({
      code: 3,
      err: expect.stringContaining('401') as string,
    });
    expect((await cli('run', '--dir', dir, '--api', 'http://127.0.0.1:1', '--token', 'x')).code).toBe(3);
  });

  it.each<[args: string[], says: string]>([
    [['init', '--dir', 'x', '--name', 'two words', '--vkey', formatVkey(logVkey)], '--name: two words'],
    [['init', '--dir', 'x', '--name', 'w'], '--vkey is missing'],
    [['init', '--name', 'w', '--vkey', 'x'], '--dir is missing'],
    [
      ['init', '--dir', 'x', '--name', 'w', '--vkey', formatVkey(vkeyOf('w', COSIGNATURE_V1, logVkey.publicKey))],
      'the key of a witness',
    ],
    [['run', '--dir', '/nowhere/at/all'], 'there is no witness in /nowhere/at/all'],
    [['run', '--dir', 'x', '--every', '0'], '--every: 0'],
    [['serve', '--dir', 'x', '--port', '70000'], '--port: 70000'],
    [['sign'], 'no “daocha audit witness sign”'],
  ])('%j is wrong usage', async (args, says) => {
    const ended = await cli(...args);
    expect(ended).toMatchObject({ code: 2, err: expect.stringContaining(says) as string });
  });

  it('a witness is not made over another, nor run twice at once; what a dead process left is taken over', async () => {
    await init();
    const again = await cli('init', '--dir', dir, '--name', 'w', '--vkey', formatVkey(logVkey));
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('has a witness already') as string });
    const held = openWitness(dir, () => 1);
    log = await logOf(3);
    expect(await look()).toMatchObject({
      code: 3,
      err: expect.stringContaining(`process with id ${process.pid}`) as string,
    });
    held.release();
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: 999_999_999, started: 'long ago' }));
    expect(await look()).toMatchObject({ code: 0 });
  });

  it('a kept checkpoint that was altered is an error, not a beginning', async () => {
    await init();
    log = await logOf(8);
    await look();
    writeFileSync(join(dir, 'checkpoint'), kept().replace('\n8\n', '\n7\n'));
    expect(await look()).toMatchObject({ code: 3, err: expect.stringContaining('does not match') as string });
  });
});

describe('a witness that takes requests', () => {
  it('answers as C2SP tlog-witness says, one request after the other, and shows what it cosigned', async () => {
    mkdirSync(dir);
    const made = parseVkey(await initWitness(dir, { name: 'witness.example/d', log: formatVkey(logVkey) }));
    const state = openWitness(dir, () => 1_748_000_000);
    const witness = witnessServer(state);
    await new Promise<void>((done) => witness.listen(0, '127.0.0.1', () => done()));
    const url = `http://127.0.0.1:${(witness.address() as AddressInfo).port}`;
    const grown = await logOf(300);
    const ask = async (of: TestLog, size: number) =>
      askWitness(
        { vkey: made, url: `${url}/` },
        { note: await of.checkpoint(undefined, size), size, old: 0, prove: of.prove },
      );
    await ask(grown, 100);
    const both = await Promise.allSettled([ask(grown, 200), ask(grown, 300), ask(grown, 250)]);
    expect(both.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    await ask(grown, 300); // whoever was overtaken asks again
    await expect(ask(await forkOf(grown, 50, 400), 400)).rejects.toThrow(/422/u);
    const origin = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(ORIGIN))).toString('hex');
    const shown = await (await fetch(`${url}/${origin}/checkpoint`)).text();
    expect(shown).toBe(state.latest());
    expect(
      (await verifyCheckpoint(shown, { log: formatVkey(logVkey), witnesses: [formatVkey(made)], threshold: 1 }))
        .checkpoint.size,
    ).toBe(300);
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect((await fetch(`${url}/add-checkpoint`, { method: 'POST', body: 'x' })).status).toBe(400);
    witness.close();
    state.release();
  });
});

it('the key of a witness is not the key of a log', () => {
  expect(vkeyOf('w', ED25519, logVkey.publicKey).keyId).not.toBe(vkeyOf('w', COSIGNATURE_V1, logVkey.publicKey).keyId);
});
