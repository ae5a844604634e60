// 清单: the plan's three lists, kept up to date by the events themselves: baseline, hazards found, closed loop. Filtered, sorted and paged in
// the address, and taken away as Excel with the same columns.
import { STATUS_NAMES } from '../../../events/hazard.ts';
import { organisationName } from '../../../shared/reading/dictionary.ts';
import type { ClosedLoopRow, HazardRow } from '../../../shared/reading/hazard/list.ts';
import type { UnitRow } from '../../../shared/reading/unit/list.ts';
import { TRACK_NAMES, TRACKS } from '../../../events/envelope.ts';
import { EXPORTED } from '../../api/routes/views.ts';
import type { Action } from '../../api/permissions.ts';
import { EXCEL, excelFile, type ExcelColumn } from '../excel.ts';
import { attribute, html, type Content, type Html } from '../../../shared/reading/html.ts';
import { gradeName, trackName } from '../labels.ts';
import { address, hazardPath, to, unitPath, type Page, type Texts, type Visit } from '../page.ts';
import { day, dueDate, gradeTag, nothing, records, statusTag, turning } from '../components.ts';
import { reachOf, type Reach } from '../scope.ts';
import { hazardFilters, kept, queryOf } from './hazards.ts';
import { asked, listedTag, unitFilters } from './units.ts';
import { townDay } from '../../../shared/town-time.ts';

/** A column of the page and of the file; `cell` where the page shows more than the value. */
interface Column<Row> extends ExcelColumn<Row> {
  cell?: (row: Row, visit: Visit) => Content;
  main?: boolean;
  long?: boolean;
}

interface Listing<Row> {
  id: string;
  name: string;
  note: string;
  action: Action;
  read: (
    visit: Visit,
    query: Texts,
  ) => Promise<{ items: Row[]; cursor?: string | undefined; asOf: { position: number } }>;
  take: (
    visit: Visit,
    query: Texts,
  ) => Promise<{ items: Row[]; cursor?: string | undefined; asOf: { position: number } }>;
  /** what the filters of the address are, and the API's query for them */
  shown: (visit: Visit, reach: Reach) => Texts;
  query: (visit: Visit, reach: Reach, shown: Texts) => Texts;
  filters: (visit: Visit, reach: Reach, path: string, shown: Texts) => Html;
  columns: (visit: Visit) => readonly Column<Row>[];
}

const organisation = (visit: Visit, id: string | null): string =>
  id === null ? '' : organisationName(visit.campaign.definition, id);

/** The lists hold everything, unless the address asks for less. */
const everything: Listing<HazardRow>['query'] = (visit, reach, shown) =>
  queryOf(visit, reach, { ...shown, status: shown['status'] ?? 'all' });
const everyStatus: Listing<HazardRow>['filters'] = (visit, reach, path, shown) =>
  hazardFilters(visit, reach, path, shown, 'all');

const baseline: Listing<UnitRow> = {
  id: 'baseline',
  name: '底数清单',
  note: '各专项的单位和底数摸排情况。',
  action: 'read.units',
  read: (visit, query) => visit.ask('listBaseline', {}, query),
  take: (visit, query) => visit.ask('exportBaseline', {}, query),
  shown: asked,
  query: (_visit, _reach, shown) => shown,
  filters: unitFilters,
  columns: (visit) => [
    {
      head: '单位',
      width: 28,
      main: true,
      value: (row) => row.name,
      cell: (row) => html`<a href="${to(unitPath(row.unit))}">${row.name}</a>`,
    },
    { head: '单位编号', width: 24, value: (row) => row.unit, cell: (row) => html`<code>${row.unit}</code>` },
    { head: '类型', width: 12, value: (row) => row.kind },
    { head: '地址', width: 30, long: true, value: (row) => row.address },
    { head: '村居', width: 14, value: (row) => organisation(visit, row.area) },
    { head: '专项', width: 24, value: (row) => row.tracks.map((track) => TRACK_NAMES[track]).join('、') },
    {
      head: '底数摸排',
      width: 24,
      value: (row) =>
        TRACKS.flatMap((track) => {
          const survey = row.surveyed[track];
          return survey ? [`${TRACK_NAMES[track]} ${townDay(survey.at)}`] : [];
        }).join('、') || '未摸排',
    },
    { head: '风险等级', width: 10, value: (row) => row.riskGrade ?? '未评定' },
    {
      head: '销项名单',
      width: 10,
      value: (row) => (row.closedAt ? '已注销' : row.listed ? '在名单' : '不在名单'),
      cell: listedTag,
    },
    { head: '登记日期', width: 12, day: true, value: (row) => row.registeredAt, cell: (row) => day(row.registeredAt) },
  ],
};

