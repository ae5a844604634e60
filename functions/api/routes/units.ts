// Routes of units (单位/场所): what is known of them and what is recorded about them.
import * as z from 'zod';
import { dateSchema, personSchema, textSchema } from '../../../events/envelope.ts';
import {
  BaselineSurveyed,
  LeaseRecorded,
  distinctFromSchema,
  RISK_GRADES,
  SupervisorAssigned,
  SupervisorRelieved,
  unitDetailsSchema,
} from '../../../events/unit.ts';
import { command } from '../route.ts';
import { circumstances, idSchema } from '../schemas.ts';

const params = z.strictObject({ id: idSchema });
const tag = 'units';
const distinctFrom = distinctFromSchema
  .optional()
  .describe('ids of units on record that it is not, although it reads like them: answers `unit-looks-like`');

export const unitRoutes = {
  registerUnit: command({
    path: '/v1/units',
    tag,
    summary: 'Register a unit',
    zh: '登记单位',
    description:
      'Names and addresses are compared as they read: without width, case and blanks. Of the same name as one on record, and at the same address or one of the two without address: 422 `unit-looks-like` with `units`, unless `distinctFrom` names them. Of the same name elsewhere, or at the same address: registered, with `similar` in the answer.',
    action: 'unit.register',
    creates: 'the unit is registered',
    body: z
      .strictObject({
        id: idSchema.optional().describe('its id here, where the town has one; made up otherwise'),
        ...unitDetailsSchema.shape,
        distinctFrom,
        ...circumstances,
      })
      .meta({ id: 'RegisterUnit' }),
    example: {
      name: '练塘某餐饮店',
      kind: '餐饮',
      address: '练塘镇示例路 1 号',
      area: 'village-01',
      tracks: ['gas'],
    },
  }),
  correctUnit: command({
    path: '/v1/units/{id}/corrections',
    tag,
    summary: "Correct a unit's details",
    zh: '更正单位信息',
    description: 'What was there before stays on record. `approver` is another person than the caller.',
    action: 'unit.correct',
    params,
    body: z
      .strictObject({
        details: unitDetailsSchema,
        reason: textSchema,
        approver: personSchema,
        distinctFrom,
        ...circumstances,
      })
      .meta({ id: 'CorrectUnit' }),
    example: {
      details: { name: '练塘某饭店', area: 'village-01', tracks: ['gas'] },
      reason: '登记时名称有误',
      approver: 'p-office-1',
    },
  }),
  surveyBaseline: command({
    path: '/v1/units/{id}/baselines',
    tag,
    summary: 'Record the baseline facts of a track',
    zh: '摸清底数',
    action: 'unit.survey',
    params,
    body: z.strictObject({ ...BaselineSurveyed.data.shape, ...circumstances }).meta({ id: 'SurveyBaseline' }),
    example: BaselineSurveyed.example,
  }),
  gradeRisk: command({
    path: '/v1/units/{id}/risk-gradings',
    tag,
    summary: 'Grade the risk, A (low) to D (high)',
    zh: '风险评定',
    action: 'unit.grade-risk',
    params,
    body: z.strictObject({ to: z.enum(RISK_GRADES), basis: textSchema, ...circumstances }).meta({ id: 'GradeRisk' }),
    example: { to: 'B', basis: '消防设施已补齐，复核通过' },
  }),
  recordLease: command({
    path: '/v1/units/{id}/leases',
    tag,
    summary: 'Record a lease',
    zh: '登记租赁',
    action: 'unit.lease',
    params,
    body: z.strictObject({ ...LeaseRecorded.data.shape, ...circumstances }).meta({ id: 'RecordLease' }),
    example: LeaseRecorded.example,
  }),
  signAgreement: command({
    path: '/v1/units/{id}/agreements',
    tag,
    summary: "Record that a lease's safety agreement was signed",
    zh: '签订安全管理协议',
    action: 'unit.lease',
    params,
    body: z.strictObject({ lease: idSchema, signedOn: dateSchema, ...circumstances }).meta({ id: 'SignAgreement' }),
    example: { lease: 'l-1', signedOn: '2025-05-06' },
  }),
  assignSupervisor: command({
    path: '/v1/units/{id}/supervisors',
    tag,
    summary: 'Say who supervises the unit for a track, from a day on',
    zh: '明确监管责任人',
    description: 'One person a track. Whoever did before is relieved with the day before `from`, in the same commit.',
    action: 'unit.supervise',
    params,
    body: z.strictObject({ ...SupervisorAssigned.data.shape, ...circumstances }).meta({ id: 'AssignSupervisor' }),
    example: SupervisorAssigned.example,
  }),
  relieveSupervisor: command({
    path: '/v1/units/{id}/supervisors/relief',
    tag,
    summary: 'Relieve who supervises the unit for a track, with the last day',
    zh: '免去监管责任人',
    action: 'unit.supervise',
    params,
    body: z.strictObject({ ...SupervisorRelieved.data.shape, ...circumstances }).meta({ id: 'RelieveSupervisor' }),
    example: SupervisorRelieved.example,
  }),
  closeUnit: command({
    path: '/v1/units/{id}/closure',
    tag,
    summary: 'Close a unit that has no open hazard',
    zh: '单位注销',
    action: 'unit.close',
    params,
    body: z.strictObject({ reason: textSchema, ...circumstances }).meta({ id: 'CloseUnit' }),
    example: { reason: '已搬迁' },
  }),
};
