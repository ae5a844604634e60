// Stream category `person` (人员): that a person was entered into the directory, and that the directory has forgotten them. The events
// hold the reference and commitments only: HMACs under random keys that are kept with the person and erased with them.
import * as z from 'zod';
import { defineEvent, personSchema, textSchema, type DraftOf, type EventOf } from './envelope.ts';
import { titled } from './field.ts';

const commitmentSchema = z.string().regex(/^[0-9a-f]{64}$/, 'must be the 64 lower-case hex digits of an HMAC-SHA-256');

export const PersonEntered = defineEvent({
  type: 'PersonEntered',
  category: 'person',
  zh: '录入人员',
  data: z.strictObject({
    person: titled(personSchema, '人员'),
    /** HMAC-SHA-256 of each field under its own random 256-bit key */
    commitments: titled(z.strictObject({ name: commitmentSchema, phone: commitmentSchema.optional() }), '承诺值', {
      left: 'out',
    }),
  }),
  example: { person: 'p-1', commitments: { name: 'a'.repeat(64), phone: 'b'.repeat(64) } },
});

export const PersonErased = defineEvent({
  type: 'PersonErased',
  category: 'person',
  zh: '删除个人信息',
  data: z.strictObject({
    person: titled(personSchema, '人员'),
    reason: titled(textSchema, '理由'),
    approver: titled(personSchema, '批准人'),
  }),
  example: { person: 'p-1', reason: '本人申请', approver: 'p-office-1' },
});

export const personEvents = [PersonEntered, PersonErased] as const;
export type PersonEvent = EventOf<(typeof personEvents)[number]>;
export type PersonDraft = DraftOf<(typeof personEvents)[number]>;
