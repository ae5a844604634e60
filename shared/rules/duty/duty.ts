// Everything that may happen to a duty (应办事项): opened, its steps done, confirmed, returned, stopped and resumed, closed; reminded
// and missed by the clock. What its definition asks for is read from the campaign in the version that it was opened with.
//
//   open ⇄ stopped
//     └→ done (by itself, when nothing is missing) · not-applicable · abandoned
import type { DutyEvent, DutyStatus } from '../../../events/duty.ts';
import type { DutyDefinition, DutyStep, DutySubjectKind, DutyValues } from '../../../events/duty-definition.ts';
import type { Track } from '../../../events/envelope.ts';
import { NotFound, RuleViolated } from '../../../events/errors.ts';
import { samePerson } from '../../person.ts';
import type { WorkingDays } from '../calendar/working-days.ts';
import { NOTHING, same, withEntry, type Before, type Drafts, type Fold } from '../decider.ts';
import type { Reminding } from '../reminder/ladder.ts';
import {
  awaitedSteps,
  dueOfSteps,
  isComplete,
  isPassed,
  mergedValues,
  unmetOf,
  type StepState,
  type StepStates,
} from './steps.ts';

export interface KnownDuty {
  status: DutyStatus;
  /** the definition, and its version */
  duty: string;
  version: number;
  name: string;
  track: Track | null;
  subject: { kind: DutySubjectKind; id: string; name?: string | undefined };
  unit: string | null;
  period: string | null;
  periodDay: string | null;
  area: string | null;
  /** who owes it; null: the post is empty */
  organisation: string | null;
  openedAt: string;
  /** by step, as far as anything was done */
  steps: StepStates;
  next: readonly string[];
  due: string | null;
  dueSetAt: string;
  /** working days of the last rung that was issued for the date in force */
  stage: number | null;
  missed: boolean;
  stopped: { reason: string; authority: string; by: string; at: string } | null;
  closed: { reason: string | null; by: string; at: string } | null;
}
export type DutyState = Before<KnownDuty, 'status' | 'duty' | 'version' | 'name' | 'subject' | 'openedAt' | 'dueSetAt'>;

export const duty: Fold<DutyState, DutyEvent> = {
  category: 'duty',
  initial: {
    status: null,
    duty: null,
    version: null,
    name: null,
    track: null,
    subject: null,
    unit: null,
    period: null,
    periodDay: null,
    area: null,
    organisation: null,
    openedAt: null,
    steps: new Map(),
    next: [],
    due: null,
    dueSetAt: null,
    stage: null,
    missed: false,
    stopped: null,
    closed: null,
  },
  evolve(state, event) {
    const next = { ...state, status: event.data.after };
    switch (event.type) {
      case 'DutyOpened': {
        const { duty: id, version, name, subject, period, periodDay, area, organisation } = event.data;
        return {
          ...next,
          duty: id,
          version,
          name,
          track: event.track ?? null,
          subject,
          unit: event.unit ?? null,
          period: period ?? null,
          periodDay: periodDay ?? null,
          area: area ?? null,
          organisation,
          openedAt: event.recordedAt,
          ...awaitedAfter(state, event),
        };
      }
      case 'StepDone': {
        const { step, values, unmet, by } = event.data;
        const before = state.steps.get(step);
        const done: StepState = {
          times: (before?.times ?? 0) + 1,
          values: { ...before?.values, ...values },
          unmet,
          at: event.recordedAt,
          by,
          confirmedBy: null,
          returned: null,
        };
        return { ...next, steps: withEntry(state.steps, step, done), ...awaitedAfter(state, event) };
      }
      case 'StepConfirmed':
      case 'StepReturned': {
        const { step, by } = event.data;
        const said = event.type === 'StepConfirmed' ? { confirmedBy: by } : { returned: event.data.reason };
        const steps = withEntry(state.steps, step, { ...state.steps.get(step)!, ...said });
        return { ...next, steps, ...awaitedAfter(state, event) };
      }
      case 'DutyStopped': {
        const { reason, authority, by } = event.data;
        return { ...next, stopped: { reason, authority, by, at: event.occurredAt } };
      }
      case 'DutyResumed':
        return { ...next, stopped: null };
      case 'DutyClosed': {
        const { reason, by } = event.data;
        return { ...next, closed: { reason: reason ?? null, by, at: event.occurredAt } };
      }
      case 'DutyReminderIssued':
        return { ...next, stage: event.data.workingDays };
      case 'DutyMissed':
        return { ...next, missed: true };
    }
  },
};

