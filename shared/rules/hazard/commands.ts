// The commands on a hazard (隐患), each declared once, in the order in which its page offers them; what they decide is in rectification.ts,
// extension.ts, hazard-limits.ts and closure.ts. `acts` are the rows of TRANSITIONS (hazard.ts) that a command carries out.
import * as z from 'zod';
import { textSchema } from '../../../events/envelope.ts';
import { longer, titled } from '../../../events/field.ts';
import {
  DangerDeclared,
  ExtensionApproved,
  ExtensionRefused,
  ExtensionRequested,
  HazardAssigned,
  HazardClosureProposed,
  HazardCorrected,
  HazardDismissed,
  HazardGraded,
  HazardLinkedAsDuplicate,
  HazardReassigned,
  HazardReturned,
  HazardSignedOff,
  HazardUnlinked,
  InterimControlSet,
  LimitStated,
  OrderRefused,
  RectificationOrdered,
  RectificationSubmitted,
  ReminderAcknowledged,
  VerificationPassed,
  VerificationRejected,
} from '../../../events/hazard.ts';
import { townDay } from '../../town-time.ts';
import { askedCorrection, dueSchema } from '../asked.ts';
import { requireOrganisation, ruleSetAt } from '../campaign/campaign.ts';
import * as closure from './closure.ts';
import { actOn, runOn } from '../command.ts';
import * as extensions from './extension.ts';
import * as limits from './limits.ts';
import { hazard } from './hazard.ts';
import { proposeDue } from '../reminder/ladder.ts';
import * as rectification from './rectification.ts';
import { IN_THE_FIELD, SECOND } from '../roles.ts';

const DECIDE_EXTENSION = {
  action: 'hazard.decide-extension',
  who: { department: 'lead', office: 'town', leader: 'town' },
} as const;

const BY_THE_UNIT_S_SIDE = { inspector: 'track', village: 'area', department: 'track' } as const;
const IN_CHARGE = { department: 'track', office: 'town' } as const;
const FOR_THE_TRACK = { department: 'lead', office: 'town' } as const;

const due = titled(dueSchema, '整改期限', { as: 'due' });
const control = InterimControlSet.data.shape;

export const gradeHazard = actOn(hazard, {
  records: [HazardGraded],
  summary: 'Grade: general or major',
  description: 'From major to general needs a second person.',
  path: 'gradings',
  action: 'hazard.grade',
  who: { department: 'track' },
  second: {
    who: SECOND,
    when: (drafts) =>
      drafts.some(({ type, data }) => type === 'HazardGraded' && data.from === 'major' && data.grade !== 'major'),
  },
  takes: HazardGraded.data.pick({ grade: true, basis: true }),
  example: { grade: 'general', basis: '可立即整改' },
  acts: ['grade'],
  decide: rectification.grade,
  form: {
    path: 'grade',
    name: '定级',
    again: '重新定级',
    done: '已定级。',
    intro: '由重大改为一般的，须由另一人用自己的账号确认后才生效。',
  },
});

export const assignHazard = actOn(hazard, {
  records: [HazardAssigned],
  summary: 'Assign to the organisation that is to have it put right',
  path: 'assignments',
  action: 'hazard.assign',
  who: { department: 'lead', operations: 'town', office: 'town' },
  takes: HazardAssigned.data.pick({ to: true }).extend({
    note: titled(longer(z.string().min(1).max(1000)), '说明').optional(),
  }),
  example: { to: 'guijianban' },
  acts: ['assign'],
  decide(state, id, act, { campaign }) {
    requireOrganisation(campaign, act.to, 'to');
    return rectification.assign(state, id, act);
  },
  form: { path: 'assign', name: '派发', done: '已派发。' },
});

/** @throws RuleViolated `due-missing`, `due-past`, `due-too-late` */
export const orderRectification = actOn(hazard, {
  records: [RectificationOrdered],
  summary: 'Order rectification by a due date',
  description: 'The due date is never made up; every earlier one stays in the history.',
  path: 'orders',
  action: 'hazard.order',
  who: { department: 'track' },
  takes: z.strictObject({
    measures: RectificationOrdered.data.shape.measures,
    due: due.optional().describe('required; the refusal without one names what the rule set proposes'),
    authority: RectificationOrdered.data.shape.authority,
  }),
  evidence: true,
  example: { measures: '更换软管并加装熄火保护装置', due: '2034-05-20', authority: '《城镇燃气管理条例》' },
  acts: ['order'],
  decide(state, id, act, { campaign, occurredAt, now }) {
    const ruleSet = ruleSetAt(campaign, now);
    const longest = state.grade ? ruleSet?.longestRectification[state.grade] : undefined;
    const proposed = state.track ? proposeDue(ruleSet, state.track, state.grade, townDay(now)) : undefined;
    return rectification.orderRectification(state, id, act, occurredAt, now, longest, proposed);
  },
  form: {
    path: 'order',
    again: '重新责令整改',
    done: '已责令整改。',
    must: ['due'],
    hints: { authority: '法律法规或文件的条款，例如《城镇燃气管理条例》' },
  },
});

