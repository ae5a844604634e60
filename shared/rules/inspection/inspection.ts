// Everything that may happen to an inspection (检查): planned, then recorded once or missed. What a “problem” answer means for
// a hazard is decided in hazard.ts; here the answers and those outcomes are put on record.
import { clauseRead } from '../../text.ts';
import {
  MAX_FINDINGS,
  type Answer,
  type Finding,
  type InspectionEvent,
  type InspectionMode,
} from '../../../events/inspection.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { InvalidInput, NotFound, RuleViolated, TooLarge } from '../../../events/errors.ts';
import { latestOf } from '../claimed-time.ts';
import { correction, type AskedCorrection, type Maker } from '../corrections.ts';
import { NOTHING, type Drafts, type Fold } from '../decider.ts';

export interface InspectionState {
  status: 'none' | 'planned' | 'recorded' | 'missed';
  unit: string | null;
  plannedFor: string | null;
}

export const inspection: Fold<InspectionState, InspectionEvent> = {
  category: 'inspection',
  initial: { status: 'none', unit: null, plannedFor: null },
  evolve(state, event) {
    switch (event.type) {
      case 'InspectionPlanned':
        return { status: 'planned', unit: event.unit ?? null, plannedFor: event.data.plannedFor };
      case 'InspectionRecorded':
        return { ...state, status: 'recorded', unit: event.unit ?? null };
      case 'InspectionMissed':
        return { ...state, status: 'missed' };
      case 'InspectionCorrected':
        return state;
    }
  },
};

/** The unit of an inspection that was planned or recorded. @throws NotFound `unknown-inspection` */
export function requireInspection(state: InspectionState, id: string): string {
  if (state.unit) return state.unit;
  throw new NotFound('unknown-inspection', `there is no inspection ${id}`, {
    field: 'inspection',
    expected: 'the id of a planned inspection',
  });
}

export interface Plan {
  plannedFor: string;
  mode: InspectionMode;
  template?: { id: string; version: number } | undefined;
  inspectors: string[];
}

export function plan(state: InspectionState, command: Plan, unit: string): Drafts {
  if (state.status === 'planned' && state.plannedFor === command.plannedFor && state.unit === unit) return NOTHING;
  if (state.status !== 'none') throw wrong(state, 'planned');
  const { template, ...rest } = command;
  return [{ type: 'InspectionPlanned', data: { ...rest, ...(template ? { template } : {}) } }];
}

export interface Record {
  unit: string;
  mode: InspectionMode;
  template?: { id: string; version: number } | undefined;
  inspectors: string[];
  answers: Answer[];
  signature?: { kind: 'signed'; by: string } | { kind: 'refused'; reason: string } | undefined;
  result?: string | undefined;
}

/** Clauses answered “problem”, each once however it is spelt, with the first answer that found it. */
export function problems(answers: readonly Answer[]): Answer[] {
  const first = new Map<string, Answer>();
  for (const answer of answers) {
    const clause = clauseRead(answer.clause);
    if (answer.answer === 'problem' && !first.has(clause)) first.set(clause, answer);
  }
  return [...first.values()];
}

/**
 * Puts the inspection on record with every answer, and what each finding meant.
 * @throws InvalidInput `answers` when one item is answered twice; TooLarge `answers`; RuleViolated `wrong-transition`
 * when it was recorded or missed before
 */
export function record(state: InspectionState, command: Record, findings: Finding[]): Drafts {
  if (state.status === 'recorded' || state.status === 'missed') throw wrong(state, 'recorded');
  if (state.status === 'planned' && state.unit !== command.unit) {
    throw new RuleViolated('other-unit', `this inspection was planned at unit ${state.unit}`, {
      field: 'unit',
      expected: state.unit!,
    });
  }
  const items = new Set<string>();
  for (const [index, answer] of command.answers.entries()) {
    if (items.has(answer.item)) {
      throw new InvalidInput(`item ${answer.item} is answered twice`, {
        field: `answers[${index}].item`,
        expected: 'one answer an item',
      });
    }
    items.add(answer.item);
  }
  if (findings.length > MAX_FINDINGS) {
    throw new TooLarge(`one inspection may find ${MAX_FINDINGS} hazards, this one finds ${findings.length}`, {
      field: 'answers',
      expected: `at most ${MAX_FINDINGS} different clauses answered “problem”: record the rest as a second inspection`,
    });
  }
  const { template, signature, result } = command;
  return [
    {
      type: 'InspectionRecorded',
      data: {
        mode: command.mode,
        inspectors: command.inspectors,
        answers: command.answers,
        findings,
        clean: !command.answers.some((answer) => answer.answer === 'problem'),
        ...(template ? { template } : {}),
        ...(signature ? { signature } : {}),
        ...(result ? { result } : {}),
      },
    },
  ];
}

