// 应办事项: what the plan asks to be done, open ones first, filtered and paged in the address; and as Excel: of one definition with a column for
// each of its fields, which is its 底数.
import { DUTY_STATUS_NAMES, DUTY_STATUSES } from '../../../events/duty.ts';
import type { DutyDefinition } from '../../../events/duty-definition.ts';
import { own } from '../../../shared/own.ts';
import { organisationName } from '../../../shared/reading/dictionary.ts';
import type { DutyRow } from '../../../shared/reading/duty/list.ts';
import { html, joined, type Content } from '../../../shared/reading/html.ts';
import { townDay } from '../../../shared/town-time.ts';
import { day, filters, nothing, records, turning, type TableColumn } from '../components.ts';
import type { Track } from '../../../events/envelope.ts';
import type { Answers } from '../answers.ts';
import { EXCEL, excelBook, excelFile, type ExcelColumn, type Sheet } from '../excel.ts';
import { namesFor } from '../names.ts';
import { trackName } from '../labels.ts';
import { address, dutyPath, to, type Page, type Texts, type Visit } from '../page.ts';
import { areaChoices, chosen, organisationChoices, reachOf, trackChoices, type Reach } from '../scope.ts';
import { aboutZh, dutyTag, dutyTitle, ownerZh, fieldValueZh } from './duty.ts';

const PATH = '/duties';
const SHOWN = '50';
const STATES = [
  { value: 'overdue', label: '已逾期' },
  { value: 'unmet', label: '未达标' },
  { value: 'untouched', label: '尚未办理' },
  { value: 'vacant', label: '无人承担' },
  { value: 'stopped', label: '已叫停' },
  { value: 'done', label: '已办结' },
  { value: 'all', label: '全部' },
];

/** The last version of each definition, those of a track. */
const definitions = ({ campaign }: Visit, track: string | undefined): DutyDefinition[] =>
  [...campaign.duties.values()]
    .map((versions) => versions.at(-1)!)
    .filter((one) => track === undefined || one.track === track);

function shownOf(visit: Visit, reach: Reach): Texts {
  const { query } = visit;
  const track = chosen(query['track'], reach.tracks);
  return {
    state: chosen(
      query['state'],
      STATES.map(({ value }) => value),
    ),
    track,
    duty: chosen(
      query['duty'],
      definitions(visit, track).map(({ duty }) => duty),
    ),
    area: reach.area === undefined ? query['area'] : undefined,
    organisation: reach.town ? query['organisation'] : undefined,
    unit: query['unit'],
  };
}

/** The API's query for what the address shows. */
function askedOf({ principal }: Visit, reach: Reach, { state, ...shown }: Texts): Texts {
  // whoever may not see the whole town sees what is their organisation's until they choose one of its tracks
  const theirs = !reach.town && reach.area === undefined && shown['track'] === undefined;
  return {
    ...shown,
    area: reach.area ?? shown['area'],
    organisation: shown['organisation'] ?? (theirs ? principal.organisation : undefined),
    overdue: state === 'overdue' ? 'true' : undefined,
    unmet: state === 'unmet' ? 'true' : undefined,
    untouched: state === 'untouched' ? 'true' : undefined,
    vacant: state === 'vacant' ? 'true' : undefined,
    status: state === 'all' ? undefined : (chosen(state, DUTY_STATUSES) ?? 'open'),
  };
}

const dutiesPage: Page = {
  path: PATH,
  action: 'read.duties',
  get: async (visit) => {
    const reach = reachOf(visit, 'read.duties');
    const shown = shownOf(visit, reach);
    const { cursor } = visit.query;
    const list = await visit.ask('listDuties', {}, { ...askedOf(visit, reach, shown), limit: SHOWN, cursor });
    return {
      title: '应办事项',
      section: 'duties',
      asOf: list.asOf.position,
      wide: true,
      body: html`
        <div class="heading">
          <h1>应办事项</h1>
          ${visit.may('duty.open') && html`<a class="button" href="${to('/duties/new')}">立项</a>`}
        </div>
        <p class="muted">方案要求的每一件事：谁办、何时前、凭什么证明。多数由平台自动立项。</p>
        ${filters(PATH, shown, [
          { name: 'state', label: '状况', any: '待办', options: STATES },
          {
            name: 'track',
            label: '专项',
            any: reach.town || reach.area ? '全部' : '本单位负责',
            options: trackChoices(reach.tracks),
          },
          {
            name: 'duty',
            label: '事项',
            options: definitions(visit, shown['track']).map(({ duty, name, track }) => ({
              value: duty,
              label: shown['track'] === undefined && track ? `${trackName(track)}：${name}` : name,
            })),
          },
          ...(reach.area === undefined ? [{ name: 'area', label: '村居', options: areaChoices(visit) }] : []),
          ...(reach.town ? [{ name: 'organisation', label: '办理单位', options: organisationChoices(visit) }] : []),
        ])}
        ${
          list.items.length > 0
            ? html`<p class="actions">
                  <a class="button quiet" href="${address(`${PATH}/download`, { ...shown, cursor })}" download
                    >下载 Excel</a
                  >
                  ${reach.area === undefined && html`<a class="button quiet" href="${to(`${PATH}/facts`)}" download>底数清单（每专项一张表）</a>`}
                  <span class="muted">选定一种事项时，每一填报项一列（底数）；最多 ${MOST_ROWS} 行</span>
                </p>
                ${records('应办事项', columns(visit), list.items)}`
            : nothing(cursor === undefined ? '没有符合条件的事项。' : '这一页没有符合条件的事项，后面可能还有。')
        }
        ${turning(PATH, shown, list.cursor, cursor === undefined)}
      `,
    };
  },
};

