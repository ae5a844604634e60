// 总览: the campaign at a glance: what needs attention today, the plan's goals, the seven tracks, how it went month by month, how long open
// hazards have been waiting. Everything is read from documents that hold the counts: the cost does not grow with the log.
import { TRACK_NAMES, TRACKS, type Track } from '../../../events/envelope.ts';
import type { Target } from '../../../shared/rules/campaign/campaign.ts';
import type { TrackFigures } from '../../../shared/reading/track/page.ts';
import type { Answers } from '../answers.ts';
import { html, type Content, type Html } from '../../../shared/reading/html.ts';
import { address, to, type Page, type Visit } from '../page.ts';
import { figures, nothing } from '../components.ts';
import { reachOf } from '../scope.ts';
import { SOON } from './hazards.ts';
import { ageing, agesOf, lately, monthsOf, percent } from './trends.ts';

type Overview = Answers['getOverview'];

export const overviewPage: Page = {
  path: '/',
  action: 'read.tracks',
  get: async (visit) => {
    const { atLeast } = visit.query;
    const [tracks, overview] = await Promise.all([
      visit.ask('listTracks', {}, { atLeast }),
      visit.ask('getOverview', {}, { atLeast }),
    ]);
    const { items } = tracks;
    const any = items.some(({ inspections, hazards }) => inspections + hazards > 0);
    return {
      title: '总览',
      section: 'overview',
      asOf: Math.min(tracks.asOf.position, overview.asOf.position),
      wide: true,
      body: html`
        <h1>总览</h1>
        ${any ? html`${attention(visit, items, overview)} ${goals(visit, items)}` : nothing('还没有检查记录。', begin(visit))}
        ${trackTable(items, overview)}
        ${
          any &&
          html`<div class="pair">
            ${await lately(monthsOf(overview.months, TRACKS, sum(items, 'open')))}
            ${await ageing(
              agesOf(
                TRACKS.map((track) => overview.open[track] ?? {}),
                visit.now,
              ),
            )}
          </div>`
        }
      `,
    };
  },
};

const begin = (visit: Visit): Content =>
  visit.may('unit.register')
    ? html`先<a href="${to('/units/new')}">登记单位</a>，再录入检查；也可以导入已有台账。`
    : '登记单位并录入检查后，这里显示各专项的进展。';

const sum = (
  items: readonly TrackFigures[],
  field: 'open' | 'inspections' | 'hazards' | 'signedOff' | 'recurrences',
): number => items.reduce((total, item) => total + item[field], 0);

/** What waits for somebody, each with the list behind it. Counts are of the whole town; the lists show what the reader may see. */
function attention(visit: Visit, items: readonly TrackFigures[], { overdue }: Overview): Html {
  const late = TRACKS.map((track) => overdue[track]);
  const count = late.reduce((total, one) => total + one.count, 0);
  const more = late.some((one) => one.more);
  const inStatus = (status: keyof TrackFigures['byStatus']): number =>
    items.reduce((total, item) => total + item.byStatus[status], 0);
  const major = items.reduce((total, { byStatusAndGrade }) => total + openMajor(byStatusAndGrade), 0);
  const may = visit.may('read.hazards');
  const card = (name: string, value: string, query: Record<string, string>, bad = false): Html => {
    const body = html`<span class="value">${value}</span> <span class="label">${name}</span>`;
    const tone = bad && value !== '0' ? 'card bad' : 'card';
    return may
      ? html`<li><a class="${tone}" href="${address('/hazards', query)}">${body}</a></li>`
      : html`<li><span class="${tone}">${body}</span></li>`;
  };
  return html`<section aria-labelledby="attention">
    <h2 id="attention">今天要办</h2>
    <ul class="cards">
      ${card('逾期未整改', `${count}${more ? ' 以上' : ''}`, { due: 'overdue' }, true)}
      ${card('重大隐患未销项', String(major), { grade: 'major' }, true)}
      ${card('已回潮', String(inStatus('recurred')), { status: 'recurred' }, true)}
      ${card('待定级', String(inStatus('found')), { status: 'found' })}
      ${card('待派发', String(inStatus('graded')), { status: 'graded' })}
      ${inStatus('returned') > 0 && card('已退回', String(inStatus('returned')), { status: 'returned' })}
      ${card('待责令整改', String(inStatus('assigned')), { status: 'assigned' })}
      ${card('整改中', String(inStatus('ordered') + inStatus('rejected')), { status: 'waiting' })}
      ${card('待复查', String(inStatus('submitted')), { status: 'submitted' })}
      ${card('待销项', String(inStatus('verified')), { status: 'verified' })}
    </ul>
    ${
      may &&
      html`<p class="muted">
        数字为全镇合计${!reachOf(visit, 'read.hazards').town && '，点开的清单只含您可以查看的部分'}。
        <a href="${address('/hazards', { due: 'soon' })}">${SOON} 天内到期的隐患</a>
      </p>`
    }
  </section>`;
}

