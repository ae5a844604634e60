// One table or several for each answer of the trace: which columns it has in Chinese, what stands in them, and the
// events behind each row. The terminal and the console show the same tables.
import { claimZh, recorderIn } from './event-text.ts';
import { CASE_STATUS_NAMES, ESCALATION_GROUNDS } from '../../../events/escalation.ts';
import { CHANNEL_NAMES } from '../../../events/delivery.ts';
import { LIMIT_NAMES } from '../../../events/hazard.ts';
import { OUTCOME_NAMES } from '../../../events/inspection.ts';
import { AWAITS_ZH, PROVISIONAL_ZH } from '../../../events/reminder.ts';
import type { TraceAnswer } from './answer.ts';
import type { LoggedAccess } from '../../record/access/entry.ts';
import type { UncheckedFact } from './answers.ts';
import type { CorrectionRecord } from './corrections.ts';
import { CLAUSE_OUTCOMES, type ClauseFact } from './clause.ts';
import type { DeadlineFact } from './deadlines.ts';
import { differenceZh, type DifferenceFact } from './difference.ts';
import type { EscalationFact } from './escalation.ts';
import type { EventRef } from './event-ref.ts';
import type { InspectionFact } from './inspections.ts';
import { LATE_KINDS, type LateRecord } from './late.ts';
import type { PersonThen } from './posts.ts';
import type { QuestionName } from './questions.ts';
import type { RecurrenceFact } from './recurrences.ts';
import type { ReminderFact } from './reminders.ts';
import { addedUp, type ReportFact, type ReportSubject } from './report.ts';
import type { ResponsibleFact } from './responsible.ts';
import type { WaitFact } from './waits.ts';
import {
  DUE_ZH,
  awayZh,
  ACT_ZH,
  accessZh,
  afterZh,
  basisZh,
  becauseZh,
  fieldZh,
  figureZh,
  modeZh,
  postZh,
  spanZh,
  trackZh,
  FOLLOWED_ZH,
  waitZh,
  rungZh,
  ABOUT_NAMES,
  correctedZh,
} from '../dictionary.ts';
import { townDay, townMinute } from '../../town-time.ts';

export interface Table {
  title?: string;
  heads: string[];
  rows: Row[];
}
export interface Row {
  /** one for each head; several lines with newlines between */
  cells: string[];
  /** the events that the row rests on; none for what is not in the log (accesses) */
  events: readonly EventRef[];
}

type Tables = (answer: TraceAnswer<never>) => Table[];

export const TABLES: Record<QuestionName, Tables> = {
  inspections: (answer) => [inspections(answer)],
  clause: (answer) => [clauses(answer)],
  deadlines: (answer) => deadlines(answer),
  reminders: (answer) => [reminders(answer)],
  responsible: (answer) => [responsible(answer)],
  difference: (answer) => [difference(answer)],
  recurrences: (answer) => [recurrences(answer)],
  escalation: (answer) => escalation(answer),
  late: ({ facts }: TraceAnswer<LateRecord>) => [{ heads: LATE_HEADS, rows: lateRows(facts) }],
  report: (answer) => report(answer as TraceAnswer<ReportFact, ReportSubject>),
  unchecked: (answer) => [unchecked(answer)],
  access: (answer) => [accesses(answer)],
};

/** What was inferred from a register was done by nobody whom the platform knows. */
const inferred = (events: readonly EventRef[]): string => (events.some(({ derived }) => derived) ? '，由台账推断' : '');

/** Those named as having inspected, each marked whom somebody else named. */
const inspectorsText = (people: readonly PersonThen[], events: readonly EventRef[]): string => {
  const by = recorderIn(events);
  return people.map((one) => peopleText([one]) + (by ? claimZh(one.person, by) : '')).join('\n');
};

function peopleText(people: readonly PersonThen[]): string {
  return people
    .map(({ person, posts }) =>
      posts.length === 0
        ? `${person}（名册中无任命）`
        : `${person}（${posts
            .map(
              ({ organisation, post, basis, events }) =>
                `${organisation} ${postZh(post)}，依据 ${basis}${events[0] ? ` @${events[0].position}` : ''}`,
            )
            .join('；')}）`,
    )
    .join('\n');
}

