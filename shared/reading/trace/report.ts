// Question 10: report R of a period → the exact events behind its figures, and what changed later (报表数字的依据). Each event
// says what it adds to each figure, by the folds that the figures themselves are computed with: added up over the log
// before the report's position they are the figures that were submitted, or the report says something that the log does
// not.
import * as z from 'zod';
import { reportKindSchema, type ReportEvent } from '../../../events/report.ts';
import { actorSchema, idSchema, instantSchema, trackSchema } from '../../../events/envelope.ts';
import { bareTable } from '../../own.ts';
import { isHazardEvent } from '../hazard/cell.ts';
import { countedIn, type FiguresFor } from '../report/figures.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import { eventRefs, eventRefSchema } from './event-ref.ts';

const figuresSchema = z.record(z.string(), z.number());
export const reportSubjectSchema = z.strictObject({
  report: idSchema,
  kind: reportKindSchema,
  period: z.string(),
  track: trackSchema.nullable(),
  organisation: idSchema,
  edition: z.int().nullable().describe('the last one that was known; null: none was handed in yet'),
  submittedAt: instantSchema.nullable(),
  submittedBy: z.string().nullable(),
  position: z.int().nullable().describe('everything before this log position is in its figures'),
  figures: figuresSchema.nullable().describe('as submitted'),
  events: z.array(eventRefSchema).describe('the events of the report itself'),
});
export type ReportSubject = z.infer<typeof reportSubjectSchema>;

export const reportFactSchema = z
  .strictObject({
    part: z.enum(['behind', 'later']).describe('in the figures, or recorded after they had been computed'),
    counts: figuresSchema.describe('what it adds to each figure'),
    unit: idSchema.nullable(),
    clause: z.string().nullable(),
    at: instantSchema,
    by: actorSchema,
    happenedBefore: z.boolean().describe('later, and said to have happened before the report was submitted'),
    events: eventRefs,
  })
  .meta({ id: 'ReportFact' });
export type ReportFact = z.infer<typeof reportFactSchema>;

/** @param history the report's own events as known then, oldest first; its first is that it was required */
export function reportSubject(report: string, history: readonly Placed[], refer: Refer): ReportSubject {
  const events = history.map(({ event }) => event as ReportEvent);
  const required = events.find((event) => event.type === 'ReportRequired')!;
  const submitted = events.findLast((event) => event.type === 'ReportSubmitted');
  const { kind, period, track, organisation } = required.data;
  return {
    report,
    kind,
    period,
    track: track ?? null,
    organisation,
    edition: submitted?.data.edition ?? null,
    submittedAt: submitted?.recordedAt ?? null,
    submittedBy: submitted?.data.by ?? null,
    position: submitted?.data.position ?? null,
    figures: submitted?.data.figures ?? null,
    events: history.map(refer),
  };
}

/** Those of a stretch of the log that count in the report's figures, in its order. Without a submitted edition nothing does. */
export function reportFacts(
  subject: FiguresFor & Pick<ReportSubject, 'position' | 'submittedAt'>,
  stretch: readonly Placed[],
  refer: Refer,
): ReportFact[] {
  const { position, submittedAt } = subject;
  if (position === null) return [];
  return stretch.flatMap((placed) => {
    const counts = countedIn(subject, placed);
    if (Object.keys(counts).length === 0) return [];
    const { event } = placed;
    const later = placed.position >= position;
    return {
      part: later ? ('later' as const) : ('behind' as const),
      counts,
      unit: event.unit ?? null,
      clause: isHazardEvent(event) ? event.data.clause : null,
      at: event.occurredAt,
      by: event.actor,
      happenedBefore: later && event.occurredAt <= submittedAt!,
      events: [refer(placed)],
    };
  });
}

/** Figures added up. Names with nothing left stay, so that they can be held against what was submitted. */
export function addedUp(facts: readonly ReportFact[], part: ReportFact['part']): Record<string, number> {
  const sums = bareTable<number>();
  for (const { counts, part: its } of facts) {
    if (its !== part) continue;
    for (const [name, value] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}
