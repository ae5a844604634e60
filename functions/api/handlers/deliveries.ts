// What was sent by the channels, from the views.
import { listDeliveries } from '../../../shared/reading/delivery/list-query.ts';
import type { TypedHandlers } from '../handler-types.ts';
import { waitAtLeast } from './wait.ts';

export const deliveryHandlers = {
  listDeliveries: async (deps, call) => {
    const { atLeast, ...filters } = call.query;
    await waitAtLeast(deps, call, atLeast);
    const { examined: _examined, ...page } = await listDeliveries(deps.views, filters);
    return { status: 200, body: page };
  },
} satisfies TypedHandlers;
