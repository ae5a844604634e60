// One event that somebody removed or altered must not stop every view of the town: the stream is left out, the others go on, and it is
// taken up again once the event is what it was. And a follower that was put behind the end of the log passes over nothing unseen.
import { beforeEach, describe, expect, test } from 'vitest';
import { follow, followerCheckpoint, type FollowOptions } from '../../../shared/record/log/follow.ts';
import { followerPartition } from '../../../shared/record/log/deps.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { itemFromCommit } from '../../../shared/record/store/commit.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { eventBytes, eventId, History, logDeps, store, streamOf } from './commits.ts';

let fake: FakeDynamo;
let history: History;
let seen: string[];
beforeEach(async () => {
  fake = new FakeDynamo();
  history = new History();
  seen = [];
  // positions 0 … 6: h1 h2 h1 h3 h1 h2 h1
  for (const stream of ['h1', 'h2', 'h1', 'h3', 'h1', 'h2', 'h1']) history.commit({ stream });
  store(fake, history.commits);
  await sequence(logDeps(fake), history.commits);
});

const run = (broken?: FollowOptions['broken'], options: FollowOptions = {}) =>
  follow(
    logDeps(fake),
    'views',
    (batch) => {
      seen.push(...batch.map(({ event }) => event.id));
      return Promise.resolve();
    },
    { batch: 2, ...(broken && { broken }), ...options },
  );
const h1 = (version: number) =>
  history.commits.find((one) => one.stream === streamOf('h1') && one.version === version)!;
const remove = (version: number) =>
  fake.unseed('events', { stream: { S: streamOf('h1') }, version: { N: String(version) } });

/** What an insider may make of the second event of h1, at position 2. */
const ATTACKS: [string, () => void][] = [
  ['removed', () => remove(2)],
  ['altered', () => store(fake, [{ ...h1(2), events: [eventBytes(streamOf('h1'), 2, { data: { grade: 'major' } })] }])],
  ['made no JSON', () => store(fake, [{ ...h1(2), events: [new TextEncoder().encode('{')] }])],
  [
    'left without an attribute',
    () => {
      const { hash: _hash, ...item } = itemFromCommit(h1(2));
      fake.seed('events', item);
    },
  ],
];
const WITHOUT = [eventId('h1', 1), eventId('h2', 1), eventId('h3', 1), eventId('h2', 2)];
const LEFT = [{ stream: streamOf('h1'), position: 2 }];

describe.each(ATTACKS)('an event that was %s', (_what, attack) => {
  beforeEach(attack);

  test('does not stop the others, and is noted beside the checkpoint', async () => {
    expect(await run('keep')).toEqual({ position: 7, handled: 4, caughtUp: true, broken: LEFT });
    expect(seen).toEqual(WITHOUT);
    expect(await followerCheckpoint(logDeps(fake), 'views')).toMatchObject({ position: 7, broken: LEFT });
    const [later] = history.commit({ stream: 'h1' });
    history.commit({ stream: 'h3' });
    store(fake, history.commits.slice(-2));
    await sequence(logDeps(fake), [later!, ...history.commits.slice(-1)]);
    seen = [];
    expect(await run('keep')).toMatchObject({ position: 9, broken: LEFT });
    expect(seen).toEqual([eventId('h3', 2)]);
  });

  test('ends the run of whoever does not say what is to become of it', async () => {
    await expect(run()).rejects.toMatchObject({ type: 'event-altered', facts: { position: 2 } });
  });

  test('is handed over with what came after it, in order, once it is what it was', async () => {
    await run('retake');
    seen = [];
    await run('retake');
    expect(seen).toEqual([]);
    store(fake, [h1(2)]);
    expect(await run('retake')).toMatchObject({ position: 7, broken: [] });
    expect(seen).toEqual([eventId('h1', 2), eventId('h1', 3), eventId('h1', 4)]);
    seen = [];
    await run('retake');
    expect(seen).toEqual([]);
    expect(await followerCheckpoint(logDeps(fake), 'views')).toMatchObject({ broken: [] });
  });
});

test('a stream that is broken in two places is taken up to the second when the first is mended', async () => {
  remove(2);
  remove(4);
  await run('retake');
  store(fake, [h1(2)]);
  seen = [];
  expect(await run('retake')).toMatchObject({ broken: [{ stream: streamOf('h1'), position: 6 }] });
  expect(seen).toEqual([eventId('h1', 2), eventId('h1', 3)]);
});

test('a crash while it is handed over again loses nothing', async () => {
  remove(2);
  await run('retake');
  store(fake, [h1(2)]);
  const dies = follow(logDeps(fake), 'views', () => Promise.reject(new Error('dies')), { broken: 'retake' });
  await expect(dies).rejects.toThrow('dies');
  seen = [];
  await run('retake');
  expect(seen).toEqual([eventId('h1', 2), eventId('h1', 3), eventId('h1', 4)]);
});

test('a follower that somebody put behind the end of the log fails, instead of passing over what comes', async () => {
  await run('keep');
  fake.seed('log', {
    pk: { S: followerPartition('liantang') },
    sk: { S: 'views' },
    position: { N: '999999' },
  });
  await expect(run('keep')).rejects.toMatchObject({
    type: 'follower-ahead',
    facts: { name: 'views', position: 999999 },
  });
});
