// What an event says beyond its type, line by line in Chinese. Fields that say nothing to a reader (ids of streams, statuses that the
// heading shows) are left out; a field that nobody has named yet is shown under its own name rather than hidden.
import { GRADE_NAMES } from '../../../events/inspection.ts';
import type { CampaignDefinition } from '../../../events/campaign.ts';
import { ESCALATION_GROUNDS } from '../../../events/escalation.ts';
import { parseStreamKey, type Track } from '../../../events/envelope.ts';
import { AWAITS_ZH, PROVISIONAL_ZH } from '../../../events/reminder.ts';
import { REPORT_KINDS } from '../../../events/report.ts';
import { POSTS } from '../../../events/roster.ts';
import { own } from '../../../shared/own.ts';
import type { ShownEvent } from '../answers.ts';
import { html, type Content } from '../../../shared/reading/html.ts';
import { CLOSURE_NAMES, LIMIT_NAMES, organisationName, trackName } from '../labels.ts';
import { byReference, PEOPLE, type Named } from '../names.ts';
import { hazardPath, to } from '../page.ts';
import { townMinute } from '../../../shared/town-time.ts';

type Show = (value: unknown, campaign: CampaignDefinition | null) => Content;
const plain: Show = (value) =>
  typeof value === 'string' || typeof value === 'number'
    ? value
    : value === true
      ? '是'
      : value === false
        ? '否'
        : JSON.stringify(value);
const moment: Show = (value) => (typeof value === 'string' ? townMinute(value) : '无');
const organisation: Show = (value, campaign) => organisationName(campaign, String(value));
const list: Show = (value) => (value as string[]).join('；') || '无';
const hazard: Show = (value) => html`<a href="${to(hazardPath(String(value)))}">${String(value)}</a>`;
const grade: Show = (value) => (value === null ? '未定级' : (own(GRADE_NAMES, value as string) ?? plain(value, null)));

const FIELDS: Record<string, readonly [name: string, show: Show]> = {
  text: ['描述', plain],
  place: ['部位', plain],
  raw: ['原文', plain],
  basis: ['依据', plain],
  reason: ['理由', plain],
  to: ['派发给', organisation],
  note: ['说明', plain],
  measures: ['措施', plain],
  due: ['期限', moment],
  previousDue: ['原期限', moment],
  requested: ['申请延至', moment],
  authority: ['依据', plain],
  until: ['至', moment],
  statement: ['整改情况', plain],
  rejections: ['第几次不通过', plain],
  extensions: ['第几次延期', plain],
  days: ['用时（天）', plain],
  cycle: ['第几轮', plain],
  recurrence: ['第几次回潮', plain],
  signedOffAt: ['上次销项', moment],
  kind: ['原因', (value) => own(CLOSURE_NAMES, String(value)) ?? plain(value, null)],
  of: ['并入', hazard],
  proposedBy: ['申请人', plain],
  requestedBy: ['申请人', plain],
  approver: ['批准人', plain],
  limit: ['不足', (value) => own(LIMIT_NAMES, String(value)) ?? plain(value, null)],
  rule: ['规则', (value) => own(ESCALATION_GROUNDS, String(value)) ?? plain(value, null)],
  ruleSet: ['规则集', (value) => `第 ${String(value)} 版`],
  urgent: ['紧急', (value) => (value === true ? '是' : null)],
  missing: ['所缺材料', list],
  answers: ['补充的', list],
  left: ['仍缺', list],
  decision: ['决定', plain],
  decidedAt: ['决定时间', moment],
  reference: ['区级编号', plain],
  round: ['第几份材料', plain],
  position: ['材料截至日志位置', plain],
  files: ['文件', files],
  rung: ['提醒档次', plain],
  awaits: ['等待', (value) => own(AWAITS_ZH, String(value)) ?? plain(value, null)],
  since: ['等待自', moment],
  provisional: ['推算', (value) => (value === true ? PROVISIONAL_ZH : null)],
  late: ['补录', (value) => (value === true ? '销项前所见，销项后补录' : null)],
  changes: ['更正', changes],
  person: ['人员', plain],
};
/** What fields mean in the events of a category where they mean something else than in those of a hazard. */
const OF_CATEGORY: Record<string, typeof FIELDS | undefined> = {
  escalation: { to: ['区级单位', organisation], hazardVersion: ['隐患记录截至第几版', plain] },
  report: {
    kind: ['种类', (value) => own(REPORT_KINDS, String(value)) ?? plain(value, null)],
    period: ['期间', plain],
    track: ['专项', (value) => trackName(value as Track)],
    nominal: ['方案规定日', plain],
    organisation: ['应报单位', organisation],
    to: ['报送给', organisation],
    edition: ['第几版', plain],
    position: ['数字截至日志位置', plain],
    // in a table of their own
    figures: ['数字', () => null],
  },
};
/** The envelope or the heading says these, or they are names of things inside the platform. */
const LEFT_OUT = new Set([
  'clause',
  'hazard',
  'before',
  'after',
  'grade',
  'from',
  'by',
  'inspection',
  'item',
  'area',
  'undoes',
  'openedAt',
  'target',
  'reminder',
  'workingDays',
  'skipped',
]);

const IS_PERSON: ReadonlySet<string> = new Set(PEOPLE);

export function eventDetails(
  campaign: CampaignDefinition | null,
  { type, data, stream, lateBasis }: ShownEvent,
  named: Named = byReference,
): [string, Content][] {
  const special = OF_CATEGORY[parseStreamKey(stream).category];
  const lines = Object.entries(data).flatMap(([field, value]): [string, Content][] => {
    if (LEFT_OUT.has(field) || value === undefined || value === null) return [];
    if (IS_PERSON.has(field)) return [[own(FIELDS, field)?.[0] ?? field, named(value as string)]];
    if (field === 'recipients') return [['收件人', recipients(value, campaign, named)]];
    const [name, show] = (special && own(special, field)) ?? own(FIELDS, field) ?? [field, plain];
    return [[name, show(value, campaign)]];
  });
  if (lateBasis !== undefined) lines.push(['补录依据', lateBasis]);
  if (type === 'HazardGraded') {
    return [
      [
        '等级',
        html`${data['from'] !== null && html`${grade(data['from'], campaign)} → `}${grade(data['grade'], campaign)}`,
      ],
      ...lines,
    ];
  }
  if (type === 'HazardAssigned' || type === 'HazardReassigned') {
    return [['原责任单位', organisation(data['from'], campaign)], ...lines];
  }
  return lines;
}

function files(value: unknown): Content {
  const all = value as { name: string; bytes: number; sha256: string }[];
  return all.map(
    ({ name, bytes, sha256 }) =>
      html`<span class="sub">${name}（${bytes} 字节）SHA-256 <code class="hash">${sha256}</code></span>`,
  );
}

function changes(value: unknown): Content {
  const all = value as { field: string; from: unknown; to: unknown }[];
  return all.map(
    ({ field, from, to: after }) =>
      html`<span class="sub">${field}：<del>${plain(from, null)}</del> → ${plain(after, null)}</span>`,
  );
}

function recipients(value: unknown, campaign: CampaignDefinition | null, named: Named): Content {
  const all = value as { organisation: string; post: string; person: string | null }[];
  return all.map(
    (one) =>
      html`<span class="sub"
        >${organisationName(campaign, one.organisation)} · ${own(POSTS, one.post) ?? one.post} ·
        ${one.person === null ? '岗位空缺' : named(one.person)}</span
      >`,
  );
}
