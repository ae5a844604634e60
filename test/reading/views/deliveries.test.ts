// What people see of messages: the list with the failed ones first, and the outcome of an event's messages, for each recipient.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Draft } from '../../../events/catalogue.ts';
import { applyBatch } from '../../../shared/reading/views/apply.ts';
import { carriedView, deliveriesView } from '../../../shared/reading/delivery/list.ts';
import { deliveriesOf, listDeliveries, type DeliveryQuery } from '../../../shared/reading/delivery/list-query.ts';
import { FakeDynamo } from '../../support/fake-dynamo.ts';
import { at, given } from './given.ts';
import { viewDeps } from './projected.ts';

const message = (organisation: string, carries: string[], round = 1) => ({
  channel: 'wecom' as const,
  organisation,
  carries,
  round,
  attempts: 2,
});
const failed = (organisation: string, carries: string[], round = 1): Draft => ({
  type: 'MessageFailed',
  data: { ...message(organisation, carries, round), why: 'exhausted', error: 'HTTP 500' },
});
const delivered = (organisation: string, carries: string[], round = 1): Draft => ({
  type: 'MessageDelivered',
  data: { ...message(organisation, carries, round), sentAt: at(20), answer: 'errcode 0' },
});

const deps = viewDeps(new FakeDynamo());
const history = given(
  ['delivery/m_1', 1, delivered('guijianban', ['hazard/h_1/4', 'hazard/h_2/4'])],
  ['delivery/m_2', 2, failed('guijianban', ['hazard/h_3/4'])],
  ['delivery/m_3', 3, failed('village-01', ['hazard/h_1/4'])],
  ['delivery/m_4', 4, delivered('village-01', ['report/r_1/2'])],
  ['delivery/m_2', 5, delivered('guijianban', ['hazard/h_3/4'], 2)],
  ['delivery/m_5', 6, failed('office', ['hazard/h_3/4'])],
);
const messages = async (query: DeliveryQuery) =>
  (await listDeliveries(deps, query)).items.map((entry) => entry.message);

beforeAll(async () => {
  await applyBatch(deps, 1, [deliveriesView, carriedView], history);
});

describe('the list of messages', () => {
  it('has the failed ones first, each part newest first', async () => {
    expect(await messages({})).toEqual(['m_5', 'm_3', 'm_2', 'm_4', 'm_1']);
  });

  it('can be had by status, organisation and event', async () => {
    expect(await messages({ status: 'failed' })).toEqual(['m_5', 'm_3']);
    expect(await messages({ status: 'delivered' })).toEqual(['m_2', 'm_4', 'm_1']);
    expect(await messages({ organisation: 'village-01' })).toEqual(['m_3', 'm_4']);
    expect(await messages({ organisation: 'village-01', status: 'delivered' })).toEqual(['m_4']);
    expect(await messages({ event: 'hazard/h_1/4' })).toEqual(['m_3', 'm_1']);
  });

  it('comes in pages that join', async () => {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await listDeliveries(deps, { limit: 2, cursor });
      pages.push(page.items.map((entry) => entry.message));
      cursor = page.cursor;
    } while (cursor);
    expect(pages.flat()).toEqual(['m_5', 'm_3', 'm_2', 'm_4', 'm_1']);
    expect(pages[0]).toHaveLength(2);
  });

  it('shows of a message that was sent again that it was delivered, and how it had failed', async () => {
    const { items } = await listDeliveries(deps, { status: 'delivered', organisation: 'guijianban', limit: 1 });
    expect(items).toEqual([
      {
        message: 'm_2',
        channel: 'wecom',
        organisation: 'guijianban',
        name: null,
        status: 'delivered',
        carries: ['hazard/h_3/4'],
        round: 2,
        attempts: 2,
        sentAt: at(20),
        answer: 'errcode 0',
        why: 'exhausted',
        error: 'HTTP 500',
        at: at(5),
      },
    ]);
  });

  it.each([
    [{ status: 'lost' }, 'status'],
    [{ organisation: 'a b' }, 'organisation'],
    [{ limit: 0 }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
  ])('refuses %j, naming %s', async (query, field) => {
    await expect(listDeliveries(deps, query as DeliveryQuery)).rejects.toMatchObject({ field });
  });
});

describe('an event', () => {
  it('has what became of it at each organisation that it went to', async () => {
    const found = await deliveriesOf(deps, ['hazard/h_1/4', 'hazard/h_3/4', 'hazard/h_9/1', 'hazard/h_1/4']);
    const short = [...found].map(([event, carried]) => [
      event,
      carried.map(({ message: id, organisation, status }) => `${id} ${organisation} ${status}`),
    ]);
    expect(short).toEqual([
      ['hazard/h_1/4', ['m_1 guijianban delivered', 'm_3 village-01 failed']],
      ['hazard/h_3/4', ['m_2 guijianban delivered', 'm_5 office failed']],
      ['hazard/h_9/1', []],
    ]);
  });
});
