// Routes of one hazard (隐患): from its grading to its sign-off, and its whole history.
import * as z from 'zod';
import { instantSchema } from '../../../events/envelope.ts';
import { ESCALATION_STATUSES } from '../../../events/escalation.ts';
import { hazardSchema, TRANSITIONS, type HazardAct } from '../../../shared/rules/hazard/hazard.ts';
import { query } from '../route.ts';
import { idSchema } from '../schemas.ts';
import { storedEventSchema } from './history.ts';

const params = z.strictObject({ id: idSchema });
const tag = 'hazards';

/** A due date that a rule set proposes. */
export const proposedDueSchema = z.strictObject({
  due: z.string(),
  day: z.string(),
  workingDays: z.int(),
  ruleSet: z.int(),
});

export const dueDates = z
  .array(
    z.strictObject({
      due: instantSchema,
      kind: z.enum(['order', 'extension', 'rejection']),
      orderedAt: instantSchema.describe('when it was set'),
      by: z.string().describe('who ordered or approved it'),
      authority: z.string().optional(),
      previousDue: instantSchema.optional().describe('the one that it replaced'),
      reason: z.string().optional(),
      requestedBy: z.string().optional(),
      event: z.string(),
    }),
  )
  .describe('every due date it ever had, oldest first');

export type DueDate = z.infer<typeof dueDates>[number];

export const hazardRoutes = {
  getHazard: query({
    path: '/v1/hazards/{id}',
    tag,
    summary: 'One hazard with its whole history, folded fresh from its stream',
    zh: '查看隐患',
    action: 'read.hazards',
    access: { action: 'read' },
    params,
    answer: z
      .strictObject({
        ...hazardSchema.shape,
        unitName: z.string(),
        allowed: z
          .array(
            z.strictObject({
              act: z.enum(Object.keys(TRANSITIONS) as [HazardAct, ...HazardAct[]]),
              path: z.string(),
              may: z.boolean(),
            }),
          )
          .describe('what may be done next; `may`: by the caller'),
        dueDates,
        proposedDue: proposedDueSchema
          .nullable()
          .describe(
            'what the rule set proposes for an order today; never set by itself. Null: nothing, or no order is due now',
          ),
        rejectionDue: proposedDueSchema
          .nullable()
          .describe('what is proposed for the new date that a rejection now would need; null: it would need none'),
        overdue: z.boolean().describe('the present due date has passed and it is not submitted, verified or closed'),
        escalation: z
          .strictObject({ id: idSchema, status: z.enum(ESCALATION_STATUSES), to: idSchema })
          .nullable()
          .describe('its case with the district (上报区级) in the present cycle'),
        text: z.string().nullable().describe('what was found, as last said and corrected'),
        place: z.string().nullable().describe('where in the unit, as last said and corrected'),
        events: z.array(storedEventSchema).describe('oldest first'),
      })
      .meta({ id: 'Hazard' }),
  }),
};
