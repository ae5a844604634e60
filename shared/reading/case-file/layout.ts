// How a dossier looks: the layout of official documents (GB/T 9704-2012 党政机关公文格式): A4, margins 37/35/28/26 mm, title 二号, body 三号 仿宋,
// first-level headings 三号 黑体, page numbers 四号 “— 1 —”. Tables are in 五号, with a heading row that is repeated on every page.
import {
  AlignmentType,
  BorderStyle,
  Document,
  Footer,
  PageNumber,
  Paragraph,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  VerticalAlign,
  WidthType,
} from 'docx';
import { cleanText } from './text.ts';

const FANGSONG = { ascii: 'Times New Roman', hAnsi: 'Times New Roman', eastAsia: '仿宋', cs: 'Times New Roman' };
const HEITI = { ascii: 'Arial', hAnsi: 'Arial', eastAsia: '黑体', cs: 'Arial' };
const SONGTI = { ascii: 'Times New Roman', hAnsi: 'Times New Roman', eastAsia: '宋体', cs: 'Times New Roman' };
/** Half points: 二号 22 pt, 三号 16 pt, 四号 14 pt, 五号 10.5 pt. */
const SIZE = { title: 44, body: 32, page: 28, table: 21 };
/** Twentieths of a point: 28 pt between lines, 首行缩进 2 characters of 三号. */
const LINE = 560;
const INDENT = 640;
const mm = (millimetres: number): number => Math.round((millimetres * 1440) / 25.4);
const MARGIN = { top: mm(37), bottom: mm(35), left: mm(28), right: mm(26) };
const PAGE = { width: mm(210), height: mm(297) };
/** What is between the margins, in twentieths of a point. */
export const TEXT_WIDTH = PAGE.width - MARGIN.left - MARGIN.right;

type Part = Paragraph | Table;
const exact = { line: LINE, lineRule: 'exact' as const };

export const title = (text: string): Paragraph =>
  new Paragraph({
    alignment: AlignmentType.CENTER,
    spacing: { line: 640, lineRule: 'atLeast', before: 240, after: 480 },
    children: [new TextRun({ text: cleanText(text), font: SONGTI, size: SIZE.title, bold: true })],
  });

/** 紧急程度 in the upper left corner. */
export const mark = (text: string): Paragraph =>
  new Paragraph({ spacing: exact, children: [new TextRun({ text, font: HEITI, size: SIZE.body })] });

export const heading = (text: string): Paragraph =>
  new Paragraph({
    spacing: { ...exact, before: 200, after: 80 },
    keepNext: true,
    indent: { firstLine: INDENT },
    outlineLevel: 0,
    children: [new TextRun({ text: cleanText(text), font: HEITI, size: SIZE.body })],
  });

export const subheading = (text: string): Paragraph =>
  new Paragraph({
    spacing: { ...exact, before: 120, after: 80 },
    keepNext: true,
    indent: { firstLine: INDENT },
    children: [new TextRun({ text: cleanText(text), font: FANGSONG, size: SIZE.body, bold: true })],
  });

export const text = (words: string, more: { indent?: boolean; right?: boolean } = {}): Paragraph =>
  new Paragraph({
    spacing: exact,
    alignment: more.right ? AlignmentType.RIGHT : AlignmentType.BOTH,
    ...(more.indent === false || more.right ? {} : { indent: { firstLine: INDENT } }),
    ...(more.right ? { indent: { right: INDENT } } : {}),
    children: [new TextRun({ text: cleanText(words), font: FANGSONG, size: SIZE.body })],
  });

/** Below a table, in its size. */
export const note = (words: string): Paragraph =>
  new Paragraph({
    spacing: { before: 60, after: 160 },
    children: [new TextRun({ text: cleanText(words), font: FANGSONG, size: SIZE.table })],
  });

export interface Column {
  heading: string;
  /** share of the width, against the others */
  width: number;
  /** short values look better in the middle */
  centred?: boolean;
}

