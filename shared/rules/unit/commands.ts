// The commands on a unit (单位/场所), each declared once; what they decide is in unit.ts.
import * as z from 'zod';
import { idSchema, textSchema } from '../../../events/envelope.ts';
import {
  AgreementSigned,
  BaselineSurveyed,
  distinctFromSchema,
  LeaseRecorded,
  RiskGraded,
  SupervisorAssigned,
  SupervisorRelieved,
  UnitClosed,
  UnitDetailsCorrected,
  unitDetailsSchema,
  UnitRegistered,
} from '../../../events/unit.ts';
import { requireOrganisation } from '../campaign/campaign.ts';
import { actOn, runOn } from '../command.ts';
import { IN_THE_FIELD, SECOND } from '../roles.ts';
import * as rules from './unit.ts';

const LEASE = { action: 'unit.lease', who: IN_THE_FIELD } as const;
const SUPERVISE = { action: 'unit.supervise', who: { village: 'area', department: 'track', office: 'town' } } as const;

const distinctFrom = distinctFromSchema
  .optional()
  .describe('ids of units on record that it is not, although it reads like them: answers `unit-looks-like`');

export const registerUnit = runOn('unit', {
  records: [UnitRegistered],
  summary: 'Register a unit',
  description:
    'Names and addresses are compared as they read: without width, case and blanks. Of the same name as one on record, and at the same address or one of the two without address, or with a number in the same register (`external`) that reads the same (letter case, width and zeros in front do not count): 422 `unit-looks-like` with `units`, unless `distinctFrom` names them. Of the same name elsewhere, or at the same address: registered, with `similar` in the answer.',
  path: '/v1/units',
  action: 'unit.register',
  who: IN_THE_FIELD,
  creates: 'the unit is registered',
  takes: z.strictObject({
    id: idSchema.optional().describe('its id here, where the town has one; made up otherwise'),
    ...unitDetailsSchema.shape,
    distinctFrom,
  }),
  example: UnitRegistered.example.details,
  form: 'own: /units/new offers the areas and tracks of whoever registers',
});

export const correctUnit = runOn('unit', {
  records: [UnitDetailsCorrected],
  summary: "Correct a unit's details",
  description:
    'What was there before stays on record. By the organisation that registered it or the office; a second person confirms.',
  path: 'corrections',
  action: 'unit.correct',
  who: { village: 'area', department: 'track', office: 'town' },
  takes: z.strictObject({ details: unitDetailsSchema, reason: textSchema, distinctFrom }),
  second: { who: SECOND },
  example: {
    details: { name: '练塘某饭店', area: 'village-01', tracks: ['gas'] },
    reason: '登记时名称有误',
  },
  form: {
    path: 'correct',
    name: '更正信息',
    button: '更正',
    done: '已提请更正，另一人确认后生效；确认前仍显示原来的内容。',
    intro: '更正须由另一人用自己的账号确认，确认前仍显示原来的内容。更正前的内容不会消失，页面上仍能看到。',
  },
});

export const surveyBaseline = actOn(rules.unit, {
  records: [BaselineSurveyed],
  summary: 'Record the baseline facts of a track',
  path: 'baselines',
  action: 'unit.survey',
  who: IN_THE_FIELD,
  takes: BaselineSurveyed.data,
  decide: rules.surveyBaseline,
  form: 'none: which facts a track asks for is not settled; they come with an import or from another system',
});

export const gradeRisk = actOn(rules.unit, {
  records: [RiskGraded],
  summary: 'Grade the risk, A (low) to D (high)',
  description: 'A lower grade than before needs a second person.',
  path: 'risk-gradings',
  action: 'unit.grade-risk',
  who: { department: 'track', office: 'town' },
  takes: RiskGraded.data.omit({ from: true, approver: true }),
  second: {
    who: SECOND,
    when: (drafts) => drafts.some((draft) => draft.type === 'RiskGraded' && rules.isLower(draft.data)),
  },
  example: { to: 'B', basis: '消防设施已补齐，复核通过' },
  decide: rules.gradeRisk,
  form: { path: 'risk', button: '评定', done: '风险等级已评定。' },
});

export const recordLease = actOn(rules.unit, {
  records: [LeaseRecorded],
  summary: 'Record a lease',
  path: 'leases',
  ...LEASE,
  takes: LeaseRecorded.data,
  decide: rules.recordLease,
  form: {
    button: '登记',
    done: '租赁已登记。',
    hints: { lease: '本单位内不重复，例如 l-1；签订协议时用它', to: '没有约定的不填' },
  },
});

export const signAgreement = actOn(rules.unit, {
  records: [AgreementSigned],
  summary: "Record that a lease's safety agreement was signed",
  path: 'agreements',
  ...LEASE,
  takes: AgreementSigned.data,
  decide: rules.signAgreement,
  form: { button: '登记', done: '安全管理协议已登记。', hints: { lease: '登记租赁时的编号' } },
});

export const assignSupervisor = actOn(rules.unit, {
  records: [SupervisorAssigned, SupervisorRelieved],
  summary: 'Say who supervises the unit for a track, from a day on',
  description: 'One person a track. Whoever did before is relieved with the day before `from`, in the same commit.',
  path: 'supervisors',
  ...SUPERVISE,
  takes: SupervisorAssigned.data,
  /** @throws RuleViolated `supervision-overlaps`; InvalidInput for an organisation that the campaign does not have */
  decide(state, id, act, { campaign }) {
    requireOrganisation(campaign, act.organisation, 'organisation');
    return rules.assignSupervisor(state, id, act);
  },
  form: {
    button: '明确',
    done: '监管责任人已明确。',
    hints: { from: '原责任人到前一天为止', basis: '文件或决定' },
  },
});

export const relieveSupervisor = actOn(rules.unit, {
  records: [SupervisorRelieved],
  summary: 'Relieve who supervises the unit for a track, with the last day',
  path: 'supervisors/relief',
  ...SUPERVISE,
  takes: SupervisorRelieved.data,
  decide: rules.relieveSupervisor,
  form: { button: '免去', done: '监管责任人已免去。', weighty: true, hints: { reason: '例如 岗位调整' } },
});

export const closeUnit = actOn(rules.unit, {
  records: [UnitClosed],
  summary: 'Close a unit that has no open hazard',
  path: 'closure',
  action: 'unit.close',
  who: { department: 'track', office: 'town' },
  takes: UnitClosed.data,
  decide: rules.close,
  form: {
    path: 'close',
    name: '注销',
    button: '注销单位',
    done: '单位已注销。',
    intro: '注销后不能再对这个单位办理任何事项，记录仍可查看。还有未销项隐患的单位不能注销。',
    weighty: true,
  },
});