function columns(visit: Visit): TableColumn<DutyRow>[] {
  return [
    { head: '事项', main: true, cell: (row) => html`<a href="${to(dutyPath(row.id))}">${dutyTitle(row)}</a>` },
    { head: '对象', cell: (row) => aboutZh(visit, row) },
    { head: '专项', cell: (row) => row.track && trackName(row.track) },
    { head: '办理单位', cell: (row) => ownerZh(visit, row.organisation) },
    {
      head: '状态',
      cell: (row) => html`${dutyTag(row.status)}${row.overdue && html` <span class="tag bad">已逾期</span>`}`,
    },
    {
      head: '期限',
      cell: (row) => (row.due === null ? '—' : html`<span class="${row.overdue ? 'late' : ''}">${day(row.due)}</span>`),
    },
    {
      head: '未达标',
      long: true,
      cell: (row): Content =>
        row.unmet.length > 0 &&
        html`<span class="late"
          >${joined(
            row.unmet.map(({ say }) => say),
            '；',
          )}</span
        >`,
    },
    {
      head: '提醒',
      cell: (row) =>
        html`${row.remindedAt !== null && day(row.remindedAt)}${row.missedAt !== null && html`<span class="sub late">${day(row.missedAt)} 记为逾期</span>`}`,
    },
  ];
}

/** The duties of a unit, for its page. */
export async function dutiesOfUnit(visit: Visit, unit: string): Promise<Content> {
  if (!visit.may('read.duties') || visit.campaign.duties.size === 0) return false;
  const list = await visit.ask('listDuties', {}, { unit, limit: '30' }).catch(() => undefined);
  if (!list || (list.items.length === 0 && !visit.may('duty.open'))) return false;
  const shown = columns(visit).filter(({ head }) => head !== '对象' && head !== '提醒');
  return html`<section aria-labelledby="duties">
    <h2 id="duties">
      应办事项 <span class="count">${list.items.filter(({ closedAt }) => closedAt === null).length}</span>
    </h2>
    ${list.items.length > 0 ? records('应办事项', shown, list.items) : nothing('还没有应办事项。')}
    <p class="actions">
      ${list.cursor !== undefined && html`<a href="${address(PATH, { unit, state: 'all' })}">这个单位的全部事项</a>`}
      ${visit.may('duty.open') && html`<a class="button quiet" href="${address('/duties/new', { unit })}">立项</a>`}
    </p>
    ${await factsOf(visit, unit)}
  </section>`;
}

/** What was last filled in about a unit, field by field (底数): in which event, and by whom. */
async function factsOf(visit: Visit, unit: string): Promise<Content> {
  const { tracks } = (await visit.ask('getUnit', { id: unit })).details;
  const found = await Promise.all(tracks.map((track) => visit.ask('listFacts', {}, { track, unit })));
  const lines = found.flatMap(({ items }) =>
    items.flatMap(({ facts, track }) => facts.map((fact) => ({ ...fact, track }))),
  );
  if (lines.length === 0) return false;
  const named = await namesFor(visit, [...new Set(lines.map(({ by }) => by))]);
  return html`<h3>底数（最近填报）</h3>
    ${records(
      '底数',
      [
        { head: '填报项', main: true, cell: ({ field }) => field },
        { head: '内容', cell: ({ value }) => fieldValueZh(value) },
        { head: '专项', cell: ({ track }) => trackName(track) },
        { head: '填报', cell: ({ at, by }) => html`${day(at)} <span class="sub">${named(by)}</span>` },
        {
          head: '依据',
          cell: ({ duty }) => (duty === null ? '底数摸排' : html`<a href="${to(dutyPath(duty))}">应办事项</a>`),
        },
      ],
      lines,
    )}`;
}

/** 底数清单: a sheet for each track that the reader may see, a row a unit, the declared fields as columns. */
const factsDownload: Page = {
  path: `${PATH}/facts`,
  action: 'read.units',
  get: async (visit) => {
    const reach = reachOf(visit, 'read.units');
    const sheets: Sheet<FactsRow>[] = [];
    for (const track of reach.area === undefined ? reach.tracks : []) {
      const all = await allRows((cursor) => visit.ask('listFacts', {}, { track, limit: '100', cursor }));
      sheets.push({ title: trackName(track), columns: factColumns(visit, track, all.rows), ...all, now: visit.now });
    }
    const bytes = await excelBook(sheets);
    return { filename: `底数清单-${townDay(visit.now)}.xlsx`, type: EXCEL, bytes };
  },
};

