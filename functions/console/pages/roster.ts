// 名册: every organisation with who holds which post on a day, and one organisation with each post's line of appointments
// through the years and the event behind each. The day stands in the address.
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { ORGANISATION_KINDS, ORGANISATION_KIND_NAMES } from '../../../events/campaign.ts';
import { POSTS, type Post } from '../../../events/roster.ts';
import { own } from '../../../shared/own.ts';
import type { HeldPost } from '../../../shared/reading/roster/page.ts';
import type { Answers } from '../answers.ts';
import { isDate } from '../form.ts';
import { html, joined, type Content, type Html } from '../../../shared/reading/html.ts';
import { trackName } from '../labels.ts';
import { byReference, namesFor, type Named } from '../names.ts';
import { address, rosterPath, to, type Page, type Texts, type Visit } from '../page.ts';
import { done, filters, nothing, records, turning, type TableColumn } from '../components.ts';
import { chosen } from '../scope.ts';
import { askRoster, ROSTER_DONE } from './roster-forms.ts';
import { plusDays, townDay } from '../../../shared/town-time.ts';

type Row = Answers['listRoster']['items'][number];

const PATH = '/roster';
const KINDS = ORGANISATION_KINDS.map((kind) => ({ value: kind, label: ORGANISATION_KIND_NAMES[kind] }));
const VACANT = [
  { value: 'true', label: '有岗位空缺' },
  { value: 'false', label: '没有空缺' },
];

/** The day of the address; today without one. */
const dayOf = ({ query, now }: Visit): string => (isDate(query['on'] ?? '') ? query['on']! : townDay(now));

export const rosterPage: Page = {
  path: PATH,
  action: 'read.roster',
  get: async (visit) => {
    const { query } = visit;
    const today = townDay(visit.now);
    const on = dayOf(visit);
    const shown: Texts = {
      on: on === today ? undefined : on,
      kind: chosen(query['kind'], ORGANISATION_KINDS),
      vacant: chosen(query['vacant'], ['true', 'false']),
    };
    const list = await visit.ask('listRoster', {}, { ...shown, limit: '40', cursor: query['cursor'] });
    const named = await namesFor(
      visit,
      list.items.flatMap(({ held }) => held.map(({ person }) => person)),
    );
    return {
      title: '名册',
      section: 'roster',
      asOf: list.asOf.position,
      wide: true,
      body: html`
        <h1>名册</h1>
        <p class="muted">${on === today ? '今天' : `${on} `}各组织由谁任职；看某一天的，请选日期。</p>
        ${dayForm(PATH, on, shown)}
        ${filters(
          PATH,
          { kind: shown['kind'], vacant: shown['vacant'], on: shown['on'] },
          [
            { name: 'kind', label: '类别', options: KINDS },
            { name: 'vacant', label: '空缺', options: VACANT },
          ],
          ['on'],
        )}
        ${
          list.items.length > 0
            ? records('名册', listColumns(shown, named), list.items)
            : nothing('没有符合条件的组织。', html`<a href="${address(PATH)}">清除筛选</a>`)
        }
        ${turning(PATH, shown, list.cursor, query['cursor'] === undefined)}
      `,
    };
  },
};

/** Chooses the day; the other filters stay. */
function dayForm(path: string, on: string, kept: Texts): Html {
  return html`<form class="filters" method="get" action="${address(path)}" aria-label="日期">
    ${['kind', 'vacant'].map((name) => kept[name] && html`<input type="hidden" name="${name}" value="${kept[name]}" />`)}
    <div>
      <label for="on">日期</label>
      <input type="date" id="on" name="on" value="${on}" />
    </div>
    <button class="button quiet">查看这一天</button>
  </form>`;
}

function listColumns({ on }: Texts, named: Named): TableColumn<Row>[] {
  return [
    {
      head: '组织',
      main: true,
      cell: (row) => html`<a href="${address(rosterPath(row.organisation), { on })}">${row.name}</a>`,
    },
    { head: '类别', cell: (row) => ORGANISATION_KIND_NAMES[row.kind] },
    {
      head: '任职',
      long: true,
      cell: (row) =>
        row.held.length === 0
          ? html`<span class="muted">没有任职记录</span>`
          : row.held.map((held) => html`<span class="line">${held.title}${part(held)}：${named(held.person)}</span>`),
    },
    { head: '空缺', cell: (row) => vacancies(row.vacant) },
  ];
}

const vacancies = (posts: readonly Post[]): Content =>
  posts.length > 0 &&
  joined(
    posts.map((post) => html`<span class="tag bad">${POSTS[post]}</span>`),
    ' ',
  );

/** The track or area that a post is for, where it is not for all. */
const part = ({ track, area }: Pick<HeldPost, 'track' | 'area'>): Content =>
  (track ?? area) &&
  html`<span class="muted">（${[track && trackName(track), area].filter(Boolean).join('，')}）</span>`;

