// The event store: append and load on the EVENTS table. Nothing here updates or deletes.
// Invariants: a commit's key (stream, version) is written once or never; versions have no gaps, because a version comes only from
// a strongly consistent read of its stream; a commit that spans streams is written whole or not at all; what is over a limit of
// DynamoDB is refused before the call.
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as delay } from 'node:timers/promises';
import { TooLarge } from '../../../events/errors.ts';
import type { NoteSigner } from '../tlog/note.ts';
import { acceptanceOf } from './acceptance.ts';
import {
  commitFromItem,
  commitHash,
  itemFromCommit,
  itemSize,
  type Commit,
  type CommitKey,
  type Item,
} from './commit.ts';

export interface StoreDeps {
  dynamo: DynamoDBClient;
  /** name of the EVENTS table */
  table: string;
  /** signs for what is appended; undefined while its key has not been put there */
  writer?: (() => Promise<NoteSigner | undefined>) | undefined;
  /** where what units are called is kept, for whoever registers them: without it nothing is compared (command/unit-names.ts) */
  names?: UnitNames | undefined;
}

export interface UnitNames {
  /** name of the LOG table */
  table: string;
  /** the units on record, as the views have them: read once, where names were not kept before */
  older: () => AsyncIterable<{ id: string; name: string; address?: string | undefined }[]>;
}

/** A commit before the store has hashed it. */
export type NewCommit = Omit<Commit, 'hash' | 'parts' | 'next' | 'accepted'>;

export type Appended =
  /** `found`: this very commit stood there already, by an attempt whose answer was lost */
  | { kind: 'appended'; commits: Commit[]; writeUnits: number; found?: true }
  /** somebody else's commit holds one of the versions; `winner` when the engine told which */
  | { kind: 'conflict'; winner?: Commit };

/** A write to another table that stands or falls with the commits. */
export type BesideWrite = Pick<TransactWriteItem, 'Put'>;

/** DynamoDB's limits: bytes of an item, actions and bytes of a transaction. */
export const DYNAMO_LIMITS = { itemBytes: 409_600, actions: 100, transactionBytes: 4 * 1024 * 1024 } as const;
const PAGE = 200;
/** Nothing may be at this key yet; if something does, the answer brings it. */
const NEW_ONLY = {
  ConditionExpression: 'attribute_not_exists(#stream)',
  ExpressionAttributeNames: { '#stream': 'stream' },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
} as const;

/**
 * Writes the commits of one command: one conditional PutItem, or one transaction when there are several streams or something beside them.
 * @param beside put in the same transaction; one whose condition fails is a conflict
 * @throws TooLarge before anything is sent; the SDK's own errors (throttling, time-outs) as they are: calling again is safe
 */
export async function appendCommits(
  deps: StoreDeps,
  commits: readonly NewCommit[],
  beside: readonly BesideWrite[] = [],
): Promise<Appended> {
  const sealed = await accepted(deps, sealCommits(commits));
  const items = sealed.map(itemFromCommit);
  refuseTooLarge(sealed, items);
  return items.length === 1 && beside.length === 0
    ? putOne(deps, sealed[0]!, items[0]!)
    : putTogether(deps, sealed, items, beside);
}

/** Adds what the store alone knows: `next`, the parts of a commit that spans streams, the hash. */
export function sealCommits(commits: readonly NewCommit[]): Commit[] {
  const parts = commits.map(({ stream, version }) => ({ stream, version }));
  return commits.map((commit) => {
    const whole = {
      ...commit,
      next: commit.version + commit.events.length,
      ...(commits.length > 1 ? { parts } : {}),
    };
    return { ...whole, hash: commitHash(whole) };
  });
}

/** Signs for each commit, where there is a key to sign with. */
async function accepted({ writer }: StoreDeps, commits: Commit[]): Promise<Commit[]> {
  const signer = await writer?.();
  if (!signer) return commits;
  return Promise.all(commits.map(async (commit) => ({ ...commit, accepted: await acceptanceOf(commit, signer) })));
}

function refuseTooLarge(commits: readonly Commit[], items: readonly Item[]): void {
  if (items.length > DYNAMO_LIMITS.actions) {
    throw new TooLarge(`one command may touch ${DYNAMO_LIMITS.actions} streams, this one touches ${items.length}`, {
      field: 'answers',
      expected: `at most ${DYNAMO_LIMITS.actions - 2} different hazards in one inspection: record the rest as a second inspection`,
    });
  }
  let total = 0;
  for (const [index, item] of items.entries()) {
    const bytes = itemSize(item);
    total += bytes;
    if (bytes > DYNAMO_LIMITS.itemBytes) {
      throw new TooLarge(
        `a commit may have 400 KB, this one to ${commits[index]!.stream} has ${Math.ceil(bytes / 1024)} KB`,
        {
          field: commits[index]!.stream,
          expected: 'at most 400 KB in one command: send less at a time, put photos in as SHA-256 evidence',
          facts: { bytes, limit: DYNAMO_LIMITS.itemBytes },
        },
      );
    }
  }
  if (total > DYNAMO_LIMITS.transactionBytes) {
    throw new TooLarge(`one command may write 4 MB, this one has ${Math.ceil(total / 1024)} KB`, {
      expected: 'at most 4 MB in one command: send less at a time',
      facts: { bytes: total, limit: DYNAMO_LIMITS.transactionBytes },
    });
  }
}

