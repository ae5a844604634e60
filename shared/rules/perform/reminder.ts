// Commands of the clock on hazards: issuing a rung of the ladder, noticing that a date has passed; and the one of people, acknowledging.
import { NOTHING } from '../decider.ts';
import { askedBy } from '../waiting/answering.ts';
import { requireHazard } from '../hazard/hazard.ts';
import * as rules from '../reminder/reminder.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import {
  byClock,
  missesOf,
  remindsOf,
  standingAnswer,
  standingRung,
  type ClockContext,
  type WaitSeen,
} from './clock-command.ts';
import { campaignOf, execute, on, type CommandContext, type Executed, type StreamCache } from './execute.ts';

export const remindHazard = remindsOf('hazard', async ({ deps, clock, read, id, seen: { due, rung } }) => {
  const known = requireHazard(await read('hazard', id), id);
  const { track, organisation } = known;
  if (!rules.isAwaited(known) || known.due !== due) return NOTHING;
  const reminding = await standingRung(deps, clock, read, rung, {
    ladder: 'ladder',
    due,
    setAt: known.dueSetAt ?? clock.now.toISOString(),
    stage: rules.stageOf(known),
    organisation,
    more: async () => ({ track, unit: await read('unit', known.unit) }),
  });
  return reminding ? rules.issueReminder(known, id, reminding) : NOTHING;
});

/** Reminds those who may answer what waits at a hazard. Nothing when it waits no more, waits again, or another rung is due by now. */
export function remindAnswerers(
  deps: StoreDeps,
  clock: ClockContext,
  id: string,
  seen: WaitSeen,
  session?: StreamCache,
): Promise<Executed> {
  return byClock(
    deps,
    clock,
    { category: 'hazard', id },
    `remind:${seen.rung}:${seen.since}`,
    async (read) => {
      const known = requireHazard(await read('hazard', id), id);
      const { track, organisation } = known;
      const wait = known.waiting.waits[seen.awaits];
      if (!wait || wait.since !== seen.since) return new Map();
      const unit = await read('unit', known.unit);
      const by = askedBy(known, seen.awaits);
      const asked = { track, organisation, by, unit };
      const reminding = await standingAnswer(deps, clock, read, seen, wait.stage, asked);
      return new Map([on('hazard', id, reminding ? rules.issueAnswerReminder(known, id, reminding) : NOTHING)]);
    },
    session,
  );
}

export const noticeMissed = missesOf('hazard', async ({ clock, read, id, seen: { due } }) =>
  rules.noticeMissed(await read('hazard', id), id, due, clock.now.toISOString()),
);

/** @throws NotFound `unknown-reminder`; RuleViolated `not-a-recipient` */
export function acknowledgeReminder(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { reminder: string; note?: string | undefined },
): Promise<Executed> {
  return execute(deps, context, { category: 'hazard', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const state = await read('hazard', id);
    const { unit: unitId, track } = requireHazard(state, id);
    const unit = await read('unit', unitId);
    context.authorise?.({ campaign, track, hazard: { ...state, id }, unit: { ...unit, id: unitId } });
    return new Map([on('hazard', id, rules.acknowledgeReminder(state, id, command, context.actor))]);
  });
}
