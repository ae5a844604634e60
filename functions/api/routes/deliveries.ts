// Routes about messages: what was sent to whom, and what became of it.
import * as z from 'zod';
import { CHANNELS, GIVEN_UP } from '../../../events/delivery.ts';
import { query } from '../route.ts';
import { freshness, idSchema, pageOf, paging } from '../schemas.ts';

/** As the view takes them (shared/views/delivery-lists.ts); a test compares. */
export const DELIVERY_STATUSES = ['failed', 'delivered'] as const;

const deliveryRow = z
  .strictObject({
    message: idSchema,
    channel: z.enum(CHANNELS),
    organisation: idSchema,
    name: idSchema.nullable().describe('which channel, when the organisation has several of a kind'),
    status: z.enum(DELIVERY_STATUSES),
    carries: z.array(z.string()).describe('ids of the events that it carries'),
    round: z.int().describe('more than 1: sent again after it had failed'),
    attempts: z.int().describe('in the last round'),
    sentAt: z.string().nullable(),
    answer: z.string().nullable().describe('what the channel answered'),
    why: z.enum(GIVEN_UP).nullable().describe('why it was given up, in the last round that failed'),
    error: z.string().nullable(),
    at: z.string().describe('when the last outcome was recorded'),
  })
  .meta({ id: 'DeliveryRow' });

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
    answer: pageOf('DeliveryList', deliveryRow),
  }),
};