/** A date that stays goes on where its reminders were. */
function awaitedAfter(
  { due, stage, missed, dueSetAt }: DutyState,
  { data, recordedAt }: { data: { next: readonly string[]; due: string | null }; recordedAt: string },
): Pick<DutyState, 'next' | 'due' | 'dueSetAt' | 'stage' | 'missed'> {
  const stays = dueSetAt !== null && data.due === due;
  return {
    next: data.next,
    due: data.due,
    ...(stays ? { dueSetAt, stage, missed } : { dueSetAt: recordedAt, stage: null, missed: false }),
  };
}

/** @throws NotFound `unknown-duty` */
export function requireDuty(state: DutyState, id: string): KnownDuty {
  if (state.status) return state as KnownDuty;
  throw new NotFound('unknown-duty', `there is no duty ${id}`, {
    field: 'duty',
    expected: 'the id of a duty that was opened; GET /v1/duties lists them',
  });
}

/** Whether somebody still has to do something by the date. */
export const isDutyAwaited = ({ status, due }: Pick<DutyState, 'status' | 'due'>): boolean =>
  status === 'open' && due !== null;

/** A duty as the campaign asks for it of somebody. */
export interface Owing {
  definition: DutyDefinition;
  subject: KnownDuty['subject'];
  unit?: string | undefined;
  period?: string | undefined;
  periodDay?: string | undefined;
  area?: string | undefined;
  /** null: nobody holds the post; `vacant` says which */
  organisation: string | null;
  vacant?: 'area' | 'supervisor' | undefined;
  /** what has happened already that does a step by itself */
  fulfilled?: readonly string[] | undefined;
}

/** By whom and when something is done about a duty. */
export interface Doing {
  definition: DutyDefinition;
  person: string;
  /** the server's clock, from which dates count */
  now: string;
  calendar: WorkingDays;
}

/** Puts it on record that it is owed; nothing when it is. */
export function openDuty(state: DutyState, owing: Owing, doing: Omit<Doing, 'definition'>): Drafts {
  if (state.status) return NOTHING;
  const { definition, unit, organisation, period, periodDay, area, vacant, subject, fulfilled = [] } = owing;
  const { duty: id, version, name, track } = definition;
  const dates = { openedAt: doing.now, periodDay: periodDay ?? null, calendar: doing.calendar };
  const opened: Drafts = [
    {
      type: 'DutyOpened',
      ...(unit ? { unit } : {}),
      ...(track ? { track } : {}),
      ...(organisation ? { organisation } : {}),
      data: {
        duty: id,
        name,
        before: null,
        after: 'open',
        version,
        subject,
        ...(period ? { period } : {}),
        ...(periodDay ? { periodDay } : {}),
        ...(area ? { area } : {}),
        organisation,
        ...(vacant ? { vacant } : {}),
        next: awaitedSteps(definition, new Map()).map(({ step }) => step),
        due: dueOfSteps(definition, new Map(), dates),
      },
    },
  ];
  let now = folded(state, opened, doing.now);
  for (const type of fulfilled) {
    const drafts = fulfilStep(now, id, type, { ...doing, definition });
    opened.push(...drafts);
    now = folded(now, drafts, doing.now);
  }
  return opened;
}

