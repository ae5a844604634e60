// The campaign that daocha ships: Liantang's “5+2” plan of 2025 (练府〔2025〕18号) as validated data. Organisations and posts only: the
// office-holders whom the plan names are people, and people are not in this repository.
// What the plan leaves open is configuration and says so: it gives no rectification period (so none is limited here, and the periods are
// proposals), no names of villages (three samples stand for them), no thresholds and no district routing (four samples stand for the
// district's guiding units). A town that knows better publishes its next rule set.
import {
  campaignDefinitionSchema,
  ruleSetSchema,
  type CampaignDefinition,
  type RuleSet,
} from '../../../events/campaign.ts';
import type { Target } from './campaign.ts';

/** Section 二 of the plan, and the two task forces (专班) that lead tracks without being among the 13 members. */
export const LIANTANG: CampaignDefinition = campaignDefinitionSchema.parse({
  name: '练塘镇“5+2”安全专项整治行动',
  document: '练府〔2025〕18号',
  issuedOn: '2025-04-25',
  from: '2025-04-01',
  to: '2025-12-31',
  organisations: [
    { id: 'leading-group', name: '领导小组', kind: 'leading-group' },
    { id: 'office', name: '专班办公室', kind: 'office' },
    { id: 'ebike-taskforce', name: '电动自行车专班', kind: 'taskforce' },
    { id: 'factory-taskforce', name: '厂库房专班', kind: 'taskforce' },
    { id: 'paichusuo', name: '派出所', kind: 'member' },
    { id: 'shichangsuo', name: '市场所', kind: 'member' },
    { id: 'zhifadui', name: '综合行政执法队', kind: 'member' },
    { id: 'guijianban', name: '规建办', kind: 'member' },
    { id: 'jingfaban', name: '经发办', kind: 'member' },
    { id: 'dangqunban', name: '党群办', kind: 'member' },
    { id: 'shefaban', name: '社发办', kind: 'member' },
    { id: 'shegongban', name: '社工办', kind: 'member' },
    { id: 'chengyun', name: '城运中心', kind: 'member' },
    { id: 'chengjian', name: '城建中心', kind: 'member' },
    { id: 'nongfu', name: '农服中心', kind: 'member' },
    { id: 'wenti', name: '文体中心', kind: 'member' },
    { id: 'lvyou', name: '旅游公司', kind: 'member' },
    { id: 'village-01', name: '示例一村', kind: 'village' },
    { id: 'village-02', name: '示例二村', kind: 'village' },
    { id: 'village-03', name: '示例居委会', kind: 'village' },
    { id: 'district-emergency', name: '示例区应急管理部门', kind: 'district' },
    { id: 'district-fire', name: '示例区消防救援部门', kind: 'district' },
    { id: 'district-construction', name: '示例区建设管理部门', kind: 'district' },
    { id: 'district-market', name: '示例区市场监管部门', kind: 'district' },
  ],
  operations: 'chengyun',
  tracks: [
    {
      track: 'ebike',
      name: '电动自行车安全隐患全链条整治行动',
      level: 'municipal',
      lead: 'ebike-taskforce',
      responsible: ['villages'],
    },
    {
      track: 'hotwork-industry',
      name: '工贸行业用电动火高风险作业专项治理',
      level: 'municipal',
      lead: 'chengyun',
      responsible: ['members', 'villages'],
    },
    {
      track: 'factory',
      name: '厂房仓库消防安全综合治理',
      level: 'municipal',
      lead: 'factory-taskforce',
      responsible: ['villages'],
    },
    {
      track: 'insulation',
      name: '建筑保温材料安全隐患全链条治理',
      level: 'national',
      lead: 'chengyun',
      responsible: ['guijianban', 'jingfaban', 'chengjian', 'nongfu', 'villages'],
    },
    {
      track: 'hotwork-crowded',
      name: '人员密集场所动火作业安全治理',
      level: 'national',
      lead: 'chengyun',
      responsible: ['members', 'villages'],
    },
    {
      track: 'gas',
      name: '城镇燃气安全综合治理',
      level: 'municipal',
      lead: 'guijianban',
      responsible: ['members', 'villages'],
    },
    {
      track: 'construction',
      name: '建筑施工领域综合治理',
      level: 'municipal',
      lead: 'guijianban',
      responsible: ['members', 'villages'],
    },
  ],
});

