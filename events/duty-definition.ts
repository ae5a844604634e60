// What a duty (应办事项) asks for, as data: what it is about, when it opens, who owes it, its steps with their fields, rules and proof.
// Published on the campaign's stream and versioned; an open duty is judged by the version that it was opened with, for ever.
// No expressions and no code in here: whether a definition fits together is checked in shared/rules/duty/definition.ts.
import * as z from 'zod';
import { dateSchema, idSchema, trackSchema } from './envelope.ts';
import { choicesOf, enumOf, longer, titled } from './field.ts';
import { clauseSchema } from './inspection.ts';

export const DUTY_SUBJECT_NAMES = {
  unit: '单位',
  area: '村居',
  organisation: '组织',
  town: '全镇',
  matter: '事项',
} as const;
export type DutySubjectKind = keyof typeof DUTY_SUBJECT_NAMES;

/** Event types that open a duty at the unit that they are about. */
export const OPENING_EVENTS = ['LeaseRecorded', 'RiskGraded'] as const;
/** Event types that do a step by themselves: nobody enters a thing twice. */
export const FULFILLING_EVENTS = ['SupervisorAssigned', 'LeaseRecorded', 'AgreementSigned'] as const;

/** Days that a duty of a period may be due on: every month has them. */
const dayOfMonth = z.number().int().min(1).max(28);
const kinds = z.array(z.string().trim().min(1).max(80)).min(1).max(20).optional();

export const opensSchema = z.discriminatedUnion('by', [
  /** with every unit of the track, of these kinds where any are named; also those that are there when the duty is published */
  z.strictObject({ by: z.literal('unit'), kinds }),
  z.strictObject({
    by: z.literal('event'),
    event: z.enum(OPENING_EVENTS),
    /** RiskGraded: only a grading to one of these */
    to: z
      .array(z.enum(['A', 'B', 'C', 'D']))
      .min(1)
      .optional(),
  }),
  /** on the first day of each; `day`: by when, in its (last) month */
  z.strictObject({ by: z.literal('period'), every: z.enum(['month', 'quarter', 'year']), day: dayOfMonth, kinds }),
  /** a stage of the campaign begins */
  z.strictObject({ by: z.literal('date'), on: dateSchema, kinds }),
  z.strictObject({ by: z.literal('hand') }),
]);
export type Opens = z.infer<typeof opensSchema>;

const OWED_NAMES = {
  area: '所在村居',
  lead: '牵头单位',
  responsible: '各责任单位',
  supervisor: '监管责任人',
  organisation: '指定单位',
} as const;

export const FIELD_KINDS = ['number', 'money', 'yes-no', 'choice', 'date', 'text', 'person', 'organisation'] as const;
export type DutyFieldKind = (typeof FIELD_KINDS)[number];

/** A field is known by its Chinese name, as people read it on the form and in the list. */
const fieldName = z.string().trim().min(1).max(40);
export const dutyFieldSchema = z.strictObject({
  field: fieldName,
  kind: z.enum(FIELD_KINDS),
  /** of a number: 个, 辆, 分钟 */
  unit: z.string().trim().min(1).max(20).optional(),
  least: z.number().optional(),
  most: z.number().optional(),
  choices: z.array(z.string().trim().min(1).max(80)).min(2).max(30).optional(),
  optional: z.literal(true).optional(),
});
export type DutyField = z.infer<typeof dutyFieldSchema>;

export const dutyValueSchema = z.union([longer(z.string().max(500)), z.number(), z.boolean()]);
export type DutyValue = z.infer<typeof dutyValueSchema>;
export const dutyValuesSchema = z.record(z.string().min(1).max(40), dutyValueSchema);
export type DutyValues = z.infer<typeof dutyValuesSchema>;

