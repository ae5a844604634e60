// 单位: one unit: what is known of it and what was corrected, its open hazards, whether it is on the sign-off list, and everything that
// happened, newest first.
import { STATUS_NAMES } from '../../../events/hazard.ts';
import { organisationName } from '../../../shared/reading/dictionary.ts';
import type { UnitDetails } from '../../../events/unit.ts';
import { TRACK_NAMES, parseStreamKey, TRACKS, type Category } from '../../../events/envelope.ts';
import { own } from '../../../shared/own.ts';
import { unitRows, type OpenHazard } from '../../../shared/reading/unit/page.ts';
import type { TimelinePage } from '../../../shared/reading/unit/timeline.ts';
import * as unitCommands from '../../../shared/rules/unit/commands.ts';
import type { Action } from '../../api/permissions.ts';
import { actLinks, formed } from '../act-form.ts';
import type { Answers } from '../answers.ts';
import { html, type Content, type Html } from '../../../shared/reading/html.ts';
import { trackName } from '../labels.ts';
import { byReference, namesFor, type Named } from '../names.ts';
import { dutyPath, hazardPath, to, unitPath, type Page, type Visit } from '../page.ts';
import {
  day,
  done,
  dueDate,
  facts,
  gradeTag,
  moment,
  nothing,
  records,
  statusTag,
  turning,
  type TableColumn,
} from '../components.ts';
import { recordedLate } from '../time.ts';
import { dutiesOfUnit } from './duties.ts';
import { traceLinks } from './trace-subject.ts';
import { UNIT_DONE } from './unit-forms.ts';

type Unit = Answers['getUnit'];

export const unitPage: Page = {
  path: '/units/{id}',
  action: 'read.units',
  get: async (visit) => {
    const id = visit.params['id']!;
    const { atLeast, cursor } = visit.query;
    const unit = await visit.ask('getUnit', { id }, { atLeast });
    const events = await visit.ask('getUnitTimeline', { id }, { cursor });
    const { details } = unit;
    const named = await namesFor(visit, [
      ...events.items.map(({ actor }) => actor.person),
      ...Object.values(unit.corrected).map((known) => known?.approver),
    ]);
    return {
      title: details.name,
      section: 'units',
      above: [['单位', to('/units')]],
      asOf: unit.asOf.position,
      body: html`
        ${done(own(UNIT_DONE, visit.query['done'] ?? ''))} ${await alikeTo(visit)}
        <div class="heading">
          <h1>${details.name}</h1>
          ${standing(unit)}
        </div>
        ${actions(visit, unit)} ${traceLinks(visit, 'unit', { unit: id })}
        <section aria-labelledby="state">
          <h2 id="state">概况</h2>
          ${unitFacts(visit, unit, named)}
        </section>
        ${openHazards(visit, unit)} ${await dutiesOfUnit(visit, id)} ${baselines(unit)} ${leases(unit)}
        <section aria-labelledby="timeline">
          <h2 id="timeline">时间线</h2>
          ${timeline(visit, events.items, named)} ${turning(unitPath(id), {}, events.cursor, cursor === undefined)}
        </section>
      `,
    };
  },
};

/** Shown at once; a chain has more of them, and the list of units finds those. */
const MOST_ALIKE = 5;

/** Units of the same name, or at the same address, as the registration or correction was told; of what the caller may not see, the id. */
async function alikeTo(visit: Visit): Promise<Content> {
  const ids = (visit.query['similar'] ?? '').split(' ').filter(Boolean);
  if (ids.length === 0) return false;
  const shown = await Promise.all(
    ids
      .filter((_id, at) => at < MOST_ALIKE)
      .map((id) =>
        visit.ask('getUnit', { id }).then(
          ({ details: { name, address } }) => ({ id, text: [name, address].filter(Boolean).join('，') }),
          () => ({ id, text: id }),
        ),
      ),
  );
  return html`<div class="alike" role="note">
    <p>在册单位中有名称或地址与它相同的。如果是同一家，请注销重复登记的，到原来那一家办理：</p>
    <ul>
      ${shown.map(({ id, text }) => html`<li><a href="${to(unitPath(id))}">${text}</a></li>`)}
    </ul>
    ${ids.length > MOST_ALIKE && html`<p>另有 ${ids.length - MOST_ALIKE} 家。</p>`}
  </div>`;
}

function standing({ closed, listed }: Unit): Html {
  if (closed) return html`<span class="tag off">已注销</span>`;
  return listed.on ? html`<span class="tag done">在销项名单</span>` : html`<span class="tag todo">不在销项名单</span>`;
}

function actions(visit: Visit, { unit, details, closed }: Unit): Content {
  const subject = {
    campaign: visit.campaign.definition ?? undefined,
    unit: { id: unit, area: details.area, tracks: details.tracks },
  };
  const possible = closed ? [] : formed(unitCommands).filter(([, { action }]) => visit.may(action as Action, subject));
  return (
    possible.length > 0 &&
    html`<p class="actions">
      ${actLinks(
        unitPath(unit),
        possible.map(([, command]) => command),
      )}
    </p>`
  );
}

export function unitFacts({ campaign }: Visit, unit: Unit, named: Named = byReference): Html {
  const { details, corrected } = unit;
  const withCorrection = (field: keyof UnitDetails, value: Content): Content =>
    html`${value}${correction(corrected[field], named)}`;
  const location = details.location && `${details.location.lat}, ${details.location.lon}`;
  return facts([
    ['编号', html`<code>${unit.unit}</code>`],
    ['名称', corrected.name && withCorrection('name', details.name)],
    ['类型', details.kind && withCorrection('kind', details.kind)],
    ['地址', details.address && withCorrection('address', details.address)],
    ['村居', withCorrection('area', organisationName(campaign.definition, details.area))],
    ['专项', withCorrection('tracks', details.tracks.map((track) => TRACK_NAMES[track]).join('、'))],
    ['位置', location && withCorrection('location', location)],
    ['外部编号', details.external && `${details.external.system} ${details.external.id}`],
    ...Object.values(unitRows).flatMap((row): [string, Content][] => (row ? [[row[0], row[1](unit)]] : [])),
  ]);
}