export const organisationPage: Page = {
  path: '/roster/{id}',
  action: 'read.roster',
  get: async (visit) => {
    const organisation = visit.params['id']!;
    const today = townDay(visit.now);
    const on = dayOf(visit);
    const roster = await askRoster(visit, on);
    const all = [...roster.held, ...roster.others];
    const named = await namesFor(
      visit,
      all.map(({ person }) => person),
    );
    const path = rosterPath(organisation);
    const may = visit.may('roster.appoint', { organisation });
    return {
      title: roster.name,
      section: 'roster',
      above: [['名册', to(PATH)]],
      asOf: roster.asOf.position,
      wide: true,
      body: html`
        ${done(own(ROSTER_DONE, visit.query['done'] ?? ''))}
        <div class="heading">
          <h1>${roster.name}</h1>
          <p>${ORGANISATION_KIND_NAMES[roster.kind]}</p>
        </div>
        ${may && html`<p class="actions"><a class="button" href="${to(`${path}/appoint`)}">任命</a></p>`}
        ${dayForm(path, on, {})}
        <section aria-labelledby="held">
          <h2 id="held">${on === today ? '今天' : `${on} `}任职</h2>
          ${roster.vacant.length > 0 && html`<p>空缺：${vacancies(roster.vacant)}</p>`}
          ${
            roster.held.length > 0
              ? records('任职', heldColumns(visit, organisation, named, may), roster.held)
              : nothing('这一天没有人任职。', may && '可以在上面任命，起始日期可以是过去。')
          }
        </section>
        ${lines(visit, all, named)}
      `,
    };
  },
};

function heldColumns(visit: Visit, organisation: string, named: Named, may: boolean): TableColumn<HeldPost>[] {
  const path = rosterPath(organisation);
  return [
    { head: '岗位', main: true, cell: (row) => html`${row.title}${part(row)}` },
    { head: '人员', cell: (row) => named(row.person) },
    { head: '村居', cell: (row) => row.area && organisationName(visit.campaign.definition, row.area) },
    { head: '任期', cell: (row) => term(row) },
    { head: '依据', long: true, cell: (row) => row.basis },
    { head: '事件', cell: (row) => events(row) },
    ...(may
      ? [
          {
            head: '办理',
            cell: (row: HeldPost) =>
              row.until === null &&
              html`<a href="${to(`${path}/${encodeURIComponent(row.appointment)}/relieve`)}">免去</a>`,
          },
        ]
      : []),
  ];
}

const term = ({ from, until }: Pick<HeldPost, 'from' | 'until'>): string => `${from} 至 ${until ?? '今'}`;

/** The events behind an appointment: what appointed, what relieved, what corrected it. */
const events = ({ event, relief, corrections }: HeldPost): Content =>
  html`<code>${event}</code
    >${relief && html`<span class="sub">免职 <code>${relief}</code></span>`}${corrections.map((one) => html`<span class="sub">更正 <code>${one}</code></span>`)}`;

/** One post through the years, for one track and area. */
export interface PostLine {
  title: string;
  track: HeldPost['track'];
  area: string | null;
  /** oldest first */
  terms: HeldPost[];
}

/** The appointments by post, in the order of the plan's posts. */
export function postLines(all: readonly HeldPost[]): PostLine[] {
  const groups = Map.groupBy(all, ({ post, track, area }) => `${post} ${track ?? ''} ${area ?? ''}`);
  const order = Object.keys(POSTS);
  return [...groups.values()]
    .map((terms) => {
      const { title, track, area } = terms[0]!;
      return { title, track, area, terms: terms.toSorted((a, b) => (a.from < b.from ? -1 : 1)) };
    })
    .toSorted((a, b) => order.indexOf(a.terms[0]!.post) - order.indexOf(b.terms[0]!.post));
}

/** Days between two terms on which nobody held the post; undefined when there are none. */
export function gapBefore(earlier: readonly HeldPost[], { from }: HeldPost): [from: string, to: string] | undefined {
  if (earlier.length === 0 || earlier.some(({ until }) => until === null)) return undefined;
  const last = earlier
    .map(({ until }) => until!)
    .toSorted()
    .at(-1)!;
  const first = plusDays(last, 1);
  return first < from ? [first, plusDays(from, -1)] : undefined;
}

function lines(visit: Visit, all: readonly HeldPost[], named: Named = byReference): Content {
  const { definition } = visit.campaign;
  return (
    all.length > 0 &&
    html`<section aria-labelledby="lines">
      <h2 id="lines">历任</h2>
      ${postLines(all).map(
        ({ title, track, area, terms }) => html`
          <h3>
            ${title}${(track ?? area) && html`<span class="muted">（${[track && trackName(track), area && organisationName(definition, area)].filter(Boolean).join('，')}）</span>`}
          </h3>
          <ol class="terms">
            ${terms.map((one, nth) => {
              const gap = gapBefore(terms.slice(0, nth), one);
              return html`${gap && html`<li class="gap"><span class="when">${gap[0]} 至 ${gap[1]}</span> 空缺</li>`}
                <li class="${one.until === null ? 'is-held' : 'is-over'}">
                  <span class="when">${term(one)}</span> <b>${named(one.person)}</b>
                  <span class="sub">${one.basis}</span>
                  <span class="sub">${events(one)}</span>
                </li>`;
            })}
          </ol>
        `,
      )}
    </section>`
  );
}
