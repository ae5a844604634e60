// What every answer of the trace has (倒查答复): the question, what it was asked about, as known when, the facts, and behind each fact the events
// that it rests on, so that each can be looked up and proved. Beside them: what of this was recorded late, and what was corrected.
import type { Placed } from '../views/view.ts';
import { correctionsIn, type CorrectionRecord } from './corrections.ts';
import { refOf, type EventRef } from './event-ref.ts';
import type { Known } from './known-at.ts';
import { lateRecords, type LateRecord } from './late.ts';

export interface TraceAnswer<Fact, Subject extends object = object> {
  question: string;
  /** the question in Chinese */
  zh: string;
  subject: Subject;
  knownAt: { asked: string | null; position: number; time: string };
  facts: Fact[];
  late: LateRecord[];
  corrections: CorrectionRecord[];
}

export type Refer = (placed: Placed) => EventRef;

/** Makes references to events that say whether the event is late. @param used every event that the answer may name, in whole streams */
export function referrer(used: readonly Placed[]): Refer {
  const late = new Set(lateRecords(used).map(({ id }) => id));
  return (placed) => refOf(placed, late.has(placed.event.id));
}

/** @param used the events that the answer rests on: what was late and what was corrected among them is told beside the facts */
export function answerOf<Fact, Subject extends object>(
  { question, zh }: { question: string; zh: string },
  subject: Subject,
  known: Known,
  facts: Fact[],
  used: readonly Placed[],
): TraceAnswer<Fact, Subject> {
  return {
    question,
    zh,
    subject,
    knownAt: { asked: known.asked, position: known.position, time: known.time },
    facts,
    late: lateRecords(used),
    corrections: correctionsIn(used),
  };
}
