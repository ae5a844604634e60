// Stream category `hazard` (隐患): one hazard = one clause at one unit, from its finding through every return of it.
// Each event carries the status before and after, the clause and the responsible organisation, so that any projection can
// fold it without looking anywhere else.
import * as z from 'zod';
import {
  correctionFields,
  defineEvent,
  idSchema,
  instantSchema,
  longer,
  personSchema,
  textSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { titled } from './field.ts';
import { clauseSchema, GRADE_NAMES, HAZARD_GRADES } from './inspection.ts';
import { reminderFields } from './reminder.ts';

/** A rectification period (整改期限) ends within so many years: what is typed with a wrong year is noticed. */
export const LONGEST_PERIOD_YEARS = 10;

export const HAZARD_STATUSES = [
  'found',
  'graded',
  'assigned',
  'returned',
  'ordered',
  'submitted',
  'rejected',
  'verified',
  'signed-off',
  'recurred',
  'duplicate',
  'invalid',
] as const;
export type HazardStatus = (typeof HAZARD_STATUSES)[number];

/** Closed: nothing is left to do unless it comes back. Everything else is open. */
export const CLOSED_STATUSES: readonly HazardStatus[] = ['signed-off', 'duplicate', 'invalid'];
/** Waiting for the unit's side to deliver: only these can be overdue. */
export const WAITING_STATUSES: readonly HazardStatus[] = ['ordered', 'rejected'];
export function isOpen(status: HazardStatus): boolean {
  return !CLOSED_STATUSES.includes(status);
}

const status = z.enum(HAZARD_STATUSES);
/** Every hazard event has these: status before and after, and the grade after it (the envelope has the organisation after it). */
const life = {
  clause: clauseSchema,
  before: status.nullable(),
  after: status,
  grade: z.enum(HAZARD_GRADES).nullable(),
};
const GRADE_CHOICES = {
  general: [GRADE_NAMES.general, '危害和整改难度较小，发现后能立即整改排除'],
  major: [GRADE_NAMES.major, '危害或整改难度较大，须停产停业或一定时间治理，或因外部因素难以排除'],
} as const;
const example = { clause: 'GAS-01', grade: 'general' as const };

export const HazardFound = defineEvent({
  type: 'HazardFound',
  category: 'hazard',
  zh: '发现隐患',
  data: z.strictObject({
    ...life,
    inspection: idSchema,
    item: z.string().max(64),
    text: longer(z.string().max(1000)).optional(),
    place: longer(z.string().max(200)).optional(),
    raw: longer(z.string().max(1000)).optional(),
    /** village or residents' committee of the unit when it was found: whose list it is on */
    area: idSchema.optional(),
  }),
  example: {
    ...example,
    grade: null,
    before: null,
    after: 'found',
    inspection: 'i_1',
    item: '1',
    text: '软管老化',
    place: '后厨',
  },
});

export const HazardPersisted = defineEvent({
  type: 'HazardPersisted',
  category: 'hazard',
  zh: '隐患仍存在',
  data: z.strictObject({
    ...life,
    inspection: idSchema,
    item: z.string().max(64),
    text: longer(z.string().max(1000)).optional(),
    raw: longer(z.string().max(1000)).optional(),
    /** seen before the sign-off, recorded after it: the status stays */
    late: z.boolean(),
  }),
  example: { ...example, before: 'ordered', after: 'ordered', inspection: 'i_2', item: '1', late: false },
});

export const HazardGraded = defineEvent({
  type: 'HazardGraded',
  category: 'hazard',
  zh: '隐患定级',
  data: z.strictObject({
    ...life,
    grade: titled(z.enum(HAZARD_GRADES), '等级', { choices: GRADE_CHOICES }),
    /** grade before */
    from: z.enum(HAZARD_GRADES).nullable(),
    basis: titled(textSchema, '定级依据'),
  }),
  example: { ...example, before: 'found', after: 'graded', from: null, grade: 'general', basis: '可立即整改' },
});

export const HazardAssigned = defineEvent({
  type: 'HazardAssigned',
  category: 'hazard',
  zh: '派发隐患',
  /** `from`: organisation responsible before (the track's lead until the first assignment) */
  data: z.strictObject({
    ...life,
    from: idSchema,
    to: titled(idSchema, '派发给', { as: 'organisation' }),
    note: longer(z.string().max(1000)).optional(),
  }),
  example: { ...example, before: 'graded', after: 'assigned', from: 'chengyun', to: 'guijianban' },
});

export const HazardReturned = defineEvent({
  type: 'HazardReturned',
  category: 'hazard',
  zh: '退回派发',
  data: z.strictObject({ ...life, by: idSchema, reason: titled(textSchema, '退回理由') }),
  example: { ...example, before: 'assigned', after: 'returned', by: 'guijianban', reason: '不属本部门职责' },
});

export const HazardReassigned = defineEvent({
  type: 'HazardReassigned',
  category: 'hazard',
  zh: '改派隐患',
  data: z.strictObject({
    ...life,
    from: idSchema,
    to: titled(idSchema, '改派给', { as: 'organisation' }),
    reason: titled(textSchema, '改派理由'),
  }),
  example: {
    ...example,
    before: 'returned',
    after: 'assigned',
    from: 'guijianban',
    to: 'shichangsuo',
    reason: '属市场所职责',
  },
});

export const RectificationOrdered = defineEvent({
  type: 'RectificationOrdered',
  category: 'hazard',
  zh: '责令整改',
  data: z.strictObject({
    ...life,
    measures: titled(textSchema, '整改措施'),
    /** end of the rectification period (整改期限) */
    due: instantSchema,
    /** due date that this one replaces; every earlier one stays in the history */
    previousDue: instantSchema.nullable(),
    /** legal basis or authority of the order */
    authority: titled(textSchema, '依据'),
    /** village or residents' committee of the unit when the hazard was found: whose list the deadline is on */
    area: idSchema.optional(),
  }),
  example: {
    ...example,
    before: 'assigned',
    after: 'ordered',
    measures: '更换软管并加装熄火保护装置',
    due: '2025-05-20T15:59:59.000Z',
    previousDue: null,
    authority: '《城镇燃气管理条例》',
  },
});

export const InterimControlSet = defineEvent({
  type: 'InterimControlSet',
  category: 'hazard',
  zh: '落实临时管控措施',
  data: z.strictObject({ ...life, measures: titled(textSchema, '临时管控措施'), until: instantSchema.optional() }),
  example: { ...example, before: 'ordered', after: 'ordered', measures: '整改前停止用气' },
});

export const RectificationSubmitted = defineEvent({
  type: 'RectificationSubmitted',
  category: 'hazard',
  zh: '提交整改',
  data: z.strictObject({ ...life, by: personSchema, statement: titled(textSchema, '整改情况') }),
  example: { ...example, before: 'ordered', after: 'submitted', by: 'p-village-1', statement: '软管已更换' },
});

export const VerificationPassed = defineEvent({
  type: 'VerificationPassed',
  category: 'hazard',
  zh: '复查通过',
  data: z.strictObject({ ...life, by: personSchema, basis: textSchema }),
  example: { ...example, before: 'submitted', after: 'verified', by: 'p-dept-1', basis: '现场复查' },
});

export const VerificationRejected = defineEvent({
  type: 'VerificationRejected',
  category: 'hazard',
  zh: '复查不通过',
  data: z.strictObject({
    ...life,
    by: personSchema,
    reason: textSchema,
    /** in this cycle, this one included */
    rejections: z.number().int().min(1),
    /** what was submitted in time and looked at after its date has a new date; `previousDue` is the one that it replaces */
    due: instantSchema.optional(),
    previousDue: instantSchema.optional(),
  }),
  example: {
    ...example,
    before: 'submitted',
    after: 'rejected',
    by: 'p-dept-1',
    reason: '未装熄火保护装置',
    rejections: 1,
  },
});

export const HazardSignedOff = defineEvent({
  type: 'HazardSignedOff',
  category: 'hazard',
  zh: '销项',
  data: z.strictObject({
    ...life,
    by: personSchema,
    /** start of the cycle that ends here: when it was found, or last came back */
    openedAt: instantSchema,
    /** whole calendar days in town time from `openedAt` to the sign-off */
    days: z.number().int().min(0),
    /** which sign-off of this hazard: 1, 2 … */
    cycle: z.number().int().min(1),
  }),
  example: {
    ...example,
    before: 'verified',
    after: 'signed-off',
    by: 'p-dept-2',
    openedAt: '2025-05-08T02:00:00.000Z',
    days: 7,
    cycle: 1,
  },
});

export const RecurrenceFound = defineEvent({
  type: 'RecurrenceFound',
  category: 'hazard',
  zh: '隐患回潮',
  data: z.strictObject({
    ...life,
    inspection: idSchema,
    item: z.string().max(64),
    text: longer(z.string().max(1000)).optional(),
    raw: longer(z.string().max(1000)).optional(),
    /** id of the sign-off that this undoes */
    undoes: z.string().min(1).max(200),
    signedOffAt: instantSchema,
    /** which recurrence of this hazard: 1, 2 … */
    recurrence: z.number().int().min(1),
  }),
  example: {
    ...example,
    before: 'signed-off',
    after: 'recurred',
    inspection: 'i_3',
    item: '1',
    undoes: 'hazard/h_1/9',
    signedOffAt: '2025-05-15T02:00:00.000Z',
    recurrence: 1,
  },
});

export const HazardClosureProposed = defineEvent({
  type: 'HazardClosureProposed',
  category: 'hazard',
  zh: '申请撤并',
  data: z.strictObject({
    ...life,
    kind: titled(z.enum(['duplicate', 'invalid']), '原因', {
      choices: { duplicate: ['重复', '与同一单位的另一条是同一问题'], invalid: ['无效', '误报，不构成隐患'] },
    }),
    of: titled(idSchema, '保留的隐患编号').optional(),
    reason: titled(textSchema, '理由'),
    by: personSchema,
  }),
  example: {
    ...example,
    before: 'found',
    after: 'found',
    kind: 'duplicate',
    of: 'h_2',
    reason: '与另一条为同一问题',
    by: 'p-dept-1',
  },
});

/** When what is closed now was found, or last came back; absent in events from before this was kept. */
const closes = { openedAt: instantSchema.optional() };

export const HazardLinkedAsDuplicate = defineEvent({
  type: 'HazardLinkedAsDuplicate',
  category: 'hazard',
  zh: '并入重复隐患',
  data: z.strictObject({ ...life, of: idSchema, proposedBy: personSchema, by: personSchema, ...closes }),
  example: {
    ...example,
    before: 'found',
    after: 'duplicate',
    of: 'h_2',
    proposedBy: 'p-dept-1',
    by: 'p-office-1',
  },
});

export const HazardDismissed = defineEvent({
  type: 'HazardDismissed',
  category: 'hazard',
  zh: '认定无效',
  data: z.strictObject({ ...life, reason: textSchema, proposedBy: personSchema, by: personSchema, ...closes }),
  example: {
    ...example,
    before: 'found',
    after: 'invalid',
    reason: '误报',
    proposedBy: 'p-dept-1',
    by: 'p-office-1',
  },
});

export const HazardUnlinked = defineEvent({
  type: 'HazardUnlinked',
  category: 'hazard',
  zh: '撤销并入',
  data: z.strictObject({
    ...life,
    reason: titled(textSchema, '理由'),
    by: personSchema,
    /** what is open again: since when, and its due date, if one was ordered */
    openedAt: instantSchema,
    due: instantSchema.nullable(),
  }),
  example: {
    ...example,
    before: 'duplicate',
    after: 'found',
    reason: '实为两处',
    by: 'p-office-1',
    openedAt: '2025-05-08T02:00:00.000Z',
    due: null,
  },
});

export const HazardCorrected = defineEvent({
  type: 'HazardCorrected',
  category: 'hazard',
  zh: '更正隐患记录',
  data: z.strictObject({ ...life, ...correctionFields }),
  example: {
    ...example,
    before: 'ordered',
    after: 'ordered',
    target: 'hazard/h_1/1',
    changes: [{ field: 'place', from: '后厨', to: '前厅' }],
    reason: '部位录入有误',
    approver: 'p-office-1',
  },
});

export const ExtensionRequested = defineEvent({
  type: 'ExtensionRequested',
  category: 'hazard',
  zh: '申请延期',
  data: z.strictObject({
    ...life,
    /** due date in force */
    due: instantSchema,
    requested: instantSchema,
    reason: titled(textSchema, '延期理由'),
    by: personSchema,
  }),
  example: {
    ...example,
    before: 'ordered',
    after: 'ordered',
    due: '2025-05-20T15:59:59.000Z',
    requested: '2025-06-03T15:59:59.000Z',
    reason: '配件到货延迟',
    by: 'p-village-1',
  },
});

export const ExtensionApproved = defineEvent({
  type: 'ExtensionApproved',
  category: 'hazard',
  zh: '同意延期',
  data: z.strictObject({
    ...life,
    /** new due date; `previousDue` is the one it replaces */
    due: instantSchema,
    previousDue: instantSchema,
    reason: textSchema,
    requestedBy: personSchema,
    by: personSchema,
    /** extensions approved in this cycle, this one included */
    extensions: z.number().int().min(1),
  }),
  example: {
    ...example,
    before: 'ordered',
    after: 'ordered',
    due: '2025-06-03T15:59:59.000Z',
    previousDue: '2025-05-20T15:59:59.000Z',
    reason: '情况属实',
    requestedBy: 'p-village-1',
    by: 'p-office-1',
    extensions: 1,
  },
});

export const ExtensionRefused = defineEvent({
  type: 'ExtensionRefused',
  category: 'hazard',
  zh: '不同意延期',
  data: z.strictObject({
    ...life,
    /** due date that stays in force */
    due: instantSchema,
    requested: instantSchema,
    reason: textSchema,
    requestedBy: personSchema,
    by: personSchema,
  }),
  example: {
    ...example,
    before: 'ordered',
    after: 'ordered',
    due: '2025-05-20T15:59:59.000Z',
    requested: '2025-06-03T15:59:59.000Z',
    reason: '无正当理由',
    requestedBy: 'p-village-1',
    by: 'p-office-1',
  },
});

export const OrderRefused = defineEvent({
  type: 'OrderRefused',
  category: 'hazard',
  zh: '拒不整改',
  /** `reason`: what the unit said or did; `by`: the officer before whom it refused */
  data: z.strictObject({ ...life, reason: titled(textSchema, '情况说明'), by: personSchema }),
  example: { ...example, before: 'ordered', after: 'ordered', reason: '单位拒签并拒绝整改', by: 'p-dept-1' },
});

/** What the town lacks (plan 六（二）: 超出镇级执法部门的权限或能力). */
export const LIMITS = ['power', 'capacity'] as const;
export type Limit = (typeof LIMITS)[number];
export const LIMIT_CHOICES = {
  power: ['权限', '镇级没有这项执法权'],
  capacity: ['能力', '镇级没有相应的人员、设备或技术'],
} as const;
export const limitSchema = titled(z.enum(LIMITS), '不足', { choices: LIMIT_CHOICES });

export const LimitStated = defineEvent({
  type: 'LimitStated',
  category: 'hazard',
  zh: '说明权限或能力不足',
  data: z.strictObject({ ...life, limit: limitSchema, reason: titled(textSchema, '理由'), by: personSchema }),
  example: {
    ...example,
    before: 'ordered',
    after: 'ordered',
    limit: 'power',
    reason: '责令停产停业须由区级部门决定',
    by: 'p-dept-1',
  },
});

export const DangerDeclared = defineEvent({
  type: 'DangerDeclared',
  category: 'hazard',
  zh: '认定重大险情',
  data: z.strictObject({ ...life, reason: titled(textSchema, '险情'), by: personSchema }),
  example: { ...example, before: 'found', after: 'found', reason: '燃气持续泄漏', by: 'p-inspector-1' },
});

export const ReminderIssued = defineEvent({
  type: 'ReminderIssued',
  category: 'hazard',
  zh: '发出提醒',
  data: z.strictObject({
    ...life,
    ...reminderFields,
  }),
  example: {
    ...example,
    before: 'ordered',
    after: 'ordered',
    due: '2025-05-20T15:59:59.000Z',
    rung: '-3',
    workingDays: -3,
    recipients: [{ organisation: 'guijianban', post: 'liaison', person: 'p-liaison-1' }],
    skipped: [],
  },
});

export const ReminderAcknowledged = defineEvent({
  type: 'ReminderAcknowledged',
  category: 'hazard',
  zh: '确认收到提醒',
  data: z.strictObject({
    ...life,
    /** id of the ReminderIssued event */
    reminder: z.string().min(1).max(200),
    by: personSchema,
    note: longer(z.string().max(1000)).optional(),
  }),
  example: { ...example, before: 'ordered', after: 'ordered', reminder: 'hazard/h_1/6', by: 'p-liaison-1' },
});

export const DeadlineMissed = defineEvent({
  type: 'DeadlineMissed',
  category: 'hazard',
  zh: '逾期未完成',
  data: z.strictObject({ ...life, due: instantSchema }),
  example: { ...example, before: 'ordered', after: 'ordered', due: '2025-05-20T15:59:59.000Z' },
});

export const hazardEvents = [
  HazardFound,
  HazardPersisted,
  HazardGraded,
  HazardAssigned,
  HazardReturned,
  HazardReassigned,
  RectificationOrdered,
  InterimControlSet,
  RectificationSubmitted,
  VerificationPassed,
  VerificationRejected,
  HazardSignedOff,
  RecurrenceFound,
  HazardClosureProposed,
  HazardLinkedAsDuplicate,
  HazardDismissed,
  HazardUnlinked,
  HazardCorrected,
  ExtensionRequested,
  ExtensionApproved,
  ExtensionRefused,
  OrderRefused,
  LimitStated,
  DangerDeclared,
  ReminderIssued,
  ReminderAcknowledged,
  DeadlineMissed,
] as const;
export type HazardEvent = EventOf<(typeof hazardEvents)[number]>;
export type HazardDraft = DraftOf<(typeof hazardEvents)[number]>;
