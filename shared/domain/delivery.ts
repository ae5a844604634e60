// What became of one message (送达): delivered, or failed after its last attempt. A message that failed may be delivered later.
import type { DeliveryEvent } from '../../events/delivery.ts';
import type { Fold } from './decider.ts';

export interface DeliveryState {
  status: 'delivered' | 'failed' | null;
}

export const delivery: Fold<DeliveryState, DeliveryEvent> = {
  category: 'delivery',
  initial: { status: null },
  evolve(_state, event) {
    return { status: event.type === 'MessageDelivered' ? 'delivered' : 'failed' };
  },
};
