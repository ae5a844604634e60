// Routes of the directory (人员名录): what a person's reference stands for, to whoever may know it, and the erasure of it.
// Names and telephone numbers are here and nowhere else; a reference goes by the query, because it may have characters
// that a path may not.
import * as z from 'zod';
import { personSchema } from '../../../events/envelope.ts';
import { query } from '../route.ts';

/** References that may be asked about at once. */
export const MOST_NAMES = 50;

const tag = 'directory';

export const directoryRoutes = {
  getNames: query({
    path: '/v1/directory/names',
    tag,
    summary: 'The names of several people, for a screen',
    zh: '查询多人姓名',
    description:
      'No telephone numbers. Who was erased, or never entered, is there without a name. Each look is on the access log, under each person.',
    action: 'read.directory',
    access: { action: 'names', each: 'persons' },
    query: z.strictObject({
      persons: z
        .string()
        .transform((text) => [...new Set(text.split(/\s+/).filter((one) => one !== ''))])
        .pipe(z.array(personSchema).min(1).max(MOST_NAMES))
        .meta({
          type: 'string',
          pattern: `^\\s*[\\x21-\\x7e]{1,128}(\\s+[\\x21-\\x7e]{1,128}){0,${MOST_NAMES - 1}}\\s*$`,
          examples: ['p-liaison-1 p-leader-1'],
        })
        .describe(`references, divided by blanks; ${MOST_NAMES} at most`),
    }),
    answer: z
      .strictObject({
        items: z.array(
          z.strictObject({
            person: personSchema,
            name: z.string().nullable(),
            state: z
              .enum(['entered', 'erased', 'unknown', 'altered'])
              .describe('altered: what stands in the directory is not what the events about the person commit to'),
          }),
        ),
      })
      .meta({ id: 'Names' }),
  }),
  getPerson: query({
    path: '/v1/directory',
    tag,
    summary: 'What a reference stands for, with the keys by which its commitments can be checked',
    zh: '查询人员',
    action: 'read.directory',
    access: { action: 'names', unit: '*' },
    query: z.strictObject({ person: personSchema }),
    problems: { 404: 'nobody was entered under the reference, or who was is erased' },
    answer: z
      .strictObject({
        person: personSchema,
        name: z.string(),
        phone: z.string().nullable(),
        altered: z.boolean().describe('what is shown is not what the last event about the person commits to'),
        entries: z
          .array(
            z.strictObject({
              event: z.string().describe('the event that commits to it'),
              at: z.iso.datetime(),
              name: z.string(),
              phone: z.string().nullable(),
              fields: z.array(
                z.strictObject({
                  field: z.enum(['name', 'phone']),
                  commitment: z.string().describe('as in the event: HMAC-SHA-256 of the value in UTF-8, hex'),
                  key: z.string().describe('hex'),
                }),
              ),
            }),
          )
          .describe('oldest first; the last holds'),
      })
      .meta({ id: 'Person' }),
  }),
};
