// What the answers of the trace hold, as the documentation shows it: shared/trace computes them, a test compares.
import * as z from 'zod';
import { actorSchema, dateSchema, evidenceSchema } from '../../../events/envelope.ts';
import { RECIPIENT_ROLES } from '../../../events/campaign.ts';
import { CHANNELS } from '../../../events/delivery.ts';
import { AWAITS, recipientSchema } from '../../../events/reminder.ts';
import { REPORT_KINDS, type ReportKind } from '../../../events/report.ts';
import { findingSchema, OUTCOMES } from '../../../events/inspection.ts';
import { unitDetailsSchema } from '../../../events/unit.ts';
import { idSchema, trackSchema } from '../schemas.ts';
import { accessSchema } from './accesses.ts';

export const instant = z.iso.datetime();
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
const corrected = z.array(
  z.strictObject({
    ...change,
    reason: z.string(),
    approver: z.string(),
    person: z.string(),
    recordedAt: instant,
    event: z.string(),
  }),
);
export const lateSchema = z
  .strictObject({
    ...eventRefSchema.shape,
    kinds: z
      .array(z.enum(['late', 'back-dated', 'across-deadline']))
      .describe('none when it is here for its `lateBasis` alone'),
    gapHours: z.number().describe('from when it is said to have happened to when it was recorded'),
    before: z.string().optional().describe('back-dated: the event, on record already, that it claims to precede'),
    due: instant.optional().describe('across a deadline: the due date that lies between'),
    lateBasis: z.string().optional().describe('why, in the words of whoever recorded it'),
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
export function traceAnswer<Fact extends z.ZodType>(
  id: string,
  subject: z.ZodRawShape,
  fact: Fact,
  more: z.ZodRawShape = {},
) {
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
      ...more,
    })
    .meta({ id });
}

export const unitSubject = { unit: idSchema, name: z.string().nullable() };
export const hazardSubject = { hazard: idSchema, unit: idSchema, track: trackSchema.nullable(), clause: z.string() };

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

export const inspectionFact = z
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

const wait = z
  .strictObject({
    awaits: z.enum(AWAITS),
    since: instant.describe('when what it waited since was recorded'),
    until: instant.nullable().describe('null: it waits still, as known then'),
    workingDays: z.int().describe('after the first day, up to the last one and with it'),
    answerBy: instant.describe('the end of the third working day'),
    late: z.boolean().describe('the answer came after that, or has not come'),
    organisation: idSchema.describe('who answered; else who was to'),
    answeredBy: actorSchema.nullable(),
    events,
  })
  .meta({ id: 'WaitFact' });
