// The command line as people and scripts meet it where no platform is needed: exit codes, what stands where, errors that help.
import { decodeJwt } from 'jose';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect } from '../../../infra/cli/api-client.ts';
import { dataDirectory, readPlatformFile, writePlatformFile } from '../../../infra/cli/data-directory.ts';
import { run as demo } from '../../../infra/cli/demo.ts';
import { run as launch } from '../../../infra/cli/launch.ts';
import { portOf, run as start } from '../../../infra/cli/start.ts';
import { run as sweep } from '../../../infra/cli/sweep.ts';
import { run as token } from '../../../infra/cli/token.ts';
import { ensureSigningKey } from '../../../infra/local/issuer.ts';
import { daocha, temporaryDirectory } from '../../support/platform.ts';

let data: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  data = temporaryDirectory();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  data.remove();
});

async function said(run: (argv: string[]) => Promise<number>, ...argv: string[]) {
  const texts = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((texts.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((texts.err += String(text)), true));
  const code = await run(argv);
  vi.restoreAllMocks();
  return { code, ...texts };
}

/** As if a platform ran on the data directory: in the name of this process. */
async function pretendPlatform(api = 'http://127.0.0.1:1') {
  await ensureSigningKey(data.path);
  writePlatformFile(data.path, {
    api,
    dynamodb: api,
    streams: api,
    bus: `${api}/dev/bus`,
    tables: { events: 'e', log: 'l', views: 'v', access: 'a', directory: 'd' },
    tenant: 'liantang',
    issuer: `${api}/dev/issuer`,
    audience: 'daocha',
  });
}

describe('main', () => {
  const ended = async (...argv: string[]) => {
    const command = daocha(argv);
    const { code } = await command.ended;
    return { code, out: command.out(), err: command.err() };
  };

  test('help lists every command, and is what no command gives', async () => {
    const help = await ended('help');
    expect(help.code).toBe(0);
    for (const name of ['start', 'demo', 'token', 'import', 'launch', 'rebuild', 'sweep'])
      expect(help.out).toContain(`  ${name} `);
    expect(await ended()).toEqual(help);
  });

  test('an unknown command is refused, and a near one named', async () => {
    const near = await ended('improt');
    expect(near).toMatchObject({ code: 2, out: '' });
    expect(near.err).toContain('There is no command “improt”. Did you mean import?');
    expect((await ended('constructor')).err).toMatch(/^There is no command “constructor”\.\nSee: /);
  });

  test('version says which', async () => {
    expect(await ended('--version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^daocha \d+\.\d+\.\d+, Node 2/),
    });
  });
});

test.each([
  ['start', start],
  ['demo', demo],
  ['token', token],
  ['launch', launch],
  ['sweep', sweep],
] as const)('%s says how it is used, and refuses a flag it does not know', async (name, run) => {
  expect(await said(run, '--help')).toMatchObject({
    code: 0,
    out: expect.stringContaining(`Usage: daocha ${name}`),
    err: '',
  });
  const wrong = await said(run, '--prot', '1');
  expect(wrong).toMatchObject({ code: 2, out: '' });
  expect(wrong.err).toContain("'--prot'");
  expect(wrong.err).toContain(`See: daocha ${name} --help`);
});

test.each(['70000', '-1', 'http', '3000.5', ''])('--port %j is refused', async (port) => {
  expect(() => portOf(port)).toThrow('--port is a number from 0 to 65535');
  expect(await said(start, `--port=${port}`)).toMatchObject({ code: 2 });
});

test('an engine that there is not is refused by name', async () => {
  const { code, err } = await said(start, '--engine', 'postgres', '--data', data.path, '--port', '0');
  expect(code).toBe(1);
  expect(err).toContain('There is no engine called "postgres".');
  expect(err).toContain('extenddb or dynoxide');
});

describe('token', () => {
  test('prints the token alone, with the claims asked for', async () => {
    await pretendPlatform();
    const argv = '--role inspector --role village --org village-01 --person p-7 --ttl 30m'.split(' ');
    const { code, out, err } = await said(token, ...argv, '--data', data.path);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^\S+\n$/);
    const claims = decodeJwt(out.trim());
    expect(claims).toMatchObject({
      iss: 'http://127.0.0.1:1/dev/issuer',
      aud: 'daocha',
      sub: 'p-7',
      roles: ['inspector', 'village'],
      org: 'village-01',
      post: 'inspector',
    });
    expect(claims.exp! - claims.iat!).toBe(1800);
  });

  test.each([
    [[], /needs a role\.\nrole: inspector, /],
    [['--role', 'inspectr'], /no role called "inspectr"\.\nrole: inspector, /],
    [['--role', 'admin', '--ttl', 'soon'], /"soon" is not a duration\.\nttl: such as 30m/],
    [['--role', 'admin', '--ttl', '9999d'], /"9999d" is not a duration\.\nttl: such as 30m or 1h, at most 24h/],
    [['--role', 'admin', '--person', ' system:x'], /" system:x" cannot stand in a token: .*reference of a person/],
    [['--role', 'admin', '--person', 'system：x'], /person: must be the reference of a person/],
    [['--role', 'admin', '--person', 'a b'], /person: must be the reference of a person/],
    [['--role', 'admin', '--post', ' '], /post: must be a name/],
    [['--role', 'admin', '--org', 'village-99'], /no organisation called "village-99"[^]*org: .*village-01/],
  ])('%j is refused, with what would be right', async (argv, says) => {
    await pretendPlatform();
    const { code, out, err } = await said(token, ...argv, '--data', data.path);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(says);
  });

  test('without a platform says how to start one', async () => {
    const { code, err } = await said(token, '--role', 'admin', '--data', data.path);
    expect(code).toBe(3);
    expect(err).toBe(`No platform runs on ${data.path}. Start one with: npm start\n`);
  });
});

