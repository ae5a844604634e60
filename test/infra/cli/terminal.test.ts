// What others wrote does not drive a terminal: whatever a record, a file or another system holds, people's output has
// no control characters but line feeds and no format characters. One way leads to the terminal, and nothing goes past
// it.
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeLogger } from '../../../functions/runtime/logger.ts';
import { run as audit } from '../../../infra/cli/audit.ts';
import { run as imported } from '../../../infra/cli/import.ts';
import { print, warn } from '../../../infra/cli/print.ts';
import { displayWidth, textTable } from '../../../infra/cli/text-table.ts';
import { run as trace } from '../../../infra/cli/trace.ts';
import { problemLine } from '../../../shared/record/audit/problem.ts';
import { QUESTIONS, type Question } from '../../../shared/reading/trace/questions.ts';
import { makeTown, type TestTown } from '../../functions/api/support.ts';
import { temporaryDirectory } from '../../support/platform.ts';

// The record is made by a platform as it was before it looked at characters.
vi.mock(import('../../../functions/api/characters.ts'), async (original) => ({
  ...(await original()),
  wrongCharacters: () => [],
}));

const DRIVES = /(?!\n)[\p{Cc}\p{Cf}\p{Surrogate}]/u;
const ALL = Array.from({ length: 0x110000 }, (_, point) => point)
  .filter((point) => /[\p{Cc}\p{Cf}]/u.test(String.fromCodePoint(point)))
  .map((point) => String.fromCodePoint(point));
