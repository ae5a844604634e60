// What every answer of the trace has (倒查答复): the question, what it was asked about, as known when, the facts, and
// behind each fact the events that it rests on, so that each can be looked up and proved. Beside them: what of this was
// recorded late, and what was corrected.
import * as z from 'zod';
import { idSchema, instantSchema } from '../../../events/envelope.ts';
import type { Placed } from '../views/view.ts';
import { correctionsIn, correctionSchema } from './corrections.ts';
import { refOf, type EventRef } from './event-ref.ts';
import { knownAtSchema, toldKnownAt, type Known } from './known-at.ts';
import { lateRecords, lateSchema } from './late.ts';

const common = z.strictObject({
  question: z.string(),
  /** the question in Chinese */
  zh: z.string(),
  knownAt: knownAtSchema,
  indexed: z
    .strictObject({ size: z.int(), at: instantSchema })
    .nullable()
    .describe(
      'compared with the index of the log up to this size, sealed then: nothing below it is left out. null: not sealed yet',
    ),
  late: z.array(lateSchema).describe('what of this was recorded late or back-dated'),
  corrections: z.array(correctionSchema).describe('what of this was corrected; facts have the corrected values'),
});
export type TraceAnswer<Fact, Subject extends object = object> = z.infer<typeof common> & {
  subject: Subject;
  facts: Fact[];
};

/** The schema of the answer to a question. */
export const traceAnswer = <Subject extends z.ZodRawShape, Fact extends z.ZodType>(subject: Subject, fact: Fact) =>
  common.extend({ subject: z.strictObject(subject), facts: z.array(fact) });

export const unitSubjectSchema = z.strictObject({
  unit: idSchema,
  /** as known then; null: not registered yet */
  name: z.string().nullable(),
});

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
    knownAt: toldKnownAt(known),
    indexed: known.indexed && { size: known.indexed.size, at: known.indexed.at },
    facts,
    late: lateRecords(used),
    corrections: correctionsIn(used),
  };
}
