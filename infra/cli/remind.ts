// `daocha remind --now`: runs the clock once, by hand: what its schedules do, at any time, as often as one likes. What has been done is not
// done again. Works on the tables directly: those of the platform that runs on the data directory, or those that the environment names.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DaochaError } from '../../events/errors.ts';
import { remind, type Reminded } from '../../shared/clock/remind/run.ts';
import { print, printJson, warn } from './print.ts';
import { connectTables } from './tables.ts';

const HELP = `Usage: daocha remind --now [--urgent] [--json] [--data DIR]

Issues the reminders that stand today, records what has passed, and opens the reports that are owed. 立即执行一次催办。

  --now        run it now: without this, only this text is printed
  --urgent     only what is due today, and what has passed, as every hour does
  --json       print what was done as one JSON object
  --data DIR   data directory of the local platform (DAOCHA_DATA, .daocha); it must be running
On AWS: set EVENTS_TABLE, LOG_TABLE, VIEWS_TABLE and DAOCHA_TENANT, and give no --data.

Exit codes: 0 done · 1 some of it failed · 2 wrong usage · 3 the tables cannot be reached, or the views
are of an older daocha`;

/** @returns the exit code, see HELP */
export async function run(argv: string[]): Promise<number> {
  let flags;
  try {
    flags = parseArgs({
      args: argv,
      options: {
        now: { type: 'boolean', default: false },
        urgent: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
    if (!flags.help && !flags.now) throw new Error('--now is missing: it says that reminders are to go out now.');
  } catch (error) {
    return fail(2, `${(error as Error).message}\nSee: daocha remind --help`);
  }
  if (flags.help) {
    print(`${HELP}\n`);
    return 0;
  }
  try {
    const views = connectTables(flags.data);
    try {
      const failed = (what: string, error: unknown) =>
        warn(`could not be done: ${what}: ${(error as Error).message}\n`);
      const store = { dynamo: views.dynamo, table: views.events };
      const mode = flags.urgent ? 'urgent' : 'morning';
      const done = await remind({ store, views, sleep, failed }, { mode, now: views.now() });
      if (flags.json) printJson(done);
      else print(described(done));
      return done.failed > 0 ? 1 : 0;
    } finally {
      views.dynamo.destroy();
    }
  } catch (error) {
    const expected = error instanceof DaochaError && error.expected ? `\n${error.expected}` : '';
    return fail(3, `${(error as Error).message}${expected}`);
  }
}

function fail(code: number, message: string): number {
  warn(`${message}\n`);
  return code;
}

function described({
  today,
  mode,
  ruleSet,
  read,
  issued,
  missed,
  escalated,
  required,
  failed,
  behind,
  yearsMissing,
}: Reminded): string {
  if (ruleSet === 0) return 'No rule set is in force: there is nothing to go by. 尚无生效规则。\n';
  const rungs = Object.entries(issued).map(([rung, count]) => `${rung}: ${count}`);
  const lines = [
    `${today}, rule set ${ruleSet}: ${mode === 'morning' ? 'everything' : 'only what is due today and what has passed'}`,
    `  read 已读取          ${read} deadlines`,
    `  reminders 提醒       ${rungs.length > 0 ? rungs.join(', ') : 'none'}`,
    `  missed 逾期          ${missed}`,
    `  to the district 上报 ${escalated}`,
    `  reports owed 应报    ${required}`,
    ...(failed > 0 ? [`  failed 失败          ${failed}`] : []),
    ...(behind > 0 ? [`The views are ${behind} events behind: what they do not show yet is for the next run.`] : []),
    ...(yearsMissing.length === 0
      ? []
      : [`Something is due in ${yearsMissing.join(', ')}, without a statutory calendar yet: reckoned by the week.`]),
  ];
  return `${lines.join('\n')}\n`;
}
