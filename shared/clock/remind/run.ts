// One run of the clock (催办): reads what is due and no more, issues the rung that is due for each deadline, records what
// has passed, brings up what has been overdue for too long, and opens the reports that are owed. Everything it does is
// a command with an id made of what it is about, decided on the stream itself: a run that is repeated, late, cut short
// or at work twice does each thing once.
import { dueToOpen, openEverywhere } from '../duties/open.ts';
import { campaignOf, forgetCampaign, type Executed, type StreamCache } from '../../rules/perform/execute.ts';
import { proposeOverdue } from '../../rules/perform/escalation.ts';
import { clockContext, clockOrganisation, type ClockContext } from '../../rules/perform/clock-command.ts';
import { noticeDutyMissed, remindDuty } from '../../rules/perform/duty.ts';
import { noticeMissed, remindAnswerers, remindHazard } from '../../rules/perform/reminder.ts';
import { missReport, remindJudges, remindOfReport, requireReport } from '../../rules/perform/report.ts';
import { answerStanding } from '../../rules/waiting/answering.ts';
import { requireLaunched, ruleSetAt, type CampaignState } from '../../rules/campaign/campaign.ts';
import { obligationsUpTo } from '../../rules/report/obligations.ts';
import { concurrently } from '../../record/log/batch.ts';
import { readHead } from '../../record/log/head.ts';
import { bareTable } from '../../own.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import { NotYetVisible, waitFor } from '../../reading/views/as-of.ts';
import { readDue, readWaiting, type WaitDue } from '../../reading/deadline/due-query.ts';
import { deadlinesView, type DeadlineEntry } from '../../reading/deadline/list.ts';
import { liveGeneration, requireViews } from '../../reading/views/generation.ts';
import { expiredProposals } from '../../reading/proposal/list-query.ts';
import { expireProposal } from '../../rules/perform/proposal.ts';
import { knownReports } from '../../reading/report/list-query.ts';
import { reportsView } from '../../reading/report/list.ts';
import type { ViewDeps } from '../../reading/views/view.ts';
import { waitsView } from '../../reading/waiting/list.ts';
import { queriesOf, rulesOf, todo, waitQueriesOf, type RunMode, type RunRules } from './rules.ts';
import { yearsMissing } from './years.ts';
import { townDay } from '../../town-time.ts';

export interface RemindDeps {
  /** the EVENTS table */
  store: StoreDeps;
  views: ViewDeps;
  sleep: (ms: number) => Promise<void>;
  /** told of each thing that failed; the run goes on with the next */
  failed: (what: string, error: unknown) => void;
}

export interface RemindOptions {
  mode: RunMode;
  now: Date;
  correlation?: string | undefined;
  /** asked between deadlines; false ends the run early, and the next one does the rest */
  goOn?: (() => boolean) | undefined;
  /** how long to wait until the views have everything that is in the log, ms; default 20,000 */
  waitMs?: number | undefined;
}

/** What a run did. */
export interface Reminded {
  /** the day in town */
  today: string;
  /** what was looked after: on a day off only the urgent, whatever was asked for */
  mode: RunMode;
  ruleSet: number;
  /** deadlines read from the views */
  read: number;
  /** rungs issued now, by rung */
  issued: Record<string, number>;
  missed: number;
  /** cases brought up because nothing came for so long */
  escalated: number;
  /** reports put on the list of what is owed */
  required: number;
  /** duties opened because their period or stage has begun */
  duties: number;
  /** proposals that nobody confirmed in time */
  lapsed: number;
  failed: number;
  /** false: it was cut short */
  complete: boolean;
  /** how far the views were behind when the run had waited long enough; what they do not show yet is for the next run */
  behind: number;
  /** years without a statutory notice in which something is due; looked for in the morning */
  yearsMissing: number[];
}

/**
 * Runs the clock once.
 * @throws ViewMissing when the views are of an older daocha; the store's own errors while reading what is due
 */
