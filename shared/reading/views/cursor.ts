// Cursors (翻页标记): opaque to clients, base64url of a small JSON that says where to go on, and to which query it belongs. A cursor
// holds no secret and grants nothing, so it is not signed; one that was altered or used with another query is refused.
import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { InvalidInput } from '../../../events/errors.ts';

const cursorSchema = z.strictObject({ q: z.string().length(16), after: z.string().min(1).max(1200) });

/** Names a query by what it asks for, without limit and cursor. */
function fingerprint(query: object): string {
  return createHash('sha256')
    .update(canonicalize(query) ?? '')
    .digest('hex')
    .slice(0, 16);
}

/** @param after order key of the last item that was looked at */
export function writeCursor(query: object, after: string): string {
  return Buffer.from(JSON.stringify({ q: fingerprint(query), after })).toString('base64url');
}

function wrong(why: string): InvalidInput {
  return new InvalidInput(`cursor: ${why}`, {
    field: 'cursor',
    expected: 'the cursor of the page before, sent with the same filters and sort',
  });
}

/** The order key to go on after. @throws InvalidInput naming `cursor` */
export function readCursor(query: object, cursor: string): string {
  if (!/^[A-Za-z0-9_-]{1,2000}$/.test(cursor)) throw wrong('not a cursor');
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw wrong('not a cursor');
  }
  const read = cursorSchema.safeParse(content);
  if (!read.success) throw wrong('not a cursor');
  if (read.data.q !== fingerprint(query)) throw wrong('it belongs to another query');
  return read.data.after;
}

/** @throws InvalidInput naming `limit` */
export function checkLimit(limit: number | undefined): number {
  const value = limit ?? 20;
  if (Number.isInteger(value) && value >= 1 && value <= 100) return value;
  throw new InvalidInput(`limit: ${value}`, { field: 'limit', expected: 'a whole number from 1 to 100' });
}

/** @throws InvalidInput naming the field, unless the value is absent or one of these */
export function checkOneOf<T extends string>(field: string, value: T | undefined, allowed: readonly T[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw new InvalidInput(`${field}: ${value}`, { field, expected: `one of ${allowed.join(', ')}` });
}
