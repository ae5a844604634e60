// Stream category `report` (报表): what an organisation owes for a period (monthly lists before the 24th, quarterly
// bulletin, year-end summary), reminded, missed, submitted, returned, accepted. The obligation is an event of its own,
// so that an omission is a recorded fact.
import * as z from 'zod';
import {
  dateSchema,
  defineEvent,
  idSchema,
  instantSchema,
  personSchema,
  textSchema,
  trackSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { choicesOf, enumOf, longer, titled } from './field.ts';
import { reminderFields } from './reminder.ts';

/** 每月清单, 季度督查通报, 年终总结 (plan 五 and 六（一）). */
export const REPORT_KINDS = { monthly: '月度清单', quarterly: '季度督查通报', 'year-end': '年度工作总结' } as const;
export type ReportKind = keyof typeof REPORT_KINDS;
export const REPORT_STATUS_NAMES = {
  required: '待报送',
  submitted: '已报送',
  returned: '已退回',
  accepted: '已接收',
} as const;
export type ReportStatus = keyof typeof REPORT_STATUS_NAMES;
export const REPORT_STATUSES = Object.keys(REPORT_STATUS_NAMES) as readonly ReportStatus[];

export const reportKindSchema = titled(enumOf(choicesOf(REPORT_KINDS, String)), '种类');
export const reportStatusSchema = titled(enumOf(choicesOf(REPORT_STATUS_NAMES, String)), '状态');
const by = titled(personSchema, '办理人');
/** Every event of a report has these. `period`: 2025-05, 2025-Q2 or 2025. */
const life = {
  kind: reportKindSchema,
  period: titled(
    z.string().regex(/^\d{4}(-(\d{2}|Q[1-4]))?$/, 'must be a month (2025-05), a quarter (2025-Q2) or a year (2025)'),
    '期间',
  ),
  track: titled(trackSchema, '专项').optional(),
  before: titled(reportStatusSchema, '原状态', { left: 'out' }).nullable(),
  after: titled(reportStatusSchema, '状态', { left: 'out' }),
};
const example = { kind: 'monthly' as const, period: '2025-05', track: 'gas' as const };

export const ReportRequired = defineEvent({
  type: 'ReportRequired',
  category: 'report',
  zh: '应报报表',
  data: z.strictObject({
    ...life,
    /** organisation that owes it; it goes to the task-force office or the urban operations centre */
    organisation: titled(idSchema, '应报单位', { as: 'organisation' }),
    to: titled(idSchema, '报送给', { as: 'organisation' }),
    due: titled(instantSchema, '报送期限', { as: 'due' }),
    /** the day that the plan names, before the policy on weekends shifts it */
    nominal: titled(dateSchema, '方案规定日'),
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
  data: z.strictObject({ ...life, due: titled(instantSchema, '已过的期限', { as: 'due' }) }),
  example: { ...example, before: 'required', after: 'required', due: '2025-05-23T15:59:59.999Z' },
});

export const ReportSubmitted = defineEvent({
  type: 'ReportSubmitted',
  category: 'report',
  zh: '报送报表',
  data: z.strictObject({
    ...life,
    /** 1, 2 …: a list may be submitted again */
    edition: titled(z.number().int().min(1), '版次', { unit: '第 # 版' }),
    /** the figures are as of this log position: what they rest on can be asked for again */
    position: titled(z.number().int().min(0), '数字截至日志位置'),
    // in a table of their own
    figures: titled(z.record(z.string().min(1).max(80), z.number()), '数字', { left: 'out' }),
    note: titled(longer(z.string().max(2000)), '说明').optional(),
    by,
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
    reason: titled(textSchema, '退回理由'),
    by,
    /** what was handed in in time and returned after its date has a new date; `previousDue` is the one that it replaces */
    due: titled(instantSchema, '新的报送期限', { as: 'due' }).optional(),
    previousDue: titled(instantSchema, '原期限（已按期报送）', { as: 'due' }).optional(),
  }),
  example: { ...example, before: 'submitted', after: 'returned', reason: '数据不全', by: 'p-operations-1' },
});

export const ReportAccepted = defineEvent({
  type: 'ReportAccepted',
  category: 'report',
  zh: '接收报表',
  data: z.strictObject({ ...life, by }),
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
