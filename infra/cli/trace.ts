// `daocha trace QUESTION …` (责任倒查): the questions of an auditor, asked of a platform over its API. Chinese tables on a
// terminal, the whole answer as JSON with --json. The platform computes the answers; nothing here knows a rule.
import { parseArgs } from 'node:util';
import type { TraceAnswer } from '../../shared/reading/trace/answer.ts';
import {
  QUESTION_NAMES,
  QUESTIONS,
  type Parameter,
  type Question,
  type QuestionName,
} from '../../shared/reading/trace/questions.ts';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { connect, type ApiClient } from './api-client.ts';
import { print, printCount, printJson, warn } from './print.ts';
import { writeDossier } from './trace-dossier.ts';
import { traceText } from './trace-text.ts';

export const TRACE_EXIT = { ok: 0, refused: 1, usage: 2, failed: 3, interrupted: 130 } as const;

type FlagName = keyof typeof FLAG_HELP;
type Flags = Partial<Record<FlagName, string>>;

const FLAG_HELP = {
  unit: 'U          a unit 单位',
  hazard: 'H        a hazard 隐患',
  escalation: 'E    an escalation 上报',
  report: 'R        a report 报表, e.g. monthly_2025-06_gas',
  before: 'D        a day in town time, or a moment with zone: what came before it',
  months: 'N        how many months back',
  on: 'D            a day in town time',
  after: 'D         a day in town time, or a moment with zone: from it on',
  clause: 'C        a clause 条款, e.g. GAS-01',
  track: 'TRACK     one track only 专项',
  area: 'A          one village or residents’ committee only 村居',
  'known-at': 'K      as known then: a log position P (everything before it), or a time with zone',
} as const;

const flagOf = (parameter: Parameter): FlagName => (parameter === 'knownAt' ? 'known-at' : parameter);
/** What a question is asked with: the flags that it needs, and those that it may have. */
function flagsFor(name: QuestionName): { needs: FlagName[]; may: FlagName[] } {
  const { about, needs, may }: Question = QUESTIONS[name];
  return { needs: [about, ...needs.map(flagOf)], may: may.map(flagOf) };
}

/** `/v1/trace/units/u_1/inspections`; an escalation and a report are one question each. */
function pathOf(name: QuestionName, flags: Flags): string {
  const { about } = QUESTIONS[name];
  const subject = `/v1/trace/${about}s/${encodeURIComponent(flags[about]!)}`;
  return name === about ? subject : `${subject}/${name}`;
}
/** Flags that go into the path. */
const IN_PATH: ReadonlySet<FlagName> = new Set(['unit', 'hazard', 'escalation', 'report']);

const HELP = `Usage: daocha trace QUESTION [options] 责任倒查

${QUESTION_NAMES.map((name) => {
  const { number, zh, en } = QUESTIONS[name];
  const flags = flagsFor(name)
    .needs.map((flag) => `--${flag} …`)
    .join(' ');
  return `  ${name.padEnd(13)}${String(number).padStart(2)}. ${zh}: ${en}\n${' '.repeat(19)}${flags}`;
}).join('\n')}

  dossier          all of it, compiled 汇编卷宗: one readable file in Chinese, beside the proof bundle of what it names
                   --unit … --on … --months … --out DIR [--no-bundle]

${Object.entries(FLAG_HELP)
  .map(([name, says]) => `  --${name} ${says}`)
  .join('\n')}
  --out DIR        dossier only: where to; --no-bundle leaves the proofs out
  --json           the whole answer as JSON: every fact with the events behind it
  --api, --token, --data   the platform, as for other commands; the token must be an auditor's, the office's or the leading group's
  --ground TEXT            on what ground it is read (DAOCHA_GROUND); goes into the access log

Exit codes: 0 answered · 1 refused, or nothing of that name · 2 wrong usage · 3 the platform cannot be reached · 130 stopped by Ctrl-C`;

/** @returns the exit code, see HELP */
export async function run(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || ['help', '--help', '-h'].includes(name) || rest.includes('--help')) {
    print(`${HELP}\n`);
    return name === undefined ? TRACE_EXIT.usage : TRACE_EXIT.ok;
  }
  try {
    if (name === 'dossier') return await dossier(rest);
    if (!Object.hasOwn(QUESTIONS, name)) {
      throw new InvalidInput(`There is no question “${name}”`, {
        expected: `one of ${QUESTION_NAMES.join(', ')}, dossier`,
      });
    }
    return await ask(name as QuestionName, rest);
  } catch (error) {
    return failure(error);
  }
}

async function ask(name: QuestionName, args: string[]): Promise<number> {
  const { needs, may } = flagsFor(name);
  const { json, api, token, data, ground, out, bundle, ...flags } = flagsOf(args);
  const own = flags as Flags;
  if (out !== undefined || bundle === false) throw new InvalidInput('--out and --no-bundle belong to “dossier”');
  checkFlags(name, own, needs, [...needs, ...may, 'known-at']);
  const client = await connect({ api, token, data, ground, role: 'auditor' });
  const answer = await whole(client, pathOf(name, own), queryOf(own));
  if (json) printJson(answer, 2);
  else print(traceText(answer, process.stdout.columns ?? 140));
  return TRACE_EXIT.ok;
}

