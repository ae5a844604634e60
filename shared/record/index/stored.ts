// Full blocks of the index in the LOG table: written once, never changed, and the same whoever writes them. A block is one item, or, when
// it has many keys, one with the roots of its chunks (all keys that begin with the same bits) and the chunks beside it: so a proof reads
// two items a block, and what is written is close to what there is to write.
import {
  PutItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { DaochaError } from '../../../events/errors.ts';
import { batchPut, type Item } from '../log/batch.ts';
import { mapPartition, positionKey, type LogDeps } from '../log/deps.ts';
import { concat, equal } from '../tlog/bytes.ts';
import { HASH_BYTES } from '../tlog/hash.ts';
import { keyBytes, proveIn, trieRoot, type Block, type BlockEntry } from './block.ts';
import { EMPTY_BLOCK, KEY_BYTES, type BlockProof, type IndexStretch } from './proof.ts';

/** A block is not there, or is not what it was. `daocha audit check` names what differs. */
export class IndexDamaged extends DaochaError {
  constructor({ level, index, from, to }: IndexStretch, what: string) {
    super('index-damaged', 500, `block ${level}/${index} of the index, positions ${from} … ${to - 1}: ${what}`, {
      facts: { level, index },
    });
  }
}

/** Keys that one item has at most, and that a chunk has about. */
const ONE_ITEM = 1024;
const CHUNK = 512;
/** Bytes of an item, well below the 400 KB that it may have. */
const PART = 200 * 1024;
const MOST_BITS = 16;

const blockKey = ({ level, index }: IndexStretch): string => `block/${level}/${positionKey(index)}`;
const chunkKey = ({ level, index }: IndexStretch, chunk?: number): string =>
  `chunk/${level}/${positionKey(index)}/${chunk === undefined ? '' : `${String(chunk).padStart(5, '0')}/`}`;
const BUILT = 'built';

const itemKey = (deps: Pick<LogDeps, 'tenant'>, sk: string): Item => ({
  pk: { S: mapPartition(deps.tenant) },
  sk: { S: sk },
});

const chunkBits = (keys: number): number =>
  keys <= ONE_ITEM ? 0 : Math.min(MOST_BITS, Math.ceil(Math.log2(keys / CHUNK)));
const chunkOf = (key: string, bits: number): number => ((key.charCodeAt(0) << 8) | key.charCodeAt(1)) >> (16 - bits);

/** Everything that is stored of a block. */
export function itemsOf(deps: Pick<LogDeps, 'tenant'>, stretch: IndexStretch, block: Block): Item[] {
  const bits = chunkBits(block.length);
  const head = { ...itemKey(deps, blockKey(stretch)), bits: { N: String(bits) } };
  if (bits === 0) {
    const entries = encodeEntries(block, stretch.from);
    return [
      { ...head, root: { B: trieRoot(block) }, ...(entries.length <= PART && { entries: { B: entries } }) },
      ...(entries.length <= PART ? [] : partsOf(deps, chunkKey(stretch, 0), entries)),
    ];
  }
  const roots = new Uint8Array(HASH_BYTES * 2 ** bits);
  const items: Item[] = [];
  for (let from = 0; from < block.length;) {
    const chunk = chunkOf(block[from]!.key, bits);
    let to = from + 1;
    while (to < block.length && chunkOf(block[to]!.key, bits) === chunk) to += 1;
    roots.set(trieRoot(block, from, to), chunk * HASH_BYTES);
    items.push(...partsOf(deps, chunkKey(stretch, chunk), encodeEntries(block.slice(from, to), stretch.from)));
    from = to;
  }
  return [{ ...head, root: { B: trieRoot(stumpsOf(roots, bits)) }, roots: { B: roots } }, ...items];
}

const partsOf = (deps: Pick<LogDeps, 'tenant'>, sk: string, bytes: Uint8Array): Item[] =>
  Array.from({ length: Math.ceil(bytes.length / PART) }, (_, n) => ({
    ...itemKey(deps, `${sk}${String(n).padStart(3, '0')}`),
    entries: { B: bytes.slice(n * PART, (n + 1) * PART) },
  }));

/** The chunks that are not empty, as what a trie stands on. */
const stumpsOf = (roots: Uint8Array, bits: number): { key: string; hash: Uint8Array; chunk: number }[] =>
  Array.from({ length: 2 ** bits }, (_, chunk) => {
    const first = chunk << (16 - bits);
    const key = String.fromCharCode(first >> 8, first & 0xff).padEnd(KEY_BYTES, '\0');
    return { key, hash: roots.slice(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES), chunk };
  }).filter(({ hash }) => !equal(hash, EMPTY_BLOCK));

/** Writes a full block. */
export const writeBlock = (deps: LogDeps, stretch: IndexStretch, block: Block): Promise<void> =>
  batchPut(deps.dynamo, deps.log, itemsOf(deps, stretch, block), deps.backoff);

async function readItem(deps: LogDeps, sk: string): Promise<Item | undefined> {
  const { Item } = await deps.dynamo.send(
    new GetItemCommand({ TableName: deps.log, Key: itemKey(deps, sk), ConsistentRead: true }),
  );
  return Item;
}

interface Head {
  root: Uint8Array;
  bits: number;
  roots?: Uint8Array | undefined;
  entries?: Uint8Array | undefined;
}

/** What stands first of each block, in order. @throws IndexDamaged when one is not there, or is cut off */
export async function readHeads(deps: LogDeps, stretches: readonly IndexStretch[]): Promise<Head[]> {
  const found = await Promise.all(stretches.map((one) => readItem(deps, blockKey(one))));
  return stretches.map((stretch, n) => {
    const item = found[n];
    if (!item) throw new IndexDamaged(stretch, 'it is not there');
    const bits = Number(item['bits']?.N);
    const [root, roots, entries] = ['root', 'roots', 'entries'].map((name) => item[name]?.B);
    const fits = Number.isInteger(bits) && bits >= 0 && bits <= MOST_BITS;
    if (!fits || root?.length !== HASH_BYTES || (bits > 0 && roots?.length !== HASH_BYTES * 2 ** bits)) {
      throw new IndexDamaged(stretch, 'what is stored first is no block');
    }
    return { root, bits, roots, entries };
  });
}

async function chunkItems(deps: LogDeps, prefix: string): Promise<Item[]> {
  const all: Item[] = [];
  let start: Item | undefined;
  do {
    const page: QueryCommandOutput = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.log,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :chunk)',
        ExpressionAttributeValues: { ':pk': { S: mapPartition(deps.tenant) }, ':chunk': { S: prefix } },
        ConsistentRead: true,
        Limit: 100,
        ExclusiveStartKey: start,
      }),
    );
    all.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  return all;
}

