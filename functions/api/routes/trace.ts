// Routes of the responsibility trace (责任倒查): the questions that an auditor asks, each as known now or at an earlier moment, answered with the
// events behind every fact.
import * as z from 'zod';
import { actorSchema, evidenceSchema } from '../../../events/envelope.ts';
import { findingSchema } from '../../../events/inspection.ts';
import { query } from '../route.ts';
import { atLeastSchema, idSchema, trackSchema, wholeNumber } from '../schemas.ts';

const tag = 'trace';
const action = 'read.trace';
const unitParams = z.strictObject({ id: idSchema });

const KNOWN_AT =
  'must be a log position, e.g. 1204, or a date and time with zone, e.g. 2025-05-24T10:00:00+08:00: a date alone, or a time without zone, could mean several moments';

const isMoment = (text: string): boolean => z.iso.datetime({ offset: true }).safeParse(text).success;
const isDay = (text: string): boolean => z.iso.date().safeParse(text).success;

/** A log position, or a moment with its offset. */
export const knownAtSchema = z
  .string()
  .refine((text) => /^\d{1,15}$/.test(text) || isMoment(text), KNOWN_AT)
  .transform((text): { position: number } | { time: string } =>
    /^\d+$/.test(text) ? { position: Number(text) } : { time: new Date(text).toISOString() },
  )
  .describe(
    'as known at: a log position P (everything before P), or a date and time with offset (everything recorded by then); now unless told',
  );

/** A day in town time, or a moment. */
const beforeSchema = z
  .string()
  .refine(
    (text) => isDay(text) || isMoment(text),
    'must be a date, e.g. 2025-06-01 (its beginning in town time), or a date and time with zone, e.g. 2025-06-01T10:00:00+08:00',
  )
  .transform((text) => (isDay(text) ? text : new Date(text).toISOString()))
  .describe('a date (its beginning in town time, Asia/Shanghai) or a date and time with offset; it is not included');

const asked = { knownAt: knownAtSchema.optional(), atLeast: atLeastSchema.optional() };

const instant = z.iso.datetime();
export const eventRefSchema = z
  .strictObject({
    id: z.string(),
    type: z.string(),
    zh: z.string().describe('the Chinese name of its type'),
    stream: z.string(),
    version: z.int(),
    position: z.int().describe('log position: names its leaf in a proof bundle'),
    occurredAt: instant.describe('when it is said to have happened'),
    recordedAt: instant.describe("by the server's clock"),
    late: z.boolean().describe('recorded late or back-dated: see `late` of the answer'),
    by: actorSchema,
    derived: z.boolean().describe("inferred from somebody else's register"),
  })
  .meta({ id: 'EventRef' });
const events = z.array(eventRefSchema).describe('the events that the fact rests on');

const change = { field: z.string(), from: z.unknown(), to: z.unknown() };
const corrected = z.array(z.strictObject({ ...change, event: z.string(), reason: z.string(), approver: z.string() }));
export const lateSchema = z
  .strictObject({
    ...eventRefSchema.shape,
    kinds: z.array(z.enum(['late', 'back-dated', 'across-deadline'])),
    gapHours: z.number().describe('from when it is said to have happened to when it was recorded'),
    before: z.string().optional().describe('back-dated: the event, on record already, that it claims to precede'),
    due: instant.optional().describe('across a deadline: the due date that lies between'),
  })
  .meta({ id: 'LateRecord' });
const correctionSchema = z
  .strictObject({
    event: eventRefSchema,
    target: z.string().describe('id of the event that was corrected'),
    changes: z.array(z.strictObject(change)),
    reason: z.string(),
    approver: z.string(),
  })
  .meta({ id: 'CorrectionRecord' });

/** The answer to a question. */
function answer<Fact extends z.ZodType>(id: string, subject: z.ZodRawShape, fact: Fact) {
  return z
    .strictObject({
      question: z.string(),
      zh: z.string(),
      subject: z.strictObject(subject),
      knownAt: z.strictObject({
        asked: z.string().nullable().describe('null: as known now'),
        position: z.int().describe('everything in the answer stands before this log position'),
        time: instant,
      }),
      facts: z.array(fact),
      late: z.array(lateSchema).describe('what of this was recorded late or back-dated'),
      corrections: z.array(correctionSchema).describe('what of this was corrected; facts have the corrected values'),
    })
    .meta({ id });
}

