// Stream category `hazard` (隐患): one hazard = one clause at one unit, from its finding through every return of it.
// Each event carries the status before and after, the clause and the responsible organisation, so that any projection can
// fold it without looking anywhere else.
import * as z from 'zod';
import {
  approverField,
  correctionFields,
  defineEvent,
  idSchema,
  instantSchema,
  personSchema,
  textSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { choicesOf, enumOf, longer, titled } from './field.ts';
import { clauseSchema, gradeSchema, OUTCOME_NAMES } from './inspection.ts';
import { reminderFields } from './reminder.ts';

/** A rectification period (整改期限) ends within so many years: what is typed with a wrong year is noticed. */
export const LONGEST_PERIOD_YEARS = 10;

/** What is (papers), and what waits (lists, tags). */
export const STATUS_NAMES = {
  found: { is: '已发现', waits: '待定级' },
  graded: { is: '已定级', waits: '待派发' },
  assigned: { is: '已派发', waits: '待责令整改' },
  returned: { is: '已退回', waits: '待改派' },
  ordered: { is: '已责令整改', waits: '整改中' },
  submitted: { is: '已提交整改', waits: '待复查' },
  rejected: { is: '复查不通过', waits: '复查不通过' },
  verified: { is: '复查通过', waits: '待销项' },
  'signed-off': { is: '已销项', waits: '已销项' },
  recurred: { is: '已回潮', waits: '已回潮' },
  duplicate: { is: '重复并入', waits: '重复并入' },
  invalid: { is: '认定无效', waits: '认定无效' },
} as const;
export type HazardStatus = keyof typeof STATUS_NAMES;
export const HAZARD_STATUSES = Object.keys(STATUS_NAMES) as readonly HazardStatus[];

/** Closed: nothing is left to do unless it comes back. Everything else is open. */
export const CLOSED_STATUSES: readonly HazardStatus[] = ['signed-off', 'duplicate', 'invalid'];
/** Waiting for the unit's side to deliver: only these can be overdue. */
export const WAITING_STATUSES: readonly HazardStatus[] = ['ordered', 'rejected'];
export function isOpen(status: HazardStatus): boolean {
  return !CLOSED_STATUSES.includes(status);
}

export const statusSchema = titled(enumOf(choicesOf(STATUS_NAMES, ({ is }) => is)), '状态');
/** Every hazard event has these: status before and after, and the grade after it (the envelope has the organisation after it). */
const life = {
  clause: titled(clauseSchema, '条款', { left: 'out' }),
  before: titled(statusSchema, '原状态', { left: 'out' }).nullable(),
  after: titled(statusSchema, '状态', { left: 'out' }),
  grade: titled(gradeSchema, '等级', { left: 'out' }).nullable(),
};
/** Where it was found: by which inspection, in which words. */
const seen = {
  inspection: titled(idSchema, '检查', { left: 'out' }),
  item: titled(z.string().max(64), '检查项', { left: 'out' }),
  text: titled(longer(z.string().max(1000)), '描述').optional(),
};
const raw = titled(longer(z.string().max(1000)), '原文', { left: 'out of sentences' }).optional();
const area = titled(idSchema, '村居', { as: 'organisation', left: 'out' }).optional();
const previousDue = titled(instantSchema, '原期限', { as: 'due' });
const newDue = titled(instantSchema, '新的整改期限', { as: 'due' });
const openedAt = titled(instantSchema, '本轮发现时间', { left: 'out' });
const note = titled(longer(z.string().max(1000)), '说明').optional();
const duplicateOf = titled(idSchema, '保留的隐患', { as: 'hazard' });
/** Who did it; shown where it is somebody else than who recorded it. */
const by = titled(personSchema, '办理人');
const proposedBy = titled(personSchema, '申请人');
const example = { clause: 'GAS-01', grade: 'general' as const };

export const HazardFound = defineEvent({
  type: 'HazardFound',
  category: 'hazard',
  zh: '发现隐患',
  data: z.strictObject({
    ...life,
    ...seen,
    place: titled(longer(z.string().max(200)), '部位').optional(),
    raw,
    /** village or residents' committee of the unit when it was found: whose list it is on */
    area,
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
    ...seen,
    raw,
    /** seen before the sign-off, recorded after it: the status stays */
    late: titled(z.boolean(), '补录', { choices: { true: [OUTCOME_NAMES.late.long], false: ['再次检查仍存在'] } }),
  }),
  example: { ...example, before: 'ordered', after: 'ordered', inspection: 'i_2', item: '1', late: false },
});

export const HazardGraded = defineEvent({
  type: 'HazardGraded',
  category: 'hazard',
  zh: '隐患定级',
  data: z.strictObject({
    ...life,
    grade: gradeSchema,
    /** grade before */
    from: titled(gradeSchema, '原等级').nullable(),
    basis: titled(textSchema, '定级依据'),
    /** of a lower grade than before */
    approver: approverField,
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
    from: titled(idSchema, '原责任单位', { as: 'organisation' }),
    to: titled(idSchema, '派发给', { as: 'organisation' }),
    note,
  }),
  example: { ...example, before: 'graded', after: 'assigned', from: 'chengyun', to: 'guijianban' },
});

export const HazardReturned = defineEvent({
  type: 'HazardReturned',
  category: 'hazard',
  zh: '退回派发',
  data: z.strictObject({
    ...life,
    by: titled(idSchema, '退回单位', { as: 'organisation' }),
    reason: titled(textSchema, '退回理由'),
  }),
  example: { ...example, before: 'assigned', after: 'returned', by: 'guijianban', reason: '不属本部门职责' },
});

export const HazardReassigned = defineEvent({
  type: 'HazardReassigned',
  category: 'hazard',
  zh: '改派隐患',
  data: z.strictObject({
    ...life,
    from: titled(idSchema, '原责任单位', { as: 'organisation' }),
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
    due: titled(instantSchema, '整改期限', { as: 'due' }),
    /** due date that this one replaces; every earlier one stays in the history */
    previousDue: previousDue.nullable(),
    /** legal basis or authority of the order */
    authority: titled(textSchema, '法规依据'),
    /** village or residents' committee of the unit when the hazard was found: whose list the deadline is on */
    area,
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
  data: z.strictObject({
    ...life,
    measures: titled(textSchema, '临时管控措施'),
    until: titled(instantSchema, '截止', { as: 'due' }).optional(),
  }),
  example: { ...example, before: 'ordered', after: 'ordered', measures: '整改前停止用气' },
});

export const RectificationSubmitted = defineEvent({
  type: 'RectificationSubmitted',
  category: 'hazard',
  zh: '提交整改',
  data: z.strictObject({ ...life, by, statement: titled(textSchema, '整改情况') }),
  example: { ...example, before: 'ordered', after: 'submitted', by: 'p-village-1', statement: '软管已更换' },
});

export const VerificationPassed = defineEvent({
  type: 'VerificationPassed',
  category: 'hazard',
  zh: '复查通过',
  data: z.strictObject({ ...life, by, basis: titled(textSchema, '复查情况') }),
  example: { ...example, before: 'submitted', after: 'verified', by: 'p-dept-1', basis: '现场复查' },
});

export const VerificationRejected = defineEvent({
  type: 'VerificationRejected',
  category: 'hazard',
  zh: '复查不通过',
  data: z.strictObject({
    ...life,
    by,
    reason: titled(textSchema, '不通过的理由'),
    /** in this cycle, this one included */
    rejections: titled(z.number().int().min(1), '本轮复查不通过', { unit: '第 # 次' }),
    /** what was submitted in time and looked at after its date has a new date; `previousDue` is the one that it replaces */
    due: newDue.optional(),
    previousDue: titled(previousDue, '原期限（已按期提交）').optional(),
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
    by,
    /** start of the cycle that ends here: when it was found, or last came back */
    openedAt,
    /** whole calendar days in town time from `openedAt` to the sign-off */
    days: titled(z.number().int().min(0), '历时', { unit: '# 天' }),
    /** which sign-off of this hazard: 1, 2 … */
    cycle: titled(z.number().int().min(1), '办结', { unit: '第 # 轮' }),
    /** in this cycle, where it has another grade now */
    highest: titled(gradeSchema, '本轮最高等级').optional(),
    /** of a hazard that was major at any time of this cycle */
    approver: approverField,
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
    ...seen,
    raw,
    /** id of the sign-off that this undoes */
    undoes: titled(z.string().min(1).max(200), '被推翻的销项', { left: 'out' }),
    signedOffAt: titled(instantSchema, '上次销项'),
    /** which recurrence of this hazard: 1, 2 … */
    recurrence: titled(z.number().int().min(1), '回潮', { unit: '第 # 次' }),
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

export const closureSchema = titled(
  enumOf<'duplicate' | 'invalid'>({
    duplicate: [STATUS_NAMES.duplicate.is, '与同一单位的另一条是同一问题'],
    invalid: [STATUS_NAMES.invalid.is, '误报，不构成隐患'],
  }),
  '原因',
);

export const HazardClosureProposed = defineEvent({
  type: 'HazardClosureProposed',
  category: 'hazard',
  zh: '申请撤并',
  data: z.strictObject({
    ...life,
    kind: closureSchema,
    of: titled(duplicateOf, '保留的隐患编号').optional(),
    reason: titled(textSchema, '理由'),
    by,
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
const closes = { openedAt: openedAt.optional() };

export const HazardLinkedAsDuplicate = defineEvent({
  type: 'HazardLinkedAsDuplicate',
  category: 'hazard',
  zh: '并入重复隐患',
  data: z.strictObject({ ...life, of: titled(duplicateOf, '并入'), proposedBy, by, ...closes }),
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
  data: z.strictObject({ ...life, reason: titled(textSchema, '理由'), proposedBy, by, ...closes }),
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
    by,
    /** what is open again: since when, and its due date, if one was ordered */
    openedAt,
    due: titled(instantSchema, '整改期限', { as: 'due' }).nullable(),
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

const requested = titled(instantSchema, '申请延至', { as: 'due' });

export const ExtensionRequested = defineEvent({
  type: 'ExtensionRequested',
  category: 'hazard',
  zh: '申请延期',
  data: z.strictObject({
    ...life,
    /** due date in force */
    due: titled(instantSchema, '现在的期限', { as: 'due' }),
    requested,
    reason: titled(textSchema, '延期理由'),
    by,
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
    due: newDue,
    previousDue,
    reason: titled(textSchema, '审批理由'),
    requestedBy: proposedBy,
    by,
    /** extensions approved in this cycle, this one included */
    extensions: titled(z.number().int().min(1), '本轮延期', { unit: '第 # 次' }),
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
    due: titled(instantSchema, '期限仍为', { as: 'due' }),
    requested,
    reason: titled(textSchema, '审批理由'),
    requestedBy: proposedBy,
    by,
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
  data: z.strictObject({ ...life, reason: titled(textSchema, '情况说明'), by }),
  example: { ...example, before: 'ordered', after: 'ordered', reason: '单位拒签并拒绝整改', by: 'p-dept-1' },
});

/** What the town lacks (plan 六（二）: 超出镇级执法部门的权限或能力). */
export const LIMIT_NAMES = {
  power: { short: '权限不足', long: '超出镇级执法权限' },
  capacity: { short: '能力不足', long: '超出镇级处置能力' },
} as const;
export type Limit = keyof typeof LIMIT_NAMES;
export const LIMITS = Object.keys(LIMIT_NAMES) as readonly Limit[];
export const limitSchema = titled(
  enumOf<Limit>({
    power: [LIMIT_NAMES.power.short, '镇级没有这项执法权'],
    capacity: [LIMIT_NAMES.capacity.short, '镇级没有相应的人员、设备或技术'],
  }),
  '超出镇级之处',
);

export const LimitStated = defineEvent({
  type: 'LimitStated',
  category: 'hazard',
  zh: '说明权限或能力不足',
  data: z.strictObject({ ...life, limit: limitSchema, reason: titled(textSchema, '理由'), by }),
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
  data: z.strictObject({ ...life, reason: titled(textSchema, '险情'), by }),
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
    reminder: titled(z.string().min(1).max(200), '提醒', { left: 'out' }),
    by,
    note,
  }),
  example: { ...example, before: 'ordered', after: 'ordered', reminder: 'hazard/h_1/6', by: 'p-liaison-1' },
});

export const DeadlineMissed = defineEvent({
  type: 'DeadlineMissed',
  category: 'hazard',
  zh: '逾期未完成',
  data: z.strictObject({ ...life, due: titled(instantSchema, '已过的期限', { as: 'due' }) }),
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
