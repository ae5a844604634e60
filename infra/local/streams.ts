// Event source mappings on one machine: reads the stream of a table shard by shard, parents before children, and calls the
// function with what the template declares: batch size, filters, retries, bisecting, and a destination for what failed.
// At least once, in order per item, as on AWS. Polls fast while there is work or a hint of it, and seldom when idle.

import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { isBehind } from '../../functions/runtime/follower.ts';
import type { Checkpoints, ShardCheckpoint } from './checkpoints.ts';
import { type Delivery, deliver, type DeliverySettings } from './delivery.ts';
import { matches, type Pattern } from './event-filter.ts';
import { lambdaRecord } from './stream-record.ts';

export interface Mapping extends DeliverySettings {
  /** Unique and stable: the checkpoint's name, e.g. `events-sequence`. */
  name: string;
  function: string;
  /** Role of the table, e.g. `events`. */
  table: string;
  streamArn: string;
  /** Seconds to gather a batch for; 0: hand over at once. */
  batchingWindow: number;
  filters: Pattern[];
}

export interface TailOptions {
  streams: DynamoDBStreamsClient;
  mapping: Mapping;
  checkpoints: Checkpoints;
  /** Calls the function; rejects when it failed. */
  invoke: (event: DynamoDBStreamEvent) => Promise<unknown>;
  /** Given what the function could not handle. */
  deadLetter: Delivery['deadLetter'];
  /** The stream may have forgotten records that were not handled: look through the table itself. */
  onLost?: (mapping: Mapping, reason: string) => Promise<void> | void;
  /** The table had items before this start, so a missing checkpoint means that something was lost. */
  tableExisted?: boolean;
  warn?: (message: string) => void;
  /** For tests: first pause after a failed call, ms. */
  retryPause?: number;
}

export interface TailState {
  mapping: string;
  delivered: number;
  failures: number;
  /** Failed calls since the last that went well; above 0 it does not advance. */
  failing: number;
  deadLetters: number;
  /** True when the last poll of every shard found nothing. */
  idle: boolean;
  lastError?: string;
  /** When that was (ISO). */
  lastErrorAt?: string;
}

export interface Tail {
  mapping: Mapping;
  /** A hint that there may be something new: poll soon. */
  wake(): void;
  state(): TailState;
  /** Finishes what is in flight, then ends. */
  stop(): Promise<void>;
}

/** ms: after an empty poll the next one comes no earlier than SHORTEST and no later than LONGEST. */
const SHORTEST = 40;
const LONGEST = 2000;
const REDISCOVER = 30_000;
/** Streams keep 24 h; older than this, a checkpoint may point at what is forgotten. */
const KEPT = 23 * 3600 * 1000;
/** A function is called with at most 6 MB; images are larger as JSON than the size the stream tells. */
const LARGEST_PAYLOAD = 4_000_000;