/** The state after drafts that are not recorded yet. */
function folded(state: DutyState, drafts: Drafts, now: string): DutyState {
  return drafts.reduce(
    (before, draft) => duty.evolve(before, { ...draft, recordedAt: now, occurredAt: now } as never),
    state,
  );
}

export interface StepAct {
  step: string;
  values?: DutyValues | undefined;
}

/**
 * Does a step, or does it again: what is not said stays what it was. With the last one that is met the duty is closed by itself.
 * @param proof how many different files show it
 * @throws RuleViolated `duty-closed`, `duty-stopped`, `unknown-step`, `step-value`, `proof-missing`, `gate-closed`, `step-out-of-order`
 */
export function doStep(
  state: DutyState,
  id: string,
  act: StepAct,
  doing: Doing & { proof: number; organisations: readonly string[] },
): Drafts {
  const known = requireWorkable(state, id);
  const { definition, person } = doing;
  const step = requireStep(definition, act.step);
  requireTurn(definition, step, known.steps);
  const before = known.steps.get(step.step);
  const values = mergedValues(step, before?.values, act.values ?? {}, doing.organisations);
  const again = before !== undefined && same(before.values, values) && isComplete(step, before);
  if (again && step.every === undefined && doing.proof === 0) return NOTHING;
  const { evidence } = step;
  if (evidence && doing.proof < evidence.least) {
    throw new RuleViolated('proof-missing', `${step.name} needs ${evidence.least} files, ${doing.proof} are there`, {
      field: 'evidence',
      expected: `${evidence.least} different files: ${evidence.of}`,
      facts: { least: evidence.least, given: doing.proof },
    });
  }
  return stepDone(known, step, act.values ?? {}, unmetOf(step, values), doing, person);
}

/** A step that an event does by itself; nothing when the duty asks for no such step any more. */
export function fulfilStep(state: DutyState, id: string, type: string, doing: Doing): Drafts {
  if (state.status === null) return NOTHING;
  const known = requireDuty(state, id);
  const step = doing.definition.steps.find(({ fulfilledBy }) => fulfilledBy === type);
  if (!step || known.status !== 'open' || isComplete(step, known.steps.get(step.step))) return NOTHING;
  return stepDone(known, step, {}, [], doing, doing.person);
}

function stepDone(
  known: KnownDuty,
  { step, name: stepName }: DutyStep,
  values: DutyValues,
  unmet: string[],
  doing: Doing,
  by: string,
): Drafts {
  const before = known.steps.get(step);
  const done: StepState = {
    times: (before?.times ?? 0) + 1,
    values: { ...before?.values, ...values },
    unmet,
    at: doing.now,
    by,
    confirmedBy: null,
    returned: null,
  };
  const awaited = awaitedIn(known, withEntry(known.steps, step, done), doing);
  return orClosed(
    known,
    { type: 'StepDone', data: { ...life(known), step, stepName, values, unmet, ...awaited, by } },
    doing,
  );
}

/**
 * Another person confirms a step.
 * @throws RuleViolated `nothing-to-confirm`, `second-person-needed`, `duty-closed`, `duty-stopped`
 */
export function confirmStep(state: DutyState, id: string, act: { step: string }, doing: Doing): Drafts {
  const { known, step, done } = requireConfirmable(state, id, act.step, doing);
  const confirmed = withEntry(known.steps, step.step, { ...done, confirmedBy: doing.person });
  const data = {
    ...life(known),
    step: step.step,
    stepName: step.name,
    ...awaitedIn(known, confirmed, doing),
    by: doing.person,
  };
  return orClosed(known, { type: 'StepConfirmed', data }, doing);
}

/** Another person sends a step back. @throws as confirmStep */
export function returnStep(state: DutyState, id: string, act: { step: string; reason: string }, doing: Doing): Drafts {
  const { known, step, done } = requireConfirmable(state, id, act.step, doing);
  const returned = withEntry(known.steps, step.step, { ...done, returned: act.reason });
  const { step: name, name: stepName } = step;
  const awaited = awaitedIn(known, returned, doing);
  const data = { ...life(known), step: name, stepName, reason: act.reason, ...awaited, by: doing.person };
  return [{ type: 'StepReturned', ...about(known), data }];
}

