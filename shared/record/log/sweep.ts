// Full reconciliation, an operator's tool: reads the keys of the whole EVENTS table and sequences whatever is not in the
// log. It is for the one loss that nothing else heals: the last delivery of a stream that nobody writes to again. Costs
// a scan of the table, once; can be interrupted and taken up again at the cursor it last reported.
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from './batch.ts';
import { commitId, type CommitKey, type LogDeps } from './deps.ts';
import { sequencedAmong } from './positions.ts';
import { sequence } from './sequence.ts';

export interface Swept {
  /** commits looked at */
  scanned: number;
  /** events that were missing and now have a position */
  appended: number;
  /** first held commits of streams with a hole */
  held: CommitKey[];
  /** where to take up again; undefined at the end */
  cursor?: CommitKey;
}

export interface SweepOptions {
  /** where an earlier sweep stopped */
  cursor?: CommitKey;
  /** commits per scan call; default 500 */
  page?: number;
  onProgress?: (sofar: Swept) => void;
}

/** Commits sequenced at once: their contents are in memory together. */
const AT_ONCE = 100;

export async function sweep(deps: LogDeps, { cursor, page = 500, onProgress }: SweepOptions = {}): Promise<Swept> {
  const swept: Swept = { scanned: 0, appended: 0, held: [] };
  const memo = { indexed: 0 };
  let start = cursor && keyItem(cursor);
  do {
    const answer = await deps.dynamo.send(
      new ScanCommand({
        TableName: deps.events,
        ProjectionExpression: '#stream, #version, #next',
        ExpressionAttributeNames: { '#stream': 'stream', '#version': 'version', '#next': 'next' },
        ConsistentRead: true,
        Limit: page,
        ExclusiveStartKey: start,
      }),
    );
    const commits = (answer.Items ?? [])
      .map((item) => ({
        stream: item['stream']!.S!,
        version: numberOf(item, 'version'),
        last: numberOf(item, 'next') - 1,
      }))
      .filter(({ stream }) => stream.startsWith(`${deps.tenant}#`));
    const present = await sequencedAmong(
      deps,
      commits.map(({ stream, last }) => ({ stream, version: last })),
    );
    const missing = commits.filter(({ stream, last }) => !present.has(commitId({ stream, version: last })));
    for (let at = 0; at < missing.length; at += AT_ONCE) {
      const { appended, held } = await sequence(deps, missing.slice(at, at + AT_ONCE), { memo });
      swept.appended += appended;
      swept.held = held; // every run looks at all quarantined streams
    }
    swept.scanned += commits.length;
    start = answer.LastEvaluatedKey;
    delete swept.cursor;
    if (start) swept.cursor = keyOf(start);
    onProgress?.({ ...swept });
  } while (start);
  return swept;
}

const numberOf = (item: Item, name: string): number => Number(item[name]!.N);
const keyOf = (item: Item): CommitKey => ({ stream: item['stream']!.S!, version: numberOf(item, 'version') });
const keyItem = ({ stream, version }: CommitKey): Item => ({ stream: { S: stream }, version: { N: String(version) } });
