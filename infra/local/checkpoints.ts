// How far each event source mapping has read each shard, kept in one file that is replaced as a whole. It is written a
// little later than the work is done, so that after a kill some records are delivered again: handlers are idempotent.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface ShardCheckpoint {
  /** Sequence number of the last record handled; undefined when none was yet. */
  sequence?: string;
  /** When the mapping was last known to have read everything up to here (ISO): the stream forgets after 24 h. */
  at: string;
  /** The shard is closed and read to its end. */
  finished?: boolean;
}

interface MappingCheckpoint {
  streamArn: string;
  shards: Record<string, ShardCheckpoint>;
}

export interface Checkpoints {
  /** The mapping's shards; empty when it never read this stream (a table made again has another stream). */
  of(mapping: string, streamArn: string): Record<string, ShardCheckpoint>;
  set(mapping: string, streamArn: string, shard: string, checkpoint: ShardCheckpoint): void;
  /** Writes now what is not written yet, and stops the timer. */
  close(): void;
}

const WRITE_AFTER = 500; // ms
const AGAIN_AFTER = 5000; // ms, while the disk is full

/** Whether there is no room left on the disk, or none for this user. */
export const diskIsFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');

/** @param file undefined: kept in memory only */
export function openCheckpoints(file: string | undefined): Checkpoints {
  const state = file === undefined ? {} : read(file);
  let timer: NodeJS.Timeout | undefined;
  const write = () => {
    timer = undefined;
    if (file === undefined) return;
    try {
      writeFileSync(`${file}.new`, JSON.stringify(state, null, 1));
      renameSync(`${file}.new`, file);
    } catch (error) {
      // A full disk ends nothing: an older file only means that records come again. Written when there is room.
      if (!diskIsFull(error)) throw error;
      timer = setTimeout(write, AGAIN_AFTER);
      timer.unref();
    }
  };
  return {
    of: (mapping, streamArn) => {
      const known = state[mapping];
      return known?.streamArn === streamArn ? known.shards : {};
    },
    set(mapping, streamArn, shard, checkpoint) {
      let entry = state[mapping];
      if (entry?.streamArn !== streamArn) state[mapping] = entry = { streamArn, shards: {} };
      entry.shards[shard] = checkpoint;
      timer ??= setTimeout(write, WRITE_AFTER);
    },
    close() {
      if (timer === undefined) return;
      clearTimeout(timer);
      write();
    },
  };
}

function read(file: string): Record<string, MappingCheckpoint> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, MappingCheckpoint>;
  } catch {
    return {}; // none yet, or unreadable: the mappings start again from the oldest record
  }
}
