// `npm run demo`: the platform with real inspections of 860 high-rise buildings in it, and where to look. Stays up until Ctrl-C;
// run again, it finds the data already there and adds nothing.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DaochaError } from '../../shared/errors.ts';
import { startPlatform, type Platform } from '../local/platform.ts';
import { dataDirectory } from './data-directory.ts';
import { run as runImport } from './import.ts';

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
    process.stderr.write(`${(error as Error).message}\nSee: daocha demo --help\n`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const data = dataDirectory(values.data);
  let platform: Platform;
  try {
    platform = await startPlatform({
      data,
      port: Number(values.port),
      memory: values.memory,
      note: (message) => process.stderr.write(`${message}\n`),
    });
  } catch (error) {
    if (!(error instanceof DaochaError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  try {
    return await show(platform, data);
  } finally {
    await platform.stop();
  }
}

async function show(platform: Platform, data: string): Promise<number> {
  process.stdout.write(`The platform listens on ${platform.api}. Importing ${EXTRACT} …\n${ATTRIBUTION}\n`);
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
  process.stdout.write(whereToLook(platform.api, data));
  const ended = await Promise.race([platform.failed, interrupted()]);
  if (ended === undefined) return 0;
  process.stderr.write(`${ended}\n`);
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

async function interrupted(): Promise<undefined> {
  await new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
  });
  return undefined;
}
