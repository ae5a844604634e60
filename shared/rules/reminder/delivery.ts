// What became of one message (送达): delivered, or given up. Each round has one outcome, recorded once; a message that failed may be sent
// again in a further round, one that was delivered may not.
import type { DeliveryEvent, MessageDelivered, MessageFailed } from '../../../events/delivery.ts';
import type { EventOf } from '../../../events/envelope.ts';
import { NOTHING, type Drafts, type Fold } from '../decider.ts';

export interface DeliveryState {
  status: 'delivered' | 'failed' | null;
  /** rounds that have an outcome */
  round: number;
}

export const delivery: Fold<DeliveryState, DeliveryEvent> = {
  category: 'delivery',
  initial: { status: null, round: 0 },
  evolve(_state, event) {
    return { status: event.type === 'MessageDelivered' ? 'delivered' : 'failed', round: event.data.round };
  },
};

/** The channel took it. Nothing when the round has an outcome already. */
export function recordDelivery(state: DeliveryState, data: EventOf<typeof MessageDelivered>['data']): Drafts {
  if (settled(state, data.round)) return NOTHING;
  return [{ type: 'MessageDelivered', data, organisation: data.organisation }];
}

/** It was given up. Nothing when the round has an outcome already. */
export function giveUp(state: DeliveryState, data: EventOf<typeof MessageFailed>['data']): Drafts {
  if (settled(state, data.round)) return NOTHING;
  return [{ type: 'MessageFailed', data, organisation: data.organisation }];
}

/** Whether nothing is left to do in this round: it has its outcome, or the message was delivered in an earlier one. */
export function settled(state: DeliveryState, round: number): boolean {
  return state.status === 'delivered' || state.round >= round;
}
