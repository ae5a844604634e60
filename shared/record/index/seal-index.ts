// Sealing the index: builds the blocks that have become full, and writes the root over the log so far into the log itself. Nothing else
// waits for it. Any number may run at once or die anywhere: blocks are the same whoever writes them, and of two roots for one version of
// the stream one is written. Whoever has the log can make every root again (index-tree.ts): a false one is found.
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { decodeEvent, encodeEvent, definitionOf, type DaochaEvent } from '../../../events/catalogue.ts';
import { streamKey } from '../../../events/envelope.ts';
import type { IndexEvent } from '../../../events/index.ts';
import { subjectsOf } from '../../../events/subjects.ts';
import { NotFound } from '../../../events/errors.ts';
import type { LogDeps } from '../log/deps.ts';
import { readHead } from '../log/head.ts';
import { sequencedAt } from '../log/page.ts';
import { positionOf } from '../log/positions.ts';
import { readLog, walkLog } from '../log/read.ts';
import { commitFromItem, NO_COMMIT, type Commit } from '../store/commit.ts';
import { appendCommits, type StoreDeps } from '../store/store.ts';
import { blockOf, keyText, merged, proveIn, trieRoot, type Block } from './block.ts';
import {
  blockAt,
  blockWidth,
  FANOUT,
  indexRoot,
  SMALLEST,
  stretchesOf,
  verifyIndexProof,
  type IndexProof,
  type IndexStretch,
} from './proof.ts';
import { IndexDamaged, proveStored, readBlock, readBuilt, readHeads, saveBuilt, writeBlock } from './stored.ts';

export const indexStream = (tenant: string): string => streamKey(tenant, 'index', 'index');

/** `writer`: signs for the seals, as for everything that is recorded. */
export type IndexDeps = LogDeps & Pick<StoreDeps, 'writer'>;

export interface IndexSeal {
  size: number;
  /** hex */
  root: string;
  at: string;
}

export interface IndexRun {
  /** what this run has sealed */
  sealed?: IndexSeal;
  /** all blocks below it are written */
  built: number;
  /** whether it came to the end of the log */
  caughtUp: boolean;
  writeUnits: number;
}

/**
 * Seals the index over the log up to its head, if more has come than seals.
 * @param goOn asked before each block; false ends the run
 * @throws EventAltered, LogDamaged, IndexDamaged: nothing is sealed over what is not as it was
 */
export async function sealIndex(deps: IndexDeps, goOn: () => boolean = () => true): Promise<IndexRun> {
  const last = await lastSeal(deps);
  const { size } = await readHead(deps); // after the seal: never shorter than it
  let built = await readBuilt(deps);
  for (; built + SMALLEST <= size; built += SMALLEST) {
    if (!goOn()) return { built, caughtUp: false, writeUnits: 0 };
    await build(deps, built);
    await saveBuilt(deps, built + SMALLEST);
  }
  const run = { built, caughtUp: true, writeUnits: 0 };
  if ((await firstBeside(deps, last?.event.data.size ?? 0, size)) === undefined) return run;
  const at = deps.now().toISOString();
  const sealed = { size, root: Buffer.from(await rootOf(deps, size)).toString('hex'), at };
  const writeUnits = await record(deps, last?.commit, sealed);
  return writeUnits === undefined ? run : { ...run, sealed, writeUnits };
}

/** The block that begins at `from`, and those that are full with it. */
async function build(deps: LogDeps, from: number): Promise<void> {
  await writeBlock(deps, blockAt(0, from / SMALLEST), await blockOfLog(deps, from, from + SMALLEST));
  for (let level = 1; (from + SMALLEST) % blockWidth(level) === 0; level++) {
    const index = (from + SMALLEST) / blockWidth(level) - 1;
    const parts: Block[] = [];
    for (const part of childrenOf(level, index)) parts.push(await readBlock(deps, part));
    await writeBlock(deps, blockAt(level, index), merged(parts));
  }
}

/** The blocks that one is made of. */
export const childrenOf = (level: number, index: number): IndexStretch[] =>
  Array.from({ length: FANOUT }, (_, n) => blockAt(level - 1, index * FANOUT + n));

/** The block of the events in [from, to), by the log. @throws EventAltered, LogDamaged */
export async function blockOfLog(deps: LogDeps, from: number, to: number): Promise<Block> {
  const events = await readLog(deps, from, to - from);
  return blockOf(events.map(({ position, event }) => ({ position, keys: subjectsOf(event).map(keyText) })));
}

/** What the index over the first `size` events consists of: the heads of its full blocks, and what comes after them by the log. */
async function partsOf(deps: LogDeps, size: number) {
  const stretches = stretchesOf(size);
  const full = stretches.filter(({ level }) => level >= 0);
  const heads = await readHeads(deps, full);
  const tail: Block[] = [];
  for (const { from, to } of stretches.slice(full.length)) tail.push(await blockOfLog(deps, from, to));
  return { full, heads, tail };
}

/** The root of the index over the first `size` events. @throws IndexDamaged, EventAltered, LogDamaged */
export async function rootOf(deps: LogDeps, size: number): Promise<Uint8Array> {
  const { heads, tail } = await partsOf(deps, size);
  return indexRoot(size, [...heads.map(({ root }) => root), ...tail.map((block) => trieRoot(block))]);
}

