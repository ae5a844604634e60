// Stream category `inspection` (检查): planned, recorded with every item's answer, or missed. “No problem” is an answer and is
// kept: without it nobody could tell later “not on the checklist” from “omitted” from “looked at and found in order”.
import * as z from 'zod';
import {
  correctionFields,
  defineEvent,
  evidenceSchema,
  idSchema,
  instantSchema,
  personSchema,
  textSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { choicesOf, enumOf, longer, titled, type Choice } from './field.ts';

/** As the plan calls them: 三（二）3 and （三）3. */
export const MODE_NAMES = {
  routine: '日常检查',
  covert: '暗访',
  surprise: '突击抽查',
  joint: '联合检查',
  recheck: '抽查复核',
} as const;
export type InspectionMode = keyof typeof MODE_NAMES;
export const INSPECTION_MODES = Object.keys(MODE_NAMES) as readonly InspectionMode[];
export const modeSchema = titled(enumOf(choicesOf(MODE_NAMES, String)), '方式');
export const HAZARD_GRADES = ['general', 'major'] as const;
export type HazardGrade = (typeof HAZARD_GRADES)[number];
export const GRADE_NAMES: Record<HazardGrade, string> = { general: '一般隐患', major: '重大隐患' };
export const gradeSchema = titled(
  enumOf<HazardGrade>({
    general: [GRADE_NAMES.general, '危害和整改难度较小，发现后能立即整改排除'],
    major: [GRADE_NAMES.major, '危害或整改难度较大，须停产停业或一定时间治理，或因外部因素难以排除'],
  }),
  '等级',
);

/** A clause (条款): the rule a checklist item asks about. Compared exactly, so it is trimmed. */
export const clauseSchema = titled(z.string().trim().min(1).max(200), '条款');
export const templateSchema = titled(
  z.strictObject({
    id: titled(idSchema, '编号'),
    version: titled(z.number().int().min(1), '版本', { unit: '第 # 版' }),
  }),
  '检查表',
);
export const ANSWERS = { problem: ['有问题'], ok: ['无问题'], 'not-applicable': ['不适用'] } as const;

export const answerSchema = z.strictObject({
  item: titled(z.string().min(1).max(64), '检查项'),
  clause: clauseSchema,
  answer: titled(enumOf(ANSWERS), '答复'),
  /** what was found, in the inspector's words */
  text: titled(longer(z.string().max(1000)), '描述').optional(),
  /** where in the unit */
  place: titled(longer(z.string().max(200)), '部位').optional(),
  /** which of the inspection's evidence shows it; its hazard carries these alone */
  evidence: titled(z.array(evidenceSchema.shape.sha256).max(20), '照片').optional(),
  /** the wording of the source's row, where this was imported */
  raw: titled(longer(z.string().max(1000)), '原文').optional(),
});
export type Answer = z.infer<typeof answerSchema>;

/** Hazards that one inspection may find: each is a part of its transaction, beside the inspection, the unit and one to spare. */
export const MAX_FINDINGS = 97;

/** What a “problem” answer meant: a new hazard, one still there, one come back, or one seen before its sign-off but recorded after it. */
export const OUTCOME_NAMES = {
  found: { short: '新发现', long: '新发现' },
  persists: { short: '仍存在', long: '仍存在' },
  recurred: { short: '已回潮', long: '已回潮' },
  late: { short: '补录', long: '销项前所见，销项后补录' },
} as const;
export const outcomeSchema = titled(enumOf(choicesOf(OUTCOME_NAMES, ({ short }) => short)), '结论');
export const findingSchema = z.strictObject({
  item: titled(z.string(), '检查项'),
  clause: clauseSchema,
  hazard: titled(idSchema, '隐患', { as: 'hazard' }),
  outcome: outcomeSchema,
});
export type Finding = z.infer<typeof findingSchema>;

export const InspectionPlanned = defineEvent({
  type: 'InspectionPlanned',
  category: 'inspection',
  zh: '计划检查',
  data: z.strictObject({
    plannedFor: titled(instantSchema, '计划时间', { days: 'planned' }),
    mode: modeSchema,
    template: templateSchema.optional(),
    inspectors: titled(z.array(personSchema).min(1).max(20), '检查人'),
  }),
  example: { plannedFor: '2025-05-08T01:00:00.000Z', mode: 'routine', inspectors: ['p-inspector-1'] },
});

const SIGNED = { choices: { signed: ['已签字'], refused: ['拒签'] } as Record<string, Choice> };

export const InspectionRecorded = defineEvent({
  type: 'InspectionRecorded',
  category: 'inspection',
  zh: '检查记录',
  data: z.strictObject({
    mode: modeSchema,
    template: templateSchema.optional(),
    inspectors: titled(z.array(personSchema).max(20), '检查人', { claimed: true }),
    answers: titled(z.array(answerSchema).max(300), '答复'),
    findings: titled(z.array(findingSchema).max(MAX_FINDINGS), '发现'),
    /** no answer was “problem” */
    clean: titled(z.boolean(), '未发现问题'),
    /** the unit's person in charge signed, or refused to (安全生产法 68) */
    signature: titled(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: titled(z.literal('signed'), '签字', SIGNED), by: titled(personSchema, '签字人') }),
        z.strictObject({ kind: titled(z.literal('refused'), '签字', SIGNED), reason: titled(textSchema, '理由') }),
      ]),
      '签字',
    ).optional(),
    /** overall result in the source's words, where imported */
    result: titled(longer(z.string().max(200)), '结果').optional(),
  }),
  example: {
    mode: 'routine',
    template: { id: 'gas-restaurant', version: 1 },
    inspectors: ['p-inspector-1'],
    answers: [
      { item: '1', clause: 'GAS-01', answer: 'problem', text: '软管老化', place: '后厨' },
      { item: '2', clause: 'GAS-02', answer: 'ok' },
    ],
    findings: [{ item: '1', clause: 'GAS-01', hazard: 'h_1', outcome: 'found' }],
    clean: false,
    signature: { kind: 'signed', by: 'p-unit-1' },
  },
});

export const InspectionMissed = defineEvent({
  type: 'InspectionMissed',
  category: 'inspection',
  zh: '检查未执行',
  data: z.strictObject({
    plannedFor: titled(instantSchema, '原定时间'),
    reason: titled(textSchema, '未执行的理由'),
  }),
  example: { plannedFor: '2025-05-08T01:00:00.000Z', reason: '检查人员临时抽调' },
});

export const InspectionCorrected = defineEvent({
  type: 'InspectionCorrected',
  category: 'inspection',
  zh: '更正检查记录',
  data: z.strictObject(correctionFields),
  example: {
    target: 'inspection/i_1/1',
    changes: [{ field: 'inspectors', from: ['p-inspector-1'], to: ['p-inspector-2'] }],
    reason: '检查人员录入有误',
    approver: 'p-office-1',
  },
});

export const inspectionEvents = [InspectionPlanned, InspectionRecorded, InspectionMissed, InspectionCorrected] as const;
export type InspectionEvent = EventOf<(typeof inspectionEvents)[number]>;
export type InspectionDraft = DraftOf<(typeof inspectionEvents)[number]>;
