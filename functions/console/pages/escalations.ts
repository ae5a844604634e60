// 上报区级: the cases that go beyond the town. The office sees all of the town's; a district unit its own queue only:
// urgent ones first, then those that have waited longest. Filters and page stand in the address.
import { LIMIT_NAMES } from '../../../events/hazard.ts';
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { ESCALATION_GROUNDS, ESCALATION_STATUSES, CASE_STATUS_NAMES } from '../../../events/escalation.ts';
import { TRACKS } from '../../../events/envelope.ts';
import { scopesOf } from '../../api/permissions.ts';
import type { EscalationRow } from '../../../shared/reading/escalation/list.ts';
import { html, joined, type Content, type Html } from '../../../shared/reading/html.ts';
import { trackName } from '../labels.ts';
import { address, escalationPath, to, type Page, type Texts, type Visit } from '../page.ts';
import { day, filters, nothing, records, turning, type TableColumn } from '../components.ts';
import { chosen, districtChoices, reachOf, trackChoices } from '../scope.ts';
import { CASE_STATUS_TONES } from './escalation-steps.ts';

const PATH = '/escalations';
const ALL = { value: 'all', label: '全部' };
const STATUSES = ESCALATION_STATUSES.map((status) => ({ value: status, label: CASE_STATUS_NAMES[status].waits }));
const URGENT = [{ value: 'true', label: '只看紧急' }];

export const caseTag = ({ status, urgent }: Pick<EscalationRow, 'status' | 'urgent'>): Html =>
  html`<span class="tag ${CASE_STATUS_TONES[status]}">${CASE_STATUS_NAMES[status].waits}</span
    >${urgent && html` <span class="tag major">紧急</span>`}`;

/** Whether somebody reads only what was escalated to their own unit. */
export const isDistrict = ({ principal }: Visit): boolean =>
  scopesOf(principal, 'read.escalations').every((scope) => scope === 'escalated');

export const escalationsPage: Page = {
  path: PATH,
  action: 'read.escalations',
  get: async (visit) => {
    const district = isDistrict(visit);
    const reach = reachOf(visit, 'read.escalations');
    const tracks = district ? TRACKS : reach.tracks;
    const { query } = visit;
    const shown: Texts = {
      status: chosen(query['status'], ['all', ...ESCALATION_STATUSES]),
      track: chosen(query['track'], tracks),
      to: district ? undefined : query['to'],
      urgent: chosen(query['urgent'], ['true']),
      hazard: query['hazard'],
    };
    const own = !district && !reach.town && reach.area === undefined && shown['track'] === undefined;
    const list = await visit.ask(
      'listEscalations',
      {},
      {
        ...shown,
        status: shown['status'] === 'all' ? undefined : (shown['status'] ?? 'open'),
        area: reach.area,
        organisation: own ? visit.principal.organisation : undefined,
        cursor: query['cursor'],
        atLeast: query['atLeast'],
      },
    );
    const first = query['cursor'] === undefined;
    return {
      title: '上报区级',
      section: 'escalations',
      asOf: list.asOf.position,
      wide: true,
      body: html`
        <h1>上报区级</h1>
        <p class="muted">
          ${
            district
              ? `上报${organisationName(visit.campaign.definition, visit.principal.organisation)}的案件。`
              : '超出镇级权限或能力、已提请区级指导单位处理的案件。'
          }紧急的在前，其余按等待时间从长到短；已等待和案龄以工作日计。
        </p>
        ${filters(
          PATH,
          shown,
          [
            { name: 'status', label: '状态', any: '未办结', options: [ALL, ...STATUSES] },
            { name: 'track', label: '专项', any: own ? '本单位负责' : '全部', options: trackChoices(tracks) },
            ...(district ? [] : [{ name: 'to', label: '区级单位', options: districtChoices(visit) }]),
            { name: 'urgent', label: '紧急', options: URGENT },
          ],
          ['hazard'],
        )}
        ${list.items.length > 0 ? records('上报区级的案件', columns(visit, district), list.items) : none(list.cursor, shown, district)}
        ${turning(PATH, shown, list.cursor, first)}
      `,
    };
  },
};

function columns({ campaign }: Visit, district: boolean): TableColumn<EscalationRow>[] {
  const toUnit: TableColumn<EscalationRow> = {
    head: '区级单位',
    cell: (row) => organisationName(campaign.definition, row.to),
  };
  return [
    {
      head: '案件',
      main: true,
      cell: (row) =>
        html`<a href="${to(escalationPath(row.escalation))}">${row.hazardNow?.clause ?? row.hazard}</a
          >${row.hazardNow?.text && html`<span class="sub">${row.hazardNow.text}</span>`}`,
    },
    { head: '单位', cell: (row) => row.unitName ?? row.unit },
    { head: '专项', cell: (row) => trackName(row.track) },
    {
      head: '状态',
      cell: (row) => html`${caseTag(row)}${row.returns > 0 && html` <span class="sub">退回 ${row.returns} 次</span>`}`,
    },
    {
      head: '上报理由',
      cell: (row) =>
        joined(
          row.grounds.map(({ rule, limit }) => `${ESCALATION_GROUNDS[rule]}（${LIMIT_NAMES[limit].short}）`),
          '、',
        ),
    },
    ...(district ? [] : [toUnit]),
    { head: '已等待', figure: true, cell: (row) => row.waitingWorkingDays ?? '—' },
    { head: '案龄', figure: true, cell: (row) => row.ageWorkingDays },
    { head: '提出', cell: (row) => day(row.proposedAt) },
  ];
}

/** Working days, as the calendar counts them. */
export const days = (count: number | null): Content => (count === null ? '—' : `${count} 天`);

function none(cursor: string | undefined, shown: Texts, district: boolean): Html {
  if (cursor !== undefined) return nothing('这一页没有符合条件的案件，后面可能还有。', '请看下一页。');
  if (Object.values(shown).some(Boolean)) {
    return nothing('没有符合条件的案件。', html`<a href="${address(PATH)}">清除筛选</a>`);
  }
  const all = html`<a href="${address(PATH, { status: 'all' })}">查看全部案件</a>`;
  return district
    ? nothing('现在没有等待办理的案件。', all)
    : nothing('现在没有未办结的案件。', html`按规则应上报的隐患由平台自动上报；${all}`);
}
