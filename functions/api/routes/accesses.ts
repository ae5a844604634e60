// The route of the access log (查阅记录): who read or took home a unit, when, and on what ground.
import * as z from 'zod';
import { accessSchema } from '../../../shared/record/access/entry.ts';
import { personSchema } from '../../../events/envelope.ts';
import { query } from '../route.ts';
import { booleanText, idSchema, wholeNumber } from '../schemas.ts';
import { momentSchema } from '../../../shared/rules/asked.ts';

export const accessRoutes = {
  listAccesses: query({
    path: '/v1/accesses',
    tag: 'trace',
    summary: 'Who read or took home a unit, or looked up a name, oldest first, paged',
    zh: '查阅记录',
    description:
      'Accesses to the unit itself and to the whole log, in which it is. A refused one is there with the problem: nothing was shown. This too is logged.',
    action: 'read.accesses',
    access: { action: 'read', unit: '*' },
    query: z.strictObject({
      unit: idSchema.optional(),
      person: personSchema.optional().describe('instead of a unit: who looked up the name of this person'),
      after: momentSchema,
      until: momentSchema.optional().describe('not included; now unless told'),
      lists: booleanText.optional().describe('lists too, on which the unit may have stood among others'),
      limit: wholeNumber(1, 500).optional().describe('100 unless told'),
      cursor: z
        .string()
        .regex(/^\d{4}-[\x21-\x7e]{1,100}$/, 'must be the cursor of the page before')
        .optional(),
    }),
    answer: z
      .strictObject({
        items: z.array(accessSchema),
        cursor: z.string().optional(),
      })
      .meta({ id: 'AccessList' }),
  }),
};
