// What the sealing of the log has stored, against the tree over its pages: the frontier in the head, full tiles, signed
// checkpoints. A log from before it was sealed has none of them.
import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../log/batch.ts';
import { HEAD, headPartition, positionKey, type LogDeps } from '../log/deps.ts';
import { concat, equal } from '../tlog/bytes.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { HASH_BYTES } from '../tlog/hash.ts';
import { parseNote } from '../tlog/note.ts';
import { verifyCheckpoint } from '../tlog/proof.ts';
import type { LogTree } from './log-tree.ts';
import type { Problems } from './problem.ts';

export interface SealedDeps {
  deps: LogDeps;
  problems: Problems;
  vkey?: string | undefined;
  /** full tiles must be there below this size: that of the last checkpoint; read once */
  sealed?: number;
}

const checkpointPartition = (tenant: string): string => `${tenant}#checkpoint`;
const tilePartition = (tenant: string): string => `${tenant}#tile`;

/** The head's size; once the log has been walked, its frontier against that of the tree. */
export async function checkHead(run: SealedDeps, tree?: LogTree): Promise<{ size: number }> {
  const { deps, problems } = run;
  const item = await get(deps, headPartition(deps.tenant), HEAD);
  const size = Number(item?.['size']?.N ?? 0);
  const frontier = item?.['frontier']?.L;
  if (
    tree &&
    frontier &&
    size === tree.size &&
    !tree.hasFrontier(concat(...frontier.map(({ B }) => B ?? new Uint8Array())))
  ) {
    problems.add({
      kind: 'altered',
      where: 'head',
      message: 'its frontier is not that of the pages: new checkpoints would fork',
    });
  }
  return { size };
}

/** Grows the tree by the leaves of a page; checks the tiles that became full, and the checkpoints signed within the page. */
export async function checkSealed(run: SealedDeps, tree: LogTree, leaves: Uint8Array): Promise<void> {
  const from = tree.size;
  const to = from + leaves.length / HASH_BYTES;
  run.sealed ??= await lastSealed(run.deps);
  let done = 0;
  for (const item of from < run.sealed ? await checkpointsBetween(run.deps, from, to) : []) {
    const size = Number(item['sk']!.S);
    await grow(run, tree, leaves.subarray(done, (size - from) * HASH_BYTES));
    done = (size - from) * HASH_BYTES;
    await checkNote(run, tree, size, item['note']?.S ?? '');
  }
  await grow(run, tree, leaves.subarray(done));
}

async function grow(run: SealedDeps, tree: LogTree, leaves: Uint8Array): Promise<void> {
  if (leaves.length === 0) return;
  for (const { level, index, hashes } of tree.append(leaves)) {
    const from = index * 256 ** (level + 1);
    if (from + 256 ** (level + 1) > run.sealed!) continue;
    const items = await tileItems(run.deps, level, index);
    const where = `tile ${level}/${index}`;
    const stored = items?.['hashes']?.B;
    if (!stored) {
      run.problems.add({ kind: 'missing', where, position: from, message: 'the full tile is not there' });
    } else if (!equal(stored, hashes)) {
      const at = Array.from({ length: 256 }, (_, n) => n).find(
        (n) =>
          !equal(
            stored.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES),
            hashes.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES),
          ),
      );
      const position = from + (at ?? 0) * 256 ** level;
      run.problems.add({ kind: 'altered', where, position, message: 'its hash is not that of the pages' });
    }
  }
}

async function checkNote({ problems, vkey }: SealedDeps, tree: LogTree, size: number, note: string): Promise<void> {
  const where = `checkpoint ${size}`;
  try {
    if (vkey !== undefined) await verifyCheckpoint(note, { log: vkey });
    const stated = parseCheckpoint(parseNote(note).text);
    if (stated.size !== size) {
      problems.add({ kind: 'altered', where, message: `it is signed for ${stated.size} events` });
    } else if (!equal(stated.root, tree.root())) {
      problems.add({
        kind: 'forked',
        where,
        position: size - 1,
        message: `the log up to position ${size - 1} is not the one that was signed`,
      });
    }
  } catch (error) {
    problems.add({ kind: 'altered', where, message: (error as Error).message });
  }
}

async function lastSealed(deps: LogDeps): Promise<number> {
  const [last] = await query(deps, ':from', '0', '999999999999', false, 1);
  return last ? Number(last['sk']!.S) : 0;
}

/** Checkpoints of sizes in (from, to]. */
async function checkpointsBetween(deps: LogDeps, from: number, to: number): Promise<Item[]> {
  const found: Item[] = [];
  for (let after = from; after < to;) {
    const items = await query(deps, ':from', positionKey(after + 1), positionKey(to), true, 100);
    found.push(...items);
    if (items.length < 100) break;
    after = Number(items.at(-1)!['sk']!.S);
  }
  return found;
}

async function query(
  deps: LogDeps,
  name: string,
  from: string,
  to: string,
  forward: boolean,
  limit: number,
): Promise<Item[]> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: `pk = :pk AND sk BETWEEN ${name} AND :to`,
      ExpressionAttributeValues: {
        ':pk': { S: checkpointPartition(deps.tenant) },
        [name]: { S: from },
        ':to': { S: to },
      },
      ConsistentRead: true,
      ScanIndexForward: forward,
      Limit: limit,
    }),
  );
  return Items;
}

const tileItems = (deps: LogDeps, level: number, index: number): Promise<Item | undefined> =>
  get(deps, tilePartition(deps.tenant), `${level}/${positionKey(index)}`);

async function get(deps: LogDeps, pk: string, sk: string): Promise<Item | undefined> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.log, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }),
  );
  return Item;
}