function inspections(answer: TraceAnswer<InspectionFact>): Table {
  return {
    heads: ['时间', '专项', '方式', '检查人（当时岗位）', '检查表', '结果', '签字'],
    rows: answer.facts.map((fact) => ({
      cells: [
        townMinute(fact.at),
        trackZh(fact.track),
        modeZh(fact.mode),
        fact.inspectors.length > 0 ? inspectorsText(fact.inspectors, fact.events) : '未载明',
        fact.template ? `${fact.template.id} 第 ${fact.template.version} 版` : '未载明',
        resultText(fact),
        signatureText(fact),
      ],
      events: fact.events,
    })),
  };
}

function resultText(fact: InspectionFact): string {
  if (fact.status === 'missed') return `未执行：${fact.missedBecause ?? ''}`;
  if (fact.status === 'planned') return '已计划，无记录';
  const { problem, ok, notApplicable } = fact.answers!;
  const counts = [
    problem > 0 ? `有问题 ${problem}` : '',
    ok > 0 ? `无问题 ${ok}` : '',
    notApplicable > 0 ? `不适用 ${notApplicable}` : '',
  ].filter(Boolean);
  const findings = fact.findings.map(({ clause, outcome }) => `${clause} ${OUTCOME_NAMES[outcome].short}`);
  const corrected = fact.corrected.length > 0 ? ['（有更正）'] : [];
  return [fact.result ?? '', counts.join('，') || '无逐项答复', ...findings, ...corrected].filter(Boolean).join('\n');
}

function signatureText({ signature, status }: InspectionFact): string {
  if (status !== 'recorded') return '';
  if (!signature) return '无';
  return signature.kind === 'signed' ? `${signature.by} 已签` : `拒签：${signature.reason}`;
}

function deadlines(answer: TraceAnswer<DeadlineFact>): Table[] {
  return answer.facts.flatMap((fact) => {
    const { signedOff, closed, undoneBy } = fact;
    const end = signedOff
      ? `${townMinute(signedOff.at)} 由 ${signedOff.by.person} 销项（${signedOff.days} 天；复查 ${signedOff.verifiedBy?.person ?? '无'}${inferred(signedOff.events)}）${undoneBy ? `，${townMinute(undoneBy.occurredAt)} 回潮` : ''}`
      : closed
        ? `${townMinute(closed.at)} ${closed.as === 'invalid' ? '认定无效' : '并入重复隐患'}`
        : '尚未销项';
    return [
      {
        title: `第 ${fact.cycle} 轮  ${townMinute(fact.openedAt)} 起，${end}`,
        heads: ['整改期限', '由来', '批准人', '依据或理由', '替代', '是否提交'],
        rows: fact.dues.map((due) => ({
          cells: [
            `${townMinute(due.due)}${due.inForce ? '（现行）' : ''}`,
            due.by === 'extension' ? `延期（${due.requestedBy ?? ''} 申请）` : DUE_ZH[due.by],
            `${due.approvedBy.person} ${due.approvedBy.organisation} ${due.approvedBy.post}`,
            due.ground,
            due.replaces === null ? '' : townMinute(due.replaces),
            `${due.submittedAt === null ? '未提交' : `${townMinute(due.submittedAt)} 提交`}${due.inTime ? '（按期）' : ''}${due.missedAt === null ? '' : `\n${townMinute(due.missedAt)} 记为逾期`}${due.waited.map((wait) => `\n${waitedZh(wait)}`).join('')}`,
          ],
          events: due.events,
        })),
      },
      {
        title: '经过',
        heads: ['时间', '事项', '办理人', '内容', '证据'],
        rows: fact.acts.map((act) => ({
          cells: [
            townMinute(act.at),
            `${ACT_ZH[act.act]}${inferred(act.events)}`,
            `${act.by.person} ${act.by.organisation}`,
            act.text,
            act.evidence.map(({ sha256 }) => sha256.slice(0, 12)).join('\n') || '无',
          ],
          events: act.events,
        })),
      },
    ];
  });
}

