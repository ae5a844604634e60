// Gaps in duty (履职缺口): what should have happened and, as far as the record goes, did not. An omission is told only
// where a duty is on record: a planned inspection, a due date, a reminder, a post, a checklist. Whether somebody is to
// blame is for people to decide.
import * as z from 'zod';
import { instantSchema } from '../../../events/envelope.ts';
import type { Checklist } from '../../../events/campaign.ts';
import type { Awaits } from '../../../events/reminder.ts';
import type { CampaignState } from '../../rules/campaign/campaign.ts';
import { checklistOf } from '../../rules/campaign/campaign.ts';
import type { DeadlineFact, DueFact } from './deadlines.ts';
import { byText, eventRefs, type EventRef } from './event-ref.ts';
import type { Inspected, InspectionFact } from './inspections.ts';
import type { PeriodFact } from './people.ts';
import type { ReminderFact } from './reminders.ts';
import type { WaitFact } from './waits.ts';
import { within, type Window } from './window.ts';
import { basisZh, postZh, trackZh } from '../dictionary.ts';
import { startOfTownDay, townMinute } from '../../town-time.ts';

export const GAPS = {
  'inspection-missed': '计划检查未执行',
  'inspection-unrecorded': '计划检查过期无记录',
  'no-inspection': '期间无检查',
  'items-omitted': '检查表漏项',
  unsigned: '检查记录无签字',
  'no-order': '隐患未责令整改',
  'deadline-missed': '整改逾期',
  'verification-late': '复查拖延',
  'extension-late': '延期审批拖延',
  'reassignment-late': '改派拖延',
  'date-late': '重定期限拖延',
  'reminder-ignored': '提醒无人理会',
  'reminder-undelivered': '提醒未送达',
  'no-supervisor': '未明确监管责任人',
  'vacant-post': '岗位空缺',
} as const;
export type GapKind = keyof typeof GAPS;

export const gapFactSchema = z
  .strictObject({
    kind: z.enum(Object.keys(GAPS) as [GapKind, ...GapKind[]]),
    zh: z.string(),
    /** when it began, or when it should have been done */
    at: instantSchema,
    text: z.string(),
    events: eventRefs,
  })
  .meta({ id: 'GapFact' });
export type GapFact = z.infer<typeof gapFactSchema>;

/** What gaps are looked for in. */
export interface Duties {
  window: Window;
  /** the moment of knowledge */
  time: string;
  tracks: readonly string[];
  inspections: readonly InspectionFact[];
  inspected: readonly Inspected[];
  checklists: Pick<CampaignState, 'checklists'>;
  hazards: readonly {
    hazard: string;
    clause: string;
    cycles: readonly DeadlineFact[];
    reminders: readonly ReminderFact[];
  }[];
  periods: readonly PeriodFact[];
  /** name of an organisation */
  nameOf: (organisation: string) => string;
}

/** In order of time. */
export function gapFacts(duties: Duties): GapFact[] {
  const found = [
    ...inspectionGaps(duties),
    ...omissions(duties),
    ...duties.hazards.flatMap((one) => hazardGaps(one, duties)),
    ...postGaps(duties),
  ];
  return found.toSorted((a, b) => byText(a.at, b.at) || byText(a.text, b.text));
}

const gap = (kind: GapKind, at: string, text: string, events: EventRef[]): GapFact => ({
  kind,
  zh: GAPS[kind],
  at,
  text,
  events,
});

function inspectionGaps({ inspections, tracks, time, window }: Duties): GapFact[] {
  const gaps = inspections.flatMap((fact) => {
    const derived = fact.events.every((event) => event.derived);
    if (fact.status === 'missed') {
      return [gap('inspection-missed', fact.at, `${trackZh(fact.track)}：${fact.missedBecause ?? ''}`, fact.events)];
    }
    if (fact.status === 'planned') {
      const text = `${trackZh(fact.track)}，原定 ${townMinute(fact.at)}`;
      return fact.at < time ? [gap('inspection-unrecorded', fact.at, text, fact.events)] : [];
    }
    return fact.signature === null && !derived
      ? [gap('unsigned', fact.at, `${trackZh(fact.track)}，${fact.inspection}`, fact.events)]
      : [];
  });
  const none = tracks.filter(
    (track) => !inspections.some((fact) => fact.track === track && fact.status === 'recorded'),
  );
  return [
    ...gaps,
    ...none.map((track) => gap('no-inspection', window.from, `${trackZh(track)}：期间没有任何检查记录`, [])),
  ];
}

/** Items of the checklist in use that nobody answered. */
function omissions({ inspected, inspections, checklists }: Duties): GapFact[] {
  return inspections.flatMap((fact) => {
    const recorded = inspected.find(({ id }) => id === fact.inspection)?.recorded;
    const checklist = recorded?.data.template && checklistOf(checklists, recorded.data.template);
    if (!recorded || !checklist) return [];
    const omitted = omittedOf(checklist, recorded.data.answers);
    if (omitted.length === 0) return [];
    const names = omitted.map(({ item, clause }) => `第 ${item} 项 ${clause}`).join('、');
    return [gap('items-omitted', fact.at, `${checklist.name}：${names}`, fact.events)];
  });
}

function omittedOf({ items }: Checklist, answers: readonly { item: string; clause: string }[]): Checklist['items'] {
  return items.filter(
    ({ item, clause }) => !answers.some((answer) => answer.item === item || answer.clause === clause),
  );
}