const risks: Listing<HazardRow> = {
  id: 'hazards',
  name: '风险隐患排查清单',
  note: '排查发现的每一处隐患。',
  action: 'read.hazards',
  read: (visit, query) => visit.ask('listRisks', {}, query),
  take: (visit, query) => visit.ask('exportRisks', {}, query),
  shown: kept,
  query: everything,
  filters: everyStatus,
  columns: (visit) => [
    ...about<HazardRow>(visit),
    { head: '描述', width: 36, long: true, value: (row) => row.text },
    { head: '部位', width: 16, value: (row) => row.place },
    { head: '村居', width: 14, value: (row) => organisation(visit, row.area) },
    ...standing<HazardRow>(visit),
    {
      head: '整改期限',
      width: 12,
      day: true,
      value: (row) => row.due,
      cell: (row) => dueDate(row.due, row.status, visit.now),
    },
    { head: '发现日期', width: 12, day: true, value: (row) => row.foundAt, cell: (row) => day(row.foundAt) },
    { head: '回潮', width: 10, value: (row) => row.recurrences },
  ],
};

const closedLoop: Listing<ClosedLoopRow> = {
  id: 'closed-loop',
  name: '整治闭环清单',
  note: '每一处隐患从发现到销项的各步。',
  action: 'read.hazards',
  read: (visit, query) => visit.ask('listClosedLoop', {}, query),
  take: (visit, query) => visit.ask('exportClosedLoop', {}, query),
  shown: kept,
  query: everything,
  filters: everyStatus,
  columns: (visit) => [
    ...about<ClosedLoopRow>(visit),
    ...standing<ClosedLoopRow>(visit),
    step('发现', (row) => row.openedAt),
    step('责令整改', (row) => row.orderedAt),
    {
      head: '整改期限',
      width: 12,
      day: true,
      value: (row) => row.due,
      cell: (row) => dueDate(row.due, row.status, visit.now),
    },
    step('提交整改', (row) => row.submittedAt),
    step('复查通过', (row) => row.verifiedAt),
    step('销项', (row) => row.signedOffAt),
    { head: '用时（天）', width: 10, value: (row) => row.days },
    { head: '闭环', width: 8, value: (row) => (row.closed ? '已闭环' : '未闭环') },
  ],
};

function about<Row extends HazardRow | ClosedLoopRow>(visit: Visit): Column<Row>[] {
  return [
    {
      head: '隐患',
      width: 24,
      main: true,
      value: (row) => row.clause,
      cell: (row) => html`<a href="${to(hazardPath(row.hazard))}">${row.clause}</a>`,
    },
    { head: '隐患编号', width: 24, value: (row) => row.hazard, cell: () => null },
    {
      head: '单位',
      width: 28,
      value: (row) => row.unitName ?? row.unit,
      cell: (row) => html`<a href="${to(unitPath(row.unit))}">${row.unitName ?? row.unit}</a>`,
    },
    { head: '专项', width: 16, value: (row) => trackName(row.track) },
    { head: '责任单位', width: 16, value: (row) => organisation(visit, row.organisation) },
  ];
}

function standing<Row extends HazardRow | ClosedLoopRow>(_visit: Visit): Column<Row>[] {
  return [
    { head: '等级', width: 10, value: (row) => gradeName(row.grade), cell: (row) => gradeTag(row.grade) },
    { head: '状态', width: 12, value: (row) => STATUS_NAMES[row.status].waits, cell: (row) => statusTag(row.status) },
  ];
}