/** The entries of a block, or of one of its chunks. */
async function readEntries(deps: LogDeps, stretch: IndexStretch, head: Head, chunk?: number): Promise<Block> {
  if (head.entries) return decodeEntries(head.entries, stretch);
  // a chunk ends where its last part does
  const byChunk = Map.groupBy(await chunkItems(deps, chunkKey(stretch, chunk)), (item) => item['sk']!.S!.slice(0, -4));
  return [...byChunk.values()].flatMap((parts) =>
    decodeEntries(concat(...parts.map((item) => item['entries']?.B ?? new Uint8Array())), stretch),
  );
}

/** Everything that is there of a block, whatever it is. */
export async function storedItems(deps: LogDeps, stretch: IndexStretch): Promise<Item[]> {
  const head = await readItem(deps, blockKey(stretch));
  return [...(head ? [head] : []), ...(await chunkItems(deps, chunkKey(stretch)))];
}

/** A whole block. @throws IndexDamaged */
export async function readBlock(deps: LogDeps, stretch: IndexStretch): Promise<Block> {
  const [head] = await readHeads(deps, [stretch]);
  return readEntries(deps, stretch, head!);
}

/** A block's part of the proof of a key. @throws IndexDamaged */
export async function proveStored(deps: LogDeps, stretch: IndexStretch, head: Head, key: string): Promise<BlockProof> {
  if (head.bits === 0) return proveIn(await readEntries(deps, stretch, head), key);
  const stumps = stumpsOf(head.roots!, head.bits);
  const met = stumps[pathOfChunk(stumps, key)]!;
  const entries: (BlockEntry | (typeof stumps)[number])[] = await readEntries(deps, stretch, head, met.chunk);
  if (entries.length === 0) throw new IndexDamaged(stretch, `chunk ${met.chunk} is not there`);
  return proveIn(
    stumps.flatMap((stump) => (stump === met ? entries : [stump])),
    key,
  );
}

