// Runs the event source mappings in a thread of their own (follower-thread.ts), seen from the thread that answers HTTP.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Engine } from './engine.ts';
import type { Following, FollowOptions } from './following.ts';
import type { LocalFunction } from './model.ts';
import type { Seeding } from './seeding.ts';
import type { TailState } from './streams.ts';

/** What the thread is given: data only, as it is copied. */
export interface ThreadData extends Pick<FollowOptions, 'mappings' | 'tables' | 'directory' | 'memory'> {
  client: Engine['client'];
  functions: readonly LocalFunction[];
  environment: Record<string, string>;
  seeding: Omit<Seeding, 'dynamo'>;
}

export type ToThread = { wake: string } | { states: number } | { stop: true };
export type FromThread = { ready: true } | { note: string } | { answer: number; states: TailState[] };

export interface ThreadOptions extends ThreadData {
  note: (message: string) => void;
  /** Called when the thread ends without having been asked to: nothing would be sequenced any more. */
  onFailure: (reason: string) => void;
}

/** Starts the thread and waits until its handlers are loaded. @throws what they throw while they are loaded */
export async function followInThread({ note, onFailure, ...data }: ThreadOptions): Promise<Following> {
  const worker = new Worker(new URL('./follower-thread.ts', import.meta.url), {
    workerData: data satisfies ThreadData,
    name: 'daocha-followers',
  });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  const send = (message: ToThread) => worker.postMessage(message);
  const ended = once(worker, 'exit');
  const asked = new Map<number, (states: TailState[]) => void>();
  let questions = 0;
  let last: TailState[] = [];
  let stopping = false;
  let error: unknown;

  const ready = new Promise<void>((done, fail) => {
    worker.on('error', (thrown) => {
      error = thrown;
      fail(thrown);
    });
    worker.on('exit', () => {
      for (const answer of asked.values()) answer(last);
      asked.clear();
      if (!stopping) onFailure(error instanceof Error ? error.message : 'the thread of the followers ended by itself');
    });
    worker.on('message', (message: FromThread) => {
      if ('note' in message) return note(message.note);
      if ('ready' in message) return done();
      last = message.states;
      asked.get(message.answer)?.(last);
      asked.delete(message.answer);
    });
  });
  await ready;

  return {
    wake: (table) => send({ wake: table }),
    states: () =>
      new Promise((done) => {
        questions++;
        asked.set(questions, done);
        send({ states: questions });
      }),
    async stop() {
      stopping = true;
      send({ stop: true });
      await ended;
    },
  };
}
