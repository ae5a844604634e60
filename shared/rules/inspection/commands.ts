// The commands on an inspection (检查), each declared once; what they decide is in inspection.ts and finding.ts.
import * as z from 'zod';
import { idSchema, personSchema, trackSchema } from '../../../events/envelope.ts';
import { HazardFound, HazardPersisted, RecurrenceFound } from '../../../events/hazard.ts';
import {
  answerSchema,
  INSPECTION_MODES,
  InspectionCorrected,
  InspectionMissed,
  InspectionPlanned,
  InspectionRecorded,
  templateSchema,
} from '../../../events/inspection.ts';
import { askedCorrection, momentSchema } from '../asked.ts';
import { runOn } from '../command.ts';
import { IN_THE_FIELD, SECOND } from '../roles.ts';

const NO_PAGE = 'none: an inspection has no page of its own yet' as const;

export const planInspection = runOn('inspection', {
  records: [InspectionPlanned],
  summary: 'Plan an inspection',
  path: '/v1/inspections/plans',
  action: 'inspection.plan',
  who: IN_THE_FIELD,
  creates: 'the inspection is planned',
  takes: z.strictObject({
    id: idSchema.optional(),
    unit: idSchema,
    track: trackSchema,
    plannedFor: momentSchema,
    mode: z.enum(INSPECTION_MODES),
    template: templateSchema.optional(),
    inspectors: z.array(personSchema).min(1).max(20),
  }),
  example: {
    unit: 'u_1',
    track: 'gas',
    plannedFor: '2025-05-08T09:00:00+08:00',
    mode: 'routine',
    inspectors: ['p-inspector-1'],
  },
  form: NO_PAGE,
});

export const recordInspection = runOn('inspection', {
  records: [InspectionRecorded, HazardFound, HazardPersisted, RecurrenceFound],
  summary: 'Record an inspection with the answer to every item',
  description:
    'With `id` of a planned inspection it fulfils the plan; without it is one on its own. Each “problem” answer finds a hazard, ' +
    'finds that it persists, or that it has come back after its sign-off (隐患回潮): then the unit leaves the sign-off list in the same commit.',
  path: '/v1/inspections',
  action: 'inspection.record',
  who: IN_THE_FIELD,
  creates: 'the inspection is on record',
  takes: z.strictObject({
    id: idSchema.optional().describe('of a planned inspection, or chosen for a new one'),
    unit: idSchema,
    track: trackSchema,
    mode: z.enum(INSPECTION_MODES),
    template: templateSchema.optional(),
    inspectors: z.array(personSchema).min(1).max(20).optional().describe('the caller alone, unless told'),
    answers: z
      .array(answerSchema.omit({ raw: true }))
      .min(1)
      .max(300),
    signature: InspectionRecorded.data.shape.signature,
  }),
  evidence: true,
  example: {
    unit: 'u_1',
    track: 'gas',
    mode: 'routine',
    template: { id: 'gas-restaurant', version: 1 },
    answers: InspectionRecorded.example.answers,
    signature: { kind: 'signed', by: 'p-unit-1' },
  },
  form: 'own: /inspect/{track} goes by the checklist, item by item, with and without network',
});

export const missInspection = runOn('inspection', {
  records: [InspectionMissed],
  summary: 'Record that a planned inspection was not carried out',
  path: 'missed',
  action: 'inspection.miss',
  who: IN_THE_FIELD,
  takes: InspectionMissed.data.pick({ reason: true }),
  example: { reason: '检查人员临时抽调' },
  form: NO_PAGE,
});

export const correctInspection = runOn('inspection', {
  records: [InspectionCorrected],
  summary: 'Correct what an inspection was recorded with',
  description:
    '`target` is the event that is wrong. Fields of a recorded inspection: mode, template, inspectors, signature, occurredAt, `answers[<item>].text`, `.place`, and `.answer` between ' +
    'ok and not-applicable. Whether there was a problem is not corrected: that is a new inspection. What was there before stays on record. By who recorded it or the office; a second person confirms.',
  path: 'corrections',
  action: 'inspection.correct',
  who: { village: 'area', department: 'track', office: 'town' },
  takes: askedCorrection,
  example: {
    target: 'inspection/i_1/1',
    changes: [
      { field: 'inspectors', to: ['p-inspector-2'] },
      { field: 'answers[1].place', to: '前厅' },
    ],
    reason: '录入有误',
  },
  second: { who: SECOND },
  form: NO_PAGE,
});
