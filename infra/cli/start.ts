// `npm start`: the whole platform on this machine, until Ctrl-C. Says where it is, where its documentation is, and how to sign in.
import { parseArgs } from 'node:util';
import { DaochaError } from '../../events/errors.ts';
import { ENGINES } from '../local/engine.ts';
import { startPlatform, type Platform } from '../local/platform.ts';
import { dataDirectory } from './data-directory.ts';
import { print, warn } from './print.ts';

const HELP = `Usage: daocha start [--port 3000] [--data DIR] [--memory] [--engine NAME]

Starts the platform on this machine and stays up until Ctrl-C. 在本机启动平台，按 Ctrl-C 停止。

  --port N        the API's port on 127.0.0.1 (3000; 0 takes a free one)
  --data DIR      data directory (DAOCHA_DATA, .daocha)
  --memory        keep nothing: the data is gone at the end
  --engine NAME   ${ENGINES.join(' or ')} (DAOCHA_ENGINE, ${ENGINES[0]}); DYNAMODB_ENDPOINT names one that runs already

Exit codes: 0 after Ctrl-C · 1 the platform cannot run · 2 wrong usage`;

/** @returns the exit code, see HELP */
export async function run(argv: string[]): Promise<number> {
  let flags;
  try {
    flags = parseArgs({
      args: argv,
      options: {
        port: { type: 'string', default: '3000' },
        data: { type: 'string' },
        memory: { type: 'boolean', default: false },
        engine: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
    portOf(flags.port);
  } catch (error) {
    return fail(2, `${(error as Error).message}\nSee: daocha start --help`);
  }
  if (flags.help) {
    print(`${HELP}\n`);
    return 0;
  }
  const data = dataDirectory(flags.data);
  // From here on a signal means: stop in order. What arrives while the platform comes up is kept until it is up.
  const stopped = interruption();
  let platform: Platform;
  try {
    platform = await startPlatform({
      data,
      port: portOf(flags.port),
      memory: flags.memory,
      ...(flags.engine === undefined ? {} : { engine: flags.engine }),
      note: (message) => warn(`${message}\n`),
    });
  } catch (error) {
    if (!(error instanceof DaochaError)) throw error;
    return fail(1, error.expected === undefined ? error.message : `${error.message}\n${error.expected}`);
  }
  print(welcome(platform, data, flags));
  const reason = await Promise.race([platform.failed, stopped]);
  if (reason === undefined) print('\n正在停止 Stopping …\n');
  await platform.stop();
  if (reason !== undefined) return fail(1, reason);
  print('已停止 Stopped. Nothing acknowledged is lost.\n');
  return 0;
}

/** @throws Error naming the flag */
export function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Error(`--port is a number from 0 to 65535, not “${text}”.`);
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function interruption(): Promise<undefined> {
  return new Promise((stop) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        stop(undefined);
      });
    }
  });
}

function welcome(
  { api, engine }: Platform,
  data: string,
  flags: { data?: string | undefined; memory: boolean },
): string {
  const where = flags.data === undefined ? '' : ` --data ${flags.data}`;
  const kept = flags.memory ? '不保存 nothing is kept (--memory)' : data;
  return `
倒查 daocha · 练塘镇“5+2”安全专项整治

  控制台 console       ${api}/console
  接口 API             ${api}
  接口文档 API docs    ${api}/docs
  状态 health          ${api}/health
  数据 data            ${kept} · ${engine.name}

  登录令牌 a sign-in token:
    npm run -s daocha -- token --role inspector --org village-01${where}
  导入检查数据 import inspections:
    npm run -s daocha -- import FILE --source toronto-highrise-fire${where}

  Ctrl-C 停止 stops.
`;
}

function fail(code: number, message: string): number {
  warn(`${message}\n`);
  return code;
}
