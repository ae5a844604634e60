// Shows how far an import has come: a bar on a terminal, a line every tenth of the way when piped.
import type { WriteStream } from 'node:tty';
import { Presets, SingleBar } from 'cli-progress';
import { visible } from '../../shared/text.ts';

export interface Progress {
  start(units: number): void;
  advance(units: number, events: number): void;
  /** Prints a line without tearing the bar. */
  say(line: string): void;
  stop(): void;
}

export function startProgress(out: WriteStream): Progress {
  return out.isTTY ? bar(out) : lines(out);
}

function bar(out: WriteStream): Progress {
  let shown: SingleBar | undefined;
  return {
    start(units) {
      const format = '{bar} {percentage}% | {value}/{total} units | {events} events added | {eta_formatted} left';
      shown = new SingleBar({ format, stream: out, hideCursor: true, etaBuffer: 100 }, Presets.shades_classic);
      shown.start(units, 0, { events: 0 });
    },
    advance(units, events) {
      shown?.increment(units, { events });
    },
    say(line) {
      out.write(visible(shown?.isActive ? `\n${line}\n` : `${line}\n`));
    },
    stop() {
      shown?.stop();
    },
  };
}

function lines(out: WriteStream): Progress {
  let total = 0;
  let done = 0;
  let tenth = 0;
  return {
    start(units) {
      total = units;
    },
    advance(units, events) {
      done += units;
      const now = Math.floor((done * 10) / Math.max(total, 1));
      if (now === tenth) return;
      tenth = now;
      out.write(`${done}/${total} units, ${events} events added\n`);
    },
    say(line) {
      out.write(visible(`${line}\n`));
    },
    stop() {},
  };
}
