// The route of imports: commands that somebody's register implies, each with the rows it was inferred from.
import * as z from 'zod';
import { derivedSchema, instantSchema } from '../../../events/envelope.ts';
import { outcomeSchema } from '../../../events/inspection.ts';
import { unitDetailsSchema } from '../../../events/unit.ts';
import { importCommandSchema } from '../../../shared/rules/perform/import-command.ts';
import { UNCLOSED } from '../../../shared/rules/hazard/rectification.ts';
import { command } from '../route.ts';
import { idSchema, similarSchema } from '../schemas.ts';

export const IMPORT_LIMIT = 2 * 1024 * 1024;

export const importRoutes = {
  runImport: command({
    path: '/v1/imports',
    tag: 'imports',
    summary: 'Carry out 1 to 100 commands of an import, in order',
    zh: '导入台账',
    description:
      'A command that is refused says why and the rest goes on. The same commands again add nothing. Where the unit of an id was never called as a `unit` command says, or never belonged to its area, that command and all after it of the unit are refused: `unit-differs`. Where another unit has a number in the same register that reads the same (letter case, width and zeros in front do not count), or the unit is `refused` for its name: `unit-looks-like`.',
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
                  .array(
                    z.strictObject({
                      clause: z.string(),
                      hazard: idSchema,
                      outcome: outcomeSchema,
                      signedOffAt: instantSchema
                        .optional()
                        .describe(
                          'of a `late` one: the sign-off before which it was seen; of a recurrence: a sign-off at the very time when it was seen',
                        ),
                    }),
                  )
                  .optional(),
                signedOff: z.array(z.string()).optional(),
                unclosed: z
                  .array(
                    z.strictObject({
                      clause: z.string(),
                      hazard: idSchema,
                      why: z
                        .enum(UNCLOSED)
                        .describe('closed otherwise; seen only after that time; dealt with on the platform'),
                      at: instantSchema.optional().describe('its last sign-off, or when it was first seen'),
                    }),
                  )
                  .optional()
                  .describe('`closes` that signed nothing off: what stands on record goes on'),
                similar: similarSchema.optional().describe('units on record of the same name, or at the same address'),
                problem: z
                  .strictObject({
                    type: z.string(),
                    detail: z.string(),
                    field: z.string().optional(),
                    expected: z.string().optional(),
                    units: similarSchema.optional().describe('`unit-looks-like`: which'),
                    recorded: unitDetailsSchema
                      .optional()
                      .describe('`unit-differs`, `unit-exists`: the unit that has this id'),
                  })
                  .optional(),
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
