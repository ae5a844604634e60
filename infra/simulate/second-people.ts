// Those who confirm, in a simulated campaign, what a first person has put forward.
import { parseStreamKey } from '../../events/envelope.ts';
import type { ProposalEvent } from '../../events/proposal.ts';
import { workingTime, type Act } from './acts.ts';
import { OFFICE, type Town } from './hazard-people.ts';
import { random } from './random.ts';

/** The office confirms the sign-off of a major hazard on the same or the next working day, unless it has come back meanwhile. */
export function secondActs(town: Town, event: ProposalEvent): Act[] {
  const { id } = parseStreamKey(event.stream);
  if (event.type !== 'ProposalMade' || event.data.act !== 'signOffHazard') return [];
  const lot = random(town.seed, 'proposal', event.data.target, event.version);
  const hazard = event.data.target.slice(event.data.target.indexOf('/') + 1);
  return [
    {
      at: workingTime(town.calendar, event.occurredAt, lot.between(0, 1), lot),
      key: `${event.id}:confirm`,
      request: (world) =>
        world.hazards.get(hazard)?.status === 'verified'
          ? { who: OFFICE, path: `/v1/proposals/${id}/confirmation`, body: {} }
          : undefined,
    },
  ];
}
