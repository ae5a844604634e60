// Answers of the trace as Chinese text for a terminal: what was asked, as known when, one table of facts, then what was late and what was corrected.
// The last column names the log positions of the events behind a row: `daocha audit bundle` takes their proofs home.
import type { TraceAnswer } from '../../shared/trace/answer.ts';
import type { QuestionName } from '../../shared/trace/questions.ts';
import { fieldZh, townTime, trackZh, valueZh } from '../../shared/trace/words.ts';
import { textTable } from './text-table.ts';
import { lateRows, LATE_HEADS, TABLES } from './trace-tables.ts';

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
  on: '日期',
  after: '自',
  kind: '类型',
  area: '村居',
  escalation: '上报',
  now: '对照',
};

function subjectValue(name: string, value: unknown): string {
  if (name === 'track') return trackZh(String(value));
  if (name === 'from' || name === 'to' || name === 'after') return townTime(String(value));
  if (name === 'now') return `现在（日志位置 ${(value as { position: number }).position} 之前）`;
  return String(value);
}

function knownLine({ knownAt: { asked, position, time } }: TraceAnswer<unknown>): string {
  const before = `日志位置 ${position} 之前`;
  if (asked === null) return `截至现在（${before}）`;
  return /^\d+$/.test(asked)
    ? `按当时所知：${before}（最后一条记录于 ${townTime(time)}）`
    : `按当时所知：${townTime(time)} 以前已记录的事项（${before}）`;
}

function lateLines({ late, question }: TraceAnswer<unknown>, width: number): string[] {
  if (late.length === 0 || question === 'late') return [];
  return ['补录与倒填', ...lateTable(late, width), ''];
}

function lateTable(late: TraceAnswer<unknown>['late'], width: number): string[] {
  const imported = late.filter(({ derived }) => derived).length;
  const own = late.filter(({ derived }) => !derived);
  return [
    ...(own.length > 0 ? textTable(LATE_HEADS, lateRows(own), width) : []),
    ...(imported > 0 ? [`  另有 ${imported} 条由台账导入，均为事后推断。`] : []),
  ];
}

function correctionLines({ corrections }: TraceAnswer<unknown>, width: number): string[] {
  if (corrections.length === 0) return [];
  const rows = corrections.flatMap(({ event, target, changes, reason, approver }) =>
    changes.map(({ field, from, to }) => [
      townTime(event.recordedAt),
      target,
      fieldZh(field),
      valueZh(from),
      valueZh(to),
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