type FactsRow = Answers['listFacts']['items'][number];

/** The fields that the track's definitions declare for units, then what surveys and older definitions said besides. */
function factColumns(visit: Visit, track: Track, rows: readonly FactsRow[]): ExcelColumn<FactsRow>[] {
  const declared = definitions(visit, track)
    .filter(({ subject }) => subject === 'unit')
    .flatMap(({ steps }) => steps.flatMap(({ fields = [] }) => fields));
  const units = new Map(declared.map(({ field, unit }) => [field, unit]));
  const fields = [...new Set([...units.keys(), ...rows.flatMap(({ facts }) => facts.map(({ field }) => field))])];
  return [
    { head: '单位', width: 28, value: (row) => row.unitName ?? row.unit },
    { head: '单位编号', width: 24, value: (row) => row.unit },
    ...fields.map((field): ExcelColumn<FactsRow> => ({
      head: units.get(field) ? `${field}（${units.get(field)}）` : field,
      width: 14,
      value: ({ facts }) => {
        const value = facts.find((fact) => fact.field === field)?.value;
        return value === undefined ? null : typeof value === 'number' ? value : fieldValueZh(value);
      },
    })),
    {
      head: '最近填报',
      width: 12,
      day: true,
      value: ({ facts }) =>
        facts
          .map(({ at }) => at)
          .toSorted()
          .at(-1) ?? null,
    },
    { head: '依据（事件）', width: 40, value: ({ facts }) => [...new Set(facts.map(({ event }) => event))].join('、') },
  ];
}

/** Rows of one file, at most: read page by page. */
const MOST_ROWS = 2000;

/** What stands in a file; `more`: there would be more rows. */
async function allRows<Row>(
  ask: (
    cursor: string | undefined,
  ) => Promise<{ items: Row[]; cursor?: string | undefined; asOf: { position: number } }>,
  from?: string,
): Promise<{ rows: Row[]; position: number; more: boolean }> {
  const rows: Row[] = [];
  let cursor = from;
  let position = 0;
  do {
    const page = await ask(cursor);
    rows.push(...page.items);
    ({ cursor } = page);
    ({ position } = page.asOf);
  } while (cursor !== undefined && rows.length < MOST_ROWS);
  return { rows, position, more: cursor !== undefined };
}

const download: Page = {
  path: `${PATH}/download`,
  action: 'read.duties',
  get: async (visit) => {
    const reach = reachOf(visit, 'read.duties');
    const shown = shownOf(visit, reach);
    const all = await allRows(
      (cursor) => visit.ask('listDuties', {}, { ...askedOf(visit, reach, shown), limit: '100', cursor }),
      visit.query['cursor'],
    );
    const definition = definitions(visit, undefined).find(({ duty }) => duty === shown['duty']);
    const title = definition ? `底数清单-${definition.name}` : '应办事项清单';
    const bytes = await excelFile({
      title,
      columns: fileColumns(visit, definition),
      ...all,
      now: visit.now,
    });
    return { filename: `${title}-${townDay(visit.now)}.xlsx`, type: EXCEL, bytes };
  },
};

function fileColumns(visit: Visit, definition: DutyDefinition | undefined): ExcelColumn<DutyRow>[] {
  const named = (id: string | null): string => (id === null ? '' : organisationName(visit.campaign.definition, id));
  const fields = definition?.steps.flatMap((step) => step.fields ?? []) ?? [];
  return [
    { head: '事项', width: 30, value: (row) => dutyTitle(row) },
    { head: '单位', width: 28, value: (row) => row.unitName ?? row.unit },
    { head: '村居', width: 14, value: (row) => named(row.area) },
    { head: '专项', width: 16, value: (row) => (row.track ? trackName(row.track) : '') },
    { head: '办理单位', width: 16, value: (row) => (row.organisation === null ? '空缺' : named(row.organisation)) },
    { head: '状态', width: 10, value: (row) => DUTY_STATUS_NAMES[row.status] },
    { head: '期限', width: 12, day: true, value: (row) => row.due },
    ...fields.map(({ field, unit }): ExcelColumn<DutyRow> => ({
      head: unit ? `${field}（${unit}）` : field,
      width: 14,
      value: (row) => {
        const value = own(row.values, field);
        return value === undefined ? null : typeof value === 'number' ? value : fieldValueZh(value);
      },
    })),
    { head: '未达标', width: 30, value: (row) => row.unmet.map(({ say }) => say).join('；') || null },
    { head: '最近办理', width: 12, day: true, value: (row) => row.doneAt },
    { head: '逾期记录', width: 12, day: true, value: (row) => row.missedAt },
    { head: '编号', width: 30, value: (row) => row.id },
  ];
}

export const dutyListPages: readonly Page[] = [dutiesPage, download, factsDownload];