/** Which chunk a key comes to, which is its own unless that is empty: keys of other chunks differ in the first bits already. */
function pathOfChunk(stumps: readonly { key: string }[], key: string): number {
  let [from, to] = [0, stumps.length];
  const bytes = keyBytes(key);
  while (to - from > 1) {
    const [low, high] = [keyBytes(stumps[from]!.key), keyBytes(stumps[to - 1]!.key)];
    const bit = Array.from({ length: MOST_BITS }, (_, n) => n).find((n) => bitIn(low, n) !== bitIn(high, n))!;
    const split = stumps.findIndex((stump, n) => n > from && n < to && bitIn(keyBytes(stump.key), bit) === 1);
    if (bitIn(bytes, bit) === 1) from = split;
    else to = split;
  }
  return from;
}
const bitIn = (key: Uint8Array, bit: number): number => (key[bit >> 3]! >> (7 - (bit & 7))) & 1;

/** 16 bytes of key, number of positions, the first less the block's own, then how much each is more than the one before. */
function encodeEntries(entries: readonly BlockEntry[], first: number): Uint8Array {
  const bytes: number[] = [];
  const number = (value: number): void => {
    for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
    bytes.push(value);
  };
  for (const { key, positions } of entries) {
    for (let n = 0; n < KEY_BYTES; n++) bytes.push(key.charCodeAt(n));
    number(positions.length);
    let before = first;
    for (const position of positions) {
      number(position - before);
      before = position;
    }
  }
  return Uint8Array.from(bytes);
}

/** @throws IndexDamaged for what is no list of entries in order */
function decodeEntries(bytes: Uint8Array, stretch: IndexStretch): Block {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || factor > 2 ** 42) throw new IndexDamaged(stretch, 'its entries are cut off');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const entries: Block = [];
  while (at < bytes.length) {
    const key = Buffer.from(bytes.subarray(at, (at += KEY_BYTES))).toString('latin1');
    const count = number();
    if (key.length < KEY_BYTES || count > stretch.to - stretch.from)
      throw new IndexDamaged(stretch, 'its entries are cut off');
    const positions: number[] = [];
    let before = stretch.from;
    for (let n = 0; n < count; n++) positions.push((before += number()));
    const last = entries.at(-1);
    if (last && last.key >= key) throw new IndexDamaged(stretch, 'its keys are not in order');
    entries.push({ key, positions });
  }
  return entries;
}

/** Up to which position all blocks are written. */
export async function readBuilt(deps: LogDeps): Promise<number> {
  return Number((await readItem(deps, BUILT))?.['size']?.N ?? 0);
}

/** Never backwards. */
export async function saveBuilt(deps: LogDeps, size: number): Promise<void> {
  try {
    await deps.dynamo.send(
      new PutItemCommand({
        TableName: deps.log,
        Item: { ...itemKey(deps, BUILT), size: { N: String(size) } },
        ConditionExpression: 'attribute_not_exists(pk) OR #size < :size',
        ExpressionAttributeNames: { '#size': 'size' },
        ExpressionAttributeValues: { ':size': { N: String(size) } },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
