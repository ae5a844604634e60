// What an import says to the platform, as one schema: the API validates by it, its documentation is made from it, and the command layer
// takes its type from it. Knows events only, so that the documentation's bundle does not carry a database client.
import * as z from 'zod';
import { derivedSchema, idSchema, instantSchema, textSchema, trackSchema } from '../../../events/envelope.ts';
import { longer } from '../../../events/field.ts';
import {
  answerSchema,
  clauseSchema,
  HAZARD_GRADES,
  INSPECTION_MODES,
  templateSchema,
} from '../../../events/inspection.ts';
import { unitDetailsSchema } from '../../../events/unit.ts';

const common = {
  command: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
    .describe('made by the importer, the same every time'),
  unit: idSchema,
  occurredAt: instantSchema,
  derived: derivedSchema.pick({ rows: true, rule: true }),
};
const closeSchema = z.strictObject({
  clause: clauseSchema,
  basis: textSchema,
  inspection: idSchema
    .optional()
    .describe('whose finding is signed off: what another inspection saw at that very time has come back'),
});
export type ImportedClose = z.infer<typeof closeSchema>;
const closesSchema = z.array(closeSchema).max(90);

/** One step of a unit's imported history: `unit` registers it, `visit` is an inspection, `close` shows hazards gone. */
export const importCommandSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('unit'),
      ...common,
      details: unitDetailsSchema.required({ external: true }),
      alike: z
        .enum(['told', 'refused', 'apart'])
        .optional()
        .describe(
          'where it reads like a unit on record: told (unless said, for a register with numbers of its own), refused, or registered beside it',
        ),
    }),
    z.strictObject({
      kind: z.literal('visit'),
      ...common,
      inspection: idSchema,
      track: trackSchema,
      mode: z.enum(INSPECTION_MODES),
      template: templateSchema.optional(),
      result: longer(z.string().max(200)).optional(),
      answers: z.array(z.strictObject({ ...answerSchema.shape, grade: z.enum(HAZARD_GRADES).optional() })).max(300),
      /** hazards that this visit shows gone */
      closes: closesSchema.optional(),
    }),
    z.strictObject({ kind: z.literal('close'), ...common, track: trackSchema, closes: closesSchema.min(1) }),
  ])
  .meta({ id: 'ImportCommand' });
export type ImportedCommand = z.infer<typeof importCommandSchema>;
