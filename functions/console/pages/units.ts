// 单位: the units of the town by name, filtered and paged; the filters stand in the address.
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { TRACK_NAMES } from '../../../events/envelope.ts';
import { RISK_GRADES } from '../../../events/unit.ts';
import type { UnitRow } from '../../../shared/reading/unit/list.ts';
import { html, type Content, type Html } from '../../../shared/reading/html.ts';
import { address, to, unitPath, type Page, type Texts, type Visit } from '../page.ts';
import { day, filters, nothing, records, turning, type TableColumn, type Filter } from '../components.ts';
import { areaChoices, chosen, reachOf, trackChoices, type Reach } from '../scope.ts';

const PATH = '/units';
const LISTED = [
  { value: 'true', label: '在销项名单' },
  { value: 'false', label: '不在名单' },
];
const GRADES = RISK_GRADES.map((grade) => ({ value: grade, label: `${grade} 级` }));

export const unitsPage: Page = {
  path: PATH,
  action: 'read.units',
  get: async (visit) => {
    const reach = reachOf(visit, 'read.units');
    const query = asked(visit, reach);
    const { cursor } = visit.query;
    const list = await visit.ask('listUnits', {}, { ...query, cursor });
    return {
      title: '单位',
      section: 'units',
      asOf: list.asOf.position,
      wide: true,
      body: html`
        <div class="heading">
          <h1>单位</h1>
          ${visit.may('unit.register') && html`<a class="button" href="${to('/units/new')}">登记单位</a>`}
        </div>
        ${unitScopeNote(visit, reach)} ${unitFilters(visit, reach, PATH, query)}
        ${list.items.length > 0 ? records('单位', columns(visit), list.items) : none(visit, list.cursor, query)}
        ${turning(PATH, query, list.cursor, cursor === undefined)}
      `,
    };
  },
};

/** The filters of the address that may be asked for; of several tracks of one's own the first, until another is chosen. */
export function asked({ query }: Visit, { town, tracks, area }: Reach): Texts {
  const track = chosen(query['track'], tracks);
  return {
    track: track ?? (town || area !== undefined ? undefined : tracks[0]),
    area: area ?? query['area'],
    listed: chosen(query['listed'], ['true', 'false']),
    riskGrade: chosen(query['riskGrade'], RISK_GRADES),
  };
}

/** @param names which of the filters; all unless told */
export function unitFilters(
  visit: Visit,
  { town, tracks, area }: Reach,
  path: string,
  query: Texts,
  names?: readonly string[],
): Html {
  const all: Filter[] = [
    { name: 'track', label: '专项', any: town || area ? '全部' : null, options: trackChoices(tracks) },
    ...(area === undefined ? [{ name: 'area', label: '村居', options: areaChoices(visit) }] : []),
    { name: 'listed', label: '销项名单', options: LISTED },
    { name: 'riskGrade', label: '风险等级', options: GRADES },
  ];
  return filters(path, query, names ? all.filter(({ name }) => names.includes(name)) : all);
}

/** Says which part of the town is shown, where it is not all of it. */
export function unitScopeNote({ campaign }: Visit, { town, area, tracks }: Reach): Content {
  if (town) return false;
  if (area !== undefined)
    return html`<p class="muted">只显示${organisationName(campaign.definition, area)}的单位。</p>`;
  return tracks.length > 0 && html`<p class="muted">只显示本单位牵头或负责的专项。</p>`;
}

function columns({ campaign }: Visit): TableColumn<UnitRow>[] {
  return [
    { head: '单位', main: true, cell: (row) => html`<a href="${to(unitPath(row.unit))}">${row.name}</a>` },
    { head: '类型', cell: (row) => row.kind ?? '—' },
    { head: '村居', cell: (row) => organisationName(campaign.definition, row.area) },
    { head: '专项', cell: (row) => row.tracks.map((track) => TRACK_NAMES[track]).join('、') },
    { head: '风险', cell: (row) => (row.riskGrade === null ? '未评定' : `${row.riskGrade} 级`) },
    { head: '销项名单', cell: listedTag },
    { head: '登记', cell: (row) => day(row.registeredAt) },
  ];
}

export function listedTag(row: Pick<UnitRow, 'listed' | 'closedAt'>): Html {
  if (row.closedAt !== null) return html`<span class="tag off">已注销</span>`;
  return row.listed ? html`<span class="tag done">在名单</span>` : html`<span class="tag todo">不在名单</span>`;
}

function none(visit: Visit, cursor: string | undefined, query: Texts): Html {
  if (cursor !== undefined) return nothing('这一页没有符合条件的单位，后面可能还有。', '请看下一页。');
  if (Object.values(query).some(Boolean))
    return nothing('没有符合条件的单位。', html`<a href="${address(PATH)}">清除筛选</a>`);
  return nothing(
    '还没有登记单位。',
    visit.may('unit.register') && html`<a href="${to('/units/new')}">登记第一个单位</a>`,
  );
}
