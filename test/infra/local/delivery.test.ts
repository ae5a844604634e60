// What an event source mapping does with a batch that fails: Lambda's rules, on a function that fails as told.
import type { DynamoDBRecord } from 'aws-lambda';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DeadLetterCondition, deliver, type DeliverySettings } from '../../../infra/local/delivery.ts';

const record = (n: number): DynamoDBRecord => ({ dynamodb: { SequenceNumber: String(n) } });
const numbers = (records: DynamoDBRecord[]) => records.map(({ dynamodb }) => Number(dynamodb?.SequenceNumber));
const SETTINGS: DeliverySettings = {
  batchSize: 100,
  maximumRetryAttempts: 2,
  maximumRecordAge: -1,
  bisect: false,
  reportsItemFailures: false,
};

async function run(
  size: number,
  call: (batch: number[], nth: number) => unknown,
  more: Partial<DeliverySettings> & { stopAfter?: number } = {},
) {
  const calls: number[][] = [];
  const dead: { records: number[]; condition: DeadLetterCondition; attempts: number }[] = [];
  const pauses: number[] = [];
  let failures = 0;
  const done = await deliver(
    {
      settings: { ...SETTINGS, ...more },
      invoke: async (records) => {
        calls.push(numbers(records));
        return call(numbers(records), calls.length);
      },
      deadLetter: (records, condition, attempts) => void dead.push({ records: numbers(records), condition, attempts }),
      failed: () => failures++,
      pause: async (ms) => void pauses.push(ms),
      firstPause: 100,
      stopped: () => calls.length >= (more.stopAfter ?? Number.POSITIVE_INFINITY),
    },
    Array.from({ length: size }, (_, n) => record(n + 1)),
  );
  return { done, calls, dead, pauses, failures };
}
const failing =
  (...bad: number[]) =>
  (batch: number[]) => {
    if (batch.some((n) => bad.includes(n))) throw new Error('bad record');
  };

test('a batch that goes well is called once', async () => {
  expect(await run(3, () => {})).toMatchObject({ done: true, calls: [[1, 2, 3]], dead: [], pauses: [] });
});

test('a batch that fails is tried again, with longer and longer pauses, then set aside', async () => {
  const { done, calls, dead, pauses, failures } = await run(2, failing(1));
  expect({ done, failures }).toEqual({ done: true, failures: 3 });
  expect(calls).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
  expect(pauses).toEqual([100, 200]);
  expect(dead).toEqual([{ records: [1, 2], condition: 'RetryAttemptsExhausted', attempts: 3 }]);
});

test('a failure that passes sets nothing aside', async () => {
  const flaky = (_batch: number[], nth: number) => {
    if (nth < 3) throw new Error('throttled');
  };
  expect(await run(1, flaky)).toMatchObject({ done: true, dead: [], failures: 2 });
});

test('bisecting isolates the one bad record; all others are handled, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat(39), async (size, at) => {
      const bad = (at % size) + 1;
      const handled: number[] = [];
      const { dead } = await run(
        size,
        (batch) => {
          failing(bad)(batch);
          handled.push(...batch);
        },
        { bisect: true },
      );
      expect(dead.map(({ records }) => records)).toEqual([[bad]]);
      expect(handled).toEqual(Array.from({ length: size }, (_, n) => n + 1).filter((n) => n !== bad));
    }),
  );
});

test('what the function reports as done is not given to it again', async () => {
  const answers = [
    { batchItemFailures: [{ itemIdentifier: '3' }, { itemIdentifier: '2' }] },
    { batchItemFailures: [] },
  ];
  const { calls } = await run(3, (_batch, nth) => answers[nth - 1], { reportsItemFailures: true });
  expect(calls).toEqual([
    [1, 2, 3],
    [2, 3],
  ]);
});

test('a report that names an unknown record counts as a failure of all', async () => {
  const { calls } = await run(2, (_b, nth) => (nth === 1 ? { batchItemFailures: [{ itemIdentifier: '9' }] } : null), {
    reportsItemFailures: true,
  });
  expect(calls).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test('records that are too old are set aside without another try', async () => {
  const { calls, dead } = await run(2, failing(1), { maximumRecordAge: 0, bisect: true, maximumRetryAttempts: -1 });
  expect(calls).toHaveLength(1);
  expect(dead).toMatchObject([{ records: [1, 2], condition: 'RecordAgeExceeded' }]);
});

test('without a limit it is tried until it goes well', async () => {
  const late = (_batch: number[], nth: number) => {
    if (nth < 50) throw new Error('away');
  };
  const { calls, pauses } = await run(1, late, { maximumRetryAttempts: -1 });
  expect(calls).toHaveLength(50);
  expect(Math.max(...pauses)).toBe(5000);
});

test('a tail that stops leaves the batch unhandled, for the next start', async () => {
  const { done, dead } = await run(4, failing(1), { stopAfter: 2, bisect: true });
  expect({ done, dead }).toEqual({ done: false, dead: [] });
});
