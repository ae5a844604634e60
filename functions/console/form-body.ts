// Reads the body of a form: size first, then its type.
import { TooLarge } from '../../events/errors.ts';
import { requireUtf8 } from '../api/characters.ts';
import { requireType } from '../api/body.ts';

/** Bytes of a form at most; its longest text is two thousand characters. */
const LIMIT = 64 * 1024;

/** Every field with all its values. @throws TooLarge, HttpError 415, InvalidInput */
export async function readForm(request: Request): Promise<Record<string, string[]>> {
  const tooLarge = (): TooLarge =>
    new TooLarge(`a form may have ${LIMIT} bytes`, { expected: `at most ${LIMIT} bytes` });
  if (Number(request.headers.get('content-length') ?? 0) > LIMIT) throw tooLarge();
  const type = request.headers.get('content-type') ?? '';
  requireType(type, /^application\/x-www-form-urlencoded\s*(;|$)/i, 'application/x-www-form-urlencoded');
  const text = await request.text();
  if (Buffer.byteLength(text) > LIMIT) throw tooLarge();
  requireUtf8(text, 'form');
  const form: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of new URLSearchParams(text)) (form[name] ??= []).push(value);
  return form;
}
