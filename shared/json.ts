// JSON that people and other systems wrote, read so that nothing of it is lost without a word. JSON.parse keeps the last of two
// equal keys, and makes the nearest double of a number that none holds: both are refused, with the place.
import { InvalidInput } from '../events/errors.ts';
import { visible } from './text.ts';

/** What looks at a body goes down into it, level by level: deeper than anything asks for, it would run out of room. */
const DEEPEST = 64;

/**
 * Bytes that are not UTF-8 become U+FFFD, which the check of characters refuses with its field.
 * @param field what is named for faults of the whole
 * @throws InvalidInput naming the field
 */
export function readJsonText(bytes: Uint8Array, field = 'body'): unknown {
  const text = new TextDecoder().decode(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = text.includes('\uFFFD') ? 'it is not UTF-8' : visible((error as Error).message);
    const expected = 'JSON in UTF-8';
    throw new InvalidInput(`the ${field} is not JSON: ${reason}`, { field, expected, cause: error });
  }
  requireShallow(value, field);
  requireKept(text);
  return value;
}

function requireShallow(value: unknown, field: string): void {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) {
      const expected = `at most ${DEEPEST} levels of lists and objects`;
      throw new InvalidInput(`the ${field} is nested in more than ${DEEPEST} levels`, { field, expected });
    }
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
}

/** `answers.2.clause` is shown as `answers[2].clause`; what is not seen in the name of a field is shown by its code. */
export function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${visible(String(part))}`))
    .join('');
}

const TOKEN = /"(?:[^"\\]+|\\.)*"|[[\]{},]|-?\d[\d.eE+-]*/g;

/** @param text valid JSON */
function requireKept(text: string): void {
  /** the lists and objects around the token: how far they have been read, and of objects the keys so far */
  const around: { at: PropertyKey; keys?: Set<string> }[] = [];
  let keyNext = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const inner = around.at(-1);
    if (token === '{') around.push({ at: '', keys: new Set() });
    else if (token === '[') around.push({ at: 0 });
    else if (token === '}' || token === ']') around.pop();
    else if (token === ',' && typeof inner!.at === 'number') inner!.at++;
    else if (keyNext && inner?.keys && token !== ',') {
      inner.at = JSON.parse(token) as string;
      if (inner.keys.has(inner.at)) throw wrong('is given more than once', 'one value for each key');
      inner.keys.add(inner.at);
    } else if (/^[-\d]/.test(token) && !isKept(token)) {
      const most = `${Number.MAX_SAFE_INTEGER}`;
      const expected = `a number from -${most} to ${most} that does not round to 0, or a text`;
      throw wrong(`${token.length > 40 ? 'the number' : token} would be stored as another number`, expected);
    }
    keyNext = token === '{' || token === ',';
  }

  function wrong(what: string, expected: string): InvalidInput {
    const field = fieldName(around.map(({ at }) => at)) || 'body';
    return new InvalidInput(`${field}: ${what}`, { field, expected, facts: { errors: [{ field, message: what }] } });
  }
}

/** Fractions are rounded by every program; a whole number that is, or one that becomes 0, is another number. */
function isKept(token: string): boolean {
  const size = Math.abs(Number(token));
  return size <= Number.MAX_SAFE_INTEGER && (size > 0 || !/[1-9]/.test(token.replace(/e.*/i, '')));
}
