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
  // a joiner (U+200D) at the cut would join the emoji before it to what follows
  return `${(within ? kept.slice(0, -1) : kept).replace(/\u200D+$/, '')}${mark}`;
}

/** Is there no half of a character (a lone surrogate) in it? UTF-8 has no bytes for one, so nothing stores it. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** How a character that is not seen is named: `U+001B`. @param character one character, or the half of one */
export const codeOf = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

/**
 * As a terminal or a message may show it: control characters but line feeds, other line ends, format characters (which turn the
 * direction of writing, or are not seen at all), what is no character and halves of characters are shown as `<U+001B>`.
 */
export const visible = (text: string): string =>
  text.replaceAll(
    /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Surrogate}]/gu,
    (character) => `<${codeOf(character)}>`,
  );

/** The same in one line: what is shown cannot look as if it began another one. */
export const visibleLine = (text: string): string => visible(text).replaceAll('\n', '<U+000A>');

/** U+2800 is the Braille pattern without dots. */
const UNSEEN = /[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Not seen by itself: a blank, a filler, a mark that needs a letter. */
const BY_ITSELF_UNSEEN = String.raw`\s\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u2800\uFFFC\uFFFD`;
const seen = new RegExp(`[^${BY_ITSELF_UNSEEN}]`, 'u');

/** Is there anything in it that a reader sees? */
export const isSeen = (text: string): boolean => seen.test(text);

/** Dashes, minus signs and the sign of a long vowel; points in the middle and at the foot of a line. */
const DASHES = /[-\u2010-\u2015\u2043\u2212\u2E3A\u2E3B\u30FC]+/g;
const POINTS = /[.\u00B7\u0387\u2022\u2027\u2219\u22C5\u30FB]/g;

/**
 * Two texts that read alike are equal so: width and compatible forms (NFKC), case, blanks and what is not seen do not count, nor does
 * which dash or which point it is. What units are called is kept by it (shared/rules/perform/unit-names.ts): whoever changes it enters
 * them again.
 */
export function compared(text: string): string {
  const read = text.replaceAll(UNSEEN, '').normalize('NFKC').toLowerCase().normalize('NFKC');
  return read.replaceAll(UNSEEN, '').replaceAll(DASHES, '-').replaceAll(POINTS, '.');
}

/**
 * How a register's own number (单位编号, 检查编号) reads, whatever a spreadsheet put to it or took away: an apostrophe, `="…"`, zeros in
 * front, `.0`; width, letter case and blanks do not count. What numbers are on record is kept by it (shared/rules/perform/unit-names.ts).
 */
export function numberRead(number: string): string {
  const read = compared(number);
  return read
    .replace(/^="(.*)"$/, '$1')
    .replace(/^['’‘`]+/, '')
    .replace(/^(\d+)\.0+$/, '$1')
    .replace(/^0+(?=.)/, '');
}

/**
 * How a clause (条款) reads, as it is mostly written: `GAS-01` for `gas-01`, `ＧＡＳ－01` and `GAS 01`; `第3条` for `第 ３ 条`. A dash
 * between letters and digits is understood. A hazard's identity is made of it; never change it.
 */
export const clauseRead = (text: string): string =>
  compared(text.normalize('NFKC').replaceAll(/(?<=[A-Za-z])[\s_]*(?=\d)/g, '-')).toUpperCase();

/** What is allowed in no text; U+FFFD is what is left of bytes that could not be read. */
const NEVER = String.raw`\p{Noncharacter_Code_Point}\p{Cs}\uFFFD`;
const UNFIT = {
  /** in a name, and in what identifies: also control, format and private characters, and every end of a line */
  name: String.raw`\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}${NEVER}`,
  /** longer texts take line feeds and tabs, and format characters: an emoji may need U+200D */
  text: String.raw`\p{Cc}${NEVER}`,
};
const REFUSED = {
  name: new RegExp(`[${UNFIT.name}]`, 'u'),
  text: new RegExp(`(?![\\n\\t])[${UNFIT.text}]`, 'u'),
  half: /\p{Surrogate}/u,
};

/** The same as a pattern of JSON Schema, which has no halves of characters. @param filled something of it has to be seen */
export function patternFor(what: 'name' | 'text', filled: boolean): string {
  const some = what === 'name' ? `[^${UNFIT.name}]*` : String.raw`(?:[\n\t]|[^${UNFIT.text}])*`;
  return `^${filled ? `${some}[^${BY_ITSELF_UNSEEN}${UNFIT[what]}]` : ''}${some}$`.replaceAll(String.raw`\p{Cs}`, '');
}

/** The code of the first character that is not allowed in it, `U+000B`; undefined when all may. */
export function refusedIn(text: string, what: keyof typeof REFUSED): string | undefined {
  const [found] = REFUSED[what].exec(text) ?? [];
  return found === undefined ? undefined : codeOf(found);
}
