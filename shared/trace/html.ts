// HTML by template literals: whatever is put in is escaped, unless it is HTML made the same way. There is no other way to put text into a page.

export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Html | string | number | null | undefined | false | readonly Content[];

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it may stand in an element or a quoted attribute. Control characters, which HTML does not have, become U+FFFD. */
export function escapeHtml(text: string): string {
  return (
    text
      .replaceAll(/[&<>"']/g, (letter) => ESCAPES[letter]!)
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
  );
}

export function markup(strings: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(strings.reduce((text, part, n) => text + part + (n < values.length ? render(values[n]) : ''), ''));
}

function render(value: Content): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return (value as readonly Content[]).map(render).join('');
  if (value === null || value === undefined || value === false) return '';
  return escapeHtml(typeof value === 'number' ? String(value) : (value as string));
}

/** Pieces with something between them, those that are empty left out. */
export function joined(pieces: readonly Content[], between: Content): Html {
  const some = pieces.filter((piece) => piece !== '' && piece !== null && piece !== undefined && piece !== false);
  return markup`${some.map((piece, n) => (n === 0 ? piece : [between, piece]))}`;
}