export const submitRectification = actOn(hazard, {
  records: [RectificationSubmitted],
  summary: 'Submit a rectification with its evidence',
  path: 'submissions',
  action: 'hazard.submit',
  who: BY_THE_UNIT_S_SIDE,
  takes: RectificationSubmitted.data.pick({ statement: true }),
  evidence: true,
  example: {
    statement: '软管已更换',
    evidence: [{ sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', mediaType: 'image/jpeg' }],
  },
  acts: ['submit'],
  decide: (state, id, act, { actor }) => rectification.submitRectification(state, id, act, actor.person),
  form: {
    path: 'submit',
    done: '已提交整改，等待复查。',
    hints: { statement: '已采取的措施和结果。复查由另一人进行。' },
  },
});

/** @throws RuleViolated `verifier-is-submitter`, and for a rejection `due-missing`, `due-stays`, `due-past`, `due-too-late` */
export const verifyRectification = actOn(hazard, {
  records: [VerificationPassed, VerificationRejected],
  zh: '复查',
  summary: 'Verify a rectification: passed or rejected',
  description: 'The verifier is never the submitter.',
  path: 'verifications',
  action: 'hazard.verify',
  who: { inspector: 'track', department: 'track' },
  takes: z.discriminatedUnion('result', [
    z.strictObject({ result: z.literal('passed'), basis: textSchema }),
    z.strictObject({
      result: z.literal('rejected'),
      reason: textSchema,
      due: dueSchema
        .optional()
        .describe(
          'a new date, when it was submitted in time and is rejected after its date, and only then; the refusal without one names what is proposed',
        ),
    }),
  ]),
  evidence: true,
  example: { result: 'passed', basis: '现场复查' },
  acts: ['verify', 'reject'],
  decide(state, id, act, { actor: { person }, campaign, occurredAt, now }) {
    if (act.result === 'passed') return rectification.verify(state, id, act, person);
    const moment = { occurredAt, now, ruleSet: ruleSetAt(campaign, now) };
    return rectification.reject(state, id, act, person, moment);
  },
  form: { path: 'verify', done: '复查通过，等待销项。' },
});

/** When it was the unit's last open hazard, the unit is listed in the same commit. */
export const signOffHazard = actOn(hazard, {
  records: [HazardSignedOff],
  summary: "Sign off, by the track's lead organisation, after a passed verification",
  description: 'A hazard that was major at any time of this cycle needs a second person.',
  path: 'sign-off',
  action: 'hazard.sign-off',
  who: { department: 'lead' },
  second: {
    who: SECOND,
    when: (drafts) =>
      drafts.some(
        ({ type, data }) => type === 'HazardSignedOff' && (data.grade === 'major' || data.highest === 'major'),
      ),
  },
  acts: ['signOff'],
  decide: (state, id, _act, { actor, occurredAt }) => rectification.signOff(state, id, occurredAt, actor.person),
  form: {
    button: '确认销项',
    done: '已销项。',
    intro:
      '销项后这一隐患办结；重大隐患（含本轮曾定为重大的）须由另一人用自己的账号确认后才销项。这是单位最后一处未销项隐患时，单位同时列入销项名单。',
  },
});

/** @throws RuleViolated `due-past`, `due-not-later`, `extension-pending` */
export const requestExtension = actOn(hazard, {
  records: [ExtensionRequested],
  summary: 'Ask for a later due date, with the reason',
  description: 'The date in force stays until a higher post approves; reminders go on.',
  path: 'extension-requests',
  action: 'hazard.request-extension',
  who: BY_THE_UNIT_S_SIDE,
  takes: z.strictObject({
    due: titled(dueSchema, '延至', { as: 'due' }),
    reason: ExtensionRequested.data.shape.reason,
  }),
  evidence: true,
  example: { due: '2034-06-03', reason: '配件到货延迟' },
  acts: ['requestExtension'],
  decide: (state, id, act, { actor, now }) => extensions.requestExtension(state, id, act, actor, now),
  form: { path: 'extend', done: '已申请延期，等待审批。' },
});

/** The date asked for, or another. @throws RuleViolated `no-extension-request`, `second-person-needed`, `higher-post-needed` */
export const approveExtension = actOn(hazard, {
  records: [ExtensionApproved],
  summary: 'Approve an extension: the date asked for, or another one',
  description:
    'By another person, of another organisation, than the one that asked. Every earlier due date stays in the history; reminders start anew for the new one.',
  path: 'extension-approvals',
  ...DECIDE_EXTENSION,
  takes: z.strictObject({
    due: dueSchema.optional().describe('another date than the one asked for'),
    reason: textSchema,
  }),
  example: { reason: '情况属实' },
  acts: ['approveExtension'],
  decide: (state, id, act, { actor, now }) => extensions.approveExtension(state, id, act, actor, now),
  form: { path: 'extension', name: '审批延期', done: '已同意延期。' },
});

/** The date in force stays. @throws as an approval */
export const refuseExtension = actOn(hazard, {
  records: [ExtensionRefused],
  summary: 'Refuse an extension: the date in force stays',
  path: 'extension-refusals',
  ...DECIDE_EXTENSION,
  takes: z.strictObject({ reason: textSchema }),
  example: { reason: '无正当理由' },
  acts: ['refuseExtension'],
  decide: (state, id, act, { actor }) => extensions.refuseExtension(state, id, act, actor),
  form: 'own: /hazards/{id}/extension asks for either decision',
});

export const setInterimControl = actOn(hazard, {
  records: [InterimControlSet],
  summary: 'Record an interim control measure',
  path: 'interim-controls',
  action: 'hazard.control',
  who: { village: 'area', department: 'track', office: 'town' },
  takes: z.strictObject({ measures: control.measures, until: titled(dueSchema, '至', { as: 'due' }).optional() }),
  evidence: true,
  example: { measures: '整改前停止用气' },
  acts: ['control'],
  decide: rectification.setInterimControl,
  form: {
    path: 'control',
    name: '临时管控',
    done: '临时管控措施已记录。',
    hints: { measures: '整改完成前保证安全的措施，例如停止用气' },
  },
});

/** The organisation that it was assigned to gives it back. */
export const returnHazard = actOn(hazard, {
  records: [HazardReturned],
  summary: 'Give an assignment back, with the reason',
  path: 'returns',
  action: 'hazard.return',
  who: { village: 'assigned', department: 'assigned' },
  takes: HazardReturned.data.pick({ reason: true }),
  example: { reason: '不属本部门职责' },
  acts: ['return'],
  decide: rectification.returnHazard,
  form: { path: 'return', name: '退回', done: '已退回。' },
});

export const reassignHazard = actOn(hazard, {
  records: [HazardReassigned],
  summary: 'Assign to another organisation',
  path: 'reassignments',
  action: 'hazard.reassign',
  who: { operations: 'town', office: 'town' },
  takes: HazardReassigned.data.pick({ to: true, reason: true }),
  example: { to: 'shichangsuo', reason: '属市场所职责' },
  acts: ['reassign'],
  decide(state, id, act, { campaign }) {
    requireOrganisation(campaign, act.to, 'to');
    return rectification.reassign(state, id, act);
  },
  form: { path: 'reassign', name: '改派', done: '已改派。' },
});

/** The unit refuses the order (拒不整改). */
export const refuseOrder = actOn(hazard, {
  records: [OrderRefused],
  zh: '记录拒不整改',
  summary: 'Record that the unit refuses the order',
  description: 'What the rule set says of a refused order follows by itself.',
  path: 'order-refusals',
  action: 'hazard.refuse',
  who: BY_THE_UNIT_S_SIDE,
  takes: OrderRefused.data.pick({ reason: true }),
  evidence: true,
  example: { reason: '负责人拒绝签收整改指令书，称不予整改' },
  acts: ['refuse'],
  decide: (state, id, act, { actor }) => limits.refuseOrder(state, id, act, actor.person),
  form: {
    path: 'refusal',
    done: '已记录拒不整改。',
    intro: '单位拒不整改的，按规则上报区级。',
    hints: { reason: '谁在何时以何种方式拒绝' },
  },
});

/** An officer states that the town lacks the power or the capacity. */
export const stateLimit = actOn(hazard, {
  records: [LimitStated],
  zh: '说明权限或能力不足',
  summary: 'State that the town lacks the power or the capacity',
  description: 'The case goes to the district unit that the rule set names for its track.',
  path: 'limits',
  action: 'hazard.state-limit',
  who: IN_CHARGE,
  takes: LimitStated.data.pick({ limit: true, reason: true }),
  evidence: true,
  example: { limit: 'power', reason: '责令停产停业须由区级部门决定' },
  acts: ['stateLimit'],
  decide: (state, id, act, { actor }) => limits.stateLimit(state, id, act, actor.person),
  form: {
    path: 'limit',
    name: '超出镇级',
    done: '已说明超出镇级权限或能力。',
    intro: '超出镇级权限或能力的，按规则上报区级指导单位。镇级仍继续办理。',
  },
});

/** Danger is imminent (重大险情). */
export const declareDanger = actOn(hazard, {
  records: [DangerDeclared],
  zh: '认定重大险情',
  summary: 'Declare imminent danger: the case goes to the district at once',
  path: 'dangers',
  action: 'hazard.declare-danger',
  who: IN_THE_FIELD,
  takes: DangerDeclared.data.pick({ reason: true }),
  evidence: true,
  example: { reason: '燃气持续泄漏，周边人员已疏散' },
  acts: ['declareDanger'],
  decide: (state, id, act, { actor }) => limits.declareDanger(state, id, act, actor.person),
  form: {
    path: 'danger',
    name: '重大险情',
    done: '已认定重大险情。',
    intro: '认定重大险情的，立即上报区级。请同时按应急预案处置。',
    weighty: true,
  },
});

/** First of two persons: it is a duplicate of another, or no hazard at all. */
export const proposeClosure = actOn(hazard, {
  records: [HazardClosureProposed],
  summary: 'Propose to close as a duplicate or as invalid',
  path: 'closure-proposals',
  action: 'hazard.propose-closure',
  who: IN_THE_FIELD,
  takes: HazardClosureProposed.data.pick({ kind: true, of: true, reason: true }),
  example: { kind: 'duplicate', of: 'h_2', reason: '与另一条为同一问题' },
  acts: ['propose'],
  other: (_state, act) => act.of,
  decide: (state, id, act, { actor, other }) => closure.proposeClosure(state, id, act, actor.person, other),
  form: {
    path: 'close',
    done: '已申请撤并，等待另一人确认。',
    intro: '撤并须由另一人确认。确认前隐患仍按原状态办理。',
    hints: { of: '重复的须填写，例如 h_1a2b3c' },
  },
});

/** Second of two persons. @throws RuleViolated `no-proposal`, `second-person-needed`, `duplicate-of-dismissed` */
export const confirmClosure = actOn(hazard, {
  records: [HazardLinkedAsDuplicate, HazardDismissed],
  zh: '确认撤并',
  summary: 'Confirm a proposed closure, as a second person',
  path: 'closure-confirmations',
  action: 'hazard.confirm-closure',
  who: FOR_THE_TRACK,
  acts: ['confirm'],
  other: (state) => state.proposal?.of,
  decide: (state, id, _act, { actor, other }) => closure.confirmClosure(state, id, actor.person, other),
  form: { path: 'confirm', done: '已撤并。', weighty: true },
});

/** @throws RuleViolated `unit-closed`: nothing opens at a unit that has been closed */
export const unlinkDuplicate = actOn(hazard, {
  records: [HazardUnlinked],
  summary: 'Undo the link to another hazard',
  path: 'unlinking',
  action: 'hazard.unlink',
  who: FOR_THE_TRACK,
  takes: HazardUnlinked.data.pick({ reason: true }),
  example: { reason: '实为两处' },
  acts: ['unlink'],
  decide: (state, id, act, { actor }) => closure.unlink(state, id, act, actor.person),
  form: { path: 'unlink', done: '已撤销并入。' },
});

export const correctHazard = runOn('hazard', {
  records: [HazardCorrected],
  summary: "Correct the words that one of the hazard's events was recorded with",
  description:
    '`target` is the event that is wrong: text and place of a finding, measures and authority of an order, statements, grounds, reasons. Never status, clause, grade or due date: ' +
    'those are changed by acts of their own. What was there before stays on record. By who recorded it or the office; a second person confirms.',
  path: 'corrections',
  action: 'hazard.correct',
  who: { village: 'area', department: 'track', office: 'town' },
  takes: askedCorrection,
  example: {
    target: 'hazard/h_1/1',
    changes: [{ field: 'place', to: '前厅' }],
    reason: '部位录入有误',
  },
  second: { who: SECOND },
  form: 'none: which field of which event is corrected has to be chosen from the history, and no page does that yet',
});

export const acknowledgeReminder = runOn('hazard', {
  records: [ReminderAcknowledged],
  zh: '确认收到提醒',
  summary: 'Acknowledge a reminder that went to oneself or to one’s organisation',
  description: 'It stops nothing: that it was seen is put on record.',
  path: 'acknowledgements',
  action: 'hazard.acknowledge',
  who: {
    inspector: 'track',
    village: 'area',
    department: 'track',
    operations: 'town',
    office: 'town',
    leader: 'town',
  },
  takes: z.strictObject({
    reminder: z.string().min(1).max(200).describe('id of the ReminderIssued event, e.g. hazard/h_1/6'),
    note: longer(z.string().trim().min(1).max(1000)).optional(),
  }),
  example: { reminder: 'hazard/h_1/6', note: '已联系单位' },
  form: 'none: it is acknowledged where it was received, by the system that received it',
});
