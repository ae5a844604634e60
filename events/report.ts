// Stream category `report` (报表): what an organisation owes for a period (monthly lists before the 24th, quarterly
// bulletin, year-end summary), reminded, missed, submitted, returned, accepted. The obligation is an event of its own,
// so that an omission is a recorded fact.
import * as z from 'zod';
import {
  dateSchema,
  defineEvent,
  idSchema,
  instantSchema,
  longer,
  personSchema,
  textSchema,
  trackSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { reminderFields } from './reminder.ts';

/** 每月清单, 季度督查通报, 年终总结 (plan 五 and 六（一）). */
export const REPORT_KINDS = { monthly: '月度清单', quarterly: '季度督查通报', 'year-end': '年度工作总结' } as const;
export type ReportKind = keyof typeof REPORT_KINDS;
export const REPORT_STATUSES = ['required', 'submitted', 'returned', 'accepted'] as const;
export type ReportStatus = (typeof REPORT_STATUSES)[number];

export const reportKindSchema = z.enum(Object.keys(REPORT_KINDS) as [ReportKind, ...ReportKind[]]);
const status = z.enum(REPORT_STATUSES);
/** Every event of a report has these. `period`: 2025-05, 2025-Q2 or 2025. */
const life = {
  kind: reportKindSchema,
  period: z
    .string()
    .regex(/^\d{4}(-(\d{2}|Q[1-4]))?$/, 'must be a month (2025-05), a quarter (2025-Q2) or a year (2025)'),
  track: trackSchema.optional(),
  before: status.nullable(),
  after: status,
};
const example = { kind: 'monthly' as const, period: '2025-05', track: 'gas' as const };

export const ReportRequired = defineEvent({
  type: 'ReportRequired',
  category: 'report',
  zh: '应报报表',
  data: z.strictObject({
    ...life,
    /** organisation that owes it; it goes to the task-force office or the urban operations centre */
    organisation: idSchema,
    to: idSchema,
    due: instantSchema,
    /** the day that the plan names, before the policy on weekends shifts it */
    nominal: dateSchema,
  }),
  example: {
    ...example,
    before: null,
    after: 'required',
    organisation: 'guijianban',
    to: 'chengyun',
    due: '2025-05-23T15:59:59.999Z',
    nominal: '2025-05-24',
  },
});

export const ReportReminderIssued = defineEvent({
  type: 'ReportReminderIssued',
  category: 'report',
  zh: '催报提醒',
  data: z.strictObject({
    ...life,
    ...reminderFields,
  }),
  example: {
    ...example,
    before: 'required',
    after: 'required',
    due: '2025-05-23T15:59:59.999Z',
    rung: '-2',
    workingDays: -2,
    recipients: [{ organisation: 'guijianban', post: 'liaison', person: null }],
    skipped: [],
  },
});

export const ReportMissed = defineEvent({
  type: 'ReportMissed',
  category: 'report',
  zh: '逾期未报',
  data: z.strictObject({ ...life, due: instantSchema }),
  example: { ...example, before: 'required', after: 'required', due: '2025-05-23T15:59:59.999Z' },
});

export const ReportSubmitted = defineEvent({
  type: 'ReportSubmitted',
  category: 'report',
  zh: '报送报表',
  data: z.strictObject({
    ...life,
    /** 1, 2 …: a list may be submitted again */
    edition: z.number().int().min(1),
    /** the figures are as of this log position: what they rest on can be asked for again */
    position: z.number().int().min(0),
    figures: z.record(z.string().min(1).max(80), z.number()),
    note: longer(z.string().max(2000)).optional(),
    by: personSchema,
  }),
  example: {
    ...example,
    before: 'required',
    after: 'submitted',
    edition: 1,
    position: 42,
    figures: { units: 120, open: 3, signedOff: 17 },
    by: 'p-liaison-1',
  },
});

export const ReportReturned = defineEvent({
  type: 'ReportReturned',
  category: 'report',
  zh: '退回报表',
  data: z.strictObject({
    ...life,
    reason: textSchema,
    by: personSchema,
    /** what was handed in in time and returned after its date has a new date; `previousDue` is the one that it replaces */
    due: instantSchema.optional(),
    previousDue: instantSchema.optional(),
  }),
  example: { ...example, before: 'submitted', after: 'returned', reason: '数据不全', by: 'p-operations-1' },
});

export const ReportAccepted = defineEvent({
  type: 'ReportAccepted',
  category: 'report',
  zh: '接收报表',
  data: z.strictObject({ ...life, by: personSchema }),
  example: { ...example, before: 'submitted', after: 'accepted', by: 'p-operations-1' },
});

export const reportEvents = [
  ReportRequired,
  ReportReminderIssued,
  ReportMissed,
  ReportSubmitted,
  ReportReturned,
  ReportAccepted,
] as const;
export type ReportEvent = EventOf<(typeof reportEvents)[number]>;
export type ReportDraft = DraftOf<(typeof reportEvents)[number]>;
