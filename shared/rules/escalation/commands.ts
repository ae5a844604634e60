// The commands on a case that goes beyond the town (上报事项), each declared once; what they decide is in escalation.ts. `acts` are those of
// nextEscalationActs. Rules propose cases too (functions/react, shared/clock/remind), and what is compiled is recorded by functions/react.
import * as z from 'zod';
import { idSchema, textSchema } from '../../../events/envelope.ts';
import {
  EscalationAccepted,
  EscalationGroundAdded,
  EscalationProposed,
  EscalationResolved,
  EscalationReturned,
  EscalationVerified,
  MaterialAdded,
} from '../../../events/escalation.ts';
import { titled } from '../../../events/field.ts';
import { limitSchema } from '../../../events/hazard.ts';
import { momentSchema } from '../asked.ts';
import { actOn, runOn } from '../command.ts';
import * as rules from './escalation.ts';

const IN_CHARGE = { department: 'track', office: 'town' } as const;
const THE_DISTRICT = { district: 'escalated' } as const;

export const proposeEscalation = runOn('escalation', {
  records: [EscalationProposed, EscalationGroundAdded],
  summary: 'Bring a hazard up to the district by the judgement of the task-force office',
  description:
    'Rules do this by themselves; this is for what no rule sees. A hazard whose case is up already gets a further ground. Without `to` the rule set in force names the district unit.',
  path: '/v1/hazards/{id}/escalations',
  action: 'escalation.propose',
  who: { office: 'town' },
  creates: 'the case is proposed; its dossier follows by itself',
  takes: z.strictObject({
    limit: limitSchema,
    reason: textSchema,
    urgent: z.boolean().optional(),
    to: idSchema.optional(),
  }),
  evidence: true,
  example: { limit: 'capacity', reason: '涉及跨镇管网，需区级统筹' },
  form: 'own: /hazards/{id}/escalate leads to the page of the case, and offers the units of the district',
});

export const acceptEscalation = actOn(rules.escalation, {
  records: [EscalationAccepted],
  summary: 'Accept the case, as the district unit it goes to',
  path: 'acceptances',
  action: 'escalation.accept',
  who: THE_DISTRICT,
  takes: z.strictObject({
    reference: titled(z.string().trim().min(1).max(200), '区级受理编号')
      .optional()
      .describe("the district's own number for it"),
  }),
  example: { reference: '青安委办〔2025〕31号' },
  acts: ['accept'],
  decide(state, id, act, { actor, claim }) {
    rules.requireWithDistrict(state, claim);
    return rules.acceptEscalation(state, id, act, actor.person);
  },
  form: {
    path: 'accept',
    name: '受理',
    done: '已受理。',
    hints: { reference: '贵单位自己的编号，便于双方核对，例如 青安委办〔2025〕31号' },
  },
});

export const returnEscalation = actOn(rules.escalation, {
  records: [EscalationReturned],
  summary: 'Give the case back and say what is missing',
  path: 'returns',
  action: 'escalation.return',
  who: THE_DISTRICT,
  takes: z.strictObject({ missing: z.array(textSchema).min(1).max(20) }),
  example: { missing: ['整改前后照片', '现场检查记录'] },
  acts: ['return'],
  decide(state, id, act, { actor, claim }) {
    rules.requireWithDistrict(state, claim);
    return rules.returnEscalation(state, id, act, actor.person);
  },
  form: {
    path: 'return',
    name: '退回',
    done: '已退回，等待镇级补充材料。',
    intro: '退回后由镇级补充所缺材料，补齐后自动重新汇总、再次上报。',
  },
});

/** Its decision names how far the hazard's stream had come, which is read for it. */
export const resolveEscalation = runOn('escalation', {
  records: [EscalationResolved],
  summary: 'Decide the case',
  path: 'resolutions',
  action: 'escalation.resolve',
  who: THE_DISTRICT,
  takes: z.strictObject({
    decision: textSchema,
    decidedAt: momentSchema.optional().describe('when it was decided, if not now'),
  }),
  evidence: true,
  example: { decision: '责令停产停业整顿三个月' },
  acts: ['resolve'],
  form: { path: 'resolve', name: '处理决定', done: '处理决定已记录，等待镇级核实。' },
});

/** @throws RuleViolated `not-missing` */
export const addMaterial = actOn(rules.escalation, {
  records: [MaterialAdded],
  summary: 'Add what the district misses',
  description:
    '`answers` names which of the missing things it is; without it, all of them. When nothing is missing any more, the dossier is compiled anew and the case goes up again.',
  path: 'materials',
  action: 'escalation.add-material',
  who: IN_CHARGE,
  takes: z.strictObject({ answers: z.array(textSchema).min(1).max(20).optional(), note: textSchema }),
  evidence: true,
  example: { answers: ['整改前后照片'], note: '已补拍，见所附照片' },
  acts: ['addMaterial'],
  decide: (state, id, act, { actor }) => rules.addMaterial(state, id, act, actor.person),
  form: { path: 'material', done: '补充材料已记录。' },
});

export const verifyEscalation = actOn(rules.escalation, {
  records: [EscalationVerified],
  summary: "Verify on site that the district's decision is carried out",
  path: 'verifications',
  action: 'escalation.verify',
  who: IN_CHARGE,
  takes: z.strictObject({ note: titled(textSchema, '核实情况') }),
  evidence: true,
  example: { note: '现场核实已停用' },
  acts: ['verify'],
  decide: (state, id, act, { actor }) => rules.verifyOutcome(state, id, act, actor.person),
  form: {
    path: 'verify',
    done: '已核实，案件办结。',
    intro: '到现场核实区级决定已经落实后填写。核实后案件办结；隐患仍按自己的流程销项。',
    hints: { note: '例如 现场核实已停用' },
  },
});
