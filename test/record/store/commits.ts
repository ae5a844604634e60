// Commits for tests of the store, which knows bytes and keys and no rules: the events are any bytes.
import { NO_COMMIT, type CommitKey } from '../../../shared/record/store/commit.ts';
import type { NewCommit } from '../../../shared/record/store/store.ts';

export const bytes = (size: number, fill = 'x'): Uint8Array => new TextEncoder().encode(fill.repeat(size));

/** A commit of one small event to `liantang#hazard#h_1` at version 1, by default. */
export function newCommit(more: Partial<NewCommit> = {}): NewCommit {
  return {
    stream: 'liantang#hazard#h_1',
    version: 1,
    events: [bytes(20)],
    command: 'c-1',
    request: 'r-1',
    person: 'p-1',
    recordedAt: '2025-05-08T02:00:00.000Z',
    prev: NO_COMMIT,
    ...more,
  };
}

/** One small commit to each of a number of streams. */
export function spanning(streams: number, more: Partial<NewCommit> = {}): NewCommit[] {
  return Array.from({ length: streams }, (_, n) => newCommit({ stream: `liantang#hazard#h_${n}`, ...more }));
}

export const keyOf = ({ stream, version }: CommitKey): CommitKey => ({ stream, version });
