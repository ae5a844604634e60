// Routes of deadlines and reports (期限、报表): what is due, what is owed, and what people do about it. Reminders themselves
// are issued by the clock.
import * as z from 'zod';
import { REPORT_STATUSES, reportKindSchema } from '../../../events/report.ts';
import { reportSchema } from '../../../shared/rules/report/report.ts';
import { DEADLINE_KINDS, deadlineRowSchema } from '../../../shared/reading/deadline/list.ts';
import { REPORT_SORTS, reportEntrySchema } from '../../../shared/reading/report/list.ts';
import { pageOf } from '../../../shared/reading/views/page.ts';
import { NOT_LAUNCHED, query } from '../route.ts';
import { dueSchema } from '../../../shared/rules/asked.ts';
import { booleanText, freshness, idSchema, paging, trackSchema } from '../schemas.ts';
import { proposedDueSchema } from './hazards.ts';
import { storedEventSchema } from './history.ts';

const params = z.strictObject({ id: idSchema });

export const deadlineRoutes = {
  listDeadlines: query({
    path: '/v1/deadlines',
    tag: 'deadlines',
    summary: 'What is awaited, in order of due date: what is overdue comes first',
    zh: '期限列表（逾期在前）',
    action: 'read.deadlines',
    problems: NOT_LAUNCHED,
    access: { action: 'list', unit: '*' },
    query: z.strictObject({
      kind: z.enum(DEADLINE_KINDS).optional(),
      track: trackSchema.optional(),
      organisation: idSchema.optional().describe('responsible for it now'),
      area: idSchema
        .optional()
        .describe("village or residents' committee (村居) of the unit when the hazard was found"),
      unit: idSchema.optional(),
      requested: booleanText
        .optional()
        .describe('true: only what an extension has been asked for that nobody has decided yet'),
      overdue: booleanText.optional().describe('true: only what has passed; false: only what has not'),
      dueBefore: dueSchema.optional(),
      ...paging,
      ...freshness,
    }),
    answer: pageOf('DeadlineList', deadlineRowSchema),
  }),
  listReports: query({
    path: '/v1/reports',
    tag: 'deadlines',
    summary: 'Reports that are or were owed, latest first',
    zh: '报表列表',
    description:
      'Monthly lists by track, the quarterly bulletin, the summaries of the year. The clock puts them on the list.',
    action: 'read.reports',
    query: z.strictObject({
      kind: reportKindSchema.optional(),
      period: z
        .string()
        .regex(/^\d{4}(-(\d{2}|Q[1-4]))?$/, 'must be a month (2025-05), a quarter (2025-Q2) or a year (2025)')
        .optional(),
      track: trackSchema.optional(),
      organisation: idSchema.optional().describe('who owes it'),
      status: z.enum(REPORT_STATUSES).optional(),
      missed: booleanText.optional().describe('its day passed without it, or did not'),
      sort: z.enum(REPORT_SORTS).optional(),
      ...paging,
      ...freshness,
    }),
    answer: pageOf('ReportList', reportEntrySchema),
  }),
  getReport: query({
    path: '/v1/reports/{id}',
    tag: 'deadlines',
    summary: 'One report with its whole history, folded fresh from its stream',
    zh: '查看报表',
    action: 'read.reports',
    params,
    answer: z
      .strictObject({
        id: idSchema,
        ...reportSchema.shape,
        overdue: z.boolean(),
        returnDue: proposedDueSchema
          .nullable()
          .describe('what is proposed for the new date that a return now would need; null: it would need none'),
        events: z.array(storedEventSchema).describe('oldest first'),
      })
      .meta({ id: 'Report' }),
  }),
};
