// Answers of the trace as Chinese text for a terminal: what was asked, as known when, one table of facts, then what was
// late and what was corrected. The last column names the log positions of the events behind a row: `daocha audit
// bundle` takes their proofs home.
import type { TraceAnswer } from '../../shared/reading/trace/answer.ts';
import type { QuestionName } from '../../shared/reading/trace/questions.ts';
import { knownZh, subjectLines } from '../../shared/reading/trace/answer-heading.ts';
import { besides, importedLate, TABLES, type Table } from '../../shared/reading/trace/tables.ts';
import { textTable } from './text-table.ts';

/** @param width columns of the terminal */
export function traceText(answer: TraceAnswer<unknown>, width: number): string {
  const subject = subjectLines(answer).map(([name, value]) => `${name} ${value}`);
  const imported = importedLate(answer);
  const lines = [
    [answer.zh, ...subject].join('  '),
    knownZh(answer),
    '',
    ...TABLES[answer.question as QuestionName](answer as TraceAnswer<never>).flatMap((table) => lined(table, width)),
    ...besides(answer).flatMap((table) => lined(table, width)),
    ...(imported > 0 ? [`另有 ${imported} 条由台账导入，均为事后推断。`, ''] : []),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function lined({ title, heads, rows }: Table, width: number): string[] {
  const above = title === undefined ? [] : [title];
  if (rows.length === 0) return [...above, '  没有记录', ''];
  const inLog = rows.some(({ events }) => events.length > 0);
  const positions = rows.map(({ events }) => events.map(({ position }) => String(position)).join(' '));
  const cells = rows.map((row, nth) => (inLog ? [...row.cells, positions[nth]!] : row.cells));
  return [...above, ...textTable(inLog ? [...heads, '位置'] : heads, cells, width), ''];
}