function hazardGaps(
  { hazard, clause, cycles, reminders }: Duties['hazards'][number],
  { time, window, nameOf }: Duties,
): GapFact[] {
  const about = `${clause}（${hazard}）`;
  const orders = cycles.flatMap((cycle) => {
    const derived = cycle.events.every((event) => event.derived);
    const unordered = cycle.dues.length === 0 && !cycle.signedOff && !cycle.closed && !derived;
    return [
      ...(unordered && cycle.openedAt < window.to
        ? [gap('no-order', cycle.openedAt, `${about}：发现后未责令整改`, [cycle.openedBy])]
        : []),
      ...cycle.dues.flatMap((due, n) => missed(about, due, cycle.dues[n + 1], time, window)),
      ...cycle.waits.flatMap((wait) => answeredLate(about, wait, window, nameOf)),
    ];
  });
  const ignored = reminders
    .filter(({ issuedAt }) => within(window, issuedAt))
    .flatMap((reminder) => {
      const text = `${about}：期限 ${townMinute(reminder.due)}，梯级 ${reminder.rule.rung}`;
      const delivered = reminder.deliveries.some(({ status }) => status === 'delivered');
      return [
        ...(reminder.followedBy === 'nothing'
          ? [gap('reminder-ignored', reminder.issuedAt, text, reminder.events)]
          : []),
        ...(delivered ? [] : [gap('reminder-undelivered', reminder.issuedAt, text, reminder.events)]),
      ];
    });
  return [...orders, ...ignored];
}

/**
 * What is told of a late answer: what was done, what was to be answered. A closure is not told: whoever does not agree
 * has no way to say so.
 */
const LATE_ANSWERS: Partial<Record<Awaits, readonly [kind: GapKind, done: string, answer: string, by: string]>> = {
  verification: ['verification-late', '提交整改', '复查', '复查单位'],
  extension: ['extension-late', '申请延期', '审批', '审批单位'],
  reassignment: ['reassignment-late', '退回派发', '改派', '派发单位'],
  date: ['date-late', '期限内提交、期限后退回', '重定期限', '责令单位'],
};

/** An answer of the town's own came later than the third working day: its delay, and not that of who waited. */
function answeredLate(about: string, wait: WaitFact, window: Window, nameOf: Duties['nameOf']): GapFact[] {
  const told = LATE_ANSWERS[wait.awaits];
  if (!told || !wait.late || !within(window, wait.answerBy)) return [];
  const [kind, done, answer, by] = told;
  const text = [
    `${about}：${townMinute(wait.since)} ${done}`,
    wait.until === null
      ? `尚未${answer}`
      : wait.answeredBy === null
        ? `至 ${townMinute(wait.until)} 未${answer}`
        : `${townMinute(wait.until)} 才${answer}`,
    `等待 ${wait.workingDays} 个工作日`,
    `${by} ${nameOf(wait.organisation)}`,
  ].join('，');
  return [gap(kind, wait.answerBy, text, wait.events)];
}

/** A due date passed while it was in force, and by then nothing handed in was on record, whatever was claimed later. */
function missed(about: string, due: DueFact, next: DueFact | undefined, time: string, window: Window): GapFact[] {
  const replacedAt = next?.events[0]?.occurredAt;
  const passed = due.due < time && (replacedAt === undefined || replacedAt > due.due);
  const submission = due.events.find(({ type }) => type === 'RectificationSubmitted');
  if (!passed || due.inTime || !within(window, due.due)) return [];
  const text = [
    `${about}：期限 ${townMinute(due.due)}`,
    submissionWords(due.due, submission),
    due.missedAt === null ? '未记逾期' : `${townMinute(due.missedAt)} 记为逾期`,
  ].join('，');
  return [gap('deadline-missed', due.due, text, due.events)];
}

function submissionWords(due: string, submission: EventRef | undefined): string {
  if (submission === undefined) return '未提交整改';
  const { occurredAt, recordedAt, lateBasis } = submission;
  if (recordedAt <= due) return `${townMinute(recordedAt)} 提交，期限内复查不通过，期限前未再提交`;
  return occurredAt > due
    ? `${townMinute(occurredAt)} 才提交`
    : `称 ${townMinute(occurredAt)} 提交，${townMinute(recordedAt)} 才有记录${lateBasis === undefined ? '' : `（${basisZh(lateBasis)}）`}`;
}

function postGaps({ periods, nameOf }: Duties): GapFact[] {
  const unsupervised = periods.filter(
    ({ role, holders }) =>
      role === 'supervisor' && !holders.some(({ events }) => events.some(({ type }) => type === 'SupervisorAssigned')),
  );
  // The same post may answer for several tracks and in several roles: it is vacant once.
  const vacant = Map.groupBy(
    periods.filter((period) => period.vacant && period.role !== 'supervisor'),
    ({ holders, from, until }) => `${holders[0]!.organisation} ${holders[0]!.post} ${from} ${until}`,
  );
  return [
    ...unsupervised.map(({ from, until, track, events }) =>
      gap('no-supervisor', startOfTownDay(from), `${trackZh(track)}：${from} 至 ${until}`, events),
    ),
    ...[...vacant.values()].map((some) => {
      const { from, until, holders } = some[0]!;
      const { organisation, post } = holders[0]!;
      const tracks = [...new Set(some.map(({ track }) => trackZh(track)))].join('、');
      const roles = [...new Set(some.map(({ zh }) => zh))].filter((zh) => zh !== postZh(post)).join('、');
      const what = [roles, tracks].filter(Boolean).join('，');
      const text = `${nameOf(organisation)} ${postZh(post)}（${what}）：${from} 至 ${until}`;
      return gap(
        'vacant-post',
        startOfTownDay(from),
        text,
        some.flatMap(({ events }) => events),
      );
    }),
  ];
}
