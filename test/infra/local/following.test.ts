// What is behind at the start goes on until it has caught up, and a run that ends early on purpose is nobody's business.
import { DescribeStreamCommand, DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FollowerBehind } from '../../../functions/runtime/follower.ts';
import { followAll, type Following } from '../../../infra/local/following.ts';
import { SETTINGS } from './settings.ts';
import { temporaryDirectory, waitFor } from '../../support/platform.ts';

const MAPPING = { ...SETTINGS, name: 'log-f', streamArn: 'arn:stream', table: 'log' };
const streams = new DynamoDBStreamsClient({ region: 'local', endpoint: 'http://127.0.0.1:1' });
const fake = mockClient(streams);
let directory: ReturnType<typeof temporaryDirectory>;
let following: Following | undefined;
let notes: string[];
let calls: number;

beforeEach(() => {
  fake.reset();
  fake.on(DescribeStreamCommand).resolves({ StreamDescription: { Shards: [] } });
  directory = temporaryDirectory();
  [notes, calls] = [[], 0];
});
afterEach(async () => {
  await following?.stop();
  directory.remove();
});

function start(run: (call: number) => Promise<void>): Following {
  following = followAll({
    mappings: [MAPPING],
    schedules: [],
    tables: [],
    streams,
    directory: directory.path,
    memory: true,
    times: { now: () => new Date(), virtual: false },
    invoke: async () => run(++calls),
    note: (message) => notes.push(message),
    sweep: async () => {},
  });
  return following;
}

test('what has more to do than one run has time for is called again, and nothing is said', async () => {
  start(async (call) => {
    if (call < 4) throw new FollowerBehind('project@g1', call);
  });
  await waitFor('the fourth run', () => calls === 4);
  expect(notes).toEqual([]);
});

test('what fails otherwise is told', async () => {
  start(async () => {
    throw new Error('no table');
  });
  await waitFor('it is told', () => notes.length > 0);
  expect(notes).toEqual(['log-f: no table']);
});

test('a run that is ended early because the platform stops is not begun again, and nothing is said', async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  const running = start(async () => promise);
  await waitFor('the first run', () => calls === 1);
  const stopped = running.stop();
  reject(new FollowerBehind('project@g1', 0));
  await stopped;
  expect({ calls, notes }).toEqual({ calls: 1, notes: [] });
});
