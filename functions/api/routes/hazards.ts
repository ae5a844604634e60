// Routes of one hazard (隐患): from its grading to its sign-off, and its whole history.
import * as z from 'zod';
import { instantSchema, longer, textSchema } from '../../../events/envelope.ts';
import { ESCALATION_STATUSES } from '../../../events/escalation.ts';
import { limitSchema } from '../../../events/hazard.ts';
import { HAZARD_GRADES } from '../../../events/inspection.ts';
import { hazardSchema, TRANSITIONS, type HazardAct } from '../../../shared/domain/hazard.ts';
import { command, query } from '../route.ts';
import { circumstances, correctionSchema, dueSchema } from '../../../shared/domain/asked.ts';
import { evidenceSchema, idSchema } from '../schemas.ts';
import { storedEventSchema } from './history.ts';

const params = z.strictObject({ id: idSchema });
const tag = 'hazards';
const evidence = { evidence: z.array(evidenceSchema).max(50).optional() };

const instant = instantSchema;
export const dueDates = z
  .array(
    z.strictObject({
      due: instant,
      kind: z.enum(['order', 'extension', 'rejection']),
      orderedAt: instant.describe('when it was set'),
      by: z.string().describe('who ordered or approved it'),
      authority: z.string().optional(),
      previousDue: instant.optional().describe('the one that it replaced'),
      reason: z.string().optional(),
      requestedBy: z.string().optional(),
      event: z.string(),
    }),
  )
  .describe('every due date it ever had, oldest first');

export type DueDate = z.infer<typeof dueDates>[number];

