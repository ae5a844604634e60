// What happened, a line an event: what each event of a hazard and of a case says in words, as an official would put it
// down. The words of people stay as they were written.
import { GRADE_NAMES } from '../../../events/inspection.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { definitionOf } from '../../../events/catalogue.ts';
import { isSystem, type Actor } from '../../../events/envelope.ts';
import { ESCALATION_GROUNDS, type EscalationEvent } from '../../../events/escalation.ts';
import type { HazardEvent, Limit } from '../../../events/hazard.ts';
import { AWAITS_ZH, PROVISIONAL_ZH, type Awaits } from '../../../events/reminder.ts';
import { postZh } from '../trace/words.ts';
import type { Placed } from '../views/view.ts';
import { townDay, townMinute } from '../../town-time.ts';

export const LIMIT_ZH: Record<Limit, string> = { power: '超出镇级执法权限', capacity: '超出镇级处置能力' };

/** The Chinese name of an organisation; its id where the campaign does not list it. */
export type NameOf = (organisation: string | null | undefined) => string;

export interface Line {
  at: string;
  title: string;
  detail: string;
  by: string;
  evidence: number;
  position: number;
}

/** One line an event, in order of the time at which it happened; of what happened at one moment, in log order. */
export function chronicle(placed: readonly Placed[], nameOf: NameOf): Line[] {
  return placed
    .toSorted((a, b) => Date.parse(a.event.occurredAt) - Date.parse(b.event.occurredAt) || a.position - b.position)
    .map(({ event, position }) => ({
      at: event.occurredAt,
      title: definitionOf(event.type).zh,
      detail: detailOf(event, nameOf),
      by: actorZh(event.actor, nameOf),
      evidence: event.evidence?.length ?? 0,
      position,
    }));
}

/** `规建办科员` and, on a line of its own, the person's reference; the rules of the platform have no person. */
export function actorZh({ person, post, organisation, onBehalfOf }: Actor, nameOf: NameOf): string {
  if (isSystem(person)) return '系统按规则自动';
  return `${nameOf(organisation)}${postZh(post)}\n${person}${onBehalfOf ? `，代${onBehalfOf}` : ''}`;
}

/** What an event says beyond its title; nothing where the title says it all. */
function detailOf(event: DaochaEvent, nameOf: NameOf): string {
  const say = (DETAILS as Partial<Record<string, Say<DaochaEvent>>>)[event.type];
  return say?.(event, nameOf) ?? '';
}

type Say<E> = (event: E, nameOf: NameOf) => string;
type Of<T extends DaochaEvent['type']> = Extract<DaochaEvent, { type: T }>;
/** Each event of a hazard and of a case has its words: one that is left out does not compile. */
type Details = { [T in (HazardEvent | EscalationEvent)['type']]: Say<Of<T>> };

const joined = (...parts: (string | undefined | false)[]): string => parts.filter(Boolean).join('；');
const due = (instant: string): string => townDay(instant);