function openMajor(cells: TrackFigures['byStatusAndGrade']): number {
  return Object.entries(cells).reduce(
    (total, [status, row]) =>
      status === 'signed-off' || status === 'duplicate' || status === 'invalid' ? total : total + (row.major ?? 0),
    0,
  );
}

/** The plan's goals against what is known. What nobody has recorded yet is said, not shown as reached. */
function goals({ campaign }: Visit, items: readonly TrackFigures[]): Content {
  const targets = [...campaign.targets.values()];
  return (
    targets.length > 0 &&
    figures(
      '方案目标',
      ['目标', '要求', '现状', '期限'],
      targets.map((target) => [target.measure, wanted(target), reached(target, items), target.due]),
    )
  );
}

function wanted({ goal, unit, measure }: Target): string {
  if (unit === 'count') return String(goal);
  return measure.includes('变化') && goal < 0 ? `下降 ${-goal}%` : `${goal}%`;
}

/** Computed where the events tell: of major hazards, the share that is signed off. */
function reached({ id }: Target, items: readonly TrackFigures[]): Content {
  if (id !== 'major-cleared') return html`<span class="muted">尚无记录</span>`;
  const signedOff = items.reduce(
    (total, { byStatusAndGrade }) => total + (byStatusAndGrade['signed-off']?.major ?? 0),
    0,
  );
  const all = signedOff + items.reduce((total, { byStatusAndGrade }) => total + openMajor(byStatusAndGrade), 0);
  return all === 0
    ? html`<span class="muted">没有重大隐患</span>`
    : `${percent(signedOff / all)}（${signedOff}/${all}）`;
}

function trackTable(items: readonly TrackFigures[], { overdue }: Overview): Html {
  const late = (track: Track): Content => {
    const { count, more } = overdue[track];
    return count === 0 ? 0 : html`<span class="late">${count}${more && '+'}</span>`;
  };
  const rate = (signedOff: number, open: number): string =>
    signedOff + open === 0 ? '—' : percent(signedOff / (signedOff + open));
  return figures(
    '七个专项',
    ['专项', '检查', '隐患', '未销项', '逾期', '已销项', '销项率', '回潮'],
    items.map((row) => [
      html`<a href="${to(`/tracks/${row.track}`)}">${TRACK_NAMES[row.track]}</a>`,
      row.inspections,
      row.hazards,
      row.open,
      late(row.track),
      row.signedOff,
      rate(row.signedOff, row.open),
      row.recurrences,
    ]),
    [
      '全镇',
      sum(items, 'inspections'),
      sum(items, 'hazards'),
      sum(items, 'open'),
      TRACKS.reduce((total, track) => total + overdue[track].count, 0),
      sum(items, 'signedOff'),
      rate(sum(items, 'signedOff'), sum(items, 'open')),
      sum(items, 'recurrences'),
    ],
  );
}
