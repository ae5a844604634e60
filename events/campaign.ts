// Stream category `campaign` (专项行动): the campaign as launched, its rule sets, its targets.
// One stream a tenant, id `campaign`. Rules are data: versioned, effective from a date, never rewritten.
import * as z from 'zod';
import { dateSchema, defineEvent, idSchema, trackSchema, type DraftOf, type EventOf } from './envelope.ts';

export const ORGANISATION_KINDS = ['leading-group', 'office', 'taskforce', 'member', 'village', 'district'] as const;

export const organisationSchema = z.strictObject({
  id: idSchema,
  /** Chinese name */
  name: z.string().min(1).max(60),
  kind: z.enum(ORGANISATION_KINDS),
});

export const trackDefinitionSchema = z.strictObject({
  track: trackSchema,
  name: z.string().min(1).max(60),
  level: z.enum(['municipal', 'national']),
  /** lead organisation (牵头单位) */
  lead: idSchema,
  /** responsible organisations (责任单位); `villages` stands for every organisation of kind village, `members` for every member */
  responsible: z.array(idSchema).min(1),
});

export const campaignDefinitionSchema = z.strictObject({
  name: z.string().min(1).max(120),
  document: z.string().min(1).max(60),
  issuedOn: dateSchema,
  from: dateSchema,
  to: dateSchema,
  organisations: z.array(organisationSchema).min(1).max(300),
  tracks: z.array(trackDefinitionSchema).min(1),
});
export type CampaignDefinition = z.infer<typeof campaignDefinitionSchema>;

export const ruleSetSchema = z.strictObject({
  version: z.number().int().min(1),
  effectiveFrom: dateSchema,
  /** a monthly list is due on this day; `before`: strictly before it, `by`: on it at the latest (the plan's 24日前 is ambiguous) */
  monthlyReport: z.strictObject({ day: z.number().int().min(1).max(28), cutoff: z.enum(['before', 'by']) }),
  /** longest rectification period in calendar days that an order may give, by grade; absent = no limit */
  longestRectification: z.strictObject({
    general: z.number().int().min(1).optional(),
    major: z.number().int().min(1).optional(),
  }),
});
export type RuleSet = z.infer<typeof ruleSetSchema>;

export const CampaignLaunched = defineEvent({
  type: 'CampaignLaunched',
  category: 'campaign',
  zh: '启动专项行动',
  data: campaignDefinitionSchema,
  example: {
    name: '练塘镇“5+2”安全专项整治行动',
    document: '练府〔2025〕18号',
    issuedOn: '2025-04-25',
    from: '2025-04-01',
    to: '2025-12-31',
    organisations: [
      { id: 'guijianban', name: '规建办', kind: 'member' },
      { id: 'village-01', name: '示例一村', kind: 'village' },
    ],
    tracks: [
      {
        track: 'gas',
        name: '城镇燃气安全综合治理',
        level: 'municipal',
        lead: 'guijianban',
        responsible: ['members', 'villages'],
      },
    ],
  },
});

export const RuleSetPublished = defineEvent({
  type: 'RuleSetPublished',
  category: 'campaign',
  zh: '发布规则',
  data: ruleSetSchema,
  example: {
    version: 1,
    effectiveFrom: '2025-04-25',
    monthlyReport: { day: 24, cutoff: 'by' },
    longestRectification: { general: 90 },
  },
});

export const TargetSet = defineEvent({
  type: 'TargetSet',
  category: 'campaign',
  zh: '设定目标',
  data: z.strictObject({
    id: idSchema,
    track: trackSchema.optional(),
    /** what is counted, e.g. 重大事故隐患消除率 */
    measure: z.string().min(1).max(120),
    goal: z.number(),
    unit: z.enum(['percent', 'count']),
    due: dateSchema,
  }),
  example: { id: 'major-cleared', measure: '重大事故隐患消除率', goal: 100, unit: 'percent', due: '2025-12-31' },
});

export const campaignEvents = [CampaignLaunched, RuleSetPublished, TargetSet] as const;
export type CampaignEvent = EventOf<(typeof campaignEvents)[number]>;
export type CampaignDraft = DraftOf<(typeof campaignEvents)[number]>;
