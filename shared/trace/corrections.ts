// What was corrected (更正): an event shown by a trace has the values that hold as known then, and says which of them were corrected, by which
// later event, for what reason, approved by whom. What was there before is in the correction, and in the event itself.
import type { DaochaEvent } from '../../events/catalogue.ts';
import type { Placed } from '../views/view.ts';
import { refOf, type EventRef } from './event-ref.ts';

export interface Change {
  field: string;
  from: unknown;
  to: unknown;
}

export interface CorrectionRecord {
  event: EventRef;
  /** id of the event that was corrected */
  target: string;
  changes: Change[];
  reason: string;
  approver: string;
}

/** A value of a fact that is not the one first recorded. */
export interface Corrected extends Change {
  /** id of the correcting event */
  event: string;
  reason: string;
  approver: string;
}

type Correction = Extract<
  DaochaEvent,
  { type: 'UnitDetailsCorrected' | 'InspectionCorrected' | 'HazardCorrected' | 'AppointmentCorrected' }
>;

function isCorrection(event: DaochaEvent): event is Correction {
  return (
    event.type === 'UnitDetailsCorrected' ||
    event.type === 'InspectionCorrected' ||
    event.type === 'HazardCorrected' ||
    event.type === 'AppointmentCorrected'
  );
}

/** The corrections among some events. */
export function correctionsIn(placed: readonly Placed[]): CorrectionRecord[] {
  return placed.flatMap((one) => {
    const { event } = one;
    if (!isCorrection(event)) return [];
    const { target, reason, approver } = event.data;
    return [{ event: refOf(one, false), target, changes: changesOf(event), reason, approver }];
  });
}

function changesOf(event: Correction): Change[] {
  if (event.type !== 'UnitDetailsCorrected') return event.data.changes;
  const { before, after } = event.data;
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof typeof before>;
  return [...fields]
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, from: before[field] ?? null, to: after[field] ?? null }));
}

/** The event with the values that corrections gave it, and which they are. */
export function correctedBy<E extends DaochaEvent>(
  event: E,
  placed: readonly Placed[],
): { event: E; corrected: Corrected[] } {
  const corrections = placed.flatMap(({ event: later }) =>
    isCorrection(later) && later.type !== 'UnitDetailsCorrected' && later.data.target === event.id ? [later] : [],
  );
  const corrected = corrections.flatMap(({ id, data: { changes, reason, approver } }) =>
    changes.map((change) => ({ ...change, event: id, reason, approver })),
  );
  const data = structuredClone(event.data) as Record<string, unknown>;
  for (const { field, to } of corrected) setAt(data, field, to);
  return { event: { ...event, data }, corrected };
}

/** Sets `answers[2].answer`, `signature.by`, `place` … in event data. */
function setAt(data: Record<string, unknown>, field: string, value: unknown): void {
  const path = field.split(/[.[\]]+/).filter((part) => part !== '');
  const last = path.pop();
  if (last === undefined) return;
  let at: Record<string, unknown> = data;
  for (const part of path) {
    if (typeof at[part] !== 'object' || at[part] === null) at[part] = {};
    at = at[part] as Record<string, unknown>;
  }
  at[last] = value;
}
