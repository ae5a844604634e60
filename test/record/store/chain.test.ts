// The hash of a commit covers everything in it and the commit before: whatever is altered, moved or taken out breaks the chain.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  commitFromItem,
  commitHash,
  itemFromCommit,
  NO_COMMIT,
  type Commit,
} from '../../../shared/record/store/commit.ts';
import { sealCommits, type NewCommit } from '../../../shared/record/store/store.ts';
import { newCommit } from './commits.ts';

const word = fc.string({ minLength: 1, maxLength: 12 });
const someBytes = fc.uint8Array({ minLength: 1, maxLength: 30 });
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const commit: fc.Arbitrary<Commit> = fc
  .record(
    {
      stream: word,
      version: fc.integer({ min: 1, max: 1_000_000 }),
      events: fc.array(someBytes, { minLength: 1, maxLength: 4 }),
      command: word,
      request: word,
      person: word,
      recordedAt: word,
      cause: word,
      prev: hash,
    },
    { requiredKeys: ['stream', 'version', 'events', 'command', 'request', 'person', 'recordedAt', 'prev'] },
  )
  .map((fields) => sealCommits([fields as NewCommit])[0]!);

const FIELDS = [
  'stream',
  'version',
  'next',
  'command',
  'request',
  'person',
  'recordedAt',
  'cause',
  'parts',
  'events',
  'prev',
] as const;

function flip(input: Uint8Array, at: number): Uint8Array {
  const output = Uint8Array.from(input);
  output[at % output.length]! ^= 1 << (at % 8);
  return output;
}

/** The commit with one thing in one field changed. */
function altered(from: Commit, field: (typeof FIELDS)[number], at: number): Commit {
  switch (field) {
    case 'version':
    case 'next':
      return { ...from, [field]: from[field] + 1 + at };
    case 'prev':
      return { ...from, prev: flip(from.prev, at) };
    case 'events':
      return {
        ...from,
        events: from.events.map((event, n) => (n === at % from.events.length ? flip(event, at) : event)),
      };
    case 'parts':
      return { ...from, parts: [{ stream: 's', version: at + 1 }] };
    case 'stream':
    case 'command':
    case 'request':
    case 'person':
    case 'recordedAt':
    case 'cause':
      return { ...from, [field]: `${from[field] ?? ''}${'!'.repeat(1 + (at % 3))}` };
  }
}

test('whatever is altered, the hash is another one', () => {
  fc.assert(
    fc.property(commit, fc.constantFrom(...FIELDS), fc.nat(10_000), (original, field, at) => {
      expect(original.hash).toEqual(commitHash(original));
      expect(commitHash(altered(original, field, at))).not.toEqual(original.hash);
    }),
    { numRuns: 300 },
  );
});

test('bytes do not slip from one field, or one event, into the next', () => {
  const base = { ...newCommit(), next: 2 };
  const split = (...texts: string[]): Commit['events'] => texts.map((text) => new TextEncoder().encode(text));
  const hashes = [
    { ...base, command: 'ab', request: 'c' },
    { ...base, command: 'a', request: 'bc' },
    { ...base, events: split('ab', 'c') },
    { ...base, events: split('a', 'bc') },
    { ...base, events: split('abc') },
    { ...base, events: split('abc', '') },
    {
      ...base,
      parts: [
        { stream: 'a', version: 1 },
        { stream: 'b', version: 2 },
      ],
    },
    {
      ...base,
      parts: [
        { stream: 'b', version: 2 },
        { stream: 'a', version: 1 },
      ],
    },
  ].map((one) => Buffer.from(commitHash(one)).toString('hex'));
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('a commit comes back from its item as it was', () => {
  fc.assert(
    fc.property(commit, (original) => {
      expect(commitFromItem(itemFromCommit(original))).toEqual(original);
    }),
    { numRuns: 100 },
  );
});

describe('a chain', () => {
  const chain = (() => {
    const commits: Commit[] = [];
    for (let version = 1; version <= 5; version += 1) {
      commits.push(
        sealCommits([newCommit({ version, command: `c-${version}`, prev: commits.at(-1)?.hash ?? NO_COMMIT })])[0]!,
      );
    }
    return commits;
  })();

  /** Index of the first commit that does not follow from what is there. */
  const broken = (commits: readonly Commit[]): number =>
    commits.findIndex(
      (one, n) =>
        Buffer.compare(one.prev, commits[n - 1]?.hash ?? NO_COMMIT) !== 0 ||
        Buffer.compare(one.hash, commitHash(one)) !== 0,
    );

  test('recomputes', () => {
    expect(broken(chain)).toBe(-1);
  });

  test('breaks where a commit is missing, altered, exchanged, or altered and sealed again', () => {
    expect(broken(chain.toSpliced(2, 1))).toBe(2);
    expect(broken(chain.with(2, { ...chain[2]!, person: 'p-other' }))).toBe(2);
    expect(broken(chain.with(1, chain[2]!).with(2, chain[1]!))).toBe(1);
    const { hash: _hash, ...rest } = chain[2]!;
    expect(broken(chain.with(2, sealCommits([{ ...rest, person: 'p-other' }])[0]!))).toBe(3);
  });
});

test('the hash is the one documented: a chain stored today can be checked in years', () => {
  const [sealed] = sealCommits([
    newCommit({ events: [new TextEncoder().encode('{"a":1}'), new TextEncoder().encode('{}')], cause: 'hazard/h_2/3' }),
  ]);
  expect(Buffer.from(sealed!.hash).toString('hex')).toBe(
    '78e716161d8910c187e13fa21132fd550d4484ab8bfcc97222ee56c100c24ced',
  );
});
