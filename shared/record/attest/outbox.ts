// What is on its way to write-once storage. It is written in one transaction with what it is a copy of, and removed once it
// is there: so nothing that was acknowledged is missing there for ever, whatever fails in between, and whoever takes
// cosignatures needs no right on that storage.
import { DeleteItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../log/batch.ts';
import { toArchivePartition, positionKey, type LogDeps } from '../log/deps.ts';
import { sha256 } from '../tlog/hash.ts';

/** Write-once storage outside of the tables: a bucket with Object Lock, or a folder on one machine. */
export interface Archive {
  /**
   * Puts an object there. A name says what it holds (see `archived`), so one that is there already is as good.
   * @throws what the storage throws: the run after tries again
   */
  put(name: string, body: Uint8Array): Promise<void>;
}

/** Kinds of objects: the note as the log signed it; the same with one cosignature; request and answer of a time stamp. */
export type ArchivedKind = 'checkpoint' | 'cosigned' | 'tsq' | 'tsr';

export interface Archived {
  /** `000000000120-3f2a9c0d11223344.checkpoint`: size, first half of the SHA-256 of the body's, kind */
  name: string;
  body: Uint8Array;
}

const NAMED_BYTES = 8;

export function archived(size: number, kind: ArchivedKind, body: Uint8Array): Archived {
  const hash = Buffer.from(sha256(body).subarray(0, NAMED_BYTES)).toString('hex');
  return { name: `${positionKey(size)}-${hash}.${kind}`, body };
}

const keyOf = (deps: LogDeps, name: string): Item => ({ pk: { S: toArchivePartition(deps.tenant) }, sk: { S: name } });

export const outboxItem = (deps: LogDeps, { name, body }: Archived): Item => ({
  ...keyOf(deps, name),
  body: { B: body },
  at: { S: deps.now().toISOString() },
});

/** Up to `limit` of what has not been sent, the smallest sizes first, and since when each waits. */
export async function unsent(deps: LogDeps, limit: number): Promise<(Archived & { at: string })[]> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: toArchivePartition(deps.tenant) } },
      ConsistentRead: true,
      Limit: limit,
    }),
  );
  return Items.map((item) => ({ name: item['sk']!.S!, body: item['body']!.B!, at: item['at']!.S! }));
}

export async function sent(deps: LogDeps, name: string): Promise<void> {
  await deps.dynamo.send(new DeleteItemCommand({ TableName: deps.log, Key: keyOf(deps, name) }));
}