const ruleParts = {
  /** what is said when it does not hold */
  say: z.string().trim().min(1).max(200),
  /** it holds only for what has this value */
  when: z.strictObject({ field: fieldName, is: dutyValueSchema }).optional(),
};
const sum = z
  .array(z.strictObject({ field: fieldName, times: z.number() }))
  .min(1)
  .max(8);
export const dutyRuleSchema = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.literal('least'), sum, than: z.number(), ...ruleParts }),
  z.strictObject({ rule: z.literal('most'), sum, than: z.number(), ...ruleParts }),
  z.strictObject({ rule: z.literal('yes'), field: fieldName, ...ruleParts }),
  z.strictObject({
    rule: z.literal('one-of'),
    field: fieldName,
    values: z.array(z.string()).min(1).max(30),
    ...ruleParts,
  }),
]);
export type DutyRule = z.infer<typeof dutyRuleSchema>;

const stepDue = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('date'), on: dateSchema }),
  z.strictObject({
    by: z.literal('working-days'),
    days: z.number().int().min(0).max(250),
    /** counted from the opening, or from when the step before was done */
    after: z.enum(['opening', 'step']),
  }),
  /** the day of the period */
  z.strictObject({ by: z.literal('period') }),
]);
export type StepDue = z.infer<typeof stepDue>;

export const dutyStepSchema = z.strictObject({
  step: idSchema,
  name: z.string().trim().min(1).max(60),
  fields: z.array(dutyFieldSchema).max(30).optional(),
  rules: z.array(dutyRuleSchema).max(20).optional(),
  /** photos or papers that must be there, and of what */
  evidence: z
    .strictObject({ least: z.number().int().min(1).max(20), of: z.string().trim().min(1).max(120) })
    .optional(),
  /** another person confirms it */
  second: z.literal(true).optional(),
  /** no later step while a rule of this one is unmet */
  gate: z.literal(true).optional(),
  due: stepDue.optional(),
  /** again each so many days, until the next step is done */
  every: z.number().int().min(1).max(366).optional(),
  /** an unmet rule is a hazard of this clause too, in the same commit */
  hazard: clauseSchema.optional(),
  /** what does it by itself */
  fulfilledBy: z.enum(FULFILLING_EVENTS).optional(),
  /** the field whose value becomes the unit's risk grade once the step is met */
  grades: fieldName.optional(),
});
export type DutyStep = z.infer<typeof dutyStepSchema>;

/** Tables of many lines, which no sentence holds. */
const LONG = { left: 'out' } as const;

export const dutyDefinitionSchema = z.strictObject({
  duty: titled(z.string().regex(/^[a-z0-9][a-z0-9.-]{0,27}$/, 'must be 1 to 28 of a-z, 0-9, . and -'), '编号'),
  version: titled(z.number().int().min(1), '版本', { unit: '第 # 版' }),
  name: titled(z.string().trim().min(1).max(60), '名称'),
  track: titled(trackSchema, '专项').optional(),
  /** the clause of the plan that asks for it; `proposed`: what in here is ours and the plan does not say */
  plan: titled(
    z.strictObject({
      section: z.string().trim().min(1).max(40),
      proposed: longer(z.string().trim().min(1).max(300)).optional(),
    }),
    '方案条款',
    LONG,
  ),
  subject: titled(enumOf(choicesOf(DUTY_SUBJECT_NAMES, String)), '对象'),
  opens: titled(opensSchema, '何时立项', LONG),
  owed: titled(
    z.strictObject({ by: enumOf(choicesOf(OWED_NAMES, String)), organisation: idSchema.optional() }),
    '由谁办理',
    LONG,
  ),
  /** the steps may be done in any order */
  parallel: titled(z.literal(true), '不分先后', LONG).optional(),
  steps: titled(z.array(dutyStepSchema).min(1).max(8), '步骤', LONG),
  /** the target that it feeds */
  counts: titled(idSchema, '计入目标', LONG).optional(),
});
export type DutyDefinition = z.infer<typeof dutyDefinitionSchema>;
