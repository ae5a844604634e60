// Stream category `escalation` (上报区级): a case that is beyond the town's powers or capacity, from the rule that fired to the district's
// decision and the town's verification of it. It runs beside the hazard's own life (plan 六（二）: 由专班牵头汇总相关材料，上报上级相应区级指导单位).
import * as z from 'zod';
import {
  defineEvent,
  idSchema,
  instantSchema,
  personSchema,
  textSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { choicesOf, enumOf, titled } from './field.ts';
import { limitSchema } from './hazard.ts';

/** Why a case goes beyond the town; each has its policy function in shared/rules. */
export const ESCALATION_RULES = {
  'limit-stated': '说明权限或能力不足',
  major: '重大隐患',
  'order-refused': '拒不整改',
  rejections: '多次复查不通过',
  extensions: '多次延期',
  recurrences: '多次回潮',
  overdue: '逾期多日无进展',
  danger: '重大险情',
} as const;
export type EscalationRule = keyof typeof ESCALATION_RULES;
export const escalationRuleSchema = enumOf(choicesOf(ESCALATION_RULES, String));

/** On what ground a case goes up: one of the rules, or the task-force office's own judgement. */
export const ESCALATION_GROUNDS = { ...ESCALATION_RULES, office: '专班研判' } as const;
export type EscalationGround = keyof typeof ESCALATION_GROUNDS;
const ground = {
  rule: titled(enumOf(choicesOf(ESCALATION_GROUNDS, String)), '上报理由'),
  /** what the town lacks */
  limit: limitSchema,
  reason: titled(textSchema, '情况'),
  /** at once, whatever the ladder says (重大险情) */
  urgent: titled(z.boolean(), '紧急'),
  /** version of the rule set by which the rule fired: the one in force when its cause happened */
  ruleSet: titled(z.number().int().min(0), '适用规则', { unit: '第 # 版', left: 'out of sentences' }),
};
export const groundSchema = z.strictObject(ground);
export type Ground = z.infer<typeof groundSchema>;

/** What is (papers), and what waits (lists, tags). */
export const CASE_STATUS_NAMES = {
  proposed: { is: '已提出', waits: '待汇总材料' },
  compiled: { is: '已汇总', waits: '待上报' },
  submitted: { is: '已上报', waits: '待区级受理' },
  accepted: { is: '已受理', waits: '区级办理中' },
  returned: { is: '已退回', waits: '待补充材料' },
  resolved: { is: '已作决定', waits: '待镇级核实' },
  verified: { is: '已核实', waits: '已核实' },
} as const;
export type EscalationStatus = keyof typeof CASE_STATUS_NAMES;
export const ESCALATION_STATUSES = Object.keys(CASE_STATUS_NAMES) as readonly EscalationStatus[];

export const caseStatusSchema = titled(enumOf(choicesOf(CASE_STATUS_NAMES, ({ is }) => is)), '状态');
const by = titled(personSchema, '办理人');
const round = titled(z.number().int().min(1), '报送', { unit: '第 # 次' });
/** Every event of an escalation has these: the hazard it is about, the district unit it goes to, status before and after. */
const life = {
  hazard: titled(idSchema, '隐患', { as: 'hazard', left: 'out' }),
  /** district guiding unit (区级指导单位) */
  to: titled(idSchema, '区级单位', { as: 'organisation' }),
  before: titled(caseStatusSchema, '原状态', { left: 'out' }).nullable(),
  after: titled(caseStatusSchema, '状态', { left: 'out' }),
};
const example = { hazard: 'h_1', to: 'district-fire' };
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be the 64 lower-case hex digits of a SHA-256');

export const EscalationProposed = defineEvent({
  type: 'EscalationProposed',
  category: 'escalation',
  zh: '提出上报',
  /** `before` is null for a new case; `resolved` or `verified` for one that comes up again in the same cycle of its hazard */
  data: z.strictObject({
    ...life,
    ...ground,
    /** village or residents' committee of the unit at that time */
    area: titled(idSchema, '村居', { as: 'organisation', left: 'out' }).optional(),
  }),
  example: {
    ...example,
    before: null,
    after: 'proposed',
    limit: 'power',
    rule: 'major',
    reason: '评定为重大隐患',
    urgent: false,
    ruleSet: 1,
  },
});

export const EscalationGroundAdded = defineEvent({
  type: 'EscalationGroundAdded',
  category: 'escalation',
  zh: '追加上报理由',
  /** a further rule fired while the case is with the district or on its way: the case stays one case, and is told anew */
  data: z.strictObject({ ...life, ...ground }),
  example: {
    ...example,
    before: 'submitted',
    after: 'submitted',
    limit: 'capacity',
    rule: 'danger',
    reason: '燃气持续泄漏',
    urgent: true,
    ruleSet: 1,
  },
});

export const MaterialAdded = defineEvent({
  type: 'MaterialAdded',
  category: 'escalation',
  zh: '补充材料',
  data: z.strictObject({
    ...life,
    /** which of the missing things this is, as the district put them */
    answers: titled(z.array(textSchema).max(20), '补充的材料'),
    note: titled(textSchema, '说明'),
    by,
    /** what is still missing after it; nothing: the dossier is compiled anew */
    left: titled(z.array(textSchema).max(20), '仍缺'),
  }),
  example: {
    ...example,
    before: 'returned',
    after: 'proposed',
    answers: ['整改前后照片'],
    note: '已补拍',
    by: 'p-office-1',
    left: [],
  },
});

export const DossierCompiled = defineEvent({
  type: 'DossierCompiled',
  category: 'escalation',
  zh: '汇总材料',
  data: z.strictObject({
    ...life,
    /** which dossier of the case was called for: 1 for the first; one more with each further ground and each completed return */
    round,
    /** the log before this position is in the dossier */
    position: titled(z.number().int().min(0), '材料截至日志位置'),
    files: titled(
      z
        .array(
          z.strictObject({
            name: z.string().min(1).max(200),
            mediaType: z.string().min(3).max(127),
            bytes: z.number().int().min(0),
            sha256,
          }),
        )
        .min(1)
        .max(20),
      '文件',
      { as: 'files', left: 'out of sentences' },
    ),
  }),
  example: {
    ...example,
    before: 'proposed',
    after: 'compiled',
    round: 1,
    position: 42,
    files: [
      {
        name: 'dossier.docx',
        mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
        bytes: 20_000,
        sha256: 'c'.repeat(64),
      },
    ],
  },
});

export const EscalationSubmitted = defineEvent({
  type: 'EscalationSubmitted',
  category: 'escalation',
  zh: '上报区级',
  data: z.strictObject({ ...life, round }),
  example: { ...example, before: 'compiled', after: 'submitted', round: 1 },
});

export const EscalationAccepted = defineEvent({
  type: 'EscalationAccepted',
  category: 'escalation',
  zh: '区级受理',
  /** `reference`: the district's own number for the case (区级受理编号) */
  data: z.strictObject({
    ...life,
    by,
    reference: titled(z.string().trim().min(1).max(200), '区级受理编号').optional(),
  }),
  example: { ...example, before: 'submitted', after: 'accepted', by: 'p-district-1' },
});

export const EscalationReturned = defineEvent({
  type: 'EscalationReturned',
  category: 'escalation',
  zh: '区级退回',
  data: z.strictObject({ ...life, missing: titled(z.array(textSchema).min(1).max(20), '所缺材料'), by }),
  example: { ...example, before: 'submitted', after: 'returned', missing: ['整改前后照片'], by: 'p-district-1' },
});

export const EscalationResolved = defineEvent({
  type: 'EscalationResolved',
  category: 'escalation',
  zh: '区级处理',
  data: z.strictObject({
    ...life,
    decision: titled(textSchema, '处理决定'),
    /** when the district decided, if it says so; the event's own times say when the town learned of it */
    decidedAt: titled(instantSchema, '决定时间').optional(),
    by,
    /** last version of the hazard's stream when this was recorded: what comes after it may bring the case up again */
    hazardVersion: titled(z.number().int().min(1), '隐患记录截至', {
      unit: '第 # 版',
      left: 'out of sentences',
    }).optional(),
  }),
  example: { ...example, before: 'accepted', after: 'resolved', decision: '责令停产停业整顿', by: 'p-district-1' },
});

export const EscalationVerified = defineEvent({
  type: 'EscalationVerified',
  category: 'escalation',
  zh: '镇级核实',
  data: z.strictObject({ ...life, note: titled(textSchema, '核实情况'), by }),
  example: { ...example, before: 'resolved', after: 'verified', note: '现场核实已停用', by: 'p-office-1' },
});

export const escalationEvents = [
  EscalationProposed,
  EscalationGroundAdded,
  MaterialAdded,
  DossierCompiled,
  EscalationSubmitted,
  EscalationAccepted,
  EscalationReturned,
  EscalationResolved,
  EscalationVerified,
] as const;
export type EscalationEvent = EventOf<(typeof escalationEvents)[number]>;
export type EscalationDraft = DraftOf<(typeof escalationEvents)[number]>;
