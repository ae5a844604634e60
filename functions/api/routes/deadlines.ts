// Routes of deadlines and reports (期限、报表): what is due, what is owed, and what people do about it. Reminders themselves are issued by the clock.
import * as z from 'zod';
import { textSchema } from '../../../events/envelope.ts';
import { REPORT_KINDS, REPORT_STATUSES, type ReportKind } from '../../../events/report.ts';
import { command, query } from '../route.ts';
import { circumstances, dueSchema, flag, freshness, idSchema, pageOf, paging, trackSchema } from '../schemas.ts';
import { storedEventSchema } from './history.ts';

/** As the views take them (shared/views/report-lists.ts, deadline-lists.ts); a test compares. */
export const REPORT_SORTS = ['due', '-due'] as const;
export const DEADLINE_KINDS = ['hazard', 'report'] as const;

const kinds = z.enum(Object.keys(REPORT_KINDS) as [ReportKind, ...ReportKind[]]);
const params = z.strictObject({ id: idSchema });

const deadlineRow = z
  .looseObject({
    kind: z.enum(DEADLINE_KINDS),
    id: idSchema,
    due: z.string(),
    overdue: z.boolean(),
    rung: z.string().nullable().describe('the last rung of the ladder that was issued for this date'),
    remindedAt: z.string().nullable(),
    acknowledgedAt: z.string().nullable(),
    missedAt: z.string().nullable().describe('when it was recorded that the date had passed'),
    requested: z.string().nullable().describe('until when an extension has been asked for; null: none is undecided'),
    unitName: z.string().nullable(),
    earlier: z
      .array(z.looseObject({ due: z.string() }))
      .nullable()
      .describe('the dates before it, in this cycle of the hazard'),
  })
  .meta({ id: 'DeadlineRow' });
const reportRow = z
  .looseObject({
    report: idSchema,
    kind: kinds,
    period: z.string(),
    organisation: idSchema,
    to: idSchema,
    due: z.string(),
    status: z.enum(REPORT_STATUSES),
    missedAt: z.string().nullable(),
  })
  .meta({ id: 'ReportRow' });

export const deadlineRoutes = {
  listDeadlines: query({
    path: '/v1/deadlines',
    tag: 'deadlines',
    summary: 'What is awaited, in order of due date: what is overdue comes first',
    zh: '期限列表（逾期在前）',
    action: 'read.deadlines',
    access: { action: 'list', unit: '*' },
    query: z.strictObject({
      kind: z.enum(DEADLINE_KINDS).optional(),
      track: trackSchema.optional(),
      organisation: idSchema.optional().describe('responsible for it now'),
      area: idSchema
        .optional()
        .describe("village or residents' committee (村居) of the unit when the hazard was found"),
      unit: idSchema.optional(),
      requested: flag
        .optional()
        .describe('true: only what an extension has been asked for that nobody has decided yet'),
      overdue: flag.optional().describe('true: only what has passed; false: only what has not'),
      dueBefore: dueSchema.optional(),
      ...paging,
      ...freshness,
    }),
    answer: pageOf('DeadlineList', deadlineRow),
  }),
  acknowledgeReminder: command({
    path: '/v1/hazards/{id}/acknowledgements',
    tag: 'hazards',
    summary: 'Acknowledge a reminder that went to oneself or to one’s organisation',
    zh: '确认收到提醒',
    description: 'It stops nothing: that it was seen is put on record.',
    action: 'hazard.acknowledge',
    params,
    body: z
      .strictObject({
        reminder: z.string().min(1).max(200).describe('id of the ReminderIssued event, e.g. hazard/h_1/6'),
        note: z.string().trim().min(1).max(1000).optional(),
        ...circumstances,
      })
      .meta({ id: 'AcknowledgeReminder' }),
    example: { reminder: 'hazard/h_1/6', note: '已联系单位' },
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
      kind: kinds.optional(),
      period: z
        .string()
        .regex(/^\d{4}(-(\d{2}|Q[1-4]))?$/, 'must be a month (2025-05), a quarter (2025-Q2) or a year (2025)')
        .optional(),
      track: trackSchema.optional(),
      organisation: idSchema.optional().describe('who owes it'),
      status: z.enum(REPORT_STATUSES).optional(),
      missed: flag.optional().describe('its day passed without it, or did not'),
      sort: z.enum(REPORT_SORTS).optional(),
      ...paging,
      ...freshness,
    }),
    answer: pageOf('ReportList', reportRow),
  }),
  getReport: query({
    path: '/v1/reports/{id}',
    tag: 'deadlines',
    summary: 'One report with its whole history, folded fresh from its stream',
    zh: '查看报表',
    action: 'read.reports',
    params,
    answer: z
      .looseObject({
        id: idSchema,
        kind: kinds,
        period: z.string(),
        organisation: idSchema,
        to: idSchema,
        due: z.string(),
        status: z.enum(REPORT_STATUSES),
        overdue: z.boolean(),
        events: z.array(storedEventSchema).describe('oldest first'),
      })
      .meta({ id: 'Report' }),
  }),
  submitReport: command({
    path: '/v1/reports/{id}/submissions',
    tag: 'deadlines',
    summary: 'Submit a report: its figures are computed here, as of a log position',
    zh: '报送报表',
    description:
      'The figures come from the views and name the log position that they are as of, so that what they rest on can be asked for again. Submitted again, it is the next edition.',
    action: 'report.submit',
    params,
    body: z.strictObject({ note: textSchema.optional(), ...circumstances }).meta({ id: 'SubmitReport' }),
    example: { note: '本月新增隐患均已派发' },
  }),
  returnReport: command({
    path: '/v1/reports/{id}/returns',
    tag: 'deadlines',
    summary: 'Return a report, with the reason',
    zh: '退回报表',
    action: 'report.judge',
    params,
    body: z.strictObject({ reason: textSchema, ...circumstances }).meta({ id: 'ReturnReport' }),
    example: { reason: '数据不全' },
  }),
  acceptReport: command({
    path: '/v1/reports/{id}/acceptance',
    tag: 'deadlines',
    summary: 'Accept a report',
    zh: '接收报表',
    action: 'report.judge',
    params,
    body: z.strictObject({ ...circumstances }).meta({ id: 'AcceptReport' }),
    example: {},
  }),
};
