// What traces call things in Chinese, on the terminal, in the dossier and wherever else an answer is read by people;
// and town time as they write it.
import { TRACK_NAMES } from '../../../events/envelope.ts';
import type { HazardStatus, Limit } from '../../../events/hazard.ts';
import { GRADE_NAMES, MODE_NAMES, type Answer, type OUTCOMES } from '../../../events/inspection.ts';
import { ESCALATION_RULES } from '../../../events/escalation.ts';
import { POSTS } from '../../../events/roster.ts';
import { own } from '../../own.ts';
import type { ActFact } from './deadlines.ts';
import { townMinute } from '../../town-time.ts';

export const STATUS_ZH: Record<HazardStatus, string> = {
  found: '已发现',
  graded: '已定级',
  assigned: '已派发',
  returned: '已退回',
  ordered: '整改中',
  submitted: '待复查',
  rejected: '复查不通过',
  verified: '待销项',
  'signed-off': '已销项',
  recurred: '回潮',
  duplicate: '重复',
  invalid: '无效',
};
export const OUTCOME_ZH: Record<(typeof OUTCOMES)[number], string> = {
  found: '新发现',
  persists: '仍存在',
  recurred: '回潮',
  late: '销项前所见，后补录',
};

/** What set a due date. */
export const DUE_ZH = { order: '责令整改', extension: '同意延期', rejection: '复查不通过另定' } as const;

/** What was done about a due date. */
export const ACT_ZH: Record<ActFact['act'], string> = {
  submitted: '提交整改',
  verified: '复查通过',
  rejected: '复查不通过',
  'extension-requested': '申请延期',
  'extension-refused': '不同意延期',
  refused: '拒不整改',
};
export const trackZh = (track: string | null): string => (track === null ? '' : (own(TRACK_NAMES, track) ?? track));
export const modeZh = (mode: string): string => own(MODE_NAMES, mode) ?? mode;
export const postZh = (post: string): string => own(POSTS, post) ?? post;

export const ruleZh = (rule: string): string => own(ESCALATION_RULES, rule) ?? rule;
const CASE_ZH: Record<string, string> = {
  proposed: '已提出',
  compiled: '已汇总',
  submitted: '已报送',
  accepted: '已受理',
  returned: '已退回',
  resolved: '已作决定',
  verified: '已核实',
};
export const caseZh = (status: string): string => own(CASE_ZH, status) ?? status;
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
  bundle: '带走证据包',
  names: '查姓名',
};
export const accessZh = (action: string): string => own(ACCESS_ZH, action) ?? action;
const ABOUT_ZH: Record<string, string> = { unit: '单位', hazard: '隐患', inspection: '检查' };
export const aboutZh = (about: string): string => own(ABOUT_ZH, about) ?? about;

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
/** Words for the values of fields, where there are any. */
const VALUE_ZH: Record<string, string> = {
  ...STATUS_ZH,
  ...GRADE_NAMES,
  ...TRACK_NAMES,
  ...MODE_NAMES,
  recorded: '已记录',
  planned: '已计划',
  missed: '未执行',
};

/** Any value of a field as people read it: times in town time, lists with commas, what is not set as 无. */
export function valueZh(value: unknown): string {
  if (value === null || value === undefined) return '无';
  if (typeof value === 'boolean') return value ? '是' : '否';
  if (typeof value === 'string') return INSTANT.test(value) ? townMinute(value) : (own(VALUE_ZH, value) ?? value);
  if (Array.isArray(value)) return value.length === 0 ? '无' : value.map(valueZh).join('、');
  if (typeof value === 'object') {
    const parts = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
    const said = parts.map(
      ([name, inner]) => `${INNER_ZH.get(name) ?? own(VALUE_ZH, name) ?? name}：${innerZh(name, inner)}`,
    );
    return said.length === 0 ? '无' : said.join('，');
  }
  return typeof value === 'number' ? String(value) : '';
}

