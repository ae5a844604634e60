// 期限: what is due, overdue first, day by day; and the month at a glance.
import type { HazardRow } from '../ask.ts';
import { startOfTownDay } from '../../../shared/domain/decider.ts';
import { attribute, html, type Content, type Html } from '../html.ts';
import { organisationName, trackName } from '../labels.ts';
import { address, hazardPath, to, unitPath, type Page, type Texts, type Visit } from '../page.ts';
import { filters, gradeTag, nothing, records, statusTag, turning, type Column } from '../parts.ts';
import { organisationChoices, reachOf, trackChoices } from '../scope.ts';
import { dayAfter, dayInWords, daysBetween, townDay, weekday } from '../time.ts';
import { kept, queryOf } from './hazards.ts';

const PATH = '/deadlines';
/** Rows of one page. */
const SHOWN = 50;
/** Days that the calendar looks ahead, today included. */
const AHEAD = 28;

export const deadlinesPage: Page = {
  path: PATH,
  action: 'read.hazards',
  get: async (visit) => {
    const reach = reachOf(visit, 'read.hazards');
    const { track, organisation, area } = kept(visit, reach);
    const shown: Texts = { track, organisation, area };
    const { cursor } = visit.query;
    const query = { ...queryOf(visit, reach, shown), status: 'waiting', sort: 'due' };
    const today = townDay(visit.now);
    const [list, soon] = await Promise.all([
      visit.ask('listHazards', {}, { ...query, limit: String(SHOWN), cursor }),
      visit.ask('listHazards', {}, { ...query, dueBefore: startOfTownDay(dayAfter(today, AHEAD)), limit: '100' }),
    ]);
    const days = byDay(list.items);
    return {
      title: '期限',
      section: 'deadlines',
      asOf: list.asOf.position,
      wide: true,
      body: html`
        <h1>期限</h1>
        ${filters(PATH, shown, [
          {
            name: 'track',
            label: '专项',
            any: reach.town || reach.area ? '全部' : '本单位负责',
            options: trackChoices(reach.tracks),
          },
          ...(reach.town ? [{ name: 'organisation', label: '责任单位', options: organisationChoices(visit) }] : []),
        ])}
        ${calendar(soon.items, today, soon.cursor !== undefined)}
        ${
          days.length > 0
            ? days.map(([day, rows]) => section(visit, day, rows, today))
            : nothing(
                cursor === undefined ? '现在没有等待整改的隐患。' : '这一页没有到期的隐患，后面可能还有。',
                html`<a href="${address('/hazards')}">查看未销项的隐患</a>`,
              )
        }
        ${turning(PATH, shown, list.cursor, cursor === undefined)}
      `,
    };
  },
};

/** In order of the list, which is that of the due dates. */
function byDay(rows: readonly HazardRow[]): [day: string, rows: HazardRow[]][] {
  const days = new Map<string, HazardRow[]>();
  for (const row of rows) {
    const day = row.due === null ? '' : townDay(row.due);
    days.set(day, [...(days.get(day) ?? []), row]);
  }
  return [...days];
}

function section(visit: Visit, day: string, rows: readonly HazardRow[], today: string): Html {
  const left = day === '' ? undefined : daysBetween(today, day);
  const name = day === '' ? '未定期限' : `${dayInWords(day, today)} ${weekday(day)}`;
  return html`<section aria-labelledby="d-${day}" class="due">
    <h2 id="d-${day}">
      ${name} ${left !== undefined && html`<span class="${left < 0 ? 'late' : 'count'}">${inWords(left)}</span>`}
    </h2>
    ${records(name, columns(visit), rows)}
  </section>`;
}

function inWords(left: number): string {
  if (left < 0) return `逾期 ${-left} 天`;
  return left === 0 ? '今天到期' : `还剩 ${left} 天`;
}

function columns({ campaign }: Visit): Column<HazardRow>[] {
  return [
    { head: '隐患', main: true, cell: (row) => html`<a href="${to(hazardPath(row.hazard))}">${row.clause}</a>` },
    { head: '单位', cell: (row) => html`<a href="${to(unitPath(row.unit))}">${row.unitName ?? row.unit}</a>` },
    { head: '专项', cell: (row) => trackName(row.track) },
    { head: '状态', cell: (row) => statusTag(row.status) },
    { head: '等级', cell: (row) => gradeTag(row.grade) },
    { head: '责任单位', cell: (row) => organisationName(campaign.definition, row.organisation) },
  ];
}

/** Four weeks from this Monday: how much is due on each day, overdue before them. */
function calendar(rows: readonly HazardRow[], today: string, more: boolean): Content {
  const counts = new Map<string, number>();
  let overdue = 0;
  for (const { due } of rows) {
    if (due === null) continue;
    const day = townDay(due);
    if (day < today) overdue += 1;
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  const weekdays = ['一', '二', '三', '四', '五', '六', '日'];
  const monday = dayAfter(today, -((new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7));
  const weeks = [0, 1, 2, 3].map((week) => weekdays.map((_name, nth) => dayAfter(monday, week * 7 + nth)));
  return html`<section aria-labelledby="calendar">
    <h2 id="calendar">四周日历</h2>
    <p>
      ${overdue > 0 ? html`<span class="late">已逾期 ${overdue}${more && ' 以上'} 处</span>` : '没有逾期。'}
      ${more && html`<span class="muted">只数了期限最早的 100 处。</span>`}
    </p>
    <table class="calendar">
      <caption class="off-screen">
        四周内每天到期的隐患数
      </caption>
      <thead>
        <tr>
          ${weekdays.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${weeks.map(
          (week) =>
            html`<tr>
              ${week.map((day) => {
                const count = counts.get(day) ?? 0;
                const tone = [day === today && 'today', day < today && 'past', count > 0 && 'some']
                  .filter(Boolean)
                  .join(' ');
                return html`<td${attribute('class', tone || undefined)}${attribute('aria-current', day === today && 'date')}>
                  <span class="date">${day.slice(8) === '01' || day === monday ? `${Number(day.slice(5, 7))}.` : ''}${Number(day.slice(8))}</span>
                  ${count > 0 && html`<b>${count}</b>`}
                </td>`;
              })}
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
