// Text that people wrote, as any part may need it: cut between characters, shown with what nobody sees, compared by how it
// reads. Lengths are UTF-16 units, which is what the schemas count. Runs in old browsers too: no newer built-ins.

const HIGH = /[\uD800-\uDBFF]$/;
const LOW = /^[\uDC00-\uDFFF]/;

/**
 * At most `max` UTF-16 units of a text, never the half of a character. What is cut ends in `end`, which counts too.
 * The one place that cuts text: a test finds others.
 */
export function cutText(text: string, max: number, end = '…'): string {
  if (text.length <= max) return text;
  const mark = end.length <= max ? end : '';
  const kept = text.slice(0, max - mark.length);
  const within = HIGH.test(kept) && LOW.test(text.slice(kept.length));
  return `${within ? kept.slice(0, -1) : kept}${mark}`;
}

/** Is there no half of a character (a lone surrogate) in it? UTF-8 has no bytes for one, so nothing stores it. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** How a character that is not seen is named: `U+001B`. @param character one character, or the half of one */
export const codeOf = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

/**
 * As a terminal or a message may show it: control characters but line feeds, format characters (which turn the direction of
 * writing, or are not seen at all) and halves of characters stand as `<U+001B>`.
 */
export const visible = (text: string): string =>
  text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Surrogate}]/gu, (character) => `<${codeOf(character)}>`);

/** The same in one line: what is shown cannot look as if it began another one. */
export const visibleLine = (text: string): string => visible(text).replaceAll('\n', '<U+000A>');

const UNSEEN = /[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Two texts that read alike are equal so: width and compatible forms (NFKC), case, blanks and what is not seen do not count. */
export function compared(text: string): string {
  const read = text.replaceAll(UNSEEN, '').normalize('NFKC').toLowerCase().normalize('NFKC');
  return read.replaceAll(UNSEEN, '');
}

const REFUSED = {
  /** in a name, and in what identifies: control and format characters */
  name: /[\p{Cc}\p{Cf}\p{Surrogate}]/u,
  /** longer texts take line feeds and tabs, and format characters: an emoji may need U+200D */
  text: /(?![\n\t])[\p{Cc}\p{Surrogate}]/u,
  half: /\p{Surrogate}/u,
};

/** The code of the first character that may not stand in it, `U+000B`; undefined when all may. */
export function refusedIn(text: string, what: keyof typeof REFUSED): string | undefined {
  const [found] = REFUSED[what].exec(text) ?? [];
  return found === undefined ? undefined : codeOf(found);
}
