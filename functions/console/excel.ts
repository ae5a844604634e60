// Lists as Excel files (write-excel-file): Chinese headings, dates as dates, the first rows saying what it is and as of when. Text goes
// in as text, so nothing in it can become a formula.
import type { Cell, Row, SheetData } from 'write-excel-file/node';
import { cutText } from '../../shared/text.ts';
import { onTheWall, townSecond } from '../../shared/town-time.ts';

export interface ExcelColumn<T> {
  head: string;
  /** characters */
  width: number;
  value: (row: T) => string | number | null;
  /** the value is an instant, to be shown as a day of the town */
  day?: boolean;
}

export const EXCEL = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
/** Characters that a cell of Excel may hold. */
const CELL = 32_767;

export interface Sheet<T> {
  title: string;
  columns: readonly ExcelColumn<T>[];
  rows: readonly T[];
  /** log position that the rows are as of */
  position: number;
  now: Date;
  /** there are more rows than these */
  more: boolean;
}

export const excelFile = <T>(sheet: Sheet<T>): Promise<Uint8Array> => excelBook([sheet]);

/** Several sheets in one file, each named by its title. */
export async function excelBook<T>(sheets: readonly Sheet<T>[]): Promise<Uint8Array> {
  // only a download needs it
  const { default: write } = await import('write-excel-file/node');
  const file = write(sheets.map(sheetOf));
  return new Uint8Array(await file.toBuffer());
}

function sheetOf<T>({ title, columns, rows, position, now, more }: Sheet<T>) {
  const note = `截至日志位置 ${position}（${townSecond(now)}），共 ${rows.length} 行${more ? '，未完，其余请从下一页起下载' : ''}`;
  const data: SheetData = [
    [{ value: title, fontWeight: 'bold', fontSize: 14 }],
    [{ value: note, textColor: '#55616d' }],
    columns.map(({ head }): Cell => ({ value: head, fontWeight: 'bold', backgroundColor: '#e6f0f9', wrap: true })),
    ...rows.map((row): Row => columns.map((column) => cell(column, row))),
  ];
  return {
    data,
    sheet: cutText(title, 31, ''),
    columns: columns.map(({ width }) => ({ width })),
    stickyRowsCount: 3,
  };
}

function cell<T>({ value, day }: ExcelColumn<T>, row: T): Cell {
  const content = value(row);
  if (content === null) return null;
  if (typeof content === 'number') return { value: content, type: Number };
  // the file knows no time zone: what it shows is what a clock in the town shows
  if (day) return { value: onTheWall(content), type: Date, format: 'yyyy-mm-dd' };
  return { value: asWritten(cutText(content, CELL)), type: String };
}

/**
 * A text so that Excel shows just that. `_x0041_` would be read as a character (ECMA-376, ST_Xstring), so its first sign is written in
 * that form; and so is the first of a word that every object of JavaScript knows (`constructor`), by which the writer looks texts up.
 */
function asWritten(text: string): string {
  const code = (sign: string): string => `_x${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
  const escaped = text.replaceAll(/_(?=x[\dA-Fa-f]{4}_)/g, code);
  return escaped in Object.prototype ? code(escaped) + escaped.slice(1) : escaped;
}
