// The reaction against the client's own errors, and what it does with refusals: throttling ends the run with the
// checkpoint where it was, a lost condition and a cancelled transaction are decided again, keys that stay unprocessed
// are asked for again, and a refusal is left to people.
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ThrottlingException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test, vi } from 'vitest';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { officeActor, makeReact, REACT } from '../../../functions/react/react.ts';
import type { Item } from '../../../shared/record/log/batch.ts';
import { pagePartition } from '../../../shared/record/log/deps.ts';
import { followerPosition } from '../../../shared/record/log/follow.ts';
import { DossierMissing } from '../../../functions/runtime/dossier-store.ts';
import { sequence } from '../../../shared/record/log/sequence.ts';
import { makeTown, TENANT, type TestTown } from '../api/support.ts';
import { memoryDossiers, type MemoryDossiers } from '../../support/dossiers.ts';
import { readStream } from '../../../shared/rules/perform/execute.ts';
import { LIANTANG } from '../../../shared/rules/campaign/liantang.ts';
import { campaign } from '../../../shared/rules/campaign/campaign.ts';

const GUI = 'guijianban';
/** A real client whose calls the tables in memory answer, so that single calls can be made to fail as the service does. */
const client = mockClient(DynamoDBClient);
const COMMANDS = [
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
] as const;
const pass = (Command: (typeof COMMANDS)[number]) => (input: unknown) =>
  town.fake.send({ constructor: Command, input });
const metadata = { $metadata: {} };
const ANSWERS = [{ item: '1', clause: 'GAS-01', answer: 'problem' }];

let town: TestTown;
let hazard: string;
let dossiers: MemoryDossiers;
let refused: { message: string; facts: Record<string, unknown> }[];
const addMetric = vi.fn<(name: string, unit: 'Count', value: number) => void>();

beforeEach(async () => {
  town = await makeTown();
  const office = await town.as('office', 'office');
  const unit = (await town.post('/v1/units', office, { name: '店', area: 'village-01', tracks: ['gas'] })).body.id;
  const inspected = await town.post('/v1/inspections', office, {
    unit,
    track: 'gas',
    mode: 'routine',
    answers: ANSWERS,
  });
  hazard = inspected.body.findings[0].hazard;
  await town.post(`/v1/hazards/${hazard}/gradings`, await town.as('department', GUI), { grade: 'major', basis: 'b' });
  await town.settle();
  dossiers = memoryDossiers();
  refused = [];
  addMetric.mockClear();
  client.reset();
  for (const Command of COMMANDS) client.on(Command as never).callsFake(pass(Command));
});

const run = (records: object[] = [{ dynamodb: { Keys: { pk: { S: pagePartition(TENANT) } } } }]) => {
  const dynamo = client as unknown as DynamoDBClient;
  return makeReact({
    views: { ...town.deps.views, dynamo, sleep: () => town.settle() },
    store: { dynamo, table: 'events' },
    dossiers,
    logger: { info: () => {}, error: (message, facts) => void refused.push({ message, facts }) },
    metrics: { addMetric },
  })({ Records: records });
};
const position = () => followerPosition(town.deps.views, REACT);
const caseEvents = async (): Promise<DaochaEvent[]> => {
  const stream = town.fake.items('events').find(({ stream: key }) => key!.S!.includes('#escalation#'))?.['stream'];
  if (!stream) return [];
  return (await readStream(town.deps.store, TENANT, 'escalation', stream.S!.split('#')[2]!)).map(({ event }) => event);
};
const types = async () => (await caseEvents()).map(({ type }) => type);
const counted = (name: string) => addMetric.mock.calls.filter(([metric]) => metric === name).length;

