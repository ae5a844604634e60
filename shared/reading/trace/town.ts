// What questions need of the town itself, as known then: the campaign with its rule sets, and the rosters of its organisations.
import type { CampaignEvent } from '../../../events/campaign.ts';
import { campaign, type CampaignState } from '../../rules/campaign/campaign.ts';
import { foldAll } from '../../rules/decider.ts';
import type { Placed, ViewDeps } from '../views/view.ts';
import type { Known } from './known-at.ts';
import { readRosterEvents, streamEvents } from './load.ts';
import { rostersOf, type Rosters } from './posts.ts';

export interface TownThen {
  state: CampaignState;
  /** the campaign's events and, when asked for, those of the rosters */
  placed: Placed[];
  rosters: Rosters;
}

export async function campaignThen(deps: ViewDeps, known: Known): Promise<{ state: CampaignState; placed: Placed[] }> {
  const placed = await streamEvents(deps, 'campaign', 'campaign', known);
  const state = foldAll(
    campaign,
    placed.map(({ event }) => event as CampaignEvent),
  );
  return { state, placed };
}

/** The campaign and the rosters of its organisations: one query of commits and one of positions each. */
export async function townThen(deps: ViewDeps, known: Known): Promise<TownThen> {
  const { state, placed } = await campaignThen(deps, known);
  const organisations = (state.definition?.organisations ?? []).map(({ id }) => id);
  const rosters = await readRosterEvents(deps, organisations, known);
  return { state, placed: [...placed, ...[...rosters.values()].flat()], rosters: rostersOf(rosters) };
}
