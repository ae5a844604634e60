// Routes of inspections (检查): planned, recorded with every item's answer, or missed.
import * as z from 'zod';
import { instantSchema, personSchema, textSchema } from '../../../events/envelope.ts';
import { answerSchema, INSPECTION_MODES, InspectionRecorded, templateSchema } from '../../../events/inspection.ts';
import { command, query } from '../route.ts';
import { evidenceSchema, idSchema, trackSchema } from '../schemas.ts';
import { circumstances, correctionSchema, momentSchema } from '../../../shared/domain/asked.ts';
import { storedEventSchema } from './history.ts';

const params = z.strictObject({ id: idSchema });
const tag = 'inspections';

export const inspectionRoutes = {
  planInspection: command({
    path: '/v1/inspections/plans',
    tag,
    summary: 'Plan an inspection',
    zh: '计划检查',
    action: 'inspection.plan',
    creates: 'the inspection is planned',
    body: z
      .strictObject({
        id: idSchema.optional(),
        unit: idSchema,
        track: trackSchema,
        plannedFor: momentSchema,
        mode: z.enum(INSPECTION_MODES),
        template: templateSchema.optional(),
        inspectors: z.array(personSchema).min(1).max(20),
        ...circumstances,
      })
      .meta({ id: 'PlanInspection' }),
    example: {
      unit: 'u_1',
      track: 'gas',
      plannedFor: '2025-05-08T09:00:00+08:00',
      mode: 'routine',
      inspectors: ['p-inspector-1'],
    },
  }),
  recordInspection: command({
    path: '/v1/inspections',
    tag,
    summary: 'Record an inspection with the answer to every item',
    zh: '检查记录',
    description:
      'With `id` of a planned inspection it fulfils the plan; without it is one on its own. Each “problem” answer finds a hazard, ' +
      'finds that it persists, or that it has come back after its sign-off (隐患回潮): then the unit leaves the sign-off list in the same commit.',
    action: 'inspection.record',
    creates: 'the inspection is on record',
    body: z
      .strictObject({
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
        evidence: z.array(evidenceSchema).max(50).optional(),
        ...circumstances,
      })
      .meta({ id: 'RecordInspection' }),
    example: {
      unit: 'u_1',
      track: 'gas',
      mode: 'routine',
      template: { id: 'gas-restaurant', version: 1 },
      answers: InspectionRecorded.example.answers,
      signature: { kind: 'signed', by: 'p-unit-1' },
    },
  }),
  missInspection: command({
    path: '/v1/inspections/{id}/missed',
    tag,
    summary: 'Record that a planned inspection was not carried out',
    zh: '检查未执行',
    action: 'inspection.miss',
    params,
    body: z.strictObject({ reason: textSchema, ...circumstances }).meta({ id: 'MissInspection' }),
    example: { reason: '检查人员临时抽调' },
  }),
  correctInspection: command({
    path: '/v1/inspections/{id}/corrections',
    tag,
    summary: 'Correct what an inspection was recorded with',
    zh: '更正检查记录',
    description:
      '`target` is the event that is wrong. Fields of a recorded inspection: mode, template, inspectors, signature, occurredAt, `answers[<item>].text`, `.place`, and `.answer` between ' +
      'ok and not-applicable. Whether there was a problem is not corrected: that is a new inspection. What was there before stays on record. `approver` is another person than the caller.',
    action: 'inspection.correct',
    params,
    body: z.strictObject({ ...correctionSchema.shape, ...circumstances }).meta({ id: 'CorrectInspection' }),
    example: {
      target: 'inspection/i_1/1',
      changes: [
        { field: 'inspectors', to: ['p-inspector-2'] },
        { field: 'answers[1].place', to: '前厅' },
      ],
      reason: '录入有误',
      approver: 'p-office-1',
    },
  }),
  getInspection: query({
    path: '/v1/inspections/{id}',
    tag,
    summary: 'One inspection, folded fresh from its stream',
    zh: '查看检查',
    action: 'read.inspections',
    access: { action: 'read' },
    params,
    answer: z
      .strictObject({
        id: idSchema,
        status: z.enum(['planned', 'recorded', 'missed']),
        plannedFor: instantSchema.nullable(),
        unit: idSchema,
        track: trackSchema,
        events: z.array(storedEventSchema),
      })
      .meta({ id: 'Inspection' }),
  }),
};
