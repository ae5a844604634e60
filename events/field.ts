// What a schema says of its fields, as data: name, title, kind, unit, bounds, choices. Whatever asks for a field (forms)
// or shows one (sentences, tables, pages) reads this and never zod. A title is JSON Schema's own word
// (`.meta({ title })`); what a value stands for is in a registry of its own, and what is made of a schema inherits it.
import * as z from 'zod';

/** A choice in words, and what it means where the words alone would not tell. */
export type Choice = readonly [label: string, hint?: string];

/** What a value stands for, where the schema alone does not tell. */
type As =
  | 'text' // longer, people write it: line feeds, tabs and emoji stand in it; any other string is a name, or identifies
  | 'id'
  | 'date'
  | 'moment'
  | 'due' // a moment that may be given as a day
  | 'person'
  | 'post' // one of the plan, or as it is called
  | 'organisation'
  | 'hazard'
  | 'track'
  | 'changes'
  | 'recipients'
  | 'files';

/** What kind of day it is: how far it may lie from today is in shared/rules/days.ts. */
export type DayKind = 'done' | 'begins' | 'ends' | 'expires' | 'goal' | 'planned' | 'rule';

interface Meaning {
  as?: As;
  /** of a date, or a moment that is none of what happens now */
  days?: DayKind;
  /** of an enumeration, or of yes and no, by the values */
  choices?: Readonly<Record<string, Choice>>;
  /** around a number: `第 # 次` */
  unit?: string;
  /** people whom the actor names: their own word is not in it */
  claimed?: true;
  /** characters at most, where a pattern says so */
  most?: number;
  /** not shown: the heading says it, or it names something inside the platform; `in a sentence`: on a page only */
  left?: 'out' | 'out of sentences';
}
const MEANINGS = z.registry<Meaning>();

/** The same schema, which stands for something. */
export function means<Schema extends z.ZodType>(schema: Schema, meaning: Meaning): Schema {
  MEANINGS.add(schema, meaning);
  return schema;
}
export const longer = (text: z.ZodString): z.ZodString => means(text, { as: 'text' });
export const isLonger = (schema: z.core.$ZodType): boolean => MEANINGS.get(schema)?.as === 'text';

/** The same schema with its title and what it stands for. Before `.optional()`. */
export const titled = <Schema extends z.ZodType>(schema: Schema, title: string, meaning: Meaning = {}): Schema =>
  means(schema.meta({ title }), meaning);

/** An enumeration of what has words. */
export const enumOf = <Value extends string>(
  choices: Readonly<Record<Value, Choice>>,
): z.ZodEnum<{ [One in Value]: One }> => means(z.enum(Object.keys(choices)), { choices }) as never;

/** Words by value, as choices. @param word which of several a value has */
export const choicesOf = <Value extends string, Words>(
  words: Readonly<Record<Value, Words>>,
  word: (words: Words) => string,
): Record<Value, Choice> =>
  Object.fromEntries(Object.entries<Words>(words).map(([value, one]) => [value, [word(one)]])) as never;

export interface DataField extends Pick<Meaning, 'most' | 'choices' | 'unit' | 'left' | 'claimed'> {
  name: string;
  title: string;
  kind: As | 'line' | 'choice' | 'number' | 'yes-no' | 'object' | 'facts' | 'anything';
  optional: boolean;
  /** several of them */
  many: boolean;
  /** of an object */
  inner?: () => readonly DataField[];
}

const KNOWN = new WeakMap<z.ZodType, readonly DataField[]>();

/** The fields of an object, in order. @throws for one that has no title, or a choice without words */
export function fieldsOf(schema: z.ZodType): readonly DataField[] {
  const known = KNOWN.get(schema);
  if (known) return known;
  const fields = Object.entries(shapeOf(schema)).map(([name, one]) => fieldOf(name, one));
  KNOWN.set(schema, fields);
  return fields;
}

/** The fields of either alternative. */
function shapeOf(schema: z.ZodType): Record<string, z.ZodType> {
  if (schema instanceof z.ZodDiscriminatedUnion) {
    return Object.assign({}, ...schema.options.map((one) => shapeOf(one as z.ZodType))) as Record<string, z.ZodType>;
  }
  if (!(schema instanceof z.ZodObject)) throw new Error('it is no object with fields');
  return schema.shape;
}

/** What a schema says of a field of this name. @throws as fieldsOf */
export function fieldOf(name: string, whole: z.ZodType): DataField {
  let one = whole;
  while (one instanceof z.ZodOptional || one instanceof z.ZodNullable) one = one.unwrap() as z.ZodType;
  const title = one.meta()?.title;
  if (title === undefined) throw new Error(`${name} has no title: declare it as titled(schema, '…')`);
  const many = one instanceof z.ZodArray && MEANINGS.get(one)?.as === undefined;
  const { as: _of, days: _days, ...said } = MEANINGS.get(one) ?? {};
  const each = many ? ((one as z.ZodArray).element as z.ZodType) : one;
  return { name, title, optional: whole instanceof z.ZodOptional, many, ...kindOf(name, each), ...said };
}

/** The dates within an object, by their paths, each with its kind where it says one. */
export function daysIn(schema: z.core.$ZodType, path = ''): [path: string, days: DayKind | undefined][] {
  let one = schema;
  while (one instanceof z.ZodOptional || one instanceof z.ZodNullable) one = one.unwrap();
  const { as, days } = MEANINGS.get(one) ?? {};
  if (as === 'date' || days !== undefined) return [[path, days]];
  if (!(one instanceof z.ZodObject)) return [];
  return Object.entries(one.shape as Record<string, z.ZodType>).flatMap(([name, inner]) =>
    daysIn(inner, path === '' ? name : `${path}.${name}`),
  );
}

function kindOf(name: string, schema: z.ZodType): Pick<DataField, 'kind' | 'most' | 'choices' | 'inner'> {
  const { as, choices, most } = MEANINGS.get(schema) ?? {};
  if (as === 'text') return { kind: as, most: (schema as z.ZodString).maxLength ?? 64 };
  if (as) return { kind: as, ...(most !== undefined && { most }) };
  if (schema instanceof z.ZodEnum) {
    const bare = schema.options.filter((value) => !choices || !Object.hasOwn(choices, String(value)));
    if (bare.length > 0) throw new Error(`${name}: ${bare.join(', ')} has no words: declare them as \`choices\``);
    return { kind: 'choice', choices: choices! };
  }
  if (schema instanceof z.ZodNumber) return { kind: 'number' };
  if (schema instanceof z.ZodBoolean || schema instanceof z.ZodLiteral) {
    return choices ? { kind: 'choice', choices } : { kind: 'yes-no' };
  }
  if (schema instanceof z.ZodString) return { kind: 'line', most: schema.maxLength ?? 64 };
  if (schema instanceof z.ZodRecord) return { kind: 'facts' };
  if (schema instanceof z.ZodObject || schema instanceof z.ZodDiscriminatedUnion) {
    return { kind: 'object', inner: () => fieldsOf(schema) };
  }
  return { kind: 'anything' };
}
