// Interleaves concurrent tasks in a chosen order: each `pause` is a point where another task may go on. Deterministic as
// long as the tasks wait for nothing else; far faster than a general scheduler, so that properties get many runs.

export interface Interleaving {
  /** Waits until it is this task's turn again. */
  pause: () => Promise<void>;
  /** Runs until all tasks have ended; fails as the first that fails. */
  run: (tasks: Promise<unknown>[]) => Promise<void>;
}

/** @param choices which of the waiting tasks goes on, taken round and round; [0] = the one that has waited longest */
export function interleave(choices: number[]): Interleaving {
  const waiting: (() => void)[] = [];
  let turn = 0;
  return {
    pause: () => new Promise<void>((resolve) => waiting.push(resolve)),
    async run(tasks) {
      let ended = false;
      const all = Promise.all(tasks).finally(() => {
        ended = true;
      });
      all.catch(() => {});
      for (;;) {
        await new Promise(setImmediate); // lets every task run up to its next pause
        if (ended) break;
        const choice = choices.length > 0 ? choices[turn++ % choices.length]! : 0;
        waiting.splice(choice % Math.max(1, waiting.length), 1)[0]?.();
      }
      await all;
    },
  };
}