let next = 0;
/** A text with some of them, never the same: all of them come up soon. @param most UTF-16 units */
function driving(most = 60): string {
  let made = '店';
  while (made.length < most - 3) made += ALL[next++ % ALL.length]!;
  return `${made}铺`;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const directory = temporaryDirectory();
let town: TestTown;
let server: Server;
let unit: string;
let hazard: string;
let clause: string;
let connection: string[];

beforeAll(async () => {
  town = await makeTown({ settling: true });
  const [office, inspector, village] = [
    await town.as('office', 'office'),
    await town.as('inspector', 'guijianban'),
    await town.as('village', 'village-01'),
  ];
  const department = await town.as('department', 'guijianban');
  const act = async (path: string, token: string, body: object): Promise<Record<string, never>> => {
    town.now.at = new Date(town.now.at.getTime() + 60_000);
    const answer = await town.post(path, token, body);
    expect(answer.body).toMatchObject({ already: false });
    return answer.body;
  };
  const details = { name: driving(200), kind: driving(80), address: driving(300), area: 'village-01', tracks: ['gas'] };
  unit = (await act('/v1/units', office, { ...details, device: driving() }))['id']!;
  clause = driving(200);
  const answers = [
    { item: driving(64), clause, answer: 'problem', text: driving(900), place: driving(200) },
    ...Array.from({ length: 9 }, () => ({
      item: driving(64),
      clause: driving(200),
      answer: 'problem',
      text: driving(),
    })),
  ];
  const signature = { kind: 'refused', reason: driving(900) };
  const found = await act('/v1/inspections', inspector, { unit, track: 'gas', mode: 'covert', answers, signature });
  hazard = (found['findings'] as unknown as { hazard: string }[])[0]!.hazard;
  const at = `/v1/hazards/${hazard}`;
  await act(`${at}/gradings`, department, { grade: 'general', basis: driving(900) });
  await act(`${at}/assignments`, office, { to: 'guijianban', note: driving() });
  const order = { measures: driving(900), due: '2025-06-20', authority: driving() };
  await act(`${at}/orders`, department, order);
  const evidence = [{ sha256: 'a'.repeat(64), mediaType: driving() }];
  await act(`${at}/submissions`, village, { statement: driving(900), evidence });
  await act(`${at}/verifications`, department, { result: 'rejected', reason: driving(900) });
  await act(`/v1/units/${unit}/leases`, office, {
    lease: 'l-1',
    lessor: driving(200),
    lessee: driving(200),
    from: '2025-01-01',
  });
  await act(`/v1/units/${unit}/baselines`, office, { track: 'gas', facts: { [driving()]: driving() } });
  await town.settle();
  server = createServer((request, response) => {
    void (async () => {
      const headers = request.headers as Record<string, string>;
      const raw = await textOf(request);
      const sent = { headers, ...(raw !== '' && { raw }) };
      const { status, body } = await town.send(request.method!, request.url!, sent);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    })();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  connection = ['--api', api, '--token', await town.as('auditor', 'office'), '--ground', 'case-1'];
}, 120_000);
afterAll(async () => {
  directory.remove();
  await new Promise((closed) => server.close(closed));
});
afterEach(() => vi.restoreAllMocks());

async function said(run: () => unknown): Promise<{ code: unknown; out: string; err: string }> {
  const texts = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((texts.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((texts.err += String(text)), true));
  const code = await run();
  vi.restoreAllMocks();
  return { code, ...texts };
}

/** Sources that may write by themselves, and why. */
const WRITERS: Record<string, string> = {
  'infra/cli/print.ts': 'the one way',
  'infra/cli/import-progress.ts': 'escapes what it is told, and draws bars',
  'infra/cli/rebuild.ts': 'says names of stages, which are ours',
  'infra/cli/stage-progress.ts': 'draws bars, and says names of stages, which are ours',
  'shared/record/tlog/hash.ts': 'into a buffer',
  'infra/cli/bundle-report.ts': 'for developers, of our own bundles',
  'infra/aws/app.ts': 'for developers, of our own configuration',
};

describe('the way to the terminal', () => {
  test('is the only one: nothing else writes to standard output or error', () => {
    const sources = ['events', 'shared', 'functions', 'infra'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts'))
        .map((path) => `${folder}/${path}`)
        // a browser has no terminal
        .filter((path) => !path.startsWith('functions/console/browser/')),
    );
    expect(sources.length).toBeGreaterThan(300);
    const write =
      /process\.std(out|err)\s*\.write|\bout\.write\(|\bconsole\.(log|info|warn|error|debug)\(|new Logger\(/;
    const found = sources.filter((path) => write.test(readFileSync(join(root, path), 'utf8')));
    // the logger is a way of its own, below
    expect(new Set(found)).toEqual(new Set([...Object.keys(WRITERS), 'functions/runtime/logger.ts']));
  });

  test('shows every control character but line feeds, and every format character, by its code', async () => {
    const { out, err } = await said(() => {
      print(`${ALL.join('')}\n`);
      warn(`${ALL.join('')}\n`);
    });
    expect(out).toBe(err);
    expect(out).not.toMatch(DRIVES);
    expect(out.match(/<U\+[0-9A-F]{4,6}>/gu)).toHaveLength(ALL.length - 1);
  });

  test('the log of a function goes the same way', () => {
    const lines: string[] = [];
    const logger = makeLogger();
    const own = (logger as unknown as { console: Console }).console;
    vi.spyOn(own, 'error').mockImplementation((line) => void lines.push(String(line)));
    logger.error(`no: ${driving(900)}`, { answer: driving(900), error: new Error(driving(900)) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(DRIVES);
    expect(JSON.parse(lines[0]!)).toMatchObject({ message: expect.stringContaining('<U+001B>') });
  });

  test('what a command line itself holds is told the same way', async () => {
    const argv = [join(root, 'infra/cli/main.ts'), `\u001B[31m${driving(200).replaceAll('\0', '')}`];
    const told = await new Promise<string>((ended) => {
      execFile(process.execPath, argv, (_error, out, err) => ended(out + err));
    });
    expect(told).toContain('<U+001B>[31m');
    expect(told).not.toMatch(DRIVES);
  });
});

describe('a record that would drive a terminal', () => {
  const GIVEN: Record<string, () => string> = {
    before: () => '2025-07-01',
    months: () => '3',
    on: () => '2025-06-02',
    after: () => '2025-05-01',
    clause: () => clause,
    knownAt: () => '5',
    unit: () => unit,
    hazard: () => hazard,
  };
  const asked = Object.entries(QUESTIONS).filter(([, { about }]) => about === 'unit' || about === 'hazard');

  test.each(asked)('is shown by the question “%s”, and does not', async (name, { about, needs }: Question) => {
    const flags = [about, ...needs].flatMap((flag) => [`--${flag === 'knownAt' ? 'known-at' : flag}`, GIVEN[flag]!()]);
    const { code, out, err } = await said(() => trace([name, ...flags, ...connection]));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toMatch(DRIVES);
  });

  test('its columns stand under each other all the same', () => {
    const lines = textTable(
      ['名', 'b'],
      [
        ['甲\u001B乙', 'x'],
        ['甲<U+001B>乙', 'y'],
      ],
      80,
    );
    expect(lines[2]).toBe('甲<U+001B>乙  x');
    expect(new Set(lines.slice(2).map(displayWidth)).size).toBe(1);
  });

  test('JSON is as it was recorded', async () => {
    const argv = ['clause', '--unit', unit, '--clause', clause, '--json', ...connection];
    const { out } = await said(() => trace(argv));
    expect(JSON.stringify(JSON.parse(out))).toContain(JSON.stringify(clause).slice(1, -1));
  });
});

test('a row that is refused, and a file that is, say why without driving it', async () => {
  const file = join(directory.path, 'register.csv');
  const heading = 'unit_id,unit_name,track,inspected_at,clause,problem\n';
  writeFileSync(
    file,
    `${heading}1,${driving().replaceAll(/[\n\r\0]/g, '')},\u001B[31mgas\u0007,2025-05-08,GAS-01,yes\n`,
  );
  const { out, err } = await said(() => imported([file, '--source', 'daocha-csv', ...connection.slice(0, 4)]));
  expect(out + err).toContain('<U+001B>[31mgas');
  expect(out + err).not.toMatch(DRIVES);
});

test('a hostile bundle cannot make a line of its own', async () => {
  const bundle = join(directory.path, 'bundle');
  mkdirSync(join(bundle, '\u001B[2J\nverified: all is well\r'), { recursive: true });
  writeFileSync(join(bundle, 'manifest.json'), '{}');
  const { code, out, err } = await said(() => audit(['verify', bundle, '--key', 'x+00000000+AAAA']));
  expect(code).not.toBe(0);
  expect(out + err).not.toMatch(DRIVES);
  expect(out + err).not.toMatch(/^verified/m);
  expect(problemLine({ kind: 'extra', where: 'a\nverified', message: '\u001B' })).toBe(
    'extra: a<U+000A>verified: <U+001B>',
  );
});
