// Who is to answer what waits (waiting.ts), when they are reminded of it, and until when they should have.
import type { CampaignDefinition, Rung, RuleSet } from '../../../events/campaign.ts';
import type { Track } from '../../../events/envelope.ts';
import type { Awaits, Recipient } from '../../../events/reminder.ts';
import { type WorkingDays } from '../calendar/working-days.ts';
import type { KnownHazard } from '../hazard/hazard.ts';
import { samePerson } from '../../person.ts';
import { standing, type ReminderStage, type RungStanding } from '../reminder/ladder.ts';
import type { AnswerReminding } from '../reminder/reminder.ts';
import { recipientsOf, type ResponsibleFacts } from '../roster/responsible.ts';
import { endOfTownDay, townDay } from '../../town-time.ts';

/** Working days after which whoever is waited for is reminded; after the last one an answer is late. */
export const ANSWER_DAYS = [1, 3] as const;
export const LAST_ANSWER_DAY = 3;

/** `verification+1`, `verification+3` */
export const answerLadder = (awaits: Awaits): Rung[] =>
  ANSWER_DAYS.map((workingDays) => ({ rung: `${awaits}+${workingDays}`, workingDays, to: ['liaison'] }));

/** Whether anybody is reminded of anything at all: without a ladder, nobody is. */
export const remindsOfAnswers = ({ ladder, reportLadder }: Pick<RuleSet, 'ladder' | 'reportLadder'>): boolean =>
  (ladder?.length ?? 0) + (reportLadder?.length ?? 0) > 0;

/** The rung that is due today for something that has waited since an instant. */
export function answerStanding(
  calendar: WorkingDays,
  wait: { awaits: Awaits; since: string; stage: ReminderStage },
  today: string,
): RungStanding | undefined {
  const day = townDay(wait.since);
  return standing(answerLadder(wait.awaits), calendar, { dueDay: day, setOn: day, stage: wait.stage }, today);
}

/** The end of the day by which it should be answered. */
export const answerBy = (calendar: WorkingDays, since: string): string =>
  endOfTownDay(calendar.shift(townDay(since), LAST_ANSWER_DAY));

/** What tells who may answer. */
export interface AskedAnswerer {
  track: Track | null;
  /** organisation responsible for the hazard */
  organisation: string;
  /** the person, and the organisation, that did their part and may not answer themselves */
  by: { person: string | null; organisation: string | null };
}

/**
 * The organisations that may answer, by the permission table (functions/api/permissions.ts): the first one is waited
 * for. Whoever asked does not answer, where another one may.
 */
export function answering(campaign: CampaignDefinition, awaits: Awaits, asked: AskedAnswerer): string[] {
  const { track, organisation, by } = asked;
  const lead = campaign.tracks.find((one) => one.track === track)?.lead;
  const kind = campaign.organisations.find(({ id }) => id === organisation)?.kind;
  // a village has the danger removed; whether it was is looked at by a department
  const department = kind === 'village' ? undefined : organisation;
  const office = campaign.organisations.find((one) => one.kind === 'office')?.id;
  const candidates: Record<Awaits, (string | undefined)[]> = {
    verification: [department, lead],
    extension: [lead, office],
    closure: [lead, office],
    reassignment: [campaign.operations, office],
    date: [department, lead],
    acceptance: [organisation],
  };
  const all = [...new Set(candidates[awaits].filter((one) => one !== undefined))];
  const others = all.filter((one) => one !== by.organisation);
  return others.length > 0 ? others : all.length > 0 ? all : [organisation];
}

/** Who did their part of what waits at a hazard. */
export function askedBy(
  { submittedBy, extension, proposal, organisation, waiting }: KnownHazard,
  awaits: Awaits,
): AskedAnswerer['by'] {
  if (awaits === 'extension') return { person: extension?.by ?? null, organisation: extension?.organisation ?? null };
  if (awaits === 'closure') return { person: proposal?.by ?? null, organisation: null };
  if (awaits === 'reassignment') return { person: null, organisation };
  return { person: submittedBy, organisation: waiting.submitted?.organisation ?? null };
}

/**
 * Those of the organisations who are reminded: its officers for the track, else its liaison; of the office its
 * director. Never who asked.
 */
export function answerers(
  organisations: readonly string[],
  facts: ResponsibleFacts,
  asked: AskedAnswerer['by'],
  day: string,
): Recipient[] {
  const { campaign, unit } = facts;
  const found = organisations.flatMap((organisation) => {
    const kind = campaign.organisations.find(({ id }) => id === organisation)?.kind;
    const role = kind === 'office' || kind === 'leading-group' ? kind : 'supervisor';
    // who supervises the unit answers for it, and is not who judges what was handed in
    return recipientsOf(role, { ...facts, organisation, unit: unit && { ...unit, supervisors: [] } }, day);
  });
  const others = found.filter(({ person }) => !samePerson(person, asked.person));
  return (
    others.length > 0
      ? others
      : organisations.flatMap((one) => recipientsOf('head', { ...facts, organisation: one }, day))
  ).slice(0, 20);
}

/** A rung as it is issued. */
export function answerReminding(
  calendar: WorkingDays,
  awaits: Awaits,
  since: string,
  { rung, ...how }: RungStanding,
  recipients: Recipient[],
): AnswerReminding {
  const { rung: name, workingDays } = rung;
  return { awaits, since, due: answerBy(calendar, since), rung: name, workingDays, recipients, ...how };
}
