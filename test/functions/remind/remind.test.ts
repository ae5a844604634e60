// The remind function as its schedules call it: what it counts, what it calls a failure, and what AWS's own failures do to it.
import { DynamoDBClient, ProvisionedThroughputExceededException, QueryCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeRemind, type RemindFunctionDeps } from '../../../functions/remind/remind.ts';
import { LIANTANG, LIANTANG_RULES } from '../../../shared/rules/campaign/liantang.ts';
import { seedCampaign } from '../../../shared/rules/perform/campaign.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';

const NOW = new Date('2025-05-06T00:30:00.000Z');
let counted: Record<string, number>;
let logged: { level: string; message: string; facts: Record<string, unknown> }[];

function depsOf(dynamo: DynamoDBClient, now = NOW): RemindFunctionDeps {
  const log = (level: string) => (message: string, facts: Record<string, unknown>) =>
    void logged.push({ level, message, facts });
  return {
    store: { dynamo, table: 'events' },
    views: { dynamo, events: 'events', log: 'log', views: 'views', tenant: 'liantang', now: () => now },
    sleep: async () => {},
    now: () => now,
    logger: { info: log('info'), warn: log('warn'), error: log('error') },
    metrics: { addMetric: (name, _unit, value) => void (counted[name] = (counted[name] ?? 0) + value) },
  };
}

async function launched(): Promise<FakeDynamo> {
  const fake = new FakeDynamo();
  const actor = { person: 'p', post: 'p', organisation: 'office' };
  const now = new Date('2025-04-25T02:00:00.000Z');
  const seed = { definition: LIANTANG, ruleSet: LIANTANG_RULES, targets: [] };
  await seedCampaign(
    { dynamo: fake.client, table: 'events' },
    { tenant: 'liantang', actor, source: 'policy', now },
    seed,
  );
  return fake;
}

beforeEach(() => {
  counted = {};
  logged = [];
});

describe('a run', () => {
  it('counts that it ran, what it read and what it did', async () => {
    const fake = await launched();
    await makeRemind(depsOf(fake.client))(
      { run: 'morning' },
      { getRemainingTimeInMillis: () => 600_000, awsRequestId: 'r-1' },
    );
    expect(counted).toMatchObject({
      RemindRuns: 1,
      DeadlinesRead: 0,
      RemindersIssued: 0,
      DeadlinesMissed: 0,
      ReportsRequired: 7,
    });
    expect(logged).toMatchObject([
      { level: 'info', message: 'reminded', facts: { today: '2025-05-06', mode: 'morning', required: 7 } },
    ]);
    const events = fake.items('events').filter(({ stream }) => stream!.S!.includes('#report#'));
    expect(events).toHaveLength(7);
  });

  it('before the campaign is launched has nothing to do', async () => {
    await makeRemind(depsOf(new FakeDynamo().client))({ run: 'morning' });
    expect(counted).toMatchObject({ RemindRuns: 1, DeadlinesRead: 0 });
  });

  it('is refused when its input names no run that there is', async () => {
    await expect(makeRemind(depsOf(new FakeDynamo().client))({ run: 'evening' })).rejects.toThrow(/morning/);
    await expect(makeRemind(depsOf(new FakeDynamo().client))({})).rejects.toThrow(/run/);
  });

  it('that could not do all of it has failed, names each, and was counted all the same', async () => {
    const fake = await launched();
    fake.hook = ({ name, input, when }) => {
      const stream = (input as { Item?: { stream?: { S: string } } }).Item?.stream?.S ?? '';
      if (when === 'before' && name === 'PutItem' && stream.endsWith('_gas')) throw new Error('no room');
    };
    await expect(makeRemind(depsOf(fake.client))({ run: 'morning' })).rejects.toMatchObject({
      type: 'remind-failed',
      facts: { failed: 1 },
    });
    expect(counted).toMatchObject({ RemindRuns: 1, ReportsRequired: 6 });
    expect(logged.find(({ level }) => level === 'error')?.facts).toMatchObject({ what: 'report monthly_2025-05_gas' });
  });

  it('in a year without a calendar does not fail: its metric and its log say which year is missing', async () => {
    const fake = await launched();
    const later = new Date('2027-01-04T00:30:00.000Z');
    await makeRemind(depsOf(fake.client, later))({ run: 'morning' });
    expect(counted).toMatchObject({ RemindRuns: 1, CalendarYearMissing: 2027 });
    expect(logged.find(({ level }) => level === 'warn')?.facts).toEqual({ yearsMissing: [2027] });
  });

  it('says nothing of a year that has come to nobody yet', async () => {
    const fake = await launched();
    await makeRemind(depsOf(fake.client, new Date('2026-12-29T00:30:00.000Z')))({ run: 'morning' });
    expect(counted).not.toHaveProperty('CalendarYearMissing');
  });
});

describe('when DynamoDB fails', () => {
  it('the run fails with its error, and nothing is counted: the schedule calls again', async () => {
    const mock = mockClient(DynamoDBClient);
    mock.on(QueryCommand).rejects(new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} }));
    const run = makeRemind(depsOf(mock as unknown as DynamoDBClient))({ run: 'morning' });
    await expect(run).rejects.toThrow('slow down');
    expect(counted).toEqual({});
  });
});
