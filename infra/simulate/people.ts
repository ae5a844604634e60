// Everybody who reacts to what is recorded, by the category of the event.
import type { DaochaEvent } from '../../events/catalogue.ts';
import { parseStreamKey } from '../../events/envelope.ts';
import type { EscalationEvent } from '../../events/escalation.ts';
import type { HazardEvent } from '../../events/hazard.ts';
import type { ReportEvent } from '../../events/report.ts';
import type { Act } from './acts.ts';
import { escalationActs } from './escalation-people.ts';
import { hazardActs, type Town } from './hazard-people.ts';
import type { ProposalEvent } from '../../events/proposal.ts';
import { secondActs } from './second-people.ts';
import { reportActs } from './report-people.ts';
import type { World } from './world.ts';

/** What people plan because of an event that they have just read in the log. */
export function actsOf(town: Town, event: DaochaEvent, world: World): Act[] {
  const { category, id } = parseStreamKey(event.stream);
  if (category === 'hazard') return hazardActs(town, event as HazardEvent, world.hazards.get(id)!);
  if (category === 'escalation') return escalationActs(town, event as EscalationEvent, world.escalations.get(id)!);
  if (category === 'proposal') return secondActs(town, event as ProposalEvent);
  if (category === 'report') return reportActs(town, event as ReportEvent, world.reports.get(id)!);
  return [];
}
