// What the sealing of the log has stored (shared/record/seal), against the tree over its pages: the frontier in the head, full tiles
// and their roots, signed checkpoints, and the latest of them, which sealing goes on from. A log from before it was sealed
// has none of them.
import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../log/batch.ts';
import {
  checkpointPartition,
  HEAD,
  headPartition,
  LATEST,
  positionKey,
  rootKey,
  tileKey,
  tilePartition,
  type LogDeps,
} from '../log/deps.ts';
import { concat, equal } from '../tlog/bytes.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { HASH_BYTES } from '../tlog/hash.ts';
import { parseNote } from '../tlog/note.ts';
import { verifyCheckpoint } from '../tlog/proof.ts';
import { subtreeRoot } from '../tlog/subtree.ts';
import type { LogTree } from './log-tree.ts';
import type { Problems } from './problem.ts';

export interface SealedDeps {
  deps: LogDeps;
  problems: Problems;
  vkey?: string | undefined;
  /** full tiles must be there below this size: that of the last checkpoint; read once */
  sealed?: number;
  /** the item that sealing goes on from; read with it */
  latest?: Item | undefined;
}

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
  run.sealed ??= await lastSealed(run, from);
  const notes = from < run.sealed ? await checkpointsBetween(run.deps, from, to) : [];
  const latest = Number(run.latest?.['size']?.N);
  let done = 0;
  for (const size of sizes(notes, latest > from && latest <= to ? latest : undefined)) {
    await grow(run, tree, leaves.subarray(done, (size - from) * HASH_BYTES));
    done = (size - from) * HASH_BYTES;
    const item = notes.find(({ sk }) => Number(sk!.S) === size);
    if (item) await checkNote(run, tree, { size, note: item['note']?.S ?? '', where: `checkpoint ${size}` });
    if (size === latest) await checkLatest(run, tree, size);
  }
  await grow(run, tree, leaves.subarray(done));
}

/** Sizes at which something was signed, growing. */
const sizes = (notes: readonly Item[], latest: number | undefined): number[] =>
  [...new Set([...notes.map(({ sk }) => Number(sk!.S)), ...(latest === undefined ? [] : [latest])])].toSorted(
    (one, other) => one - other,
  );

/** Grows the tree; the tiles that became full by it must be stored as they are, below the last checkpoint. */
async function grow(run: SealedDeps, tree: LogTree, leaves: Uint8Array): Promise<void> {
  if (leaves.length === 0) return;
  for (const { level, index, hashes } of tree.append(leaves)) {
    const position = index * 256 ** (level + 1);
    if (position + 256 ** (level + 1) > run.sealed!) continue;
    const where = `tile ${level}/${index}`;
    const pk = tilePartition(run.deps.tenant);
    const tile = (await get(run.deps, pk, tileKey(level, index)))?.['hashes']?.B;
    if (!tile) {
      run.problems.add({ kind: 'missing', where, position, message: 'the full tile is not there' });
    } else if (!equal(tile, hashes)) {
      const at = position + firstDifference(tile, hashes) * 256 ** level;
      run.problems.add({ kind: 'altered', where, position: at, message: 'its hash is not that of the pages' });
    }
    const root = (await get(run.deps, pk, rootKey(level, index)))?.['hash']?.B;
    if (!root || !equal(root, subtreeRoot(hashes))) {
      const message = root ? 'it is not that of the pages' : 'it is not there';
      run.problems.add({ kind: root ? 'altered' : 'missing', where: `root of ${where}`, position, message });
    }
  }
}

/** The first of the hashes that is another; the last when only the end differs. */
function firstDifference(some: Uint8Array, other: Uint8Array): number {
  const hash = (all: Uint8Array, n: number): Uint8Array => all.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES);
  const at = Array.from({ length: 256 }, (_, n) => n).find((n) => !equal(hash(some, n), hash(other, n)));
  return at ?? 255;
}

async function checkNote(
  { problems, vkey, latest }: SealedDeps,
  tree: LogTree,
  { size, note, where }: { size: number; note: string; where: string },
): Promise<void> {
  const key = vkey ?? latest?.['vkey']?.S;
  try {
    if (key !== undefined) await verifyCheckpoint(note, { log: key });
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

const LATEST_NAME = 'the latest checkpoint';

/** What sealing goes on from: signed, and with the frontier of the tree. */
async function checkLatest(run: SealedDeps, tree: LogTree, size: number): Promise<void> {
  const { latest, problems, vkey } = run;
  if (vkey !== undefined && latest?.['vkey']?.S !== vkey) {
    problems.add({ kind: 'altered', where: LATEST_NAME, message: `it names the key ${latest?.['vkey']?.S}` });
  }
  await checkNote(run, tree, { size, note: latest?.['note']?.S ?? '', where: LATEST_NAME });
  const stored = latest?.['frontier']?.L?.map(({ B }) => B ?? new Uint8Array()) ?? [];
  if (!tree.hasFrontier(concat(...stored))) {
    problems.add({
      kind: 'altered',
      where: LATEST_NAME,
      message: 'its frontier is not that of the pages: sealing refuses to go on',
    });
  }
}

/** @param from where the walk along the log begins: what is wrong with the latest checkpoint is told at its start only */
async function lastSealed(run: SealedDeps, from: number): Promise<number> {
  const [last] = await query(run.deps, ':from', '0', '999999999999', false, 1);
  const sealed = last ? Number(last['sk']!.S) : 0;
  run.latest = await get(run.deps, checkpointPartition(run.deps.tenant), LATEST);
  const latest = Number(run.latest?.['size']?.N ?? 0);
  if (latest < sealed && from === 0) {
    run.problems.add({
      kind: run.latest ? 'altered' : 'missing',
      where: LATEST_NAME,
      message: run.latest
        ? `it says ${latest} events, and ${sealed} were signed`
        : `it is not there, and ${sealed} events were signed: sealing refuses to go on`,
    });
  }
  return sealed;
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

async function get(deps: LogDeps, pk: string, sk: string): Promise<Item | undefined> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.log, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }),
  );
  return Item;
}
