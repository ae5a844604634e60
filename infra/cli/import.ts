// `daocha import FILE --source S`: reads a register, sends what it implies to the platform's API, and says what it came to.
// May be stopped and run again at any time: every command has an id of its own, and what is already recorded adds nothing.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { TRACKS, type Track } from '../../events/envelope.ts';
import { DaochaError } from '../../events/errors.ts';
import { daochaCsv } from '../../shared/import/daocha-csv.ts';
import { nameOf } from '../../shared/import/command.ts';
import { ENCODINGS, type Encoding } from '../../shared/import/encoding.ts';
import { say } from '../../shared/import/messages.ts';
import { readRegister, type ReadRegister } from '../../shared/import/read.ts';
import { PostFailed, sendPlans } from '../../shared/import/send.ts';
import type { Source } from '../../shared/import/source.ts';
import { SOURCES } from '../../shared/import/sources.ts';
import { visibleLine } from '../../shared/text.ts';
import { ANSWERS, wordOf } from '../../shared/import/words.ts';
import { startTally, type ImportSummary } from '../../shared/import/summary.ts';
import { chineseOf, importClient, organisationsOf, postThrough, type ImportClient } from './import-post.ts';
import { startProgress } from './import-progress.ts';
import { print, printJson, warn } from './print.ts';
import { townDay } from '../../shared/town-time.ts';

/** Exit codes. A script can tell “all of it is in” from “some rows are not”. */
export const IMPORT_EXIT = { ok: 0, someRefused: 1, usage: 2, api: 3, interrupted: 130 } as const;

const HELP = `Usage: daocha import FILE --source SOURCE [options]

Reads a register (CSV, may be gzipped; UTF-8 or GBK) and records its inspections, hazards and sign-offs on a running platform.
Importing the same file twice adds nothing; a stopped import may be run again.

Sources:
${SOURCES.map((source) => `  ${source.name.padEnd(22)} ${source.title}`).join('\n')}

Options:
  --json              print the summary as one JSON object (progress goes to standard error)
  --api URL           the platform's address (DAOCHA_API; else that of the platform running on the data directory)
  --token TOKEN       sign-in token (DAOCHA_TOKEN; else one from the local development issuer)
  --data DIR          data directory of the local platform (DAOCHA_DATA, .daocha)
  --track TRACK       put the units on this track: ${TRACKS.join(', ')}
  --encoding E        the file is in \`gbk\` or \`utf-8\`, where that cannot be known from it
  --alike HOW         daocha-csv: units whose name and address read alike but are written differently are \`one\` unit, or
                      \`apart\` as they are written; without it they are refused
  --answer W=MEANING  daocha-csv: what a word in 有无隐患 means, \`√=ok\` or \`√=problem\`; may be given several times
  --sign-off RULE     nyc-restaurant: a violation is gone after a later inspection without it of the same \`programme\` (the rule
                      unless said otherwise) or after any later \`visit\` without it
  --concurrency N     requests in flight, 1 to 32 (4)
  --batch N           commands in one request at most, 1 to 100 (100); fewer are sent while answers come slowly
  --help

Exit codes: 0 everything is in · 1 some rows or commands were refused, the rest is in · 2 wrong usage, or the file cannot be read ·
3 the platform cannot be reached, or refuses the token · 130 stopped by Ctrl-C`;

interface Options {
  file: string;
  source: Source;
  json: boolean;
  api: string | undefined;
  token: string | undefined;
  data: string | undefined;
  track: Track | undefined;
  signOff: 'programme' | 'visit' | undefined;
  encoding: Encoding | undefined;
  alike: 'one' | 'apart' | undefined;
  answers: ReadonlyMap<string, 'problem' | 'ok'>;
  concurrency: number;
  batch: number;
}

class Usage extends Error {}

