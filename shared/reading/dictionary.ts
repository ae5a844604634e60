// The dictionary: what everything is called in Chinese, wherever people read it (console, terminal, files, notices).
// Fields and the words of enumerations are in events/, beside what they name; here are the words of what is only shown,
// and how the value of a field reads.
import type { CampaignDefinition, RECIPIENT_ROLES } from '../../events/campaign.ts';
import { definitionOf, type EventType } from '../../events/catalogue.ts';
import { isSystem, TRACK_NAMES, type Actor } from '../../events/envelope.ts';
import { fieldOf, fieldsOf, titled, type DataField } from '../../events/field.ts';
import { answerSchema, MODE_NAMES } from '../../events/inspection.ts';
import { AWAITS_ZH, type Awaits, type Recipient } from '../../events/reminder.ts';
import { POSTS } from '../../events/roster.ts';
import { instantSchema } from '../../events/envelope.ts';
import { unitDetailsSchema } from '../../events/unit.ts';
import { CORRECTABLE } from '../rules/corrections.ts';
import type { Role } from '../rules/roles.ts';
import { own } from '../own.ts';
import { townDay, townMinute } from '../town-time.ts';

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
export const LEVEL_NAMES = { municipal: '市级', national: '国家级' } as const;

/** What set a due date. */
export const DUE_ZH = { order: '责令整改', extension: '同意延期', rejection: '复查不通过另定' } as const;

/** What was done about a due date. */
export const ACT_ZH = {
  submitted: '提交整改',
  verified: '复查通过',
  rejected: '复查不通过',
  'extension-requested': '申请延期',
  'extension-refused': '不同意延期',
  refused: '拒不整改',
} as const;

/** What came of a reminder. */
export const FOLLOWED_ZH = { acted: '已办理', acknowledged: '仅确认收到', nothing: '无人理会' } as const;

/** Whom a ladder reminds. */
export const RECIPIENT_NAMES: Record<(typeof RECIPIENT_ROLES)[number], string> = {
  supervisor: '监管责任人',
  liaison: '分管联络员',
  head: '主要领导',
  office: '专班办公室',
  'leading-group': '领导小组',
  operations: '城运中心',
};

const BECAUSE_ZH: Record<string, string> = {
  lead: '牵头单位',
  supervisor: '监管单位',
  area: '所在村居',
  hazards: '承办隐患',
  town: '镇级',
};
export const becauseZh = (why: string): string => own(BECAUSE_ZH, why) ?? why;
const ACCESS_ZH: Record<string, string> = {
  read: '查看',
  list: '列表',
  trace: '倒查',
  dossier: '汇编卷宗',
  export: '导出',
  bundle: '带走证明包',
  names: '查姓名',
};
export const accessZh = (action: string): string => own(ACCESS_ZH, action) ?? action;

/** What a question of the trace is about. */
export const ABOUT_NAMES = { unit: '单位', hazard: '隐患', inspection: '检查' } as const;

/** What stands above an answer of the trace, by the name that it has in the answer. */
export const SUBJECT_ZH: Record<string, string> = {
  unit: '单位',
  name: '名称',
  hazard: '隐患',
  track: '专项',
  clause: '条款',
  from: '自',
  to: '至',
  on: '日期',
  after: '自',
  kind: '类型',
  area: '村居',
  escalation: '案件',
  now: '对照',
  report: '报表',
  period: '期间',
  organisation: '报送单位',
  edition: '第几版',
  submittedAt: '报送于',
  submittedBy: '报送人',
  position: '数字截至日志位置',
};

const FIGURE_ZH: Record<string, string> = {
  inspections: '检查',
  cleanInspections: '无问题的检查',
  missedInspections: '未执行的检查',
  hazards: '隐患',
  open: '未销项',
  major: '重大隐患',
  majorOpen: '重大未销项',
  signedOff: '已销项',
  signOffs: '销项次数',
  recurrences: '回潮',
};

/** The name of a figure of a report: `open`, `gas.open`. */
export function figureZh(name: string): string {
  const dot = name.indexOf('.');
  const figure = name.slice(dot + 1);
  return `${dot < 0 ? '' : trackZh(name.slice(0, dot))}${own(FIGURE_ZH, figure) ?? figure}`;
}

