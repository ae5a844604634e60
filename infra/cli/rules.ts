// `daocha rules`: the rule sets (规则) of a campaign. `show` prints one as JSON, to be changed; `backtest FILE` says what
// another one would have done on the recorded history, before anybody publishes it. Works on the tables directly and
// writes nothing.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dateSchema } from '../../events/envelope.ts';
import { ruleSetSchema, type CampaignDefinition, type RuleSet } from '../../events/campaign.ts';
import { parseInput } from '../../functions/api/problems.ts';
import { backtest, type Backtested } from '../../shared/clock/backtest/backtest.ts';
import { loadCampaign } from '../../shared/rules/perform/campaign.ts';
import { requireLaunched, ruleSetAt, type CampaignState } from '../../shared/rules/campaign/campaign.ts';
import { checkRuleSet } from '../../shared/rules/campaign/rule-set.ts';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { readJsonText } from '../../shared/json.ts';
import { readHead } from '../../shared/record/log/head.ts';
import { walkLog } from '../../shared/record/log/read.ts';
import type { ViewDeps } from '../../shared/reading/views/view.ts';
import { print, printJson, warn } from './print.ts';
import { remindRuns } from './remind-runs.ts';
import { backtestText } from './rules-text.ts';
import { startStages } from './stage-progress.ts';
import { connectTables } from './tables.ts';
import { townDay } from '../../shared/town-time.ts';

const EXIT = { ok: 0, wrong: 1, usage: 2, failed: 3 } as const;

const HELP = `Usage: daocha rules show [--version N] [--data DIR]
       daocha rules backtest FILE [--since DAY] [--until DAY] [--json] [--data DIR]

show prints the rule set in force, or the one of a version, as JSON. 显示规则。
backtest says what the rule set in FILE would have done on the recorded history, beside what was done; it changes nothing. 规则回测。
What people did is taken as it happened. Three columns: what is on record; the rules of the time, on a clock that never failed; the rule
set in FILE. An order that took the date which the rules of the time proposed takes the one that FILE proposes.

  FILE         a rule set as JSON, as show prints it and POST /v1/campaign/rule-sets takes it
  --since DAY  from this day on FILE takes the place of the recorded rules (the first day on record)
  --until DAY  last day that is looked at (the last day on record)
  --json       one object: recorded, replayed, backtested, each with a key per track and "total"
  --data DIR   data directory of the local platform (DAOCHA_DATA, .daocha); it must be running
  --help

On AWS: set EVENTS_TABLE, LOG_TABLE, VIEWS_TABLE and DAOCHA_TENANT, and give no --data.

Exit codes: 0 done · 1 the rule set does not fit, the field is named · 2 wrong usage · 3 the tables cannot be reached, or nothing is recorded`;

