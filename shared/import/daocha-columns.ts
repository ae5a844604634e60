// The columns of `daocha-csv` (docs/import-format.md), and the two ways in which a row can be wrong about one.
import { say, type MessageFacts, type MessageKey } from './messages.ts';

export const NAME = 'daocha-csv';

/** Every column with its headings: English, Chinese. docs/import-format.md explains them. */
export const HEADINGS = {
  unitId: ['unit_id', '单位编号'],
  unitName: ['unit_name', '单位名称'],
  unitKind: ['unit_kind', '单位类型'],
  address: ['address', '地址'],
  area: ['area', '所属村居'],
  latitude: ['latitude', '纬度'],
  longitude: ['longitude', '经度'],
  track: ['track', '专项'],
  organisation: ['organisation', '责任单位'],
  inspection: ['inspection_id', '检查编号'],
  inspectedAt: ['inspected_at', '检查时间'],
  mode: ['mode', '检查方式'],
  result: ['result', '检查结论'],
  item: ['item', '检查项'],
  clause: ['clause', '条款'],
  problem: ['problem', '有无隐患'],
  description: ['description', '隐患描述'],
  place: ['place', '隐患部位'],
  grade: ['grade', '隐患等级'],
  due: ['due', '整改期限'],
  rectifiedAt: ['rectified_at', '整改完成时间'],
  verifiedAt: ['verified_at', '复查时间'],
  signedOffAt: ['signed_off_at', '销项时间'],
} as const;
export type RegisterColumn = keyof typeof HEADINGS;
export const COLUMNS = Object.keys(HEADINGS) as RegisterColumn[];

/** Thrown while a row is read: it is refused for its first wrong column. */
export class WrongCell extends Error {
  readonly column: RegisterColumn;
  constructor(column: RegisterColumn, reason: string) {
    super(reason);
    this.column = column;
  }
}

export const wrong = (column: RegisterColumn, key: MessageKey, facts: MessageFacts = {}): WrongCell =>
  new WrongCell(column, say(key, facts));