test('a page wakes it: the case goes up, and when that is in the log its dossier is compiled and the case submitted', async () => {
  await run();
  expect(await types()).toEqual(['EscalationProposed']);
  await town.settle();
  await run();
  expect(await types()).toEqual(['EscalationProposed', 'DossierCompiled', 'EscalationSubmitted']);
  expect(counted('DossiersCompiled')).toBe(1);
  const [proposed, compiled] = await caseEvents();
  expect(proposed).toMatchObject({
    cause: `hazard/${hazard}/2`,
    command: `react:propose:major:hazard/${hazard}/2`,
    source: 'policy',
    actor: { person: 'system:react', organisation: 'office' },
  });
  expect(compiled).toMatchObject({ cause: proposed!.id, command: `react:compile:${proposed!.id}` });
  expect([...dossiers.files.keys()]).toEqual(
    (compiled!.data as { files: { sha256: string }[] }).files.map(({ sha256 }) => sha256),
  );
});

test('a checkpoint in the same table does not wake it', async () => {
  await run([{ dynamodb: { Keys: { pk: { S: `${TENANT}#follower` } } } }]);
  expect([await types(), await position()]).toEqual([[], 0]);
});

test('throttling ends the run with the checkpoint where it was; the next run does it all, once', async () => {
  client.on(PutItemCommand).rejects(new ThrottlingException({ message: 'slow down', ...metadata }));
  await expect(run()).rejects.toThrow(ThrottlingException);
  expect([await types(), await position(), refused]).toEqual([[], 0, []]);
  client.on(PutItemCommand).callsFake(pass(PutItemCommand));
  await run();
  await run();
  expect(await types()).toEqual(['EscalationProposed']);
  expect(await position()).toBeGreaterThan(0);
});

test('an answer that is lost is no second case', async () => {
  client.on(PutItemCommand).callsFake(async (input) => {
    await pass(PutItemCommand)(input);
    throw new ThrottlingException({ message: 'timed out', ...metadata });
  });
  await expect(run()).rejects.toThrow('timed out');
  client.on(PutItemCommand).callsFake(pass(PutItemCommand));
  await run();
  expect(await types()).toEqual(['EscalationProposed']);
});

test.each([
  [
    'a condition that failed',
    () => new ConditionalCheckFailedException({ message: 'The conditional request failed', ...metadata }),
  ],
  [
    'a cancelled transaction',
    () => new TransactionCanceledException({ message: 'cancelled', CancellationReasons: [], ...metadata }),
  ],
])('%s on every attempt ends the run, is no refusal, and loses nothing', async (_, error) => {
  client.on(PutItemCommand).rejects(error());
  await expect(run()).rejects.toThrow(/others wrote|cancelled/u);
  expect([await types(), await position(), refused]).toEqual([[], 0, []]);
  client.on(PutItemCommand).callsFake(pass(PutItemCommand));
  await run();
  expect(await types()).toEqual(['EscalationProposed']);
});

test('a cycle that ends between the reads has no case any more; the next one has its own', async () => {
  let reads = 0;
  client.on(QueryCommand).callsFake(async (input) => {
    const answer = await pass(QueryCommand)(input);
    const ofHazard = JSON.stringify(input.ExpressionAttributeValues ?? {}).includes(`#hazard#${hazard}`);
    if (ofHazard && input.TableName === 'events' && reads++ === 0) await comeBack();
    return answer;
  });
  await run();
  expect([reads > 1, await types()]).toEqual([true, []]);
  await town.settle();
  await run();
  const [proposed, ...more] = await caseEvents();
  expect(more).toEqual([]);
  expect(proposed).toMatchObject({ type: 'EscalationProposed', cause: expect.stringContaining(hazard) as string });
  expect(Number(proposed!.cause!.split('/')[2])).toBeGreaterThan(2);
});

