// Routes of deadlines and reports (期限、报表): what is due, what is owed, and what people do about it. Reminders themselves are issued by the clock.
import * as z from 'zod';
import { dateSchema, instantSchema, longer, textSchema } from '../../../events/envelope.ts';
import { HAZARD_STATUSES } from '../../../events/hazard.ts';
import { HAZARD_GRADES } from '../../../events/inspection.ts';
import { REPORT_KINDS, REPORT_STATUSES, type ReportKind } from '../../../events/report.ts';
import type { KnownReport } from '../../../shared/domain/report.ts';
import type { DeadlineEntry } from '../../../shared/views/deadlines.ts';
import type { ReportEntry } from '../../../shared/views/reports.ts';
import { command, NOT_LAUNCHED, query } from '../route.ts';
import { flag, freshness, idSchema, pageOf, paging, trackSchema, type FieldsOf, waitSchema } from '../schemas.ts';
import { circumstances, dueSchema } from '../../../shared/domain/asked.ts';
import { storedEventSchema } from './history.ts';

/** As the views take them (shared/views/report-lists.ts, deadline-lists.ts); a test compares. */
export const REPORT_SORTS = ['due', '-due'] as const;
export const DEADLINE_KINDS = ['hazard', 'report'] as const;

const kinds = z.enum(Object.keys(REPORT_KINDS) as [ReportKind, ...ReportKind[]]);
const params = z.strictObject({ id: idSchema });

const instant = instantSchema;
const moment = instant.nullable();
const track = trackSchema.nullable();
const period = z.string().describe('a month (2025-05), a quarter (2025-Q2) or a year (2025)');
const figures = z.record(z.string(), z.number()).describe('as submitted');

const dueDate = {
  due: instant,
  setAt: instant.describe('when an order, an extension or the calendar of reports set it'),
  stage: z.int().nullable().describe('working days of the last rung that was issued for it; null before the first'),
  rung: z.string().nullable().describe('the last rung of the ladder that was issued for this date'),
  provisional: z
    .boolean()
    .describe("that rung's day was counted in a year without a statutory notice: by the week, Saturday and Sunday off"),
  reminder: z.string().nullable().describe('the event that issued it; ready to be acknowledged'),
  remindedAt: moment,
  acknowledgedAt: moment,
  phase: z.enum(['waiting', 'missed', 'escalated']),
  missedAt: moment.describe('when it was recorded that the date had passed'),
};
const deadlineRow = z
  .strictObject({
    ...({
      kind: z.enum(DEADLINE_KINDS),
      id: idSchema.describe('of the hazard or report'),
      unit: idSchema.nullable(),
      area: idSchema.nullable().describe('village or residents’ committee of the unit when the hazard was found'),
      track,
      organisation: idSchema.nullable().describe('responsible for it now'),
      clause: z.string().nullable(),
      grade: z.enum(HAZARD_GRADES).nullable(),
      report: kinds.nullable().describe('kind of the report'),
      period: period.nullable(),
      status: z.enum([...HAZARD_STATUSES, ...REPORT_STATUSES]),
      awaited: z.boolean().describe('something is still awaited by the date'),
      submittedAt: moment.describe('when the last submission was recorded'),
      lapsed: z.boolean().describe('submitted in time and sent back only after the date: it needs another one'),
      ...dueDate,
      earlier: z
        .array(z.strictObject(dueDate))
        .nullable()
        .describe('the dates before it, in this cycle of the hazard; null: come back since, and nothing ordered yet'),
      requested: moment.describe('until when an extension has been asked for; null: none is undecided'),
      escalated: z.boolean().describe('a case with the district because of a date of this cycle that was missed'),
    } satisfies FieldsOf<DeadlineEntry>),
    unitName: z.string().nullable(),
    overdue: z.boolean(),
  })
  .meta({ id: 'DeadlineRow' });
const reportRow = z
  .strictObject({
    report: idSchema,
    kind: kinds,
    period,
    track,
    organisation: idSchema,
    to: idSchema,
    nominal: dateSchema.describe('the day that the plan names'),
    due: instant,
    status: z.enum(REPORT_STATUSES),
    requiredAt: instant,
    rung: z.string().nullable().describe('the last rung of the ladder that was issued'),
    remindedAt: moment,
    missedAt: moment,
    editions: z.int(),
    submittedAt: moment,
    late: z.boolean().nullable().describe('handed in after its due date; null before it is handed in'),
    position: z.int().nullable().describe('everything before this log position is in its figures'),
    figures: figures.nullable(),
    returnedReason: z.string().nullable(),
    acceptedAt: moment,
  } satisfies FieldsOf<ReportEntry>)
  .meta({ id: 'ReportRow' });
const reportState = {
  status: z.enum(REPORT_STATUSES),
  kind: kinds,
  period,
  track,
  organisation: idSchema,
  to: idSchema,
  due: instant,
  setAt: instant.describe('when it was required'),
  nominal: dateSchema.nullable().describe('the day that the plan names'),
  stage: z.int().nullable().describe('working days of the last rung that was issued'),
  missed: z.boolean(),
  editions: z.int(),
  submitted: z
    .strictObject({ by: z.string(), at: instant, position: z.int(), figures })
    .nullable()
    .describe('the last edition'),
  handedInAt: moment.describe('when the last edition was recorded'),
  returned: z.string().nullable().describe('why it was last returned'),
  acceptance: waitSchema.nullable().describe('handed in, it waits to be accepted or returned'),
} satisfies FieldsOf<KnownReport>;

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
        note: longer(z.string().trim().min(1).max(1000)).optional(),
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
      .strictObject({
        id: idSchema,
        ...reportState,
        overdue: z.boolean(),
        returnDue: z
          .strictObject({ due: z.string(), day: z.string(), workingDays: z.int(), ruleSet: z.int() })
          .nullable()
          .describe('what is proposed for the new date that a return now would need; null: it would need none'),
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
    body: z
      .strictObject({
        reason: textSchema,
        due: dueSchema
          .optional()
          .describe(
            'a new date, when it was handed in in time and is returned after its date, and only then; the refusal without one names what is proposed',
          ),
        ...circumstances,
      })
      .meta({ id: 'ReturnReport' }),
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
