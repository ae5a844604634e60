// What was sent by the channels, from the views.
import { listDeliveries } from '../../../shared/views/delivery-lists.ts';
import type { TypedHandlers } from '../call.ts';
import { waitAtLeast } from './wait.ts';

export const deliveryHandlers = {
  listDeliveries: async (deps, call) => {
    const { atLeast, ...filters } = call.query;
    await waitAtLeast(deps, call, atLeast);
    const { examined: _examined, ...page } = await listDeliveries(deps.views, filters);
    return { status: 200, body: page };
  },
} satisfies TypedHandlers;
