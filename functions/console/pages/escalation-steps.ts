// The life of a case that goes beyond the town as a line of steps: what was done since it was last proposed, returns
// and all, where it is now, and what is still to come; and whose turn it is.
import { organisationName } from '../../../shared/reading/dictionary.ts';
import type { CampaignDefinition } from '../../../events/campaign.ts';
import type { EscalationStatus } from '../../../events/escalation.ts';
import type { EscalationAct } from '../../../shared/rules/escalation/escalation.ts';
import type { EscalationAnswer } from '../answers.ts';
import { type Tone } from '../labels.ts';
import type { HazardStep } from './hazard-steps.ts';

export const CASE_STATUS_TONES: Record<EscalationStatus, Tone> = {
  proposed: 'todo',
  compiled: 'todo',
  submitted: 'wait',
  accepted: 'doing',
  returned: 'bad',
  resolved: 'wait',
  verified: 'done',
};

/** What each event of the line is called. Further grounds change nothing in the life. */
const NAMES: Record<string, string> = {
  EscalationProposed: '提出',
  DossierCompiled: '汇总材料',
  EscalationSubmitted: '上报区级',
  EscalationReturned: '区级退回',
  MaterialAdded: '补充材料',
  EscalationAccepted: '区级受理',
  EscalationResolved: '区级处理',
  EscalationVerified: '镇级核实',
};

/** What is still to come in each status, if all goes well; the first is where the case is. */
const AHEAD: Record<EscalationStatus, readonly string[]> = {
  proposed: ['汇总材料', '上报区级', '区级受理', '区级处理', '镇级核实'],
  compiled: ['上报区级', '区级受理', '区级处理', '镇级核实'],
  submitted: ['区级受理', '区级处理', '镇级核实'],
  accepted: ['区级处理', '镇级核实'],
  returned: ['补充材料', '上报区级', '区级受理', '区级处理', '镇级核实'],
  resolved: ['镇级核实'],
  verified: [],
};

export function caseSteps({ events, status }: Pick<EscalationAnswer, 'events' | 'status'>): HazardStep[] {
  const begun = events.findLastIndex(({ type }) => type === 'EscalationProposed');
  const past = events.slice(Math.max(0, begun)).flatMap(({ type, occurredAt, actor }): HazardStep[] => {
    const name = NAMES[type];
    if (name === undefined) return [];
    return [{ name, state: 'done', at: occurredAt, by: actor.person, bad: type === 'EscalationReturned' }];
  });
  const ahead = AHEAD[status].map((name, nth): HazardStep => ({
    name,
    state: nth === 0 ? 'now' : 'next',
    at: undefined,
    by: undefined,
    bad: false,
  }));
  return [...past, ...ahead];
}

/** The act that takes a case on from each status. */
export const CASE_FORWARD: Partial<Record<EscalationStatus, EscalationAct>> = {
  submitted: 'accept',
  accepted: 'resolve',
  returned: 'addMaterial',
  resolved: 'verify',
};

/** Who is to do what now, in words; undefined when nobody is. */
export function whoseCase(
  campaign: CampaignDefinition | null,
  { status, to }: Pick<EscalationAnswer, 'status' | 'to'>,
): string | undefined {
  const district = organisationName(campaign, to);
  const words: Partial<Record<EscalationStatus, string>> = {
    proposed: `平台正在汇总材料，汇总后自动上报${district}。`,
    compiled: `材料已汇总，即将自动上报${district}。`,
    submitted: `等待${district}受理或退回。`,
    accepted: `${district}已受理，等待处理决定。`,
    returned: `${district}已退回：由专班办公室或本专项的部门补充材料，补齐后自动重新汇总、再次上报。`,
    resolved: '区级已处理：由专班办公室或本专项的部门到现场核实决定是否落实。',
  };
  return words[status];
}