export async function remind(deps: RemindDeps, options: RemindOptions): Promise<Reminded> {
  const { store, views } = deps;
  const { now, mode } = options;
  forgetCampaign(store, views.tenant);
  const campaign = await campaignOf(store, views.tenant, now);
  const at = now.toISOString();
  const ruleSet = ruleSetAt(campaign, at);
  if (!campaign.definition || !ruleSet) return nothing(townDay(at), mode);
  const rules = rulesOf(ruleSet, campaign.ruleSets, { now: at, asked: mode });
  const behind = await lag(deps, options.waitMs ?? 20_000);
  const generation = await liveGeneration(views);
  await requireViews(views, generation, [deadlinesView, reportsView, waitsView]);

  const run: Run = {
    deps,
    rules,
    clock: { tenant: views.tenant, now, correlation: options.correlation },
    goOn: options.goOn ?? (() => true),
    session: new Map(),
    done: { ...nothing(rules.today, rules.mode), ruleSet: ruleSet.version, behind },
  };
  if (mode === 'morning') {
    await openReports(run, campaign, generation);
    await openDutiesOfToday(run, campaign);
    await lapse(run);
    run.done.yearsMissing = await yearsMissing(views, generation, rules.calendar, rules.today);
  }
  // Most lists are empty, so they are read side by side; what is due is done page by page, so that few commands are in hand at once.
  let pages = Promise.resolve();
  await concurrently(queriesOf(rules), async (query) => {
    for await (const page of readDue(views, generation, query)) {
      run.done.read += page.length;
      pages = pages.then(() => concurrently(page, (deadline) => lookAfter(run, deadline)));
      await pages;
      if (!run.done.complete) return;
    }
  });
  await concurrently(waitQueriesOf(rules), async (query) => {
    for await (const page of readWaiting(views, generation, query)) {
      run.done.read += page.length;
      pages = pages.then(() => concurrently(page, (wait) => remindOfAnswer(run, wait)));
      await pages;
      if (!run.done.complete) return;
    }
  });
  return run.done;
}

interface Run {
  deps: RemindDeps;
  rules: RunRules;
  clock: ClockContext;
  goOn: () => boolean;
  /** streams read in this run: a roster is asked for by many deadlines, and read once */
  session: StreamCache;
  done: Reminded;
}

function nothing(today: string, mode: RunMode): Reminded {
  return {
    today,
    mode,
    ruleSet: 0,
    read: 0,
    issued: bareTable(),
    missed: 0,
    escalated: 0,
    required: 0,
    duties: 0,
    lapsed: 0,
    failed: 0,
    complete: true,
    behind: 0,
    yearsMissing: [],
  };
}

/** Waits until the views show what is in the log now; how many events they lack when it took too long. */
async function lag({ views, sleep }: RemindDeps, waitMs: number): Promise<number> {
  const { size } = await readHead(views);
  if (size === 0) return 0;
  try {
    await waitFor(views, size - 1, { timeoutMs: waitMs, sleep });
    return 0;
  } catch (error) {
    if (!(error instanceof NotYetVisible)) throw error;
    return size - Number(error.facts['position']);
  }
}

const MISS = { hazard: noticeMissed, report: missReport, duty: noticeDutyMissed } as const;
const REMIND = { hazard: remindHazard, report: remindOfReport, duty: remindDuty } as const;

/** Does what is to be done about one deadline. */
async function lookAfter(run: Run, deadline: DeadlineEntry): Promise<void> {
  if (!run.goOn()) {
    run.done.complete = false;
    return;
  }
  const { kind, id, due, setAt } = deadline;
  const { store } = run.deps;
  const { missed, standing, overdue } = todo(run.rules, deadline);
  if (missed) {
    const noticed = await attempt(run, `${kind} ${id}: missed`, () =>
      MISS[kind](store, run.clock, id, { due, setAt }, run.session),
    );
    if (noticed?.added) run.done.missed += 1;
  }
  if (standing) {
    const { rung } = standing.rung;
    const issued = await attempt(run, `${kind} ${id}: rung ${rung}`, () =>
      REMIND[kind](store, run.clock, id, { due, setAt, rung }, run.session),
    );
    if (issued?.added) run.done.issued[rung] = (run.done.issued[rung] ?? 0) + 1;
  }
  if (overdue) {
    const up = await attempt(run, `${kind} ${id}: overdue`, () => bringUp(run, deadline));
    if (up?.added) run.done.escalated += 1;
  }
}

