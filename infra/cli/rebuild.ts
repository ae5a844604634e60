// `daocha rebuild`: builds all views again from the log beside the live ones, compares, and flips. Works on the tables directly: on
// those of the platform that runs on the data directory, or on AWS on those that EVENTS_TABLE, LOG_TABLE and VIEWS_TABLE name.
import { Presets, SingleBar } from 'cli-progress';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WriteStream } from 'node:tty';
import { parseArgs } from 'node:util';
import { DaochaError } from '../../events/errors.ts';
import { VIEWS } from '../../shared/reading/views/catalogue.ts';
import {
  RebuildDiffers,
  RebuildStopped,
  rebuild,
  type Rebuilt,
  type RebuildStage,
} from '../../shared/reading/views/rebuild.ts';
import type { ViewDeps } from '../../shared/reading/views/view.ts';
import { print, printJson, warn } from './print.ts';
import { connectTables } from './tables.ts';

const EXIT = { ok: 0, differs: 1, usage: 2, failed: 3, interrupted: 130 } as const;

const HELP = `Usage: daocha rebuild [options]

Builds all views anew from the log, beside the live ones. When every document equals the live one, the new ones take over. The
platform goes on working meanwhile. A rebuild that was stopped goes on where it was when it is run again.

Options:
  --data DIR   data directory of the local platform (DAOCHA_DATA, .daocha); it must be running
  --keep       keep the documents of the generation that is replaced
  --json       print the outcome as one JSON object (progress goes to standard error)
  --help

On AWS: set EVENTS_TABLE, LOG_TABLE, VIEWS_TABLE and DAOCHA_TENANT, and give no --data.

Exit codes: 0 the new views are live · 1 documents differ, the old views stay · 2 wrong usage · 3 the tables cannot be reached, or
another rebuild is at work · 130 stopped by Ctrl-C`;

const FLAGS = {
  data: { type: 'string' },
  keep: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @returns the exit code, see HELP */
export async function run(argv: string[]): Promise<number> {
  let flags;
  try {
    flags = parseArgs({ args: argv, options: FLAGS, strict: true }).values;
  } catch (error) {
    return fail(EXIT.usage, `${(error as Error).message}\nSee: daocha rebuild --help`);
  }
  if (flags.help) {
    print(`${HELP}\n`);
    return EXIT.ok;
  }
  let deps: ViewDeps;
  try {
    deps = connectTables(flags.data);
  } catch (error) {
    return fail(EXIT.failed, (error as Error).message);
  }
  const progress = startProgress(process.stderr);
  let stopping = false;
  const onInterrupt = (): void => {
    if (stopping) process.exit(EXIT.interrupted);
    stopping = true;
    warn('\nStopping after the batch in hand (Ctrl-C again to stop at once) …\n');
  };
  process.on('SIGINT', onInterrupt);
  try {
    const rebuilt = await rebuild(deps, {
      views: VIEWS,
      owner: `${hostname()} process ${process.pid}`,
      keep: flags.keep,
      sleep: (ms) => sleep(ms),
      onProgress: progress.show,
      stopped: () => stopping,
    });
    progress.stop();
    if (flags.json) printJson(rebuilt);
    else print(described(rebuilt));
    return EXIT.ok;
  } catch (error) {
    progress.stop();
    if (error instanceof RebuildStopped) return fail(EXIT.interrupted, 'Stopped. Run it again to go on.');
    if (error instanceof RebuildDiffers)
      return fail(EXIT.differs, `${error.message}\nThe live views stay as they are.`);
    if (error instanceof DaochaError) return fail(EXIT.failed, `${error.message}; ${error.expected ?? ''}`);
    return fail(EXIT.failed, `The tables cannot be reached: ${(error as Error).message}`);
  } finally {
    process.off('SIGINT', onInterrupt);
    deps.dynamo.destroy();
  }
}

function fail(code: number, message: string): number {
  warn(`${message}\n`);
  return code;
}

function described({ generation, continued, events, comparison, removed }: Rebuilt): string {
  const lines = [
    `Generation ${generation} is live: ${events} events${continued ? ' (an interrupted rebuild was finished)' : ''}.`,
    ...(comparison ? [`${comparison.compared} documents equal the ones they replace.`] : []),
    ...(comparison?.reshaped.length
      ? [`Not compared, because their shape is new: ${comparison.reshaped.join(', ')}.`]
      : []),
    ...(removed > 0 ? [`${removed} items of older generations removed.`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

interface Progress {
  show: (stage: RebuildStage, done: number, total?: number) => void;
  stop: () => void;
}

const DOING: Record<RebuildStage, string> = {
  wait: 'Another rebuild may be at work: looking whether it is alive …',
  project: 'Projecting',
  compare: 'Comparing',
  remove: 'Removing the old generation',
};

/** A bar on a terminal, a line every tenth of the way when piped. */
function startProgress(out: WriteStream): Progress {
  let bar: SingleBar | undefined;
  let shown = '';
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  const show: Progress['show'] = (stage, done, total) => {
    if (out.isTTY && stage === 'project' && total !== undefined) {
      if (!bar) {
        const format = 'Projecting {bar} {percentage}% | {value}/{total} events | {eta_formatted} left';
        bar = new SingleBar({ format, stream: out, hideCursor: true, etaBuffer: 100 }, Presets.shades_classic);
        bar.start(total, done);
      }
      bar.setTotal(total);
      bar.update(done);
      return;
    }
    stop();
    const tenth = total === undefined ? Math.floor(done / 5000) : Math.floor((done * 10) / Math.max(1, total));
    if (shown === `${stage} ${tenth}`) return;
    shown = `${stage} ${tenth}`;
    const of = total === undefined ? '' : `/${total}`;
    out.write(stage === 'wait' ? `${DOING.wait}\n` : `${DOING[stage]}: ${done}${of}\n`);
  };
  return { show, stop };
}