const step = (head: string, at: (row: ClosedLoopRow) => string | null): Column<ClosedLoopRow> => ({
  head,
  width: 12,
  day: true,
  value: at,
  cell: (row) => day(at(row)),
});

/** On the page a column without anything of its own is left to the file. */
const inFileOnly = new Set(['单位编号', '隐患编号']);

const LISTS = [baseline, risks, closedLoop] as const;

/** The headings of each list by its name: an import knows these files by them (shared/import/own-lists.ts). */
export const listHeadings = (): Record<string, string[]> =>
  Object.fromEntries(LISTS.map(({ name, columns }) => [name, columns(NOBODY).map(({ head }) => head)]));
/** Headings are the same for everybody. */
const NOBODY = {} as Visit;

function tabs(visit: Visit, current: string): Html {
  return html`<nav class="tabs" aria-label="清单">
    <ul>
      ${LISTS.filter(({ action }) => visit.may(action)).map(
        ({ id, name }) =>
          html`<li>
            <a href="${to(`/lists/${id}`)}" ${attribute('aria-current', id === current && 'page')}>${name}</a>
          </li>`,
      )}
    </ul>
  </nav>`;
}

function listPage<Row>(listing: Listing<Row>): Page[] {
  const { id, name, note, action } = listing;
  const path = `/lists/${id}`;
  const page: Page = {
    path,
    action,
    get: async (visit) => {
      const reach = reachOf(visit, action);
      const shown = listing.shown(visit, reach);
      const { cursor } = visit.query;
      const list = await listing.read(visit, { ...listing.query(visit, reach, shown), cursor });
      const download = address(`${path}/download`, { ...shown, cursor });
      const columns = listing
        .columns(visit)
        .filter(({ head }) => !inFileOnly.has(head))
        .map(({ head, main, long, value, cell }) => ({
          head,
          ...(main ? { main } : {}),
          ...(long ? { long } : {}),
          cell: (row: Row): Content => (cell ? cell(row, visit) : (value(row) ?? '—')),
        }));
      return {
        title: name,
        section: 'lists',
        asOf: list.asOf.position,
        wide: true,
        body: html`
          <h1>清单</h1>
          ${tabs(visit, id)}
          <p>${note}随事件实时更新，每月上报以日志位置为准。</p>
          ${listing.filters(visit, reach, path, shown)}
          ${
            list.items.length > 0
              ? html`<p class="actions">
                    <a class="button quiet" href="${download}" download>下载 Excel</a>
                    <span class="muted">从本页起，最多 ${EXPORTED} 行；下载有查阅记录</span>
                  </p>
                  ${records(name, columns, list.items)}`
              : nothing(
                  cursor === undefined ? '没有符合条件的记录。' : '这一页没有符合条件的记录，后面可能还有。',
                  html`<a href="${address(path)}">清除筛选</a>`,
                )
          }
          ${turning(path, shown, list.cursor, cursor === undefined)}
        `,
      };
    },
  };
  const download: Page = {
    path: `${path}/download`,
    action,
    get: async (visit) => {
      const reach = reachOf(visit, action);
      const shown = listing.shown(visit, reach);
      const list = await listing.take(visit, { ...listing.query(visit, reach, shown), cursor: visit.query['cursor'] });
      const bytes = await excelFile({
        title: name,
        columns: listing.columns(visit),
        rows: list.items,
        position: list.asOf.position,
        now: visit.now,
        more: list.cursor !== undefined,
      });
      return { filename: `${name}-${townDay(visit.now)}.xlsx`, type: EXCEL, bytes };
    },
  };
  return [page, download];
}

export const listPages: readonly Page[] = [
  {
    path: '/lists',
    get: async (visit) => ({ location: to(visit.may('read.hazards') ? '/lists/hazards' : '/lists/baseline') }),
  },
  ...listPage(baseline),
  ...listPage(risks),
  ...listPage(closedLoop),
];