/** Reminds those who may answer what waits. */
async function remindOfAnswer(run: Run, wait: WaitDue): Promise<void> {
  if (!run.goOn()) {
    run.done.complete = false;
    return;
  }
  const { kind, id, awaits, since } = wait;
  const stands = answerStanding(run.rules.calendar, wait, run.rules.today);
  if (!stands) return;
  const { rung } = stands.rung;
  const remindThem = kind === 'hazard' ? remindAnswerers : remindJudges;
  const issued = await attempt(run, `${kind} ${id}: rung ${rung}`, () =>
    remindThem(run.deps.store, run.clock, id, { awaits, since, rung }, run.session),
  );
  if (issued?.added) run.done.issued[rung] = (run.done.issued[rung] ?? 0) + 1;
}

/** The case goes to the district: the hazard's own state decides once more. */
async function bringUp({ deps, clock, rules }: Run, { id, due, setAt }: DeadlineEntry): Promise<Executed> {
  const context = clockContext(clock, `overdue:${due}:${setAt}`, await clockOrganisation(deps.store, clock));
  return proposeOverdue(deps.store, context, id, due, (dueDay) => rules.calendar.between(dueDay, rules.today));
}

/** Opens every report that is owed by now and not on the list yet. */
async function openReports(run: Run, campaign: CampaignState, generation: number): Promise<void> {
  const { ruleSet, calendar, today } = run.rules;
  const launchedOn = townDay(campaign.launchedAt ?? run.rules.now);
  const owed = obligationsUpTo(requireLaunched(campaign), ruleSet, calendar, today, launchedOn);
  if (owed.length === 0) return;
  const known = await knownReports(run.deps.views, generation);
  const missing = owed.filter(({ id }) => !known.has(id));
  await concurrently(missing, async (report) => {
    const opened = await attempt(run, `report ${report.id}`, () => requireReport(run.deps.store, run.clock, report));
    if (opened?.added) run.done.required += 1;
  });
}

/** What nobody has confirmed in time is not done by silence: it expires. */
async function lapse(run: Run): Promise<void> {
  const { deps, clock, rules, session } = run;
  const over = await expiredProposals(deps.views, rules.now);
  await concurrently(over, async (id) => {
    const lapsed = await attempt(run, `proposal ${id}`, () => expireProposal(deps.store, clock, id, session));
    if (lapsed?.added) run.done.lapsed += 1;
  });
}

/** Opens the duties whose period or stage has begun; what was opened by an earlier run is known by its marker. */
async function openDutiesOfToday(run: Run, campaign: CampaignState): Promise<void> {
  const { deps, clock, rules, goOn } = run;
  const owed = dueToOpen(campaign, rules.today);
  if (owed.length === 0) return;
  const organisation = await clockOrganisation(deps.store, clock);
  const { command: _command, request: _request, ...context } = clockContext(clock, '', organisation);
  for (const { definition, when } of owed) {
    try {
      const { opened, complete } = await openEverywhere(deps, context, definition, { when, goOn });
      run.done.duties += opened;
      if (!complete) run.done.complete = false;
    } catch (error) {
      run.done.failed += 1;
      deps.failed(`duty ${definition.duty}`, error);
    }
  }
}

/** One command. What goes wrong with it is told and counted, and does not keep the others from being reminded. */
async function attempt(run: Run, what: string, act: () => Promise<Executed>): Promise<Executed | undefined> {
  try {
    return await act();
  } catch (error) {
    run.done.failed += 1;
    run.deps.failed(what, error);
    return undefined;
  }
}
