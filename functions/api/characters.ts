// The characters of a request: what no event may hold is refused at the edge, for all routes, before anything is written. Half a
// character (a lone surrogate) has no bytes in UTF-8 and is refused everywhere, in the names of fields too. Control and format
// characters are refused in names and in what identifies; longer texts (events/envelope.ts) take line feeds, tabs and emoji. What
// must not be empty has something that is seen. U+FFFD stands where bytes were not UTF-8, whoever has decoded them: API Gateway too.
// Only here and not in the schemas of events: what older events hold must still be read, named by later ones and corrected.
import * as z from 'zod';
import { isLonger } from '../../events/field.ts';
import { NOT_EMPTY } from '../../events/wording.ts';
import { InvalidInput } from '../../events/errors.ts';
import { isSeen, refusedIn, visible } from '../../shared/text.ts';

export interface WrongCharacter {
  path: PropertyKey[];
  message: string;
  /** its code: `U+000B` */
  character?: string;
}

/** What is looked at of a zod schema: its shape, its elements, what it wraps, its alternatives. */
export interface Definition {
  type: string;
  shape?: Record<PropertyKey, z.core.$ZodType>;
  element?: z.core.$ZodType;
  valueType?: z.core.$ZodType;
  innerType?: z.core.$ZodType;
  in?: z.core.$ZodType;
  discriminator?: string;
  options?: z.core.$ZodType[];
}

export function zodDefinition(schema: z.core.$ZodType): Definition {
  // oxlint-disable-next-line no-underscore-dangle -- zod's own way in for those who read its schemas
  return schema._zod.def;
}

/** Past optional, default and transformed; of a union the alternative that `value` names, or is. */
export function unwrapped(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  const { type, innerType, in: input, discriminator, options } = zodDefinition(schema);
  if (innerType) return unwrapped(innerType, value);
  if (type === 'pipe' && input) return unwrapped(input, value);
  const found = options?.find((option) => {
    if (!discriminator) return z.safeParse(option, value).success;
    const tag = zodDefinition(option).shape?.[discriminator];
    return (
      tag !== undefined && z.safeParse(tag, (value as Record<string, unknown> | undefined)?.[discriminator]).success
    );
  });
  return found ? unwrapped(found, value) : schema;
}

/** The schema of what is in an object under `key`, or in a list. */
export const schemaWithin = (
  { shape, element, valueType }: Definition,
  key: PropertyKey,
): z.core.$ZodType | undefined => (shape && Object.hasOwn(shape, key) ? shape[key] : (element ?? valueType));

/**
 * Every place of `value` with a character that is not allowed there.
 * @param strict names may have neither control nor format characters; otherwise only halves of characters are looked for: a
 * query may ask for what older events hold
 */
export function wrongCharacters(schema: z.ZodType, value: unknown, strict: boolean): WrongCharacter[] {
  const wrong: WrongCharacter[] = [];
  look(schema, value, []);
  return wrong;

  function look(at: z.core.$ZodType | undefined, given: unknown, path: PropertyKey[]): void {
    if (typeof given === 'string') {
      if (strict && isBlank(at, given)) wrong.push({ path, message: NOT_EMPTY });
      return lookAt(given, path, !at || isLonger(at) ? 'text' : 'name');
    }
    if (typeof given !== 'object' || given === null) return;
    for (const [key, inner] of Object.entries(given)) {
      const here = [...path, Array.isArray(given) ? Number(key) : key];
      if (!Array.isArray(given)) {
        if (strict && !isSeen(key)) wrong.push({ path: here, message: NOT_EMPTY });
        lookAt(key, here, 'name');
      }
      // no object can hold this name safely: some readers would drop it, and say nothing
      if (key === '__proto__') wrong.push({ path: here, message: 'no field may have this name' });
      const next = at && schemaWithin(zodDefinition(at), key);
      look(next && unwrapped(next, inner), inner, here);
    }
  }

  function lookAt(text: string, path: PropertyKey[], what: 'name' | 'text'): void {
    const character = refusedIn(text, strict ? what : 'half');
    if (character !== undefined) wrong.push({ path, message: refusal(character, what), character });
  }
}

/** A text that must not be empty, of which nothing would be seen. */
const isBlank = (schema: z.core.$ZodType | undefined, text: string): boolean =>
  !isSeen(text) && (schema ? schema instanceof z.ZodString && (schema.minLength ?? 0) > 0 : text !== '');

/** Why a character is not allowed there. @param code `U+000B` */
function refusal(code: string, what: 'name' | 'text'): string {
  if (code === 'U+FFFD')
    return `is not UTF-8; must be whole characters in UTF-8 (${code} stands for bytes that are none)`;
  if (/^U\+D[89A-F]..$/.test(code))
    return `half a character (${code}, a lone surrogate) cannot be stored; must be whole characters`;
  if (/\p{Co}/u.test(String.fromCodePoint(Number.parseInt(code.slice(2), 16))))
    return `must have no private characters, which each system shows as it likes; ${code} stands in it`;
  return what === 'name'
    ? `must have no control or format characters and no line ends; ${code} stands in it`
    : `must have no control characters but line feeds and tabs; ${code} stands in it`;
}

/**
 * Percent-encoded text of an address or a form has to be UTF-8: what is decoded in spite of it is not what was sent.
 * @param where what is named when a part has no name of its own
 * @throws InvalidInput naming the part
 */
export function requireUtf8(encoded: string, where: string): void {
  for (const part of encoded.split('&')) {
    try {
      if (part.includes('\uFFFD')) throw new URIError('bytes that were not UTF-8');
      decodeURIComponent(part.replaceAll('+', ' '));
    } catch (error) {
      const field = part.includes('=') ? visible(part.slice(0, part.indexOf('='))) : where;
      const expected = 'UTF-8, percent-encoded, of whole characters';
      throw new InvalidInput(`${field}: is not percent-encoded UTF-8`, { field, expected, cause: error });
    }
  }
}