/** What stood there before it was corrected, and why it was. */
function correction(known: Unit['corrected'][keyof UnitDetails], named: Named): Content {
  if (!known) return false;
  const before = known.from === null ? '空' : typeof known.from === 'string' ? known.from : JSON.stringify(known.from);
  return html`<span class="correction"
    >更正前：<del>${before}</del>（${day(known.correctedAt)}，${known.reason}，批准人 ${named(known.approver)}）</span
  >`;
}

function openHazards(visit: Visit, unit: Unit): Html {
  const columns: TableColumn<OpenHazard>[] = [
    { head: '条款', main: true, cell: (row) => html`<a href="${to(hazardPath(row.hazard))}">${row.clause}</a>` },
    { head: '状态', cell: (row) => statusTag(row.status) },
    { head: '等级', cell: (row) => gradeTag(row.grade) },
    { head: '期限', cell: (row) => dueDate(row.due, row.status, visit.now) },
    { head: '责任单位', cell: (row) => organisationName(visit.campaign.definition, row.organisation) },
    { head: '发现', cell: (row) => day(row.since) },
  ];
  return html`<section aria-labelledby="open">
    <h2 id="open">未销项隐患 <span class="count">${unit.counts.open}</span></h2>
    ${unit.openHazards.length > 0 ? records('未销项隐患', columns, unit.openHazards) : nothing('现在没有未销项的隐患。')}
    ${unit.openHazardsLeftOut > 0 && html`<p>另有 ${unit.openHazardsLeftOut} 处没有列出。</p>`}
    ${
      unit.counts.hazards > unit.openHazards.length &&
      html`<p><a href="${to(`/hazards?unit=${encodeURIComponent(unit.unit)}&status=all`)}">这个单位的全部隐患</a></p>`
    }
  </section>`;
}

function baselines({ baselines: known }: Unit): Content {
  const surveyed = TRACKS.flatMap((track) => known[track] ?? []);
  return (
    surveyed.length > 0 &&
    html`<section aria-labelledby="baseline">
      <h2 id="baseline">底数</h2>
      ${surveyed.map(
        ({ track, facts: found, surveyedAt }) => html`
          <h3>${TRACK_NAMES[track]}（${day(surveyedAt)}）</h3>
          ${facts(Object.entries(found).map(([name, value]) => [name, typeof value === 'boolean' ? (value ? '是' : '否') : value]))}
        `,
      )}
    </section>`
  );
}

function leases({ leases: known, leasesLeftOut }: Unit): Content {
  const columns: TableColumn<(typeof known)[number]>[] = [
    { head: '租赁', main: true, cell: (row) => row.lease },
    { head: '出租方', cell: (row) => row.lessor },
    { head: '承租方', cell: (row) => row.lessee },
    { head: '起止', cell: (row) => `${row.from} 至 ${row.to ?? '未定'}` },
    {
      head: '安全管理协议',
      cell: (row) => (row.agreement === null ? html`<span class="late">未签</span>` : row.agreement),
    },
  ];
  return (
    known.length > 0 &&
    html`<section aria-labelledby="leases">
      <h2 id="leases">租赁</h2>
      ${records('租赁', columns, known)} ${leasesLeftOut > 0 && html`<p>更早的 ${leasesLeftOut} 条没有列出。</p>`}
    </section>`
  );
}

/** What happened at a unit, newest first. */
export function timeline(visit: Visit, rows: TimelinePage['items'], named: Named = byReference): Html {
  if (rows.length === 0) return nothing('还没有记录。');
  return html`<ol class="timeline">
    ${rows.map((row) => entry(visit, row, named))}
  </ol>`;
}

/** What has a page of its own. */
const LINKS: Partial<Record<Category, (id: string) => string>> = { hazard: hazardPath, duty: dutyPath };

function entry({ campaign, may }: Visit, row: TimelinePage['items'][number], named: Named): Html {
  const { category, id } = parseStreamKey(row.stream);
  const late = recordedLate(row.occurredAt, row.recordedAt);
  const about = row.clause ?? row.duty;
  const what = about === null ? row.title : html`${row.title}：${about}`;
  const link = LINKS[category]?.(id);
  return html`<li>
    <p class="when">${moment(row.occurredAt)}</p>
    <p class="what">
      ${link && may(category === 'hazard' ? 'read.hazards' : 'read.duties') ? html`<a href="${to(link)}">${what}</a>` : what}
      ${row.after !== null && row.after !== row.before && html` <span class="muted">→ ${STATUS_NAMES[row.after].waits}</span>`}
      ${row.derived ? html` <span class="tag off">推断</span>` : late !== undefined && html` <span class="tag todo">${late} 天后补录</span>`}${row.corrected !== undefined && html` <span class="tag todo">已更正</span>`}
    </p>
    ${row.lateBasis !== undefined && facts([['补录依据', row.lateBasis]])}
    <p class="muted">
      ${row.track !== null && `${trackName(row.track)} · `}${organisationName(campaign.definition, row.actor.organisation)}
      · ${row.actor.post} · ${named(row.actor.person)} · 日志位置 ${row.position}
    </p>
  </li>`;
}
