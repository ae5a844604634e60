// Routes of the responsibility trace (责任倒查): the questions that an auditor asks, each as known now or at an earlier
// moment, answered with the events behind every fact.
import * as z from 'zod';
import { clauseSchema } from '../../../events/inspection.ts';
import { momentsSchema, TRACE_ANSWERS } from '../../../shared/reading/trace/answers.ts';
import { dossierSchema } from '../../../shared/reading/unit-file/unit-file.ts';
import { NOT_LAUNCHED, query } from '../route.ts';
import { inUtc } from '../../../shared/rules/asked.ts';
import { askedDaySchema, atLeastSchema, idSchema, paging, trackSchema, wholeNumber } from '../schemas.ts';

const tag = 'trace';
const action = 'read.trace';
const params = z.strictObject({ id: idSchema });

const KNOWN_AT =
  'must be a log position, e.g. 1204, or a date and time with zone, e.g. 2025-05-24T10:00:00+08:00: a date alone, or a time without zone, could mean several moments';

const isMoment = (text: string): boolean => z.iso.datetime({ offset: true }).safeParse(text).success;
const isDay = (text: string): boolean => z.iso.date().safeParse(text).success;

/** A log position, or a moment with its offset. */
export const knownAtSchema = z
  .string()
  .refine((text) => /^\d{1,15}$/.test(text) || isMoment(text), KNOWN_AT)
  .transform((text, context): { position: number } | { time: string } =>
    /^\d+$/.test(text) ? { position: Number(text) } : { time: inUtc(text, context) },
  )
  .meta({ anyOf: [{ pattern: '^(?!0+$)\\d{1,15}$' }, { format: 'date-time' }] })
  .describe(
    'as known at: a log position P (everything before P), or a date and time with offset (everything recorded by then); now unless told',
  );

/** A day in town time, or a moment. */
const daySchema = z
  .string()
  .refine(
    (text) => isDay(text) || isMoment(text),
    'must be a date, e.g. 2025-06-01 (its beginning in town time), or a date and time with zone, e.g. 2025-06-01T10:00:00+08:00',
  )
  .refine((text) => text >= '1900', 'must be from 1900-01-01 on')
  .transform((text, context) => (isDay(text) ? text : inUtc(text, context)))
  .meta({ anyOf: [{ format: 'date' }, { format: 'date-time' }] });
const beforeSchema = daySchema.describe(
  'a date (its beginning in town time, Asia/Shanghai) or a date and time with offset; it is not included',
);

const asked = { knownAt: knownAtSchema.optional(), atLeast: atLeastSchema.optional() };

