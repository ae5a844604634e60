// The function against the client's own errors: a lost race is folded again, what stays unprocessed is sent again, and throttling
// ends the run with the checkpoint where it was.
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ThrottlingException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import * as fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { makeProject } from '../../../functions/project/project.ts';
import { pagePartition } from '../../../shared/record/log/deps.ts';
import { followerPosition } from '../../../shared/record/log/follow.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { flip } from '../../../shared/reading/views/generation.ts';
import { projectionName } from '../../../shared/reading/views/view.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { acts, town } from '../../support/histories.ts';
import { store } from '../../record/log/commits.ts';
import { viewDeps } from '../../reading/views/projected.ts';

const it = town(fc.sample(acts({ minLength: 25 }), { numRuns: 1, seed: 11 })[0]!);
const wakeUp = {
  Records: [{ dynamodb: { Keys: { pk: { S: pagePartition('liantang') }, sk: { S: '000000000000' } } } }],
};
const aCheckpoint = { Records: [{ dynamodb: { Keys: { pk: { S: 'liantang#follower' }, sk: { S: 'project@g1' } } } }] };

let fake: FakeDynamo;
/** A real client whose calls the fake answers, so that single calls can be made to fail as the service does. */
const client = mockClient(DynamoDBClient);
const addMetric = vi.fn<(name: string, unit: 'Count', value: number) => void>();
const COMMANDS = [
  BatchGetItemCommand,
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
] as const;

beforeEach(async () => {
  fake = new FakeDynamo();
  store(fake, it.commits);
  await sequence(viewDeps(fake), it.commits);
  addMetric.mockClear();
  client.reset();
  for (const Command of COMMANDS) {
    client.on(Command as never).callsFake((input: unknown) => fake.send({ constructor: Command, input }));
  }
});

const views = () => ({ ...viewDeps(fake), dynamo: client as unknown as DynamoDBClient });
const run = (event: unknown = wakeUp) =>
  makeProject({ views: views(), logger: { info: () => {}, error: () => {} }, metrics: { addMetric } })(event as never);
const position = () => followerPosition(viewDeps(fake), projectionName(1));
const documents = () => fake.items('views').filter(({ pk }) => pk!.S!.startsWith('liantang#g'));

async function undisturbed(): Promise<unknown[]> {
  const other = new FakeDynamo();
  store(other, it.commits);
  await sequence(viewDeps(other), it.commits);
  await makeProject({
    views: viewDeps(other),
    logger: { info: () => {}, error: () => {} },
    metrics: { addMetric: () => {} },
  })(wakeUp);
  return other.items('views').filter(({ pk }) => pk!.S!.startsWith('liantang#g'));
}

test('a new page of the log wakes it, and it projects to the end', async () => {
  await run();
  expect(await position()).toBe(it.events.length);
  expect(documents()).toEqual(await undisturbed());
  expect(addMetric).toHaveBeenCalledWith('EventsFollowed', 'Count', it.events.length);
});

test('a checkpoint in the same table does not', async () => {
  await run(aCheckpoint);
  expect(await position()).toBe(0);
});

test('a document that another projector changed meanwhile is folded again', async () => {
  const lost = new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
  let failures = 0;
  client.on(PutItemCommand).callsFake(async (input) => {
    if (input.Item.pk.S.includes('#track#') && failures++ < 3) throw lost;
    return fake.send(new PutItemCommand(input));
  });
  await run();
  expect(failures).toBeGreaterThan(3);
  expect(documents()).toEqual(await undisturbed());
  expect(addMetric).toHaveBeenCalledWith('ProjectionConflicts', 'Count', 3);
});

test('keys and items that stay unprocessed are sent again', async () => {
  fake.processed = ({ entries }) => entries - Math.floor(entries / 5);
  await run();
  expect(documents()).toEqual(await undisturbed());
});

test('throttling ends the run with the checkpoint where it was; the next run does it all', async () => {
  client.on(PutItemCommand).callsFake(async (input) => {
    if (input.Item.pk.S.includes('#hazards#')) throw new ThrottlingException({ message: 'slow down', $metadata: {} });
    return fake.send(new PutItemCommand(input));
  });
  await expect(run()).rejects.toThrow(ThrottlingException);
  expect(await position()).toBe(0);
  client.on(PutItemCommand).callsFake((input) => fake.send(new PutItemCommand(input)));
  await run();
  expect(documents()).toEqual(await undisturbed());
});

test('after a rebuild it goes on with the new generation', async () => {
  await run();
  await flip(viewDeps(fake), 1, 2);
  await run();
  expect(await followerPosition(viewDeps(fake), projectionName(2))).toBe(it.events.length);
});