/** A table with a heading row; a line in a cell is a paragraph. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): Part[] {
  const widths = shares(columns.map(({ width }) => width));
  return [
    new Table({
      width: { size: TEXT_WIDTH, type: WidthType.DXA },
      columnWidths: widths,
      layout: TableLayoutType.FIXED,
      rows: [
        new TableRow({
          tableHeader: true,
          cantSplit: true,
          children: columns.map((column, n) => cell(column.heading, widths[n]!, { head: true, centred: true })),
        }),
        ...rows.map(
          (row) =>
            new TableRow({
              cantSplit: true,
              children: columns.map(({ centred }, n) => cell(row[n] ?? '', widths[n]!, { centred })),
            }),
        ),
      ],
    }),
    gap(),
  ];
}

/** Two pairs of name and value a row; a value that is long has a row to itself. */
export function pairs(entries: readonly (readonly [name: string, value: string])[]): Part[] {
  const [name, value] = [Math.round(TEXT_WIDTH * 0.17), Math.round(TEXT_WIDTH * 0.33)];
  const last = TEXT_WIDTH - 2 * name - value;
  const rows: TableRow[] = [];
  let half: readonly [string, string] | undefined;
  const row = (...cells: TableCell[]): void => void rows.push(new TableRow({ cantSplit: true, children: cells }));
  const flush = (): void => {
    if (half) {
      row(cell(half[0], name, { head: true }), cell(half[1], TEXT_WIDTH - name, { span: 3 }));
    }
    half = undefined;
  };
  for (const entry of entries) {
    if (entry[1].length > 22 || entry[1].includes('\n')) {
      flush();
      row(cell(entry[0], name, { head: true }), cell(entry[1], TEXT_WIDTH - name, { span: 3 }));
    } else if (half) {
      row(
        cell(half[0], name, { head: true }),
        cell(half[1], value),
        cell(entry[0], name, { head: true }),
        cell(entry[1], last),
      );
      half = undefined;
    } else half = entry;
  }
  flush();
  return [
    new Table({
      width: { size: TEXT_WIDTH, type: WidthType.DXA },
      columnWidths: [name, value, name, last],
      layout: TableLayoutType.FIXED,
      rows,
    }),
    gap(),
  ];
}

const gap = (): Paragraph => new Paragraph({ spacing: { line: 160, lineRule: 'exact' }, children: [] });

function cell(
  words: string,
  width: number,
  { head = false, centred = false, span }: { head?: boolean; centred?: boolean | undefined; span?: number } = {},
): TableCell {
  return new TableCell({
    width: { size: width, type: WidthType.DXA },
    verticalAlign: VerticalAlign.CENTER,
    margins: { top: 50, bottom: 50, left: 80, right: 80 },
    ...(span === undefined ? {} : { columnSpan: span }),
    ...(head ? { shading: { fill: 'F2F2F2' } } : {}),
    borders: Object.fromEntries(
      ['top', 'bottom', 'left', 'right'].map((side) => [side, { style: BorderStyle.SINGLE, size: 4, color: '000000' }]),
    ),
    children: cleanText(words)
      .split('\n')
      .map(
        (line) =>
          new Paragraph({
            spacing: { line: 280, lineRule: 'atLeast' },
            alignment: centred ? AlignmentType.CENTER : AlignmentType.LEFT,
            children: [new TextRun({ text: line, font: head ? HEITI : FANGSONG, size: SIZE.table })],
          }),
      ),
  });
}

/** Whole twentieths of a point that add up to the text's width. */
function shares(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const widths = weights.map((weight) => Math.floor((TEXT_WIDTH * weight) / sum));
  widths[widths.length - 1]! += TEXT_WIDTH - widths.reduce((total, width) => total + width, 0);
  return widths;
}

export function documentOf(children: readonly Part[]): Document {
  const number = new TextRun({ children: ['— ', PageNumber.CURRENT, ' —'], font: SONGTI, size: SIZE.page });
  return new Document({
    styles: { default: { document: { run: { font: FANGSONG, size: SIZE.body, language: { eastAsia: 'zh-CN' } } } } },
    sections: [
      {
        properties: { page: { size: PAGE, margin: { ...MARGIN, footer: mm(28) } } },
        footers: {
          default: new Footer({
            children: [
              new Paragraph({
                alignment: AlignmentType.CENTER,
                children: [number],
              }),
            ],
          }),
        },
        children: [...children],
      },
    ],
  });
}
