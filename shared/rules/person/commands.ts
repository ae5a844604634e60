// The commands on people (人员), each declared once; what they decide is in person.ts. Names and telephone numbers go
// into the directory, never into an event.
import * as z from 'zod';
import { personSchema, textSchema } from '../../../events/envelope.ts';
import { PersonEntered, PersonErased } from '../../../events/person.ts';
import { runOn } from '../command.ts';
import { SECOND_OF_TOWN } from '../roles.ts';

const KEEPERS = { office: 'town', admin: 'town' } as const;
const NO_PAGE = 'none: the directory is kept from the list of the office, by its own tools' as const;

const nameSchema = z.string().trim().min(1).max(60);
const phoneSchema = z
  .string()
  .trim()
  .regex(/^\+?\d[\d -]{4,18}\d$/, 'must be a telephone number: 6 to 20 digits, blanks and hyphens, e.g. 021-59250000');

export const enterPerson = runOn('person', {
  records: [PersonEntered],
  summary: 'Enter a person, or what has changed of one',
  description:
    'Name and telephone number stay in the directory, which can be erased; the event holds commitments to them (HMAC-SHA-256 under random keys that are kept with the person).',
  path: '/v1/directory',
  action: 'directory.enter',
  who: KEEPERS,
  takes: z.strictObject({ person: personSchema, name: nameSchema, phone: phoneSchema.optional() }),
  bare: true,
  example: { person: 'p-liaison-1', name: '示例姓名', phone: '021-59250000' },
  form: NO_PAGE,
});

export const erasePerson = runOn('person', {
  records: [PersonErased],
  summary: 'Erase a person: name, number and the keys of the commitments are gone for good',
  description:
    'What was recorded under the reference stays, byte for byte, and so does every proof. The reference is never used again. A second person confirms. Nobody erases themselves, or who holds a post.',
  path: '/v1/directory/erasures',
  action: 'directory.erase',
  who: KEEPERS,
  takes: z.strictObject({ person: personSchema, reason: textSchema }),
  second: { who: SECOND_OF_TOWN },
  bare: true,
  example: { person: 'p-1', reason: '本人申请' },
  form: NO_PAGE,
});