/** On what a claimed time rests, in the words of whoever recorded it. */
export const basisZh = (lateBasis: string | undefined): string =>
  lateBasis === undefined ? '' : `补录依据：${lateBasis}`;

/** Names of fields within the values of fields. What is not here is a name that people gave: a fact of a baseline, a lease. */
const INNER_ZH: ReadonlyMap<string, string> = new Map(
  Object.entries({
    acknowledgedBy: '确认人',
    answer: '答复',
    basis: '依据',
    by: '由',
    clause: '条款',
    due: '期限',
    evidence: '照片',
    from: '起',
    to: '止',
    id: '编号',
    item: '检查项',
    kind: '类别',
    lat: '纬度',
    lon: '经度',
    accuracy: '精度（米）',
    lessee: '承租',
    lessor: '出租',
    limit: '不足',
    measures: '措施',
    of: '并入',
    organisation: '组织',
    person: '人员',
    place: '部位',
    post: '岗位',
    raw: '原文',
    reason: '理由',
    recipients: '发给',
    requested: '申请延至',
    rung: '梯级',
    signedOn: '协议签订',
    system: '登记系统',
    text: '描述',
    track: '专项',
    until: '至',
    version: '版本',
    workingDays: '工作日',
  }),
);
/** Words for values that mean something only in their field. */
const ANSWER_ZH: Record<Answer['answer'], string> = { problem: '有问题', ok: '无问题', 'not-applicable': '不适用' };
const SHORT_OF_ZH: Record<Limit, string> = { power: '权限', capacity: '能力' };
const KIND_ZH: Record<'duplicate' | 'invalid' | 'signed' | 'refused', string> = {
  duplicate: '重复',
  invalid: '无效',
  signed: '签字',
  refused: '拒签',
};
const INNER_VALUE_ZH: ReadonlyMap<string, ReadonlyMap<unknown, string>> = new Map([
  ['limit', wordsOf(SHORT_OF_ZH)],
  ['kind', wordsOf(KIND_ZH)],
  ['answer', wordsOf(ANSWER_ZH)],
  ['post', wordsOf(POSTS)],
]);
function wordsOf(words: Record<string, string>): ReadonlyMap<unknown, string> {
  return new Map<unknown, string>(Object.entries(words));
}
const innerZh = (name: string, value: unknown): string => INNER_VALUE_ZH.get(name)?.get(value) ?? valueZh(value);

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

/** Fields of a unit, as the view of differences and corrections name them. */
export const UNIT_FIELD_ZH = {
  name: '名称',
  kind: '类型',
  address: '地址',
  area: '村居',
  tracks: '专项',
  location: '位置坐标',
  external: '外部编号',
  riskGrade: '风险等级',
  baselines: '底数',
  leases: '租赁与协议',
  supervisors: '监管责任人',
  open: '未销项隐患',
  listed: '在销项名单上',
  closed: '已注销',
} as const;

const FIELD_ZH: Record<string, string> = {
  ...UNIT_FIELD_ZH,
  occurredAt: '发生时间',
  mode: '方式',
  template: '检查表',
  inspectors: '检查人',
  signature: '签字',
  answer: '答复',
  text: '描述',
  place: '部位',
  statement: '整改情况',
  measures: '措施',
  authority: '依据',
  basis: '依据',
  reason: '理由',
  note: '备注',
  post: '岗位',
  person: '人员',
  track: '专项',
  from: '起始',
  until: '截止',
};

/** The name of a corrected field: `details.name`, `answers[3].text`, `mode`. */
export function fieldZh(field: string): string {
  const answer = /^answers\[(.+)\]\.(\w+)$/.exec(field);
  if (answer) return `第 ${answer[1]} 项${own(FIELD_ZH, answer[2]!) ?? answer[2]!}`;
  const name = field.replace(/^details\./, '');
  return own(FIELD_ZH, name) ?? field;
}

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
