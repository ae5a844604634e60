// Stream category `duty` (应办事项): what somebody has to do about something, by some day, with some proof. That it is owed is an
// event of its own, so that an omission is a recorded fact. What it asks for is data (duty-definition.ts); the decider evaluates
// the rules and the result is in the event (`unmet`, `next`, `due`), so that folds need nothing but the event.
import * as z from 'zod';
import { DUTY_SUBJECT_NAMES, dutyValuesSchema } from './duty-definition.ts';
import {
  dateSchema,
  defineEvent,
  idSchema,
  instantSchema,
  personSchema,
  textSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { choicesOf, enumOf, titled } from './field.ts';
import { reminderFields } from './reminder.ts';

export const DUTY_STATUS_NAMES = {
  open: '待办',
  stopped: '已叫停',
  done: '已办结',
  'not-applicable': '不适用',
  abandoned: '已终止',
} as const;
export type DutyStatus = keyof typeof DUTY_STATUS_NAMES;
export const DUTY_STATUSES = Object.keys(DUTY_STATUS_NAMES) as readonly DutyStatus[];
export const dutyStatusSchema = titled(enumOf(choicesOf(DUTY_STATUS_NAMES, String)), '状态');

/** Every event of a duty has these. */
const life = {
  /** the definition */
  duty: titled(z.string().min(1).max(28), '事项', { left: 'out' }),
  name: titled(z.string().min(1).max(60), '事项名称'),
  before: titled(dutyStatusSchema, '原状态', { left: 'out' }).nullable(),
  after: titled(dutyStatusSchema, '状态', { left: 'out' }),
};
const step = {
  step: titled(idSchema, '步骤', { left: 'out' }),
  stepName: titled(z.string().min(1).max(60), '步骤'),
};
/** What is awaited after it, and by when: none, when nothing has a date. */
const awaited = {
  next: titled(z.array(idSchema).max(8), '待办步骤', { left: 'out' }),
  due: titled(instantSchema, '期限', { as: 'due' }).nullable(),
};
const by = titled(personSchema, '办理人');
const example = { duty: 'ebike.charging', name: '充电设施配建', before: 'open' as const, after: 'open' as const };

/** Who should owe it when nobody does: an empty post is said, never guessed. */
const VACANT_NAMES = { area: '单位未登记村居', supervisor: '监管责任人空缺' } as const;

export const DutyOpened = defineEvent({
  type: 'DutyOpened',
  category: 'duty',
  zh: '立项',
  data: z.strictObject({
    ...life,
    version: titled(z.number().int().min(1), '版本', { unit: '第 # 版' }),
    subject: titled(
      z.strictObject({
        kind: titled(enumOf(choicesOf(DUTY_SUBJECT_NAMES, String)), '对象'),
        id: titled(idSchema, '编号'),
        /** of a matter */
        name: titled(z.string().trim().min(1).max(120), '名称').optional(),
      }),
      '对象',
    ),
    /** 2025-05, 2025-Q2, 2025; of a lease its id */
    period: titled(idSchema, '期间').optional(),
    /** the day of the period by which it is due */
    periodDay: titled(dateSchema, '期间内办理日', { left: 'out' }).optional(),
    /** village in whose area it is */
    area: titled(idSchema, '村居', { as: 'organisation' }).optional(),
    organisation: titled(idSchema, '办理单位', { as: 'organisation' }).nullable(),
    vacant: titled(enumOf(choicesOf(VACANT_NAMES, String)), '空缺').optional(),
    ...awaited,
  }),
  example: {
    ...example,
    before: null,
    version: 1,
    subject: { kind: 'unit', id: 'u_1' },
    organisation: 'village-01',
    next: ['survey'],
    due: '2025-06-30T15:59:59.999Z',
  },
});

export const StepDone = defineEvent({
  type: 'StepDone',
  category: 'duty',
  zh: '办理',
  data: z.strictObject({
    ...life,
    ...step,
    values: titled(dutyValuesSchema, '填报'),
    /** rules that do not hold, in the words of the definition */
    unmet: titled(z.array(z.string().min(1).max(200)).max(20), '未达标'),
    ...awaited,
    by,
  }),
  example: {
    ...example,
    step: 'survey',
    stepName: '配建核查',
    values: { 电动自行车数: 300, 充电端口数: 149 },
    unmet: ['充电端口与车辆之比低于 1：2'],
    next: ['survey'],
    due: '2025-06-30T15:59:59.999Z',
    by: 'p-grid-1',
  },
});

export const StepConfirmed = defineEvent({
  type: 'StepConfirmed',
  category: 'duty',
  zh: '核验通过',
  data: z.strictObject({ ...life, ...step, ...awaited, by: titled(personSchema, '核验人') }),
  example: { ...example, step: 'survey', stepName: '配建核查', next: [], due: null, by: 'p-office-1' },
});

export const StepReturned = defineEvent({
  type: 'StepReturned',
  category: 'duty',
  zh: '退回',
  data: z.strictObject({
    ...life,
    ...step,
    reason: titled(textSchema, '退回理由'),
    ...awaited,
    by: titled(personSchema, '核验人'),
  }),
  example: {
    ...example,
    step: 'survey',
    stepName: '配建核查',
    reason: '照片看不清端口数',
    next: ['survey'],
    due: '2025-06-30T15:59:59.999Z',
    by: 'p-office-1',
  },
});

export const DutyStopped = defineEvent({
  type: 'DutyStopped',
  category: 'duty',
  zh: '叫停',
  data: z.strictObject({
    ...life,
    reason: titled(textSchema, '叫停理由'),
    /** by what law, order or post */
    authority: titled(textSchema, '依据'),
    by,
  }),
  example: { ...example, after: 'stopped', reason: '无人监护', authority: '上海市消防条例', by: 'p-enforcement-1' },
});

export const DutyResumed = defineEvent({
  type: 'DutyResumed',
  category: 'duty',
  zh: '复工',
  data: z.strictObject({ ...life, reason: titled(textSchema, '复工理由'), by }),
  example: { ...example, before: 'stopped', reason: '监护人员已到位', by: 'p-enforcement-1' },
});

export const OUTCOMES_OF_DUTY = { done: '已办结', 'not-applicable': '不适用', abandoned: '已终止' } as const;

export const DutyClosed = defineEvent({
  type: 'DutyClosed',
  category: 'duty',
  zh: '办结',
  data: z.strictObject({
    ...life,
    outcome: titled(enumOf(choicesOf(OUTCOMES_OF_DUTY, String)), '结果'),
    reason: titled(textSchema, '理由').optional(),
    by,
    /** who confirmed that it does not apply: another person */
    approver: titled(personSchema, '确认人').optional(),
  }),
  example: { ...example, after: 'done', outcome: 'done', by: 'p-grid-1' },
});

export const DutyReminderIssued = defineEvent({
  type: 'DutyReminderIssued',
  category: 'duty',
  zh: '催办应办事项',
  data: z.strictObject({ ...life, ...reminderFields }),
  example: {
    ...example,
    due: '2025-06-30T15:59:59.999Z',
    rung: '-3',
    workingDays: -3,
    recipients: [{ organisation: 'village-01', post: 'liaison', person: null }],
    skipped: [],
  },
});

export const DutyMissed = defineEvent({
  type: 'DutyMissed',
  category: 'duty',
  zh: '逾期未办',
  data: z.strictObject({ ...life, due: titled(instantSchema, '已过的期限', { as: 'due' }) }),
  example: { ...example, due: '2025-06-30T15:59:59.999Z' },
});

export const dutyEvents = [
  DutyOpened,
  StepDone,
  StepConfirmed,
  StepReturned,
  DutyStopped,
  DutyResumed,
  DutyClosed,
  DutyReminderIssued,
  DutyMissed,
] as const;
export type DutyEvent = EventOf<(typeof dutyEvents)[number]>;
export type DutyDraft = DraftOf<(typeof dutyEvents)[number]>;
