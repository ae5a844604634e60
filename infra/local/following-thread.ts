// Runs the event source mappings and schedules in a thread of their own (follower-thread.ts), seen from the thread that answers HTTP.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Engine } from './engine.ts';
import type { Following, FollowingState, FollowOptions } from './following.ts';
import type { LocalFunction } from './model.ts';
import type { Seeding } from './seeding.ts';

/** What the thread is given: data only, as it is copied. */
export interface ThreadData extends Pick<FollowOptions, 'mappings' | 'schedules' | 'tables' | 'directory' | 'memory'> {
  client: Engine['client'];
  functions: readonly LocalFunction[];
  environment: Record<string, string>;
  seeding: Omit<Seeding, 'dynamo'>;
}

export type ToThread = { wake: string } | { states: number } | { fire: string; call: number } | { stop: true };
export type FromThread =
  | { ready: true }
  | { note: string }
  | { answer: number; states: FollowingState }
  | { fired: number; error?: string };

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
  const asked = new Map<number, (states: FollowingState) => void>();
  const firing = new Map<number, (error?: string) => void>();
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
      for (const answer of firing.values()) answer('the thread of the followers ended');
      firing.clear();
      if (!stopping) onFailure(error instanceof Error ? error.message : 'the thread of the followers ended by itself');
    });
    worker.on('message', (message: FromThread) => {
      if ('note' in message) return note(message.note);
      if ('ready' in message) return done();
      if ('fired' in message) {
        firing.get(message.fired)?.(message.error);
        firing.delete(message.fired);
        return;
      }
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
    fire: (fn) =>
      new Promise((done, fail) => {
        questions++;
        firing.set(questions, (reason) => (reason === undefined ? done() : fail(new Error(reason))));
        send({ fire: fn, call: questions });
      }),
    async stop() {
      stopping = true;
      send({ stop: true });
      await ended;
    },
  };
}
