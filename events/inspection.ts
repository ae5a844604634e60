// Stream category `inspection` (检查): planned, recorded with every item's answer, or missed. “No problem” is an answer and is
// kept: without it nobody could tell later “not on the checklist” from “omitted” from “looked at and found in order”.
import * as z from 'zod';
import {
  correctionFields,
  defineEvent,
  evidenceSchema,
  idSchema,
  instantSchema,
  longer,
  personSchema,
  textSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';

export const INSPECTION_MODES = ['routine', 'covert', 'surprise', 'joint', 'recheck'] as const;
export type InspectionMode = (typeof INSPECTION_MODES)[number];
/** As the plan calls them: 三（二）3 and （三）3. */
export const MODE_NAMES: Record<InspectionMode, string> = {
  routine: '日常检查',
  covert: '暗访',
  surprise: '突击抽查',
  joint: '联合检查',
  recheck: '抽查复核',
};
export const HAZARD_GRADES = ['general', 'major'] as const;
export type HazardGrade = (typeof HAZARD_GRADES)[number];
export const GRADE_NAMES: Record<HazardGrade, string> = { general: '一般隐患', major: '重大隐患' };

/** A clause (条款): the rule a checklist item asks about. Compared exactly, so it is trimmed. */
export const clauseSchema = z.string().trim().min(1).max(200);
export const templateSchema = z.strictObject({ id: idSchema, version: z.number().int().min(1) });

export const answerSchema = z.strictObject({
  item: z.string().min(1).max(64),
  clause: clauseSchema,
  answer: z.enum(['problem', 'ok', 'not-applicable']),
  /** what was found, in the inspector's words */
  text: longer(z.string().max(1000)).optional(),
  /** where in the unit */
  place: longer(z.string().max(200)).optional(),
  /** which of the inspection's evidence shows it; its hazard carries these alone */
  evidence: z.array(evidenceSchema.shape.sha256).max(20).optional(),
  /** the wording of the source's row, where this was imported */
  raw: longer(z.string().max(1000)).optional(),
});
export type Answer = z.infer<typeof answerSchema>;

/** Hazards that one inspection may find: each is a part of its transaction, beside the inspection, the unit and one to spare. */
export const MAX_FINDINGS = 97;

/** What a “problem” answer meant: a new hazard, one still there, one come back, or one seen before its sign-off but recorded after it. */
export const OUTCOMES = ['found', 'persists', 'recurred', 'late'] as const;
export const findingSchema = z.strictObject({
  item: z.string(),
  clause: clauseSchema,
  hazard: idSchema,
  outcome: z.enum(OUTCOMES),
});
export type Finding = z.infer<typeof findingSchema>;

export const InspectionPlanned = defineEvent({
  type: 'InspectionPlanned',
  category: 'inspection',
  zh: '计划检查',
  data: z.strictObject({
    plannedFor: instantSchema,
    mode: z.enum(INSPECTION_MODES),
    template: templateSchema.optional(),
    inspectors: z.array(personSchema).min(1).max(20),
  }),
  example: { plannedFor: '2025-05-08T01:00:00.000Z', mode: 'routine', inspectors: ['p-inspector-1'] },
});

export const InspectionRecorded = defineEvent({
  type: 'InspectionRecorded',
  category: 'inspection',
  zh: '检查记录',
  data: z.strictObject({
    mode: z.enum(INSPECTION_MODES),
    template: templateSchema.optional(),
    inspectors: z.array(personSchema).max(20),
    answers: z.array(answerSchema).max(300),
    findings: z.array(findingSchema).max(MAX_FINDINGS),
    /** no answer was “problem” */
    clean: z.boolean(),
    /** the unit's person in charge signed, or refused to (安全生产法 68) */
    signature: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('signed'), by: personSchema }),
        z.strictObject({ kind: z.literal('refused'), reason: textSchema }),
      ])
      .optional(),
    /** overall result in the source's words, where imported */
    result: longer(z.string().max(200)).optional(),
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
  data: z.strictObject({ plannedFor: instantSchema, reason: textSchema }),
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