export function missInspection(state: InspectionState, command: { reason: string }): Drafts {
  if (state.status === 'missed') return NOTHING;
  if (state.status !== 'planned') throw wrong(state, 'missed');
  return [{ type: 'InspectionMissed', data: { plannedFor: state.plannedFor!, reason: command.reason } }];
}

/** By when a hazard was rectified on record: the verification, or the sign-off that claims to be earlier. */
function putRightAt(part: readonly HazardEvent[], which: 'first' | 'last'): string | undefined {
  const times: string[] = [];
  let standing = false;
  for (const event of part) {
    const at = latestOf(event);
    if (event.type === 'HazardSignedOff' && standing && at < times.at(-1)!) times.splice(-1, 1, at);
    else if (event.type === 'VerificationPassed' || (event.type === 'HazardSignedOff' && !standing)) times.push(at);
    standing = event.type === 'VerificationPassed' || (standing && event.type !== 'HazardSignedOff');
  }
  return which === 'first' ? times[0] : times.at(-1);
}

function wrong(state: InspectionState, to: string): RuleViolated {
  return new RuleViolated('wrong-transition', `an inspection that is ${state.status} cannot be ${to}`, {
    field: 'inspection',
    expected: to === 'missed' ? 'a planned inspection' : 'a new or planned inspection',
  });
}

/**
 * Corrects what an inspection was recorded with. Its time may be corrected as long as what it found stays what it was:
 * not across a sign-off of a hazard that it saw, which would make a recurrence of a finding, or the other way round.
 * @param events the inspection's stream
 * @param sightings the streams of the hazards that it saw, when its time is to be corrected
 * @throws RuleViolated `unknown-event`, `not-correctable`, `answer-not-correctable`, `crosses-sign-off`,
 * `not-recorded-by-you`
 */
export function correctInspection(
  events: readonly InspectionEvent[],
  id: string,
  command: AskedCorrection,
  maker: Maker,
  now: string,
  sightings: ReadonlyMap<string, readonly HazardEvent[]>,
): Drafts {
  const changes = correction(events, command, maker, now);
  if (!changes) return NOTHING;
  const at = changes.changes.find(({ field }) => field === 'occurredAt')?.to as string | undefined;
  if (at !== undefined) for (const [hazard, history] of sightings) requireSameSide(history, hazard, id, at);
  return [{ type: 'InspectionCorrected', data: changes }];
}

/**
 * A sighting stays between the verification before it, on which a sign-off may rest, and the next one: seen on the other side it would
 * have been another thing for the hazard (finding.ts).
 */
function requireSameSide(history: readonly HazardEvent[], hazard: string, visit: string, at: string): void {
  const seen = history.findIndex((event) => 'inspection' in event.data && event.data.inspection === visit);
  const sighting = history[seen];
  if (!sighting) return;
  const before = putRightAt(history.slice(0, seen), 'last');
  const after = putRightAt(history.slice(seen), 'first');
  // What came after on record and was seen before: late, or seen before a verification that it did not overtake.
  const { before: was, after: became } = sighting.data;
  const early = sighting.type === 'HazardPersisted' && was === became && (was === 'signed-off' || was === 'verified');
  const [from, to] = early ? [undefined, before] : [before, after];
  const beforeTo = to === undefined || (early ? at < to : at <= to);
  if ((from === undefined || at >= from) && beforeTo) return;
  throw new RuleViolated(
    'crosses-sign-off',
    `hazard ${hazard} was signed off between ${sighting.occurredAt} and ${at}`,
    {
      field: 'changes',
      expected: [from && `not before ${from}`, to && `${early ? 'before' : 'not after'} ${to}`]
        .filter(Boolean)
        .join(', '),
    },
  );
}
