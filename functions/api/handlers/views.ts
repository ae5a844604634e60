// Queries answered from views. Lists are narrowed to what the caller may see before they are read; a page about one unit is checked
// against that unit. Every answer says which log position it is as of, and waits for `atLeast` once it is known who may have it.
import { loadCampaign } from '../../../shared/rules/perform/campaign.ts';
import { requireLaunched } from '../../../shared/rules/campaign/campaign.ts';
import {
  closedLoopList,
  hazardList,
  listHazards,
  type HazardQuery,
} from '../../../shared/reading/hazard/list-query.ts';
import { overview } from '../../../shared/reading/overview/page-query.ts';
import type { AnswerPage } from '../../../shared/reading/views/page.ts';
import type { TrackPage } from '../../../shared/reading/track/page.ts';
import { trackFigures, readTrackPage } from '../../../shared/reading/track/page-query.ts';
import { baselineList, listUnits } from '../../../shared/reading/unit/list-query.ts';
import { unitNames } from '../../../shared/reading/unit/names.ts';
import { readUnitPage, unitTimeline } from '../../../shared/reading/unit/page-query.ts';
import type { ViewDeps } from '../../../shared/reading/views/view.ts';
import type { HttpAnswer, ApiDeps, ApiCall, TypedHandlers } from '../handler-types.ts';
import { narrowFilters, scopesOf, type ListFilters, type PermissionSubject } from '../permissions.ts';
import { EXPORTED } from '../routes/views.ts';
import { waitAtLeast } from './wait.ts';
import { readAboutUnit } from './streams.ts';
import { startOfTownDay, townDay } from '../../../shared/town-time.ts';

const ok = <Body>(body: Body): HttpAnswer<Body> => ({ status: 200, body });

type Read<Query, Row> = (deps: ViewDeps, query: Query) => Promise<AnswerPage<Row>>;

/** A list route: narrows, waits, reads. */
function list<Query extends ListFilters, Row>(
  read: Read<Query, Row>,
): (
  deps: ApiDeps,
  call: ApiCall & { query: Query & { atLeast?: string | undefined } },
) => Promise<HttpAnswer<Omit<AnswerPage<Row>, 'examined'>>> {
  return async (deps, call) => {
    const { atLeast, ...filters } = call.query;
    const campaign = await loadCampaign(deps.store, deps.tenant, call.now);
    const allowed = narrowFilters(call.principal, call.action, requireLaunched(campaign), filters as unknown as Query);
    await waitAtLeast(deps, call, atLeast);
    const { examined: _examined, ...page } = await read(deps.views, allowed);
    return ok(page);
  };
}

const PAGE = 100;

/** A list taken away whole: page after page, EXPORTED rows at most, as of the position at which reading began. */
function whole<Query extends { cursor?: string | undefined; limit?: number | undefined }, Row>(
  read: Read<Query, Row>,
): Read<Query, Row> {
  return async (deps, query) => {
    const first = await read(deps, { ...query, limit: PAGE });
    const items = [...first.items];
    let { cursor, examined } = first;
    while (cursor !== undefined && items.length + PAGE <= EXPORTED) {
      const next = await read(deps, { ...query, limit: PAGE, cursor });
      items.push(...next.items);
      ({ cursor } = next);
      examined += next.examined;
    }
    return { ...first, items, cursor, examined };
  };
}

/** Rows about units, each with the unit's present name; null for one that the views do not have yet. */
function named<Row extends { unit: string }>(
  read: Read<HazardQuery, Row>,
): Read<HazardQuery, Row & { unitName: string | null }> {
  return async (deps, query) => {
    const page = await read(deps, query);
    const ids = page.items.map(({ unit }) => unit);
    const names = await unitNames(deps, ids);
    return { ...page, items: page.items.map((row) => ({ ...row, unitName: names.get(row.unit) ?? null })) };
  };
}

export const viewHandlers = {
  listUnits: list(listUnits),
  listBaseline: list(baselineList),
  listHazards: list(named(listHazards)),
  listRisks: list(named(hazardList)),
  listClosedLoop: list(named(closedLoopList)),
  exportBaseline: list(whole(baselineList)),
  exportRisks: list(whole(named(hazardList))),
  exportClosedLoop: list(whole(named(closedLoopList))),

  getUnit: async (deps, call) => {
    // before it waits, the stream says whose the unit is; else the page itself does, which is read anyway
    if (call.query.atLeast !== undefined) call.authorise(await readAboutUnit(deps, call, call.params.id));
    await waitAtLeast(deps, call, call.query.atLeast);
    const page = await readUnitPage(deps.views, call.params.id);
    const { area, tracks } = page.details;
    call.authorise({ ...(await campaignOf(deps, call)), unit: { id: call.params.id, area, tracks } });
    return ok(page);
  },

  getUnitTimeline: async (deps, call) => {
    const { atLeast, ...paging } = call.query;
    const unit = call.params.id;
    call.authorise(await readAboutUnit(deps, call, unit));
    await waitAtLeast(deps, call, atLeast);
    return ok(await unitTimeline(deps.views, { unit, ...paging }));
  },

  listTracks: async (deps, call) => {
    await waitAtLeast(deps, call, call.query.atLeast);
    return ok(await trackFigures(deps.views));
  },

  getOverview: async (deps, call) => {
    await waitAtLeast(deps, call, call.query.atLeast);
    const midnight = startOfTownDay(townDay(call.now.toISOString()));
    return ok(await overview(deps.views, midnight, call.query.months));
  },

  getTrack: async (deps, call) => {
    await waitAtLeast(deps, call, call.query.atLeast);
    const page = await readTrackPage(deps.views, call.params.track);
    return ok(scopesOf(call.principal, call.action).includes('town') ? page : redacted(page));
  },
} satisfies TypedHandlers;

/** For subscribers: the town's figures, not those of single organisations. */
function redacted(page: TrackPage): TrackPage {
  return { ...figuresOf(page), asOf: page.asOf };
}

/** A track's own figures. */
function figuresOf(page: TrackPage): Omit<TrackPage, 'organisations' | 'asOf'> {
  const { organisations: _organisations, asOf: _asOf, ...figures } = page;
  return figures;
}

async function campaignOf(deps: ApiDeps, call: ApiCall): Promise<PermissionSubject> {
  return { campaign: (await loadCampaign(deps.store, deps.tenant, call.now)).definition ?? undefined };
}
