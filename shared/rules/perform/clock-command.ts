// What the commands of the clock have in common, whatever the deadline is of: who acts, the ids by which a run that is
// repeated, late, or at work twice does each thing once, and the rung of a ladder that is due.
import type { CampaignDefinition, Rung } from '../../../events/campaign.ts';
import type { Track } from '../../../events/envelope.ts';
import type { Awaits, Recipient } from '../../../events/reminder.ts';
import { workingDays } from '../calendar/working-days.ts';
import {
  answerers,
  answering,
  answerReminding,
  answerStanding,
  remindsOfAnswers,
  type AskedAnswerer,
} from '../waiting/answering.ts';
import { requireLaunched, ruleSetAt } from '../campaign/campaign.ts';
import type { Drafts } from '../decider.ts';
import { standing, type Reminding, type ReminderStage } from '../reminder/ladder.ts';
import type { AnswerReminding } from '../reminder/reminder.ts';
import { recipientsOf, rostersFor, type ResponsibleFacts } from '../roster/responsible.ts';
import type { StoreDeps } from '../../record/store/store.ts';
import { campaignOf, execute, on, type CommandContext, type Executed, type Read, type StreamCache } from './execute.ts';
import { townDay } from '../../town-time.ts';

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

/** Carries out what the clock decides about one stream. @param command the same for the same thing, for ever */
export async function byClock(
  deps: StoreDeps,
  clock: ClockContext,
  target: Parameters<typeof execute>[2],
  command: string,
  decide: Parameters<typeof execute>[3],
  session?: StreamCache,
): Promise<Executed> {
  const context = clockContext(clock, command, await clockOrganisation(deps, clock));
  return execute(deps, context, target, decide, session);
}

/** What a command about a date decides with. */
interface AboutDate<Seen> {
  deps: StoreDeps;
  clock: ClockContext;
  read: Read;
  id: string;
  seen: Seen;
}

/** A command of the clock about a date that it has seen; once for each date, however often it is given. */
const onDate =
  <Seen extends DateSeen>(
    category: 'hazard' | 'report' | 'duty',
    what: (seen: Seen) => string,
    decide: (about: AboutDate<Seen>) => Promise<Drafts>,
  ) =>
  (deps: StoreDeps, clock: ClockContext, id: string, seen: Seen, session?: StreamCache): Promise<Executed> =>
    byClock(
      deps,
      clock,
      { category, id },
      `${what(seen)}:${seen.due}:${seen.setAt}`,
      async (read) => new Map([on(category, id, await decide({ deps, clock, read, id, seen }))]),
      session,
    );

/** Issues the rung that was seen to be due for a date; nothing when another one is due by now, or another date is in force. */
export const remindsOf = (
  category: 'hazard' | 'report' | 'duty',
  decide: (about: AboutDate<DateSeen & { rung: string }>) => Promise<Drafts>,
) => onDate<DateSeen & { rung: string }>(category, ({ rung }) => `remind:${rung}`, decide);

/** Records that a date has passed and nothing was handed in. */
export const missesOf = (
  category: 'hazard' | 'report' | 'duty',
  decide: (about: AboutDate<DateSeen>) => Promise<Drafts>,
) => onDate<DateSeen>(category, () => 'missed', decide);

/** What a ladder is asked about. */
interface OnLadder {
  ladder: 'ladder' | 'reportLadder' | 'dutyLadder';
  due: string;
  setAt: string;
  stage: ReminderStage;
  organisation: string;
  /** what else tells whom a rung goes to; read only when one is due */
  more: () => Promise<Omit<ResponsibleFacts, 'campaign' | 'rosters' | 'organisation'>>;
}

/**
 * The rung that was seen to be due for a date, to whoever holds the posts today; undefined when another one is due by now: whoever looks
 * next sees that.
 */
export async function standingRung(
  deps: StoreDeps,
  clock: ClockContext,
  read: Read,
  rung: string,
  asked: OnLadder,
): Promise<Reminding | undefined> {
  const campaign = await campaignOf(deps, clock.tenant, clock.now);
  const definition = requireLaunched(campaign);
  const now = clock.now.toISOString();
  const today = townDay(now);
  const ruleSet = ruleSetAt(campaign, now);
  const ladder = ruleSet?.[asked.ladder];
  if (!ruleSet || !ladder) return undefined;
  const date = { dueDay: townDay(asked.due), setOn: townDay(asked.setAt), stage: asked.stage };
  const stands = standing(ladder, workingDays(ruleSet.calendar), date, today);
  if (stands?.rung.rung !== rung) return undefined;
  const facts = { ...(await asked.more()), ...(await whoever(read, definition, asked.organisation)) };
  const recipients = recipientsFor(stands.rung, facts, today);
  const { rung: _rung, ...how } = stands;
  return { due: asked.due, rung, workingDays: stands.rung.workingDays, recipients, ...how };
}

/** What waits, as the clock sees it. */
export interface WaitSeen {
  awaits: Awaits;
  since: string;
  rung: string;
}

/**
 * The rung that was seen to be due for something that waits for an answer, to whoever may answer today; undefined when
 * another one is due by now.
 * @param asked what tells who may answer
 */
export async function standingAnswer(
  deps: StoreDeps,
  clock: ClockContext,
  read: Read,
  { awaits, since, rung }: WaitSeen,
  stage: ReminderStage,
  asked: Omit<AskedAnswerer, 'track'> & { track: Track | null; unit?: ResponsibleFacts['unit'] },
): Promise<AnswerReminding | undefined> {
  const campaign = await campaignOf(deps, clock.tenant, clock.now);
  const definition = requireLaunched(campaign);
  const now = clock.now.toISOString();
  const ruleSet = ruleSetAt(campaign, now);
  if (!ruleSet || !remindsOfAnswers(ruleSet)) return undefined;
  const calendar = workingDays(ruleSet.calendar);
  const stands = answerStanding(calendar, { awaits, since, stage }, townDay(now));
  if (stands?.rung.rung !== rung) return undefined;
  const { track, organisation, by, unit } = asked;
  const organisations = answering(definition, awaits, { track, organisation, by });
  const rosters = await readRosters(read, [...new Set(organisations.flatMap((one) => rostersFor(definition, one)))]);
  const facts = { campaign: definition, rosters, unit, track: track ?? undefined, organisation };
  return answerReminding(calendar, awaits, since, stands, answerers(organisations, facts, by, townDay(now)));
}

async function whoever(read: Read, campaign: CampaignDefinition, organisation: string) {
  return { campaign, organisation, rosters: await readRosters(read, rostersFor(campaign, organisation)) };
}

/** Reads rosters as part of a decision. */
async function readRosters(read: Read, organisations: readonly string[]): Promise<ResponsibleFacts['rosters']> {
  const loaded = await Promise.all(organisations.map(async (id) => [id, await read('roster', id)] as const));
  return new Map(loaded);
}

const MOST = 20;

/** Everybody who is sent a rung, each once. */
function recipientsFor(rung: Pick<Rung, 'to'>, facts: ResponsibleFacts, day: string): Recipient[] {
  const named = rung.to.flatMap((role) => recipientsOf(role, facts, day));
  const each = new Map(
    named.map((recipient) => [`${recipient.organisation} ${recipient.post} ${recipient.person}`, recipient]),
  );
  return [...each.values()].slice(0, MOST);
}
