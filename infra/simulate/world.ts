// What the people of a simulated campaign know: the log, folded as it grows. Nothing here is asked of a view, so what they know does not
// depend on how fast one follows.
import type { DaochaEvent } from '../../events/catalogue.ts';
import { parseStreamKey } from '../../events/envelope.ts';
import type { EscalationEvent } from '../../events/escalation.ts';
import type { HazardEvent } from '../../events/hazard.ts';
import type { ReportEvent } from '../../events/report.ts';
import { escalation, type EscalationState } from '../../shared/rules/escalation/escalation.ts';
import { hazard, type HazardState } from '../../shared/rules/hazard/hazard.ts';
import { report, type ReportState } from '../../shared/rules/report/report.ts';

export interface World {
  hazards: Map<string, HazardState>;
  escalations: Map<string, EscalationState>;
  reports: Map<string, ReportState>;
}

export const newWorld = (): World => ({ hazards: new Map(), escalations: new Map(), reports: new Map() });

/** Takes one event in; the next ones must come in the log's order. */
export function learn(world: World, event: DaochaEvent): void {
  const { category, id } = parseStreamKey(event.stream);
  if (category === 'hazard') {
    world.hazards.set(id, hazard.evolve(world.hazards.get(id) ?? hazard.initial, event as HazardEvent));
  } else if (category === 'escalation') {
    const before = world.escalations.get(id) ?? escalation.initial;
    world.escalations.set(id, escalation.evolve(before, event as EscalationEvent));
  } else if (category === 'report') {
    world.reports.set(id, report.evolve(world.reports.get(id) ?? report.initial, event as ReportEvent));
  }
}
