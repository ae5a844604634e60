// One line of Chinese for each event about a unit, for people who read a chronology. What an event says beyond its
// name; nothing is computed here.
import type { DaochaEvent } from '../../../events/catalogue.ts';
import type { EscalationEvent } from '../../../events/escalation.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { GRADE_NAMES, type InspectionEvent } from '../../../events/inspection.ts';
import { AWAITS_ZH, PROVISIONAL_ZH } from '../../../events/reminder.ts';
import type { UnitEvent } from '../../../events/unit.ts';
import { fieldZh, modeZh, OUTCOME_ZH, postZh, ruleZh, STATUS_ZH, trackZh, valueZh } from './words.ts';
import { townDay, townMinute } from '../../town-time.ts';

/** Name of an organisation. */
export type NameOf = (organisation: string) => string;

/** Events that stand in a unit's file. Each has its words: one that is left out does not compile. */
type Said = UnitEvent | InspectionEvent | HazardEvent | EscalationEvent;
type Texts = { [T in Said['type']]: (event: Extract<DaochaEvent, { type: T }>, nameOf: NameOf) => string };

const quoted = (text: string | undefined): string => (text ? `“${text}”` : '');
const list = (...parts: (string | undefined | false)[]): string => parts.filter(Boolean).join('，');

const TEXTS: Texts = {
  UnitRegistered: ({ data: { details } }, nameOf) =>
    list(
      details.name,
      details.kind,
      details.address,
      details.area && nameOf(details.area),
      details.tracks.map(trackZh).join('、'),
    ),
  UnitDetailsCorrected: ({ data: { before, after, reason, approver } }) =>
    list(
      ...(Object.keys({ ...before, ...after }) as (keyof typeof before)[])
        .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
        .map((field) => `${fieldZh(field)}：${valueZh(before[field])} → ${valueZh(after[field])}`),
      `理由 ${reason}`,
      `批准 ${approver}`,
    ),
  BaselineSurveyed: ({ data: { track, facts } }) =>
    list(
      trackZh(track),
      Object.entries(facts)
        .map(([name, value]) => `${name} ${valueZh(value)}`)
        .join('、'),
    ),
  RiskGraded: ({ data: { from, to, basis } }) => list(`${from ?? '未评'} → ${to}`, `依据 ${basis}`),
  LeaseRecorded: ({ data: { lessor, lessee, from, to } }) =>
    list(`出租 ${lessor}`, `承租 ${lessee}`, `${from} 至 ${to ?? '未定'}`),
  AgreementSigned: ({ data: { lease, signedOn } }) => `租赁 ${lease}，${signedOn} 签订`,
  UnitLedgerChanged: ({ data: { opened, signedOff, dismissed, open } }) =>
    list(
      opened.length > 0 && `新增 ${opened.length}`,
      signedOff.length > 0 && `销项 ${signedOff.length}`,
      dismissed.length > 0 && `撤并 ${dismissed.length}`,
      `未销项 ${open}`,
    ),
  UnitListed: () => '隐患全部销项',
  UnitDelisted: ({ data: { reason, hazards } }) =>
    list(reason === 'recurrence' ? '因隐患回潮' : '因新发现隐患', `${hazards.length} 处`),
  SupervisorAssigned: ({ data: { track, person, post, organisation, from, basis } }, nameOf) =>
    list(trackZh(track), `${nameOf(organisation)} ${post} ${person}`, `自 ${from}`, `依据 ${basis}`),
  SupervisorRelieved: ({ data: { track, person, until, reason } }) =>
    list(trackZh(track), person, `至 ${until}`, reason),
  UnitClosed: ({ data: { reason } }) => reason,

  InspectionPlanned: ({ data: { plannedFor, mode, inspectors } }) =>
    list(`定于 ${townMinute(plannedFor)}`, modeZh(mode), inspectors.join('、')),
  InspectionRecorded: ({ data }) => {
    const count = (kind: string): number => data.answers.filter(({ answer }) => answer === kind).length;
    return list(
      modeZh(data.mode),
      data.inspectors.length > 0 && data.inspectors.join('、'),
      data.template && `检查表 ${data.template.id} 第 ${data.template.version} 版`,
      count('problem') > 0 ? `有问题 ${count('problem')} 项` : '未发现问题',
      count('ok') > 0 && `无问题 ${count('ok')} 项`,
      ...data.findings.map(({ clause, outcome }) => `${clause} ${OUTCOME_ZH[outcome]}`),
      data.signature &&
        (data.signature.kind === 'signed' ? `${data.signature.by} 签字` : `拒签：${data.signature.reason}`),
      quoted(data.result),
    );
  },
  InspectionMissed: ({ data: { plannedFor, reason } }) => list(`原定 ${townMinute(plannedFor)}`, reason),
  InspectionCorrected: ({ data }) => correction(data),

  HazardFound: ({ data: { clause, text, place } }) => list(clause, quoted(text), place),
  HazardPersisted: ({ data: { clause, text, late, after } }) =>
    list(clause, late ? '销项前所见，后补录' : `仍存在，${STATUS_ZH[after]}`, quoted(text)),
  HazardGraded: ({ data: { clause, grade, basis } }) => list(clause, GRADE_NAMES[grade], `依据 ${basis}`),
  HazardAssigned: ({ data: { clause, from, to, note } }, nameOf) =>
    list(clause, `${nameOf(from)} → ${nameOf(to)}`, note),
  HazardReturned: ({ data: { clause, by, reason } }, nameOf) => list(clause, nameOf(by), reason),
  HazardReassigned: ({ data: { clause, from, to, reason } }, nameOf) =>
    list(clause, `${nameOf(from)} → ${nameOf(to)}`, reason),
  RectificationOrdered: ({ data: { clause, measures, due, previousDue, authority } }) =>
    list(
      clause,
      measures,
      `限 ${townMinute(due)} 前`,
      previousDue !== null && `原限 ${townMinute(previousDue)}`,
      `依据 ${authority}`,
    ),
  InterimControlSet: ({ data: { clause, measures, until } }) =>
    list(clause, measures, until && `至 ${townMinute(until)}`),
  RectificationSubmitted: ({ data: { clause, by, statement } }) => list(clause, `${by} 提交`, quoted(statement)),
  VerificationPassed: ({ data: { clause, by, basis } }) => list(clause, `${by} 复查通过`, quoted(basis)),
  VerificationRejected: ({ data: { clause, by, reason, rejections, due, previousDue } }) =>
    list(
      clause,
      `${by} 复查不通过（第 ${rejections} 次）`,
      reason,
      due !== undefined && `另定期限 ${townMinute(due)}`,
      previousDue !== undefined && `原限 ${townMinute(previousDue)}，已按期提交`,
    ),
  HazardSignedOff: ({ data: { clause, by, days, cycle } }) =>
    list(clause, `${by} 销项`, `第 ${cycle} 次`, `历时 ${days} 天`),
  RecurrenceFound: ({ data: { clause, text, recurrence, signedOffAt } }) =>
    list(clause, `第 ${recurrence} 次回潮`, `上次销项 ${townDay(signedOffAt)}`, quoted(text)),
  HazardClosureProposed: ({ data: { clause, kind, of, reason, by } }) =>
    list(clause, kind === 'duplicate' ? `与 ${of ?? ''} 重复` : '无效', reason, by),
  HazardLinkedAsDuplicate: ({ data: { clause, of, proposedBy, by } }) =>
    list(clause, `并入 ${of}`, `${proposedBy} 提出`, `${by} 确认`),
  HazardDismissed: ({ data: { clause, reason, proposedBy, by } }) =>
    list(clause, reason, `${proposedBy} 提出`, `${by} 确认`),
  HazardUnlinked: ({ data: { clause, reason, by } }) => list(clause, reason, by),
  HazardCorrected: ({ data }) => list(data.clause, correction(data)),
  ExtensionRequested: ({ data: { clause, due, requested, reason, by } }) =>
    list(clause, `${by} 申请由 ${townDay(due)} 延至 ${townDay(requested)}`, reason),
  ExtensionApproved: ({ data: { clause, due, previousDue, by, reason, extensions } }) =>
    list(clause, `${by} 同意由 ${townDay(previousDue)} 延至 ${townDay(due)}（第 ${extensions} 次）`, reason),
  ExtensionRefused: ({ data: { clause, requested, by, reason } }) =>
    list(clause, `${by} 不同意延至 ${townDay(requested)}`, reason),
  OrderRefused: ({ data: { clause, reason, by } }) => list(clause, reason, `${by} 记录`),
  LimitStated: ({ data: { clause, limit, reason, by } }) =>
    list(clause, limit === 'power' ? '权限不足' : '能力不足', reason, by),
  DangerDeclared: ({ data: { clause, reason, by } }) => list(clause, reason, by),
  ReminderIssued: ({ data: { clause, due, rung, recipients, provisional, awaits, since } }, nameOf) =>
    list(
      clause,
      awaits ? `等待${AWAITS_ZH[awaits]}，自 ${townDay(since!)}，应在 ${townDay(due)} 前` : `期限 ${townDay(due)}`,
      `梯级 ${rung}`,
      provisional && PROVISIONAL_ZH,
      `发给 ${recipients.map(({ organisation, post, person }) => `${nameOf(organisation)} ${postZh(post)} ${person ?? '（空缺）'}`).join('、')}`,
    ),
  ReminderAcknowledged: ({ data: { clause, by, note } }) => list(clause, `${by} 确认`, note),
  DeadlineMissed: ({ data: { clause, due } }) => list(clause, `期限 ${townMinute(due)} 已过`),

  EscalationProposed: ({ data: { to, limit, rule, reason, urgent } }, nameOf) =>
    list(urgent && '紧急', limit === 'power' ? '超出权限' : '超出能力', ruleZh(rule), reason, `拟报 ${nameOf(to)}`),
  EscalationGroundAdded: ({ data: { limit, rule, reason } }) =>
    list(limit === 'power' ? '超出权限' : '超出能力', ruleZh(rule), reason),
  MaterialAdded: ({ data: { by, note, left } }) =>
    list(by, note, left.length > 0 ? `尚缺：${left.join('；')}` : '已补齐'),
  DossierCompiled: ({ data: { round, files } }) => `第 ${round} 轮，${files.length} 个文件`,
  EscalationSubmitted: ({ data: { to, round } }, nameOf) => `第 ${round} 轮，报 ${nameOf(to)}`,
  EscalationAccepted: ({ data: { by, reference } }) => list(by, reference),
  EscalationReturned: ({ data: { by, missing } }) => list(by, `缺：${missing.join('；')}`),
  EscalationResolved: ({ data: { by, decision } }) => list(by, decision),
  EscalationVerified: ({ data: { by, note } }) => list(by, note),
};

function correction(data: {
  target: string;
  changes: { field: string; from: unknown; to: unknown }[];
  reason: string;
  approver: string;
}): string {
  const changes = data.changes.map(({ field, from, to }) => `${fieldZh(field)}：${valueZh(from)} → ${valueZh(to)}`);
  return list(`更正 ${data.target}`, ...changes, `理由 ${data.reason}`, `批准 ${data.approver}`);
}

/** What the event says, in Chinese; its name is not in it. Nothing for events of other streams, which stand in no unit's file. */
export function eventText(event: DaochaEvent, nameOf: NameOf = (id) => id): string {
  const say = Object.hasOwn(TEXTS, event.type) ? TEXTS[event.type as Said['type']] : undefined;
  return (say as ((event: DaochaEvent, nameOf: NameOf) => string) | undefined)?.(event, nameOf) ?? '';
}
