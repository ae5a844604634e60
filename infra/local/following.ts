// Runs the event source mappings and the schedules of the template: one tail for each mapping, the checkpoints they share,
// hints from one table to the next, and the file for what a function could not handle.

import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBehind } from '../../functions/runtime/follower.ts';
import { diskIsFull, openCheckpoints } from './checkpoints.ts';
import type { DeadLetterCondition } from './delivery.ts';
import { atMost, type Invoker } from './functions.ts';
import type { LocalSchedule } from './model.ts';
import { type ScheduleState, startSchedules, type ScheduleTimes } from './schedules.ts';
import { type Mapping, startTail, type Tail, type TailState } from './streams.ts';
import type { LocalTable } from './tables.ts';

export interface FollowingState {
  mappings: TailState[];
  schedules: ScheduleState[];
}

export interface Following {
  states(): Promise<FollowingState>;
  /** Runs the schedules of a function now, or only the named one. @throws what it throws */
  fire(fn: string, name?: string): Promise<void>;
  /** Calls a function that is not called by a mapping or a schedule here. @throws what it throws */
  call(fn: string, event: unknown): Promise<void>;
  /** A hint that the table of this role was written to. */
  wake(table: string): void;
  /** Finishes what is in flight and writes the checkpoints. */
  stop(): Promise<void>;
}

export interface FollowAllOptions {
  mappings: readonly Mapping[];
  schedules: readonly LocalSchedule[];
  times: Pick<ScheduleTimes, 'now' | 'virtual'>;
  tables: readonly LocalTable[];
  streams: DynamoDBStreamsClient;
  invoke: Invoker;
  /** For checkpoints and dead letters. */
  directory: string;
  /** Checkpoints are not kept. */
  memory: boolean;
  note: (message: string) => void;
  /** Looks through the events table itself. */
  sweep: () => Promise<void>;
}

export function followAll({
  mappings,
  schedules,
  times,
  tables,
  streams,
  invoke,
  directory,
  memory,
  note,
  sweep,
}: FollowAllOptions): Following {
  const checkpoints = openCheckpoints(memory ? undefined : join(directory, 'checkpoints.json'));
  const tails: Tail[] = [];
  let stopping = false;
  const wake = (table: string) => {
    for (const tail of tails) if (tail.mapping.table === table) tail.wake();
  };
  for (const mapping of mappings) {
    // One call at a time for each function: on one machine, several would only get in each other's way.
    const call = atMost(1, (event: unknown) => invoke(mapping.function, event));
    const called = async (event: unknown) => {
      const answer = await call(event);
      for (const other of mappings) if (other.table !== mapping.table) wake(other.table);
      return answer;
    };
    // A function that pulls from a checkpoint of its own takes an empty call as "look whether there is something".
    const nudge = async (): Promise<void> => {
      try {
        await called({ Records: [] });
      } catch (error) {
        if (!isBehind(error)) throw error;
        if (!stopping) return nudge();
      }
    };
    tails.push(
      startTail({
        streams,
        mapping,
        checkpoints,
        tableExisted: !memory && tables.some((table) => table.role === mapping.table && table.existed),
        invoke: called,
        warn: note,
        deadLetter(records, condition, attempts, error) {
          const file = join(directory, 'dead-letters.jsonl');
          const letter = JSON.stringify(deadLetter(mapping, records, condition, attempts, error));
          try {
            appendFileSync(file, `${letter}\n`);
          } catch (full) {
            if (!diskIsFull(full)) throw full;
            note(`the disk is full, so this is kept here only: ${letter}`);
          }
          note(
            `${mapping.name}: gave up on ${records.length} record(s) after ${attempts} attempt(s): ${text(error)}. See ${file}`,
          );
        },
        onLost: async () => {
          if (mapping.table === 'events') await sweep();
          await nudge();
        },
      }),
    );
    // What was behind when the platform stopped goes on without waiting for the next event.
    nudge().catch((error: unknown) => note(`${mapping.name}: ${text(error)}`));
  }
  const onSchedule: Invoker = async (fn, event) => {
    const answer = await invoke(fn, event);
    for (const { table } of mappings) wake(table);
    return answer;
  };
  const calls = new Set<Promise<unknown>>();
  const existed = !memory && tables.some((table) => table.role === 'events' && table.existed);
  const scheduled = startSchedules(schedules, onSchedule, note, { ...times, existed });
  return {
    states: async () => ({ mappings: tails.map((tail) => tail.state()), schedules: scheduled.states() }),
    fire: (fn, name) => scheduled.fire(fn, name),
    async call(fn, event) {
      const calling = onSchedule(fn, event);
      calls.add(calling);
      await calling.finally(() => calls.delete(calling));
    },
    wake,
    async stop() {
      stopping = true;
      await Promise.all([...tails.map((tail) => tail.stop()), scheduled.stop(), Promise.allSettled(calls)]);
      checkpoints.close();
    },
  };
}

const text = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The message that Lambda sends to an on-failure destination; `keys` and `error` are ours, to save a look into the stream. */
function deadLetter(
  mapping: Mapping,
  records: readonly DynamoDBRecord[],
  condition: DeadLetterCondition,
  attempts: number,
  error: unknown,
): Record<string, unknown> {
  const time = (record: DynamoDBRecord | undefined) =>
    new Date((record?.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000).toISOString();
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: `arn:aws:lambda:local:000000000000:function:daocha-${mapping.function}`,
      condition,
      approximateInvokeCount: attempts,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      startSequenceNumber: records[0]?.dynamodb?.SequenceNumber,
      endSequenceNumber: records.at(-1)?.dynamodb?.SequenceNumber,
      approximateArrivalOfFirstRecord: time(records[0]),
      approximateArrivalOfLastRecord: time(records.at(-1)),
      batchSize: records.length,
      streamArn: mapping.streamArn,
    },
    error: text(error),
    keys: records.map((record) => record.dynamodb?.Keys),
  };
}
