// The commands on a duty (应办事项), each declared once; what they decide is in duty.ts. Most duties are opened by themselves
// (openings.ts); people open matters, which have a name.
import * as z from 'zod';
import { dutyValuesSchema } from '../../../events/duty-definition.ts';
import {
  DutyClosed,
  DutyOpened,
  DutyResumed,
  DutyStopped,
  StepConfirmed,
  StepDone,
  StepReturned,
} from '../../../events/duty.ts';
import { idSchema, textSchema } from '../../../events/envelope.ts';
import { titled } from '../../../events/field.ts';
import { HazardFound, HazardPersisted, RecurrenceFound } from '../../../events/hazard.ts';
import { InspectionRecorded } from '../../../events/inspection.ts';
import { RiskGraded } from '../../../events/unit.ts';
import { workingDays } from '../calendar/working-days.ts';
import { requireLaunched, ruleSetAt } from '../campaign/campaign.ts';
import { actOn, runOn, type By } from '../command.ts';
import { IN_THE_FIELD, SECOND } from '../roles.ts';
import * as rules from './duty.ts';

const WORK = { ...IN_THE_FIELD, operations: 'track', enforcement: 'town' } as const;
const DO = { action: 'duty.do', who: WORK } as const;
const CONFIRM = { action: 'duty.confirm', who: { ...WORK } } as const;
const STOP = {
  action: 'duty.stop',
  who: {
    inspector: 'track',
    village: 'area',
    department: 'track',
    operations: 'track',
    office: 'town',
    enforcement: 'town',
  },
} as const;
const ON_ITS_PAGE = 'own: /duties/{id} has a button for each step' as const;

const step = titled(idSchema, '步骤');

/** By whom and when, by the version that the duty was opened with. */
function doingOf(state: rules.DutyState, id: string, { campaign, actor, now }: By): rules.Doing {
  return {
    definition: rules.definitionIn(campaign.duties, rules.requireDuty(state, id)),
    person: actor.person,
    now,
    calendar: workingDays(ruleSetAt(campaign, now)?.calendar),
  };
}

export const openDuty = runOn('duty', {
  records: [DutyOpened],
  summary: 'Open a duty by hand: a matter with a name, at a unit or not',
  description:
    'For definitions that open by hand. `unit`, `area` or `organisation` says what it is about, as the definition asks; a matter has a `name` and may have a `unit` or an `area`.',
  path: '/v1/duties',
  action: 'duty.open',
  who: WORK,
  creates: 'the duty is open',
  takes: z.strictObject({
    id: idSchema.optional().describe('chosen for it; made up otherwise'),
    duty: idSchema.describe('the definition'),
    name: titled(z.string().trim().min(1).max(120), '名称').optional().describe('of a matter'),
    unit: titled(idSchema, '单位').optional(),
    area: titled(idSchema, '村居', { as: 'organisation' }).optional(),
    organisation: titled(idSchema, '组织', { as: 'organisation' }).optional(),
  }),
  example: { duty: 'crowded.hot-work', name: '一楼大厅吊顶焊接', unit: 'u_1' },
  form: 'own: /duties/new asks for what it is about',
});

/** @throws RuleViolated as `doStep` in duty.ts */
export const doStep = actOn(rules.duty, {
  records: [StepDone, DutyClosed, InspectionRecorded, HazardFound, HazardPersisted, RecurrenceFound],
  summary: 'Do a step: its values and what shows it',
  description:
    'Rules that do not hold are in the event as `unmet`; the values are recorded all the same. A gate holds up later steps: 422 `gate-closed` names what is unmet. ' +
    'Done again, what is not said stays. Where the step names a clause, an unmet rule is also a hazard of it, in the same commit. With the last step the duty is closed by itself.',
  path: 'steps',
  ...DO,
  takes: z.strictObject({ step, values: titled(dutyValuesSchema, '填报').optional() }),
  evidence: true,
  example: { step: 'survey', values: { 电动自行车数: 300, 充电端口数: 150 } },
  decide(state, id, act, by) {
    const proof = new Set(by.evidence.map(({ sha256 }) => sha256)).size;
    const organisations = requireLaunched(by.campaign).organisations.map((one) => one.id);
    return rules.doStep(state, id, act, { ...doingOf(state, id, by), proof, organisations });
  },
  form: ON_ITS_PAGE,
});

