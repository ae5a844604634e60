// `daocha audit bundle|verify|check|key|witness`: proofs to take home, their verification without network and platform, and the
// comparison of the live tables with the log. docs/auditing.md says what a bundle holds and proves.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { writeBundle, type EvidenceFetched } from '../../shared/record/audit/bundle.ts';
import { checkLog } from '../../shared/record/audit/check.ts';
import type { BundleScope } from '../../shared/record/audit/layout.ts';
import { EXIT_CODES, PROBLEM_KINDS, problemLine, type AuditProblem } from '../../shared/record/audit/problem.ts';
import { checkReceipt } from '../../shared/record/audit/receipt.ts';
import { verifyBundle, type Verdict } from '../../shared/record/audit/verify.ts';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { visibleLine } from '../../shared/text.ts';
import { own } from '../../shared/own.ts';
import type { VerifiedTimeStamp } from '../../shared/record/timestamp/verify.ts';
import { connect } from './api-client.ts';
import { makeKey } from './audit-key.ts';
import { apiSource } from './audit-source.ts';
import { witness as witnessing } from './audit-witness.ts';
import { checkState } from './check-state.ts';
import { print, printJson, warn } from './print.ts';
import { startStages } from './stage-progress.ts';
import { connectTables } from './tables.ts';

const EXIT = { ok: 0, usage: 2, failed: 3, interrupted: 130 } as const;

const KINDS = PROBLEM_KINDS.map((kind) => `${EXIT_CODES[kind]} ${kind}`).join(' · ');

const HELP = `Usage: daocha audit bundle (--unit U | --from P --to Q | --all) --out DIR [options]
       daocha audit verify DIR [--vkey KEY] [--since CHECKPOINT] [--witness KEY …] [--tsa-ca FILE]
       daocha audit check [--data DIR] [--restart]
       daocha audit receipt FILE [--data DIR] [--writer KEY]
       daocha audit key --name NAME --out FILE
       daocha audit witness init|run|serve …        a witness of the log; daocha audit witness --help

bundle   writes events, their proofs and the signed tree to DIR. Stopped, it goes on when it is run again.
  --unit U           every event about a unit, in whole streams
  --from P --to Q    the events at these positions, both included
  --all              the whole log
  --having WHAT      of the latest checkpoint that has a cosignature or a time-stamp, rather than of the latest
  --no-export        leave out export/ocel2.json
  --no-evidence      leave out the photos and papers that the events name
  --api, --token, --data   the platform, as for other commands; the token must be an auditor's
  --ground TEXT      on what ground it is taken (DAOCHA_GROUND); goes into the access log
  --vkey KEY         the log's key, where you have it from somewhere else than the platform

verify   verifies a bundle, offline. Without --vkey the key in the bundle is taken, which proves only that it agrees with itself.
  --since FILE       an earlier checkpoint that you kept: the log must continue it
  --witness KEY      a witness that must have cosigned; may be given again
  --tsa-ca FILE      certificate of the time-stamping authority's CA (PEM): there must be a time stamp that comes from it
  --json             the outcome as one JSON object

check    compares the EVENTS table with the log: every event hashed, every stream's chain followed. Goes on where it was.
  --data DIR         data directory of the local platform; on AWS set EVENTS_TABLE, LOG_TABLE, VIEWS_TABLE, DAOCHA_TENANT
  --restart          from the beginning
  --json             the outcome as one JSON object

receipt  what the platform promised when it took a command (the answer's “receipt”), against what is stored
  --data DIR         as for check
  --writer KEY       the component's key, where you have it from somewhere else; else those that the campaign declared

key      makes a private key, and prints its public half: for a log whose key is not in KMS, or for a component that records
  --name NAME        the log's origin, or daocha-writer/<tenant>/<function>
  --out FILE         for the private key; must not be there yet

Exit codes: 0 nothing wrong · 2 wrong usage · 3 not reached or not readable · ${KINDS} · 130 stopped by Ctrl-C
When several things are wrong, the code is that of the first line.`;

/** @returns the exit code, see HELP */
export async function run(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (
    name === undefined ||
    ['help', '--help', '-h'].includes(name) ||
    (rest.includes('--help') && name !== 'witness')
  ) {
    print(`${HELP}\n`);
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const command = own({ bundle, verify, check, receipt, key, witness: witnessing }, name);
  if (!command) return fail(EXIT.usage, `There is no “daocha audit ${name}”.\nSee: daocha audit --help`);
  try {
    return await command(rest);
  } catch (error) {
    if (error instanceof InvalidInput || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) {
      const { expected } = error as InvalidInput;
      return fail(
        EXIT.usage,
        `${(error as Error).message}${expected ? `; ${expected}` : ''}\nSee: daocha audit --help`,
      );
    }
    if (error instanceof DaochaError)
      return fail(EXIT.failed, `${error.message}${error.expected ? `; ${error.expected}` : ''}`);
    const { message, cause } = error as { message: string; cause?: Error };
    return fail(EXIT.failed, cause ? `The platform cannot be reached: ${cause.message}` : message);
  }
}

function fail(code: number, message: string): number {
  warn(`${message}\n`);
  return code;
}

function flags<const T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T) {
  return parseArgs({ args, options, strict: true, allowPositionals: true, allowNegative: true });
}

