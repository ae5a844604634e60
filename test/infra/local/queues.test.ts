// Queues behind rules of the bus: messages are gathered for a window, handed over as SQS would, and a batch that fails
// comes again a few times.
import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readModel } from '../../../infra/local/model.ts';
import { startQueue } from '../../../infra/local/queues.ts';
import { declaredTemplate } from '../../../infra/local/declared.ts';
import { NOTICE_TYPES } from '../../../shared/rules/reminder/notice.ts';

const QUEUE = { name: 'WakeUps', function: 'notify', batchSize: 3, batchingWindow: 5 };
const bodies = (calls: SQSEvent[]): unknown[][] =>
  calls.map(({ Records }) => Records.map(({ body }) => JSON.parse(body) as unknown));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a queue', () => {
  const start = (call: (event: SQSEvent) => Promise<void> = async () => {}) => {
    const calls: SQSEvent[] = [];
    const notes: string[] = [];
    const queue = startQueue(
      QUEUE,
      (event) => {
        calls.push(event);
        return call(event);
      },
      (message) => notes.push(message),
    );
    return { queue, calls, notes };
  };

  it('hands over together what comes within its window', async () => {
    const { queue, calls } = start();
    queue.put({ n: 1 });
    await vi.advanceTimersByTimeAsync(4_999);
    queue.put({ n: 2 });
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(bodies(calls)).toEqual([[{ n: 1 }, { n: 2 }]]);
    expect(calls[0]!.Records[0]).toMatchObject({
      eventSource: 'aws:sqs',
      eventSourceARN: expect.stringMatching(/WakeUps$/),
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(1);
  });

  it('does not wait for the window once a batch is full', async () => {
    const { queue, calls } = start();
    for (let n = 1; n <= 4; n++) queue.put(n);
    await vi.advanceTimersByTimeAsync(0);
    expect(bodies(calls)).toEqual([[1, 2, 3]]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(bodies(calls)).toEqual([[1, 2, 3], [4]]);
  });

  it('hands a batch that failed over again, and says when it gives up', async () => {
    const { queue, calls, notes } = start(() => Promise.reject(new Error('no tables')));
    queue.put(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bodies(calls)).toEqual([[1], [1], [1]]);
    expect(notes).toEqual(['notify: gave up on 1 wake-up(s) of the bus: no tables']);
  });

  it('once stopped hands nothing over, and ends when what is under way has', async () => {
    let end = (): void => {};
    const { queue, calls } = start(
      () =>
        new Promise((done) => {
          end = done;
        }),
    );
    for (let n = 1; n <= 3; n++) queue.put(n);
    queue.put(4);
    const stopped = vi.fn<() => void>();
    const stopping = queue.stop().finally(stopped);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stopped).not.toHaveBeenCalled();
    end();
    await stopping;
    queue.put(5);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bodies(calls)).toEqual([[1, 2, 3]]);
  });
});

it('the template’s queue stands between the rule for what somebody is told of and notify', async () => {
  vi.useRealTimers();
  const template = await declaredTemplate();
  const tables = Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::DynamoDB::Table')
    .map(([logicalId, { Metadata }]) => ({
      logicalId,
      role: String(Metadata?.['daocha:table']),
      name: logicalId,
      arn: '',
      streamArn: 's',
      existed: false,
    }));
  const { queues, rules } = readModel(template, tables, new Map());
  expect(queues).toMatchObject([{ function: 'notify', batchSize: 1000, batchingWindow: 5 }]);
  const told = rules.filter((rule) => rule.queues.length > 0);
  expect(told).toMatchObject([
    { queues: [queues[0]!.name], functions: [], pattern: { 'detail-type': [...NOTICE_TYPES] } },
  ]);
});
