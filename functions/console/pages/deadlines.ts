// 期限: what is due, overdue first, day by day: hazards to be rectified and reports that are owed, with the reminders
// that were issued and the extensions that wait for a decision; and the month at a glance.
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { REPORT_KINDS, type ReportStatus } from '../../../events/report.ts';
import { PROVISIONAL_ZH } from '../../../events/reminder.ts';
import type { HazardStatus } from '../../../events/hazard.ts';
import type { Action } from '../../api/permissions.ts';
import type { DeadlineRow } from '../../../shared/reading/deadline/list.ts';
import { attribute, html, joined, type Content, type Html } from '../../../shared/reading/html.ts';
import { trackName } from '../labels.ts';
import { address, dutyPath, hazardPath, reportPath, to, unitPath, type Page, type Texts, type Visit } from '../page.ts';
import { day, filters, gradeTag, nothing, records, statusTag, turning, type TableColumn } from '../components.ts';
import { chosen, organisationChoices, reachOf, trackChoices } from '../scope.ts';
import type { DutyStatus } from '../../../events/duty.ts';
import { dutyTag } from './duty.ts';
import { reportTag } from './report.ts';
import { dayInWords, weekday } from '../time.ts';
import { daysBetween, plusDays, startOfTownDay, townDay } from '../../../shared/town-time.ts';

const PATH = '/deadlines';
/** Rows of one page. */
const SHOWN = 50;
/** Days that the calendar looks ahead, today included. */
const AHEAD = 28;

