// Batch calls that finish: what DynamoDB leaves unprocessed is sent again after a growing pause, a bounded number of
// times; after that the error goes up, so that the Lambda run fails and is tried again as a whole.
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type BatchGetItemCommandOutput,
  type BatchWriteItemCommandOutput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DaochaError } from '../../../events/errors.ts';
import type { Item } from '../store/commit.ts';

export type { Item };
/** Waits before attempt n (1, 2 …). */
export type Backoff = (attempt: number) => Promise<void>;

const GET_LIMIT = 100;
const WRITE_LIMIT = 25;
const ATTEMPTS = 8;
const IN_FLIGHT = 8;

/** Exponential with full jitter: up to 25 ms, 50 ms, 100 ms … 2 s. */
export const exponential: Backoff = (attempt) =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(2000, 12.5 * 2 ** attempt)));

/** DynamoDB kept leaving items unprocessed: it is over capacity for now. Trying later is right. */
export class StoreBusy extends DaochaError {
  constructor(message: string) {
    super('store-busy', 503, message);
  }
}

/**
 * Reads items by key, strongly consistent, in no promised order; absent ones are simply missing.
 * Keys must be distinct; any number of them.
 */
export async function batchGet(
  dynamo: DynamoDBClient,
  table: string,
  keys: Item[],
  backoff: Backoff = exponential,
): Promise<Item[]> {
  const found: Item[] = [];
  await concurrently(chunks(keys, GET_LIMIT), async (chunk) => {
    let wanted: Item[] | undefined = chunk;
    for (let attempt = 1; wanted?.length; attempt++) {
      const answer: BatchGetItemCommandOutput = await dynamo.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } } }),
      );
      found.push(...(answer.Responses?.[table] ?? []));
      wanted = answer.UnprocessedKeys?.[table]?.Keys;
      if (wanted?.length) await again(attempt, backoff, `${wanted.length} keys of ${table} stayed unread`);
    }
  });
  return found;
}

/** Puts items without conditions, any number of them. Only for items whose content cannot differ between writers. */
export async function batchPut(
  dynamo: DynamoDBClient,
  table: string,
  items: Item[],
  backoff: Backoff = exponential,
): Promise<void> {
  await concurrently(chunks(items, WRITE_LIMIT), async (chunk) => {
    let requests: { PutRequest?: { Item: Item | undefined } | undefined }[] | undefined = chunk.map((item) => ({
      PutRequest: { Item: item },
    }));
    for (let attempt = 1; requests?.length; attempt++) {
      const answer: BatchWriteItemCommandOutput = await dynamo.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
      );
      requests = answer.UnprocessedItems?.[table];
      if (requests?.length) await again(attempt, backoff, `${requests.length} items of ${table} stayed unwritten`);
    }
  });
}

async function again(attempt: number, backoff: Backoff, message: string): Promise<void> {
  if (attempt >= ATTEMPTS) throw new StoreBusy(`${message} after ${attempt} attempts`);
  await backoff(attempt);
}

function chunks<T>(all: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}

/** Runs `work` over all inputs, a few at a time; the first failure is thrown after the others in flight have ended. */
export async function concurrently<T>(inputs: Iterable<T>, work: (input: T) => Promise<void>): Promise<void> {
  const queue = [...inputs].toReversed();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let input = queue.pop(); input !== undefined && !failed; input = queue.pop()) {
      try {
        await work(input);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: Math.min(IN_FLIGHT, queue.length) }, worker));
  const failure = settled.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
