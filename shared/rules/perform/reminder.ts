// Commands of the clock on hazards: issuing a rung of the ladder, noticing that a date has passed; and the one of people, acknowledging.
import { NOTHING } from '../decider.ts';
import { askedBy } from '../waiting/answering.ts';
import { requireHazard } from '../hazard/hazard.ts';
import * as rules from '../reminder/reminder.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import {
  byClock,
  standingAnswer,
  standingRung,
  type ClockContext,
  type DateSeen,
  type WaitSeen,
} from './clock-command.ts';
import { campaignOf, execute, on, type CommandContext, type Executed, type StreamCache } from './execute.ts';

/**
 * Issues the rung that is due for a hazard's due date. Nothing when another rung is due by now, or another due date is in force.
 * @param seen the rung and the due date that the caller saw, and since when that date is in force
 */
export function remindHazard(
  deps: StoreDeps,
  clock: ClockContext,
  id: string,
  seen: DateSeen & { rung: string },
  session?: StreamCache,
): Promise<Executed> {
  const { due, rung, setAt } = seen;
  return byClock(
    deps,
    clock,
    { category: 'hazard', id },
    `remind:${rung}:${due}:${setAt}`,
    async (read) => {
      const known = requireHazard(await read('hazard', id), id);
      const { track, organisation } = known;
      if (!rules.isAwaited(known) || known.due !== due) return new Map();
      const reminding = await standingRung(deps, clock, read, rung, {
        ladder: 'ladder',
        due,
        setAt: known.dueSetAt ?? clock.now.toISOString(),
        stage: rules.stageOf(known),
        organisation,
        more: async () => ({ track, unit: await read('unit', known.unit) }),
      });
      return new Map([on('hazard', id, reminding ? rules.issueReminder(known, id, reminding) : NOTHING)]);
    },
    session,
  );
}

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

/** Records that a hazard's due date has passed and nothing was handed in. */
export function noticeMissed(
  deps: StoreDeps,
  clock: ClockContext,
  id: string,
  { due, setAt }: DateSeen,
  session?: StreamCache,
): Promise<Executed> {
  return byClock(
    deps,
    clock,
    { category: 'hazard', id },
    `missed:${due}:${setAt}`,
    async (read) => {
      const state = await read('hazard', id);
      return new Map([on('hazard', id, rules.noticeMissed(state, id, due, clock.now.toISOString()))]);
    },
    session,
  );
}

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