/** @returns the exit code, see EXIT */
export async function run(argv: string[]): Promise<number> {
  try {
    const options = optionsOf(argv);
    if (!options) {
      print(`${HELP}\n`);
      return IMPORT_EXIT.ok;
    }
    return await importFile(options);
  } catch (error) {
    if (error instanceof Usage) return fail(IMPORT_EXIT.usage, `${error.message}\n${say('use-help')}`);
    if (error instanceof PostFailed) return fail(IMPORT_EXIT.api, `${error.message}\n${say('api-again')}`);
    if (error instanceof DaochaError) {
      if (error.status === 400) return fail(IMPORT_EXIT.usage, error.message);
      return fail(IMPORT_EXIT.api, error.expected ? `${error.message} What helps: ${error.expected}` : error.message);
    }
    throw error;
  }
}

async function importFile(options: Options): Promise<number> {
  await requireFile(options.file);
  const started = performance.now();
  const progress = startProgress(process.stderr);
  // A file that cannot be read is told even where no platform runs.
  let connected: Promise<ImportClient> | undefined;
  const client = (): Promise<ImportClient> => (connected ??= importClient(options));
  const sourceOptions = {
    ...(options.track && { track: options.track }),
    ...(options.signOff && { signOff: options.signOff }),
    ...(options.encoding && { encoding: options.encoding }),
    ...(options.alike && { alike: options.alike }),
    answers: options.answers,
    now: new Date(),
    organisations: async () => organisationsOf(await client()),
  };
  let read: ReadRegister;
  try {
    read = await readRegister(() => createReadStream(options.file), options.source, sourceOptions);
  } finally {
    progress.stop();
  }
  const { register, rows, refused, notes, encoding, above } = read;
  if (above) progress.say(`${basename(options.file)}: ${say('lines-above', { lines: spanOf(above) })}`);
  progress.say(
    `${basename(options.file)}: ${rows} rows (${encoding.toUpperCase()}), ${register.units} units, ${refused.length} rows refused`,
  );

  const post = postThrough(await client());
  const tally = startTally(rows, refused, notes, {
    chinese: chineseOf,
    column: register.column?.bind(register),
  });
  const stop = new AbortController();
  const onInterrupt = (): void => {
    if (stop.signal.aborted) process.exit(IMPORT_EXIT.interrupted);
    stop.abort();
    progress.say('Stopping after what is in flight (Ctrl-C again to stop at once) …');
  };
  process.on('SIGINT', onInterrupt);
  let complete: boolean;
  try {
    progress.start(register.units);
    complete = await sendPlans(register.plans(), post, tally, {
      source: options.source.name,
      file: nameOf(basename(options.file), 255) ?? '-',
      batch: options.batch,
      concurrency: options.concurrency,
      signal: stop.signal,
      elapsed: () => performance.now(),
      onUnits: (units) => progress.advance(units, tally.summary.eventsAdded),
      onRetry: (reason) => progress.say(`${reason}; sending again …`),
    });
  } finally {
    progress.stop();
    process.off('SIGINT', onInterrupt);
  }
  if (!complete) return fail(IMPORT_EXIT.interrupted, say('api-stopped'));

  tally.summary.refused.sort((a, b) => a.line - b.line);
  tally.summary.notes.sort((a, b) => a.line - b.line);
  if (options.json) printJson(tally.summary);
  else print(summaryText(tally.summary, (performance.now() - started) / 1000));
  return tally.summary.refused.length > 0 ? IMPORT_EXIT.someRefused : IMPORT_EXIT.ok;
}

