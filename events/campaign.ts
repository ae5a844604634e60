// Stream category `campaign` (专项行动): the campaign as launched, organisations registered since, its rule sets, its targets.
// One stream a tenant, id `campaign`. Rules are data: versioned, effective from a date, never rewritten.
import * as z from 'zod';
import { dutyDefinitionSchema } from './duty-definition.ts';
import {
  approverField,
  dateSchema,
  defineEvent,
  idSchema,
  textSchema,
  trackSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { escalationRuleSchema } from './escalation.ts';
import { choicesOf, enumOf, longer, titled } from './field.ts';
import { limitSchema } from './hazard.ts';
import { clauseSchema } from './inspection.ts';

export const ORGANISATION_KIND_NAMES = {
  'leading-group': '领导小组',
  office: '专班办公室',
  taskforce: '专项专班',
  member: '成员单位',
  village: '村居',
  district: '区级指导单位',
} as const;
export type OrganisationKind = keyof typeof ORGANISATION_KIND_NAMES;
export const ORGANISATION_KINDS = Object.keys(ORGANISATION_KIND_NAMES) as readonly OrganisationKind[];

export const organisationSchema = z.strictObject({
  id: titled(idSchema, '编号'),
  /** Chinese name */
  name: titled(z.string().min(1).max(60), '名称'),
  kind: titled(enumOf(choicesOf(ORGANISATION_KIND_NAMES, String)), '类别'),
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

export type Organisation = z.infer<typeof organisationSchema>;

/** Tables of many lines, which no sentence holds. */
const LONG = { left: 'out' } as const;

export const campaignDefinitionSchema = z.strictObject({
  name: titled(z.string().min(1).max(120), '名称'),
  document: titled(z.string().min(1).max(60), '文件'),
  issuedOn: titled(dateSchema, '印发日期', { days: 'done' }),
  from: titled(dateSchema, '开始', { days: 'begins' }),
  to: titled(dateSchema, '结束', { days: 'goal' }),
  organisations: titled(z.array(organisationSchema).min(1).max(300), '组织', LONG),
  /** the urban operations centre (城运中心) among them: it dispatches, and receives what is reported */
  operations: titled(idSchema, '城运中心', { as: 'organisation' }).optional(),
  tracks: titled(z.array(trackDefinitionSchema).min(1), '专项', LONG),
});
export type CampaignDefinition = z.infer<typeof campaignDefinitionSchema>;

/** Who is reminded: roles that are looked up in the roster when the reminder is issued, so that it goes to whoever holds the post then. */
export const RECIPIENT_ROLES = ['supervisor', 'liaison', 'head', 'office', 'leading-group', 'operations'] as const;
export const recipientRoleSchema = z.enum(RECIPIENT_ROLES);

/** A rung of the ladder (提醒阶梯): so many working days from the due date, negative before; to whom. */
export const rungSchema = z.strictObject({
  rung: z.string().min(1).max(32),
  workingDays: z.number().int().min(-60).max(60),
  to: z.array(recipientRoleSchema).min(1),
});
export type Rung = z.infer<typeof rungSchema>;

/** Where a case goes: the first route that fits its track and limit; one that names neither fits every case. */
export const routeSchema = z.strictObject({
  track: trackSchema.optional(),
  limit: limitSchema.optional(),
  /** district guiding unit (区级指导单位): an organisation of kind `district` */
  to: idSchema,
});

const CUTOFFS = ['before', 'by'] as const;
const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month, e.g. 2025-05');

/** What happens when a report's day is no working day. */
const REPORT_SHIFT_NAMES = {
  none: '不顺延',
  'previous-working-day': '提前到前一个工作日',
  'next-working-day': '顺延到后一个工作日',
} as const;

export const ruleSetSchema = z.strictObject({
  version: titled(z.number().int().min(1), '规则', { unit: '第 # 版' }),
  effectiveFrom: titled(dateSchema, '施行日', { days: 'rule' }),
  /**
   * a monthly list is due on this day; `before`: strictly before it, `by`: on it at the latest (the plan's 24日前 is ambiguous). Asked for
   * from the month `from` on (without it, never) until the month `until` (without it, until the campaign ends)
   */
  monthlyReport: titled(
    z.strictObject({
      day: z.number().int().min(1).max(28),
      cutoff: z.enum(CUTOFFS),
      from: monthSchema.optional(),
      until: monthSchema.optional(),
    }),
    '月度清单',
    LONG,
  ),
  /** the task-force office's bulletin (季度督查通报) on a quarter is due on this day of the month after it; without this, none is asked for */
  quarterlyBulletin: titled(z.strictObject({ day: z.number().int().min(1).max(28) }), '季度督查通报', LONG).optional(),
  /** every department's summary of the year (年度工作总结); without this, none is asked for */
  yearEndReport: titled(
    z.strictObject({
      month: z.number().int().min(1).max(12),
      day: z.number().int().min(1).max(28),
      cutoff: z.enum(CUTOFFS),
    }),
    '年度工作总结',
    LONG,
  ).optional(),
  /** longest rectification period in calendar days that an order may give, by grade; absent = no limit */
  longestRectification: titled(
    z.strictObject({
      general: z.number().int().min(1).optional(),
      major: z.number().int().min(1).optional(),
    }),
    '最长整改期限',
    LONG,
  ),
  /** rectification periods in working days that are proposed (never set silently) by track and grade; `*` stands for every track */
  periods: titled(
    z.array(
      z.strictObject({
        track: z.union([trackSchema, z.literal('*')]),
        grade: z.enum(['general', 'major']),
        workingDays: z.number().int().min(1).max(250),
      }),
    ),
    '建议期限',
    LONG,
  ).optional(),
  /** rungs in order of their working days; without one, nobody is reminded */
  ladder: titled(z.array(rungSchema).max(20), '提醒阶梯', LONG).optional(),
  reportLadder: titled(z.array(rungSchema).max(20), '报表提醒阶梯', LONG).optional(),
  dutyLadder: titled(z.array(rungSchema).max(20), '应办事项提醒阶梯', LONG).optional(),
  reportShift: titled(enumOf(choicesOf(REPORT_SHIFT_NAMES, String)), '逢节假日', LONG).optional(),
  /** rules by which a case goes beyond the town, with their thresholds; a rule that is not listed does not fire */
  escalation: titled(
    z.array(
      z.strictObject({
        rule: escalationRuleSchema,
        /** rejections, extensions, recurrences: which one fires; overdue: working days after the last rung */
        threshold: z.number().int().min(1).max(60).optional(),
        limit: limitSchema.optional(),
      }),
    ),
    '上报规则',
    LONG,
  ).optional(),
  routing: titled(z.array(routeSchema), '上报去向', LONG).optional(),
  /** years for which the statutory calendar must be known, and days that the town changes in it */
  calendar: titled(
    z.strictObject({
      years: z.array(z.number().int().min(2000).max(2100)).min(1),
      holidays: z.array(dateSchema).max(400).optional(),
      workdays: z.array(dateSchema).max(400).optional(),
    }),
    '日历',
    LONG,
  ).optional(),
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
  data: ruleSetSchema.extend({ reason: titled(textSchema, '理由').optional(), approver: approverField }),
  example: {
    version: 1,
    effectiveFrom: '2025-04-25',
    monthlyReport: { day: 24, cutoff: 'by' },
    longestRectification: { general: 90 },
  },
});

export const OrganisationRegistered = defineEvent({
  type: 'OrganisationRegistered',
  category: 'campaign',
  zh: '登记组织',
  data: z.strictObject({ organisation: titled(organisationSchema, '组织') }),
  example: { organisation: { id: 'village-04', name: '示例三村', kind: 'village' } },
});

export const TargetSet = defineEvent({
  type: 'TargetSet',
  category: 'campaign',
  zh: '设定目标',
  data: z.strictObject({
    id: titled(idSchema, '编号'),
    track: titled(trackSchema, '专项').optional(),
    /** what is counted, e.g. 重大事故隐患消除率 */
    measure: titled(z.string().min(1).max(120), '指标'),
    goal: titled(z.number(), '目标值'),
    unit: titled(enumOf({ percent: ['百分比'], count: ['个数'] }), '单位'),
    due: titled(dateSchema, '期限', { days: 'goal' }),
  }),
  example: { id: 'major-cleared', measure: '重大事故隐患消除率', goal: 100, unit: 'percent', due: '2025-12-31' },
});

/**
 * A checklist (检查表) in one of its versions: what an inspection by it asks. Each answer names an item; an item that has
 * none was omitted.
 */
export const checklistSchema = z.strictObject({
  template: titled(idSchema, '编号'),
  version: titled(z.number().int().min(1), '版本', { unit: '第 # 版' }),
  track: titled(trackSchema, '专项'),
  name: titled(z.string().trim().min(1).max(120), '名称'),
  items: titled(
    z
      .array(
        z.strictObject({
          item: z.string().trim().min(1).max(64),
          clause: clauseSchema,
          /** what is looked at, as the inspector reads it */
          text: longer(z.string().trim().min(1).max(500)),
        }),
      )
      .min(1)
      .max(300),
    '检查项',
    LONG,
  ),
});
export type Checklist = z.infer<typeof checklistSchema>;

export const ChecklistPublished = defineEvent({
  type: 'ChecklistPublished',
  category: 'campaign',
  zh: '发布检查表',
  data: checklistSchema,
  example: {
    template: 'gas-restaurant',
    version: 1,
    track: 'gas',
    name: '餐饮场所燃气安全检查表',
    items: [
      { item: '1', clause: 'GAS-01', text: '软管无老化、无破损，长度不超过 2 米且不穿墙' },
      { item: '2', clause: 'GAS-02', text: '灶具有熄火保护装置' },
    ],
  },
});

/** What a duty (应办事项) asks for, in one of its versions. */
export const DutyPublished = defineEvent({
  type: 'DutyPublished',
  category: 'campaign',
  zh: '发布应办事项',
  data: dutyDefinitionSchema,
  example: {
    duty: 'ebike.charging',
    version: 1,
    track: 'ebike',
    name: '充电设施配建',
    plan: { section: '三（一）1' },
    subject: 'unit',
    opens: { by: 'unit' },
    owed: { by: 'area' },
    steps: [
      {
        step: 'survey',
        name: '配建核查',
        fields: [
          { field: '电动自行车数', kind: 'number', unit: '辆', least: 0 },
          { field: '充电端口数', kind: 'number', unit: '个', least: 0 },
        ],
        rules: [
          {
            rule: 'least',
            sum: [
              { field: '充电端口数', times: 2 },
              { field: '电动自行车数', times: -1 },
            ],
            than: 0,
            say: '充电端口与车辆之比低于 1：2',
          },
        ],
        due: { by: 'date', on: '2025-06-30' },
      },
    ],
  },
});

/** Which keys may sign for what is recorded (写入密钥), the whole list: what is recorded afterwards and signed by none of them is shown up. */
export const WriterKeysDeclared = defineEvent({
  type: 'WriterKeysDeclared',
  category: 'campaign',
  zh: '登记写入密钥',
  data: z.strictObject({
    /** verifier keys (C2SP signed-note), named `daocha-writer/<tenant>/<component>` */
    keys: titled(
      z
        .array(
          z
            .string()
            .regex(
              /^[!-~]{1,128}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/,
              'must be a verifier key: <name>+<8 hex digits>+<base64>',
            ),
        )
        .min(1)
        .max(40),
      '写入密钥',
    ),
    reason: titled(longer(z.string().trim().min(1).max(500)), '理由'),
  }),
  example: {
    keys: ['daocha-writer/liantang/api+a466bd4d+AfcqgPClI56aBCHq7OM/+6EZBgjMzfDCayFdpM9g0NQK'],
    reason: '系统上线，登记各组件的写入密钥',
  },
});

export const campaignEvents = [
  CampaignLaunched,
  OrganisationRegistered,
  RuleSetPublished,
  TargetSet,
  ChecklistPublished,
  DutyPublished,
  WriterKeysDeclared,
] as const;
export type CampaignEvent = EventOf<(typeof campaignEvents)[number]>;
export type CampaignDraft = DraftOf<(typeof campaignEvents)[number]>;
