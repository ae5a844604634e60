import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  ProvisionedThroughputExceededException,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test, vi } from 'vitest';
import { batchGet, batchPut, concurrently, type Backoff } from '../../../shared/record/log/batch.ts';

const dynamo = mockClient(DynamoDBClient);
const client = dynamo as unknown as DynamoDBClient;
const backoff = vi.fn<Backoff>(() => Promise.resolve());
const item = (n: number) => ({ pk: { S: `k${n}` } });
const items = (count: number) => Array.from({ length: count }, (_, n) => item(n));
beforeEach(() => {
  dynamo.reset();
  backoff.mockClear();
});

test('keys that DynamoDB left unread are asked for again after a growing pause', async () => {
  dynamo.on(BatchGetItemCommand).callsFake(({ RequestItems }) => {
    const keys = RequestItems.t.Keys;
    return {
      Responses: { t: keys.slice(0, 1) },
      UnprocessedKeys: keys.length > 1 ? { t: { Keys: keys.slice(1) } } : {},
    };
  });
  expect(await batchGet(client, 't', items(3), backoff)).toEqual(items(3));
  expect(backoff.mock.calls).toEqual([[1], [2]]);
});

test('reads are strongly consistent, at most 100 keys a call', async () => {
  dynamo.on(BatchGetItemCommand).resolves({ Responses: { t: [] } });
  await batchGet(client, 't', items(201), backoff);
  const requests = dynamo.commandCalls(BatchGetItemCommand).map((call) => call.args[0].input.RequestItems!['t']!);
  expect(requests.map(({ Keys }) => Keys!.length)).toEqual([100, 100, 1]);
  expect(requests.every(({ ConsistentRead }) => ConsistentRead)).toBe(true);
});

test('items that DynamoDB left unwritten are written again, at most 25 a call', async () => {
  const written: unknown[] = [];
  dynamo.on(BatchWriteItemCommand).callsFake(({ RequestItems }) => {
    const [first, ...rest] = RequestItems.t;
    written.push(first.PutRequest.Item);
    return rest.length > 22 || rest.length === 0 ? {} : { UnprocessedItems: { t: rest } };
  });
  await batchPut(client, 't', items(28), backoff);
  expect(written).toEqual(expect.arrayContaining([item(0), item(25), item(26), item(27)]));
  expect(dynamo.commandCalls(BatchWriteItemCommand)[0]!.args[0].input.RequestItems!['t']).toHaveLength(25);
});

test('a table that stays busy fails the run after a bounded number of attempts', async () => {
  dynamo.on(BatchWriteItemCommand).callsFake(({ RequestItems }) => ({ UnprocessedItems: RequestItems }));
  await expect(batchPut(client, 't', items(2), backoff)).rejects.toMatchObject({ type: 'store-busy', status: 503 });
  expect(backoff).toHaveBeenCalledTimes(7);
});

test('throttling of a whole call goes up as it is, so that Lambda tries the run again', async () => {
  const throttled = new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} });
  dynamo.on(BatchGetItemCommand).rejects(throttled);
  await expect(batchGet(client, 't', items(1), backoff)).rejects.toBe(throttled);
});

test('after a failure no more work is started, and what is in flight is waited for', async () => {
  const started: number[] = [];
  const ended: number[] = [];
  const work = async (n: number): Promise<void> => {
    started.push(n);
    if (n === 0) throw new Error('first');
    await new Promise(setImmediate);
    ended.push(n);
  };
  await expect(
    concurrently(
      Array.from({ length: 50 }, (_, n) => n),
      work,
    ),
  ).rejects.toThrow('first');
  expect(started.length).toBeLessThan(20);
  expect(ended).toEqual(started.slice(1));
});