function clauses(answer: TraceAnswer<ClauseFact>): Table {
  return {
    heads: ['时间', '专项', '方式', '结论', '说明', '检查人（当时岗位）', '检查表'],
    rows: answer.facts.map((fact) => ({
      cells: [
        townMinute(fact.at),
        trackZh(fact.track),
        modeZh(fact.mode),
        CLAUSE_OUTCOMES[fact.outcome],
        [
          fact.finding ? `${OUTCOME_NAMES[fact.finding.outcome].short} ${fact.finding.hazard}` : '',
          ...fact.items.map(
            ({ item, outcome, text, place }) =>
              `第 ${item} 项 ${CLAUSE_OUTCOMES[outcome]}${text === null ? '' : `：${text}`}${place === null ? '' : `（${place}）`}`,
          ),
          fact.corrected.length > 0 ? '（有更正）' : '',
        ]
          .filter(Boolean)
          .join('\n'),
        fact.inspectors.length > 0
          ? inspectorsText(fact.inspectors, fact.events)
          : `未载明，由 ${fact.recordedBy.person} 记录`,
        fact.template
          ? `${fact.template.name ?? `${fact.template.id}（未发布）`} 第 ${fact.template.version} 版`
          : '未载明',
      ],
      events: fact.events,
    })),
  };
}

/** `等待复查 6 个工作日，5月15日 至 5月23日，guijianban`. */
const waitedZh = ({ awaits, workingDays, since, until, organisation }: WaitFact): string =>
  `等待${AWAITS_ZH[awaits]} ${workingDays} 个工作日，${townDay(since)} 至 ${until === null ? '今' : townDay(until)}，${organisation}`;

function reminders(answer: TraceAnswer<ReminderFact>): Table {
  return {
    heads: ['发出', '期限', '梯级', '发给', '送达', '确认', '此后'],
    rows: answer.facts.map((fact) => ({
      cells: [
        townMinute(fact.issuedAt),
        townMinute(fact.due),
        `${fact.awaits ? waitZh(fact.awaits, fact.rule.workingDays) : rungZh(fact.rule.workingDays)}（规则第 ${fact.rule.ruleSet} 版）${fact.provisional ? `\n${PROVISIONAL_ZH}` : ''}${fact.skipped.length > 0 ? `\n略过 ${fact.skipped.join('、')}` : ''}`,
        fact.recipients
          .map(({ organisation, post, person }) => `${organisation} ${postZh(post)} ${person ?? '（空缺）'}`)
          .join('\n'),
        fact.deliveries
          .map(
            ({ channel, organisation, status, sentAt, attempts, error }) =>
              `${CHANNEL_NAMES[channel]} ${organisation} ${status === 'delivered' ? `${townMinute(sentAt!)} 送达` : `未送达（${attempts} 次，${error ?? ''}）`}`,
          )
          .join('\n') || '无发送记录',
        fact.acknowledged.map(({ by, hoursAfter }) => `${by} ${afterZh(hoursAfter)}`).join('\n') || '无',
        `${FOLLOWED_ZH[fact.followedBy]}${fact.next ? `\n${fact.next.what} ${fact.next.by} ${afterZh(fact.next.hoursAfter)}` : '\n至今无'}`,
      ],
      events: fact.events,
    })),
  };
}

function responsible(answer: TraceAnswer<ResponsibleFact>): Table {
  return {
    heads: ['专项', '职责', '组织', '为何', '当日任职者', '任职期间与依据'],
    rows: answer.facts.flatMap((fact) =>
      fact.holders.map((holder) => ({
        cells: [
          trackZh(fact.track),
          fact.zh,
          holder.organisation,
          fact.because.map(becauseZh).join('、'),
          holder.person === null ? `${postZh(holder.post)} 空缺` : `${holder.person} ${postZh(holder.post)}`,
          holder.person === null ? '' : `${holder.from ?? '?'} 至 ${holder.until ?? '今'}\n${holder.basis ?? ''}`,
        ],
        events: holder.events,
      })),
    ),
  };
}

function difference(answer: TraceAnswer<DifferenceFact>): Table {
  return {
    heads: ['对象', '字段', '当时所知', '现在所知', '由于'],
    rows: answer.facts.map((fact) => ({
      cells: [
        `${ABOUT_NAMES[fact.about]} ${fact.id}`,
        fact.zh,
        fact.field === 'exists' ? '未在册' : differenceZh(fact, fact.before),
        differenceZh(fact, fact.after),
        fact.because.map(({ zh, recordedAt, by }) => `${zh} ${townMinute(recordedAt)} ${by.person}`).join('\n'),
      ],
      events: fact.because,
    })),
  };
}

