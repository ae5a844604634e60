// The route by which a district's own system answers cases that were escalated to it. It signs what it sends; there is no token.
import * as z from 'zod';
import { personSchema, textSchema } from '../../../events/envelope.ts';
import { command } from '../route.ts';
import { idSchema } from '../schemas.ts';
import { circumstances, momentSchema } from '../../../shared/rules/asked.ts';

const common = {
  escalation: idSchema.describe('the case'),
  by: personSchema.optional().describe("the district's own reference of who decided, never a name"),
  occurredAt: circumstances.occurredAt,
};

export const webhookRoutes = {
  districtWebhook: command({
    path: '/v1/webhooks/districts/{district}',
    tag: 'escalations',
    summary: "A district unit's own system accepts, gives back or decides a case",
    zh: '区级系统回复案件',
    description:
      'Signed as Standard Webhooks has it: `webhook-id` (the idempotency key: the same when it is sent again), `webhook-timestamp` (seconds since 1970, at most 300 s from now), ' +
      '`webhook-signature` (`v1,` and the base64 of HMAC-SHA-256 over `<id>.<timestamp>.<body>`). The secret is agreed with the town. What is refused with 401, 409 or 5xx may be sent again as it is; 4xx otherwise will be refused again.',
    action: 'public',
    signed: true,
    params: z.strictObject({ district: idSchema }),
    body: z
      .discriminatedUnion('action', [
        z.strictObject({
          action: z.literal('accept'),
          ...common,
          reference: z.string().trim().min(1).max(200).optional().describe("the district's own number for it"),
        }),
        z.strictObject({ action: z.literal('return'), ...common, missing: z.array(textSchema).min(1).max(20) }),
        z.strictObject({
          action: z.literal('resolve'),
          ...common,
          decision: textSchema,
          decidedAt: momentSchema.optional(),
        }),
      ])
      .meta({ id: 'DistrictDelivery' }),
    example: { action: 'accept', escalation: 'e_1', reference: '青安委办〔2025〕31号', by: 'q-0417' },
  }),
};