export const hazardRoutes = {
  gradeHazard: command({
    path: '/v1/hazards/{id}/gradings',
    tag,
    summary: 'Grade: general or major',
    zh: '隐患定级',
    action: 'hazard.grade',
    params,
    body: z
      .strictObject({ grade: z.enum(HAZARD_GRADES), basis: textSchema, ...circumstances })
      .meta({ id: 'GradeHazard' }),
    example: { grade: 'general', basis: '可立即整改' },
  }),
  assignHazard: command({
    path: '/v1/hazards/{id}/assignments',
    tag,
    summary: 'Assign to the organisation that is to have it put right',
    zh: '派发隐患',
    action: 'hazard.assign',
    params,
    body: z
      .strictObject({ to: idSchema, note: longer(z.string().min(1).max(1000)).optional(), ...circumstances })
      .meta({ id: 'AssignHazard' }),
    example: { to: 'guijianban' },
  }),
  returnHazard: command({
    path: '/v1/hazards/{id}/returns',
    tag,
    summary: 'Give an assignment back, with the reason',
    zh: '退回派发',
    action: 'hazard.return',
    params,
    body: z.strictObject({ reason: textSchema, ...circumstances }).meta({ id: 'ReturnHazard' }),
    example: { reason: '不属本部门职责' },
  }),
  reassignHazard: command({
    path: '/v1/hazards/{id}/reassignments',
    tag,
    summary: 'Assign to another organisation',
    zh: '改派隐患',
    action: 'hazard.reassign',
    params,
    body: z.strictObject({ to: idSchema, reason: textSchema, ...circumstances }).meta({ id: 'ReassignHazard' }),
    example: { to: 'shichangsuo', reason: '属市场所职责' },
  }),
  orderRectification: command({
    path: '/v1/hazards/{id}/orders',
    tag,
    summary: 'Order rectification by a due date',
    zh: '责令整改',
    description: 'The due date is never made up; every earlier one stays in the history.',
    action: 'hazard.order',
    params,
    body: z
      .strictObject({
        measures: textSchema,
        due: dueSchema.optional().describe('required; the refusal without one names what the rule set proposes'),
        authority: textSchema,
        ...evidence,
        ...circumstances,
      })
      .meta({ id: 'OrderRectification' }),
    example: { measures: '更换软管并加装熄火保护装置', due: '2099-05-20', authority: '《城镇燃气管理条例》' },
  }),
  requestExtension: command({
    path: '/v1/hazards/{id}/extension-requests',
    tag,
    summary: 'Ask for a later due date, with the reason',
    zh: '申请延期',
    description: 'The date in force stays until a higher post approves; reminders go on.',
    action: 'hazard.request-extension',
    params,
    body: z
      .strictObject({ due: dueSchema, reason: textSchema, ...evidence, ...circumstances })
      .meta({ id: 'RequestExtension' }),
    example: { due: '2099-06-03', reason: '配件到货延迟' },
  }),
  approveExtension: command({
    path: '/v1/hazards/{id}/extension-approvals',
    tag,
    summary: 'Approve an extension: the date asked for, or another one',
    zh: '同意延期',
    description:
      'By another person, of another organisation, than the one that asked. Every earlier due date stays in the history; reminders start anew for the new one.',
    action: 'hazard.decide-extension',
    params,
    body: z
      .strictObject({
        due: dueSchema.optional().describe('another date than the one asked for'),
        reason: textSchema,
        ...circumstances,
      })
      .meta({ id: 'ApproveExtension' }),
    example: { reason: '情况属实' },
  }),
  refuseExtension: command({
    path: '/v1/hazards/{id}/extension-refusals',
    tag,
    summary: 'Refuse an extension: the date in force stays',
    zh: '不同意延期',
    action: 'hazard.decide-extension',
    params,
    body: z.strictObject({ reason: textSchema, ...circumstances }).meta({ id: 'RefuseExtension' }),
    example: { reason: '无正当理由' },
  }),
  setInterimControl: command({
    path: '/v1/hazards/{id}/interim-controls',
    tag,
    summary: 'Record an interim control measure',
    zh: '落实临时管控措施',
    action: 'hazard.control',
    params,
    body: z
      .strictObject({ measures: textSchema, until: dueSchema.optional(), ...evidence, ...circumstances })
      .meta({ id: 'SetInterimControl' }),
    example: { measures: '整改前停止用气' },
  }),
  refuseOrder: command({
    path: '/v1/hazards/{id}/order-refusals',
    tag,
    summary: 'Record that the unit refuses the order',
    zh: '记录拒不整改',
    description: 'What the rule set says of a refused order follows by itself.',
    action: 'hazard.refuse',
    params,
    body: z.strictObject({ reason: textSchema, ...evidence, ...circumstances }).meta({ id: 'RefuseOrder' }),
    example: { reason: '负责人拒绝签收整改指令书，称不予整改' },
  }),
  stateLimit: command({
    path: '/v1/hazards/{id}/limits',
    tag,
    summary: 'State that the town lacks the power or the capacity',
    zh: '说明权限或能力不足',
    description: 'The case goes to the district unit that the rule set names for its track.',
    action: 'hazard.state-limit',
    params,
    body: z
      .strictObject({ limit: limitSchema, reason: textSchema, ...evidence, ...circumstances })
      .meta({ id: 'StateLimit' }),
    example: { limit: 'power', reason: '责令停产停业须由区级部门决定' },
  }),
  declareDanger: command({
    path: '/v1/hazards/{id}/dangers',
    tag,
    summary: 'Declare imminent danger: the case goes to the district at once',
    zh: '认定重大险情',
    action: 'hazard.declare-danger',
    params,
    body: z.strictObject({ reason: textSchema, ...evidence, ...circumstances }).meta({ id: 'DeclareDanger' }),
    example: { reason: '燃气持续泄漏，周边人员已疏散' },
  }),
  submitRectification: command({
    path: '/v1/hazards/{id}/submissions',
    tag,
    summary: 'Submit a rectification with its evidence',
    zh: '提交整改',
    action: 'hazard.submit',
    params,
    body: z.strictObject({ statement: textSchema, ...evidence, ...circumstances }).meta({ id: 'SubmitRectification' }),
    example: {
      statement: '软管已更换',
      evidence: [
        { sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', mediaType: 'image/jpeg' },
      ],
    },
  }),
  verifyRectification: command({
    path: '/v1/hazards/{id}/verifications',
    tag,
    summary: 'Verify a rectification: passed or rejected',
    zh: '复查',
    description: 'The verifier is never the submitter.',
    action: 'hazard.verify',
    params,
    body: z
      .discriminatedUnion('result', [
        z.strictObject({ result: z.literal('passed'), basis: textSchema, ...evidence, ...circumstances }),
        z.strictObject({
          result: z.literal('rejected'),
          reason: textSchema,
          due: dueSchema
            .optional()
            .describe(
              'a new date, when it was submitted in time and is rejected after its date, and only then; the refusal without one names what is proposed',
            ),
          ...evidence,
          ...circumstances,
        }),
      ])
      .meta({ id: 'VerifyRectification' }),
    example: { result: 'passed', basis: '现场复查' },
  }),
  signOffHazard: command({
    path: '/v1/hazards/{id}/sign-off',
    tag,
    summary: "Sign off, by the track's lead organisation, after a passed verification",
    zh: '销项',
    action: 'hazard.sign-off',
    params,
    body: z.strictObject({ ...circumstances }).meta({ id: 'SignOffHazard' }),
    example: {},
  }),
  proposeClosure: command({
    path: '/v1/hazards/{id}/closure-proposals',
    tag,
    summary: 'Propose to close as a duplicate or as invalid',
    zh: '申请撤并',
    action: 'hazard.propose-closure',
    params,
    body: z
      .strictObject({
        kind: z.enum(['duplicate', 'invalid']),
        of: idSchema.optional(),
        reason: textSchema,
        ...circumstances,
      })
      .meta({ id: 'ProposeClosure' }),
    example: { kind: 'duplicate', of: 'h_2', reason: '与另一条为同一问题' },
  }),
  confirmClosure: command({
    path: '/v1/hazards/{id}/closure-confirmations',
    tag,
    summary: 'Confirm a proposed closure, as a second person',
    zh: '确认撤并',
    action: 'hazard.confirm-closure',
    params,
    body: z.strictObject({ ...circumstances }).meta({ id: 'ConfirmClosure' }),
    example: {},
  }),
  correctHazard: command({
    path: '/v1/hazards/{id}/corrections',
    tag,
    summary: "Correct the words that one of the hazard's events was recorded with",
    zh: '更正隐患记录',
    description:
      '`target` is the event that is wrong: text and place of a finding, measures and authority of an order, statements, grounds, reasons. Never status, clause, grade or due date: ' +
      'those are changed by acts of their own. What was there before stays on record. `approver` is another person than the caller.',
    action: 'hazard.correct',
    params,
    body: z.strictObject({ ...correctionSchema.shape, ...circumstances }).meta({ id: 'CorrectHazard' }),
    example: {
      target: 'hazard/h_1/1',
      changes: [{ field: 'place', to: '前厅' }],
      reason: '部位录入有误',
      approver: 'p-office-1',
    },
  }),
  unlinkDuplicate: command({
    path: '/v1/hazards/{id}/unlinking',
    tag,
    summary: 'Undo the link to another hazard',
    zh: '撤销并入',
    action: 'hazard.unlink',
    params,
    body: z.strictObject({ reason: textSchema, ...circumstances }).meta({ id: 'UnlinkDuplicate' }),
    example: { reason: '实为两处' },
  }),
  getHazard: query({
    path: '/v1/hazards/{id}',
    tag,
    summary: 'One hazard with its whole history, folded fresh from its stream',
    zh: '查看隐患',
    action: 'read.hazards',
    access: { action: 'read' },
    params,
    answer: z
      .strictObject({
        ...hazardSchema.shape,
        unitName: z.string(),
        allowed: z
          .array(
            z.strictObject({
              act: z.enum(Object.keys(TRANSITIONS) as [HazardAct, ...HazardAct[]]),
              path: z.string(),
              may: z.boolean(),
            }),
          )
          .describe('what may be done next; `may`: by the caller'),
        dueDates,
        proposedDue: z
          .strictObject({ due: z.string(), day: z.string(), workingDays: z.int(), ruleSet: z.int() })
          .nullable()
          .describe(
            'what the rule set proposes for an order today; never set by itself. Null: nothing, or no order is due now',
          ),
        rejectionDue: z
          .strictObject({ due: z.string(), day: z.string(), workingDays: z.int(), ruleSet: z.int() })
          .nullable()
          .describe('what is proposed for the new date that a rejection now would need; null: it would need none'),
        overdue: z.boolean().describe('the present due date has passed and it is not submitted, verified or closed'),
        escalation: z
          .strictObject({ id: idSchema, status: z.enum(ESCALATION_STATUSES), to: idSchema })
          .nullable()
          .describe('its case with the district (上报区级) in the present cycle'),
        text: z.string().nullable().describe('what was found, as last said and corrected'),
        place: z.string().nullable().describe('where in the unit, as last said and corrected'),
        events: z.array(storedEventSchema).describe('oldest first'),
      })
      .meta({ id: 'Hazard' }),
  }),
};