function requireConfirmable(
  state: DutyState,
  id: string,
  name: string,
  { definition, person }: Doing,
): { known: KnownDuty; step: DutyStep; done: StepState } {
  const known = requireWorkable(state, id);
  const step = requireStep(definition, name);
  const done = known.steps.get(name);
  if (!step.second || !done || done.returned !== null || done.confirmedBy !== null || done.unmet.length > 0) {
    throw new RuleViolated('nothing-to-confirm', `${step.name} does not wait to be confirmed`, {
      field: 'step',
      expected: step.second
        ? 'a step that was done, whose rules are met and that nobody has confirmed or returned yet'
        : 'a step that another person confirms',
    });
  }
  if (samePerson(done.by, person)) {
    throw new RuleViolated('second-person-needed', 'a step is confirmed by somebody other than who did it', {
      field: 'person',
      expected: 'another person than who did the step',
    });
  }
  return { known, step, done };
}

/** @throws RuleViolated `duty-closed` */
export function stopDuty(
  state: DutyState,
  id: string,
  act: { reason: string; authority: string },
  person: string,
): Drafts {
  const known = requireOpen(state, id);
  if (known.status === 'stopped') return NOTHING;
  return [{ type: 'DutyStopped', ...about(known), data: { ...life(known, 'stopped'), ...act, by: person } }];
}

/** @throws RuleViolated `duty-closed`, `duty-not-stopped` */
export function resumeDuty(state: DutyState, id: string, act: { reason: string }, person: string): Drafts {
  const known = requireOpen(state, id);
  if (known.status !== 'stopped') {
    throw new RuleViolated('duty-not-stopped', `duty ${id} is not stopped`, {
      field: 'duty',
      expected: 'a duty that was stopped',
    });
  }
  return [{ type: 'DutyResumed', ...about(known), data: { ...life(known, 'open'), ...act, by: person } }];
}

/** Ends what was opened and is not done: a matter that does not take place. @throws RuleViolated `duty-closed` */
export function abandonDuty(state: DutyState, id: string, act: { reason: string }, person: string): Drafts {
  const known = requireDuty(state, id);
  if (known.status === 'abandoned' && known.closed?.reason === act.reason) return NOTHING;
  requireOpen(state, id);
  const data = { ...life(known, 'abandoned'), outcome: 'abandoned' as const, reason: act.reason, by: person };
  return [{ type: 'DutyClosed', ...about(known), data }];
}

/** It does not apply to what it is about; the second person is asked for by the command's declaration. @throws RuleViolated `duty-closed` */
export function waiveDuty(state: DutyState, id: string, act: { reason: string }, person: string): Drafts {
  const known = requireDuty(state, id);
  if (known.status === 'not-applicable') return NOTHING;
  requireOpen(state, id);
  const data = { ...life(known, 'not-applicable'), outcome: 'not-applicable' as const, reason: act.reason, by: person };
  return [{ type: 'DutyClosed', ...about(known), data }];
}

/** Issues a rung; nothing when it or a later one was issued, or nothing is awaited any more. */
export function remindOfDuty(state: DutyState, id: string, command: Reminding): Drafts {
  const known = requireDuty(state, id);
  if (!isDutyAwaited(known) || known.due !== command.due) return NOTHING;
  if (known.stage !== null && known.stage >= command.workingDays) return NOTHING;
  return [{ type: 'DutyReminderIssued', ...about(known), data: { ...life(known), ...command } }];
}

/** Records that the day has passed without it; nothing when that is recorded, or the day has not passed. */
export function missDuty(state: DutyState, id: string, due: string, now: string): Drafts {
  const known = requireDuty(state, id);
  if (!isDutyAwaited(known) || known.due !== due || known.missed || now <= due) return NOTHING;
  return [{ type: 'DutyMissed', ...about(known), data: { ...life(known), due } }];
}