/** The hazard is mended, signed off and found again. */
async function comeBack(): Promise<void> {
  const [office, department] = [await town.as('office', 'office'), await town.as('department', GUI)];
  const { unit } = (await town.get(`/v1/hazards/${hazard}`, office)).body;
  const steps: [string, string, object][] = [
    [office, `/v1/hazards/${hazard}/assignments`, { to: GUI }],
    [department, `/v1/hazards/${hazard}/orders`, { measures: 'm', due: '2025-06-05', authority: 'a' }],
    [await town.as('village', 'village-01'), `/v1/hazards/${hazard}/submissions`, { statement: 's' }],
    [department, `/v1/hazards/${hazard}/verifications`, { result: 'passed', basis: 'b' }],
    [department, `/v1/hazards/${hazard}/sign-off`, {}],
    [office, '/v1/inspections', { unit, track: 'gas', mode: 'routine', answers: ANSWERS }],
  ];
  for (const [token, path, body] of steps) {
    const { status, body: told } = await town.agreed(path, token, body);
    if (status >= 300) throw new Error(`${path}: ${JSON.stringify(told)}`);
  }
}

test('keys that stay unprocessed are asked for again', async () => {
  town.fake.processed = ({ entries }) => Math.max(1, entries - 1);
  await run();
  await town.settle();
  await run();
  expect(await types()).toEqual(['EscalationProposed', 'DossierCompiled', 'EscalationSubmitted']);
});

test('a dossier that cannot be kept is not recorded; the next run keeps and records it', async () => {
  await run();
  await town.settle();
  const { put } = dossiers;
  dossiers.put = () => Promise.reject(new DossierMissing('x', 'the bucket'));
  await expect(run()).rejects.toMatchObject({ type: 'dossier-missing' });
  expect(await types()).toEqual(['EscalationProposed']);
  dossiers.put = put;
  await run();
  expect(await types()).toEqual(['EscalationProposed', 'DossierCompiled', 'EscalationSubmitted']);
});

test('views that do not come far enough end the run: it is tried again', async () => {
  await run();
  const dynamo = client as unknown as DynamoDBClient;
  const behind = makeReact({
    views: { ...town.deps.views, dynamo, sleep: () => Promise.resolve() },
    store: { dynamo, table: 'events' },
    dossiers,
    logger: { info: () => {}, error: () => {} },
    metrics: { addMetric },
  });
  const keys = town.fake
    .items('events')
    .map(({ stream, version }) => ({ stream: stream!.S!, version: Number(version!.N) }));
  await sequence(town.deps.views, keys); // in the log, in no view
  vi.spyOn(performance, 'now').mockImplementation(() => Date.now() * 1000);
  await expect(behind({ Records: [] })).rejects.toMatchObject({ type: 'not-yet-visible' });
  vi.restoreAllMocks();
  expect(await types()).toEqual(['EscalationProposed']);
});

test('a case that the rules route to nobody is refused, said, counted, and holds up nothing', async () => {
  // the rule set of the event, with its routes gone: as an older version could have had
  client.on(QueryCommand).callsFake(async (input) => {
    const answer = (await pass(QueryCommand)(input)) as { Items?: Item[] };
    if (JSON.stringify(input.ExpressionAttributeValues ?? {}).includes(`${TENANT}#campaign#campaign`)) {
      return { ...answer, Items: answer.Items?.map(unrouted) };
    }
    return answer;
  });
  await run();
  expect(refused).toMatchObject([
    {
      message: 'what follows from an event was refused',
      facts: { rule: 'major', type: 'no-route', reason: expect.stringContaining('track gas') as string },
    },
  ]);
  expect(counted('ReactionRefused')).toBe(1);
  expect(await position()).toBeGreaterThan(0);
});

/** Takes the routes out of the rule sets of a stored commit. */
function unrouted(item: Item): Item {
  if (!item['events']?.L) return item;
  const events = item['events'].L.map(({ B }) => {
    const text = Buffer.from(B!).toString('utf8');
    return { B: new Uint8Array(Buffer.from(text.replace(/"routing":\[[^\]]*\]/u, '"routing":[]'))) };
  });
  return { ...item, events: { L: events } };
}

test('the rules act for the office of the campaign', () => {
  expect(officeActor({ ...campaign.initial, definition: LIANTANG })).toEqual({
    person: 'system:react',
    post: 'policy',
    organisation: 'office',
  });
});
