// The command line: `npm run -s daocha -- COMMAND …`. Each command is a file of its own, loaded when it is called.
import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { DaochaError } from '../../events/errors.ts';
import { print, warn } from './print.ts';

// What Node makes of a source is kept, keyed by its bytes: a command starts in half the time. The variable is for threads.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../../node_modules/.cache/daocha/code', import.meta.url));
enableCompileCache(process.env['NODE_COMPILE_CACHE']);

interface Command {
  says: string;
  load: () => Promise<{ run(argv: string[]): Promise<number> }>;
}

const COMMANDS: Record<string, Command> = {
  start: { says: 'start the platform on this machine 在本机启动平台', load: () => import('./start.ts') },
  demo: { says: 'start it and import real inspections 启动并导入示例数据', load: () => import('./demo.ts') },
  token: { says: 'print a sign-in token of the local platform 打印登录令牌', load: () => import('./token.ts') },
  import: { says: 'record a register of inspections 导入检查台账', load: () => import('./import.ts') },
  launch: { says: 'launch the campaign on a platform, once 启动专项行动', load: () => import('./launch.ts') },
  remind: { says: 'issue what is due now, by hand 立即催办', load: () => import('./remind.ts') },
  rules: { says: 'show rule sets, backtest another one 查看、回测规则', load: () => import('./rules.ts') },
  simulate: { says: 'run the campaign in accelerated time 模拟专项行动', load: () => import('./simulate.ts') },
  rebuild: { says: 'build the views anew from the log, compare, flip 重建视图', load: () => import('./rebuild.ts') },
  audit: { says: 'take proofs home, verify them offline, check the tables 审计核验', load: () => import('./audit.ts') },
  trace: { says: 'ask who knew what, who was responsible, when 责任倒查', load: () => import('./trace.ts') },
  export: { says: 'write the events for process mining (OCEL 2.0) 导出事件', load: () => import('./export.ts') },
  notify: { says: 'channels: state, trial, sending again 通知渠道', load: () => import('./notify.ts') },
  sweep: { says: 'bring into the log what a lost delivery left out 补排遗漏事件', load: () => import('./sweep.ts') },
};

const HELP = `倒查 daocha: the record of a town's safety campaign 乡镇安全专项整治记录平台

Usage: npm run -s daocha -- COMMAND [options]

${Object.entries(COMMANDS)
  .map(([name, { says }]) => `  ${name.padEnd(10)}${says}`)
  .join('\n')}
  version   print the version
  help      print this; COMMAND --help says more of one
`;

const OLDEST_NODE = 24;

async function main([name = 'help', ...argv]: string[]): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    return fail(
      `daocha runs on Node ${OLDEST_NODE}, this is ${process.versions.node}. npm scripts bring the right one: npm start, npm run -s daocha -- ${name}`,
    );
  }
  if (['help', '--help', '-h'].includes(name)) {
    print(HELP);
    return 0;
  }
  if (['version', '--version', '-v'].includes(name)) {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    print(`daocha ${version}, Node ${process.versions.node}\n`);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const near = Object.keys(COMMANDS).filter((known) => distance(known, name) <= 2);
    const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
    return fail(`There is no command “${name}”.${hint}\nSee: npm run -s daocha -- help`);
  }
  return (await command.load()).run(argv);
}

function fail(message: string): number {
  warn(`${message}\n`);
  return 2;
}

/** Edits between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1)!;
}

// A reader of a pipe that went away (`| head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof DaochaError) {
    // What somebody can put right: a setting, a flag, a folder.
    warn(`${error.message}${error.expected === undefined ? '' : `\n${error.expected}`}\n`);
    process.exit(error.status === 400 ? 2 : 1);
  }
  // a defect is told whole; what it holds of the record is shown as all else is
  warn(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
