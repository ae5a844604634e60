// The rosters (名册) of organisations: loading them, and the commands that change them.
import type { Organisation } from '../../../events/campaign.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import type { Track } from '../../../events/envelope.ts';
import type { RosterEvent } from '../../../events/roster.ts';
import { makerOf, requireOrganisation, trackOf, type CampaignState } from '../campaign/campaign.ts';
import type { AskedCorrection } from '../corrections.ts';
import { foldAll, type Drafts } from '../decider.ts';
import * as rules from '../roster/roster.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import {
  campaignOf,
  execute,
  newId,
  on,
  readStream,
  requireFreeId,
  type CommandContext,
  type Executed,
} from './execute.ts';

type RosterState = rules.RosterState;

/** The rosters of these organisations, read fresh, one stream each; an organisation without one has an empty roster. */
export async function loadRosters(
  deps: StoreDeps,
  tenant: string,
  organisations: readonly string[],
): Promise<ReadonlyMap<string, RosterState>> {
  const named = [...new Set(organisations)];
  const loaded = await Promise.all(
    named.map(async (organisation) => {
      const stored = await readStream(deps, tenant, 'roster', organisation);
      return [
        organisation,
        foldAll(
          rules.roster,
          stored.map(({ event }) => event as RosterEvent),
        ),
      ] as const;
    }),
  );
  return new Map(loaded);
}

export type AppointmentCommand = Omit<rules.Appoint, 'appointment'> & { appointment?: string | undefined };

/**
 * Appoints an officer. Without `appointment` an id is made from the command, so that a repeated command names the same one.
 * @throws InvalidInput for an organisation, track or area that the campaign does not have; RuleViolated, see the rules
 */
export async function appointOfficer(
  deps: StoreDeps,
  context: CommandContext,
  organisation: string,
  command: AppointmentCommand,
): Promise<Executed & { id: string }> {
  const id = requireFreeId(command.appointment, 'a', newId('a', context.tenant, context.command));
  const executed = await onRoster(deps, context, organisation, (state, campaign, itself) => {
    requireWhere(campaign, command.track, command.area);
    return rules.appoint(state, { ...command, appointment: id }, itself);
  });
  // the very same appointment stood there already, perhaps under another id
  return { ...executed, id: executed.events.find(isAppointment)?.data.appointment ?? id };
}

const isAppointment = (event: DaochaEvent): event is Extract<DaochaEvent, { type: 'OfficerAppointed' }> =>
  event.type === 'OfficerAppointed';

export function relieveOfficer(
  deps: StoreDeps,
  context: CommandContext,
  organisation: string,
  command: { appointment: string; until: string; reason: string },
): Promise<Executed> {
  return onRoster(deps, context, organisation, (state) => rules.relieve(state, command));
}

export function correctAppointment(
  deps: StoreDeps,
  context: CommandContext,
  organisation: string,
  command: AskedCorrection & { appointment: string },
): Promise<Executed> {
  return onRoster(deps, context, organisation, async (state, campaign, itself) => {
    // Read after the state: what was written between the two makes the write fail, and the decision is made again.
    const stored = await readStream(deps, context.tenant, 'roster', organisation);
    const events = stored.map(({ event }) => event as RosterEvent);
    const maker = makerOf(campaign, context.actor);
    const drafts = rules.correctAppointment(state, events, command, maker, context.now.toISOString(), itself);
    const to = (field: string) => command.changes.find((change) => change.field === field)?.to ?? undefined;
    requireWhere(campaign, to('track') as Track | undefined, to('area') as string | undefined);
    return drafts;
  });
}

/** @throws InvalidInput for a track that the campaign does not have, or an area that is no village or residents' committee of it */
function requireWhere(campaign: CampaignState, track: Track | undefined, area: string | undefined): void {
  if (track !== undefined) trackOf(campaign, track);
  if (area !== undefined) requireOrganisation(campaign, area, 'area', 'village');
}

function onRoster(
  deps: StoreDeps,
  context: CommandContext,
  organisation: string,
  decide: (state: RosterState, campaign: CampaignState, itself: Organisation) => Drafts | Promise<Drafts>,
): Promise<Executed> {
  return execute(deps, context, { category: 'roster', id: organisation }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const itself = requireOrganisation(campaign, organisation, 'organisation');
    context.authorise?.({ campaign, organisation });
    const state = await read('roster', organisation);
    return new Map([on('roster', organisation, await decide(state, campaign, itself))]);
  });
}
