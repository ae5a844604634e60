// Writes an item that must not be there yet, together with its copies for write-once storage: all of them or none.
import { TransactionCanceledException, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { DaochaError } from '../../../events/errors.ts';
import { exponential, type Item } from '../log/batch.ts';
import type { LogDeps } from '../log/deps.ts';
import { outboxItem, type Archived } from './outbox.ts';

const ATTEMPTS = 6;

/**
 * False when the item was there already, and then nothing was written.
 * @throws DaochaError `store-busy` when others were in the way every time; what DynamoDB throws
 */
export async function putOnce(deps: LogDeps, item: Item, copies: readonly Archived[]): Promise<boolean> {
  const puts = copies.map((copy) => ({ Put: { TableName: deps.log, Item: outboxItem(deps, copy) } }));
  const first = { Put: { TableName: deps.log, Item: item, ConditionExpression: 'attribute_not_exists(pk)' } };
  for (let attempt = 1; ; attempt++) {
    try {
      await deps.dynamo.send(new TransactWriteItemsCommand({ TransactItems: [first, ...puts] }));
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
      if (codes[0] === 'ConditionalCheckFailed') return false;
      if (!codes.includes('TransactionConflict')) throw error;
      if (attempt >= ATTEMPTS)
        throw new DaochaError('store-busy', 503, 'others were in the way each time', { cause: error });
      await (deps.backoff ?? exponential)(attempt);
    }
  }
}
