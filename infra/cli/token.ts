// `daocha token --role inspector --org village-01`: a sign-in token of the local platform, alone on standard output, so that it can go
// straight into a variable. On AWS tokens come from the town's own issuer; this key is not there.
import { parseArgs } from 'node:util';
import { ROLES } from '../../shared/rules/roles.ts';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { LIANTANG } from '../../shared/rules/campaign/liantang.ts';
import { readSigningKey, signToken } from '../local/issuer.ts';
import { connect } from './api-client.ts';
import { dataDirectory, readPlatformFile } from './data-directory.ts';
import { print, warn } from './print.ts';

const HELP = `Usage: daocha token --role ROLE [--org ORGANISATION] [--person REFERENCE] [--post POST] [--ttl 8h] [--data DIR]

Prints a sign-in token of the platform that runs on the data directory. 打印本机平台的登录令牌。

  --role ROLE      ${ROLES.join(', ')}; may be given more than once
  --org ID         organisation 单位, one of ${LIANTANG.organisations.map(({ id }) => id).join(', ')}
                   (office unless said otherwise), or one registered since
  --person REF     reference of the person, never a name (dev-<role>)
  --post POST      post held 岗位 (the role)
  --ttl TIME       how long it holds: 30m, 8h, 1d (8h); at most 24h, see DAOCHA_TOKEN_HOURS
  --data DIR       data directory of the platform (DAOCHA_DATA, .daocha)

Exit codes: 0 printed · 2 wrong usage · 3 no platform runs there`;

/** @returns the exit code, see HELP */
export async function run(argv: string[]): Promise<number> {
  let flags;
  try {
    flags = parseArgs({
      args: argv,
      options: {
        role: { type: 'string', multiple: true, default: [] },
        org: { type: 'string', default: 'office' },
        person: { type: 'string' },
        post: { type: 'string' },
        ttl: { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    return fail(2, `${(error as Error).message}\nSee: daocha token --help`);
  }
  if (flags.help) {
    print(`${HELP}\n`);
    return 0;
  }
  const data = dataDirectory(flags.data);
  try {
    const platform = readPlatformFile(data);
    const key = readSigningKey(data);
    if (!platform || !key) return fail(3, `No platform runs on ${data}. Start one with: npm start`);
    const { role: roles, org, person, ttl } = flags;
    const organisations = LIANTANG.organisations.map(({ id }) => id);
    if (!organisations.includes(org) && !(await registeredSince(data, org))) {
      throw new InvalidInput(`There is no organisation called "${org}".`, {
        field: 'org',
        expected: organisations.join(', '),
      });
    }
    const post = flags.post ?? roles[0];
    print(`${await signToken(key, platform, { roles, org, person, post, ttl })}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof DaochaError)) throw error;
    return fail(2, [error.message, error.field && `${error.field}: ${error.expected}`].filter(Boolean).join('\n'));
  }
}

/** Whether the platform that runs on the data directory knows the organisation; one that does not answer does not. */
async function registeredSince(data: string, org: string): Promise<boolean> {
  try {
    const api = await connect({ data, role: 'admin' }, {});
    const { body } = await api.request('GET', '/v1/campaign');
    const { definition } = body as { definition?: { organisations: { id: string }[] } };
    return definition?.organisations.some(({ id }) => id === org) === true;
  } catch {
    return false;
  }
}

function fail(code: number, message: string): number {
  warn(`${message}\n`);
  return code;
}
