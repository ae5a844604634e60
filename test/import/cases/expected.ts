// The files beside this one and what each must come to: rows read, what is on record, lines refused, exit code. A
// second import adds nothing and refuses the same lines.

export interface Came {
  exit: 0 | 1 | 2;
  rows?: number;
  units: number;
  inspections: number;
  clean?: number;
  hazards: number;
  refused: number[];
  /** the platform refuses some of what was read: then the summary counts more than is on record */
  read?: true;
  /** stands in what is said */
  said?: string[];
}

export interface Case extends Came {
  file: string;
  options?: string[];
}

const all = (rows: number, more: Partial<Came> = {}): Came => ({
  exit: 0,
  rows,
  units: rows,
  inspections: rows,
  hazards: rows,
  refused: [],
  ...more,
});
const none = (...said: string[]): Came => ({ exit: 2, units: 0, inspections: 0, hazards: 0, refused: [], said });

export const CASES: readonly Case[] = [
  {
    file: '01-scientific-id.csv',
    ...all(3, { exit: 1, units: 0, inspections: 0, hazards: 0, refused: [2, 3, 4], said: ['科学计数法', '单位编号'] }),
  },
  {
    file: '02-dates.csv',
    ...all(18, {
      exit: 1,
      units: 12,
      inspections: 12,
      hazards: 12,
      refused: [5, 6, 14, 15, 16, 17],
      said: ['2025-04-25', '检查时间', '2025.5.8'],
    }),
  },
  { file: '03-due-in-words.csv', ...all(7) },
  { file: '04-padded.csv', ...all(3) },
  { file: '04b-blank-headings.csv', ...all(2) },
  { file: '05-sep.csv', ...all(1) },
  { file: '06-title-row.csv', ...all(1, { said: ['lines 1–2 above the headings are not read'] }) },
  { file: '07-invisible-heading.csv', ...all(1) },
  { file: '07b-bom-twice.csv', ...all(1) },
  { file: '07c-star.csv', ...all(1) },
  {
    file: '08-name-variants.csv',
    ...all(7, {
      exit: 1,
      units: 0,
      inspections: 0,
      hazards: 0,
      refused: [2, 3, 4, 5, 6, 7, 8],
      said: ['--alike one', '--alike apart', 'U+2FB7'],
    }),
  },
  { file: '08-name-variants.csv', options: ['--alike', 'one'], ...all(7, { units: 2, inspections: 2 }) },
  { file: '09a-cut-description.csv', ...all(2) },
  { file: '09c-cut-clause.csv', ...all(2) },
  {
    file: '09b-cut-name.csv',
    ...all(2, {
      exit: 1,
      units: 1,
      inspections: 1,
      hazards: 1,
      refused: [2],
      said: ['单位名称', '202 characters, at most 200'],
    }),
  },
  {
    file: '09-surrogate-cut.csv',
    ...all(3, { exit: 1, units: 2, inspections: 2, hazards: 2, refused: [3], said: ['202 characters, at most 200'] }),
  },
  { file: '09d-cut-among-40.csv', ...all(40) },
  { file: '10-control-formula.csv', ...none('Line 4 of the file holds a NUL', '文件第 4 行') },
  { file: '10b-nul-late.csv', ...none('Line 62 of the file holds a NUL', '文件第 62 行') },
  {
    file: '10c-control.csv',
    ...all(5, {
      exit: 1,
      units: 1,
      inspections: 1,
      hazards: 1,
      refused: [3, 4, 5, 6],
      said: ['单位名称', 'U+000B', '单位编号'],
    }),
  },
  { file: '11-unicode-text.txt', ...none('UTF-16 (little endian)') },
  { file: '12-gb18030.csv', ...all(2) },
  { file: '12b-gbk-english-headings.csv', ...none('“Ŀ¼”', '“目录”', '--encoding gbk') },
  { file: '12d-gbk-school.csv', ...none('“Сѧ”', '“小学”', '--encoding utf-8') },
  { file: '12b-gbk-english-headings.csv', options: ['--encoding', 'gbk'], ...all(1) },
  { file: '12d-gbk-school.csv', options: ['--encoding', 'gbk'], ...all(2) },
  { file: '12c-gb18030-rare-only.csv', ...none('GB18030') },
  { file: '13-quoted.csv', ...all(3) },
  { file: '13b-dup-heading.csv', ...none('“专项”') },
  {
    file: '14-future-dup.csv',
    ...all(5, {
      exit: 1,
      units: 1,
      inspections: 1,
      hazards: 1,
      refused: [2, 3],
      read: true,
      said: ['检查时间', '2000-01-01', '检查时间 2052-05-08 还没有到'],
    }),
  },
  {
    file: '15-yesno.csv',
    ...all(15, {
      exit: 1,
      units: 11,
      inspections: 11,
      clean: 5,
      hazards: 6,
      refused: [4, 5, 8, 9],
      said: ['--answer √=ok'],
    }),
  },
  {
    file: '15-yesno.csv',
    options: ['--answer', '√=ok', '--answer', '×=problem', '--answer', '1=problem', '--answer', '0=ok'],
    ...all(15, { clean: 7, hazards: 8 }),
  },
  { file: '16-tracks.csv', ...all(14, { exit: 1, units: 13, inspections: 13, hazards: 13, refused: [15] }) },
  {
    file: '17b-many-hazards.csv',
    ...all(131, {
      exit: 1,
      units: 2,
      inspections: 1,
      hazards: 1,
      refused: [2],
      read: true,
      said: ['97 hazards at most, this has 130'],
    }),
  },
  {
    file: '17c-400-items.csv',
    ...all(400, {
      exit: 1,
      units: 1,
      inspections: 0,
      hazards: 0,
      refused: [2],
      read: true,
      said: ['an inspection may have 300 items, this has 400'],
    }),
  },
];

const HEADING =
  '单位编号,单位名称,地址,所属村居,专项,检查时间,检查方式,条款,有无隐患,隐患描述,整改期限,整改完成时间,复查时间,销项时间';

/** 5,000 units; the description of one is cut within an emoji, and its key sorts first. */
export function made5000(): string {
  const rows = Array.from({ length: 5000 }, (_, n) => {
    const [name, description] =
      n === 3
        ? ['A大批长描述店', `${'隐'.repeat(998)}😀${'患'.repeat(5)}`]
        : [`大批店${String(n).padStart(5, '0')}`, '软管老化'];
    return `,${name},大批路${n}号,village-01,城镇燃气,2025-05-08,日常检查,GAS-01,有,${description},,,,`;
  });
  return `${[HEADING, ...rows].join('\r\n')}\r\n`;
}

/** One inspection of 606,877 bytes. */
export function madeBig(): string {
  const rows = Array.from(
    { length: 200 },
    (_, n) =>
      `大检查店,大路1号,城镇燃气,JC-1,2025-05-08,${n + 1},GAS-${String(n).padStart(3, '0')},无,${'描'.repeat(990)}`,
  );
  return `${['单位名称,地址,专项,检查编号,检查时间,检查项,条款,有无隐患,隐患描述', ...rows].join('\r\n')}\r\n`;
}
