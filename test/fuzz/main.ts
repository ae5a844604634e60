// `npm run fuzz`: schemathesis asks every operation of the OpenAPI document, on a platform of its own, for what its schemas allow and for
// what they do not, and compares the answers with the document. No 5xx but 504 is taken. The same seed asks the same.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROLES, type Role } from '../../shared/rules/roles.ts';
import { PERMISSIONS } from '../../functions/api/permissions.ts';
import type { Route } from '../../functions/api/route.ts';
import { ROUTE_NAMES, ROUTES } from '../../functions/api/routes.ts';
import { readPlatformFile } from '../../infra/cli/data-directory.ts';
import { connectTables } from '../../infra/cli/tables.ts';
import { readSigningKey, signToken } from '../../infra/local/issuer.ts';
import { daochaStart, temporaryDirectory } from '../support/platform.ts';
import { CALLERS, seed, type Caller, type Send, type World } from './seed.ts';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '20250425' },
    /** generated requests for each operation, besides examples and what covers its schemas */
    examples: { type: 'string', default: '5' },
    operation: { type: 'string', multiple: true },
    phases: { type: 'string', default: 'examples,coverage,fuzzing' },
    /** seconds after which it is ended; it has failed then when it has found something, or not asked every operation */
    limit: { type: 'string', default: '360' },
    random: { type: 'boolean', default: false },
  },
});

const HOOKS = new URL('./hooks.py', import.meta.url).pathname;
/** Operations that have to do something at least once: the others want a witness, a second launch or a stage that is rarely met. */
const REACHED = 90;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const schemathesis = [process.env['DAOCHA_SCHEMATHESIS_PATH'] ?? 'schemathesis'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);
if (!schemathesis) {
  console.log('schemathesis is not installed: the API is not fuzzed here. `bash .ci/install FOLDER` installs it.');
  process.exit(process.env['DAOCHA_SCHEMATHESIS'] === 'required' ? 1 : 0);
}

const directory = temporaryDirectory();
const data = join(directory.path, 'data');
mkdirSync(data);
writeFileSync(join(data, 'secrets.json'), JSON.stringify({ 'district-webhooks/district-construction': SECRET }), {
  mode: 0o600,
});
const platform = await daochaStart(data);
let failed = true;
try {
  failed = await fuzz(platform.api);
} finally {
  platform.child.kill('SIGINT');
  await platform.ended;
  directory.remove();
}
process.exitCode = failed ? 1 : 0;

