// 专项: the seven tracks side by side, and one track with its figures by organisation and over time.
import { LEVEL_NAMES, organisationName } from '../../../shared/reading/dictionary.ts';
import { TRACK_NAMES, TRACKS } from '../../../events/envelope.ts';
import { HAZARD_STATUSES, STATUS_NAMES } from '../../../events/hazard.ts';
import { NotFound } from '../../../events/errors.ts';
import { own } from '../../../shared/own.ts';
import type { TrackFigures } from '../../../shared/reading/track/page.ts';
import { html, type Content } from '../../../shared/reading/html.ts';
import { address, to, type Page, type Visit } from '../page.ts';
import { facts, figures, nothing, records } from '../components.ts';
import { chosen } from '../scope.ts';
import { ageing, agesOf, lately, monthsOf, percent } from './trends.ts';

export const tracksPage: Page = {
  path: '/tracks',
  action: 'read.tracks',
  get: async (visit) => {
    const { items, asOf } = await visit.ask('listTracks');
    const defined = visit.campaign.definition?.tracks ?? [];
    return {
      title: '专项',
      section: 'tracks',
      asOf: asOf.position,
      wide: true,
      body: html`
        <h1>专项</h1>
        ${records<TrackFigures>(
          '七个专项',
          [
            {
              head: '专项',
              main: true,
              cell: ({ track }) => html`<a href="${to(`/tracks/${track}`)}">${TRACK_NAMES[track]}</a>`,
            },
            {
              head: '级别',
              cell: ({ track }) => {
                const known = defined.find((one) => one.track === track);
                return known ? LEVEL_NAMES[known.level] : '—';
              },
            },
            {
              head: '牵头单位',
              cell: ({ track }) =>
                organisationName(visit.campaign.definition, defined.find((one) => one.track === track)?.lead),
            },
            { head: '检查', figure: true, cell: (row) => row.inspections },
            { head: '未销项', figure: true, cell: (row) => row.open },
            { head: '销项率', figure: true, cell: (row) => rate(row.closureRate) },
            { head: '回潮', figure: true, cell: (row) => row.recurrences },
            { head: '销项用时（中位数）', figure: true, cell: (row) => days(row.medianDaysToSignOff) },
          ],
          items,
        )}
      `,
    };
  },
};

const rate = (value: number | null): string => (value === null ? '—' : percent(value));
const days = (value: number | null): string => (value === null ? '—' : `${value} 天`);

export const trackPage: Page = {
  path: '/tracks/{track}',
  action: 'read.tracks',
  get: async (visit) => {
    const track = chosen(visit.params['track'], TRACKS);
    if (track === undefined) throw new NotFound('unknown-route', `there is no track ${visit.params['track']}`);
    const [page, overview] = await Promise.all([visit.ask('getTrack', { track }), visit.ask('getOverview')]);
    const defined = visit.campaign.definition?.tracks.find((one) => one.track === track);
    const { count, more } = overview.overdue[track];
    return {
      title: TRACK_NAMES[track],
      section: 'tracks',
      above: [['专项', to('/tracks')]],
      asOf: Math.min(page.asOf.position, overview.asOf.position),
      wide: true,
      body: html`
        <h1>${TRACK_NAMES[track]}</h1>
        ${facts([
          ['全称', defined?.name],
          ['级别', defined && LEVEL_NAMES[defined.level]],
          ['牵头单位', organisationName(visit.campaign.definition, defined?.lead)],
          ['责任单位', defined && responsible(visit, defined.responsible)],
          [
            '检查',
            `${page.inspections} 次，其中 ${page.cleanInspections} 次无问题，未执行 ${page.missedInspections} 次`,
          ],
          ['隐患', `${page.hazards} 处：未销项 ${page.open}，已销项 ${page.signedOff}`],
          ['逾期', count === 0 ? '没有' : html`<span class="late">${count}${more && ' 以上'}</span>`],
          ['销项率', rate(page.closureRate)],
          ['销项用时（中位数）', days(page.medianDaysToSignOff)],
          ['回潮', `${page.recurrences} 次`],
        ])}
        ${
          visit.may('read.hazards') &&
          html`<p class="actions">
            <a class="button quiet" href="${address('/hazards', { track })}">未销项隐患</a>
            <a class="button quiet" href="${address('/units', { track })}">单位</a>
          </p>`
        }
        ${statuses(page.byStatus)}
        <div class="pair">
          ${await lately(monthsOf(overview.months, [track], page.open))}
          ${await ageing(agesOf([overview.open[track] ?? {}], visit.now))}
        </div>
        ${organisations(visit, page.organisations)}
      `,
    };
  },
};

function responsible({ campaign }: Visit, ids: readonly string[]): string {
  const words: Record<string, string> = { villages: '各村居', members: '相关成员单位' };
  return ids.map((id) => own(words, id) ?? organisationName(campaign.definition, id)).join('、');
}

function statuses(byStatus: TrackFigures['byStatus']): Content {
  const there = HAZARD_STATUSES.filter((status) => byStatus[status] > 0);
  return (
    there.length > 0 &&
    figures(
      '隐患的状态',
      ['状态', '隐患'],
      there.map((status) => [STATUS_NAMES[status].waits, byStatus[status]]),
    )
  );
}

function organisations(
  { campaign }: Visit,
  all: ({ organisation: string } & Omit<TrackFigures, 'track'>)[] | undefined,
): Content {
  if (all === undefined) return false;
  if (all.length === 0) return nothing('还没有按单位的数字。');
  return figures(
    '按责任单位',
    ['单位', '检查', '隐患', '未销项', '已销项', '销项率', '回潮', '销项用时（中位数）'],
    all.map((row) => [
      organisationName(campaign.definition, row.organisation),
      row.inspections,
      row.hazards,
      row.open,
      row.signedOff,
      rate(row.closureRate),
      row.recurrences,
      days(row.medianDaysToSignOff),
    ]),
  );
}
