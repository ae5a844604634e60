// View `corrections` (更正): beside a unit's timeline, one document for each event about it that was corrected: what a later event says it
// should have said. Entries of the timeline never change; a page of it is shown with these.
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { changesOf, isCorrection, type CorrectedField } from '../../rules/corrections.ts';
import { unitOf, type DocumentView } from '../views/view.ts';

export const MAX_CORRECTIONS = 50;

export interface CorrectionsDocument {
  /** id of the event that was corrected */
  target: string;
  /** the last MAX_CORRECTIONS, oldest first */
  corrections: CorrectedField[];
  leftOut: number;
}

/** What a correction says of the event that it corrects. */
function saidBy(event: DaochaEvent): { target: string; corrections: CorrectedField[] } | undefined {
  if (!isCorrection(event)) return undefined;
  const { target, reason, approver } = event.data;
  const about = { reason, approver, person: event.actor.person, recordedAt: event.recordedAt, event: event.id };
  return { target, corrections: changesOf(event).map((change) => ({ ...change, ...about })) };
}

export const correctionsView: DocumentView<CorrectionsDocument> = {
  kind: 'documents',
  name: 'corrections',
  shape: 1,
  keys: (event) => {
    const unit = unitOf(event);
    const said = saidBy(event);
    return unit !== undefined && said ? [{ key: unit, sk: said.target }] : [];
  },
  fold: (doc, { event }, { sk }) => {
    const all = [...(doc?.corrections ?? []), ...saidBy(event)!.corrections];
    const tooMany = Math.max(0, all.length - MAX_CORRECTIONS);
    return { target: sk, corrections: all.slice(tooMany), leftOut: (doc?.leftOut ?? 0) + tooMany };
  },
};
