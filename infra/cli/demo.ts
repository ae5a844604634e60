// `npm run demo`: the platform with real inspections of 860 high-rise buildings in it, and where to look. Stays up until Ctrl-C;
// run again, it finds the data already there and adds nothing.
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DaochaError } from '../../events/errors.ts';
import { startPlatform, type Platform } from '../local/platform.ts';
import { dataDirectory } from './data-directory.ts';
import { run as runImport } from './import.ts';
import { print, warn } from './print.ts';
import { interruption } from './start.ts';

const EXTRACT = fileURLToPath(new URL('../data/toronto-highrise-fire/inspections_2017_2019.csv', import.meta.url));
const ATTRIBUTION = 'Contains information licensed under the Open Government Licence – Toronto.';

const HELP = `Usage: daocha demo [--port N] [--data DIR] [--memory]

Starts the platform, imports real fire inspections of Toronto's high-rise buildings, and stays up until Ctrl-C.
  --port N     the API's port (3000)
  --data DIR   data directory (DAOCHA_DATA, .daocha)
  --memory     keep nothing`;

/** @returns the exit code: 0 after Ctrl-C, 1 when the platform cannot run, 2 for wrong usage, else the import's */
export async function run(argv: string[]): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({
      args: argv,
      options: {
        port: { type: 'string', default: '3000' },
        data: { type: 'string' },
        memory: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
    if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
      throw new Error(`--port is a number from 0 to 65535, not “${values.port}”.`);
  } catch (error) {
    warn(`${(error as Error).message}\nSee: daocha demo --help\n`);
    return 2;
  }
  if (values.help) {
    print(`${HELP}\n`);
    return 0;
  }
  const data = dataDirectory(values.data);
  const stopped = interruption();
  let platform: Platform;
  try {
    platform = await startPlatform({
      data,
      port: Number(values.port),
      memory: values.memory,
      note: (message) => warn(`${message}\n`),
    });
  } catch (error) {
    if (!(error instanceof DaochaError)) throw error;
    warn(`${error.message}\n`);
    return 1;
  }
  try {
    return await show(platform, data, stopped);
  } finally {
    await platform.stop();
  }
}

async function show(platform: Platform, data: string, stopped: Promise<undefined>): Promise<number> {
  print(`The platform listens on ${platform.api}. Importing ${EXTRACT} …\n${ATTRIBUTION}\n`);
  const token = await platform.token({ roles: ['importer'], org: 'office', post: 'importer' });
  const imported = await runImport([
    EXTRACT,
    '--source',
    'toronto-highrise-fire',
    '--api',
    platform.api,
    '--token',
    token,
  ]);
  if (imported !== 0) return imported;
  const early = await Promise.race([viewsCaughtUp(platform.api), platform.failed, stopped]);
  if (early === 'caught up') print(whereToLook(platform.api, data));
  const ended = early === 'caught up' ? await Promise.race([platform.failed, stopped]) : early;
  if (ended === undefined) return 0;
  warn(`${ended}\n`);
  return 1;
}

function whereToLook(api: string, data: string): string {
  return `
Where to look:
  ${api}/docs        every command and query, to be tried out
  ${api}/health      size of the log, position of each follower
  export DAOCHA_TOKEN=$(npm run -s daocha -- token --data ${data} --role office)
  curl -H "Authorization: Bearer $DAOCHA_TOKEN" ${api}/v1/tracks/insulation
  curl -H "Authorization: Bearer $DAOCHA_TOKEN" "${api}/v1/units?track=insulation"
The track is a stand-in: docs/import-format.md says how the rows became events. Ctrl-C stops.
`;
}

/** The views follow the log: what they show is complete once their follower has reached its end. */
async function viewsCaughtUp(api: string): Promise<'caught up'> {
  let said = Number.POSITIVE_INFINITY;
  let size = -1;
  // The sequencer may still be at work: the log has to stand still for some looks.
  for (let still = 0; still < 4;) {
    const health = (await (await fetch(`${api}/health`)).json()) as {
      log: { size: number };
      followers: Record<string, { position: number; lag: number }>;
    };
    const behind = Object.entries(health.followers).find(([name]) => name.startsWith('project'))?.[1].lag ?? 0;
    still = behind === 0 && health.log.size === size ? still + 1 : 0;
    size = health.log.size;
    if (behind < said - 1000) {
      said = behind;
      warn(`The views have ${behind} of ${health.log.size} events to go\n`);
    }
    await pause(500);
  }
  return 'caught up';
}
