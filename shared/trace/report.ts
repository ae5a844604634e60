// Question 10: report R of a period → the exact events behind its figures, and what changed later (报表数字的依据). Each event says what it adds
// to each figure, by the folds that the figures themselves are computed with: added up over the log before the report's position they are the
// figures that were submitted, or the report says something that the log does not.
import type { ReportEvent, ReportKind } from '../../events/report.ts';
import type { Actor, Track } from '../../events/envelope.ts';
import { bareTable } from '../own.ts';
import { isHazardEvent } from '../views/moves.ts';
import { countedIn, type FiguresFor } from '../views/report-figures.ts';
import type { Placed } from '../views/view.ts';
import type { Refer } from './answer.ts';
import type { EventRef } from './event-ref.ts';

export interface ReportSubject {
  report: string;
  kind: ReportKind;
  period: string;
  track: Track | null;
  organisation: string;
  /** of the last edition that was known; null: none was */
  edition: number | null;
  submittedAt: string | null;
  submittedBy: string | null;
  /** everything before this log position is in its figures */
  position: number | null;
  figures: Record<string, number> | null;
  /** the events of the report itself */
  events: EventRef[];
}

export interface ReportFact {
  /** behind: it is in the figures; later: it was recorded after they had been computed */
  part: 'behind' | 'later';
  /** what it adds to each figure */
  counts: Record<string, number>;
  unit: string | null;
  clause: string | null;
  at: string;
  by: Actor;
  /** later, and said to have happened before the report was submitted */
  happenedBefore: boolean;
  events: EventRef[];
}

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