/** Starts reading. Nothing is awaited: an engine that is away is tried again and again. */
export function startTail(options: TailOptions): Tail {
  const { streams, mapping, checkpoints, warn = () => {} } = options;
  const { streamArn } = mapping;
  const state: TailState = {
    mapping: mapping.name,
    delivered: 0,
    failures: 0,
    failing: 0,
    deadLetters: 0,
    idle: false,
  };
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();
  const idleShards = new Set<string>();
  const sleepers = new Set<() => void>();
  let hinted = 0;

  const sleep = (ms: number, least = 0) =>
    new Promise<void>((done) => {
      if (stopping.signal.aborted) return done();
      const start = performance.now();
      let timer: NodeJS.Timeout;
      const end = () => {
        clearTimeout(timer);
        sleepers.delete(hint);
        stopping.signal.removeEventListener('abort', end);
        done();
      };
      const hint = () => {
        clearTimeout(timer);
        timer = setTimeout(end, Math.max(0, least - (performance.now() - start)));
      };
      timer = setTimeout(end, ms);
      sleepers.add(hint);
      stopping.signal.addEventListener('abort', end);
    });

  const remember = (error: unknown) => {
    state.lastError = error instanceof Error ? error.message : String(error);
    state.lastErrorAt = new Date().toISOString();
  };
  const delivery: Delivery = {
    settings: mapping,
    invoke: async (records) => {
      const answer = await options.invoke({ Records: records });
      state.failing = 0;
      return answer;
    },
    deadLetter: async (records, condition, attempts, error) => {
      state.deadLetters += records.length;
      await options.deadLetter(records, condition, attempts, error);
    },
    failed: (error) => {
      state.failures++;
      state.failing++;
      const said = state.lastError;
      remember(error);
      if (stopping.signal.aborted) return; // ended early, as it was told
      if (isBehind(error)) return; // called again at once
      if (state.failing === 1 || state.lastError !== said)
        warn(`${mapping.name} fails: ${state.lastError}; trying again`);
    },
    pause: (ms) => sleep(ms, ms),
    firstPause: options.retryPause ?? 100,
    stopped: () => stopping.signal.aborted,
  };

  const startIterator = async (shardId: string, from: ShardCheckpoint | undefined) => {
    const after = from?.sequence;
    const answer = await streams.send(
      new GetShardIteratorCommand({
        StreamArn: streamArn,
        ShardId: shardId,
        ...(after === undefined
          ? { ShardIteratorType: 'TRIM_HORIZON' }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after }),
      }),
    );
    return answer.ShardIterator;
  };

  const lost = async (reason: string) => {
    warn(`${mapping.name}: ${reason}; reading from the oldest record there is`);
    await options.onLost?.(mapping, reason);
  };

  /** Reads one shard until it is closed and read to its end, or until the tail stops. */
  const readShard = async (shardId: string) => {
    let at = checkpoints.of(mapping.name, streamArn)[shardId];
    const save = (checkpoint: ShardCheckpoint) => {
      at = checkpoint;
      checkpoints.set(mapping.name, streamArn, shardId, checkpoint);
    };
    const position = () => (at?.sequence === undefined ? {} : { sequence: at.sequence });
    let iterator: string | undefined;
    let empty = 0;
    let touched = 0;
    while (!stopping.signal.aborted) {
      const seen = hinted;
      try {
        iterator ??= await startIterator(shardId, at);
        let answer = await streams.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: limit(mapping) }));
        const records = fresh(answer.Records ?? [], at?.sequence);
        const until = performance.now() + mapping.batchingWindow * 1000;
        while (
          records.length > 0 &&
          records.length < mapping.batchSize &&
          performance.now() < until &&
          answer.NextShardIterator
        ) {
          await sleep(Math.min(100, until - performance.now()), 100);
          if (stopping.signal.aborted) break;
          const command = new GetRecordsCommand({ ShardIterator: answer.NextShardIterator, Limit: limit(mapping) });
          answer = await streams.send(command);
          records.push(...fresh(answer.Records ?? [], at?.sequence));
        }
        if (records.length > 0) {
          idleShards.delete(shardId);
          for (const batch of batches(records, mapping.batchSize)) {
            await handle(batch);
            save({ sequence: batch.at(-1)?.dynamodb?.SequenceNumber ?? '', at: new Date().toISOString() });
          }
          empty = 0;
        } else {
          empty++;
          idleShards.add(shardId);
          if (performance.now() - touched > 60_000) {
            touched = performance.now();
            save({ ...position(), at: new Date().toISOString() });
          }
        }
        iterator = answer.NextShardIterator;
        if (iterator === undefined) {
          save({ ...position(), at: new Date().toISOString(), finished: true });
          return;
        }
        if (records.length >= limit(mapping)) continue;
        // Hints do not say which shard is meant: those that are mostly empty are not polled at every hint.
        const atHint = SHORTEST * 2 ** Math.min(empty, 2);
        if (hinted !== seen) empty = Math.min(empty, 2);
        await sleep(Math.min(LONGEST, SHORTEST * 2 ** Math.min(empty, 8)), atHint);
      } catch (error) {
        if (error === STOPPED) return;
        iterator = undefined;
        const { name, message } = error as Error;
        if (name === 'TrimmedDataAccessException') {
          at = undefined;
          await lost('the stream no longer has the record of its checkpoint');
        } else if (name === 'ResourceNotFoundException') {
          return; // the shard is gone; what it held was read or is reported by the next discovery
        } else if (name !== 'ExpiredIteratorException' && !stopping.signal.aborted) {
          if (state.lastError !== message) warn(`${mapping.name}: cannot read its stream: ${message}`);
          remember(error);
          await sleep(1000, 1000);
        }
      }
    }
  };

  const handle = async (batch: _Record[]) => {
    const records = batch.map((record) => lambdaRecord(record, streamArn));
    const wanted =
      mapping.filters.length === 0
        ? records
        : records.filter((r) => mapping.filters.some((filter) => matches(filter, r)));
    if (wanted.length === 0) return;
    const handled = await deliver(delivery, wanted);
    if (!handled) throw STOPPED;
    state.delivered += wanted.length;
  };

  const discover = async () => {
    const shards = await listShards(streams, streamArn);
    const known = checkpoints.of(mapping.name, streamArn);
    for (const shard of shards) {
      const id = shard.ShardId ?? '';
      if (running.has(id) || known[id]?.finished === true) continue;
      const parent = shard.ParentShardId;
      const parentOpen = shards.some((other) => other.ShardId === parent) && known[parent ?? '']?.finished !== true;
      if (parentOpen) continue;
      const reading = readShard(id).finally(() => {
        running.delete(id);
        idleShards.delete(id);
        for (const sleeper of sleepers) sleeper();
      });
      running.set(id, reading);
    }
  };

  const supervise = async () => {
    const known = checkpoints.of(mapping.name, streamArn);
    const latest = Math.max(...Object.values(known).map((shard) => Date.parse(shard.at)));
    if (Object.keys(known).length === 0) {
      if (options.tableExisted === true) await lost('it has no checkpoint although its table holds data').catch(report);
    } else if (Date.now() - latest > KEPT) {
      await lost('its checkpoint is older than what a stream keeps').catch(report);
    }
    while (!stopping.signal.aborted) {
      await discover().catch(report);
      const open = running.size;
      const until = performance.now() + (open === 0 ? 1000 : REDISCOVER);
      while (performance.now() < until && running.size >= open && !stopping.signal.aborted) {
        await sleep(until - performance.now(), 250);
      }
    }
  };

  const report = (error: unknown) => {
    remember(error);
    if (!stopping.signal.aborted) warn(`${mapping.name}: ${state.lastError}`);
  };

  const supervising = supervise();
  return {
    mapping,
    wake() {
      hinted++;
      for (const sleeper of sleepers) sleeper();
    },
    state: () => ({ ...state, idle: running.size > 0 && idleShards.size === running.size }),
    async stop() {
      stopping.abort();
      await supervising;
      await Promise.allSettled(running.values());
    },
  };
}

