// What a schema says of its fields: of every event's, and of the kinds that forms tell apart.
import * as z from 'zod';
import { expect, test } from 'vitest';
import { dateSchema, idSchema, personSchema, textSchema, trackSchema } from '../../events/envelope.ts';
import { fieldsOf, titled } from '../../events/field.ts';
import { LeaseRecorded, RiskGraded } from '../../events/unit.ts';

test('fields are told in order, with title, kind, bounds and whether they may be left out', () => {
  expect(fieldsOf(LeaseRecorded.data)).toEqual([
    { name: 'lease', title: '租赁编号', kind: 'id', most: 64, optional: false, many: false },
    { name: 'lessor', title: '出租方', kind: 'line', most: 200, optional: false, many: false },
    { name: 'lessee', title: '承租方', kind: 'line', most: 200, optional: false, many: false },
    { name: 'from', title: '起始日', kind: 'date', optional: false, many: false },
    { name: 'to', title: '截止日', kind: 'date', optional: true, many: false },
  ]);
  expect(fieldsOf(RiskGraded.data.pick({ to: true }))).toMatchObject([
    { name: 'to', kind: 'choice', choices: { A: ['A 级', '低风险'], D: ['D 级', '高风险'] } },
  ]);
});

test('each kind is known by the schema that it was made of', () => {
  const due = z.union([z.iso.datetime(), z.iso.date()]);
  const kinds = {
    text: textSchema,
    id: idSchema,
    person: personSchema.describe('who'),
    track: trackSchema,
    date: dateSchema,
    number: z.int(),
    'yes-no': z.boolean(),
    line: z.string().max(9),
  };
  const shape = Object.fromEntries(Object.entries(kinds).map(([kind, schema]) => [kind, titled(schema, kind)]));
  const others = { organisation: titled(idSchema, 'o', { as: 'organisation' }), due: titled(due, 'd', { as: 'due' }) };
  const fields = fieldsOf(z.strictObject({ ...shape, ...others }));
  for (const { name, kind } of fields) expect(kind, name).toBe(name);
  expect(fieldsOf(z.strictObject({ all: titled(z.array(trackSchema), '专项') }))).toMatchObject([
    { kind: 'track', many: true },
  ]);
});

test.each([
  ['a field without title', z.strictObject({ a: textSchema }), 'a has no title'],
  [
    'a choice without words',
    z.strictObject({ a: titled(z.enum(['x', 'y']), '甲', { choices: { x: ['某'] } }) }),
    'y has',
  ],
  ['what is no object', z.union([textSchema, idSchema]), 'no object'],
])('%s is named', (_what, schema, message) => {
  expect(() => fieldsOf(schema)).toThrow(message);
});