const trackOf = { track: trackSchema.optional() };
const clause = clauseSchema.describe('a clause as the checklists and hazards have it, e.g. GAS-01');

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
    params,
    query: z.strictObject({
      before: beforeSchema,
      months: wholeNumber(1, 240).describe('how many months back'),
      ...trackOf,
      ...asked,
    }),
    answer: TRACE_ANSWERS.inspections,
  }),
  traceClause: query({
    path: '/v1/trace/units/{id}/clause',
    tag,
    summary: 'Question 2: a clause at a unit, inspection by inspection',
    zh: '倒查：条款检查',
    description:
      'Tells apart: found; answered “no problem”; omitted although it stood on the checklist; not on the checklist. Where the inspection names no checklist that was published, it says so and guesses nothing.',
    action,
    access: { action: 'trace', unit: 'id' },
    params,
    query: z.strictObject({ clause, ...trackOf, ...asked }),
    answer: TRACE_ANSWERS.clause,
  }),
  traceDeadlines: query({
    path: '/v1/trace/hazards/{id}/deadlines',
    tag,
    summary: "Question 3: a hazard's due dates, who approved each, evidence, verifier, signer",
    zh: '倒查：整改期限',
    action,
    access: { action: 'trace' },
    params,
    query: z.strictObject(asked),
    answer: TRACE_ANSWERS.deadlines,
  }),
  traceReminders: query({
    path: '/v1/trace/hazards/{id}/reminders',
    tag,
    summary: 'Question 4: the reminders for a hazard, delivered or not, and what followed',
    zh: '倒查：提醒情况',
    action,
    access: { action: 'trace' },
    params,
    query: z.strictObject(asked),
    answer: TRACE_ANSWERS.reminders,
  }),
  traceResponsible: query({
    path: '/v1/trace/units/{id}/responsible',
    tag,
    summary: 'Question 5: who was responsible for a unit on a day',
    zh: '倒查：责任人员',
    description: 'By the rosters as known then; a post that nobody held is named as vacant.',
    action,
    problems: NOT_LAUNCHED,
    access: { action: 'trace', unit: 'id' },
    params,
    query: z.strictObject({ on: askedDaySchema.describe('a day in town time'), ...asked }),
    answer: TRACE_ANSWERS.responsible,
  }),
  traceDifference: query({
    path: '/v1/trace/units/{id}/difference',
    tag,
    summary: 'Question 6: what was known of a unit then, against what is known now',
    zh: '倒查：所知差异',
    description:
      'Field by field, with the later events that made the difference; late and corrected: what came to be known since.',
    action,
    access: { action: 'trace', unit: 'id' },
    params,
    query: z.strictObject({ ...asked, knownAt: knownAtSchema }),
    answer: TRACE_ANSWERS.difference,
  }),
  traceRecurrences: query({
    path: '/v1/trace/units/{id}/recurrences',
    tag,
    summary: 'Question 7: recurrences at a unit, and the sign-offs that they undid',
    zh: '倒查：隐患回潮',
    action,
    access: { action: 'trace', unit: 'id' },
    params,
    query: z.strictObject(asked),
    answer: TRACE_ANSWERS.recurrences,
  }),
  traceEscalation: query({
    path: '/v1/trace/escalations/{id}',
    tag,
    summary: 'Question 8: an escalation: limit, material, recipient, days waiting, returns',
    zh: '倒查：上报情况',
    action,
    access: { action: 'trace' },
    params,
    query: z.strictObject(asked),
    answer: TRACE_ANSWERS.escalation,
  }),
  traceLate: query({
    path: '/v1/trace/units/{id}/late',
    tag,
    summary: 'Question 9: what was recorded late or back-dated about a unit',
    zh: '倒查：补录与倒填',
    description:
      'late: more than 24 hours after it happened; back-dated: it claims a time before an event that its stream had on record; across-deadline: claimed in time, recorded when the due date had passed.',
    action,
    access: { action: 'trace', unit: 'id' },
    params,
    query: z.strictObject(asked),
    answer: TRACE_ANSWERS.late,
  }),
  traceReport: query({
    path: '/v1/trace/reports/{id}',
    tag,
    summary: 'Question 10: the events behind the figures of a report, and what changed later',
    zh: '倒查：报表依据',
    description:
      'Each event that counts, and what it adds to each figure; added up over `part: behind` they are the figures that were submitted. A page looks at so many positions of the log as `limit` says; follow `cursor` to its end before adding up.',
    action,
    access: { action: 'trace' },
    params,
    query: z.strictObject({
      limit: wholeNumber(1, 5000).optional().describe('log positions to look at for one page, 2000 unless told'),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/, 'must be the cursor of the page before')
        .optional(),
      ...asked,
    }),
    answer: TRACE_ANSWERS.report,
  }),
  traceUnchecked: query({
    path: '/v1/trace/units/{id}/unchecked',
    tag,
    summary: 'Question 11: units like this one that were never checked for a clause',
    zh: '倒查：未查单位',
    description:
      'Of the same track and kind, and of one area if asked. One page looks at so many units as `limit` says; it may be short, even empty, and still have a cursor.',
    action,
    access: { action: 'trace', unit: 'id' },
    params,
    query: z.strictObject({
      clause,
      ...trackOf,
      area: idSchema.optional().describe('only units of this village or residents’ committee'),
      limit: wholeNumber(1, 50).optional().describe('units to look at for one page, 20 unless told'),
      cursor: paging.cursor,
      ...asked,
    }),
    answer: TRACE_ANSWERS.unchecked,
  }),
  traceAccess: query({
    path: '/v1/trace/units/{id}/access',
    tag,
    summary: 'Question 12: who read or took home a unit after a day',
    zh: '倒查：查阅记录',
    description:
      'From the access log: accesses to the unit itself and to the whole log. Refused ones are there with the problem: nothing was shown. As known at a time: what had been read by then.',
    action,
    access: { action: 'trace', unit: 'id' },
    params,
    query: z.strictObject({
      after: daySchema.describe('a date (from its beginning in town time on) or a date and time with offset'),
      limit: wholeNumber(1, 500).optional().describe('100 unless told'),
      cursor: z
        .string()
        .regex(/^\d{4}-[\x21-\x7e]{1,100}$/, 'must be the cursor of the page before')
        .optional(),
      ...asked,
    }),
    answer: TRACE_ANSWERS.access,
  }),
  traceMoments: query({
    path: '/v1/trace/{subject}/{id}/moments',
    tag,
    summary: 'When what is known of a unit, a hazard, an escalation or a report changed',
    zh: '倒查：所知变化的时刻',
    description:
      'What to ask `knownAt` with, oldest first: at most 200 moments, evenly chosen where there are more; the first and the last are always among them.',
    action,
    access: { action: 'read' },
    params: z.strictObject({ subject: z.enum(['units', 'hazards', 'escalations', 'reports']), id: idSchema }),
    answer: momentsSchema,
  }),
  traceDossier: query({
    path: '/v1/trace/units/{id}/dossier',
    tag,
    summary: 'The dossier of a unit before a day: everything above, compiled',
    zh: '倒查：汇编卷宗',
    description:
      'Chronology, people responsible at each moment, inspections, hazards with every due date and sign-off, gaps in duty, recurrences, escalations, late records, corrections, who read it. `daocha trace dossier` makes a readable file of it, beside a proof bundle.',
    action,
    problems: NOT_LAUNCHED,
    access: { action: 'dossier', unit: 'id' },
    params,
    query: z.strictObject({
      on: askedDaySchema.describe('a day in town time, included'),
      months: wholeNumber(1, 240).describe('how many months back from its beginning'),
      ...asked,
    }),
    answer: dossierSchema,
  }),
};
