// `daocha sweep`: compares every commit of EVENTS with the log and brings in what a lost delivery left out. Costs a scan of the table;
// may be stopped and run again: what has a position keeps it.
import { parseArgs } from 'node:util';
import { sweep } from '../../shared/record/log/sweep.ts';
import { print, warn } from './print.ts';
import { connectTables } from './tables.ts';

const HELP = `Usage: daocha sweep [--data DIR]

Reads the keys of all commits and gives a position to those that the log does not have. The platform goes on working meanwhile.

  --data DIR   data directory of the local platform (DAOCHA_DATA, .daocha); it must be running
On AWS: set EVENTS_TABLE, LOG_TABLE, VIEWS_TABLE and DAOCHA_TENANT, and give no --data.

Exit codes: 0 the log has every commit · 1 streams with a hole are held back, and named · 2 wrong usage · 3 the tables cannot be reached`;

/** @returns the exit code, see HELP */
export async function run(argv: string[]): Promise<number> {
  let flags;
  try {
    flags = parseArgs({
      args: argv,
      options: { data: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
    }).values;
  } catch (error) {
    warn(`${(error as Error).message}\nSee: daocha sweep --help\n`);
    return 2;
  }
  if (flags.help) {
    print(`${HELP}\n`);
    return 0;
  }
  try {
    const deps = connectTables(flags.data);
    const { scanned, appended, held } = await sweep(deps, {
      onProgress: (sofar) => warn(`${sofar.scanned} commits looked at, ${sofar.appended} events placed\n`),
    });
    deps.dynamo.destroy();
    print(`${scanned} commits looked at, ${appended} events were missing and have a position now.\n`);
    for (const { stream, version } of held) print(`held back: ${stream} from version ${version} on\n`);
    return held.length > 0 ? 1 : 0;
  } catch (error) {
    warn(`${(error as Error).message}\n`);
    return 3;
  }
}