/**
 * The first rule set. From the plan: lists are due on the 24th of each month (五（一）, “24日前” is read as “by the 24th”, the first possible
 * one is May's), the year's summary on 24 December (五（三）), a bulletin every quarter (六（一）). Not in the plan, so to be confirmed by the
 * town: a day off moves a report to the working day before; lists go on to the end of the campaign; the bulletin's 15th; the proposed
 * periods, the ladder, the thresholds of escalation and where the district takes which case.
 */
export const LIANTANG_RULES: RuleSet = ruleSetSchema.parse({
  version: 1,
  effectiveFrom: '2025-04-25',
  monthlyReport: { day: 24, cutoff: 'by', from: '2025-05', until: '2025-12' },
  quarterlyBulletin: { day: 15 },
  yearEndReport: { month: 12, day: 24, cutoff: 'by' },
  reportShift: 'previous-working-day',
  longestRectification: {},
  periods: [
    { track: '*', grade: 'general', workingDays: 10 },
    { track: '*', grade: 'major', workingDays: 20 },
  ],
  ladder: [
    { rung: '-7', workingDays: -7, to: ['supervisor', 'liaison'] },
    { rung: '-3', workingDays: -3, to: ['supervisor', 'liaison'] },
    { rung: '-1', workingDays: -1, to: ['supervisor', 'liaison'] },
    { rung: '0', workingDays: 0, to: ['supervisor', 'liaison', 'head'] },
    { rung: '+1', workingDays: 1, to: ['head', 'office'] },
    { rung: '+3', workingDays: 3, to: ['head', 'leading-group'] },
  ],
  reportLadder: [
    { rung: '-5', workingDays: -5, to: ['liaison'] },
    { rung: '-2', workingDays: -2, to: ['liaison'] },
    { rung: '0', workingDays: 0, to: ['liaison', 'head', 'operations'] },
  ],
  dutyLadder: [
    { rung: '-7', workingDays: -7, to: ['supervisor', 'liaison'] },
    { rung: '-3', workingDays: -3, to: ['supervisor', 'liaison'] },
    { rung: '0', workingDays: 0, to: ['liaison', 'head'] },
    { rung: '+3', workingDays: 3, to: ['head', 'office'] },
  ],
  escalation: [
    { rule: 'limit-stated' },
    { rule: 'major', limit: 'power' },
    { rule: 'order-refused', limit: 'power' },
    { rule: 'rejections', threshold: 2, limit: 'capacity' },
    { rule: 'extensions', threshold: 2, limit: 'capacity' },
    { rule: 'recurrences', threshold: 2, limit: 'capacity' },
    { rule: 'overdue', threshold: 5, limit: 'capacity' },
    { rule: 'danger', limit: 'power' },
  ],
  routing: [
    { track: 'ebike', to: 'district-fire' },
    { track: 'factory', to: 'district-fire' },
    { track: 'hotwork-crowded', to: 'district-fire' },
    { track: 'insulation', to: 'district-construction' },
    { track: 'construction', to: 'district-construction' },
    { track: 'gas', limit: 'power', to: 'district-construction' },
    { track: 'gas', limit: 'capacity', to: 'district-market' },
    { to: 'district-emergency' },
  ],
  calendar: { years: [2025, 2026] },
});

/** Section 一. The plan gives no baseline for the number of fires: the goal is the change in percent. */
export const LIANTANG_TARGETS: readonly Target[] = [
  { id: 'tasks-done', measure: '重点整治任务完成率', goal: 100, unit: 'percent', due: '2025-12-31' },
  { id: 'major-cleared', measure: '重大事故隐患消除率', goal: 100, unit: 'percent', due: '2025-12-31' },
  { id: 'fires', measure: '消防火灾起数同比变化', goal: -20, unit: 'percent', due: '2025-12-31' },
  { id: 'deaths', measure: '安全生产和火灾亡人事故起数', goal: 0, unit: 'count', due: '2025-12-31' },
];
