// The Chinese words of the screens, by the names that the code uses. What has a Chinese name where it is declared (events, posts,
// escalation rules) is taken from there.
import type { CampaignDefinition } from '../../events/campaign.ts';
import { definitionOf } from '../../events/catalogue.ts';
import { TRACK_NAMES, type Track } from '../../events/envelope.ts';
import { LIMIT_CHOICES, type HazardStatus, type Limit } from '../../events/hazard.ts';
import { GRADE_NAMES, type HazardGrade, type OUTCOMES } from '../../events/inspection.ts';
import type { Role } from '../../shared/rules/roles.ts';

export const STATUS_NAMES: Record<HazardStatus, string> = {
  found: '待定级',
  graded: '待派发',
  assigned: '待责令整改',
  returned: '已退回',
  ordered: '整改中',
  submitted: '待复查',
  rejected: '复查不通过',
  verified: '待销项',
  'signed-off': '已销项',
  recurred: '已回潮',
  duplicate: '重复并入',
  invalid: '认定无效',
};

/** How a status looks: its shape says the same as its colour. */
export type Tone = 'todo' | 'doing' | 'wait' | 'bad' | 'done' | 'off';
export const STATUS_TONES: Record<HazardStatus, Tone> = {
  found: 'todo',
  graded: 'todo',
  assigned: 'todo',
  returned: 'bad',
  ordered: 'doing',
  submitted: 'wait',
  rejected: 'bad',
  verified: 'wait',
  'signed-off': 'done',
  recurred: 'bad',
  duplicate: 'off',
  invalid: 'off',
};

export const gradeName = (grade: HazardGrade | null): string => (grade === null ? '未定级' : GRADE_NAMES[grade]);

export const OUTCOME_NAMES: Record<(typeof OUTCOMES)[number], string> = {
  found: '新发现',
  persists: '仍存在',
  recurred: '回潮',
  late: '补录',
};

export const ANSWER_NAMES = { problem: '有问题', ok: '无问题', 'not-applicable': '不适用' } as const;

export const ROLE_NAMES: Record<Role, string> = {
  inspector: '检查人员',
  village: '村居',
  department: '部门',
  operations: '城运中心',
  office: '专班办公室',
  enforcement: '执法人员',
  leader: '领导小组',
  district: '区级指导单位',
  auditor: '审计',
  subscriber: '订阅方',
  importer: '导入',
  admin: '管理员',
  witness: '日志见证方',
};

/** What the town lacks. */
export const LIMIT_NAMES: Record<Limit, string> = {
  power: LIMIT_CHOICES.power[0],
  capacity: LIMIT_CHOICES.capacity[0],
};

export const LEVEL_NAMES = { municipal: '市级', national: '国家级' } as const;
export const DELISTED_NAMES = { recurrence: '隐患回潮', 'new-hazard': '新发现隐患' } as const;
export const CLOSURE_NAMES = { duplicate: '重复', invalid: '无效' } as const;

/** The name of an organisation of the campaign; its id where the campaign does not know it. */
export function organisationName(campaign: CampaignDefinition | null, id: string | null | undefined): string {
  if (!id) return '—';
  return campaign?.organisations.find((organisation) => organisation.id === id)?.name ?? id;
}

export const trackName = (track: Track | null | undefined): string => (track ? TRACK_NAMES[track] : '—');

/** What happened, in the words of the event catalogue. */
export const eventName = (type: string): string => definitionOf(type).zh;