const FLAGS = {
  since: { type: 'string' },
  until: { type: 'string' },
  version: { type: 'string' },
  json: { type: 'boolean', default: false },
  data: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const BATCH = 500;

/** @returns the exit code, see HELP */
export async function run(argv: string[]): Promise<number> {
  let asked;
  try {
    asked = askedOf(argv);
  } catch (error) {
    return fail(EXIT.usage, `${(error as Error).message}\nSee: daocha rules --help`);
  }
  if (!asked) {
    print(`${HELP}\n`);
    return EXIT.ok;
  }
  let deps: ViewDeps | undefined;
  try {
    // What is wrong with the file alone is told without a platform.
    const ruleSet = asked.file === undefined ? undefined : readRuleSet(asked.file);
    deps = connectTables(asked.data);
    const campaign = await loadCampaign({ dynamo: deps.dynamo, table: deps.events }, deps.tenant, deps.now());
    if (!ruleSet) return show(campaign, asked.version, deps.now());
    const tested = await backtestOn(deps, requireLaunched(campaign), { ...asked, ruleSet });
    if (asked.json) printJson(tested);
    else print(backtestText(tested, ruleSet));
    return EXIT.ok;
  } catch (error) {
    if (error instanceof InvalidInput) return fail(EXIT.wrong, told(error));
    const expected = error instanceof DaochaError && error.expected ? `; ${error.expected}` : '';
    return fail(EXIT.failed, `${(error as Error).message}${expected}`);
  } finally {
    deps?.dynamo.destroy();
  }
}

/** @throws Error for wrong usage; undefined when the help is asked for */
function askedOf(argv: string[]) {
  const { values, positionals } = parseArgs({ args: argv, options: FLAGS, strict: true, allowPositionals: true });
  if (values.help) return undefined;
  const [what, file, ...more] = positionals;
  if (what !== 'show' && what !== 'backtest')
    throw new Error('Usage: daocha rules show, or daocha rules backtest FILE');
  if (what === 'backtest' && file === undefined) throw new Error('FILE is missing: a rule set as JSON.');
  if (more.length > 0 || (what === 'show' && file !== undefined)) {
    throw new Error(
      `What is “${[...more, file].join(' ')}”? ${what} takes ${what === 'show' ? 'no file' : 'one file'}.`,
    );
  }
  const { since, until, version } = values;
  for (const [name, day] of Object.entries({ since, until })) {
    if (day !== undefined && !dateSchema.safeParse(day).success) {
      throw new Error(`--${name} is a day such as 2025-06-30, not “${day}”.`);
    }
  }
  if (since !== undefined && until !== undefined && until < since) {
    throw new Error(`--until (${until}) is before --since (${since}).`);
  }
  if (version !== undefined && !/^[1-9]\d*$/.test(version)) {
    throw new Error(`--version is the number of a rule set, not “${version}”.`);
  }
  return { ...values, file, version: version === undefined ? undefined : Number(version) };
}

/** @throws InvalidInput naming the field, or the file if it is not a rule set */
function readRuleSet(file: string): RuleSet {
  let parsed: unknown;
  try {
    parsed = readJsonText(readFileSync(file), 'rule set');
  } catch (error) {
    throw new InvalidInput(`${file}: ${(error as Error).message}`, {
      field: 'FILE',
      expected: 'a rule set as JSON in UTF-8; daocha rules show prints one',
    });
  }
  return parseInput(ruleSetSchema, parsed, 'body');
}

function show(campaign: CampaignState, version: number | undefined, now: Date): number {
  const { ruleSets } = campaign;
  const found =
    version === undefined
      ? ruleSetAt(campaign, now.toISOString())
      : ruleSets.find((ruleSet) => ruleSet.version === version);
  if (!found) {
    const known = ruleSets.map((ruleSet) => ruleSet.version).join(', ');
    return fail(
      EXIT.wrong,
      version === undefined
        ? `No rule set is in force; published are: ${known || 'none'}`
        : `There is no rule set ${version}; published are: ${known || 'none'}`,
    );
  }
  printJson(found, 2);
  return EXIT.ok;
}

/** @throws InvalidInput naming the field of the rule set; DaochaError when nothing is recorded */
async function backtestOn(
  deps: ViewDeps,
  definition: CampaignDefinition,
  { ruleSet, since, until }: { ruleSet: RuleSet; since?: string | undefined; until?: string | undefined },
): Promise<Backtested> {
  checkRuleSet(definition, ruleSet);
  const { size } = await readHead(deps);
  const progress = startStages(process.stderr, { replay: 'Events' });
  try {
    const from = since ?? (await firstDay(deps));
    // As it is tested: from an earlier day on it may need a calendar that it would not need later.
    if (from !== undefined) checkRuleSet(definition, { ...ruleSet, effectiveFrom: from });
    const tested = await backtest(walkLog(deps, 0, { batch: BATCH, until: size }), {
      ruleSet,
      since: from,
      until,
      nextRun: remindRuns(),
      onProgress: (done) => progress.show('replay', done, size),
    });
    if (tested) return tested;
    throw new DaochaError(
      'nothing-recorded',
      404,
      `nothing is on record${until === undefined ? '' : ` up to ${until}`}`,
    );
  } finally {
    progress.stop();
  }
}

async function firstDay(deps: ViewDeps): Promise<string | undefined> {
  for await (const [first] of walkLog(deps, 0, { batch: 1, until: 1 })) return townDay(first!.event.recordedAt);
  return undefined;
}

/** What is wrong, its field first. */
function told({ message, field = '', expected = '' }: InvalidInput): string {
  return `${message.includes(field) ? '' : `${field}: `}${message}; expected: ${expected}`;
}

function fail(code: number, message: string): number {
  warn(`${message}\n`);
  return code;
}
