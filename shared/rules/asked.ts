// What people may say in a command, as they write it: times with their offset, days, and the circumstances of any act. Kept is UTC.
import * as z from 'zod';
import { evidenceSchema, placeSchema, textSchema } from '../../events/envelope.ts';
import { longer } from '../../events/field.ts';
import { NOT_EMPTY } from '../../events/wording.ts';
import { isSeen } from '../text.ts';
import { endOfTownDay } from '../town-time.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** In UTC. A year that has no four digits there would be written with a sign, and compare with nothing. */
export function inUtc(text: string, context: z.RefinementCtx): string {
  const instant = new Date(text).toISOString();
  if (/^\d{4}-/.test(instant)) return instant;
  context.addIssue({ code: 'custom', message: 'must lie within the years 0000 to 9999 in UTC' });
  return z.NEVER;
}

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
  .transform((text, context) => inUtc(DAY.test(text) ? endOfTownDay(text) : text, context))
  .describe('a date (its end in town time, Asia/Shanghai) or a date and time with offset');

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

/** Files that show it, of acts that take any. */
export const evidence = { evidence: z.array(evidenceSchema).max(50).optional() };

/** A moment as people write it, in UTC; anything else as it is: the rules say what is wrong with it. */
function utc(given: z.core.util.JSONType): z.core.util.JSONType {
  const read = momentSchema.safeParse(given);
  return read.success ? read.data : given;
}

/** Has each text in it something that is seen, if it is not empty? */
const isFilled = (value: z.core.util.JSONType): boolean =>
  typeof value === 'string' ? value === '' || isSeen(value) : Object.values(value ?? {}).every(isFilled);

/** What a correction (更正) says; what was there before is filled in from the record. */
export const askedCorrection = z.strictObject({
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
});