async function bundle(args: string[]): Promise<number> {
  const { values } = flags(args, {
    unit: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    all: { type: 'boolean' },
    out: { type: 'string' },
    export: { type: 'boolean', default: true },
    evidence: { type: 'boolean', default: true },
    api: { type: 'string' },
    token: { type: 'string' },
    ground: { type: 'string' },
    data: { type: 'string' },
    vkey: { type: 'string' },
    having: { type: 'string' },
  });
  const having = havingOf(values.having);
  const scope = scopeOf(values);
  const { out: dir } = values;
  if (dir === undefined)
    throw new InvalidInput('--out is missing', { field: 'out', expected: 'a directory for the bundle' });
  const client = await connect({ ...values, role: 'auditor' });
  const progress = startStages(process.stderr, {
    tiles: 'Tiles',
    entries: 'Events and proofs',
    evidence: 'Photos and papers',
    export: 'Export',
    manifest: 'Manifest',
  });
  const { stopped, release } = interruptible();
  try {
    const { finished, info, evidence } = await writeBundle(apiSource(client, { vkey: values.vkey, having }), {
      dir,
      scope,
      withoutExport: !values.export,
      withoutEvidence: !values.evidence,
      onProgress: progress.show,
      stopped,
    });
    progress.stop();
    if (!finished) return fail(EXIT.interrupted, 'Stopped. Run it again to go on.');
    print(`${dir}: ${info.events} events of a log of ${info.size}, with proofs.\n`);
    if (evidence && evidence.named > 0) print(`${evidenceLine(evidence)}\n`);
    for (const sha256 of evidence?.absent ?? []) print(`evidence/${sha256}: was not put, or was taken away\n`);
    for (const sha256 of evidence?.altered ?? []) print(`evidence/${sha256}: was altered on the platform\n`);
    print(`Verify it: daocha audit verify ${dir}\n`);
    return evidence && evidence.altered.length > 0 ? EXIT_CODES.evidence : EXIT.ok;
  } finally {
    progress.stop();
    release();
  }
}

const evidenceLine = ({ named, present }: EvidenceFetched): string =>
  `evidence/: ${present} of the ${named} files that the events name.`;

function havingOf(text: string | undefined): 'cosignature' | 'time-stamp' | undefined {
  if (text === undefined || text === 'cosignature' || text === 'time-stamp') return text;
  throw new InvalidInput(`--having: ${text}`, { field: 'having', expected: 'cosignature or time-stamp' });
}

function scopeOf(values: { unit?: string; from?: string; to?: string; all?: boolean }): BundleScope {
  const ways = [values.unit !== undefined, values.from !== undefined || values.to !== undefined, values.all === true];
  if (ways.filter(Boolean).length !== 1) {
    throw new InvalidInput('what to take home?', {
      field: 'unit',
      expected: 'one of --unit U, --from P --to Q, --all',
    });
  }
  if (values.unit !== undefined) return { kind: 'unit', unit: values.unit };
  if (values.all) return { kind: 'all' };
  return { kind: 'range', from: position('from', values.from), to: position('to', values.to) };
}

function position(field: string, text: string | undefined): number {
  if (text === undefined || !/^(?:0|[1-9][0-9]{0,14})$/u.test(text)) {
    throw new InvalidInput(`--${field}: ${text ?? 'missing'}`, { field, expected: 'a position in the log, from 0 on' });
  }
  return Number(text);
}

async function receipt(args: string[]): Promise<number> {
  const { values, positionals } = flags(args, { data: { type: 'string' }, writer: { type: 'string' } });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new InvalidInput('name one file: daocha audit receipt FILE');
  if (!existsSync(file)) return fail(EXIT.failed, `${file}: there is no such file`);
  const kept = await checkReceipt(connectTables(values.data), readFileSync(file, 'utf8'), values.writer);
  if (kept.problem) return report([kept.problem], 1);
  const where =
    kept.position === undefined ? 'it has no position in the log yet' : `position ${kept.position} in the log`;
  print(
    `${visibleLine(`${kept.stream}@${kept.version}, promised on ${kept.recordedAt}, stands as promised: ${where}.`)}\n`,
  );
  return EXIT.ok;
}