function optionsOf(argv: string[]): Options | undefined {
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        source: { type: 'string' },
        json: { type: 'boolean', default: false },
        api: { type: 'string' },
        token: { type: 'string' },
        data: { type: 'string' },
        track: { type: 'string' },
        'sign-off': { type: 'string' },
        encoding: { type: 'string' },
        alike: { type: 'string' },
        answer: { type: 'string', multiple: true, default: [] },
        concurrency: { type: 'string', default: '4' },
        batch: { type: 'string', default: '100' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new Usage((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) return undefined;
  const [file, ...others] = positionals;
  if (!file) throw new Usage(say('use-no-file'));
  if (others.length > 0) throw new Usage(say('use-one-file', { file: others[0]! }));
  const names = SOURCES.map(({ name }) => name).join(', ');
  if (!values.source) throw new Usage(say('use-no-source', { names }));
  const source = SOURCES.find(({ name }) => name === values.source);
  if (!source) throw new Usage(say('use-source', { given: values.source, names }));
  if (source !== daochaCsv && (values.alike !== undefined || values.answer.length > 0))
    throw new Usage(say('use-not-here', { name: values.alike === undefined ? 'answer' : 'alike' }));
  return {
    file,
    source,
    json: values.json,
    api: values.api,
    token: values.token,
    data: values.data,
    track: choice('track', values.track, TRACKS),
    signOff: choice('sign-off', values['sign-off'], ['programme', 'visit'] as const),
    encoding: choice('encoding', values.encoding?.toLowerCase(), ENCODINGS),
    alike: choice('alike', values.alike, ['one', 'apart'] as const),
    answers: new Map(values.answer.map(meaningOf)),
    concurrency: wholeNumber('concurrency', values.concurrency, 32),
    batch: wholeNumber('batch', values.batch, 100),
  };
}

function choice<T extends string>(name: string, value: string | undefined, choices: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = choices.find((one) => one === value);
  if (!found) throw new Usage(say('use-choice', { name, choices: choices.join(', '), given: value }));
  return found;
}

/** `√=ok`: a word of 有无隐患 that nobody knows without being told. */
function meaningOf(given: string): [string, 'problem' | 'ok'] {
  const [, word = '', meaning] = /^(.+)=(problem|ok)$/s.exec(given.trim()) ?? [];
  const key = wordOf(word);
  if (!meaning || !key) throw new Usage(say('use-answer', { given }));
  const known = ANSWERS.get(key);
  if (known && known !== meaning) throw new Usage(say('use-answer-known', { word, known }));
  return [key, meaning as 'problem' | 'ok'];
}

function wholeNumber(name: string, value: string, most: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > most)
    throw new Usage(say('use-number', { name, most, given: value }));
  return number;
}

async function requireFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new Usage(
      error.code === 'ENOENT'
        ? say('use-missing-file', { file })
        : say('use-unreadable-file', { file, why: error.message }),
    );
  });
  if (!found.isFile()) throw new Usage(say('use-no-such-file', { file }));
}

function fail(code: number, message: string): number {
  warn(`${message}\n`);
  return code;
}

const SHOWN = 20;

function summaryText(summary: ImportSummary, seconds: number): string {
  const lines: [string, string | number][] = [
    ['rows', summary.rows],
    ['units', summary.units],
    ['inspections', `${summary.inspections} (${summary.cleanInspections} clean)`],
    ['hazards', `${summary.hazards} (${summary.signedOff} signed off, ${summary.open} open)`],
    ['recurrences', `${summary.recurrences} at ${summary.recurrenceUnits} units`],
    ['events added', summary.eventsAdded],
    ['time', `${seconds.toFixed(1)} s (${Math.round(summary.rows / seconds)} rows/s)`],
    ['peak memory', `${Math.round(process.resourceUsage().maxRSS / 1024)} MB`],
  ];
  const refused = listed(
    'refused',
    summary.refused.map(({ line, column, reason }) => ({ line, column, text: reason })),
  );
  const notes = listed(
    'notes',
    summary.notes.map(({ line, column, note }) => ({ line, column, text: note })),
  );
  const late = listed(
    'late',
    summary.late.map(({ line, clause, signedOffAt }) => {
      const day = townDay(signedOffAt);
      return {
        line,
        column: clause,
        text: `销项前所见，${day} 已销项，仍为已销项（seen before the sign-off of ${day}）`,
      };
    }),
  );
  return `${lines.map(([name, value]) => `${name.padEnd(14)}${value}\n`).join('')}${refused}${notes}${late}`;
}

function listed(name: string, all: readonly { line: number; column: string; text: string }[]): string {
  const shown = all
    .slice(0, SHOWN)
    .map(({ line, column, text }) => `  ${visibleLine(`line ${line}${column ? `, ${column}` : ''}: ${text}`)}\n`);
  const more = all.length > SHOWN ? `  … and ${all.length - SHOWN} more; --json lists them all\n` : '';
  return `${name.padEnd(14)}${all.length}\n${shown.join('')}${more}`;
}

const spanOf = ([from, to]: [number, number]): string => (from === to ? String(from) : `${from}–${to}`);
