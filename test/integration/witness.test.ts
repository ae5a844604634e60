// Witnesses and time stamps on a running platform, as the town's operator, the district's audit body and a stranger with openssl see
// them: one witness that is asked, one that fetches by itself, an authority; and the same key over another history.
import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readPlatformFile } from '../../infra/cli/data-directory.ts';
import { readSigningKey, signToken } from '../../infra/local/issuer.ts';
import { logKeyFile } from '../../infra/local/log-key.ts';
import { serveAnswers, type Served } from '../support/answering.ts';
import { hasOpenssl, makeAuthority, opensslNotice, type Authority } from '../support/authority.ts';
import { type DaochaProcess, daocha, daochaStart, temporaryDirectory, waitFor } from '../support/platform.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- bodies of answers, looked into by the tests
type Body = any;

const home = temporaryDirectory();
const at = (name: string): string => join(home.path, name);
const data = at('data');
let platform: (DaochaProcess & { api: string }) | undefined;
let authority: Authority;
let stamping: Served;
let serving: DaochaProcess;
let vkey: string;
/** of the witness that is asked, and of the one that fetches */
let witnesses: [asked: string, fetching: string];

async function cli(...argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const command = daocha(argv);
  const { code } = await command.ended;
  return { code, out: command.out(), err: command.err() };
}
const audit = (...argv: string[]) => cli('audit', ...argv);

async function stop(process_: DaochaProcess | undefined): Promise<void> {
  process_?.child.kill('SIGINT');
  await process_?.ended;
}

/** A witness of the platform's log; its verifier key. */
async function init(name: string): Promise<string> {
  const made = await audit('witness', 'init', '--dir', at(name), '--name', `witness.example/${name}`, '--vkey', vkey);
  expect(made, made.err).toMatchObject({ code: 0 });
  return made.out.trim();
}

