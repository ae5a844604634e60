// Appending and loading: once, whole, in order, refused in advance when too large.
import {
  BatchGetItemCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  commitFromItem,
  itemFromCommit,
  itemSize,
  NO_COMMIT,
  type Commit,
} from '../../../shared/record/store/commit.ts';
import {
  appendCommits,
  getCommits,
  DYNAMO_LIMITS,
  loadStream,
  sealCommits,
  type NewCommit,
  type StoreDeps,
} from '../../../shared/record/store/store.ts';
import { FakeDynamo, itemBytes } from '../../support/fake-dynamo.ts';
import { refusal } from '../../support/given.ts';
import { bytes, keyOf, newCommit, spanning } from './commits.ts';

// The waits between attempts are not worth waiting for.
vi.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }));

let fake: FakeDynamo;
let deps: StoreDeps;
beforeEach(() => {
  fake = new FakeDynamo();
  deps = { dynamo: fake.client, table: 'events' };
});
const stored = (): Commit[] => fake.items('events').map(commitFromItem);

describe('one stream', () => {
  test('a commit is stored as it was given, with the version after it and its hash', async () => {
    const commit = newCommit({ events: [bytes(3), bytes(5)], cause: 'hazard/h_2/3' });
    const outcome = await appendCommits(deps, [commit]);
    expect(outcome).toMatchObject({ kind: 'appended', commits: [{ ...commit, next: 3 }] });
    expect(stored()).toEqual(sealCommits([commit]));
    expect(fake.calls).toEqual(['PutItem']);
  });

  test('a second commit at the same version is a conflict that names the winner, and changes nothing', async () => {
    await appendCommits(deps, [newCommit()]);
    const before = stored();
    const outcome = await appendCommits(deps, [newCommit({ command: 'c-2' })]);
    expect(outcome).toEqual({ kind: 'conflict', winner: before[0] });
    expect(stored()).toEqual(before);
  });

  test('an attempt that meets its own commit, because its answer was lost, has been appended', async () => {
    await appendCommits(deps, [newCommit()]);
    expect(await appendCommits(deps, [newCommit()])).toMatchObject({
      kind: 'appended',
      commits: [{ version: 1 }],
      writeUnits: 0,
    });
    expect(stored()).toHaveLength(1);
  });

  test('the same command with another content does not pass for its own commit', async () => {
    await appendCommits(deps, [newCommit()]);
    expect(await appendCommits(deps, [newCommit({ events: [bytes(20, 'y')] })])).toMatchObject({ kind: 'conflict' });
  });
});

describe('several streams', () => {
  test('are written together, each part naming all of them', async () => {
    const commits = spanning(3);
    expect(await appendCommits(deps, commits)).toMatchObject({ kind: 'appended' });
    expect(fake.calls).toEqual(['TransactWriteItems']);
    expect(stored().map(({ parts }) => parts)).toEqual(commits.map(() => commits.map(keyOf)));
  });

  test('are written whole or not at all', async () => {
    await appendCommits(deps, [newCommit({ stream: 'liantang#hazard#h_1', command: 'other' })]);
    expect(await appendCommits(deps, spanning(3))).toMatchObject({ kind: 'conflict', winner: { command: 'other' } });
    expect(stored()).toHaveLength(1);
  });

  test('met again after a lost answer have been appended', async () => {
    await appendCommits(deps, spanning(3));
    expect(await appendCommits(deps, spanning(3))).toMatchObject({ kind: 'appended', writeUnits: 0 });
    expect(stored()).toHaveLength(3);
  });
});

