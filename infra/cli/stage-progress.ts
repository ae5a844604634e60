// Shows how far something of several stages has come: a bar on a terminal, a line every tenth of a stage when piped.
import type { WriteStream } from 'node:tty';
import { Presets, SingleBar } from 'cli-progress';

export interface StageProgress {
  show: (stage: string, done: number, total: number) => void;
  stop: () => void;
}

/** @param names what each stage is called */
export function startStages(out: WriteStream, names: Record<string, string>): StageProgress {
  let bar: SingleBar | undefined;
  let current = '';
  let tenth = -1;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    stop,
    show(stage, done, total) {
      const name = names[stage] ?? stage;
      if (stage !== current) {
        stop();
        [current, tenth] = [stage, -1];
      }
      if (out.isTTY) {
        if (!bar) {
          const format = `${name} {bar} {percentage}% | {value}/{total} | {eta_formatted} left`;
          bar = new SingleBar({ format, stream: out, hideCursor: true, etaBuffer: 100 }, Presets.shades_classic);
          bar.start(total, done);
        }
        bar.setTotal(total);
        bar.update(done);
        return;
      }
      const now = Math.floor((done * 10) / Math.max(1, total));
      if (now === tenth) return;
      tenth = now;
      out.write(`${name}: ${done}/${total}\n`);
    },
  };
}