const KINDS = [
  { value: 'hazard', label: '隐患整改' },
  { value: 'report', label: '报表' },
  { value: 'duty', label: '应办事项' },
];
const STATES = [
  { value: 'overdue', label: '已逾期' },
  { value: 'coming', label: '未到期' },
  { value: 'requested', label: '延期待批' },
];
export const deadlinesPage: Page = {
  path: PATH,
  action: 'read.deadlines',
  get: async (visit) => {
    const reach = reachOf(visit, 'read.deadlines');
    const { query } = visit;
    const shown: Texts = {
      kind: chosen(query['kind'], ['hazard', 'report', 'duty']),
      state: chosen(query['state'], ['overdue', 'coming', 'requested']),
      track: chosen(query['track'], reach.tracks),
      organisation: reach.town ? query['organisation'] : undefined,
    };
    // whoever may not see the whole town sees what is their organisation's until they choose one of its tracks
    const own = !reach.town && reach.area === undefined && shown['track'] === undefined;
    const asked: Texts = {
      kind: shown['kind'],
      track: shown['track'],
      organisation: shown['organisation'] ?? (own ? visit.principal.organisation : undefined),
      area: reach.area,
    };
    const { cursor } = query;
    const today = townDay(visit.now);
    const overdue = shown['state'] === 'overdue' ? 'true' : shown['state'] === 'coming' ? 'false' : undefined;
    const requested = shown['state'] === 'requested' ? 'true' : undefined;
    const [list, soon] = await Promise.all([
      visit.ask('listDeadlines', {}, { ...asked, overdue, requested, limit: String(SHOWN), cursor }),
      visit.ask('listDeadlines', {}, { ...asked, dueBefore: startOfTownDay(plusDays(today, AHEAD)), limit: '100' }),
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
          { name: 'state', label: '状况', options: STATES },
          { name: 'kind', label: '种类', options: KINDS },
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
            ? days.map(([when, rows]) => section(visit, when, rows, today))
            : nothing(
                cursor !== undefined
                  ? '这一页没有到期的事项，后面可能还有。'
                  : Object.values(shown).some(Boolean)
                    ? '没有符合条件的事项。'
                    : '现在没有等待整改的隐患，也没有待报送的报表和待办的应办事项。',
                html`<a href="${address('/hazards')}">查看未销项的隐患</a>`,
              )
        }
        ${turning(PATH, shown, list.cursor, cursor === undefined)}
      `,
    };
  },
};

/** In order of the list, which is that of the due dates. */
function byDay(rows: readonly DeadlineRow[]): [day: string, rows: DeadlineRow[]][] {
  const days = new Map<string, DeadlineRow[]>();
  for (const row of rows) {
    const when = townDay(row.due);
    days.set(when, [...(days.get(when) ?? []), row]);
  }
  return [...days];
}

function section(visit: Visit, when: string, rows: readonly DeadlineRow[], today: string): Html {
  const left = daysBetween(today, when);
  const name = `${dayInWords(when, today)} ${weekday(when)}`;
  return html`<section aria-labelledby="d-${when}" class="due">
    <h2 id="d-${when}">${name} <span class="${left < 0 ? 'late' : 'count'}">${inWords(left)}</span></h2>
    ${records(name, columns(visit), rows)}
  </section>`;
}

function inWords(left: number): string {
  if (left < 0) return `逾期 ${-left} 天`;
  return left === 0 ? '今天到期' : `还剩 ${left} 天`;
}

function columns(visit: Visit): TableColumn<DeadlineRow>[] {
  const { campaign } = visit;
  return [
    {
      head: '事项',
      main: true,
      cell: (row) =>
        row.kind === 'hazard'
          ? html`<a href="${to(hazardPath(row.id))}">${row.clause}</a>`
          : row.kind === 'duty'
            ? html`<a href="${to(dutyPath(row.id))}">${row.name}</a>`
            : html`<a href="${to(reportPath(row.id))}">${row.report && REPORT_KINDS[row.report]} ${row.period}</a>`,
    },
    {
      head: '单位',
      cell: (row) => row.unit !== null && html`<a href="${to(unitPath(row.unit))}">${row.unitName ?? row.unit}</a>`,
    },
    { head: '专项', cell: (row) => trackName(row.track) },
    {
      head: '状态',
      cell: (row) => html`${state(row)}${row.escalated && html` <span class="sub">已上报区级</span>`}`,
    },
    { head: '等级', cell: (row) => row.kind === 'hazard' && gradeTag(row.grade) },
    { head: '责任单位', cell: (row) => organisationName(campaign.definition, row.organisation) },
    { head: '提醒', cell: (row) => reminder(row) },
    { head: '延期', cell: (row) => extension(row) },
    { head: '办理', cell: (row) => acts(visit, row) },
  ];
}

const state = (row: DeadlineRow): Content =>
  row.kind === 'hazard'
    ? statusTag(row.status as HazardStatus)
    : row.kind === 'duty'
      ? dutyTag(row.status as DutyStatus)
      : reportTag(row.status as ReportStatus);

/** How far the ladder has come for this date, and whether somebody has said that they saw it. */
function reminder({ remindedAt, acknowledgedAt, missedAt, provisional }: DeadlineRow): Content {
  return html`${remindedAt === null ? html`<span class="muted">尚未</span>` : day(remindedAt)}${provisional && html`<span class="sub">${PROVISIONAL_ZH}</span>`}${acknowledgedAt !== null && html`<span class="sub">${day(acknowledgedAt)} 已确认</span>`}${missedAt !== null && html`<span class="sub late">${day(missedAt)} 记为逾期</span>`}`;
}

function extension({ requested, earlier }: DeadlineRow): Content {
  const before = earlier?.length ?? 0;
  return html`${requested !== null && html`<span class="tag wait">待批</span> <span class="sub">申请延至 ${day(requested)}</span>`}${before > 0 && html`<span class="sub">原期限 ${day(earlier![0]!.due)}${before > 1 && ` 等 ${before} 个`}</span>`}`;
}

/** What may be done about a hazard's date: the form says more, and the API decides. */
const ACTS: readonly { action: Action; path?: string; name: string; when: (row: DeadlineRow) => boolean }[] = [
  { action: 'hazard.submit', path: 'submit', name: '提交整改', when: () => true },
  { action: 'hazard.request-extension', path: 'extend', name: '申请延期', when: ({ requested }) => requested === null },
  // not straight to the form: who asked, or is of the same organisation, may not decide, and only the hazard's page knows who asked
  {
    action: 'hazard.decide-extension',
    name: '审批延期',
    when: ({ requested }) => requested !== null,
  },
];

function acts(visit: Visit, row: DeadlineRow): Content {
  const { kind, id, unit, area, track, organisation } = row;
  if (kind === 'duty') return html`<a href="${to(dutyPath(id))}">办理</a>`;
  if (kind === 'report') {
    const may = organisation !== null && visit.may('report.submit', { organisation });
    return may && html`<a href="${to(`${reportPath(id)}/submit`)}">报送</a>`;
  }
  if (track === null || organisation === null) return false;
  const subject = {
    campaign: visit.campaign.definition ?? undefined,
    hazard: { id, track, organisation },
    unit: { ...(unit === null ? {} : { id: unit }), area: area ?? undefined, tracks: [track] },
  };
  const may = ACTS.filter(({ action, when }) => when(row) && visit.may(action, subject));
  return joined(
    may.map(
      ({ path, name }) =>
        html`<a href="${to(path === undefined ? hazardPath(id) : `${hazardPath(id)}/${path}`)}">${name}</a>`,
    ),
    ' ',
  );
}

/** Four weeks from this Monday: how much is due on each day, overdue before them. */
function calendar(rows: readonly DeadlineRow[], today: string, more: boolean): Content {
  const counts = new Map<string, number>();
  let overdue = 0;
  for (const { due } of rows) {
    const when = townDay(due);
    if (when < today) overdue += 1;
    counts.set(when, (counts.get(when) ?? 0) + 1);
  }
  const weekdays = ['一', '二', '三', '四', '五', '六', '日'];
  const monday = plusDays(today, -((new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7));
  const weeks = [0, 1, 2, 3].map((week) => weekdays.map((_name, nth) => plusDays(monday, week * 7 + nth)));
  return html`<section aria-labelledby="calendar">
    <h2 id="calendar">四周日历</h2>
    <p>
      ${overdue > 0 ? html`<span class="late">已逾期 ${overdue}${more && ' 以上'} 项</span>` : '没有逾期。'}
      ${more && html`<span class="muted">只数了期限最早的 100 项。</span>`}
    </p>
    <table class="calendar">
      <caption class="off-screen">
        四周内每天到期的事项数
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
              ${week.map((date) => {
                const count = counts.get(date) ?? 0;
                const tone = [date === today && 'today', date < today && 'past', count > 0 && 'some']
                  .filter(Boolean)
                  .join(' ');
                return html`<td${attribute('class', tone || undefined)}${attribute('aria-current', date === today && 'date')}>
                  <span class="date">${date.slice(8) === '01' || date === monday ? `${Number(date.slice(5, 7))}.` : ''}${Number(date.slice(8))}</span>
                  ${count > 0 && html`<b>${count}</b>`}
                </td>`;
              })}
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