/** @throws RuleViolated `nothing-to-confirm`, `second-person-needed` */
export const confirmStep = actOn(rules.duty, {
  records: [StepConfirmed, DutyClosed, RiskGraded],
  summary: 'Confirm a step that another person did',
  description: 'Who confirms is who calls. Where the step grades the unit, the grade changes in the same commit.',
  path: 'confirmations',
  ...CONFIRM,
  takes: z.strictObject({ step }),
  example: { step: 'survey' },
  decide: (state, id, act, by) => rules.confirmStep(state, id, act, doingOf(state, id, by)),
  form: ON_ITS_PAGE,
});

/** @throws RuleViolated `nothing-to-confirm`, `second-person-needed` */
export const returnStep = actOn(rules.duty, {
  records: [StepReturned],
  summary: 'Send back a step that another person did, with the reason',
  path: 'returns',
  ...CONFIRM,
  takes: z.strictObject({ step, reason: titled(textSchema, '退回理由') }),
  example: { step: 'survey', reason: '照片看不清端口数' },
  decide: (state, id, act, by) => rules.returnStep(state, id, act, doingOf(state, id, by)),
  form: ON_ITS_PAGE,
});

export const stopDuty = actOn(rules.duty, {
  records: [DutyStopped],
  summary: 'Stop the work (叫停): no step is done until it is resumed',
  path: 'stops',
  ...STOP,
  takes: DutyStopped.data.pick({ reason: true, authority: true }),
  evidence: true,
  example: { reason: '无人监护', authority: '上海市消防条例' },
  decide: (state, id, act, { actor }) => rules.stopDuty(state, id, act, actor.person),
  form: {
    path: 'stop',
    done: '已叫停，复工之前不能办理。',
    weighty: true,
    hints: { authority: '法规条款、文件或职责' },
  },
});

/** @throws RuleViolated `duty-not-stopped` */
export const resumeDuty = actOn(rules.duty, {
  records: [DutyResumed],
  summary: 'Resume work that was stopped (复工)',
  path: 'resumptions',
  ...STOP,
  takes: DutyResumed.data.pick({ reason: true }),
  evidence: true,
  example: { reason: '监护人员已到位' },
  decide: (state, id, act, { actor }) => rules.resumeDuty(state, id, act, actor.person),
  form: { path: 'resume', done: '已复工。' },
});

export const abandonDuty = actOn(rules.duty, {
  records: [DutyClosed],
  summary: 'End what will not be done: a matter that does not take place',
  path: 'abandonment',
  action: 'duty.abandon',
  who: { department: 'track', operations: 'track', office: 'town' },
  takes: z.strictObject({ reason: titled(textSchema, '理由') }),
  example: { reason: '工程取消' },
  decide: (state, id, act, { actor }) => rules.abandonDuty(state, id, act, actor.person),
  form: {
    path: 'abandon',
    name: '终止',
    button: '终止事项',
    done: '已终止。',
    intro: '用于不再进行的事项，例如工程取消。终止后不能再办理，记录仍可查看。',
    weighty: true,
  },
});

/** @throws RuleViolated `duty-closed` */
export const waiveDuty = actOn(rules.duty, {
  records: [DutyClosed],
  zh: '应办事项不适用',
  summary: 'Say that a duty does not apply, with the reason: a second person confirms',
  path: 'waiver',
  action: 'duty.waive',
  who: { ...IN_THE_FIELD, operations: 'track' },
  second: { who: SECOND },
  takes: z.strictObject({ reason: titled(textSchema, '理由') }),
  example: { reason: '单位不使用瓶装气' },
  decide: (state, id, act, { actor }) => rules.waiveDuty(state, id, act, actor.person),
  form: {
    path: 'waive',
    name: '不适用',
    button: '提请',
    done: '已提请，须由另一人确认。',
    intro: '用于对这个对象不适用的事项。由另一人确认后才办结，完成率中不计。',
    weighty: true,
  },
});