describe('where the data is', () => {
  test('the flag, else DAOCHA_DATA, else .daocha here', () => {
    expect(dataDirectory('/a', { DAOCHA_DATA: '/b' })).toBe('/a');
    expect(dataDirectory(undefined, { DAOCHA_DATA: '/b' })).toBe('/b');
    expect(dataDirectory(undefined, { DAOCHA_DATA: '' })).toBe(join(process.cwd(), '.daocha'));
  });

  test('what a killed platform left behind is not taken for a running one', async () => {
    await pretendPlatform();
    const platform = readPlatformFile(data.path)!;
    expect(platform.pid).toBe(process.pid);
    writeFileSync(join(data.path, 'platform.json'), JSON.stringify({ ...platform, started: 'at another time' }));
    expect(readPlatformFile(data.path)).toBeUndefined();
    writeFileSync(join(data.path, 'platform.json'), '{"pid":');
    expect(readPlatformFile(data.path)).toBeUndefined();
  });
});

describe('connect', () => {
  test('takes address and token from the flags, else from the environment', async () => {
    const env = { DAOCHA_API: 'http://127.0.0.1:2/', DAOCHA_TOKEN: 't', DAOCHA_DATA: data.path };
    expect((await connect({}, env)).api).toBe('http://127.0.0.1:2');
    expect((await connect({ api: 'https://town.example' }, env)).api).toBe('https://town.example');
  });

  test.each([
    [{}, { field: 'api', message: /No platform runs on/ }],
    [{ api: 'ftp://x' }, { field: 'api', message: /ftp:\/\/x is not an address/ }],
    [{ api: 'here' }, { field: 'api', message: /here is not an address/ }],
    [{ api: 'http://127.0.0.1:2' }, { field: 'token', message: /no token for http:\/\/127\.0\.0\.1:2/ }],
  ])('%j is refused, naming what is missing', async (options, { field, message }) => {
    const error = await connect(options, { DAOCHA_DATA: data.path }).catch((e: unknown) => e);
    expect(error).toMatchObject({ field, message: expect.stringMatching(message), expected: expect.any(String) });
  });
});

describe('launch', () => {
  test('a definition that is not one is refused before anything is sent', async () => {
    const file = join(data.path, 'campaign.json');
    writeFileSync(file, '{"definition":{}}');
    const { code, err } = await said(launch, '--definition', file, '--data', data.path);
    expect(code).toBe(2);
    expect(err).toContain('expected a JSON object with definition, ruleSet and targets');
    expect(await said(launch, '--definition', join(data.path, 'none.json'))).toMatchObject({ code: 2 });
  });

  test('without a platform says what would help', async () => {
    const { code, err } = await said(launch, '--data', data.path);
    expect(code).toBe(3);
    expect(err).toMatch(/No platform runs on .*\n.*npm start/);
  });

  test('a platform that does not answer is told of', async () => {
    await pretendPlatform();
    const { code, err } = await said(launch, '--data', data.path);
    expect(code).toBe(3);
    expect(err).toContain('http://127.0.0.1:1 does not answer');
  });
});

test('sweep without a platform says what would help', async () => {
  const { code, err } = await said(sweep, '--data', data.path);
  expect(code).toBe(3);
  expect(err).toContain('No platform runs on');
});
