// Commands on reports (报表): the clock opens what is owed, reminds and notices what is missing; people submit, return and accept. A report's
// id, and the ids of the clock's commands, are made of what they are about, so that nothing is opened or reminded twice.
import type { CampaignState } from '../campaign/campaign.ts';
import { NOTHING, type Drafts } from '../decider.ts';
import type { Obligation } from '../report/obligations.ts';
import * as rules from '../report/report.ts';
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
import {
  byOf,
  campaignOf,
  execute,
  on,
  type Bidden,
  type CommandContext,
  type Executed,
  type StreamCache,
} from './execute.ts';

/** Puts a report on the list of what is owed. */
export function requireReport(deps: StoreDeps, clock: ClockContext, owed: Obligation): Promise<Executed> {
  const { id } = owed;
  return byClock(deps, clock, { category: 'report', id, made: true }, `require:${id}`, async (read) => {
    return new Map([on('report', id, rules.requireFrom(await read('report', id), owed))]);
  });
}

export const remindOfReport = remindsOf('report', async ({ deps, clock, read, id, seen: { due, rung } }) => {
  const known = rules.requireReport(await read('report', id), id);
  const { setAt, stage, organisation, track } = known;
  if (!rules.isOwed(known) || known.due !== due) return NOTHING;
  const reminding = await standingRung(deps, clock, read, rung, {
    ladder: 'reportLadder',
    due,
    setAt,
    stage,
    organisation,
    more: async () => (track ? { track } : {}),
  });
  return reminding ? rules.remindOf(known, id, reminding) : NOTHING;
});

/** Reminds those who may judge a report that was handed in. */
export function remindJudges(
  deps: StoreDeps,
  clock: ClockContext,
  id: string,
  seen: WaitSeen,
  session?: StreamCache,
): Promise<Executed> {
  return byClock(
    deps,
    clock,
    { category: 'report', id },
    `remind:${seen.rung}:${seen.since}`,
    async (read) => {
      const known = rules.requireReport(await read('report', id), id);
      const { acceptance, track, to, submitted } = known;
      if (acceptance?.since !== seen.since) return new Map();
      const asked = { track, organisation: to, by: { person: submitted?.by ?? null, organisation: null } };
      const reminding = await standingAnswer(deps, clock, read, seen, acceptance.stage, asked);
      return new Map([on('report', id, reminding ? rules.remindToJudge(known, id, reminding) : NOTHING)]);
    },
    session,
  );
}

export const missReport = missesOf('report', async ({ clock, read, id }) =>
  rules.missReport(await read('report', id), id, clock.now.toISOString()),
);

/** Hands in an edition with its figures. @throws NotFound `unknown-report`; RuleViolated `report-accepted` */
export function submitReport(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  command: rules.Submission,
): Promise<Executed> {
  return onReportOf(deps, context, id, 'organisation', (state) =>
    rules.submitReport(state, id, command, context.actor.person),
  );
}

/** What the recipient of a report decides about it. */
export const onReport = (deps: StoreDeps, context: CommandContext, { id, decide }: Bidden): Promise<Executed> =>
  onReportOf(deps, context, id, 'to', (state, campaign) => decide(state, byOf(context, campaign)));

function onReportOf(
  deps: StoreDeps,
  context: CommandContext,
  id: string,
  /** whose act it is: that of who owes it, or of whom it goes to */
  party: 'organisation' | 'to',
  decide: (state: rules.ReportState, campaign: CampaignState) => Drafts,
): Promise<Executed> {
  return execute(deps, context, { category: 'report', id }, async (read) => {
    const campaign = await campaignOf(deps, context.tenant, context.now);
    const state = await read('report', id);
    context.authorise?.({ campaign, organisation: rules.requireReport(state, id)[party] });
    return new Map([on('report', id, decide(state, campaign))]);
  });
}
