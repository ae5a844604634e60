// The local bus against the client of the real one: what EventBridge refuses is refused, entry by entry or as a whole.
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bus, type BusEvent, entrySize, makeBus } from '../../../infra/local/bus.ts';
import { closeServer, listen } from '../../../infra/local/server.ts';

const bus: Bus = makeBus(['town'], () => new Date('2026-01-02T03:04:05.678Z'));
let server: Server;
let api: string;
let client: EventBridgeClient;
let seen: { event: BusEvent; bus: string }[] = [];

beforeAll(async () => {
  ({ server, api } = await listen(0, (request, response) => void bus.put(request, response)));
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  client = new EventBridgeClient({ endpoint: `${api}/dev/bus`, region: 'us-east-1', credentials, maxAttempts: 1 });
  bus.subscribe((event, name) => seen.push({ event, bus: name }));
});
afterAll(async () => {
  client.destroy();
  await closeServer(server, 0);
});
beforeEach(() => {
  seen = [];
});

const entry = (more: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  EventBusName: 'town',
  Source: 'daocha.liantang',
  DetailType: 'HazardFound',
  Detail: '{"id":"hazard/h_1/1"}',
  ...more,
});
const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));

test('an event reaches the subscribers as EventBridge hands it to a target', async () => {
  const Time = new Date('2026-01-01T00:00:00.900Z');
  const { FailedEntryCount, Entries } = await put(entry({ Time, Resources: ['r1'] }), entry());
  expect(FailedEntryCount).toBe(0);
  expect(seen.map(({ bus: name }) => name)).toEqual(['town', 'town']);
  expect(seen[0]!.event).toMatchObject({
    id: Entries![0]!.EventId,
    'detail-type': 'HazardFound',
    source: 'daocha.liantang',
    time: '2026-01-01T00:00:00Z',
    resources: ['r1'],
    detail: { id: 'hazard/h_1/1' },
  });
  expect(seen[1]!.event.time).toBe('2026-01-02T03:04:05Z');
});

describe('an entry is refused by itself, the others of the call are taken', () => {
  test.each<[string, Partial<PutEventsRequestEntry>, string, RegExp]>([
    ['no source', { Source: '' }, 'InvalidArgument', /Source/],
    ['a source of AWS', { Source: 'aws.s3' }, 'NotAuthorizedForSourceException', /aws\.s3/],
    ['no detail type', { DetailType: '' }, 'InvalidArgument', /DetailType/],
    ['a long detail type', { DetailType: 'x'.repeat(129) }, 'InvalidArgument', /128/],
    ['no detail', { Detail: '' }, 'InvalidArgument', /Detail/],
    ['a detail that is not JSON', { Detail: '{' }, 'MalformedDetail', /malformed/],
    ['a detail that is no object', { Detail: '[1]' }, 'MalformedDetail', /malformed/],
  ])('%s', async (_what, wrong, code, says) => {
    const { FailedEntryCount, Entries } = await put(entry(), entry(wrong), entry());
    expect(FailedEntryCount).toBe(1);
    expect(Entries!.map(({ ErrorCode }) => ErrorCode)).toEqual([undefined, code, undefined]);
    expect(Entries![1]!.ErrorMessage).toMatch(says);
    expect(seen).toHaveLength(2);
  });
});

describe('a call is refused as a whole', () => {
  test('with no entry, and with more than ten', async () => {
    await expect(put()).rejects.toThrow(/1 to 10/);
    await expect(put(...Array.from({ length: 11 }, () => entry()))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(put(...Array.from({ length: 10 }, () => entry()))).resolves.toMatchObject({ FailedEntryCount: 0 });
    expect(seen).toHaveLength(10);
  });

  test('over 256 KB in all, counted in bytes of UTF-8', async () => {
    const size = (text: string) => entry({ Detail: JSON.stringify({ text }) });
    const room = 262_144 - entrySize(size('') as never);
    await expect(put(size('x'.repeat(room)))).resolves.toMatchObject({ FailedEntryCount: 0 });
    await expect(put(size('x'.repeat(room + 1)))).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(put(size('险'.repeat(Math.ceil(room / 3) + 1)))).rejects.toThrow(/over the limit/);
    expect(seen).toHaveLength(1);
  });
});

test('events for a bus that does not exist are taken and go nowhere, as on AWS', async () => {
  await expect(put(entry({ EventBusName: 'nobody' }))).resolves.toMatchObject({ FailedEntryCount: 0 });
  expect(seen).toEqual([]);
});

test.each([
  ['GET', {}, undefined],
  ['POST', { 'content-type': 'text/plain', 'x-amz-target': 'AWSEvents.PutEvents' }, '{}'],
  ['POST', { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutRule' }, '{}'],
  ['POST', { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' }, '{'],
])('what is no PutEvents is refused: %s %j %s', async (method, headers, body) => {
  const response = await fetch(api, { method, headers, ...(body === undefined ? {} : { body }) });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ __type: expect.stringMatching(/Exception$/) });
});
