// The fake has to refuse what DynamoDB refuses, or the property tests built on it prove nothing.
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { FakeDynamo } from './fake-dynamo.ts';

let fake: FakeDynamo;
beforeEach(() => {
  fake = new FakeDynamo();
});
const key = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk } });
const put = (sk: string, condition?: string) =>
  new PutItemCommand({
    TableName: 'log',
    Item: { ...key(sk), n: { N: '1' } },
    ConditionExpression: condition,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });

test('a conditional put loses against the item that is there, and returns it', async () => {
  await fake.client.send(put('a', 'attribute_not_exists(pk)'));
  await expect(fake.client.send(put('a', 'attribute_not_exists(pk)'))).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    Item: { n: { N: '1' } },
  });
});

test('a transaction is all or nothing and names the reason of each action', async () => {
  await fake.client.send(put('a'));
  const transaction = new TransactWriteItemsCommand({
    TransactItems: [
      { Put: { TableName: 'log', Item: key('b') } },
      { ConditionCheck: { TableName: 'log', Key: key('a'), ConditionExpression: 'attribute_not_exists(pk)' } },
    ],
  });
  await expect(fake.client.send(transaction)).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
  });
  expect(fake.items('log')).toHaveLength(1);
});

test('queries page in key order, both ways, and must have a limit', async () => {
  for (const sk of ['c', 'a', 'b']) await fake.client.send(put(sk));
  const query = {
    TableName: 'log',
    KeyConditionExpression: 'pk = :p AND sk BETWEEN :a AND :b',
    ExpressionAttributeValues: { ':p': { S: 'p' }, ':a': { S: 'a' }, ':b': { S: 'b' } },
  };
  const first = await fake.client.send(new QueryCommand({ ...query, Limit: 1 }));
  expect(first).toMatchObject({ Items: [{ sk: { S: 'a' } }], LastEvaluatedKey: key('a') });
  const next = await fake.client.send(
    new QueryCommand({ ...query, Limit: 5, ExclusiveStartKey: first.LastEvaluatedKey }),
  );
  expect(next.Items).toMatchObject([{ sk: { S: 'b' } }]);
  const back = await fake.client.send(new QueryCommand({ ...query, Limit: 5, ScanIndexForward: false }));
  expect(back.Items).toMatchObject([{ sk: { S: 'b' } }, { sk: { S: 'a' } }]);
  await expect(fake.client.send(new ScanCommand({ TableName: 'log' }))).rejects.toThrow('Limit');
});

test('sparse indexes list only items that carry their keys', async () => {
  for (const sk of ['a', 'b']) {
    fake.seed('views', { ...key(sk), ...(sk === 'b' ? { l1: { S: 'open' }, o1: { S: '1' } } : {}) });
  }
  const found = await fake.client.send(
    new QueryCommand({
      TableName: 'views',
      IndexName: 'lists1',
      KeyConditionExpression: 'l1 = :l',
      ExpressionAttributeValues: { ':l': { S: 'open' } },
      Limit: 10,
    }),
  );
  expect(found.Items).toMatchObject([{ sk: { S: 'b' } }]);
});

test('batches refuse duplicates and too many keys, and can leave entries unprocessed', async () => {
  const get = (...keys: string[]) =>
    new BatchGetItemCommand({ RequestItems: { log: { Keys: keys.map(key), ConsistentRead: true } } });
  await expect(fake.client.send(get('a', 'a'))).rejects.toThrow('duplicates');
  await expect(fake.client.send(get(...Array.from({ length: 101 }, (_, n) => `k${n}`)))).rejects.toThrow('1 to 100');
  fake.processed = () => 1;
  const requests = ['a', 'b'].map((sk) => ({ PutRequest: { Item: key(sk) } }));
  const written = await fake.client.send(new BatchWriteItemCommand({ RequestItems: { log: requests } }));
  expect(written.UnprocessedItems).toEqual({ log: [requests[1]] });
  expect(await fake.client.send(get('a', 'b'))).toMatchObject({
    Responses: { log: [key('a')] },
    UnprocessedKeys: { log: { Keys: [key('b')], ConsistentRead: true } },
  });
});

test('updates set, add, remove and obey their condition', async () => {
  const update = (n: number) =>
    new UpdateItemCommand({
      TableName: 'log',
      Key: key('a'),
      UpdateExpression: 'SET #n = :n, m = if_not_exists(m, :zero) + :one REMOVE gone ADD times :one',
      ConditionExpression: 'attribute_not_exists(#n) OR #n < :n',
      ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':n': { N: String(n) }, ':zero': { N: '0' }, ':one': { N: '1' } },
    });
  await fake.client.send(update(3));
  await fake.client.send(update(12));
  await expect(fake.client.send(update(5))).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  expect(fake.items('log')).toEqual([{ ...key('a'), n: { N: '12' }, m: { N: '2' }, times: { N: '2' } }]);
  expect(fake.records.map((record) => record.eventName)).toEqual(['INSERT', 'MODIFY']);
});

test('a hook can fail a call before it happens or after it has happened', async () => {
  fake.hook = ({ when }) => {
    if (when === 'after') throw new Error('lost answer');
  };
  await expect(fake.client.send(put('a'))).rejects.toThrow('lost answer');
  expect(fake.items('log')).toHaveLength(1);
});
