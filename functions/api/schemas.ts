// Shapes that several routes share at the edge. Bodies and queries are strict: an unknown name is an error that tells the known ones.
import * as z from 'zod';
import { CATEGORIES, evidenceSchema, idSchema, placeSchema, trackSchema } from '../../events/envelope.ts';
import { outcomeSchema } from '../../events/inspection.ts';

export { evidenceSchema, idSchema, placeSchema, trackSchema };

/** A day in town time that is asked about: no record reaches back beyond 1900. */
export const askedDaySchema = z.iso.date().refine((day) => day >= '1900', 'must be from 1900-01-01 on');

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
export const booleanText = z.enum(['true', 'false']).transform((text) => text === 'true');

export const freshness = { atLeast: atLeastSchema.optional() };
export const paging = {
  limit: wholeNumber(1, 100).optional().describe('items on a page, 20 unless told'),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,2000}$/, 'must be the `cursor` of the page before')
    .optional()
    .describe('`cursor` of the page before, with the same filters and sort'),
};

/** Units on record that read like one. */
export const similarSchema = z.array(
  z.strictObject({
    id: idSchema,
    name: z.string(),
    address: z.string().optional(),
    external: z.string().optional().describe('its number in the register, where that reads like the other’s'),
  }),
);

/** The answer of every command. */
export const executedSchema = z
  .strictObject({
    already: z.boolean().describe('true: this command, or what it asks for, had been done before; nothing was added'),
    added: z.int().min(0).describe('events added'),
    id: idSchema.describe('the unit, inspection, hazard, appointment, organisation or campaign acted on'),
    events: z.array(z.strictObject({ id: z.string(), type: z.string(), stream: z.string(), version: z.int() })),
    findings: z
      .array(z.strictObject({ item: z.string(), clause: z.string(), hazard: idSchema, outcome: outcomeSchema }))
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
    proposal: idSchema
      .optional()
      .describe('nothing of the act is on record yet: a second person has to confirm this proposal'),
    receipt: z
      .string()
      .optional()
      .describe(
        'the platform’s signed promise that this stands on record, a signed note: keep it; `daocha audit receipt` checks it',
      ),
    atLeast: z.string().optional().describe('ready for `?atLeast=` of any query'),
    position: z
      .int()
      .optional()
      .describe('log position of the last event, when `Prefer: wait` was asked and it came in time'),
  })
  .meta({ id: 'Executed' });
export type ExecutedAnswer = z.infer<typeof executedSchema>;

/** Bytes as they are. */
export const bytesSchema = z.string().meta({ format: 'binary' }) as unknown as z.ZodType<Uint8Array>;