const DETAILS: Details = {
  HazardFound: ({ data }) => joined(data.clause, data.place && `部位：${data.place}`, data.text),
  HazardPersisted: ({ data }) => joined(data.late ? '销项前所见，后补录' : '再次检查仍存在', data.text),
  HazardGraded: ({ data }) =>
    joined(`${data.from ? `由${GRADE_NAMES[data.from]}` : ''}定为${GRADE_NAMES[data.grade]}`, `依据：${data.basis}`),
  HazardAssigned: ({ data }, nameOf) => joined(`派发至${nameOf(data.to)}`, data.note),
  HazardReturned: ({ data }, nameOf) => `${nameOf(data.by)}退回：${data.reason}`,
  HazardReassigned: ({ data }, nameOf) => `由${nameOf(data.from)}改派至${nameOf(data.to)}：${data.reason}`,
  RectificationOrdered: ({ data }) =>
    joined(
      `期限${due(data.due)}${data.previousDue ? `（原${due(data.previousDue)}）` : ''}`,
      `措施：${data.measures}`,
      `依据：${data.authority}`,
    ),
  InterimControlSet: ({ data }) => joined(data.measures, data.until && `至${due(data.until)}`),
  RectificationSubmitted: ({ data }) => data.statement,
  VerificationPassed: ({ data }) => data.basis,
  VerificationRejected: ({ data }) =>
    joined(
      `本轮第${data.rejections}次：${data.reason}`,
      data.due !== undefined && `另定期限${due(data.due)}（原${due(data.previousDue!)}，已按期提交）`,
    ),
  HazardSignedOff: ({ data }) => `第${data.cycle}次销项，历时${data.days}天`,
  RecurrenceFound: ({ data }) => joined(`第${data.recurrence}次回潮，距${due(data.signedOffAt)}销项`, data.text),
  HazardClosureProposed: ({ data }) =>
    joined(data.kind === 'duplicate' ? '申请并入' : '申请认定无效', data.of, data.reason),
  HazardLinkedAsDuplicate: ({ data }) => `并入${data.of}`,
  HazardDismissed: ({ data }) => data.reason,
  HazardUnlinked: ({ data }) => data.reason,
  HazardCorrected: ({ data }) => joined(...data.changes.map(({ field }) => `更正${field}`), data.reason),
  ExtensionRequested: ({ data }) => `由${due(data.due)}延至${due(data.requested)}：${data.reason}`,
  ExtensionApproved: ({ data }) =>
    `本轮第${data.extensions}次，由${due(data.previousDue)}延至${due(data.due)}：${data.reason}`,
  ExtensionRefused: ({ data }) => `期限仍为${due(data.due)}：${data.reason}`,
  OrderRefused: ({ data }) => data.reason,
  LimitStated: ({ data }) => `${LIMIT_ZH[data.limit]}：${data.reason}`,
  DangerDeclared: ({ data }) => data.reason,
  ReminderIssued: ({ data }, nameOf) =>
    joined(
      data.awaits ? waitZh(data.awaits, data.workingDays) : `${rungZh(data.workingDays)}，期限${due(data.due)}`,
      data.provisional && PROVISIONAL_ZH,
      `致${data.recipients
        .map(({ organisation, post, person }) => `${nameOf(organisation)}${postZh(post)}${person ? '' : '（空缺）'}`)
        .join('、')}`,
    ),
  ReminderAcknowledged: ({ data }) => joined('已确认收到', data.note),
  DeadlineMissed: ({ data }) => `期限${due(data.due)}已过，未完成整改`,
  EscalationProposed: ({ data }, nameOf) =>
    joined(
      `${ESCALATION_GROUNDS[data.rule]}，${LIMIT_ZH[data.limit]}`,
      data.reason,
      `报${nameOf(data.to)}${data.before ? '（再次）' : ''}`,
    ),
  EscalationGroundAdded: ({ data }) => joined(ESCALATION_GROUNDS[data.rule], LIMIT_ZH[data.limit], data.reason),
  MaterialAdded: ({ data }) => joined(data.answers.length > 0 && `补充：${data.answers.join('、')}`, data.note),
  DossierCompiled: ({ data }) => `第${data.round}次材料，日志位次${data.position}`,
  EscalationSubmitted: ({ data }, nameOf) => `第${data.round}次材料报${nameOf(data.to)}`,
  EscalationAccepted: ({ data }) => (data.reference ? `受理编号${data.reference}` : ''),
  EscalationReturned: ({ data }) => `缺少：${data.missing.join('、')}`,
  EscalationResolved: ({ data }) => joined(data.decision, data.decidedAt && `决定时间${townMinute(data.decidedAt)}`),
  EscalationVerified: ({ data }) => data.note,
};

/** `等待复查3个工作日` */
export const waitZh = (awaits: Awaits, workingDays: number): string => `等待${AWAITS_ZH[awaits]}${workingDays}个工作日`;

/** `到期前3个工作日`, `到期当日`, `逾期3个工作日`. */
export function rungZh(workingDays: number): string {
  if (workingDays === 0) return '到期当日';
  return workingDays < 0 ? `到期前${-workingDays}个工作日` : `逾期${workingDays}个工作日`;
}