describe('limits are found out before any call', () => {
  /** A commit whose item has exactly this number of bytes. */
  const ofSize = (size: number, stream = 'liantang#hazard#h_1'): NewCommit => {
    const base = newCommit({ stream, events: [bytes(1)] });
    const { length } = bytes(size - itemSize(itemFromCommit(sealCommits([base])[0]!)) + 1);
    return { ...base, events: [bytes(length)] };
  };

  test('the size is counted as the table counts it', () => {
    const [item] = sealCommits([newCommit({ cause: 'hazard/h_2/3', events: [bytes(100), bytes(7)] })]).map(
      itemFromCommit,
    );
    expect(itemSize(item!)).toBe(itemBytes(item!));
  });

  test('400 KB in a commit and not a byte more', async () => {
    expect(await appendCommits(deps, [ofSize(409_600)])).toMatchObject({ kind: 'appended' });
    const error = await refusalOf(appendCommits(deps, [ofSize(409_601, 'liantang#hazard#h_2')]));
    expect(error).toMatchObject({
      type: 'too-large',
      status: 413,
      field: 'liantang#hazard#h_2',
      facts: { bytes: 409_601 },
    });
    expect(error.expected).toContain('400 KB');
    expect(fake.calls).toEqual(['PutItem']);
  });

  test('a commit of 401 KB says how large it is', async () => {
    const error = await refusalOf(appendCommits(deps, [ofSize(401 * 1024)]));
    expect(error.message).toContain('401 KB');
    expect(fake.calls).toEqual([]);
  });

  test('100 streams in a command and not one more', async () => {
    const error = await refusalOf(appendCommits(deps, spanning(101)));
    expect(error).toMatchObject({ type: 'too-large', field: 'answers' });
    expect(fake.calls).toEqual([]);
    expect(await appendCommits(deps, spanning(100))).toMatchObject({ kind: 'appended' });
  });

  test('4 MB in a command and not more', async () => {
    const commits = Array.from({ length: 11 }, (_, n) => ofSize(400_000, `liantang#hazard#h_${n}`));
    expect(await refusalOf(appendCommits(deps, commits))).toMatchObject({
      type: 'too-large',
      facts: { limit: DYNAMO_LIMITS.transactionBytes },
    });
    expect(fake.calls).toEqual([]);
    expect(await appendCommits(deps, commits.slice(1))).toMatchObject({ kind: 'appended' });
  });
});

describe('loading', () => {
  /** A stream of commits with one event each. */
  async function write(count: number, stream = 'liantang#hazard#h_1'): Promise<void> {
    let prev: Uint8Array = NO_COMMIT;
    for (let version = 1; version <= count; version += 1) {
      const [sealed] = sealCommits([newCommit({ stream, version, prev, command: `c-${version}` })]);
      fake.seed('events', itemFromCommit(sealed!));
      prev = sealed!.hash;
    }
  }

  test('reads a stream of several pages in order of version, and no other stream', async () => {
    await write(450);
    await write(3, 'liantang#hazard#h_10');
    const commits = await loadStream(deps, 'liantang#hazard#h_1');
    expect(commits.map(({ version }) => version)).toEqual(Array.from({ length: 450 }, (_, n) => n + 1));
    expect(commits.every(({ stream }) => stream === 'liantang#hazard#h_1')).toBe(true);
    expect(fake.calls.filter((name) => name === 'Query').length).toBeGreaterThan(2);
  });

  test('begins at the version asked for', async () => {
    await write(12);
    expect((await loadStream(deps, 'liantang#hazard#h_1', 9)).map(({ version }) => version)).toEqual([9, 10, 11, 12]);
    expect(await loadStream(deps, 'liantang#hazard#h_2')).toEqual([]);
  });

  test('reads consistently: what was acknowledged is seen', async () => {
    const inputs: Record<string, unknown>[] = [];
    fake.hook = ({ input, when }) => void (when === 'before' && inputs.push(input));
    await loadStream(deps, 'liantang#hazard#h_1');
    await getCommits(deps, [{ stream: 'liantang#hazard#h_1', version: 1 }]);
    expect(inputs).toMatchObject([{ ConsistentRead: true }, { RequestItems: { events: { ConsistentRead: true } } }]);
  });

  test('commits by key come in the order asked, with gaps where there are none, also twice', async () => {
    await write(230);
    const versions = [230, 1, 999, 1, ...Array.from({ length: 200 }, (_, n) => n + 2)];
    const found = await getCommits(
      deps,
      versions.map((version) => ({ stream: 'liantang#hazard#h_1', version })),
    );
    expect(found.map((commit) => commit?.version)).toEqual(
      versions.map((version) => (version === 999 ? undefined : version)),
    );
  });

  test('keys that come back unprocessed are asked for again', async () => {
    await write(9);
    fake.processed = ({ entries }) => Math.ceil(entries / 2);
    const keys = Array.from({ length: 9 }, (_, n) => ({ stream: 'liantang#hazard#h_1', version: n + 1 }));
    expect((await getCommits(deps, keys)).map((commit) => commit?.version)).toEqual(keys.map(({ version }) => version));
    expect(fake.calls).toEqual(Array.from({ length: 4 }, () => 'BatchGetItem'));
  });

  test('an item that is no commit is named', () => {
    const [item] = sealCommits([newCommit()]).map(itemFromCommit);
    for (const [attribute, value] of [
      ['events', { S: 'x' }],
      ['version', { N: 'x' }],
      ['hash', { S: 'x' }],
      ['command', { N: '1' }],
    ] as const) {
      expect(() => commitFromItem({ ...item!, [attribute]: value })).toThrow(`attribute ${attribute} should be`);
    }
  });
});

