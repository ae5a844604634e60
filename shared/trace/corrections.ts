// What was corrected (更正): facts have the values that hold as known then, and say which of them were corrected, by which later event, for what
// reason, approved by whom. What was there before is in the correction, and in the event itself. The rule stands in shared/domain/corrections.ts.
import type { DaochaEvent } from '../../events/catalogue.ts';
import { corrected, type CorrectedField } from '../domain/corrections.ts';
import type { Placed } from '../views/view.ts';
import { byText, refOf, type EventRef } from './event-ref.ts';

export interface CorrectionRecord {
  event: EventRef;
  /** id of the event that was corrected */
  target: string;
  changes: { field: string; from: unknown; to: unknown }[];
  reason: string;
  approver: string;
}

type Correction = Extract<
  DaochaEvent,
  { type: 'UnitDetailsCorrected' | 'InspectionCorrected' | 'HazardCorrected' | 'AppointmentCorrected' }
>;
const CORRECTIONS: ReadonlySet<string> = new Set<Correction['type']>([
  'UnitDetailsCorrected',
  'InspectionCorrected',
  'HazardCorrected',
  'AppointmentCorrected',
]);
const isCorrection = (event: DaochaEvent): event is Correction => CORRECTIONS.has(event.type);

/** The corrections among some events, in order of the time of recording. */
export function correctionsIn(placed: readonly Placed[]): CorrectionRecord[] {
  const found = placed.flatMap((one) => {
    const { event } = one;
    if (!isCorrection(event)) return [];
    const { target, reason, approver } = event.data;
    return [{ event: refOf(one, false), target, changes: changesOf(event), reason, approver }];
  });
  return found.toSorted((a, b) => byText(a.event.recordedAt, b.event.recordedAt) || byText(a.event.id, b.event.id));
}

function changesOf(event: Correction): CorrectionRecord['changes'] {
  if (event.type !== 'UnitDetailsCorrected') return event.data.changes;
  const { before, after } = event.data;
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof typeof before>;
  return [...fields]
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field: `details.${field}`, from: before[field] ?? null, to: after[field] ?? null }));
}

/** A stream's events as its own corrections put them right, and what they put right. @param placed oldest first */
export function putRight(placed: readonly Placed[]): { placed: Placed[]; corrected: CorrectedField[] } {
  const facts = corrected(placed.map(({ event }) => event));
  return {
    placed: facts.map(({ event }, n) => ({ position: placed[n]!.position, event })),
    corrected: facts.flatMap(({ corrections }) => corrections),
  };
}
