// What a run of the clock goes by: the rules in force today, and for each list of deadlines how far it is to be read. Pure.
import type { RuleSet, Rung } from '../../../events/campaign.ts';
import { workingDays, type WorkingDays } from '../../rules/calendar/working-days.ts';
import { ANSWER_DAYS, remindsOfAnswers } from '../../rules/waiting/answering.ts';
import { reach, rungsAfter, standing, type RungStanding } from '../../rules/reminder/ladder.ts';
import { overdueAfter } from '../../rules/escalation/policy.ts';
import {
  DEADLINE_KINDS,
  PHASES,
  type DeadlineEntry,
  type DeadlineKind,
  type DeadlinePhase,
} from '../../reading/deadline/list.ts';
import type { DueQuery } from '../../reading/deadline/due-query.ts';
import { endOfTownDay, startOfTownDay, townDay } from '../../town-time.ts';

/** `morning`: everything, on working days; `urgent`: what is due today, and what has passed; every day, at any hour */
export const RUN_MODES = ['morning', 'urgent'] as const;
export type RunMode = (typeof RUN_MODES)[number];

export interface RunRules {
  now: string;
  /** the day in town */
  today: string;
  mode: RunMode;
  ruleSet: RuleSet;
  calendar: WorkingDays;
  ladders: Record<DeadlineKind, readonly Rung[]>;
  /** stages that a deadline may have: those of every rule set that there has been */
  stages: Record<DeadlineKind, readonly (number | null)[]>;
  /** working days after a due date from which the rule `overdue` fires; undefined: it never does */
  overdueAfter: number | undefined;
}

/**
 * The rules of a run. On a day that is no working day only the urgent is looked after.
 * @param ruleSets all that were published, for the stages of ladders that were in force before
 * @throws InvalidInput when the rule set names a year that has not been announced
 */
export function rulesOf(
  ruleSet: RuleSet,
  ruleSets: readonly RuleSet[],
  { now, asked }: { now: string; asked: RunMode },
): RunRules {
  const today = townDay(now);
  const calendar = workingDays(ruleSet.calendar);
  const ladders = {
    hazard: ruleSet.ladder ?? [],
    report: ruleSet.reportLadder ?? [],
    duty: ruleSet.dutyLadder ?? [],
  };
  const rungs = ladders.hazard.length + ladders.report.length + ladders.duty.length;
  const workday =
    (rungs > 0 || overdueAfter(ruleSet) !== undefined) && asked === 'morning' && calendar.isWorkday(today);
  return {
    now,
    today,
    mode: workday ? 'morning' : 'urgent',
    ruleSet,
    calendar,
    ladders,
    stages: {
      hazard: stagesOf(ruleSets.map(({ ladder }) => ladder)),
      report: stagesOf(ruleSets.map(({ reportLadder }) => reportLadder)),
      duty: stagesOf(ruleSets.map(({ dutyLadder }) => dutyLadder)),
    },
    overdueAfter: overdueAfter(ruleSet),
  };
}

function stagesOf(ladders: readonly (readonly Rung[] | undefined)[]): (number | null)[] {
  const days = new Set(ladders.flatMap((ladder) => (ladder ?? []).map(({ workingDays: n }) => n)));
  return [null, ...[...days].toSorted((a, b) => a - b)];
}

/** Every list that may hold something to do, with how far it is to be read; those with nothing to do are left out. */
export function queriesOf(rules: RunRules): DueQuery[] {
  return DEADLINE_KINDS.flatMap((kind) =>
    rules.stages[kind].flatMap((stage) =>
      PHASES.flatMap((phase) => {
        const query = queryOf(rules, kind, stage, phase);
        return query ? [query] : [];
      }),
    ),
  );
}

function queryOf(
  rules: RunRules,
  kind: DeadlineKind,
  stage: number | null,
  phase: DeadlinePhase,
): DueQuery | undefined {
  const { now, today } = rules;
  const [next] = rungsAfter(rules.ladders[kind], stage);
  const ends: string[] = [];
  if (phase === 'waiting') ends.push(now);
  if (rules.mode === 'morning') {
    const toBringUp = kind === 'hazard' && phase === 'missed' ? rules.overdueAfter : undefined;
    for (const lead of [next?.workingDays, toBringUp]) {
      if (lead !== undefined) ends.push(endOfTownDay(reach(rules.calendar, { workingDays: lead }, today)));
    }
  } else if (hasOwnDay(rules, kind, stage)) {
    ends.push(endOfTownDay(today));
    // what passed before today is noticed already; its rungs wait for a working day's morning
    if (phase !== 'waiting') return { kind, stage, phase, from: startOfTownDay(today), until: endOfTownDay(today) };
  }
  if (ends.length === 0) return undefined;
  return { kind, stage, phase, until: ends.reduce((a, b) => (a > b ? a : b)) };
}

/** Whether the rung of the due date's own day is still to come after a stage. */
function hasOwnDay(rules: RunRules, kind: DeadlineKind, stage: number | null): boolean {
  return rungsAfter(rules.ladders[kind], stage).some(({ workingDays: n }) => n === 0);
}

/** How far each list of what waits for an answer is to be read; on the morning of a working day only. */
export function waitQueriesOf({ mode, ruleSet, calendar, today }: RunRules): { stage: number | null; until: string }[] {
  if (mode !== 'morning' || !remindsOfAnswers(ruleSet)) return [];
  return ANSWER_DAYS.map((lead, nth) => ({
    stage: nth === 0 ? null : ANSWER_DAYS[nth - 1]!,
    until: endOfTownDay(reach(calendar, { workingDays: lead }, today)),
  }));
}

export interface Todo {
  missed: boolean;
  standing: RungStanding | undefined;
  /** so long past that the case goes to the district; only once its passing has been noticed by an earlier run */
  overdue: boolean;
}

/** What is to be done about one deadline in this run. */
export function todo(rules: RunRules, deadline: DeadlineEntry): Todo {
  const { kind, due, setAt, stage, phase } = deadline;
  const dueDay = townDay(due);
  const stands = standing(rules.ladders[kind], rules.calendar, { dueDay, setOn: townDay(setAt), stage }, rules.today);
  const onTheDay = dueDay === rules.today && stands?.rung.workingDays === 0;
  return {
    missed: phase === 'waiting' && rules.now > due,
    standing: rules.mode === 'morning' || onTheDay ? stands : undefined,
    overdue:
      rules.mode === 'morning' &&
      kind === 'hazard' &&
      phase === 'missed' &&
      rules.overdueAfter !== undefined &&
      dueDay <= reach(rules.calendar, { workingDays: rules.overdueAfter }, rules.today),
  };
}
