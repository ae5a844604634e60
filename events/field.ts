// What a schema says of its fields, as data: name, title, kind, bounds, choices. Forms, and whatever else asks for a
// field or shows one, read this and never zod. A field's title is JSON Schema's own word (`.meta({ title })`); what it
// stands for is in a registry of its own.
import * as z from 'zod';
import { dateSchema, idSchema, LONGER_TEXTS, personSchema, trackSchema } from './envelope.ts';

/** A choice in words, and what it means where the words alone would not tell. */
export type Choice = readonly [label: string, hint?: string];

interface Meaning {
  /** an organisation of the campaign; a moment that may be given as a day */
  as?: 'organisation' | 'due';
  /** of an enumeration, by its values */
  choices?: Readonly<Record<string, Choice>>;
}
const MEANINGS = z.registry<Meaning>();

/** The same schema with its title and what it stands for. Before `.optional()`. */
export function titled<Schema extends z.ZodType>(schema: Schema, title: string, meaning: Meaning = {}): Schema {
  const own = schema.meta({ title });
  MEANINGS.add(own, meaning);
  return own;
}

export interface DataField {
  name: string;
  title: string;
  kind: 'line' | 'text' | 'id' | 'date' | 'due' | 'person' | 'organisation' | 'track' | 'choice' | 'number' | 'yes-no';
  optional: boolean;
  /** several of them */
  many: boolean;
  /** characters at most */
  most?: number;
  choices?: Readonly<Record<string, Choice>>;
}

/**
 * The fields of an object, in order. @throws for one that has no title, or that is no single thing: then somebody has
 * to say how it is asked for
 */
export function fieldsOf(schema: z.ZodType): DataField[] {
  if (!(schema instanceof z.ZodObject)) throw new Error('its body is no object with fields');
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, whole]) => {
    const optional = whole instanceof z.ZodOptional;
    const one = optional ? (whole.unwrap() as z.ZodType) : whole;
    const title = one.meta()?.title;
    if (title === undefined) throw new Error(`${name} has no title: declare it as titled(schema, '…')`);
    const many = one instanceof z.ZodArray;
    return { name, title, optional, many, ...kindOf(name, many ? (one.element as z.ZodType) : one) };
  });
}

function kindOf(name: string, schema: z.ZodType): Pick<DataField, 'kind' | 'most' | 'choices'> {
  const { as, choices } = MEANINGS.get(schema) ?? {};
  if (as) return { kind: as };
  if (isOf(schema, trackSchema)) return { kind: 'track' };
  if (isOf(schema, personSchema)) return { kind: 'person', most: 128 };
  if (isOf(schema, idSchema)) return { kind: 'id', most: 64 };
  if (isOf(schema, dateSchema)) return { kind: 'date' };
  if (schema instanceof z.ZodEnum) {
    const bare = schema.options.filter((value) => !choices || !Object.hasOwn(choices, String(value)));
    if (bare.length > 0) throw new Error(`${name}: ${bare.join(', ')} has no words: declare them as \`choices\``);
    return { kind: 'choice', choices: choices! };
  }
  if (schema instanceof z.ZodNumber) return { kind: 'number' };
  if (schema instanceof z.ZodBoolean) return { kind: 'yes-no' };
  if (!(schema instanceof z.ZodString)) throw new Error(`${name} is neither a text, a choice, a day nor a number`);
  return { kind: LONGER_TEXTS.get(schema) ? 'text' : 'line', most: schema.maxLength ?? 64 };
}

/** Whether a schema is this one, perhaps with a title or a description of its own. */
function isOf(schema: z.core.$ZodType | undefined, shared: z.ZodType): boolean {
  // oxlint-disable-next-line no-underscore-dangle -- the only place where zod keeps of what a schema was made
  return schema !== undefined && (schema === shared || isOf(schema._zod.parent, shared));
}