// names that the campaign gives, and those of the plan

/** The name of an organisation. */
export type NameOf = (organisation: string) => string;

/** The name of an organisation of the campaign; its id where the campaign does not know it, a dash for none. */
export function organisationName(
  campaign: CampaignDefinition | null | undefined,
  id: string | null | undefined,
): string {
  if (!id) return '—';
  return campaign?.organisations.find((organisation) => organisation.id === id)?.name ?? id;
}

export const trackZh = (track: string | null): string => (track === null ? '' : (own(TRACK_NAMES, track) ?? track));
export const modeZh = (mode: string): string => own(MODE_NAMES, mode) ?? mode;
/** A post of the plan by its name; any other is written as it is called. */
export const postZh = (post: string): string => own(POSTS, post) ?? post;

/** What happened, in the words of the event catalogue. */
export const eventName = (type: string): string => definitionOf(type).zh;

/** `规建办科员` and, on a line of its own, the person's reference; the rules of the platform have no person. */
export function actorZh({ person, post, organisation, onBehalfOf }: Actor, nameOf: NameOf): string {
  if (isSystem(person)) return '系统按规则自动';
  return `${nameOf(organisation)}${postZh(post)}\n${person}${onBehalfOf ? `，代${onBehalfOf}` : ''}`;
}

// time

/** `等待复查3个工作日` */
export const waitZh = (awaits: Awaits, workingDays: number): string => `等待${AWAITS_ZH[awaits]}${workingDays}个工作日`;

/** `到期前3个工作日`, `到期当日`, `逾期3个工作日`. */
export function rungZh(workingDays: number): string {
  if (workingDays === 0) return '到期当日';
  return workingDays < 0 ? `到期前${-workingDays}个工作日` : `逾期${workingDays}个工作日`;
}

/** `3 天 4 小时`, `5 小时`, `12 分钟`: how long, whichever way. */
export function spanZh(hours: number): string {
  const minutes = Math.round(Math.abs(hours) * 60);
  const [days, rest] = [Math.floor(minutes / 1440), minutes % 1440];
  const parts = [
    days > 0 ? `${days} 天` : '',
    rest >= 60 && days < 30 ? `${Math.floor(rest / 60)} 小时` : '',
    minutes < 60 ? `${minutes} 分钟` : '',
  ].filter(Boolean);
  return parts.join(' ') || '0 分钟';
}

/** How long after its sign-off a hazard came back. Before it: seen after the verification on which the sign-off stands. */
export const awayZh = (days: number): string => (days < 0 ? '复查后、销项前' : `${days} 天`);

export const hoursBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 3_600_000;

/** How long after something; what claims a time before it says so. */
export const afterZh = (hours: number): string => (hours < 0 ? `称早 ${spanZh(-hours)}` : `${spanZh(hours)}后`);

/** On what a claimed time rests, in the words of whoever recorded it. */
export const basisZh = (lateBasis: string | undefined): string =>
  lateBasis === undefined ? '' : `补录依据：${lateBasis}`;

// how a value reads

const asWritten: NameOf = (id) => id;

/** The value of a field as people read it. */
export function valueZh(field: DataField, value: unknown, nameOf: NameOf = asWritten): string {
  if (value === null || value === undefined) return '无';
  if (!field.many) return oneZh(field, value, nameOf);
  const all = value as readonly unknown[];
  if (all.length === 0) return '无';
  return all.map((one) => oneZh(field, one, nameOf)).join(field.kind === 'object' ? '；' : '、');
}