function life({ duty: id, name, status }: KnownDuty, after: DutyStatus = status) {
  return { duty: id, name, before: status, after };
}

const about = ({ unit, track, organisation }: KnownDuty) => ({
  ...(unit ? { unit } : {}),
  ...(track ? { track } : {}),
  ...(organisation ? { organisation } : {}),
});

function awaitedIn(known: KnownDuty, steps: StepStates, { definition, calendar }: Doing) {
  return {
    next: awaitedSteps(definition, steps).map(({ step }) => step),
    due: dueOfSteps(definition, steps, { openedAt: known.openedAt, periodDay: known.periodDay, calendar }),
  };
}

type Doings = Extract<Drafts[number], { type: 'StepDone' | 'StepConfirmed' }>;

/** The draft; and, when nothing is missing any more, that the duty is done. */
function orClosed(known: KnownDuty, draft: Doings, doing: Doing): Drafts {
  const drafts: Drafts = [{ ...draft, ...about(known) }];
  if (draft.data.next.length > 0) return drafts;
  const data = { ...life(known, 'done'), outcome: 'done' as const, by: doing.person };
  return [...drafts, { type: 'DutyClosed', ...about(known), data }];
}

function requireStep({ steps }: DutyDefinition, name: string): DutyStep {
  const step = steps.find((one) => one.step === name);
  if (step) return step;
  throw new RuleViolated('unknown-step', `the duty has no step ${name}`, {
    field: 'step',
    expected: `one of ${steps.map((one) => one.step).join(', ')}`,
  });
}

/** No step after one that is not passed. */
function requireTurn({ steps, parallel }: DutyDefinition, step: DutyStep, states: StepStates): void {
  if (parallel) return;
  const held = steps.slice(0, steps.indexOf(step)).find((before) => !isPassed(before, states.get(before.step)));
  if (!held) return;
  const state = states.get(held.step);
  if (held.gate && state && state.unmet.length > 0) {
    throw new RuleViolated('gate-closed', `${step.name} may not be done: ${state.unmet.join('；')}`, {
      field: 'step',
      expected: `${held.name} (${held.step}) with every rule met`,
      facts: { gate: held.step, unmet: state.unmet },
    });
  }
  throw new RuleViolated('step-out-of-order', `${step.name} comes after ${held.name}`, {
    field: 'step',
    expected: `${held.step} first${held.second && state ? ': another person confirms it' : ''}`,
  });
}

/** @throws RuleViolated `duty-closed` */
function requireOpen(state: DutyState, id: string): KnownDuty {
  const known = requireDuty(state, id);
  if (!known.closed) return known;
  throw new RuleViolated('duty-closed', `duty ${id} is ${known.status}`, {
    field: 'duty',
    expected: 'a duty that is open',
    facts: { status: known.status },
  });
}

/** @throws RuleViolated `duty-closed`, `duty-stopped` */
function requireWorkable(state: DutyState, id: string): KnownDuty {
  const known = requireOpen(state, id);
  if (known.status !== 'stopped') return known;
  throw new RuleViolated('duty-stopped', `duty ${id} was stopped: ${known.stopped!.reason}`, {
    field: 'duty',
    expected: 'that it is resumed first (复工)',
    facts: { reason: known.stopped!.reason },
  });
}

/** The version of its definition that a duty was opened with. @throws Error: it was published before the duty was opened */
export function definitionIn(
  duties: ReadonlyMap<string, readonly DutyDefinition[]>,
  { duty: id, version }: Pick<KnownDuty, 'duty' | 'version'>,
): DutyDefinition {
  const found = duties.get(id)?.[version - 1];
  if (!found) throw new Error(`a duty was opened by version ${version} of ${id}, which the campaign does not have`);
  return found;
}
