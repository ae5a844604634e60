// HTML as tagged templates (hono/html): what is put in is escaped unless it is Html itself, and control characters, which HTML does not
// have, become U+FFFD. The types leave out everything that would print as something nobody meant (promises, objects, dates), so a page
// that compiles shows text.
import { html as template, raw } from 'hono/html';

/** Markup that is allowed in a page as it is. */
export type Html = ReturnType<typeof raw>;
/** What a template takes: text and numbers are escaped; null, undefined and false print nothing. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  return template(strings, ...values.map(printable)) as Html;
}

// oxlint-disable-next-line no-control-regex -- these are what must not be there
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

const printable = (value: Content): Content =>
  typeof value === 'string'
    ? value.replaceAll(CONTROL, '\ufffd')
    : Array.isArray(value)
      ? (value as readonly Content[]).map(printable)
      : value;

/** Marks a string as markup. Only for what this code made itself: the SVG of a chart, an attribute. */
export const trusted = (markup: string): Html => raw(markup);

/** A boolean attribute, or nothing: `<input ${flag('checked', on)} />`. */
export const flag = (name: string, on: boolean | undefined): Html | false => (on ? raw(` ${name}`) : false);

/** An attribute, or nothing where there is no value. */
export const attribute = (name: string, value: string | number | undefined | null | false): Html | false =>
  value === undefined || value === null || value === false ? false : html` ${raw(name)}="${value}"`;

/** Several pieces in a row, with something between them; what would print nothing is left out. */
export function joined(pieces: readonly Content[], between: Content): Content[] {
  const some = pieces.filter((piece) => piece !== null && piece !== undefined && piece !== false);
  return some.flatMap((piece, at) => (at === 0 ? [piece] : [between, piece]));
}
