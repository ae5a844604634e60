// What follows from an event for duties (应办事项): a definition opens what is owed wherever it is owed; a unit that is new, or has changed,
// owes what its kind and tracks ask for; a lease or a grade opens its own; and an event does the step that it stands for. Every
// duty has an id made of what it is about, so that what is done again changes nothing.
import type { DaochaEvent } from '../../events/catalogue.ts';
import type { DutyDefinition } from '../../events/duty-definition.ts';
import { openEverywhere, periodNow, type OpeningContext, type OpeningDeps } from '../../shared/clock/duties/open.ts';
import { dutiesNow, type CampaignState } from '../../shared/rules/campaign/campaign.ts';
import type { Owing } from '../../shared/rules/duty/duty.ts';
import { owedAtUnit } from '../../shared/rules/duty/openings.ts';
import { fulfilOwed, openOwed } from '../../shared/rules/perform/duty.ts';
import { loadState } from '../../shared/rules/perform/execute.ts';
import { waitFor } from '../../shared/reading/views/as-of.ts';
import { parseStreamKey } from '../../events/envelope.ts';
import { townDay } from '../../shared/town-time.ts';

export interface DutyReaction extends OpeningDeps {
  sleep: (ms: number) => Promise<void>;
}

/** The event types from which anything follows here. */
export const OPENS_DUTIES: ReadonlySet<string> = new Set<DaochaEvent['type']>([
  'DutyPublished',
  'UnitRegistered',
  'UnitDetailsCorrected',
  'LeaseRecorded',
  'RiskGraded',
  'SupervisorAssigned',
  'AgreementSigned',
]);

/**
 * @param campaign read after the event, so that it holds every definition published before it
 * @returns false: it was cut short; the same again goes on
 */
export async function reactForDuties(
  deps: DutyReaction,
  context: OpeningContext,
  campaign: CampaignState,
  { event, position }: { event: DaochaEvent; position: number },
  goOn: () => boolean,
): Promise<boolean> {
  const today = townDay(context.now);
  if (event.type === 'DutyPublished') {
    const definition = campaign.duties.get(event.data.duty)?.at(-1);
    if (!definition || definition.version !== event.data.version || definition.opens.by === 'hand') return true;
    const when = periodNow(campaign, definition, today);
    if (definition.opens.by === 'period' && when === undefined) return true;
    if (definition.opens.by === 'date' && definition.opens.on > today) return true;
    // units that were registered before it are in the list; those that come after it are opened for one by one
    await waitFor(deps.views, position, { timeoutMs: 20_000, sleep: deps.sleep });
    return (await openEverywhere(deps, context, definition, { when, goOn })).complete;
  }
  const id = event.unit ?? parseStreamKey(event.stream).id;
  const opening = dutiesNow(campaign).filter((definition) => opensBy(definition, event));
  const fulfilling = dutiesNow(campaign).filter((definition) => fulfils(definition, event));
  if (opening.length + fulfilling.length === 0) return true;
  const state = await loadState(deps.store, context.tenant, 'unit', id);
  const owed = (definition: DutyDefinition): Owing[] =>
    owedAtUnit(campaign, definition, id, state, today, periodNow(campaign, definition, today)).filter(
      ({ period }) => !('lease' in event.data) || period === event.data.lease || definition.opens.by !== 'event',
    );
  for (const owing of opening.flatMap(owed)) await openOwed(deps.store, context, owing);
  for (const owing of fulfilling.flatMap(owed)) await fulfilOwed(deps.store, context, owing, event.type, event.id);
  return true;
}

function opensBy({ subject, opens }: DutyDefinition, { type }: DaochaEvent): boolean {
  if (subject !== 'unit') return false;
  if (opens.by === 'event') return opens.event === type;
  return (type === 'UnitRegistered' || type === 'UnitDetailsCorrected') && opens.by !== 'hand';
}

function fulfils({ steps, track }: DutyDefinition, event: DaochaEvent): boolean {
  if (event.type === 'SupervisorAssigned' && event.data.track !== track) return false;
  return steps.some(({ fulfilledBy }) => fulfilledBy === event.type);
}
