// Runs the event source mappings and schedules in a thread of their own (follower-thread.ts), seen from the thread that answers HTTP.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Engine } from './engine.ts';
import type { Following, FollowingState, FollowAllOptions } from './following.ts';
import type { LocalFunction } from './model.ts';
import type { Seeding } from './seeding.ts';

/** What the thread is given: data only, as it is copied. */
export interface ThreadData extends Pick<
  FollowAllOptions,
  'mappings' | 'schedules' | 'tables' | 'directory' | 'memory'
> {
  client: Engine['client'];
  functions: readonly LocalFunction[];
  environment: Record<string, string>;
  seeding: Omit<Seeding, 'dynamo' | 'now'>;
  /** ms: the time of a virtual clock */
  clock: number | undefined;
}

export type ToThread =
  | { wake: string }
  | { states: number }
  | { fire: string; name: string | undefined; call: number }
  | { invoke: string; event: unknown; call: number }
  | { clock: number; call: number }
  | { stop: true };
export type FromThread =
  | { ready: true }
  | { note: string }
  | { answer: number; states: FollowingState }
  /** a call has been carried out: what was to be fired, the clock that was to be set */
  | { done: number; error?: string };

export interface ThreadOptions extends ThreadData {
  note: (message: string) => void;
  /** Called when the thread ends without having been asked to: nothing would be sequenced any more. */
  onFailure: (reason: string) => void;
}

export interface FollowingThread extends Following {
  /** Sets the thread's virtual clock (ms); resolves when it is set. */
  setClock(at: number): Promise<void>;
}

/** Starts the thread and waits until its handlers are loaded. @throws what they throw while they are loaded */
export async function followInThread({ note, onFailure, ...data }: ThreadOptions): Promise<FollowingThread> {
  const worker = new Worker(new URL('./follower-thread.ts', import.meta.url), {
    workerData: data satisfies ThreadData,
    name: 'daocha-followers',
  });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  const send = (message: ToThread) => worker.postMessage(message);
  const ended = once(worker, 'exit');
  const asked = new Map<number, (states: FollowingState) => void>();
  const calling = new Map<number, (error?: string) => void>();
  let questions = 0;
  let last: FollowingState = { mappings: [], schedules: [] };
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
      for (const answer of calling.values()) answer('the thread of the followers ended');
      calling.clear();
      if (!stopping) onFailure(error instanceof Error ? error.message : 'the thread of the followers ended by itself');
    });
    worker.on('message', (message: FromThread) => {
      if ('note' in message) return note(message.note);
      if ('ready' in message) return done();
      if ('done' in message) {
        calling.get(message.done)?.(message.error);
        calling.delete(message.done);
        return;
      }
      last = message.states;
      asked.get(message.answer)?.(last);
      asked.delete(message.answer);
    });
  });
  await ready;

  const call = (
    what: { fire: string; name: string | undefined } | { invoke: string; event: unknown } | { clock: number },
  ): Promise<void> =>
    new Promise((done, fail) => {
      questions++;
      calling.set(questions, (reason) => (reason === undefined ? done() : fail(new Error(reason))));
      send({ ...what, call: questions });
    });

  return {
    wake: (table) => send({ wake: table }),
    states: () =>
      new Promise((done) => {
        questions++;
        asked.set(questions, done);
        send({ states: questions });
      }),
    fire: (fn, name) => call({ fire: fn, name }),
    call: (fn, event) => call({ invoke: fn, event }),
    setClock: (at) => call({ clock: at }),
    async stop() {
      stopping = true;
      send({ stop: true });
      await ended;
    },
  };
}