async function fuzz(api: string): Promise<boolean> {
  const tokenOf = await signer();
  const tables = connectTables(data);
  const world = await seed(sender(api, tokenOf), tables);
  tables.dynamo.destroy();
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory.path, name), text);
    return join(directory.path, name);
  };
  const environment = {
    DAOCHA_FUZZ_WORLD: file('world.json', JSON.stringify({ ...(await tokens(tokenOf)), fields: world.fields })),
    SCHEMATHESIS_HOOKS: HOOKS,
  };
  const document = file('openapi.json', forPython(await (await fetch(`${api}/openapi.json`)).text()));
  const config = file('schemathesis.toml', settings(world));
  const { phases, examples, seed: chance } = flags;
  // more than one worker ends in errors of its own now and then
  const named = { url: api, phases, 'max-examples': examples, seed: chance, workers: '1' };
  const argv = [
    '--config-file',
    config,
    'run',
    document,
    '--no-color',
    ...Object.entries(named).flatMap(([name, value]) => [`--${name}`, value]),
    ...(flags.random ? ['--generation-database', 'none'] : ['--generation-deterministic']),
  ];
  console.log(`schemathesis, seed ${flags.seed}, at most ${flags.limit} s`);
  const began = performance.now();
  // Two at once, each with every second operation: one alone leaves a core idle while it waits for answers.
  const halves = [0, 1].map((half) => (flags.operation ?? ROUTE_NAMES).filter((_, nth) => nth % 2 === half));
  const runs = await Promise.all(
    halves.map(async (names, half) => {
      if (names.length === 0) return { asked: {}, code: 0, found: false };
      const counts = file(`counts-${half}.json`, '{}');
      const child = spawn(schemathesis!, [...argv, ...names.flatMap((name) => ['--include-operation-id', name])], {
        cwd: directory.path,
        env: { ...process.env, ...environment, DAOCHA_FUZZ_COUNTS: counts },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      const code = await ended(child, Number(flags.limit) * 1000);
      console.log(said);
      const asked = JSON.parse(readFileSync(counts, 'utf8')) as Asked;
      return { asked, code, found: /^=+ (FAILURES|ERRORS) =+$/m.test(said) };
    }),
  );
  const asked = Object.assign({}, ...runs.map((run) => run.asked)) as Asked;
  const bad = runs.some(({ code, found }) => found || (code !== 0 && code !== null));
  const late = runs.some(({ code }) => code === null);
  return told(asked, { bad, late }, Math.round((performance.now() - began) / 1000));
}

/** How many answers of each status, by operation. */
type Asked = Record<string, Record<string, number>>;

/** Patterns with Unicode's categories written out: Python's expressions do not know them. */
function forPython(document: string): string {
  const written = (category: RegExp): string => {
    const ranges: [number, number][] = [];
    for (let code = 0; code <= 0x10ffff; code += 1) {
      if (!category.test(String.fromCodePoint(code))) continue;
      const last = ranges.at(-1);
      if (last?.[1] === code - 1) last[1] = code;
      else ranges.push([code, code]);
    }
    const hex = (code: number): string =>
      code > 0xffff ? String.fromCodePoint(code) : `\\\\u${code.toString(16).padStart(4, '0')}`;
    return ranges.map(([from, to]) => (from === to ? hex(from) : `${hex(from)}-${hex(to)}`)).join('');
  };
  // hypothesis counts through every class, and there are 137,468 private characters: they are refused all the same (hooks.py, STANDING)
  const found = new Map([['Co', '']]);
  return document.replaceAll(/\\\\p\{(\w+)\}/g, (_, name: string) => {
    const ranges = found.get(name) ?? written(new RegExp(`\\p{${name}}`, 'u'));
    found.set(name, ranges);
    return ranges;
  });
}

/** Its exit code; null when it took too long. */
async function ended(child: ReturnType<typeof spawn>, within: number): Promise<number | null> {
  return new Promise((done) => {
    let late = false;
    const timers = [
      // it says what it has found so far
      setTimeout(() => (late = child.kill('SIGINT')), within),
      setTimeout(() => child.kill('SIGKILL'), within + 20_000),
    ];
    child.once('close', (code) => {
      timers.forEach(clearTimeout);
      done(late ? null : code);
    });
  });
}

/** Says what was asked and answered. @returns whether it failed */
function told(asked: Asked, { bad, late }: { bad: boolean; late: boolean }, seconds: number): boolean {
  const statuses: Record<string, number> = {};
  for (const each of Object.values(asked)) {
    for (const [status, count] of Object.entries(each)) statuses[status] = (statuses[status] ?? 0) + count;
  }
  const requests = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const done = Object.values(asked).filter((each) => Object.keys(each).some((status) => status.startsWith('2')));
  const never = ROUTE_NAMES.filter((name) => !asked[name]);
  console.log(
    `${requests} requests in ${seconds} s to ${Object.keys(asked).length} of ${ROUTE_NAMES.length} operations, ${done.length} of which did something: ${JSON.stringify(statuses)}`,
  );
  if (process.env['DAOCHA_FUZZ_DETAILS']) console.log(JSON.stringify(asked, null, 1));
  if (late) console.log(`ended after ${flags.limit} s, before it had asked all that it would have`);
  if (bad || flags.operation) return bad;
  if (never.length > 0) console.log(`never asked: ${never.join(', ')}`);
  if (done.length < REACHED)
    console.log(`fewer than ${REACHED} did something: the town that is seeded is not what they need`);
  return never.length > 0 || done.length < REACHED;
}

async function signer(): Promise<(caller: Caller) => Promise<string>> {
  const [key, running] = [readSigningKey(data)!, readPlatformFile(data)!];
  return ({ role, org, person }) => signToken(key, running, { roles: [role], org, person, post: role, ttl: '2h' });
}

function sender(api: string, tokenOf: (caller: Caller) => Promise<string>): Send {
  return async (method, path, as, body) => {
    const file = body as { bytes?: Buffer; headers?: Record<string, string> } | undefined;
    return fetch(new URL(path, api), {
      method,
      headers: {
        authorization: `Bearer ${await tokenOf(as)}`,
        'content-type': 'application/json',
        ...file?.headers,
      },
      ...(body !== undefined && { body: file?.bytes ? new Uint8Array(file.bytes) : JSON.stringify(body) }),
    });
  };
}

/** For each operation the tokens of those who may; and of everybody. */
async function tokens(tokenOf: (caller: Caller) => Promise<string>): Promise<object> {
  const signed = new Map<Role, string[]>();
  for (const role of ROLES) signed.set(role, await Promise.all(CALLERS[role].map(tokenOf)));
  const may = ROUTE_NAMES.flatMap((name) => {
    const { action }: Route = ROUTES[name];
    if (action === 'public') return [];
    return [[name, (Object.keys(PERMISSIONS[action]) as Role[]).flatMap((role) => signed.get(role)!)] as const];
  });
  return { secret: SECRET, tokens: Object.fromEntries(may), others: [...signed.values()].flat() };
}

/** The configuration of schemathesis: what it checks, and the values that exist, for most requests. */
function settings({ ids, staged, parameters }: World): string {
  const lines = [
    '[checks]',
    'enabled = false',
    ...[
      'status_code_conformance',
      'content_type_conformance',
      'response_schema_conformance',
      'response_headers_conformance',
      'described_is_taken',
      'unsupported_method',
      'allow_header_conformance',
    ].map((check) => `${check}.enabled = true`),
    `not_a_server_error = { enabled = true, expected-statuses = ["2xx", "3xx", "4xx", 504] }`,
    `negative_data_rejection = { enabled = true, expected-statuses = [400, 401, 403, 404, 413, 415, 422] }`,
    `missing_required_header = { enabled = true, expected-statuses = [400, 401, 403, 404] }`,
    // The platform's own HTTP server refuses TRACE before anything of ours sees it.
    '[phases]',
    'coverage = { unexpected-methods = ["PUT", "DELETE", "PATCH", "OPTIONS", "POST", "GET"] }',
    // Whom the tokens are of ends with the platform; what was asked has to be seen.
    '[output.sanitization]',
    'enabled = false',
    '[generation]',
    'with-security-parameters = false',
    'dictionaries = { string = { dictionary = "known", probability = 0.2 } }',
    '[dictionaries]',
  ];
  const dictionary = (name: string, values: readonly (string | number)[]) =>
    lines.push(`${name} = { values = ${JSON.stringify(values)} }`);
  const strings = Object.values(parameters).flatMap((values) => values.filter((value) => typeof value === 'string'));
  dictionary('known', [...new Set([...Object.values(ids).flat(), ...strings])]);
  const names = new Map<string, string>();
  for (const [nth, [name, values]] of [ids, staged, parameters].flatMap((each) => Object.entries(each)).entries()) {
    if (values.length === 0) continue;
    dictionary(`d${nth}`, values);
    names.set(name, `d${nth}`);
  }
  for (const name of ROUTE_NAMES) {
    const { path, params, query }: Route = ROUTES[name];
    const under = Object.keys(ids)
      .filter((prefix) => path.startsWith(`${prefix}/`))
      .toSorted((a, b) => b.length - a.length)[0];
    const bound = [
      ...Object.keys(params.shape).map(
        (field) => ['path', field, field === 'id' ? (staged[name] ? name : (under ?? '')) : field] as const,
      ),
      ...Object.keys(query.shape).map((field) => ['query', field, field] as const),
    ].flatMap(([place, field, values]) => {
      const known = names.get(values);
      return known ? [`"${place}.${field}" = { dictionary = "${known}", probability = 0.8 }`] : [];
    });
    if (bound.length === 0) continue;
    lines.push('[[operations]]', `include-operation-id = "${name}"`, `parameters = { ${bound.join(', ')} }`);
  }
  // GET is answered there: “plans” may be the id of an inspection.
  lines.push('[[operations]]', 'include-operation-id = "planInspection"');
  lines.push('checks = { allow_header_conformance = { enabled = false } }');
  return `${lines.join('\n')}\n`;
}