function recurrences(answer: TraceAnswer<RecurrenceFact>): Table {
  return {
    heads: ['发现回潮', '隐患', '第几次', '所推翻的销项', '销项人', '复查人', '相隔', '移出名单'],
    rows: answer.facts.map((fact) => ({
      cells: [
        `${townMinute(fact.foundAt)}\n${fact.foundBy.person}`,
        `${fact.clause}\n${fact.hazard}`,
        String(fact.recurrence),
        fact.undone ? `${townMinute(fact.undone.at)}（用时 ${fact.undone.days} 天）` : '未知',
        fact.undone ? `${fact.undone.by.person}${inferred(fact.undone.events)}` : '',
        fact.undone?.verifiedBy?.person ?? '无',
        awayZh(fact.daysAway),
        fact.delisted ? townMinute(fact.delisted.occurredAt) : '否',
      ],
      events: [...(fact.undone?.events ?? []), ...fact.events],
    })),
  };
}

function escalation(answer: TraceAnswer<EscalationFact>): Table[] {
  return answer.facts.flatMap((fact) => [
    {
      heads: ['提出', '界限', '规则', '理由', '报送', '状态', '历时', '退回', '区级处理', '镇级核实'],
      rows: [
        {
          cells: [
            `${townMinute(fact.proposedAt)}\n${fact.proposedBy.person}${fact.urgent ? '\n紧急' : ''}`,
            LIMIT_NAMES[fact.limit].short,
            ESCALATION_GROUNDS[fact.rule],
            fact.reason,
            fact.to,
            CASE_STATUS_NAMES[fact.status].is,
            `${fact.daysOpen} 天`,
            String(fact.returns),
            fact.resolved ? `${townMinute(fact.resolved.at)} ${fact.resolved.by}\n${fact.resolved.decision}` : '未处理',
            fact.verified ? `${townMinute(fact.verified.at)} ${fact.verified.by}\n${fact.verified.note}` : '未核实',
          ],
          events: fact.events,
        },
      ],
    },
    {
      title: '材料与往来',
      heads: ['第几次报送', '汇总', '材料', '报送', '区级答复', '等待'],
      rows: fact.rounds.map((round) => ({
        cells: [
          String(round.round),
          `${townMinute(round.compiledAt)} ${round.compiledBy.person}`,
          round.files.map(({ name, bytes, sha256 }) => `${name} ${bytes} 字节 ${sha256.slice(0, 12)}`).join('\n'),
          round.submittedAt === null ? '未报送' : townMinute(round.submittedAt),
          answerZh(round),
          round.daysWaiting === null ? '' : `${round.daysWaiting} 天`,
        ],
        events: round.events,
      })),
    },
  ]);
}

function answerZh({ answer }: EscalationFact['rounds'][number]): string {
  if (!answer) return '未答复';
  const what = answer.kind === 'accepted' ? '受理' : `退回，缺：${answer.missing.join('；')}`;
  return `${townMinute(answer.at)} ${answer.by} ${what}`;
}

const LATE_HEADS = ['事项', '称发生于', '记录于', '相差', '情形', '记录人'];

function lateRows(late: readonly LateRecord[]): Row[] {
  return late.map((record) => ({
    cells: [
      `${record.zh}\n${record.id}`,
      townMinute(record.occurredAt),
      townMinute(record.recordedAt),
      spanZh(record.gapHours),
      [
        ...record.kinds.map((kind) => LATE_KINDS[kind]),
        record.due === undefined ? '' : `期限 ${townMinute(record.due)}`,
        record.logged === undefined ? '' : `入册于 ${townMinute(record.logged)}`,
        record.derived ? '由台账导入' : '',
        basisZh(record.lateBasis),
      ]
        .filter(Boolean)
        .join('\n'),
      record.by.person,
    ],
    events: [record],
  }));
}