const due = z.strictObject({
  due: instant,
  replaces: instant.nullable(),
  by: z.enum(['order', 'extension', 'rejection']),
  approvedBy: actorSchema,
  requestedBy: z.string().nullable(),
  ground: z.string(),
  measures: z.string().nullable(),
  missedAt: instant.nullable(),
  submittedAt: instant.nullable(),
  inTime: z
    .boolean()
    .nullable()
    .describe('handed in on record by then, and not sent back by then; null: nothing was handed in'),
  waited: z.array(wait).describe('for each submission, how long it waited to be looked at, and for whom'),
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
export const deadlineFact = z
  .strictObject({
    cycle: z.int(),
    openedAt: instant,
    openedBy: eventRefSchema,
    dues: z.array(due).describe('every due date of this cycle, replaced ones too'),
    acts: z.array(act),
    waits: z.array(wait).describe("everything that waited for an answer of the town's own"),
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

const clauseOutcome = z.enum([
  'found',
  'omitted',
  'no-problem',
  'not-applicable',
  'not-on-checklist',
  'unknown',
  'missed',
  'planned',
]);
export const clauseFact = z
  .strictObject({
    inspection: idSchema,
    at: instant,
    track: trackSchema.nullable(),
    mode: z.string(),
    outcome: clauseOutcome.describe(
      'found, answered “no problem” or “not applicable”; omitted: on the checklist, not answered; unknown: no checklist named, or one never published; missed, planned: not inspected',
    ),
    items: z.array(
      z.strictObject({
        item: z.string(),
        outcome: clauseOutcome,
        text: z.string().nullable(),
        place: z.string().nullable(),
      }),
    ),
    finding: z.strictObject({ hazard: idSchema, outcome: z.enum(OUTCOMES) }).nullable(),
    template: z.strictObject({ id: idSchema, version: z.int(), name: z.string().nullable() }).nullable(),
    inspectors: z.array(personThenSchema),
    recordedBy: actorSchema,
    corrected,
    events,
  })
  .meta({ id: 'ClauseFact' });

export const reminderFact = z
  .strictObject({
    reminder: z.string(),
    issuedAt: instant,
    due: instant,
    rule: z.strictObject({
      ruleSet: z.int(),
      rung: z.string(),
      workingDays: z.int(),
      to: z.array(z.string()).describe('roles that the rule set sends it to'),
    }),
    awaits: z.enum(AWAITS).nullable().describe('what waited for an answer; null: the due date was meant'),
    since: instant.nullable(),
    provisional: z.boolean().describe("the rung's day was counted by the week, in a year without a statutory notice"),
    recipients: z.array(recipientSchema),
    skipped: z.array(z.string()),
    deliveries: z.array(
      z.strictObject({
        message: z.string(),
        channel: z.enum(CHANNELS),
        organisation: idSchema,
        status: z.enum(['delivered', 'failed']),
        sentAt: instant.nullable(),
        attempts: z.int(),
        error: z.string().nullable(),
        events,
      }),
    ),
    acknowledged: z.array(
      z.strictObject({ by: z.string(), at: instant, hoursAfter: z.number(), note: z.string().nullable(), events }),
    ),
    next: z
      .strictObject({ what: z.string(), by: z.string(), at: instant, hoursAfter: z.number(), events })
      .nullable()
      .describe('the first thing done about the hazard after it'),
    followedBy: z.enum(['acted', 'acknowledged', 'nothing']).describe('before the next reminder'),
    events,
  })
  .meta({ id: 'ReminderFact' });

export const responsibleFact = z
  .strictObject({
    track: trackSchema,
    organisation: idSchema,
    because: z.array(z.enum(['lead', 'supervisor', 'area', 'hazards', 'town'])),
    hazards: z.array(idSchema).describe('open hazards that it was responsible for on the day'),
    role: z.enum(RECIPIENT_ROLES),
    zh: z.string(),
    holders: z.array(
      z.strictObject({
        organisation: idSchema,
        post: z.string(),
        person: z.string().nullable().describe('null: the post was vacant'),
        from: dateSchema.nullable(),
        until: dateSchema.nullable(),
        basis: z.string().nullable(),
        events,
      }),
    ),
    vacant: z.boolean(),
    events,
  })
  .meta({ id: 'ResponsibleFact' });

export const differenceFact = z
  .strictObject({
    about: z.enum(['unit', 'hazard', 'inspection']),
    id: idSchema,
    field: z.string().describe('`exists` for what was not on record then'),
    zh: z.string(),
    before: z.unknown().describe('as known then; null: not known, or not set'),
    after: z.unknown().describe('as known now'),
    because: events,
    events,
  })
  .meta({ id: 'DifferenceFact' });

export const recurrenceFact = z
  .strictObject({
    hazard: idSchema,
    clause: z.string(),
    track: trackSchema.nullable(),
    recurrence: z.int(),
    foundAt: instant,
    foundBy: actorSchema,
    inspection: idSchema,
    text: z.string().nullable(),
    undone: z
      .strictObject({
        at: instant,
        by: actorSchema,
        days: z.int(),
        submittedBy: actorSchema.nullable(),
        verifiedBy: actorSchema.nullable(),
        events,
      })
      .nullable()
      .describe('the sign-off that it undid'),
    daysAway: z.number().describe('from the sign-off; below 0: seen after the verification on which it stands'),
    delisted: eventRefSchema.nullable(),
    events,
  })
  .meta({ id: 'RecurrenceFact' });

const round = z.strictObject({
  round: z.int(),
  compiledAt: instant,
  compiledBy: actorSchema,
  position: z.int(),
  files: z.array(z.strictObject({ name: z.string(), mediaType: z.string(), bytes: z.int(), sha256: z.string() })),
  submittedAt: instant.nullable(),
  answer: z
    .strictObject({
      kind: z.enum(['accepted', 'returned']),
      at: instant,
      by: z.string(),
      missing: z.array(z.string()),
      reference: z.string().nullable(),
    })
    .nullable(),
  daysWaiting: z.int().nullable(),
  events,
});
export const escalationFact = z
  .strictObject({
    status: z.string(),
    limit: z.string(),
    rule: z.string(),
    reason: z.string(),
    urgent: z.boolean(),
    to: idSchema,
    proposedAt: instant,
    proposedBy: actorSchema,
    furtherGrounds: z.array(
      z.strictObject({
        rule: z.string(),
        limit: z.string(),
        reason: z.string(),
        urgent: z.boolean(),
        at: instant,
        by: actorSchema,
        events,
      }),
    ),
    materials: z
      .array(
        z.strictObject({
          answers: z.array(z.string()),
          note: z.string(),
          at: instant,
          by: z.string(),
          evidence: z.array(evidenceSchema),
          left: z.array(z.string()).describe('still missing after it'),
          events,
        }),
      )
      .describe('what the town added because the district missed it'),
    rounds: z.array(round),
    returns: z.int(),
    resolved: z
      .strictObject({
        at: instant,
        decidedAt: instant.nullable(),
        by: z.string(),
        decision: z.string(),
        events,
      })
      .nullable(),
    verified: z.strictObject({ at: instant, by: z.string(), note: z.string(), events }).nullable(),
    daysOpen: z.int(),
    events,
  })
  .meta({ id: 'EscalationFact' });

const figures = z.record(z.string(), z.number());
export const reportSubject = {
  report: idSchema,
  kind: z.enum(Object.keys(REPORT_KINDS) as [ReportKind, ...ReportKind[]]),
  period: z.string(),
  track: trackSchema.nullable(),
  organisation: idSchema,
  edition: z.int().nullable().describe('the last one that was known; null: none was handed in yet'),
  submittedAt: instant.nullable(),
  submittedBy: z.string().nullable(),
  position: z.int().nullable().describe('everything before this log position is in its figures'),
  figures: figures.nullable().describe('as submitted'),
  events: z.array(eventRefSchema).describe('the events of the report itself'),
};
export const reportFact = z
  .strictObject({
    part: z.enum(['behind', 'later']).describe('in the figures, or recorded after they had been computed'),
    counts: figures.describe('what it adds to each figure'),
    unit: idSchema.nullable(),
    clause: z.string().nullable(),
    at: instant,
    by: actorSchema,
    happenedBefore: z.boolean().describe('later, and said to have happened before the report was submitted'),
    events,
  })
  .meta({ id: 'ReportFact' });

export const uncheckedFact = z
  .strictObject({
    unit: idSchema,
    name: z.string(),
    kind: z.string().nullable(),
    area: z.string().nullable(),
    inspections: z.int().describe('inspections of the track on record, none of which answered the clause'),
    lastInspection: instant.nullable(),
    events,
  })
  .meta({ id: 'UncheckedFact' });

const { hazards: _hazards, ...period } = responsibleFact.shape;
export const dossierSchema = z
  .strictObject({
    question: z.literal('dossier'),
    zh: z.string(),
    subject: z.strictObject({ ...unitSubject, on: dateSchema, months: z.int(), from: instant, to: instant }),
    knownAt: z.strictObject({ asked: z.string().nullable(), position: z.int(), time: instant }),
    unit: z.strictObject({
      details: unitDetailsSchema.nullable(),
      riskGrade: z.string().nullable(),
      listed: z.boolean(),
      closed: z.boolean(),
      hazards: z.strictObject({ found: z.int(), open: z.int(), recurrences: z.int() }),
    }),
    chronology: z.array(
      z.strictObject({
        at: instant,
        recordedAt: instant,
        by: z.string(),
        organisation: z.string(),
        lines: z.array(z.strictObject({ zh: z.string(), text: z.string(), late: z.boolean() })),
        derived: z.boolean(),
        events,
      }),
    ),
    responsible: z.array(responsibleFact),
    people: z.array(z.strictObject({ ...period, from: dateSchema, until: dateSchema }).meta({ id: 'PeriodFact' })),
    inspections: z.array(inspectionFact),
    hazards: z.array(
      z
        .strictObject({
          hazard: idSchema,
          clause: z.string(),
          track: trackSchema.nullable(),
          status: z.string(),
          grade: z.string().nullable(),
          openOn: z.boolean().describe('was open at some moment of the day'),
          assigned: z.array(z.strictObject({ organisation: idSchema, from: instant })),
          cycles: z.array(deadlineFact),
          reminders: z.array(reminderFact),
        })
        .meta({ id: 'HazardFile' }),
    ),
    gaps: z.array(
      z
        .strictObject({ kind: z.string(), zh: z.string(), at: instant, text: z.string(), events })
        .meta({ id: 'GapFact' }),
    ),
    recurrences: z.array(recurrenceFact),
    escalations: z.array(z.strictObject({ ...escalationFact.shape, escalation: idSchema, hazard: z.string() })),
    late: z.array(lateSchema),
    corrections: z.array(correctionSchema),
    accesses: z.array(accessSchema),
    moreAccesses: z.boolean(),
  })
  .meta({ id: 'Dossier' });