async function verify(args: string[]): Promise<number> {
  const { values, positionals } = flags(args, {
    vkey: { type: 'string' },
    since: { type: 'string' },
    witness: { type: 'string', multiple: true },
    'tsa-ca': { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw new InvalidInput('name one bundle: daocha audit verify DIR');
  if (!existsSync(dir)) return fail(EXIT.failed, `${dir}: there is no such directory`);
  if (!statSync(dir).isDirectory()) {
    return fail(EXIT.failed, `${dir} is a file: unpack it, and name the directory that comes out`);
  }
  const progress = startStages(process.stderr, {
    tree: 'Tree',
    events: 'Events and proofs',
    export: 'Export',
    manifest: 'Manifest',
  });
  let verdict: Verdict;
  try {
    verdict = await verifyBundle(dir, {
      vkey: values.vkey,
      witnesses: values.witness ?? [],
      tsaCa: values['tsa-ca'] === undefined ? undefined : readFileSync(values['tsa-ca'], 'utf8'),
      since: values.since === undefined ? undefined : readFileSync(values.since, 'utf8'),
      onProgress: progress.show,
    });
  } finally {
    progress.stop();
  }
  if (values.json) printJson(verdict);
  if (!verdict.holds) return report(verdict.problems, verdict.count, values.json);
  if (!values.json) print(described(dir, verdict, values));
  return EXIT.ok;
}

function described(dir: string, verdict: Verdict, { vkey, since }: { vkey?: string; since?: string }): string {
  const { info, origin, cosignatures, timeStamp, evidence } = verdict;
  const lines = [
    `${dir} holds: ${info!.events} of ${info!.size} events, signed by ${origin}.`,
    ...cosignatures.map(({ witness, time }) => `Cosigned by ${witness} at ${new Date(time * 1000).toISOString()}.`),
    ...(since === undefined ? [] : [`It continues the checkpoint in ${since}.`]),
    ...(evidence.named > 0 ? [`Evidence: the events name ${evidence.named} files, ${evidence.present} are here.`] : []),
    ...(timeStamp ? [stampedBy(timeStamp)] : []),
    ...completeness(verdict),
    ...(vkey === undefined
      ? ['The key was taken from the bundle itself: give --vkey to know that it is the log’s.']
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Up to where nothing is left out. */
function completeness({ info, complete, seals }: Verdict): string[] {
  if (complete) {
    const { subject, size, at, events, unindexed } = complete;
    const rest = unindexed > 0 ? ` ${unindexed} later events are not yet indexed: others may be missing.` : '';
    return [`Complete up to ${size} (${at}): the ${events} events of ${subject} below it are all here.${rest}`];
  }
  if (info!.scope.kind === 'unit') return ['Nothing proves that it is complete: it has no proof by the index.'];
  if (seals) return [`Index: all ${seals.count} seals are right, the last is over ${seals.size} events (${seals.at}).`];
  return [];
}

const stampedBy = ({ time, authority, trusted }: VerifiedTimeStamp): string =>
  `Time-stamped at ${time.toISOString()} by ${authority}${trusted ? '.' : ', whose certificate is its own word: give --tsa-ca.'}`;

const SHOWN = 20;

/** A line for each problem, the first ones; the exit code of the first. */
function report(problems: readonly AuditProblem[], count: number, quiet = false): number {
  const say = quiet ? warn : print;
  for (const problem of problems.slice(0, SHOWN)) say(`${problemLine(problem)}\n`);
  if (count > SHOWN) say(`… and ${count - SHOWN} more\n`);
  return EXIT_CODES[problems[0]!.kind];
}

async function key(args: string[]): Promise<number> {
  const { values } = flags(args, { name: { type: 'string' }, out: { type: 'string' } });
  const vkey = makeKey(values.name, values.out);
  print(`${vkey}\n`);
  return EXIT.ok;
}

async function check(args: string[]): Promise<number> {
  const { values } = flags(args, {
    data: { type: 'string' },
    vkey: { type: 'string' },
    restart: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const deps = connectTables(values.data);
  const progress = startStages(process.stderr, { log: 'Log', chains: 'Streams' });
  const { stopped, release } = interruptible();
  const state = checkState(values.data, deps.tenant, values.restart);
  try {
    const checked = await checkLog(deps, {
      onProgress: progress.show,
      stopped,
      from: state.load(),
      save: (at) => state.save(at),
      vkey: values.vkey,
    });
    progress.stop();
    if (!checked.finished) return fail(EXIT.interrupted, 'Stopped. Run it again to go on.');
    state.clear();
    if (values.json) printJson(checked);
    if (checked.count > 0) return report(checked.problems, checked.count, values.json);
    if (!values.json) {
      print(
        `Nothing differs: ${checked.events} events in ${checked.commits} commits of ${checked.streams} streams, root ${checked.root}.\n`,
      );
      if (checked.untimed > 0) print(untimedLine(checked.untimed));
      if (checked.waiting > 0) print(`${checked.waiting} commits are not in the log yet.\n`);
    }
    return EXIT.ok;
  } finally {
    progress.stop();
    release();
    deps.dynamo.destroy();
  }
}

const untimedLine = (events: number): string =>
  `${events} events came in before the log kept its own time: when they were recorded is their own word.\n`;

/** Ctrl-C stops after what is in hand; a second one at once. */
function interruptible(): { stopped: () => boolean; release: () => void } {
  let stopping = false;
  const onInterrupt = (): void => {
    if (stopping) process.exit(EXIT.interrupted);
    stopping = true;
    warn('\nStopping (Ctrl-C again to stop at once) …\n');
  };
  process.on('SIGINT', onInterrupt);
  return { stopped: () => stopping, release: () => process.off('SIGINT', onInterrupt) };
}
