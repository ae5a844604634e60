// 检查: where an inspector begins: what waits on this device to be sent, the tracks, and the units to choose from. The
// page and its forms are kept on the device by a service worker, so that they open without network too
// (browser/worker.js, browser/inspect/).
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { TRACK_NAMES, TRACKS, type Track } from '../../../events/envelope.ts';
import type { UnitRow } from '../../../shared/reading/unit/list.ts';
import type { Checklist } from '../../../events/campaign.ts';
import { html, joined, type Content, type Html } from '../../../shared/reading/html.ts';
import { address, to, type Page, type Visit } from '../page.ts';
import { nothing, records, turning, type TableColumn } from '../components.ts';
import { reachOf } from '../scope.ts';
import { asked, unitScopeNote, unitFilters } from './units.ts';

const PATH = '/inspect';
const SCRIPTS = ['inspect.js'] as const;

export const inspectPage: Page = {
  path: PATH,
  action: 'inspection.record',
  get: async (visit) => {
    const reach = reachOf(visit, 'inspection.record');
    const query = { ...asked(visit, reach), listed: undefined, riskGrade: undefined };
    const { cursor } = visit.query;
    const list = await visit.ask('listUnits', {}, { ...query, cursor });
    const units = list.items.filter(({ closedAt }) => closedAt === null);
    return {
      title: '检查',
      section: 'inspect',
      asOf: list.asOf.position,
      scripts: SCRIPTS,
      body: html`
        <h1>检查</h1>
        ${outbox(visit)}
        <section aria-labelledby="begin">
          <h2 id="begin">按专项开始</h2>
          <p class="muted">单位在检查表里选择，或当场登记。</p>
          <p class="choices">
            ${tracksOf(visit).map((track) => html`<a class="button quiet" href="${to(`${PATH}/${track}`)}">${TRACK_NAMES[track]}</a>`)}
          </p>
        </section>
        <section aria-labelledby="units">
          <h2 id="units">按单位开始</h2>
          ${unitScopeNote(visit, reach)} ${unitFilters(visit, reach, PATH, query, ['track', 'area'])}
          ${
            units.length > 0
              ? records('单位', columns(visit), units)
              : nothing('没有可以检查的单位。', '可以按专项开始，在检查表里登记新单位。')
          }
          ${turning(PATH, query, list.cursor, cursor === undefined)}
        </section>
      `,
    };
  },
};

/** The tracks in which the caller may record an inspection; a village in all of them, in its area. */
export function tracksOf(visit: Visit): readonly Track[] {
  const { town, tracks, area } = reachOf(visit, 'inspection.record');
  return town || area !== undefined ? TRACKS : tracks;
}

/** The latest version of each checklist of a track. */
export function checklistsOf({ campaign }: Visit, track: Track): Checklist[] {
  return [...campaign.checklists.values()]
    .flatMap((versions) => versions.at(-1) ?? [])
    .filter((checklist) => checklist.track === track);
}

/** What this device keeps; filled in by the script, which alone knows. Until it has begun, and where it cannot, nothing is promised. */
export const outbox = ({ principal }: Visit): Html =>
  html`<section data-outbox data-person="${principal.person}" class="unsaid" aria-labelledby="outbox">
    <h2 id="outbox">本机草稿</h2>
    <p data-device class="muted" role="status">这个浏览器不能离线检查，请在有网络时填写并提交。</p>
    <ul class="drafts"></ul>
  </section>`;

function columns({ campaign }: Visit): TableColumn<UnitRow>[] {
  const links = ({ unit, tracks }: UnitRow): Content[] =>
    joined(
      tracks.map((track) => html`<a href="${address(`${PATH}/${track}`, { unit })}">${TRACK_NAMES[track]}</a>`),
      ' · ',
    );
  return [
    { head: '单位', main: true, cell: ({ name }) => name },
    { head: '村居', cell: ({ area }) => organisationName(campaign.definition, area) },
    { head: '开始检查', cell: links },
  ];
}
