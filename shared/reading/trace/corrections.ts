// What was corrected (更正): facts have the values that hold as known then, and say which of them were corrected, by
// which later event, for what reason, approved by whom. What was there before is in the correction, and in the event
// itself. The rule stands in shared/rules/corrections.ts.
import * as z from 'zod';
import { changeSchema, changesOf, corrected, isCorrection, type CorrectedField } from '../../rules/corrections.ts';
import type { Placed } from '../views/view.ts';
import { byText, eventRefSchema, refOf } from './event-ref.ts';

export const correctionSchema = z
  .strictObject({
    event: eventRefSchema,
    target: z.string().describe('id of the event that was corrected'),
    changes: z.array(changeSchema),
    reason: z.string(),
    approver: z.string(),
  })
  .meta({ id: 'CorrectionRecord' });
export type CorrectionRecord = z.infer<typeof correctionSchema>;

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

/** A stream's events as its own corrections put them right, and what they put right. @param placed oldest first */
export function putRight(placed: readonly Placed[]): { placed: Placed[]; corrected: CorrectedField[] } {
  const facts = corrected(placed.map(({ event }) => event));
  return {
    placed: facts.map(({ event }, n) => ({ position: placed[n]!.position, event })),
    corrected: facts.flatMap(({ corrections }) => corrections),
  };
}
