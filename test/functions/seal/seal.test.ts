// The function that seals: what wakes it, what it counts, and how it ends when its time is up or when it must refuse.
import { describe, expect, test } from 'vitest';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { makeSeal, type SealEvent } from '../../../functions/seal/seal.ts';
import { SealRefused } from '../../../shared/record/seal/seal.ts';
import { KEY, ORIGIN, SealedTown } from '../../record/seal/support.ts';

const records = (pk: string): SealEvent => ({
  Records: [
    { eventName: 'INSERT', dynamodb: { Keys: { pk: { S: pk }, sk: { S: '0' } } } },
  ] as DynamoDBStreamEvent['Records'],
});
const NEW_PAGE = records('liantang#page');
/** What EventBridge gives to the target of a schedule. */
const SCHEDULED: SealEvent & { 'detail-type': string } = { 'detail-type': 'Scheduled Event' };

async function sealing(events = 3, key = () => Promise.resolve(KEY)) {
  const town = new SealedTown();
  await town.grow(events);
  const logged: { message: string; facts: Record<string, unknown> }[] = [];
  const metrics = new Map<string, number>();
  const log = (message: string, facts: Record<string, unknown>): void => void logged.push({ message, facts });
  const { sleep } = town.sealer();
  const handler = makeSeal({
    log: town.log,
    origin: ORIGIN,
    key,
    interval: 2000,
    sleep,
    logger: { info: log, error: log },
    metrics: { addMetric: (name, _unit, value) => void metrics.set(name, value) },
  });
  return { town, handler, logged, metrics };
}

describe('it is woken', () => {
  test.each([
    ['by a new page', NEW_PAGE, [3]],
    ['by the schedule', SCHEDULED, [3]],
    ['by hand', { Records: [] }, [3]],
    ['not by a checkpoint', records('liantang#checkpoint'), []],
    ['not by a page of another town', records('other#page'), []],
  ] satisfies [string, SealEvent, number[]][])('%s', async (_, event, signed) => {
    const { town, handler } = await sealing();
    await handler(event);
    expect(town.signed()).toEqual(signed);
  });

  test('and says what it signed; when there is nothing to sign it says nothing', async () => {
    const { handler, logged, metrics } = await sealing();
    await handler(NEW_PAGE);
    expect(metrics.get('CheckpointsSigned')).toBe(1);
    expect(logged).toEqual([{ message: 'sealed', facts: { signed: [3], size: 3, conflicts: 0, caughtUp: true } }]);
    await handler(NEW_PAGE);
    expect(metrics.get('CheckpointsSigned')).toBe(0);
    expect(logged).toHaveLength(1);
  });
});

test('the schedule tells how long the oldest unsigned event has waited', async () => {
  const { town, handler, metrics } = await sealing();
  town.now = new Date(town.now.getTime() + 754_000);
  await handler(SCHEDULED);
  expect(metrics.get('UnsealedSeconds')).toBe(754);
  await handler(SCHEDULED);
  expect(metrics.get('UnsealedSeconds')).toBe(0);
});

test('when its time is up its records come again; the schedule comes again by itself', async () => {
  const { town, handler } = await sealing();
  await handler(NEW_PAGE);
  await town.grow(2);
  const hurried = { getRemainingTimeInMillis: () => 9_000 };
  await expect(handler(NEW_PAGE, hurried)).rejects.toThrow(/^seal has more to do .* it is at position 3$/u);
  await handler(SCHEDULED, hurried);
  expect(town.signed()).toEqual([3]);
  await handler(NEW_PAGE, { getRemainingTimeInMillis: () => 60_000 });
  expect(town.signed()).toEqual([3, 5]);
});

test('a refusal sounds the alarm, and the run fails', async () => {
  const { town, handler, logged, metrics } = await sealing();
  await handler(NEW_PAGE);
  town.fake.unseed('log', { pk: { S: 'liantang#checkpoint' }, sk: { S: 'latest' } });
  await expect(handler(NEW_PAGE)).rejects.toThrow(SealRefused);
  expect(metrics.get('SealRefused')).toBe(1);
  expect(logged.at(-1)).toEqual({
    message: 'sealing is refused',
    facts: { reason: 'the latest checkpoint is gone; the log was signed up to 3' },
  });
});

test('a key that cannot be had is asked for again at the next run, one that was had never more', async () => {
  let asked = 0;
  const { town, handler } = await sealing(3, () => {
    asked += 1;
    return asked === 1 ? Promise.reject(new Error('KMS is out of reach')) : Promise.resolve(KEY);
  });
  await expect(handler(NEW_PAGE)).rejects.toThrow('KMS is out of reach');
  await handler(NEW_PAGE);
  await handler(NEW_PAGE);
  expect(asked).toBe(2);
  expect(town.signed()).toEqual([3]);
});
