// Routes of the campaign (专项行动): its definition, rule sets and targets.
import * as z from 'zod';
import {
  campaignDefinitionSchema,
  CampaignLaunched,
  ChecklistPublished,
  checklistSchema,
  ruleSetSchema,
  TargetSet,
} from '../../../events/campaign.ts';
import { trackSchema } from '../schemas.ts';
import { command, query } from '../route.ts';

export const campaignRoutes = {
  getCampaign: query({
    path: '/v1/campaign',
    tag: 'campaign',
    summary: 'The campaign: tracks, organisations, rule sets, targets',
    zh: '查看专项行动',
    action: 'read.campaign',
    answer: z
      .strictObject({
        definition: campaignDefinitionSchema.nullable(),
        ruleSets: z.array(ruleSetSchema),
        targets: z.array(TargetSet.data),
      })
      .meta({ id: 'Campaign' }),
  }),
  launchCampaign: command({
    path: '/v1/campaign',
    tag: 'campaign',
    summary: 'Launch the campaign, once',
    zh: '启动专项行动',
    description: 'What changes later is published as a rule set or a target.',
    action: 'campaign.rule',
    creates: 'the campaign is launched',
    body: z.strictObject(campaignDefinitionSchema.shape).meta({ id: 'LaunchCampaign' }),
    example: CampaignLaunched.example,
  }),
  publishRuleSet: command({
    path: '/v1/campaign/rule-sets',
    tag: 'campaign',
    summary: 'Publish the next rule set, in force from a date',
    zh: '发布规则',
    action: 'campaign.rule',
    body: z.strictObject(ruleSetSchema.shape).meta({ id: 'PublishRuleSet' }),
    example: {
      version: 2,
      effectiveFrom: '2025-07-01',
      monthlyReport: { day: 24, cutoff: 'by' },
      longestRectification: { general: 60 },
    },
  }),
  setTarget: command({
    path: '/v1/campaign/targets',
    tag: 'campaign',
    summary: 'Set a target',
    zh: '设定目标',
    action: 'campaign.rule',
    body: z.strictObject(TargetSet.data.shape).meta({ id: 'SetTarget' }),
    example: TargetSet.example,
  }),
  listChecklists: query({
    path: '/v1/campaign/checklists',
    tag: 'campaign',
    summary: 'The checklists in all their versions, or those of one track',
    zh: '检查表',
    action: 'read.campaign',
    query: z.strictObject({ track: trackSchema.optional() }),
    answer: z.strictObject({ items: z.array(checklistSchema) }).meta({ id: 'Checklists' }),
  }),
  publishChecklist: command({
    path: '/v1/campaign/checklists',
    tag: 'campaign',
    summary: "Publish a checklist's next version",
    zh: '发布检查表',
    description:
      'An inspection names the template and version that it went by; only so can be told later whether a clause was omitted or was not on the list.',
    action: 'campaign.rule',
    body: z.strictObject(checklistSchema.shape).meta({ id: 'PublishChecklist' }),
    example: ChecklistPublished.example,
  }),
};
