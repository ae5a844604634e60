// A hazard is in one cell of a table: status × grade × responsible organisation. Every hazard event moves it from one
// cell to another (or the same), and carries enough to say from where to where; so counts never need the hazard itself.
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { hazardEvents, isOpen, type HazardEvent, type HazardStatus } from '../../../events/hazard.ts';
import type { HazardGrade } from '../../../events/inspection.ts';

export interface HazardCell {
  status: HazardStatus;
  grade: HazardGrade | null;
  organisation: string | null;
}

const HAZARD_TYPES: ReadonlySet<string> = new Set(hazardEvents.map(({ type }) => type));
export function isHazardEvent(event: DaochaEvent): event is HazardEvent {
  return HAZARD_TYPES.has(event.type);
}

/** From which cell to which; `from` is null for a hazard that has just been found. */
export function hazardMove(event: HazardEvent): { from: HazardCell | null; to: HazardCell } {
  const { before, after, grade } = event.data;
  const organisation = event.organisation ?? null;
  return {
    from:
      before === null
        ? null
        : {
            status: before,
            grade: event.type === 'HazardGraded' ? event.data.from : grade,
            organisation:
              event.type === 'HazardAssigned' || event.type === 'HazardReassigned' ? event.data.from : organisation,
          },
    to: { status: after, grade, organisation },
  };
}

/** +1 when the move enters the set of statuses, −1 when it leaves it, 0 otherwise. */
export function change(event: HazardEvent, isIn: (status: HazardStatus) => boolean): -1 | 0 | 1 {
  const { before, after } = event.data;
  const was = before !== null && isIn(before);
  const is = isIn(after);
  if (was === is) return 0;
  return is ? 1 : -1;
}

export const openChange = (event: HazardEvent): -1 | 0 | 1 => change(event, isOpen);
export const signedOffChange = (event: HazardEvent): -1 | 0 | 1 => change(event, (status) => status === 'signed-off');
