// Shapes that several routes share at the edge. Bodies and queries are strict: an unknown name is an error that tells the known ones.
import * as z from 'zod';
import {
  CATEGORIES,
  evidenceSchema,
  idSchema,
  longer,
  personSchema,
  placeSchema,
  textSchema,
  trackSchema,
  instantSchema,
} from '../../events/envelope.ts';
import { OUTCOMES } from '../../events/inspection.ts';
import { NOT_EMPTY } from '../../events/wording.ts';
import { isSeen } from '../../shared/text.ts';

export { evidenceSchema, idSchema, placeSchema, trackSchema };

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** In UTC. A year that has no four digits there would be written with a sign, and compare with nothing. */
export function inUtc(text: string, context: z.RefinementCtx): string {
  const instant = new Date(text).toISOString();
  if (/^\d{4}-/.test(instant)) return instant;
  context.addIssue({ code: 'custom', message: 'must lie within the years 0000 to 9999 in UTC' });
  return z.NEVER;
}

/** A day in town time that is asked about: no record reaches back beyond 1900. */
export const askedDaySchema = z.iso.date().refine((day) => day >= '1900', 'must be from 1900-01-01 on');

/** A moment as people write it, with their offset; kept as UTC with milliseconds. */
export const momentSchema = z.iso
  .datetime({ offset: true, error: 'must be a date and time with offset, e.g. 2025-05-24T10:00:00+08:00' })
  .transform(inUtc)
  .describe('date and time with offset, e.g. 2025-05-24T10:00:00+08:00');

/** A deadline: a moment, or a date, which ends at midnight in town time (Asia/Shanghai, UTC+8 all year). */
export const dueSchema = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error:
      'must be a date (2025-06-30, its end in town time) or a date and time with offset (2025-06-30T18:00:00+08:00)',
  })
  .transform((text, context) => inUtc(DAY.test(text) ? `${text}T23:59:59.999+08:00` : text, context))
  .describe('a date (its end in town time, Asia/Shanghai) or a date and time with offset');

/** The schemas of an answer's fields, one for each field of the type that is answered: the compiler names the one that is missing or differs. */
export type FieldsOf<T> = { [Field in keyof Required<T>]: z.ZodType<T[Field]> };

/** Query text to whole number; `''`, `1e2` and `0x10` are not numbers here. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .meta({ type: 'integer', minimum: min, maximum: max });
}

/** What a write answered as `atLeast`, or a log position. */
export const atLeastSchema = z
  .string()
  .regex(
    new RegExp(`^(\\d{1,15}|(${CATEGORIES.join('|')})/[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}@\\d{1,10})$`),
    'must be the `atLeast` of an earlier answer, e.g. unit/u_1@3, or a log position',
  )
  .describe(
    "waits (5 s at most) until the view has seen this write: the `atLeast` of a command's answer, or a log position",
  );

/** Yes or no in a query. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

export const freshness = { atLeast: atLeastSchema.optional() };
export const paging = {
  limit: wholeNumber(1, 100).optional().describe('items on a page, 20 unless told'),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,2000}$/, 'must be the `cursor` of the page before')
    .optional()
    .describe('`cursor` of the page before, with the same filters and sort'),
};

/** What may be said about any act besides the act itself. */
export const circumstances = {
  occurredAt: momentSchema
    .optional()
    .describe('when it happened, if not now; the server keeps its own clock beside it'),
  lateBasis: textSchema
    .optional()
    .describe(
      'why it is recorded so late, or claims a time before what is on record: asked for by `occurred-too-early` and `seen-before-sign-off`',
    ),
  draftedFrom: momentSchema
    .optional()
    .describe('when the page or form was fetched from the platform: nothing written on it happened before'),
  place: placeSchema.optional().describe('where the person stood'),
  device: z.string().min(1).max(128).optional(),
};

/** A moment as people write it, in UTC; anything else as it is: the rules say what is wrong with it. */
function utc(given: z.core.util.JSONType): z.core.util.JSONType {
  const read = momentSchema.safeParse(given);
  return read.success ? read.data : given;
}

/** Has each text in it something that is seen, if it is not empty? */
const isFilled = (value: z.core.util.JSONType): boolean =>
  typeof value === 'string' ? value === '' || isSeen(value) : Object.values(value ?? {}).every(isFilled);

/** What a correction (更正) says; what was there before is filled in from the record. */
export const correctionBody = {
  target: z.string().min(1).max(200).describe('id of the event to correct'),
  changes: z
    .array(
      z
        .strictObject({
          // it has to name what is there: the item of an older event may hold anything
          field: longer(z.string().min(1).max(200)),
          to: z
            .json()
            .refine(isFilled, NOT_EMPTY)
            .describe('what it should have been; null takes away what need not be there'),
        })
        .transform(({ field, to }) => ({ field, to: field === 'occurredAt' ? utc(to) : to })),
    )
    .min(1)
    .max(50),
  reason: textSchema,
  approver: personSchema.describe('who approved it: another person than the caller'),
};

/** Something that waits for an answer, as shared/domain/waiting.ts keeps it. */
export const waitSchema = z.strictObject({
  open: z.boolean().describe('not answered yet'),
  since: instantSchema
    .nullable()
    .describe('when what it has waited since was recorded; null: it is answered, or cannot be answered now'),
  stage: z.int().nullable().describe('working days of the last reminder of it'),
});

/** Units on record that read like one. */
export const similarSchema = z.array(
  z.strictObject({ id: idSchema, name: z.string(), address: z.string().optional() }),
);

/** The answer of every command. */
export const executedSchema = z
  .strictObject({
    already: z.boolean().describe('true: this command, or what it asks for, had been done before; nothing was added'),
    added: z.int().min(0).describe('events added'),
    id: idSchema.describe('the unit, inspection, hazard, appointment, organisation or campaign acted on'),
    events: z.array(z.strictObject({ id: z.string(), type: z.string(), stream: z.string(), version: z.int() })),
    findings: z
      .array(z.strictObject({ item: z.string(), clause: z.string(), hazard: idSchema, outcome: z.enum(OUTCOMES) }))
      .optional()
      .describe('inspections only: what each “problem” answer meant'),
    warnings: z
      .array(
        z.strictObject({
          type: z.enum(['calendar-provisional']),
          detail: z.string().describe('for people, in Chinese'),
          field: z.string(),
          years: z.array(z.int()).describe('years without a statutory notice: their days are reckoned by the week'),
        }),
      )
      .optional()
      .describe('what whoever gave the command should know; it was carried out all the same'),
    similar: similarSchema.optional().describe('units on record of the same name, or at the same address'),
    atLeast: z.string().optional().describe('ready for `?atLeast=` of any query'),
    position: z
      .int()
      .optional()
      .describe('log position of the last event, when `Prefer: wait` was asked and it came in time'),
  })
  .meta({ id: 'Executed' });
export type ExecutedAnswer = z.infer<typeof executedSchema>;

export const asOfSchema = z.strictObject({
  position: z.int().min(0).describe('everything before this log position is in the answer'),
});

/** The answer of a list: one page of it. */
export const pageOf = <Row extends z.ZodType>(id: string, row: Row) =>
  z
    .strictObject({
      items: z.array(row),
      cursor: z
        .string()
        .optional()
        .describe('ready for `?cursor=`; absent at the end. A page may be short, even empty, and still have one.'),
      asOf: asOfSchema,
    })
    .meta({ id });
