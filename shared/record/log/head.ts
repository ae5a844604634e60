// The head says how long the log is, and carries the frontier of the Merkle tree over it. A page and the head that counts
// it are written in one transaction, conditional on the size that the writer read: whoever comes second with the same
// size loses and starts over. That alone keeps positions free of gaps and doubles, and the tree one with the pages;
// reserved concurrency only saves work.
import { GetItemCommand, TransactionCanceledException, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { EMPTY_FRONTIER, type Frontier } from '../tlog/merkle.ts';
import { HEAD, headPartition, positionKey, type LogDeps } from './deps.ts';
import { frontierFromItem, frontierToItem } from './frontier.ts';
import { itemFromPage, type LogPage } from './page.ts';

export interface Head {
  /** number of events in the log = the next position */
  size: number;
  /** first position of the last page; undefined while the log is empty */
  page?: number;
  /** of the tree over all pages; undefined in a head from before it was kept there (`frontierOf` finds it) */
  frontier?: Frontier;
  /** the log's time: that of the last page; undefined in a head from before it was kept */
  time?: string;
}

/** The head, strongly consistent. */
export async function readHead(deps: LogDeps): Promise<Head> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({
      TableName: deps.log,
      Key: { pk: { S: headPartition(deps.tenant) }, sk: { S: HEAD } },
      ConsistentRead: true,
    }),
  );
  if (!Item) return { size: 0, frontier: EMPTY_FRONTIER };
  const size = Number(Item['size']!.N);
  const frontier = frontierFromItem(size, Item['frontier']);
  const time = Item['time']?.S;
  return {
    size,
    page: Number(Item['page']!.S),
    ...(frontier && { frontier }),
    ...(time !== undefined && { time }),
  };
}

/**
 * Appends one page; false when another sequencer was faster, and then nothing was written.
 * @param frontier of the tree with the page in it
 * @throws what DynamoDB throws (throttling, outage): the run fails and is tried again
 */
export async function appendPage(deps: LogDeps, page: LogPage, frontier: Frontier): Promise<boolean> {
  const size = { N: String(page.first) };
  try {
    await deps.dynamo.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Put: {
              TableName: deps.log,
              Item: itemFromPage(deps, page),
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          },
          {
            Put: {
              TableName: deps.log,
              Item: {
                pk: { S: headPartition(deps.tenant) },
                sk: { S: HEAD },
                size: { N: String(page.first + page.count) },
                page: { S: positionKey(page.first) },
                frontier: frontierToItem(frontier),
                ...(page.time !== undefined && { time: { S: page.time } }),
              },
              ...(page.first === 0
                ? { ConditionExpression: 'attribute_not_exists(pk)' }
                : {
                    ConditionExpression: '#size = :size',
                    ExpressionAttributeNames: { '#size': 'size' },
                    ExpressionAttributeValues: { ':size': size },
                  }),
            },
          },
        ],
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof TransactionCanceledException && lostRace(error)) return false;
    throw error;
  }
}

/** Cancelled because somebody else wrote, or is writing, and for no other reason. */
function lostRace(error: TransactionCanceledException): boolean {
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code).filter((code) => code && code !== 'None');
  return codes.length > 0 && codes.every((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict');
}
