// `daocha simulate`: the campaign's months in minutes, on real inspections. The platform is the real one, in memory and under a virtual
// clock; the people are made up (infra/simulate/habits.ts). Shows what is reminded, missed, escalated, returned and resolved.
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { dateSchema, TRACKS } from '../../events/envelope.ts';
import { workingDays } from '../../shared/rules/calendar/working-days.ts';
import { LIANTANG, LIANTANG_RULES } from '../../shared/rules/campaign/liantang.ts';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { SOURCES } from '../../shared/import/sources.ts';
import { startPlatform } from '../local/platform.ts';
import type { Town } from '../simulate/hazard-people.ts';
import { simulate, type Simulated } from '../simulate/run.ts';
import { readScenario } from '../simulate/scenario.ts';
import { print, printJson, warn } from './print.ts';
import { startStages } from './stage-progress.ts';
import { startOfTownDay } from '../../shared/town-time.ts';

const EXTRACT = fileURLToPath(new URL('../data/toronto-highrise-fire/inspections_2017_2019.csv', import.meta.url));
const ATTRIBUTION = 'Contains information licensed under the Open Government Licence – Toronto.';
const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

const HELP = `Usage: daocha simulate [--from DAY] [--to DAY] [--seed N] [options]

Runs the campaign in accelerated time: real inspections, moved into its months, on the local platform under a virtual clock. People are
made up; reminders, escalation and reports are the platform's own. The same seed gives the same events.

  --from DAY      first day, town time (2025-04-25)
  --to DAY        last day (2025-12-31)
  --seed N        any text (1)
  --units N       so many units of the register (200); all: every one
  --file FILE     another register than the extract that is shipped, with --source
  --source NAME   ${SOURCES.map(({ name }) => name).join(', ')}
  --data DIR      keep the platform's data there, to be looked at afterwards (npm start -- --data DIR); must be new or empty
  --json          one object: a key for each track and "total", each with reminded, missed, escalated, returned, resolved, signedOff, open
  --help

Exit codes: 0 done · 1 it failed · 2 wrong usage · 130 stopped by Ctrl-C`;

const FLAGS = {
  from: { type: 'string', default: '2025-04-25' },
  to: { type: 'string', default: '2025-12-31' },
  seed: { type: 'string', default: '1' },
  units: { type: 'string', default: '200' },
  file: { type: 'string', default: EXTRACT },
  source: { type: 'string', default: 'toronto-highrise-fire' },
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @returns the exit code */
export async function run(argv: string[]): Promise<number> {
  let options;
  try {
    options = optionsOf(argv);
  } catch (error) {
    return fail(EXIT.usage, `${(error as Error).message}\nSee: daocha simulate --help`);
  }
  if (!options) {
    print(`${HELP}\n`);
    return EXIT.ok;
  }
  const stop = new AbortController();
  const onInterrupt = (): void => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
    warn('Stopping after this day (Ctrl-C again to stop at once) …\n');
  };
  process.on('SIGINT', onInterrupt);
  try {
    const simulated = await simulateOn(options, stop.signal);
    if (!simulated.finished) return fail(EXIT.interrupted, 'Stopped. Nothing was kept but what --data names.');
    if (options.json) printJson(simulated.summary);
    else print(tableOf(simulated));
    return EXIT.ok;
  } catch (error) {
    if (error instanceof InvalidInput) return fail(EXIT.usage, `${error.message}; ${error.expected ?? ''}`);
    if (error instanceof DaochaError) return fail(EXIT.failed, error.message);
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

type Options = NonNullable<ReturnType<typeof optionsOf>>;

async function simulateOn(options: Options, signal: AbortSignal): Promise<Simulated> {
  const { from, to, seed, file, source, units } = options;
  const calendar = workingDays(LIANTANG_RULES.calendar);
  const villages = LIANTANG.organisations.filter(({ kind }) => kind === 'village').map(({ id }) => id);
  const scenario = await readScenario(file, source, calendar, { from, to, seed, villages, units });
  const progress = startStages(process.stderr, { days: 'Days' });
  if (file === EXTRACT) warn(`${ATTRIBUTION}\n`);
  warn(`${scenario.units.size} units, ${scenario.visits.length} inspections, ${from} to ${to}\n`);
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'daocha-simulate-'));
  const platform = await startPlatform({
    data,
    port: 0,
    memory: options.data === undefined,
    clock: new Date(startOfTownDay(from)),
    stepped: true,
    note: (message) => warn(`${message}\n`),
  });
  const town: Town = {
    seed,
    calendar,
    lead: (track) => LIANTANG.tracks.find((one) => one.track === track)!.lead,
    areaOf: (unit) => scenario.units.get(unit)?.area ?? villages[0]!,
  };
  try {
    return await simulate({
      platform,
      scenario,
      town,
      organisations: LIANTANG.organisations,
      from,
      to,
      onDay: (_day, done, total) => progress.show('days', done, total),
      stopped: () => signal.aborted,
    });
  } finally {
    progress.stop();
    await platform.stop();
    if (options.data === undefined) rmSync(data, { recursive: true, force: true });
  }
}

function tableOf({ summary, townReports, events, digest, refused }: Simulated): string {
  const columns = ['reminded', 'missed', 'escalated', 'returned', 'resolved', 'signedOff', 'open'] as const;
  const names = new Map<string, string>(LIANTANG.tracks.map(({ track, name }) => [track, name]));
  const row = (name: string, cells: readonly (string | number)[], note = ''): string =>
    `${name.padEnd(18)}${cells.map((cell) => String(cell).padStart(11)).join('')}  ${note}\n`;
  const rows = [...TRACKS, 'total' as const].map((key) =>
    row(
      key,
      columns.map((column) => summary[key][column]),
      names.get(key) ?? '合计',
    ),
  );
  const refusals = [...refused]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 10)
    .map(([reason, times]) => `  ${times} × ${reason}\n`);
  return (
    row('', columns) +
    rows.join('') +
    `reports of the whole town, in no track: reminded ${townReports.reminded}, missed ${townReports.missed}\n` +
    `${events} events, SHA-256 ${digest}\n` +
    (refusals.length > 0
      ? `acts refused, as others had been faster or the rules forbade them:\n${refusals.join('')}`
      : '')
  );
}

function optionsOf(argv: string[]) {
  const { values } = parseArgs({ args: argv, options: FLAGS, strict: true });
  if (values.help) return undefined;
  const { from, to, seed, file, data, json } = values;
  for (const [name, day] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (!dateSchema.safeParse(day).success) throw new Error(`--${name} is a day such as 2025-04-25, not “${day}”.`);
  }
  if (to < from) throw new Error(`--to (${to}) is before --from (${from}).`);
  if (values.units !== 'all' && !/^[1-9]\d{0,5}$/.test(values.units)) {
    throw new Error(`--units is a whole number from 1 on, or all, not “${values.units}”.`);
  }
  const source = SOURCES.find(({ name }) => name === values.source);
  if (!source)
    throw new Error(`“${values.source}” is not a source; they are ${SOURCES.map(({ name }) => name).join(', ')}.`);
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
  if (data !== undefined && existsSync(data) && readdirSync(data).length > 0) {
    throw new Error(`--data ${data} is not empty: a simulation begins on a new platform.`);
  }
  const units = values.units === 'all' ? undefined : Number(values.units);
  return { from, to, seed, file, source, data, json, units };
}

function fail(code: number, message: string): number {
  warn(`${message}\n`);
  return code;
}
