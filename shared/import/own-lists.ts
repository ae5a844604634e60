// The console's own lists (functions/console/pages/lists.ts), saved as CSV. Read as a stranger's register they would
// double every unit, so they are known and refused by name: by their headings, or, whatever somebody made of these, by
// the platform's own ids in their rows. A test compares the headings with what the console writes.
import { cutText } from '../text.ts';
import { trimmed } from './cells.ts';
import { normaliseHeading } from './headings.ts';

export const OWN_LISTS: Readonly<Record<string, readonly string[]>> = {
  底数清单: ['单位', '单位编号', '类型', '地址', '村居', '专项', '底数摸排', '风险等级', '销项名单', '登记日期'],
  风险隐患排查清单: [
    '隐患',
    '隐患编号',
    '单位',
    '专项',
    '责任单位',
    '描述',
    '部位',
    '村居',
    '等级',
    '状态',
    '整改期限',
    '发现日期',
    '回潮',
  ],
  整治闭环清单: [
    '隐患',
    '隐患编号',
    '单位',
    '专项',
    '责任单位',
    '等级',
    '状态',
    '发现',
    '责令整改',
    '整改期限',
    '提交整改',
    '复查通过',
    '销项',
    '用时（天）',
    '闭环',
  ],
};

/** Somebody may have taken a column away, or put one beside. */
const MOST_OF_THEM = 0.7;

/** The list of this system that has these headings, or this row. */
export function ownList(headings: readonly string[]): string | undefined {
  const own = headings.map(trimmed).find(isOwnId);
  if (own) return cutText(own, 80);
  const found = new Set(headings.map(normaliseHeading));
  const share = (list: readonly string[]): number =>
    list.filter((heading) => found.has(normaliseHeading(heading))).length / list.length;
  const [name, list] = Object.entries(OWN_LISTS).toSorted(([, a], [, b]) => share(b) - share(a))[0]!;
  return share(list) >= MOST_OF_THEM ? name : undefined;
}

/** The id of a hazard in any column: its row is on record. */
export const ownHazard = (values: readonly string[]): string | undefined =>
  values.map(trimmed).find((text) => text.startsWith('h_') && isOwnId(text));

/** An id that the platform or an import of it has made: `u_` or `h_` and 20 hex digits. */
export const isOwnId = (text: string): boolean => /^[uhi]_[0-9a-f]{16,64}$/.test(text);