/** The first position in [from, to) that is no seal. */
async function firstBeside(deps: LogDeps, from: number, to: number): Promise<number | undefined> {
  for await (const events of walkLog(deps, from, { batch: 4, until: to })) {
    const other = events.find(({ event }) => event.type !== 'IndexSealed');
    if (other) return other.position;
  }
  return undefined;
}

/** Since when the oldest event has been in the log that no seal is over (ISO); undefined when there is none. */
export async function unindexedSince(deps: LogDeps): Promise<string | undefined> {
  const from = (await lastSeal(deps))?.event.data.size ?? 0;
  const first = await firstBeside(deps, from, (await readHead(deps)).size);
  return first === undefined ? undefined : sequencedAt(deps, first);
}

interface Seal {
  event: IndexEvent;
  commit: Commit;
}

/** The seals, the latest first; whether or not they have a position. */
async function* seals(deps: LogDeps): AsyncGenerator<Seal, void, undefined> {
  for (let before: string | undefined; ;) {
    const { Items = [] } = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.events,
        KeyConditionExpression: '#stream = :stream AND #version < :before',
        ExpressionAttributeNames: { '#stream': 'stream', '#version': 'version' },
        ExpressionAttributeValues: {
          ':stream': { S: indexStream(deps.tenant) },
          ':before': { N: before ?? String(Number.MAX_SAFE_INTEGER) },
        },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: before === undefined ? 3 : 100,
      }),
    );
    for (const commit of Items.map(commitFromItem)) {
      const event = decodeEvent(commit.events[0]!);
      if (event.type === 'IndexSealed') yield { event, commit };
      before = String(commit.version);
    }
    if (Items.length === 0) return;
  }
}

async function lastSeal(deps: LogDeps): Promise<Seal | undefined> {
  for await (const latest of seals(deps)) return latest;
  return undefined;
}

/** Undefined when somebody else was faster. */
async function record(deps: IndexDeps, last: Commit | undefined, data: IndexSeal): Promise<number | undefined> {
  const stream = indexStream(deps.tenant);
  const version = last?.next ?? 1;
  const command = `index-${data.size}`;
  const actor = { person: 'system:index', post: 'index', organisation: 'office' };
  const event: DaochaEvent = {
    id: `index/index/${version}`,
    type: 'IndexSealed',
    schema: definitionOf('IndexSealed').schema,
    tenant: deps.tenant,
    stream,
    version,
    occurredAt: data.at,
    recordedAt: data.at,
    actor,
    source: 'clock',
    ruleSet: 0,
    command,
    data,
  };
  const appended = await appendCommits({ dynamo: deps.dynamo, table: deps.events, writer: deps.writer }, [
    {
      stream,
      version,
      events: [encodeEvent(event)],
      command,
      request: data.root,
      person: actor.person,
      recordedAt: data.at,
      prev: last?.hash ?? NO_COMMIT,
    },
  ]);
  return appended.kind === 'appended' ? appended.writeUnits : undefined;
}

/** A seal of the index that is in the log. */
export interface PlacedSeal extends IndexSeal {
  position: number;
}

/** The latest seal at a position below `size`, by the log, as it stands in the log; undefined when there is none. @throws EventAltered */
export async function sealBelow(deps: LogDeps, size: number): Promise<PlacedSeal | undefined> {
  for await (const { event } of seals(deps)) {
    const position = await positionOf(deps, event.stream, event.version);
    if (position === undefined || position >= size) continue;
    const [logged] = await readLog(deps, position, 1);
    if (logged?.event.type !== 'IndexSealed') throw new IndexDamaged(blockAt(0, 0), `position ${position} is no seal`);
    return { ...logged.event.data, position };
  }
  return undefined;
}

export interface SealedProof extends IndexProof {
  sealed: PlacedSeal;
}

/**
 * All positions of a subject, by the latest seal below `size`, with the proof; verified before it is handed out.
 * @throws NotFound `nothing-indexed`; IndexDamaged, IndexRejected when what is stored is not what was sealed
 */
export async function proveSubject(deps: LogDeps, subject: string, size: number): Promise<SealedProof> {
  const sealed = await sealBelow(deps, size);
  if (!sealed) {
    throw new NotFound('nothing-indexed', 'no index of this log has been sealed yet', {
      expected: 'the same a few minutes later',
    });
  }
  return { ...(await proveBy(deps, subject, sealed)), sealed };
}

/** Read once for the many subjects of one question, which all ask by the same seal. */
const partsBySeal = new WeakMap<IndexSeal, ReturnType<typeof partsOf>>();

/** All positions of a subject by a seal, proved. @throws IndexDamaged, IndexRejected when what is stored is not what was sealed */
export async function proveBy(deps: LogDeps, subject: string, sealed: IndexSeal): Promise<IndexProof> {
  const key = keyText(subject);
  let parts = partsBySeal.get(sealed);
  if (!parts) partsBySeal.set(sealed, (parts = partsOf(deps, sealed.size)));
  const { full, heads, tail } = await parts;
  const blocks = await Promise.all(full.map((stretch, n) => proveStored(deps, stretch, heads[n]!, key)));
  blocks.push(...tail.map((block) => proveIn(block, key)));
  const proof = { subject, size: sealed.size, blocks };
  verifyIndexProof(proof, Buffer.from(sealed.root, 'hex'));
  return proof;
}
