// Queues between the bus and a function on one machine: what a rule puts in is gathered for the batching window that
// the mapping declares, then handed over as Lambda would hand it over from SQS. A batch that fails comes again, a few
// times. Kept in memory only: what queues carry here are wake-ups, and each function that gets them looks by itself, on
// its schedule and at the start, for what they would have told.

import { randomUUID } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import { LOCAL_ACCOUNT } from './template.ts';

export interface LocalQueue {
  /** logical id in the template */
  name: string;
  function: string;
  /** messages handed over at once, at most */
  batchSize: number;
  /** seconds to gather them for */
  batchingWindow: number;
}

export interface Queue {
  put(message: unknown): void;
  /** Forgets what waits; resolves when what was handed over has been dealt with. */
  stop(): Promise<void>;
}

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 1000;

/** @param call hands a batch to the function; rejects when that failed */
export function startQueue(
  queue: LocalQueue,
  call: (event: SQSEvent) => Promise<void>,
  note: (message: string) => void,
): Queue {
  let waiting: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const going = new Set<Promise<void>>();

  const handOver = async (bodies: string[], attempt = 1): Promise<void> => {
    try {
      await call({ Records: bodies.map((body) => record(queue.name, body)) });
    } catch (error) {
      if (stopped) return;
      if (attempt === ATTEMPTS) {
        note(`${queue.function}: gave up on ${bodies.length} wake-up(s) of the bus: ${(error as Error).message}`);
        return;
      }
      await new Promise((done) => setTimeout(done, FIRST_PAUSE_MS * attempt));
      if (!stopped) await handOver(bodies, attempt + 1);
    }
  };
  const flush = (): void => {
    timer = undefined;
    while (waiting.length > 0) {
      const batch = handOver(waiting.slice(0, queue.batchSize));
      waiting = waiting.slice(queue.batchSize);
      going.add(batch);
      void batch.finally(() => going.delete(batch));
    }
  };
  return {
    put(message) {
      if (stopped) return;
      waiting.push(JSON.stringify(message));
      if (waiting.length >= queue.batchSize) {
        clearTimeout(timer);
        flush();
      } else timer ??= setTimeout(flush, queue.batchingWindow * 1000);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      waiting = [];
      await Promise.allSettled(going);
    },
  };
}

function record(queue: string, body: string): SQSEvent['Records'][number] {
  return {
    messageId: randomUUID(),
    receiptHandle: randomUUID(),
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(Date.now()),
      SenderId: LOCAL_ACCOUNT,
      ApproximateFirstReceiveTimestamp: String(Date.now()),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:local:${LOCAL_ACCOUNT}:${queue}`,
    awsRegion: 'local',
  };
}
