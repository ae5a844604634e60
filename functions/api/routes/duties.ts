// Routes of duties (应办事项): their definitions, and one of them with its steps and its whole history.
import * as z from 'zod';
import { DUTY_STATUSES } from '../../../events/duty.ts';
import { dutyDefinitionSchema, dutyValuesSchema } from '../../../events/duty-definition.ts';
import { dateSchema, instantSchema } from '../../../events/envelope.ts';
import { DutyOpened } from '../../../events/duty.ts';
import { factsRowSchema } from '../../../shared/reading/duty/facts.ts';
import { dutyRowSchema } from '../../../shared/reading/duty/list.ts';
import { pageOf } from '../../../shared/reading/views/page.ts';
import { NOT_LAUNCHED, query } from '../route.ts';
import { booleanText, freshness, idSchema, paging, trackSchema } from '../schemas.ts';
import { storedEventSchema } from './history.ts';

const done = z.strictObject({
  times: z.int().describe('how often it was done'),
  values: dutyValuesSchema.describe('the latest of each field'),
  unmet: z.array(z.string()).describe('rules that do not hold, in the words of the definition'),
  at: instantSchema,
  by: z.string(),
  confirmedBy: z.string().nullable(),
  returned: z.string().nullable().describe('why it was sent back, if that is the last word'),
});

export const dutyRoutes = {
  listDutyDefinitions: query({
    path: '/v1/campaign/duties',
    tag: 'duties',
    summary: 'The definitions of duties in all their versions, or those of one track',
    zh: '应办事项的定义',
    action: 'read.campaign',
    query: z.strictObject({ track: trackSchema.optional() }),
    answer: z.strictObject({ items: z.array(dutyDefinitionSchema) }).meta({ id: 'DutyDefinitions' }),
  }),
  listDuties: query({
    path: '/v1/duties',
    tag: 'duties',
    summary: 'Duties, open ones first, in order of due date',
    zh: '应办事项清单',
    action: 'read.duties',
    problems: NOT_LAUNCHED,
    access: { action: 'list', unit: '*' },
    query: z.strictObject({
      duty: idSchema.optional().describe('the definition'),
      track: trackSchema.optional(),
      organisation: idSchema.optional().describe('who owes it'),
      area: idSchema.optional().describe('village in which it is'),
      unit: idSchema.optional(),
      status: z.enum(DUTY_STATUSES).optional(),
      unmet: booleanText.optional().describe('true: a rule does not hold'),
      vacant: booleanText.optional().describe('true: nobody owes it, the post is empty'),
      untouched: booleanText.optional().describe('true: not a step has been done'),
      overdue: booleanText.optional().describe('true: only what is open and its date has passed'),
      ...paging,
      ...freshness,
    }),
    answer: pageOf('DutyList', dutyRowSchema),
  }),
  listFacts: query({
    path: '/v1/facts',
    tag: 'duties',
    summary: 'The latest value of every field that was filled in about units (底数), of one track or unit',
    zh: '底数',
    description: 'Each with when, by whom and the event that says so. A later survey replaces only what it says.',
    action: 'read.units',
    problems: NOT_LAUNCHED,
    access: { action: 'list', unit: '*' },
    query: z.strictObject({ track: trackSchema.optional(), unit: idSchema.optional(), ...paging, ...freshness }),
    answer: pageOf('FactsList', factsRowSchema),
  }),
  getDuty: query({
    path: '/v1/duties/{id}',
    tag: 'duties',
    summary: 'One duty with its steps and its whole history, folded fresh from its stream',
    zh: '查看应办事项',
    action: 'read.duties',
    access: { action: 'read' },
    params: z.strictObject({ id: idSchema }),
    answer: z
      .strictObject({
        id: idSchema,
        status: z.enum(DUTY_STATUSES),
        duty: z.string().describe('the definition'),
        version: z.int(),
        name: z.string(),
        track: trackSchema.nullable(),
        subject: DutyOpened.data.shape.subject,
        unit: idSchema.nullable(),
        unitName: z.string().nullable(),
        period: z.string().nullable(),
        periodDay: dateSchema.nullable(),
        area: idSchema.nullable(),
        organisation: idSchema.nullable().describe('who owes it; null: nobody holds the post'),
        openedAt: instantSchema,
        steps: z.array(z.strictObject({ step: idSchema, name: z.string(), done: done.nullable() })),
        next: z.array(idSchema).describe('steps that are awaited'),
        due: instantSchema.nullable(),
        dueSetAt: instantSchema,
        stage: z.int().nullable().describe('working days of the last rung that was issued'),
        missed: z.boolean(),
        overdue: z.boolean(),
        stopped: z
          .strictObject({ reason: z.string(), authority: z.string(), by: z.string(), at: instantSchema })
          .nullable(),
        closed: z.strictObject({ reason: z.string().nullable(), by: z.string(), at: instantSchema }).nullable(),
        definition: dutyDefinitionSchema.describe('in the version that it was opened with'),
        events: z.array(storedEventSchema).describe('oldest first'),
      })
      .meta({ id: 'Duty' }),
  }),
};
