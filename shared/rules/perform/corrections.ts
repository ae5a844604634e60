// Commands that correct (更正) what an inspection or a hazard was recorded with. What was there before is filled in from
// the record, never taken from whoever asks; what was decided is changed by acts of its own.
import type { HazardEvent } from '../../../events/hazard.ts';
import type { InspectionEvent } from '../../../events/inspection.ts';
import type { Category } from '../../../events/envelope.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { makerOf } from '../campaign/campaign.ts';
import { notBefore } from '../claimed-time.ts';
import type { AskedCorrection } from '../corrections.ts';
import { requireHazard } from '../hazard/hazard.ts';
import { correctInspection as decideInspection, requireInspection } from '../inspection/inspection.ts';
import { correctHazard as decideHazard } from '../hazard/rectification.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import { campaignBegan, campaignOf, execute, on, readStream, type CommandContext, type Executed } from './execute.ts';

/** @throws RuleViolated `unknown-event`, `not-correctable`, `answer-not-correctable`, `crosses-sign-off`, `not-recorded-by-you` */
export function correctInspection(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: AskedCorrection,
): Promise<Executed> {
  return execute(deps, context, { category: 'inspection', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const state = await read('inspection', id);
    const unitId = requireInspection(state, id);
    const unit = await read('unit', unitId);
    const events = await eventsOf<InspectionEvent>(deps, context, 'inspection', id);
    const track = events.find((event) => event.track)?.track;
    context.authorise?.({
      campaign,
      unit: { ...unit, id: unitId },
      inspection: { ...state, id },
      ...(track ? { track } : {}),
    });
    const sightings = new Map<string, HazardEvent[]>();
    const at = command.changes.findIndex(({ field }) => field === 'occurredAt');
    if (at >= 0) {
      // The reason that a correction gives is why it may claim a time before unit or checklist; imported history is
      // older than the campaign.
      const occurredAt = command.changes[at]!.to;
      const imported = events.some(({ type, source }) => type === 'InspectionRecorded' && source === 'import');
      if (!imported && typeof occurredAt === 'string') {
        notBefore({ occurredAt, now: context.now.toISOString() }, campaignBegan(campaign), `changes[${at}].to`);
      }
      const found = events.flatMap((event) => (event.type === 'InspectionRecorded' ? event.data.findings : []));
      for (const { hazard } of found) {
        // What the hazard is now is part of what is decided on: a sign-off meanwhile makes it be decided again.
        await read('hazard', hazard);
        sightings.set(hazard, await eventsOf<HazardEvent>(deps, context, 'hazard', hazard));
      }
    }
    const drafts = decideInspection(
      events,
      id,
      command,
      makerOf(campaign, context.actor),
      context.now.toISOString(),
      sightings,
    );
    const about = { unit: unitId, ...(track ? { track } : {}) };
    return new Map([
      on(
        'inspection',
        id,
        drafts.map((draft) => ({ ...draft, ...about })),
      ),
    ]);
  });
}

/** @throws RuleViolated `unknown-event`, `not-correctable`, `not-recorded-by-you` */
export function correctHazard(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: AskedCorrection,
): Promise<Executed> {
  return execute(deps, context, { category: 'hazard', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const state = await read('hazard', id);
    const known = requireHazard(state, id);
    const unit = await read('unit', known.unit);
    context.authorise?.({ campaign, track: known.track, hazard: { ...state, id }, unit: { ...unit, id: known.unit } });
    const events = await eventsOf<HazardEvent>(deps, context, 'hazard', id);
    return new Map([
      on(
        'hazard',
        id,
        decideHazard(known, events, command, makerOf(campaign, context.actor), context.now.toISOString()),
      ),
    ]);
  });
}

/**
 * The events of a stream whose state was read before: newer ones may be among them, and then the write fails and the decision is made
 * again.
 */
async function eventsOf<Event extends DaochaEvent>(
  deps: StoreDeps,
  context: CommandContext,
  category: Category,
  id: string,
): Promise<Event[]> {
  const stored = await readStream(deps, context.tenant, category, id);
  return stored.map(({ event }) => event as Event);
}
