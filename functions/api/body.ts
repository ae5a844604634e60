// Reads a JSON body: size first, then its type, then its text. What is too large is not parsed.
import { TooLarge } from '../../events/errors.ts';
import { readJsonText } from '../../shared/json.ts';
import { HttpError } from './problems.ts';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
/** Bytes in another encoding may read as UTF-8 too, and say something else. */
const OTHER_CHARSET = /;\s*charset\s*=\s*"?(?!utf-?8\b|us-ascii\b)/i;

/**
 * The parsed body; an empty one counts as `{}`.
 * @param limit bytes
 * @throws TooLarge 413, HttpError 415 `unsupported-media-type`, InvalidInput `malformed-json`
 */
export async function readJson(request: Request, limit: number): Promise<unknown> {
  return jsonOf(request, await readBytes(request, limit));
}

/** The body as it came. @param limit bytes @throws TooLarge 413 */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > limit) throw tooLarge(declared, limit);
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > limit) throw tooLarge(bytes.length, limit);
  return bytes;
}

/** @throws HttpError 415 `unsupported-media-type`, InvalidInput `malformed-json` */
export function jsonOf(request: Request, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {};
  const type = request.headers.get('content-type') ?? '';
  requireType(type, JSON_TYPE, 'application/json');
  return readJsonText(bytes);
}

/** @throws HttpError 415 for another type, and for another encoding than UTF-8 */
export function requireType(type: string, taken: RegExp, expected: string): void {
  const fits = taken.test(type);
  if (fits && !OTHER_CHARSET.test(type)) return;
  throw new HttpError('unsupported-media-type', 415, `the body's content type ${type || '(none)'} is not taken`, {
    field: 'Content-Type',
    expected: fits ? `${expected}; charset=utf-8` : expected,
  });
}

function tooLarge(bytes: number, limit: number): TooLarge {
  return new TooLarge(`the body has ${bytes} bytes, this route takes ${limit}`, {
    field: 'body',
    expected: `at most ${limit} bytes: put photos in as SHA-256 evidence, send an import in smaller batches`,
    facts: { bytes, limit },
  });
}