describe('what the service answers', () => {
  const client = mockClient(DynamoDBClient);
  const real: StoreDeps = { dynamo: new DynamoDBClient({ region: 'cn-north-1' }), table: 'events' };
  beforeEach(() => client.reset());
  const cancelled = (...codes: string[]) =>
    new TransactionCanceledException({
      message: '',
      $metadata: {},
      CancellationReasons: codes.map((Code) => ({ Code })),
    });

  test('a put that meets somebody’s running transaction is a conflict: decide again', async () => {
    client.on(PutItemCommand).rejects(new TransactionConflictException({ message: '', $metadata: {} }));
    expect(await appendCommits(real, [newCommit()])).toEqual({ kind: 'conflict' });
  });

  test('a transaction that meets another one is a conflict', async () => {
    client.on(TransactWriteItemsCommand).rejects(cancelled('None', 'TransactionConflict'));
    expect(await appendCommits(real, spanning(2))).toEqual({ kind: 'conflict' });
  });

  test('throttling is an outage, not a conflict', async () => {
    client.on(TransactWriteItemsCommand).rejects(cancelled('None', 'ThrottlingError'));
    await expect(appendCommits(real, spanning(2))).rejects.toThrow(TransactionCanceledException);
    client.on(PutItemCommand).rejects(new Error('out of reach'));
    await expect(appendCommits(real, [newCommit()])).rejects.toThrow('out of reach');
  });

  test('keys that are never processed end in an error that tells how many', async () => {
    client.on(BatchGetItemCommand).callsFake((input) => ({ Responses: {}, UnprocessedKeys: input.RequestItems }));
    await expect(getCommits(real, [keyOf(newCommit())])).rejects.toThrow('1 commits could not be read');
    expect(client.commandCalls(BatchGetItemCommand).length).toBeGreaterThan(3);
  });

  test('write units are added up over the tables of a transaction', async () => {
    client.on(PutItemCommand).resolves({ ConsumedCapacity: { CapacityUnits: 1 } });
    client.on(TransactWriteItemsCommand).resolves({ ConsumedCapacity: [{ CapacityUnits: 4 }, { CapacityUnits: 2 }] });
    expect(await appendCommits(real, [newCommit()])).toMatchObject({ writeUnits: 1 });
    expect(await appendCommits(real, spanning(2))).toMatchObject({ writeUnits: 6 });
  });
});

test('of writers that race for a version one wins, however their calls interleave, and versions have no gaps', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      async (scheduler, writers, each) => {
        const table = new FakeDynamo();
        table.hook = ({ when, name }) => scheduler.schedule(Promise.resolve(), `${name} ${when}`);
        const store = { dynamo: table.client, table: 'events' };
        const won: string[] = [];
        const write = async (writer: number): Promise<void> => {
          for (let n = 0; n < each;) {
            const last = (await loadStream(store, 'liantang#hazard#h_1')).at(-1);
            const command = `w${writer}-${n}`;
            const events = Array.from({ length: 1 + (writer % 2) }, () => bytes(9));
            const outcome = await appendCommits(store, [
              newCommit({ version: last?.next ?? 1, prev: last?.hash ?? NO_COMMIT, command, events }),
            ]);
            if (outcome.kind === 'conflict') continue;
            won.push(command);
            n += 1;
          }
        };
        await scheduler.waitFor(Promise.all(Array.from({ length: writers }, (_, writer) => write(writer))));
        const commits = table.items('events').map(commitFromItem);
        expect(commits.map(({ command }) => command).toSorted()).toEqual(won.toSorted());
        expect(commits.map(({ version }) => version)).toEqual([1, ...commits.slice(0, -1).map(({ next }) => next)]);
        expect(commits.map(({ prev }) => prev)).toEqual([NO_COMMIT, ...commits.slice(0, -1).map(({ hash }) => hash)]);
      },
    ),
    { numRuns: 100 },
  );
});

async function refusalOf(promise: Promise<unknown>): Promise<ReturnType<typeof refusal>> {
  const outcome = await promise.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error;
    },
  );
  return refusal(outcome);
}
