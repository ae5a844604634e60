// Tables on a terminal whose text is partly Chinese: a Chinese character takes two columns. Cells that do not fit are
// wrapped, never cut, so that what is printed can be relied on.
import { visible } from '../../shared/text.ts';

/** Wide in a terminal (East Asian Width W and F, as far as text of a town has them). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that a text takes. */
export function displayWidth(text: string): number {
  return Array.from(text).reduce((sum, letter) => sum + (WIDE.test(letter) ? 2 : 1), 0);
}

const GAP = '  ';
const NARROWEST = 6;

/**
 * The lines of a table.
 * @param width columns to fit into, as far as columns of six allow
 */
export function textTable(heads: readonly string[], texts: readonly (readonly string[])[], width: number): string[] {
  // as it will be printed (print.ts), so that its width is counted
  const rows = texts.map((row) => row.map(visible));
  const natural = heads.map((head, n) =>
    Math.max(displayWidth(head), ...rows.flatMap((row) => row[n]!.split('\n').map(displayWidth))),
  );
  const widths = fitted(natural, width - GAP.length * (heads.length - 1));
  return [
    ...rowLines(heads, widths),
    widths.map((columns) => '─'.repeat(columns)).join(GAP),
    ...rows.flatMap((row) => rowLines(row, widths)),
  ];
}

/** Takes from the widest columns until all fit. */
function fitted(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  for (;;) {
    const over = widths.reduce((sum, columns) => sum + columns, 0) - room;
    const widest = Math.max(...widths);
    if (over <= 0 || widest <= NARROWEST) return widths;
    const second = Math.max(NARROWEST, ...widths.filter((columns) => columns < widest));
    const at = widths.indexOf(widest);
    widths[at] = Math.max(second, widest - over, NARROWEST);
    if (widths[at] === widest) widths[at] = widest - 1;
  }
}

function rowLines(cells: readonly string[], widths: readonly number[]): string[] {
  const wrapped = cells.map((cell, n) => cell.split('\n').flatMap((line) => wrap(line, widths[n]!)));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((lines, n) => pad(lines[line] ?? '', widths[n]!))
      .join(GAP)
      .trimEnd(),
  );
}

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - displayWidth(text)));

/** Breaks at a blank where there is one in the last third of a line, else between any two characters. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const letter of Array.from(text)) {
    if (displayWidth(line) + displayWidth(letter) > width) {
      const blank = line.lastIndexOf(' ');
      if (blank > (line.length * 2) / 3) {
        lines.push(line.slice(0, blank));
        line = line.slice(blank + 1);
      } else {
        lines.push(line);
        line = '';
      }
    }
    line += letter;
  }
  return [...lines, line];
}
