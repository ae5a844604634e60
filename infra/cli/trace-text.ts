// Answers of the trace as Chinese text for a terminal: what was asked, as known when, one table of facts, then what was late and what was corrected.
// The last column names the log positions of the events behind a row: `daocha audit bundle` takes their proofs home.
import type { TraceAnswer } from '../../shared/trace/answer.ts';
import type { DeadlineFact } from '../../shared/trace/deadlines.ts';
import type { EventRef } from '../../shared/trace/event-ref.ts';
import type { InspectionFact } from '../../shared/trace/inspections.ts';
import { LATE_KINDS } from '../../shared/trace/late.ts';
import type { PersonThen } from '../../shared/trace/posts.ts';
import type { QuestionName } from '../../shared/trace/questions.ts';
import { modeZh, OUTCOME_ZH, postZh, spanZh, townTime, trackZh } from '../../shared/trace/words.ts';
import { textTable } from './text-table.ts';

interface Table {
  heads: string[];
  rows: string[][];
}

/** One table or several for each question. */
type Tables = (answer: TraceAnswer<never>) => (Table & { title?: string })[];

const TABLES: Record<QuestionName, Tables> = {
  inspections: (answer) => [inspections(answer)],
  deadlines: (answer) => deadlines(answer),
};

/** @param width columns of the terminal */
export function traceText(answer: TraceAnswer<unknown>, width: number): string {
  const tables = TABLES[answer.question as QuestionName](answer as TraceAnswer<never>);
  const lines = [
    `${answer.zh}  ${Object.entries(answer.subject)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${SUBJECT_ZH[name] ?? name} ${subjectValue(name, value)}`)
      .join('  ')}`,
    knownLine(answer),
    '',
  ];
  for (const { title, heads, rows } of tables) {
    if (title !== undefined) lines.push(title);
    if (rows.length > 0) lines.push(...textTable(heads, rows, width), '');
    else lines.push('  没有记录', '');
  }
  lines.push(...lateLines(answer, width), ...correctionLines(answer, width));
  return `${lines.join('\n').trimEnd()}\n`;
}

const SUBJECT_ZH: Record<string, string> = {
  unit: '单位',
  name: '名称',
  hazard: '隐患',
  track: '专项',
  clause: '条款',
  from: '自',
  to: '至',
};

function subjectValue(name: string, value: unknown): string {
  if (name === 'track') return trackZh(String(value));
  if (name === 'from' || name === 'to') return townTime(String(value));
  return String(value);
}

function knownLine({ knownAt: { asked, position, time } }: TraceAnswer<unknown>): string {
  const before = `日志位置 ${position} 之前`;
  if (asked === null) return `截至现在（${before}）`;
  return /^\d+$/.test(asked)
    ? `按当时所知：${before}（最后一条记录于 ${townTime(time)}）`
    : `按当时所知：${townTime(time)} 以前已记录的事项（${before}）`;
}

/** What was inferred from a register was done by nobody whom the platform knows. */
const inferred = (events: readonly EventRef[]): string => (events.some(({ derived }) => derived) ? '，由台账推断' : '');

const positions = (events: readonly EventRef[]): string => events.map(({ position }) => String(position)).join(' ');

export function peopleText(people: readonly PersonThen[]): string {
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
    heads: ['时间', '专项', '方式', '检查人（当时职务）', '检查表', '结果', '签字', '位置'],
    rows: answer.facts.map((fact) => [
      townTime(fact.at),
      trackZh(fact.track),
      modeZh(fact.mode),
      fact.inspectors.length > 0 ? peopleText(fact.inspectors) : '未载明',
      fact.template ? `${fact.template.id} 第 ${fact.template.version} 版` : '未载明',
      resultText(fact),
      signatureText(fact),
      positions(fact.events),
    ]),
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
  const findings = fact.findings.map(({ clause, outcome }) => `${clause} ${OUTCOME_ZH[outcome]}`);
  const corrected = fact.corrected.length > 0 ? ['（有更正）'] : [];
  return [fact.result ?? '', counts.join('，') || '无逐项答复', ...findings, ...corrected].filter(Boolean).join('\n');
}

function signatureText({ signature, status }: InspectionFact): string {
  if (status !== 'recorded') return '';
  if (!signature) return '无';
  return signature.kind === 'signed' ? `${signature.by} 已签` : `拒签：${signature.reason}`;
}

const ACT_ZH: Record<DeadlineFact['acts'][number]['act'], string> = {
  submitted: '提交整改',
  verified: '复查通过',
  rejected: '复查不通过',
  'extension-requested': '申请延期',
  'extension-refused': '不同意延期',
  refused: '拒不整改',
};

function deadlines(answer: TraceAnswer<DeadlineFact>): (Table & { title: string })[] {
  return answer.facts.flatMap((fact) => {
    const { signedOff, closed, undoneBy } = fact;
    const end = signedOff
      ? `${townTime(signedOff.at)} 由 ${signedOff.by.person} 销项（${signedOff.days} 天；复查 ${signedOff.verifiedBy?.person ?? '无'}${inferred(signedOff.events)}）${undoneBy ? `，${townTime(undoneBy.occurredAt)} 回潮` : ''}`
      : closed
        ? `${townTime(closed.at)} ${closed.as === 'invalid' ? '认定无效' : '并入重复隐患'}`
        : '尚未销项';
    return [
      {
        title: `第 ${fact.cycle} 轮  ${townTime(fact.openedAt)} 起，${end}`,
        heads: ['整改期限', '由来', '批准人', '依据或理由', '替代', '是否提交', '位置'],
        rows: fact.dues.map((due) => [
          `${townTime(due.due)}${due.inForce ? '（现行）' : ''}`,
          due.by === 'order' ? '责令整改' : `延期（${due.requestedBy ?? ''} 申请）`,
          `${due.approvedBy.person} ${due.approvedBy.organisation} ${due.approvedBy.post}`,
          due.ground,
          due.replaces === null ? '' : townTime(due.replaces),
          `${due.submittedAt === null ? '未提交' : `${townTime(due.submittedAt)} 提交`}${due.missedAt === null ? '' : `\n${townTime(due.missedAt)} 记为逾期`}`,
          positions(due.events),
        ]),
      },
      {
        title: '经过',
        heads: ['时间', '事项', '办理人', '内容', '证据', '位置'],
        rows: fact.acts.map((act) => [
          townTime(act.at),
          `${ACT_ZH[act.act]}${inferred(act.events)}`,
          `${act.by.person} ${act.by.organisation}`,
          act.text,
          act.evidence.map(({ sha256 }) => sha256.slice(0, 12)).join('\n') || '无',
          positions(act.events),
        ]),
      },
    ];
  });
}

function lateLines({ late, question }: TraceAnswer<unknown>, width: number): string[] {
  if (late.length === 0 || question === 'late') return [];
  return ['补录与倒填', ...lateTable(late, width), ''];
}

function lateTable(late: TraceAnswer<unknown>['late'], width: number): string[] {
  const imported = late.filter(({ derived }) => derived);
  const own = late.filter(({ derived }) => !derived);
  const lines = own.map((record) => [
    record.zh,
    townTime(record.occurredAt),
    townTime(record.recordedAt),
    spanZh(record.gapHours),
    record.kinds.map((kind) => LATE_KINDS[kind]).join('\n'),
    record.by.person,
    String(record.position),
  ]);
  return [
    ...(own.length > 0
      ? textTable(['事项', '称发生于', '记录于', '相差', '情形', '记录人', '位置'], lines, width)
      : []),
    ...(imported.length > 0 ? [`  另有 ${imported.length} 条由台账导入，均为事后推断。`] : []),
  ];
}

function correctionLines({ corrections }: TraceAnswer<unknown>, width: number): string[] {
  if (corrections.length === 0) return [];
  const rows = corrections.flatMap(({ event, target, changes, reason, approver }) =>
    changes.map(({ field, from, to }) => [
      townTime(event.recordedAt),
      target,
      field,
      JSON.stringify(from),
      JSON.stringify(to),
      reason,
      `${event.by.person} / ${approver}`,
      String(event.position),
    ]),
  );
  return [
    '更正',
    ...textTable(['时间', '对象', '字段', '原为', '更正为', '理由', '经办 / 批准', '位置'], rows, width),
    '',
  ];
}