async function request(
  path: string,
  role = 'auditor',
  body?: unknown,
  more: Record<string, string> = {},
): Promise<{ status: number; body: Body }> {
  const [key, running] = [readSigningKey(data)!, readPlatformFile(data)!];
  const token = await signToken(key, running, { roles: [role], org: 'village-01', person: `p-${role}`, post: role });
  const response = await fetch(`${platform!.api}${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: /json/u.test(response.headers.get('content-type')!) ? JSON.parse(text) : text,
  };
}

/** One more unit, waited for until it is signed; the log's size. */
async function signedUnit(name: string): Promise<number> {
  const unit = { name, area: 'village-01', tracks: ['gas'] };
  const { status, body } = await request('/v1/units', 'village', unit, { prefer: 'wait=10' });
  expect(status).toBe(201);
  return waitFor('the log is signed to its end', async () => {
    const { log } = (await request('/health')).body;
    return log.signed?.size === log.size && log.size > body.position && (log.size as number);
  });
}
const attest = async (): Promise<void> => {
  expect((await fetch(`${platform!.api}/dev/schedules/attest`, { method: 'POST' })).status).toBe(200);
};

describe.skipIf(!hasOpenssl)(`witnesses and time stamps${opensslNotice}`, { timeout: 120_000 }, () => {
  beforeAll(async () => {
    authority = makeAuthority();
    stamping = await serveAnswers((body) => ({ body: authority.reply(body) }));
    mkdirSync(data);
    const made = await audit('key', '--name', 'daocha.invalid/liantang', '--out', logKeyFile(data));
    vkey = made.out.trim();
    witnesses = [await init('asked'), await init('fetching')];
    serving = daocha(['audit', 'witness', 'serve', '--dir', at('asked')]);
    const address = await waitFor('the witness says where it listens', () => /http:\S+/u.exec(serving.out())?.[0]);
    platform = await daochaStart(data, [], {
      DAOCHA_WITNESSES: `${witnesses[0]} ${address};${witnesses[1]}`,
      DAOCHA_TSA_URL: stamping.url,
    });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([stop(platform), stop(serving), stamping?.stop()]);
    authority?.remove();
    home.remove();
  });
  afterEach(() => {
    if (platform?.child.exitCode !== null) throw new Error(`the platform ended: ${platform?.err()}`);
  });

  let size: number;

  test('the witness that takes requests cosigns, the authority stamps, and everything is copied', async () => {
    size = await signedUnit('甲');
    await attest();
    expect((await request('/v1/log/attestations')).body).toMatchObject({
      signed: size,
      witnesses: [
        { name: 'witness.example/asked', asked: true, size, failingSince: null },
        { name: 'witness.example/fetching', asked: false, size: null },
      ],
      timeStamp: { authority: 'C=CN, O=District Test Authority, CN=Time Stamps', failingSince: null },
      copies: { size, failingSince: null },
    });
    const kinds = readdirSync(join(data, 'checkpoints')).map((name) => name.split('.')[1]);
    for (const kind of ['checkpoint', 'cosigned', 'tsq', 'tsr']) expect(kinds).toContain(kind);
  });

  test('the witness that fetches by itself cosigns too, and its line is served', async () => {
    const run = ['witness', 'run', '--dir', at('fetching'), '--data', data];
    const looked = await audit(...run);
    expect(looked, looked.err).toMatchObject({
      code: 0,
      out: expect.stringContaining(`cosigned ${size} events, the first`) as string,
    });
    const { body } = await request('/log/checkpoint?having=cosignature', 'witness');
    expect(body).toMatch(/— witness\.example\/asked \S+\n/u);
    expect(body).toMatch(/— witness\.example\/fetching \S+\n/u);
    const before = size;
    size = await signedUnit('乙');
    expect((await audit(...run)).out).toContain(
      `cosigned ${size} events, which continue the ${before} cosigned before`,
    );
    expect((await audit(...run)).out).toContain('still has');
  });

  test('both are taken home and hold without the platform; openssl agrees', async () => {
    const bundled = await audit('bundle', '--all', '--having', 'time-stamp', '--out', at('bundle'), '--data', data);
    expect(bundled, bundled.err).toMatchObject({ code: 0 });
    const proofs = ['--vkey', vkey, '--witness', witnesses[0], '--tsa-ca', authority.caFile];
    const verified = await audit('verify', at('bundle'), ...proofs);
    expect(verified, verified.out).toMatchObject({ code: 0 });
    expect(verified.out).toMatch(/Cosigned by witness\.example\/asked at /u);
    expect(verified.out).toMatch(/Time-stamped at \S+Z by C=CN, O=District Test Authority, CN=Time Stamps\.\n/u);
    const stamp = ['-in', 'time/checkpoint.tsr', '-CAfile', authority.caFile];
    const openssl = execFileSync('openssl', ['ts', '-verify', '-data', 'time/checkpoint', ...stamp], {
      cwd: at('bundle'),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(openssl.toString()).toContain('Verification: OK');
    const cosigned = await audit(
      'bundle',
      '--from',
      '0',
      '--to',
      '3',
      '--having',
      'cosignature',
      '--out',
      at('cosigned'),
      '--data',
      data,
    );
    expect(cosigned, cosigned.err).toMatchObject({ code: 0 });
    expect(await audit('verify', at('cosigned'), '--vkey', vkey, '--witness', witnesses[1])).toMatchObject({ code: 0 });
  });

  test('what is wrong with them is named by its exit code', async () => {
    const tsr = join(at('bundle'), 'time/checkpoint.tsr');
    writeFileSync(tsr, readFileSync(tsr).subarray(0, 1000));
    const cut = await audit('verify', at('bundle'), '--vkey', vkey, '--tsa-ca', authority.caFile);
    expect(cut).toMatchObject({
      code: 21,
      out: expect.stringMatching(/^time-stamp: time\/checkpoint\.tsr: malformed/u) as string,
    });
    expect(await audit('verify', at('cosigned'), '--tsa-ca', authority.caFile)).toMatchObject({ code: 21 });
    const other = join(at('cosigned'), 'policy');
    expect(await audit('verify', at('cosigned'), '--tsa-ca', other)).toMatchObject({ code: 3 });
    expect(await audit('bundle', '--all', '--having', 'luck', '--out', at('none'), '--data', data)).toMatchObject({
      code: 2,
    });
  });

  test('sealing goes on when the witness and the authority are away', async () => {
    await Promise.all([stop(serving), stamping.stop()]);
    size = await signedUnit('丙');
    await attest();
    expect((await request('/v1/log/attestations')).body).toMatchObject({
      signed: size,
      witnesses: [{ failingSince: expect.any(String) as string, problem: 'not-answered' }, { failingSince: null }],
      copies: { size },
    });
  });

  test('another history under the same key: no witness cosigns it, each says so', async () => {
    await audit('witness', 'run', '--dir', at('fetching'), '--data', data);
    await stop(platform);
    const other = at('other');
    mkdirSync(other);
    copyFileSync(logKeyFile(data), logKeyFile(other));
    copyFileSync(join(data, 'dev-issuer.json'), join(other, 'dev-issuer.json'));
    platform = await daochaStart(other);
    const forked = await waitFor('the other history is longer', async () => {
      const key = readSigningKey(other)!;
      const token = await signToken(key, readPlatformFile(other)!, {
        roles: ['village'],
        org: 'village-01',
        person: 'p',
        post: 'p',
      });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      // each another shop: the same name twice is not registered
      const unit = JSON.stringify({ name: `丁${randomUUID()}`, area: 'village-01', tracks: ['gas'] });
      await fetch(`${platform!.api}/v1/units`, { method: 'POST', headers, body: unit });
      const looked = await audit('witness', 'run', '--dir', at('fetching'), '--data', other);
      expect([3, 14, 15], looked.out).toContain(looked.code); // not signed yet, shorter, forked; never cosigned
      return looked.code === 15 && looked;
    });
    expect(forked.err).toMatch(/^forked: log\/checkpoint: the first \d+ events are not those that were cosigned/u);
    expect(readdirSync(join(at('fetching'), 'forks')).length).toBeGreaterThan(0);
  });
});
