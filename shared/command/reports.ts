// Commands on reports (报表): the clock opens what is owed, reminds and notices what is missing; people submit, return and accept. A report's
// id, and the ids of the clock's commands, are made of what they are about, so that nothing is opened or reminded twice.
import { workingDays } from '../calendar/working-days.ts';
import { requireLaunched, ruleSetAt } from '../domain/campaign.ts';
import { townDay, type Drafts } from '../domain/decider.ts';
import { standing } from '../domain/ladder.ts';
import type { Obligation } from '../domain/obligations.ts';
import * as rules from '../domain/report.ts';
import { rostersFor } from '../domain/responsible.ts';
import type { StoreDeps } from '../store/store.ts';
import { campaignOf, execute, on, type CommandContext, type Executed, type Session } from './execute.ts';
import {
  clockContext,
  clockOrganisation,
  readRosters,
  recipientsFor,
  type ClockContext,
  type DateSeen,
} from './reminders.ts';

/** Puts a report on the list of what is owed. */
export async function requireReport(deps: StoreDeps, clock: ClockContext, owed: Obligation): Promise<Executed> {
  const { id } = owed;
  const context = clockContext(clock, `require:${id}`, await clockOrganisation(deps, clock));
  return execute(deps, context, { category: 'report', id, made: true }, async (read) => {
    return new Map([on('report', id, rules.requireFrom(await read('report', id), owed))]);
  });
}

/** Issues the rung that stands for a report; nothing when another one stands by now. */
export async function remindOfReport(
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
    { category: 'report', id },
    async (read) => {
      const campaign = await campaignOf(deps, clock.tenant, clock.now);
      const definition = requireLaunched(campaign);
      const known = rules.requireReport(await read('report', id), id);
      const now = clock.now.toISOString();
      const today = townDay(now);
      const ruleSet = ruleSetAt(campaign, now);
      if (!ruleSet?.reportLadder || !rules.isOwed(known) || known.due !== due) return new Map();
      const date = { dueDay: townDay(due), setOn: townDay(known.setAt), stage: known.stage };
      const stands = standing(ruleSet.reportLadder, workingDays(ruleSet.calendar), date, today);
      if (stands?.rung.rung !== rung) return new Map();
      const { organisation } = known;
      const rosters = await readRosters(read, rostersFor(definition, organisation));
      const facts = { campaign: definition, rosters, organisation, ...(known.track ? { track: known.track } : {}) };
      const recipients = recipientsFor(stands.rung, facts, today);
      const reminding = { due, rung, workingDays: stands.rung.workingDays, recipients, skipped: stands.skipped };
      return new Map([on('report', id, rules.remindOf(known, id, reminding))]);
    },
    session,
  );
}

/** Records that a report's day has passed without it. */
export async function missReport(
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
    { category: 'report', id },
    async (read) => {
      const state = await read('report', id);
      return new Map([on('report', id, rules.miss(state, id, clock.now.toISOString()))]);
    },
    session,
  );
}

/** Hands in an edition with its figures. @throws NotFound `unknown-report`; RuleViolated `report-accepted` */
export function submitReport(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: rules.Submission,
): Promise<Executed> {
  return onReport(deps, context, id, 'organisation', (state) => rules.submit(state, id, command, context.actor.person));
}

/** @throws RuleViolated `report-not-submitted`, `second-person-needed` */
export function returnReport(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: { reason: string },
): Promise<Executed> {
  return onReport(deps, context, id, 'to', (state) => rules.giveBack(state, id, command, context.actor.person));
}

/** @throws RuleViolated `report-not-submitted`, `second-person-needed` */
export function acceptReport(deps: StoreDeps, context: CommandContext, id: string): Promise<Executed> {
  return onReport(deps, context, id, 'to', (state) => rules.accept(state, id, context.actor.person));
}

function onReport(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  /** whose act it is: that of who owes it, or of whom it goes to */
  party: 'organisation' | 'to',
  decide: (state: rules.ReportState) => Drafts,
): Promise<Executed> {
  return execute(deps, context, { category: 'report', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const state = await read('report', id);
    context.authorise?.({ campaign, organisation: rules.requireReport(state, id)[party] });
    return new Map([on('report', id, decide(state))]);
  });
}
