// The route of imports: commands that somebody's register implies, each with the rows it was inferred from.
import * as z from 'zod';
import { derivedSchema, instantSchema, textSchema } from '../../../events/envelope.ts';
import { answerSchema, HAZARD_GRADES, INSPECTION_MODES, OUTCOMES, templateSchema } from '../../../events/inspection.ts';
import { unitDetailsSchema } from '../../../events/unit.ts';
import { command } from '../route.ts';
import { idSchema, trackSchema } from '../schemas.ts';

const common = {
  command: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
    .describe('made by the importer, the same every time'),
  unit: idSchema,
  occurredAt: instantSchema,
  derived: derivedSchema.pick({ rows: true, rule: true }),
};
const closes = z.array(z.strictObject({ clause: z.string().trim().min(1).max(200), basis: textSchema })).max(90);

export const importCommandSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('unit'), ...common, details: unitDetailsSchema.required({ external: true }) }),
    z.strictObject({
      kind: z.literal('visit'),
      ...common,
      inspection: idSchema,
      track: trackSchema,
      mode: z.enum(INSPECTION_MODES),
      template: templateSchema.optional(),
      result: z.string().max(200).optional(),
      answers: z.array(z.strictObject({ ...answerSchema.shape, grade: z.enum(HAZARD_GRADES).optional() })).max(300),
      closes: closes.optional(),
    }),
    z.strictObject({ kind: z.literal('close'), ...common, track: trackSchema, closes: closes.min(1) }),
  ])
  .meta({ id: 'ImportCommand' });

export const IMPORT_LIMIT = 2 * 1024 * 1024;

export const importRoutes = {
  runImport: command({
    path: '/v1/imports',
    tag: 'imports',
    summary: 'Carry out 1 to 100 commands of an import, in order',
    zh: '导入台账',
    description: 'A command that is refused says why and the rest goes on. The same commands again add nothing.',
    action: 'import.run',
    bodyLimit: IMPORT_LIMIT,
    body: z
      .strictObject({
        source: derivedSchema.shape.source,
        file: derivedSchema.shape.file,
        commands: z.array(importCommandSchema).min(1).max(100),
      })
      .meta({ id: 'Import' }),
    answers: {
      200: {
        description: 'what became of each command, in order',
        schema: z
          .strictObject({
            results: z.array(
              z.strictObject({
                command: z.string(),
                status: z.enum(['done', 'already', 'refused']),
                added: z.int(),
                outcomes: z
                  .array(z.strictObject({ clause: z.string(), hazard: idSchema, outcome: z.enum(OUTCOMES) }))
                  .optional(),
                signedOff: z.array(z.string()).optional(),
                problem: z.looseObject({ type: z.string(), detail: z.string() }).optional(),
              }),
            ),
            atLeast: z.string().optional(),
            position: z.int().optional(),
          })
          .meta({ id: 'ImportAnswer' }),
      },
    },
    example: {
      source: 'toronto-highrise-fire',
      file: 'inspections_2017_2019.csv',
      commands: [
        {
          kind: 'unit',
          command: 'import:toronto-highrise-fire:unit:1',
          unit: 'u_1',
          occurredAt: '2017-01-04T05:00:00.000Z',
          details: {
            name: '1 Example St',
            tracks: ['factory'],
            external: { system: 'toronto-highrise-fire', id: '1' },
          },
          derived: { rows: [2], rule: 'first-row-of-address' },
        },
      ],
    },
  }),
};
