// The whole answer to each question: what it is about, beside its facts. The facts themselves are described where they
// are computed, but for those whose question reads as it goes on: this file reads nothing, so that the documentation
// can carry it.
import * as z from 'zod';
import { dateSchema, idSchema, instantSchema, trackSchema } from '../../../events/envelope.ts';
import { accessSchema } from '../../record/access/entry.ts';
import { traceAnswer, unitSubjectSchema } from './answer.ts';
import { clauseFactSchema } from './clause.ts';
import { deadlineFactSchema } from './deadlines.ts';
import { differenceFactSchema } from './difference.ts';
import { escalationFactSchema } from './escalation.ts';
import { eventRefs } from './event-ref.ts';
import { inspectionFactSchema } from './inspections.ts';
import { lateSchema } from './late.ts';
import { SUBJECTS, type QuestionName } from './questions.ts';
import { recurrenceFactSchema } from './recurrences.ts';
import { reminderFactSchema } from './reminders.ts';
import { reportFactSchema, reportSubjectSchema } from './report.ts';
import { responsibleFactSchema } from './responsible.ts';

const unit = unitSubjectSchema.shape;
const hazard = { hazard: idSchema, unit: idSchema, track: trackSchema.nullable(), clause: z.string() };
const cursor = z.string().optional();

const uncheckedFactSchema = z
  .strictObject({
    unit: idSchema,
    name: z.string(),
    kind: z.string().nullable(),
    area: z.string().nullable(),
    inspections: z.int().describe('inspections of the track on record, none of which answered the clause'),
    lastInspection: instantSchema.nullable(),
    /** those inspections */
    events: eventRefs,
  })
  .meta({ id: 'UncheckedFact' });
export type UncheckedFact = z.infer<typeof uncheckedFactSchema>;

export const TRACE_ANSWERS = {
  inspections: traceAnswer(
    { ...unit, from: instantSchema, to: instantSchema, track: trackSchema.nullable() },
    inspectionFactSchema,
  ).meta({ id: 'InspectionTrace' }),
  clause: traceAnswer({ ...unit, clause: z.string(), track: trackSchema.nullable() }, clauseFactSchema).meta({
    id: 'ClauseTrace',
  }),
  deadlines: traceAnswer(hazard, deadlineFactSchema).meta({ id: 'DeadlineTrace' }),
  reminders: traceAnswer(hazard, reminderFactSchema).meta({ id: 'ReminderTrace' }),
  responsible: traceAnswer({ ...unit, on: dateSchema }, responsibleFactSchema).meta({ id: 'ResponsibleTrace' }),
  difference: traceAnswer(
    { ...unit, now: z.strictObject({ position: z.int(), time: instantSchema }) },
    differenceFactSchema,
  ).meta({ id: 'DifferenceTrace' }),
  recurrences: traceAnswer(unit, recurrenceFactSchema).meta({ id: 'RecurrenceTrace' }),
  escalation: traceAnswer({ escalation: idSchema, unit: z.string(), hazard: idSchema }, escalationFactSchema).meta({
    id: 'EscalationTrace',
  }),
  late: traceAnswer(unit, lateSchema).meta({ id: 'LateTrace' }),
  report: traceAnswer(reportSubjectSchema.shape, reportFactSchema)
    .extend({ looked: z.int().describe('positions of the log that were looked at for this page'), cursor })
    .meta({ id: 'ReportTrace' }),
  unchecked: traceAnswer(
    { ...unit, clause: z.string(), track: trackSchema, kind: z.string().nullable(), area: z.string().nullable() },
    uncheckedFactSchema,
  )
    .extend({ looked: z.int().describe('units like it that were looked at for this page'), cursor })
    .meta({ id: 'UncheckedTrace' }),
  access: traceAnswer({ ...unit, after: instantSchema }, accessSchema)
    .extend({ cursor })
    .meta({ id: 'AccessTrace' }),
} satisfies Record<QuestionName, z.ZodType>;
export type TraceAnswers = { [Name in QuestionName]: z.infer<(typeof TRACE_ANSWERS)[Name]> };

export const momentsSchema = z
  .strictObject({
    subject: z.strictObject({ kind: z.enum(SUBJECTS), id: idSchema, unit: idSchema.nullable() }),
    /** oldest first */
    moments: z.array(
      z.strictObject({
        knownAt: z.int().describe('log position: as known right after it'),
        recordedAt: instantSchema,
        types: z.array(z.string()).describe('events that were recorded then'),
      }),
    ),
    of: z.int().describe('how many moments there are'),
  })
  .meta({ id: 'Moments' });
export type Moments = z.infer<typeof momentsSchema>;
