// The commands on the campaign itself (专项行动), each declared once; what they decide is in campaign.ts.
import {
  campaignDefinitionSchema,
  CampaignLaunched,
  ChecklistPublished,
  checklistSchema,
  DutyPublished,
  RuleSetPublished,
  ruleSetSchema,
  TargetSet,
  WriterKeysDeclared,
} from '../../../events/campaign.ts';
import { dutyDefinitionSchema } from '../../../events/duty-definition.ts';
import * as rules from './campaign.ts';
import { actOn, runOn } from '../command.ts';
import { SECOND_OF_TOWN } from '../roles.ts';
import { townDay } from '../../town-time.ts';

const RULE = { action: 'campaign.rule', who: { admin: 'town' }, bare: true } as const;
const AS_A_FILE =
  'none: an administrator publishes it as a file that was agreed on, by the command line or the API' as const;

export const launchCampaign = runOn('campaign', {
  records: [CampaignLaunched],
  summary: 'Launch the campaign, once',
  description: 'What changes later is published as a rule set or a target.',
  path: '/v1/campaign',
  ...RULE,
  creates: 'the campaign is launched',
  takes: campaignDefinitionSchema,
  example: CampaignLaunched.example,
  form: AS_A_FILE,
});

/** @throws RuleViolated `wrong-version`, `effective-too-early`, `reason-missing` */
export const publishRuleSet = actOn(rules.campaign, {
  records: [RuleSetPublished],
  summary: 'Publish the next rule set, in force from a date to come',
  description:
    'A second person confirms all but the first. What takes away reminders, escalation or routes that there were says why (`reason`).',
  path: 'rule-sets',
  ...RULE,
  takes: ruleSetSchema.extend({ reason: RuleSetPublished.data.shape.reason }),
  // the first one comes with the launch, before there is anybody to confirm it
  second: {
    who: SECOND_OF_TOWN,
    when: (drafts) => drafts.some(({ type, data }) => type === 'RuleSetPublished' && data.version > 1),
  },
  example: {
    version: 2,
    effectiveFrom: '2025-07-01',
    monthlyReport: { day: 24, cutoff: 'by' },
    longestRectification: { general: 60 },
  },
  decide: (state, _id, act, { now }) => rules.publishRuleSet(state, act, townDay(now)),
  form: AS_A_FILE,
});

export const setTarget = actOn(rules.campaign, {
  records: [TargetSet],
  summary: 'Set a target',
  path: 'targets',
  ...RULE,
  takes: TargetSet.data,
  decide: (state, _id, act) => rules.setTarget(state, act),
  form: AS_A_FILE,
});

/** @throws InvalidInput `keys` */
export const declareWriterKeys = actOn(rules.campaign, {
  records: [WriterKeysDeclared],
  summary: 'Declare the keys by which components sign for what they record',
  description:
    'The whole list. To change a key: declare the old and the new one, put the new secret in place, declare without the old one. What is recorded afterwards and signed by none of them is found by the check.',
  path: 'writers',
  ...RULE,
  takes: WriterKeysDeclared.data,
  decide: (state, _id, act) => rules.declareWriterKeys(state, act),
  form: AS_A_FILE,
});

/** @throws RuleViolated `wrong-version`, `other-track`; InvalidInput `items` */
export const publishChecklist = actOn(rules.campaign, {
  records: [ChecklistPublished],
  summary: "Publish a checklist's next version",
  description:
    'An inspection names the template and version that it went by; only so can be told later whether a clause was omitted or was not on the list.',
  path: 'checklists',
  ...RULE,
  takes: checklistSchema,
  example: ChecklistPublished.example,
  decide: (state, _id, act) => rules.publishChecklist(state, act),
  form: AS_A_FILE,
});

/** @throws RuleViolated `wrong-version`, `other-track`, `other-subject`, `duty-definition` naming step and field */
export const publishDuty = actOn(rules.campaign, {
  records: [DutyPublished],
  summary: "Publish the next version of a duty's definition",
  description:
    'What was opened by an older version is judged by that one. A definition that does not fit together is refused: 422 `duty-definition` names the step and field.',
  path: 'duties',
  ...RULE,
  takes: dutyDefinitionSchema,
  example: DutyPublished.example,
  decide: (state, _id, act) => rules.publishDuty(state, act),
  form: AS_A_FILE,
});
