// Reads a JSON body: size first, then its type, then its text. What is too large is not parsed.
import { InvalidInput, TooLarge } from '../../shared/errors.ts';
import { HttpError } from './problems.ts';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

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
  if (!JSON_TYPE.test(type)) {
    throw new HttpError('unsupported-media-type', 415, `the body's content type ${type || '(none)'} is not taken`, {
      field: 'Content-Type',
      expected: 'application/json',
    });
  }
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message;
    throw new InvalidInput(`the body is not JSON: ${reason}`, {
      field: 'body',
      expected: 'JSON in UTF-8',
      cause: error,
    });
  }
  requireShallow(body);
  return body;
}

/** What looks at a body goes down into it, level by level: deeper than anything asks for, it would run out of room. */
const DEEPEST = 64;

function requireShallow(body: unknown): void {
  let level = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) {
      const expected = `at most ${DEEPEST} levels of lists and objects`;
      throw new InvalidInput(`the body is nested in more than ${DEEPEST} levels`, { field: 'body', expected });
    }
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
}

function tooLarge(bytes: number, limit: number): TooLarge {
  return new TooLarge(`the body has ${bytes} bytes, this route takes ${limit}`, {
    field: 'body',
    expected: `at most ${limit} bytes: put photos in as SHA-256 evidence, send an import in smaller batches`,
    facts: { bytes, limit },
  });
}