const unitSubject = { unit: idSchema, name: z.string().nullable() };
const hazardSubject = { hazard: idSchema, unit: idSchema, track: trackSchema.nullable(), clause: z.string() };

export const personThenSchema = z
  .strictObject({
    person: z.string(),
    posts: z
      .array(
        z.strictObject({
          organisation: idSchema,
          post: z.string(),
          track: trackSchema.nullable(),
          area: z.string().nullable(),
          from: z.iso.date(),
          until: z.iso.date().nullable(),
          basis: z.string(),
          events,
        }),
      )
      .describe('posts held on that day by the rosters; none: no appointment is on record'),
  })
  .meta({ id: 'PersonThen' });

const inspectionFact = z
  .strictObject({
    inspection: idSchema,
    status: z.enum(['planned', 'recorded', 'missed']),
    at: instant,
    plannedFor: instant.nullable(),
    track: trackSchema.nullable(),
    mode: z.string(),
    template: z.strictObject({ id: idSchema, version: z.int() }).nullable(),
    inspectors: z.array(personThenSchema),
    answers: z.strictObject({ problem: z.int(), ok: z.int(), notApplicable: z.int() }).nullable(),
    findings: z.array(findingSchema),
    clean: z.boolean().nullable(),
    result: z.string().nullable(),
    signature: z
      .union([
        z.strictObject({ kind: z.literal('signed'), by: z.string() }),
        z.strictObject({ kind: z.literal('refused'), reason: z.string() }),
      ])
      .nullable(),
    missedBecause: z.string().nullable(),
    corrected,
    events,
  })
  .meta({ id: 'InspectionFact' });

const due = z.strictObject({
  due: instant,
  replaces: instant.nullable(),
  by: z.enum(['order', 'extension']),
  approvedBy: actorSchema,
  requestedBy: z.string().nullable(),
  ground: z.string(),
  measures: z.string().nullable(),
  missedAt: instant.nullable(),
  submittedAt: instant.nullable(),
  inForce: z.boolean(),
  events,
});
const act = z.strictObject({
  act: z.enum(['submitted', 'verified', 'rejected', 'extension-requested', 'extension-refused', 'refused']),
  at: instant,
  by: actorSchema,
  text: z.string(),
  evidence: z.array(evidenceSchema),
  events,
});
const deadlineFact = z
  .strictObject({
    cycle: z.int(),
    openedAt: instant,
    openedBy: eventRefSchema,
    dues: z.array(due).describe('every due date of this cycle, replaced ones too'),
    acts: z.array(act),
    signedOff: z
      .strictObject({
        at: instant,
        by: actorSchema,
        days: z.int(),
        verifiedBy: actorSchema.nullable(),
        events,
      })
      .nullable(),
    closed: z.strictObject({ as: z.enum(['duplicate', 'invalid']), at: instant, by: actorSchema, events }).nullable(),
    undoneBy: eventRefSchema.nullable().describe('the recurrence that undid the sign-off'),
    events,
  })
  .meta({ id: 'DeadlineFact' });

export const traceRoutes = {
  traceInspections: query({
    path: '/v1/trace/units/{id}/inspections',
    tag,
    summary: "Question 1: a unit's inspections before a day",
    zh: '倒查：检查情况',
    description:
      'When, by whom in which post, by which checklist, with what result, signed or not; planned inspections that were missed are among them.',
    action,
    access: { action: 'trace', unit: 'id' },
    params: unitParams,
    query: z.strictObject({
      before: beforeSchema,
      months: wholeNumber(1, 240).describe('how many months back'),
      track: trackSchema.optional(),
      ...asked,
    }),
    answer: answer(
      'InspectionTrace',
      { ...unitSubject, from: instant, to: instant, track: trackSchema.nullable() },
      inspectionFact,
    ),
  }),
  traceDeadlines: query({
    path: '/v1/trace/hazards/{id}/deadlines',
    tag,
    summary: "Question 3: a hazard's due dates, who approved each, evidence, verifier, signer",
    zh: '倒查：整改期限',
    action,
    access: { action: 'trace' },
    params: unitParams,
    query: z.strictObject(asked),
    answer: answer('DeadlineTrace', hazardSubject, deadlineFact),
  }),
};