function oneZh({ kind, choices, unit, inner }: DataField, value: unknown, nameOf: NameOf): string {
  switch (kind) {
    case 'moment':
      return townMinute(value as string);
    case 'due':
      return dueZh(value as string);
    case 'track':
      return trackZh(value as string);
    case 'post':
      return postZh(value as string);
    case 'organisation':
      return nameOf(value as string);
    case 'choice':
      return own(choices!, String(value))?.[0] ?? String(value);
    case 'yes-no':
      return value === true ? '是' : '否';
    case 'number':
      return (unit ?? '#').replace('#', String(value));
    case 'object':
      return objectZh(inner!(), value as object, nameOf);
    case 'facts':
      return factsZh(value as object, inner, nameOf) || '无';
    case 'changes':
      return (value as readonly Change[]).map(changeZh).join('；');
    case 'recipients':
      return (value as readonly Recipient[]).map((one) => recipientZh(one, nameOf)).join('、');
    case 'files':
      return (value as readonly { name: string }[]).map(({ name }) => name).join('、');
    case 'text':
    case 'line':
    case 'id':
    case 'hazard':
    case 'person':
    case 'date':
    case 'anything':
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

/** Names that people gave, and what they stand for. */
const factsZh = (facts: object, inner: DataField['inner'], nameOf: NameOf): string =>
  Object.entries(facts)
    .map(([name, value]: [string, unknown]) => {
      if (inner) return `${name}：${objectZh(inner(), value as object, nameOf)}`;
      return `${name}：${typeof value === 'boolean' ? (value ? '是' : '否') : (value as string | number)}`;
    })
    .join('，');

const objectZh = (fields: readonly DataField[], value: object, nameOf: NameOf): string =>
  fields
    .flatMap((field) => {
      const inner = (value as Record<string, unknown>)[field.name];
      return inner === null || inner === undefined || field.left
        ? []
        : [`${field.title}：${valueZh(field, inner, nameOf)}`];
    })
    .join('，');

/** A day that ends with it is a day; any other is a moment. */
const dueZh = (due: string): string => {
  const text = townMinute(due);
  return text.endsWith('23:59') ? townDay(due) : text;
};

const recipientZh = ({ organisation, post, person }: Recipient, nameOf: NameOf): string =>
  `${nameOf(organisation)}${postZh(post)}（${person ?? '空缺'}）`;

// corrections

interface Change {
  field: string;
  from: unknown;
  to: unknown;
}
/** `部位：后厨 → 前厅` */
export const changeZh = ({ field, from, to }: Change): string =>
  `${fieldZh(field)}：${correctedZh(field, from)} → ${correctedZh(field, to)}`;

/** Fields that have other titles in other events: a correction names the event by its id only. */
const SEVERAL = { reason: '理由', basis: '依据', measures: '措施', text: '描述', note: '说明' } as const;
/** The fields that may be corrected, by the path in a correction. */
const CORRECTED: ReadonlyMap<string, DataField> = new Map(
  [
    fieldOf('occurredAt', titled(instantSchema, '发生时间')),
    ...(Object.keys(CORRECTABLE) as EventType[]).flatMap((type) =>
      fieldsOf(definitionOf(type).data).filter(({ name }) => CORRECTABLE[type]!.includes(name)),
    ),
    ...fieldsOf(unitDetailsSchema).map((field) => ({ ...field, name: `details.${field.name}` })),
    ...fieldsOf(answerSchema).map((field) => ({ ...field, name: `answers.${field.name}` })),
  ].map((field) => [field.name, { ...field, title: own(SEVERAL, field.name) ?? field.title }]),
);
const ANSWER = /^answers\[(.+)\]\.(\w+)$/;
const correctedField = (path: string): DataField | undefined =>
  CORRECTED.get(path.replace(ANSWER, 'answers.$2')) ?? CORRECTED.get(`details.${path}`);

/** The name of a corrected field: `details.name`, `answers[3].text`, `mode`; of anything else, its path. */
export function fieldZh(path: string): string {
  const [, item] = ANSWER.exec(path) ?? [];
  const title = correctedField(path)?.title ?? path;
  return item === undefined ? title : `第 ${item} 项${title}`;
}

/** What stood, or stands, in a corrected field. */
export function correctedZh(path: string, value: unknown, nameOf?: NameOf): string {
  const field = correctedField(path);
  if (field) return valueZh(field, value, nameOf);
  return value === null || value === undefined ? '无' : typeof value === 'string' ? value : JSON.stringify(value);
}