const STOPPED = new Error('the tail was stopped before the batch was handled');

const limit = (mapping: Mapping) => Math.min(1000, mapping.batchSize);

/** Drops what was handled already. Sequence numbers are decimal numbers of up to 40 digits, not strings. */
function fresh(records: _Record[], after: string | undefined): _Record[] {
  if (after === undefined || after === '') return [...records];
  const last = BigInt(after);
  return records.filter((record) => BigInt(record.dynamodb?.SequenceNumber ?? 0) > last);
}

function* batches(records: _Record[], size: number): Generator<_Record[]> {
  let batch: _Record[] = [];
  let bytes = 0;
  for (const record of records) {
    const more = record.dynamodb?.SizeBytes ?? 0;
    if (batch.length === size || (batch.length > 0 && bytes + more > LARGEST_PAYLOAD)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}

async function listShards(streams: DynamoDBStreamsClient, streamArn: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let after: string | undefined;
  do {
    const { StreamDescription: page } = await streams.send(
      new DescribeStreamCommand({
        StreamArn: streamArn,
        ...(after === undefined ? {} : { ExclusiveStartShardId: after }),
      }),
    );
    shards.push(...(page?.Shards ?? []));
    after = page?.LastEvaluatedShardId;
  } while (after !== undefined);
  return shards;
}

export type { DynamoDBRecord };
