// Commands of the clock on hazards: issuing a rung of the ladder, noticing that a date has passed; and the one of people, acknowledging. The
// clock's command ids are made from the due date and the rung, so that a run that is repeated, late, or at work twice does each thing once.
import type { Rung } from '../../events/campaign.ts';
import type { Recipient } from '../../events/hazard.ts';
import { workingDays } from '../calendar/working-days.ts';
import { requireLaunched, ruleSetAt } from '../domain/campaign.ts';
import { NOTHING, townDay } from '../domain/decider.ts';
import { requireHazard } from '../domain/hazard.ts';
import { standing } from '../domain/ladder.ts';
import * as rules from '../domain/reminder.ts';
import { recipientsOf, rostersFor, type ResponsibleFacts } from '../domain/responsible.ts';
import type { StoreDeps } from '../store/store.ts';
import { campaignOf, execute, on, type CommandContext, type Executed, type Read, type Session } from './execute.ts';

/** What a command of the clock is told besides: who acts is the clock itself. */
export type ClockContext = Pick<CommandContext, 'tenant' | 'now' | 'correlation'>;

/** Recorded as actor of what the clock does. */
const CLOCK = { person: 'system:clock', post: 'clock' } as const;

/** The context of a command that the clock gives; the same id names the same command for ever. */
export function clockContext(
  { tenant, now, correlation }: ClockContext,
  command: string,
  organisation: string,
): CommandContext {
  return {
    tenant,
    now,
    correlation,
    command,
    request: command,
    actor: { ...CLOCK, organisation },
    source: 'clock',
  };
}

/** An organisation for the clock to act for: the task-force office, where the campaign has one. */
export async function clockOrganisation(deps: StoreDeps, { tenant, now }: ClockContext): Promise<string> {
  const { organisations } = requireLaunched(await campaignOf(deps, tenant, now));
  return (organisations.find(({ kind }) => kind === 'office') ?? organisations[0]!).id;
}

/** A due date as the clock sees it. The same date may be ordered in two cycles: since when it holds tells them apart. */
export interface DateSeen {
  due: string;
  setAt: string;
}

/**
 * Issues the rung that stands for a hazard's due date, to whoever holds the posts today. Nothing when another rung stands by now, or another
 * due date is in force: whoever looks next sees that.
 * @param expected the rung and the due date that the caller saw, and since when that date is in force
 */
export async function remindHazard(
  deps: StoreDeps,
  clock: ClockContext,
  id: string,
  expected: DateSeen & { rung: string },
  session?: Session,
): Promise<Executed> {
  const { due, rung } = expected;
  const command = `remind:${rung}:${due}:${expected.setAt}`;
  const context = clockContext(clock, command, await clockOrganisation(deps, clock));
  return execute(
    deps,
    context,
    { category: 'hazard', id },
    async (read) => {
      const campaign = await campaignOf(deps, clock.tenant, clock.now);
      const definition = requireLaunched(campaign);
      const known = requireHazard(await read('hazard', id), id);
      const now = clock.now.toISOString();
      const today = townDay(now);
      const ruleSet = ruleSetAt(campaign, now);
      if (!ruleSet?.ladder || !rules.isAwaited(known) || known.due !== due) return new Map();
      const date = { dueDay: townDay(due), setOn: townDay(known.dueSetAt ?? now), stage: rules.stageOf(known) };
      const stands = standing(ruleSet.ladder, workingDays(ruleSet.calendar), date, today);
      if (stands?.rung.rung !== rung) return new Map([on('hazard', id, NOTHING)]);
      const unit = await read('unit', known.unit);
      const { organisation, track } = known;
      const rosters = await readRosters(read, rostersFor(definition, organisation));
      const recipients = recipientsFor(
        stands.rung,
        { campaign: definition, rosters, unit, track, organisation },
        today,
      );
      const { workingDays: days } = stands.rung;
      const reminding = { due, rung, workingDays: days, recipients, skipped: stands.skipped };
      return new Map([on('hazard', id, rules.issueReminder(known, id, reminding))]);
    },
    session,
  );
}

/** Records that a hazard's due date has passed and nothing was handed in. */
export async function noticeMissed(
  deps: StoreDeps,
  clock: ClockContext,
  id: string,
  { due, setAt }: DateSeen,
  session?: Session,
): Promise<Executed> {
  const context = clockContext(clock, `missed:${due}:${setAt}`, await clockOrganisation(deps, clock));
  return execute(
    deps,
    context,
    { category: 'hazard', id },
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

/** Reads rosters as part of a decision. */
export async function readRosters(read: Read, organisations: readonly string[]): Promise<ResponsibleFacts['rosters']> {
  const loaded = await Promise.all(organisations.map(async (id) => [id, await read('roster', id)] as const));
  return Object.fromEntries(loaded);
}

const MOST = 20;

/** Everybody to whom a rung goes, each once. */
export function recipientsFor(rung: Pick<Rung, 'to'>, facts: ResponsibleFacts, day: string): Recipient[] {
  const named = rung.to.flatMap((role) => recipientsOf(role, facts, day));
  const each = new Map(
    named.map((recipient) => [`${recipient.organisation} ${recipient.post} ${recipient.person}`, recipient]),
  );
  return [...each.values()].slice(0, MOST);
}
