// A message has one outcome a round, and none after it was delivered.
import { describe, it } from 'vitest';
import type { MessageDelivered, MessageFailed } from '../../events/delivery.ts';
import type { EventOf } from '../../events/envelope.ts';
import { delivery, recordDelivery, giveUp } from '../../shared/rules/reminder/delivery.ts';
import { eventOf } from '../support/builders.ts';
import { given } from '../support/given.ts';

const message = { channel: 'wecom' as const, organisation: 'guijianban', carries: ['hazard/h_1/6'], attempts: 1 };
const taken = (round = 1): EventOf<typeof MessageDelivered>['data'] => ({
  ...message,
  round,
  sentAt: '2025-05-15T00:30:00.000Z',
});
const failed = (round = 1): EventOf<typeof MessageFailed>['data'] => ({
  ...message,
  round,
  why: 'refused',
  error: 'errcode 93000',
});
const FAILED = eventOf('delivery', 'm_1', 1, { type: 'MessageFailed', data: failed() });
const DELIVERED = eventOf('delivery', 'm_1', 1, { type: 'MessageDelivered', data: taken() });

describe('a message', () => {
  it('that the channel took is delivered, for the organisation whose channel it is', () => {
    given(delivery)
      .when((state) => recordDelivery(state, taken()))
      .thenRecorded({ type: 'MessageDelivered', organisation: 'guijianban' });
  });

  it('that was given up has failed, with the reason', () => {
    given(delivery)
      .when((state) => giveUp(state, failed()))
      .thenRecorded({ type: 'MessageFailed', organisation: 'guijianban', data: { why: 'refused' } });
  });

  it.each([
    ['delivered', DELIVERED],
    ['failed', FAILED],
  ])('that was %s has no second outcome in that round, whatever it would be', (_, before) => {
    given(delivery, [before])
      .when((state) => recordDelivery(state, taken()))
      .thenNothing();
    given(delivery, [before])
      .when((state) => giveUp(state, failed()))
      .thenNothing();
  });

  it('that failed may be delivered in a further round, or fail again', () => {
    given(delivery, [FAILED])
      .when((state) => recordDelivery(state, taken(2)))
      .thenRecorded({ type: 'MessageDelivered', data: { round: 2 } });
    given(delivery, [FAILED])
      .when((state) => giveUp(state, failed(2)))
      .thenRecorded({ type: 'MessageFailed', data: { round: 2 } });
  });

  it('that was delivered needs no further round', () => {
    given(delivery, [DELIVERED])
      .when((state) => recordDelivery(state, taken(2)))
      .thenNothing();
    given(delivery, [DELIVERED])
      .when((state) => giveUp(state, failed(2)))
      .thenNothing();
  });
});
