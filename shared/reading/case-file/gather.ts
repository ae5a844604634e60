// What a dossier is compiled from: the events of the case, of its hazard and of its unit as the log had them when the
// dossier was called for. Cut at that position, so that whoever compiles it again, and however much has happened since,
// has the same facts.
import type { CampaignDefinition, RuleSet } from '../../../events/campaign.ts';
import { sealBelow } from '../../record/index/seal-index.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { parseStreamKey, streamKey } from '../../../events/envelope.ts';
import type { EscalationEvent } from '../../../events/escalation.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import type { UnitEvent } from '../../../events/unit.ts';
import { requireLaunched } from '../../rules/campaign/campaign.ts';
import { foldAll } from '../../rules/decider.ts';
import { escalation, requireEscalation, type KnownEscalation } from '../../rules/escalation/escalation.ts';
import { hazard, requireHazard, type KnownHazard } from '../../rules/hazard/hazard.ts';
import { rostersFor } from '../../rules/roster/responsible.ts';
import { requireUnit, unit, type UnitState } from '../../rules/unit/unit.ts';
import type { Known } from '../trace/known-at.ts';
import { readDeliveryEvents, eventsOf, readRosterEvents, streamEvents, unitIndex } from '../trace/load.ts';
import { rostersOf, type Rosters } from '../trace/posts.ts';
import { campaignThen } from '../trace/town.ts';
import { present, waitFor } from '../views/as-of.ts';
import type { TimelineEntry } from '../unit/timeline.ts';
import type { Placed, ViewDeps } from '../views/view.ts';

export interface GatherDeps extends ViewDeps {
  /** waits between looks at views that are behind */
  sleep: (milliseconds: number) => Promise<void>;
}

/** Everything that a dossier says, as known before `position`. */
export interface CaseFile {
  id: string;
  /** which dossier of the case it is */
  round: number;
  /** the log before this position is in it */
  position: number;
  /** when the event that called for it was recorded */
  calledAt: string;
  campaign: CampaignDefinition;
  ruleSets: RuleSet[];
  rosters: Rosters;
  case: KnownEscalation;
  hazard: KnownHazard;
  unit: UnitState & { id: string };
  /** events of the case, of the hazard, of the unit's own stream, of its inspections; each in log order */
  caseEvents: Placed[];
  hazardEvents: Placed[];
  unitEvents: Placed[];
  inspectionEvents: Placed[];
  /** what became of the messages that carried reminders for the hazard */
  deliveries: Placed[];
  /** index entries of all that was recorded about the unit, in log order */
  index: TimelineEntry[];
  /** positions of all events that what is told rests on, in order */
  behind: number[];
}

/**
 * @param called the event that called for the dossier, and its position
 * @throws NotYetVisible when the index of the unit does not come as far within 5 s: try again
 */
export async function gatherCase(
  deps: GatherDeps,
  id: string,
  called: { event: EscalationEvent; position: number },
): Promise<CaseFile> {
  const position = called.position + 1;
  await waitFor(deps, called.position, { sleep: deps.sleep });
  const { generation } = await present(deps);
  const calledAt = called.event.recordedAt;
  const known: Known = {
    asked: String(position),
    position,
    recordedBy: null,
    time: calledAt,
    until: calledAt,
    indexed: (await sealBelow(deps, position)) ?? null,
    generation,
  };

  const [caseEvents, { state: campaign, placed: campaignEvents }] = await Promise.all([
    streamEvents(deps, 'escalation', id, known),
    campaignThen(deps, known),
  ]);
  const definition = requireLaunched(campaign);
  const state = requireEscalation(foldAll(escalation, only<EscalationEvent>(caseEvents)), id);
  const [hazardEvents, index] = await Promise.all([
    streamEvents(deps, 'hazard', state.hazard, known),
    unitIndex(deps, state.unit, known),
  ]);
  const ownStream = streamKey(deps.tenant, 'unit', state.unit);
  const isInspection = ({ stream }: { stream: string }): boolean => parseStreamKey(stream).category === 'inspection';
  const reminders = hazardEvents.filter(({ event }) => event.type === 'ReminderIssued').map(({ event }) => event.id);
  const [placed, deliveries] = await Promise.all([
    eventsOf(
      deps,
      index.filter((entry) => entry.stream === ownStream || isInspection(entry)),
    ),
    readDeliveryEvents(deps, reminders, known),
  ]);
  const unitEvents = placed.filter(({ event }) => event.stream === ownStream);
  const unitState = foldAll(unit, only<UnitEvent>(unitEvents));
  requireUnit(unitState, state.unit);
  const organisations = organisationsOf(definition, state, unitState, hazardEvents);
  const rosters = await readRosterEvents(deps, organisations, known);
  return {
    id,
    round: state.calls,
    position,
    calledAt,
    campaign: definition,
    ruleSets: campaign.ruleSets,
    rosters: rostersOf(rosters),
    case: state,
    hazard: requireHazard(foldAll(hazard, only<HazardEvent>(hazardEvents)), state.hazard),
    unit: { ...unitState, id: state.unit },
    caseEvents,
    hazardEvents,
    unitEvents,
    inspectionEvents: placed.filter(({ event }) => isInspection(event)),
    deliveries,
    index,
    behind: positionsOf([
      ...caseEvents,
      ...hazardEvents,
      ...placed,
      ...deliveries,
      ...campaignEvents,
      ...[...rosters.values()].flat(),
      ...otherHazards(index, state.hazard),
    ]),
  };
}

const positionsOf = (found: readonly { position: number }[]): number[] =>
  [...new Set(found.map(({ position }) => position))].toSorted((a, b) => a - b);

/** Of each other hazard of the unit the first entry and the last that changed its status: what is told of it rests on them. */
function otherHazards(index: readonly TimelineEntry[], hazardId: string): TimelineEntry[] {
  const streams = Map.groupBy(
    index.filter(({ after, clause }) => after !== null && clause !== null),
    ({ stream }) => stream,
  );
  return [...streams].flatMap(([stream, entries]) => {
    const { category, id } = parseStreamKey(stream);
    return category === 'hazard' && id !== hazardId ? [entries[0]!, entries.at(-1)!] : [];
  });
}

const only = <E extends DaochaEvent>(placed: readonly Placed[]): E[] => placed.map(({ event }) => event as E);

/** Every organisation that answered for the unit or the hazard at any time, and those that the ladder climbs to. */
function organisationsOf(
  definition: CampaignDefinition,
  { track }: KnownEscalation,
  { details, supervisors }: UnitState,
  hazardEvents: readonly Placed[],
): string[] {
  const lead = definition.tracks.find((one) => one.track === track)?.lead;
  const named = [
    ...(lead === undefined ? [] : [lead]),
    ...(details?.area === undefined ? [] : [details.area]),
    ...supervisors.map(({ organisation }) => organisation),
    ...hazardEvents.flatMap(({ event }) => event.organisation ?? []),
  ];
  return [...new Set(named.flatMap((organisation) => rostersFor(definition, organisation)))];
}
