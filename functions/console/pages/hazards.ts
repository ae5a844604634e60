// 隐患: the hazards of the town, open ones by due date unless asked otherwise; filters, order and page stand in the address.
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { HAZARD_STATUSES, STATUS_NAMES } from '../../../events/hazard.ts';
import { GRADE_NAMES, HAZARD_GRADES } from '../../../events/inspection.ts';
import type { HazardRow } from '../../../shared/reading/hazard/list.ts';
import { html, type Content, type Html } from '../../../shared/reading/html.ts';
import { trackName } from '../labels.ts';
import { address, hazardPath, to, unitPath, type Page, type Texts, type Visit } from '../page.ts';
import {
  day,
  dueDate,
  filters,
  gradeTag,
  nothing,
  records,
  statusTag,
  turning,
  type TableColumn,
} from '../components.ts';
import { areaChoices, chosen, organisationChoices, reachOf, trackChoices, type Reach } from '../scope.ts';
import { plusDays, startOfTownDay, townDay } from '../../../shared/town-time.ts';

const PATH = '/hazards';
/** Days that “due soon” looks ahead. */
export const SOON = 7;

const ALL = { value: 'all', label: '全部状态' };
const OPEN = { value: 'open', label: '未销项' };
const STATUSES = [
  { value: 'waiting', label: '等待整改' },
  ...HAZARD_STATUSES.map((status) => ({ value: status, label: STATUS_NAMES[status].waits })),
  { value: 'closed', label: '已办结' },
];
const GRADES = HAZARD_GRADES.map((grade) => ({ value: grade, label: GRADE_NAMES[grade] }));
const DUES = [
  { value: 'overdue', label: '已逾期' },
  { value: 'soon', label: `${SOON} 天内到期（含逾期）` },
];
const SORTS = [
  { value: 'due', label: '期限从近到远' },
  { value: '-found', label: '发现从新到旧' },
  { value: 'found', label: '发现从旧到新' },
];

export const hazardsPage: Page = {
  path: PATH,
  action: 'read.hazards',
  get: async (visit) => {
    const reach = reachOf(visit, 'read.hazards');
    const shown = kept(visit, reach);
    const { cursor } = visit.query;
    const list = await visit.ask('listHazards', {}, { ...queryOf(visit, reach, shown), cursor });
    return {
      title: '隐患',
      section: 'hazards',
      asOf: list.asOf.position,
      wide: true,
      body: html`
        <h1>隐患</h1>
        ${scopeNote(visit, reach, shown)} ${hazardFilters(visit, reach, PATH, shown)}
        ${shown['unit'] && html`<p class="muted">只显示单位 <a href="${to(unitPath(shown['unit']))}">${list.items[0]?.unitName ?? shown['unit']}</a> 的隐患。</p>`}
        ${list.items.length > 0 ? records('隐患', columns(visit), list.items) : none(list.cursor, shown)}
        ${turning(PATH, shown, list.cursor, cursor === undefined)}
      `,
    };
  },
};

/** What the address chooses, as far as it may: the values of the filters. */
export function kept({ query }: Visit, { town, tracks, area }: Reach): Texts {
  return {
    status: chosen(query['status'], ['all', 'open', 'waiting', 'closed', ...HAZARD_STATUSES]),
    track: chosen(query['track'], tracks),
    area: area === undefined ? query['area'] : undefined,
    organisation: town ? query['organisation'] : undefined,
    grade: chosen(query['grade'], HAZARD_GRADES),
    due: chosen(query['due'], ['overdue', 'soon']),
    sort: chosen(query['sort'], ['due', '-found', 'found']),
    unit: query['unit'],
  };
}

/** The API's query for what the filters choose. */
export function queryOf({ now, principal }: Visit, { town, area }: Reach, shown: Texts): Texts {
  const { status, track, organisation, grade, due, sort, unit } = shown;
  const today = townDay(now);
  // Whoever may not see the whole town sees what is assigned to their organisation until they choose one of its tracks.
  const own = !town && area === undefined && track === undefined ? principal.organisation : undefined;
  const dueBefore = due && startOfTownDay(due === 'overdue' ? today : plusDays(today, SOON + 1));
  const wanted = due ? 'waiting' : status === 'all' ? undefined : (status ?? 'open');
  // only open hazards stand in order of their due dates
  const open =
    wanted === undefined ? false : wanted !== 'closed' && !['signed-off', 'duplicate', 'invalid'].includes(wanted);
  return {
    status: wanted,
    track,
    area: area ?? shown['area'],
    organisation: organisation ?? own,
    grade,
    dueBefore,
    sort: sort === 'due' && !open ? undefined : sort,
    unit,
  };
}

/** @param any what it means to choose no status */
export function hazardFilters(
  visit: Visit,
  { town, tracks, area }: Reach,
  path: string,
  shown: Texts,
  any: 'open' | 'all' = 'open',
): Html {
  return filters(
    path,
    shown,
    [
      {
        name: 'status',
        label: '状态',
        any: any === 'open' ? OPEN.label : ALL.label,
        options: [any === 'open' ? ALL : OPEN, ...STATUSES],
      },
      { name: 'due', label: '期限', options: DUES },
      { name: 'track', label: '专项', any: town || area ? '全部' : '本单位负责', options: trackChoices(tracks) },
      ...(area === undefined ? [{ name: 'area', label: '村居', options: areaChoices(visit) }] : []),
      ...(town ? [{ name: 'organisation', label: '责任单位', options: organisationChoices(visit) }] : []),
      { name: 'grade', label: '等级', options: GRADES },
      { name: 'sort', label: '排序', any: '默认', options: SORTS },
    ],
    ['unit'],
  );
}

export function scopeNote({ principal, campaign }: Visit, { town, area }: Reach, { track }: Texts): Content {
  if (town) return false;
  const own = organisationName(campaign.definition, principal.organisation);
  if (area !== undefined) return html`<p class="muted">只显示${own}的隐患。</p>`;
  return track === undefined && html`<p class="muted">显示由${own}负责的隐患；选择专项可看本单位牵头或参与的专项。</p>`;
}

function columns({ campaign, now }: Visit): TableColumn<HazardRow>[] {
  return [
    {
      head: '隐患',
      main: true,
      cell: (row) =>
        html`<a href="${to(hazardPath(row.hazard))}">${row.clause}</a
          >${row.text && html`<span class="sub">${row.text}</span>`}`,
    },
    {
      head: '单位',
      cell: (row) => html`<a href="${to(unitPath(row.unit))}">${row.unitName ?? row.unit}</a>`,
    },
    { head: '专项', cell: (row) => trackName(row.track) },
    {
      head: '状态',
      cell: (row) =>
        html`${statusTag(row.status)}${row.recurrences > 0 && html` <span class="sub">回潮 ${row.recurrences} 次</span>`}`,
    },
    { head: '等级', cell: (row) => gradeTag(row.grade) },
    { head: '期限', cell: (row) => dueDate(row.due, row.status, now) },
    { head: '责任单位', cell: (row) => organisationName(campaign.definition, row.organisation) },
    { head: '发现', cell: (row) => day(row.foundAt) },
  ];
}

function none(cursor: string | undefined, shown: Texts): Html {
  if (cursor !== undefined) return nothing('这一页没有符合条件的隐患，后面可能还有。', '请看下一页。');
  const filtered = Object.values(shown).some(Boolean);
  if (filtered) return nothing('没有符合条件的隐患。', html`<a href="${address(PATH)}">清除筛选</a>`);
  return nothing('没有未销项的隐患。', html`<a href="${address(PATH, { status: 'all' })}">查看全部隐患</a>`);
}
