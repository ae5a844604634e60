// What a duty's definition makes of what has been done: which values fit, which rules are unmet, which steps are awaited and by when.
// Pure; the decider puts the outcome into the event.
import type { DutyDefinition, DutyRule, DutyStep, DutyValues } from '../../../events/duty-definition.ts';
import { RuleViolated } from '../../../events/errors.ts';
import { own } from '../../own.ts';
import { endOfTownDay, plusDays, townDay } from '../../town-time.ts';
import type { WorkingDays } from '../calendar/working-days.ts';
import { valueFault } from './definition.ts';

/** What is on record of one step. */
export interface StepState {
  times: number;
  /** the latest of each field */
  values: DutyValues;
  unmet: readonly string[];
  /** when and by whom it was last done */
  at: string;
  by: string;
  confirmedBy: string | null;
  /** why it was sent back, if that is the last word */
  returned: string | null;
}
export type StepStates = ReadonlyMap<string, StepState>;

/**
 * The values of a step with those that it had before: what is not said again stays.
 * @throws RuleViolated `step-value` naming the field and what would be right
 */
export function mergedValues(
  { fields = [], name }: DutyStep,
  before: DutyValues | undefined,
  given: DutyValues,
  organisations: readonly string[],
): DutyValues {
  const unknown = Object.keys(given).find((key) => !fields.some(({ field }) => field === key));
  if (unknown !== undefined) {
    const expected = `one of ${fields.map(({ field }) => field).join(', ') || 'none: the step has no fields'}`;
    throw wrongValue(unknown, `${name} has no field ${unknown}`, expected);
  }
  const merged = { ...before, ...given };
  for (const field of fields) {
    const value = own(merged, field.field);
    if (value === undefined) {
      if (field.optional) continue;
      throw wrongValue(field.field, `${field.field} is missing`, valueFault(field, undefined) ?? 'a value');
    }
    const fault = valueFault(field, value);
    if (fault) throw wrongValue(field.field, `${field.field}: ${JSON.stringify(value)} does not fit`, fault);
    if (field.kind === 'organisation' && !organisations.includes(value as string)) {
      throw wrongValue(field.field, `unknown organisation ${String(value)}`, `one of ${organisations.join(', ')}`);
    }
  }
  return merged;
}

const wrongValue = (field: string, message: string, expected: string): RuleViolated =>
  new RuleViolated('step-value', message, { field: `values.${field}`, expected });

/** The rules that do not hold, in the words of the definition. */
export function unmetOf({ rules = [] }: DutyStep, values: DutyValues): string[] {
  return rules.filter((rule) => !holds(rule, values)).map(({ say }) => say);
}

function holds(rule: DutyRule, values: DutyValues): boolean {
  if (rule.when && own(values, rule.when.field) !== rule.when.is) return true;
  switch (rule.rule) {
    case 'yes':
      return own(values, rule.field) === true;
    case 'one-of':
      return rule.values.includes(own(values, rule.field) as string);
    case 'least':
    case 'most': {
      const sum = rule.sum.reduce((total, { field, times }) => total + times * (own(values, field) as number), 0);
      // sums of decimals are off by less than this
      return rule.rule === 'least' ? sum >= rule.than - 1e-9 : sum <= rule.than + 1e-9;
    }
  }
}

/** Nothing is missing: done, met, confirmed. */
export const isComplete = ({ second }: DutyStep, state: StepState | undefined): boolean =>
  state !== undefined && state.returned === null && state.unmet.length === 0 && (!second || state.confirmedBy !== null);

/** The next step may be done: an unmet rule holds up what comes after it only where the step is a gate. */
export const isPassed = (step: DutyStep, state: StepState | undefined): boolean =>
  state !== undefined &&
  state.returned === null &&
  (!step.gate || state.unmet.length === 0) &&
  (!step.second || state.confirmedBy !== null);

/** The steps that somebody has to do, or confirm. */
export function awaitedSteps({ steps, parallel }: DutyDefinition, states: StepStates): DutyStep[] {
  const missing = steps.filter((step) => !isComplete(step, states.get(step.step)));
  if (parallel) return missing;
  const first = steps.findIndex((step) => !isPassed(step, states.get(step.step)));
  return steps.filter((step, at) => {
    if (first >= 0 && at > first) return false;
    // what is done again and again goes on until the next one has been done
    return missing.includes(step) || (step.every !== undefined && !states.has(steps[at + 1]!.step));
  });
}

/** What dates are counted from. */
export interface Dates {
  openedAt: string;
  periodDay: string | null;
  calendar: WorkingDays;
}

/** By when the first of the awaited steps is due; null: none has a date. */
export function dueOfSteps(definition: DutyDefinition, states: StepStates, dates: Dates): string | null {
  const dues = awaitedSteps(definition, states).flatMap((step) => dueOfStep(definition, step, states, dates) ?? []);
  return dues.toSorted()[0] ?? null;
}

function dueOfStep(
  { steps }: DutyDefinition,
  step: DutyStep,
  states: StepStates,
  { openedAt, periodDay, calendar }: Dates,
): string | undefined {
  const done = states.get(step.step);
  if (step.every !== undefined && done) return endOfTownDay(plusDays(townDay(done.at), step.every));
  const before = states.get(steps[steps.indexOf(step) - 1]?.step ?? '');
  const { due } = step;
  if (!due)
    return step.every === undefined ? undefined : endOfTownDay(plusDays(townDay(before?.at ?? openedAt), step.every));
  if (due.by === 'date') return endOfTownDay(due.on);
  if (due.by === 'period') return periodDay === null ? undefined : endOfTownDay(periodDay);
  const from = due.after === 'opening' ? openedAt : before?.at;
  return from === undefined ? undefined : endOfTownDay(calendar.shift(townDay(from), due.days));
}
