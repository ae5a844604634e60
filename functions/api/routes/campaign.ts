// Routes of the campaign (专项行动): its definition, rule sets and targets.
import * as z from 'zod';
import { campaignDefinitionSchema, checklistSchema, ruleSetSchema, TargetSet } from '../../../events/campaign.ts';
import { trackSchema } from '../schemas.ts';
import { query } from '../route.ts';

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
  listChecklists: query({
    path: '/v1/campaign/checklists',
    tag: 'campaign',
    summary: 'The checklists in all their versions, or those of one track',
    zh: '检查表',
    action: 'read.campaign',
    query: z.strictObject({ track: trackSchema.optional() }),
    answer: z.strictObject({ items: z.array(checklistSchema) }).meta({ id: 'Checklists' }),
  }),
};
