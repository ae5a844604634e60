// Event source mappings that run only when told, one after the other, until nothing is left to do: for simulations, whose outcome must not
// depend on which function happens to be faster. The functions, their order and what they are given are those of the template; the
// difference to following.ts is who says when.

import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record,
} from '@aws-sdk/client-dynamodb-streams';
import type { Following } from './following.ts';
import type { Invoker } from './functions.ts';
import type { LocalSchedule } from './model.ts';
import { startSchedules } from './schedules.ts';
import { lambdaRecord } from './stream-record.ts';
import type { Mapping } from './streams.ts';

export interface Stepping {
  /** Runs every mapping until none finds anything new. @throws what a function throws: nothing is tried again in silence */
  step: () => Promise<void>;
  /** schedules are fired by whoever moves the clock; nothing runs on its own */
  following: Following;
}

export interface SteppingOptions {
  mappings: readonly Mapping[];
  schedules: readonly LocalSchedule[];
  streams: DynamoDBStreamsClient;
  invoke: Invoker;
  now: () => Date;
  note: (message: string) => void;
}

/** A rule that answers itself for ever would never end a step. */
const ROUNDS = 100;

export function makeStepping(options: SteppingOptions): Stepping {
  const { mappings, streams, invoke, now, note } = options;
  const named = mappings.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  // The sequencer is told what is new; who follows the log looks for itself.
  const sequencers = named.filter(({ table }) => table === 'events').map((mapping) => readerOf(streams, mapping));
  // What gathers for a while before it is called is called once a step, when nothing comes any more: the sealer would wait, by the real
  // time, for its next checkpoint to be due, while the virtual clock stands still.
  const gathering = named.filter(({ table, batchingWindow }) => table !== 'events' && batchingWindow > 0);
  const followers = named.filter(({ table, batchingWindow }) => table !== 'events' && batchingWindow === 0);
  const timed = options.schedules.filter(({ cron }) => cron !== undefined);
  const scheduled = startSchedules(timed, invoke, note, { now, virtual: true, existed: false });
  return {
    following: {
      states: async () => ({ mappings: [], schedules: scheduled.states() }),
      fire: (fn, name) => scheduled.fire(fn, name),
      wake: () => {},
      call: async (fn, event) => void (await invoke(fn, event)),
      stop: () => scheduled.stop(),
    },
    async step() {
      for (let round = 1; round <= ROUNDS; round++) {
        let records = 0;
        for (const { mapping, read } of sequencers) {
          const fresh = await read();
          records += fresh.length;
          if (fresh.length === 0) continue;
          await invoke(mapping.function, { Records: fresh.map((record) => lambdaRecord(record, mapping.streamArn)) });
        }
        // Nothing recorded: whoever follows the log has seen all of it in the round before.
        if (records === 0) {
          if (round > 1) for (const { function: name } of gathering) await invoke(name, { Records: [] });
          return;
        }
        for (const { function: name } of followers) await invoke(name, { Records: [] });
      }
      throw new Error(`something goes on writing: ${ROUNDS} rounds did not come to an end`);
    },
  };
}

interface Reader {
  mapping: Mapping;
  /** What has been written since the last call, in the order of each shard. */
  read: () => Promise<_Record[]>;
}

function readerOf(streams: DynamoDBStreamsClient, mapping: Mapping): Reader {
  const { streamArn } = mapping;
  const iterators = new Map<string, string | undefined>();
  const discover = async (): Promise<void> => {
    let after: string | undefined;
    do {
      const { StreamDescription: page } = await streams.send(
        new DescribeStreamCommand({ StreamArn: streamArn, ...(after && { ExclusiveStartShardId: after }) }),
      );
      for (const { ShardId } of page?.Shards ?? []) {
        if (!ShardId || iterators.has(ShardId)) continue;
        const start = { StreamArn: streamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
        iterators.set(ShardId, (await streams.send(new GetShardIteratorCommand(start))).ShardIterator);
      }
      after = page?.LastEvaluatedShardId;
    } while (after !== undefined);
  };
  return {
    mapping,
    async read() {
      await discover();
      const found: _Record[] = [];
      for (const [shard, first] of iterators) {
        let iterator = first;
        while (iterator !== undefined) {
          const { Records = [], NextShardIterator } = await streams.send(
            new GetRecordsCommand({ ShardIterator: iterator, Limit: 1000 }),
          );
          found.push(...Records);
          iterator = NextShardIterator;
          if (Records.length === 0) break;
        }
        iterators.set(shard, iterator);
      }
      return found;
    },
  };
}
