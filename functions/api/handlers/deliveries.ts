// What was sent by the channels, from the views.
import { listDeliveries } from '../../../shared/views/delivery-lists.ts';
import type { Answer, ApiDeps, Call } from '../call.ts';
import type { Routes } from '../routes.ts';
import { waitAtLeast } from '../waiting.ts';

export const deliveryHandlers = {
  listDeliveries: async (deps: ApiDeps, call: Call<Routes['listDeliveries']>): Promise<Answer> => {
    const { atLeast, ...filters } = call.query;
    await waitAtLeast(deps, atLeast);
    const { examined: _examined, ...page } = await listDeliveries(deps.views, filters);
    return { status: 200, body: page };
  },
};