async function putOne(deps: StoreDeps, commit: Commit, item: Item): Promise<Appended> {
  try {
    const output = await deps.dynamo.send(
      new PutItemCommand({
        TableName: deps.table,
        Item: item,
        ...NEW_ONLY,
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    return { kind: 'appended', commits: [commit], writeUnits: output.ConsumedCapacity?.CapacityUnits ?? 0 };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return lost([commit], error.Item);
    // Somebody's transaction holds the item at this moment: nothing was written, decide again.
    if (error instanceof TransactionConflictException) return { kind: 'conflict' };
    throw error;
  }
}

async function putTogether(
  deps: StoreDeps,
  commits: Commit[],
  items: Item[],
  beside: readonly BesideWrite[],
): Promise<Appended> {
  try {
    const output = await deps.dynamo.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          ...items.map((item) => ({ Put: { TableName: deps.table, Item: item, ...NEW_ONLY } })),
          ...beside,
        ],
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    const writeUnits = (output.ConsumedCapacity ?? []).reduce((sum, table) => sum + (table.CapacityUnits ?? 0), 0);
    return { kind: 'appended', commits, writeUnits };
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const reasons = error.CancellationReasons ?? [];
    const failed = reasons.find((reason) => reason.Code === 'ConditionalCheckFailed');
    // only a commit's condition tells what holds its place
    if (failed) return lost(commits, failed.Item);
    // Somebody's transaction touched the same items at the same moment: nothing was written, decide again.
    if (reasons.some((reason) => reason.Code === 'TransactionConflict')) return { kind: 'conflict' };
    throw error;
  }
}

/** An attempt whose answer was lost and that the SDK repeated meets its own commit: that is success, not conflict. */
function lost(commits: Commit[], holder: Item | undefined): Appended {
  if (!holder) return { kind: 'conflict' };
  const winner = commitFromItem(holder);
  const own = commits.find((commit) => commit.stream === winner.stream && commit.version === winner.version);
  if (own && Buffer.compare(own.hash, winner.hash) === 0)
    return { kind: 'appended', commits, writeUnits: 0, found: true };
  return { kind: 'conflict', winner };
}

/** The stream's commits from the one that starts at version `from` on, oldest first; strongly consistent, in pages. */
export async function loadStream(deps: StoreDeps, stream: string, from = 1): Promise<Commit[]> {
  const commits: Commit[] = [];
  let start: Item | undefined;
  do {
    const page = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.table,
        KeyConditionExpression: '#stream = :stream AND #version >= :from',
        ExpressionAttributeNames: { '#stream': 'stream', '#version': 'version' },
        ExpressionAttributeValues: { ':stream': { S: stream }, ':from': { N: String(from) } },
        ConsistentRead: true,
        Limit: PAGE,
        ExclusiveStartKey: start,
      }),
    );
    for (const item of page.Items ?? []) commits.push(commitFromItem(item));
    start = page.LastEvaluatedKey;
  } while (start);
  return commits;
}

/** Whether the event `version` of a stream is stored; strongly consistent. */
export async function isStored(deps: StoreDeps, stream: string, version: number): Promise<boolean> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.table,
      KeyConditionExpression: '#stream = :stream AND #version <= :version',
      ExpressionAttributeNames: { '#stream': 'stream', '#version': 'version' },
      ExpressionAttributeValues: { ':stream': { S: stream }, ':version': { N: String(version) } },
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  return Items[0] !== undefined && commitFromItem(Items[0]).next > version;
}

/** Attempts at keys that DynamoDB left unprocessed; waits 25 ms, 50 ms … between them. */
const ATTEMPTS = 8;

/** The commits at these keys, in the order asked, `undefined` where there is none; strongly consistent. */
export async function getCommits(deps: StoreDeps, keys: readonly CommitKey[]): Promise<(Commit | undefined)[]> {
  const found = new Map<string, Commit>();
  for (let start = 0; start < keys.length; start += 100) {
    const wanted = new Map(keys.slice(start, start + 100).map((key) => [keyOf(key), key]));
    let left: Item[] = [...wanted.values()].map(({ stream, version }) => ({
      stream: { S: stream },
      version: { N: String(version) },
    }));
    for (let attempt = 0; left.length > 0; attempt += 1) {
      if (attempt === ATTEMPTS) throw new Error(`${left.length} commits could not be read: the table is throttled`);
      if (attempt > 0) await delay(25 * 2 ** (attempt - 1));
      const output = await deps.dynamo.send(
        new BatchGetItemCommand({ RequestItems: { [deps.table]: { Keys: left, ConsistentRead: true } } }),
      );
      for (const item of output.Responses?.[deps.table] ?? []) {
        const commit = commitFromItem(item);
        found.set(keyOf(commit), commit);
      }
      left = output.UnprocessedKeys?.[deps.table]?.Keys ?? [];
    }
  }
  return keys.map((key) => found.get(keyOf(key)));
}

function keyOf({ stream, version }: CommitKey): string {
  return `${stream}@${version}`;
}