async function dossier(args: string[]): Promise<number> {
  const { json: _json, api, token, data, ground, out, bundle = true, ...flags } = flagsOf(args);
  const own = flags as Flags;
  checkFlags('dossier', own, ['unit', 'on', 'months'], ['unit', 'on', 'months', 'known-at']);
  if (out === undefined) throw new InvalidInput('--out is missing', { field: 'out', expected: 'a directory for it' });
  const client = await connect({ api, token, data, ground, role: 'auditor' });
  const { unit, on, months, 'known-at': knownAt } = own;
  const asked = { unit: unit!, on: on!, months: months!, knownAt, out, bundle };
  if (await writeDossier(client, get, asked)) return TRACE_EXIT.ok;
  warn('Stopped. Run it again to go on.\n');
  return TRACE_EXIT.interrupted;
}

/** @throws InvalidInput naming the flag that is missing, or that does not belong to the question */
function checkFlags(name: string, own: Flags, needs: readonly FlagName[], allowed: readonly FlagName[]): void {
  const missing = needs.find((flag) => own[flag] === undefined);
  if (missing !== undefined) {
    const expected = FLAG_HELP[missing].replace(/^\S+\s+/, '');
    throw new InvalidInput(`--${missing} is missing`, { field: missing, expected });
  }
  const foreign = (Object.keys(own) as FlagName[]).find((flag) => own[flag] !== undefined && !allowed.includes(flag));
  if (foreign === undefined) return;
  throw new InvalidInput(`--${foreign} does not belong to “${name}”`, {
    field: foreign,
    expected: `one of ${allowed.map((flag) => `--${flag}`).join(', ')}`,
  });
}

function flagsOf(args: string[]) {
  const text = { type: 'string' } as const;
  const named = Object.fromEntries(Object.keys(FLAG_HELP).map((name) => [name, text]));
  const { values } = parseArgs({
    args,
    options: {
      ...named,
      api: text,
      token: text,
      data: text,
      ground: text,
      out: text,
      json: { type: 'boolean', default: false },
      bundle: { type: 'boolean' },
    },
    strict: true,
    allowNegative: true,
  });
  type Common = { json: boolean; bundle?: boolean; out?: string };
  return values as Flags & Common & { api?: string; token?: string; data?: string; ground?: string };
}

function queryOf(flags: Flags): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(flags) as [FlagName, string | undefined][]) {
    if (value !== undefined && !IN_PATH.has(name)) query.set(name === 'known-at' ? 'knownAt' : name, value);
  }
  return query;
}

/** The answer; of one that comes in pages, all of them. */
async function whole(client: ApiClient, path: string, query: URLSearchParams): Promise<TraceAnswer<unknown>> {
  const answer = (await get(client, path, query)) as TraceAnswer<unknown>;
  const page = { ...(answer as Paged) };
  // All pages are asked as known at the same moment. (Accesses have no position: their pages go on by time.)
  if (page.looked !== undefined && !query.has('knownAt')) query.set('knownAt', String(answer.knownAt.position));
  while (page.cursor !== undefined) {
    query.set('cursor', page.cursor);
    const next = (await get(client, path, query)) as Paged;
    page.facts.push(...next.facts);
    page.late.push(...next.late);
    page.corrections.push(...next.corrections);
    if (page.looked !== undefined) page.looked += next.looked ?? 0;
    page.cursor = next.cursor;
    printCount(page.looked ?? page.facts.length);
  }
  if (process.stderr.isTTY && query.has('cursor')) warn('\n');
  return page;
}

type Paged = TraceAnswer<unknown> & { cursor?: string | undefined; looked?: number };

/** @throws DaochaError with the platform's own words */
async function get(client: ApiClient, path: string, query: URLSearchParams): Promise<unknown> {
  const text = query.toString();
  const { status, body } = await client.request('GET', text === '' ? path : `${path}?${text}`);
  if (status === 200) return body;
  const { detail, title, expected } = (body ?? {}) as { detail?: string; title?: string; expected?: string };
  const message = detail ?? title ?? `the platform answered ${status}`;
  const details = expected === undefined ? {} : { expected };
  throw status === 400 ? new InvalidInput(message, details) : new DaochaError('refused', status, message, details);
}

function failure(error: unknown): number {
  const { message, code } = error as { message: string; code?: string };
  const usage = error instanceof InvalidInput || code?.startsWith('ERR_PARSE_ARGS') === true;
  const more = error instanceof DaochaError && error.expected && !message.includes(error.expected);
  const expected = more ? `; expected: ${error.expected}` : '';
  warn(`${message}${expected}\n${usage ? 'See: daocha trace --help\n' : ''}`);
  if (usage) return TRACE_EXIT.usage;
  return error instanceof DaochaError && error.type === 'refused' && error.status < 500
    ? TRACE_EXIT.refused
    : TRACE_EXIT.failed;
}
