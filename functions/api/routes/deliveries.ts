// Routes about messages: what was sent to whom, and the outcome.
import * as z from 'zod';
import { DELIVERY_STATUSES, deliveryEntrySchema } from '../../../shared/reading/delivery/list.ts';
import { pageOf } from '../../../shared/reading/views/page.ts';
import { query } from '../route.ts';
import { freshness, idSchema, paging } from '../schemas.ts';

export const deliveryRoutes = {
  listDeliveries: query({
    path: '/v1/deliveries',
    tag: 'platform',
    summary: 'Messages sent by channels (WeCom, DingTalk, webhook, e-mail), those that failed first, then the newest',
    zh: '消息送达',
    description:
      'A message that waits for its next attempt is not in the list yet: it gets there when its channel has taken it, or when it is given up.',
    action: 'read.deliveries',
    query: z.strictObject({
      status: z.enum(DELIVERY_STATUSES).optional(),
      organisation: idSchema.optional().describe('whose channel'),
      event: z
        .string()
        .regex(/^[a-z]+\/[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}\/\d{1,10}$/, 'must be the id of an event, e.g. hazard/h_1/6')
        .optional()
        .describe('only messages that carry this event'),
      ...paging,
      ...freshness,
    }),
    answer: pageOf('DeliveryList', deliveryEntrySchema),
  }),
};