function report(answer: TraceAnswer<ReportFact, ReportSubject> & { cursor?: string; from?: string }): Table[] {
  const { subject, facts } = answer;
  const partly = answer.cursor !== undefined || answer.from !== undefined;
  if (subject.figures === null) return [];
  const sums = { behind: addedUp(facts, 'behind'), later: addedUp(facts, 'later') };
  const names = new Set([...Object.keys(subject.figures), ...Object.keys(sums.behind), ...Object.keys(sums.later)]);
  const rowsOf = (part: ReportFact['part']): Row[] => facts.filter((fact) => fact.part === part).map(countedRow);
  return [
    {
      title: partly ? '数字与事件（只读了日志的一段，合计不全）' : '数字与事件',
      heads: ['指标', '报表所载', '事件合计', '相符', '此后变化', '现在'],
      rows: [...names].map((name) => {
        const [reported, behind, later] = [subject.figures![name] ?? 0, sums.behind[name] ?? 0, sums.later[name] ?? 0];
        const agrees = partly ? '未读完' : reported === behind ? '相符' : '不符';
        const cells = [figureZh(name), String(reported), String(behind), agrees, signed(later), String(behind + later)];
        return { cells, events: [] };
      }),
    },
    { title: '数字所依据的事件', heads: COUNTED_HEADS, rows: rowsOf('behind') },
    { title: '此后的变化', heads: COUNTED_HEADS, rows: rowsOf('later') },
    {
      title: '报表本身',
      heads: ['时间', '事项', '经办'],
      rows: subject.events.map((event) => ({
        cells: [townMinute(event.recordedAt), event.zh, event.by.person],
        events: [event],
      })),
    },
  ];
}

const COUNTED_HEADS = ['称发生于', '事项', '单位', '条款', '计入', '经办'];

function countedRow({ at, counts, unit, clause, by, happenedBefore, events }: ReportFact): Row {
  const counted = Object.entries(counts).map(([name, value]) => `${figureZh(name)} ${signed(value)}`);
  const [{ zh, lateBasis }] = events as [EventRef];
  const what = [zh, happenedBefore && '报送以前发生，以后才记录', basisZh(lateBasis)].filter(Boolean).join('\n');
  return { cells: [townMinute(at), what, unit ?? '', clause ?? '', counted.join('，'), by.person], events };
}

const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));

function unchecked(answer: TraceAnswer<UncheckedFact>): Table {
  return {
    heads: ['单位', '名称', '类型', '村居', '该专项检查次数', '最近一次'],
    rows: answer.facts.map((fact) => ({
      cells: [
        fact.unit,
        fact.name,
        fact.kind ?? '',
        fact.area ?? '',
        String(fact.inspections),
        fact.lastInspection === null ? '从未' : townDay(fact.lastInspection),
      ],
      events: fact.events,
    })),
  };
}

function accesses(answer: TraceAnswer<LoggedAccess>): Table {
  return {
    heads: ['时间', '何人', '岗位', '动作', '范围', '事由', '所问', '结果'],
    rows: answer.facts.map((fact) => ({
      cells: [
        townMinute(fact.at),
        fact.person,
        [fact.organisation ?? '', fact.post ?? fact.roles.join(' ')].filter(Boolean).join(' '),
        accessZh(fact.action),
        fact.unit === '*' ? '全部' : '本单位',
        fact.ground ?? '未说明',
        `${fact.route}\n${Object.entries(fact.asked)
          .filter(([name]) => name !== 'id')
          .map(([name, value]) => `${name}=${value}`)
          .join(' ')}`.trim(),
        fact.refused === null ? '已查阅' : `被拒：${fact.refused}`,
      ],
      events: [],
    })),
  };
}

/** What stands beside the facts: what was recorded late, what was corrected. */
export function besides({ late, corrections, question }: TraceAnswer<unknown>): (Table & { title: string })[] {
  const own = question === 'late' ? [] : late.filter(({ derived }) => !derived);
  return [
    { title: '补录与倒填', heads: LATE_HEADS, rows: lateRows(own) },
    { title: '更正', heads: CORRECTION_HEADS, rows: corrections.flatMap(correctionRows) },
  ].filter(({ rows }) => rows.length > 0);
}

/** How many late records are so because they were imported: told as a number. */
export const importedLate = ({ late, question }: TraceAnswer<unknown>): number =>
  question === 'late' ? 0 : late.filter(({ derived }) => derived).length;

const CORRECTION_HEADS = ['时间', '对象', '字段', '原为', '更正为', '理由', '经办 / 批准'];

function correctionRows({ event, target, changes, reason, approver }: CorrectionRecord): Row[] {
  return changes.map(({ field, from, to }) => ({
    cells: [
      townMinute(event.recordedAt),
      target,
      fieldZh(field),
      correctedZh(field, from),
      correctedZh(field, to),
      reason,
      `${event.by.person} / ${approver}`,
    ],
    events: [event],
  }));
}
