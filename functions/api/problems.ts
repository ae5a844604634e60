// Every error leaves as RFC 9457 problem+json: a stable type, the field that is wrong and what would be right. What was not
// thrown on purpose says nothing of the inside: it is logged under the correlation id that the answer carries.
import * as z from 'zod';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { fieldName } from '../../shared/json.ts';
import { cutText } from '../../shared/text.ts';
import { zodDefinition, unwrapped, schemaWithin, wrongCharacters } from './characters.ts';

export const PROBLEM_PREFIX = 'urn:daocha:problem:';

export const problemSchema = z
  .looseObject({
    type: z.string().describe('urn:daocha:problem:<name>, stable'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    field: z.string().optional().describe('name of the wrong field, as the caller wrote it'),
    expected: z.string().optional().describe('what would have been right'),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .describe('every wrong field'),
    correlation: z.string().describe('also in X-Correlation-Id; quote it when asking'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;

/** No token, or one that cannot be trusted: 401 with a WWW-Authenticate header. */
export class Unauthenticated extends DaochaError {
  readonly challenge: string;

  constructor(message: string, error?: 'invalid_token' | 'invalid_request') {
    super('unauthenticated', 401, message, {
      field: 'Authorization',
      expected: 'Bearer <token of the configured issuer>',
    });
    this.challenge = error
      ? `Bearer realm="daocha", error="${error}", error_description="${message.replaceAll('"', "'")}"`
      : 'Bearer realm="daocha"';
  }
}

/** Something that daocha needs cannot be reached just now: 503, send it again as it is. */
export class Unavailable extends DaochaError {
  constructor(type: string, message: string, cause?: unknown) {
    super(type, 503, message, { cause });
  }
}

/** Transport errors that have no class of their own: 404, 405, 415 … */
export class HttpError extends DaochaError {
  readonly headers: Record<string, string>;

  constructor(type: string, status: number, message: string, details = {}, headers: Record<string, string> = {}) {
    super(type, status, message, details);
    this.headers = headers;
  }
}

const TITLES: Record<number, string> = {
  400: 'Invalid input',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported content type',
  422: 'Against a rule',
  500: 'Internal error',
  503: 'Try again',
  504: 'Not yet visible',
};

/** Seconds a client should wait before it sends the same request again. */
const RETRY_AFTER = '1';

/** The answer for anything that was thrown. `unexpected` is true for what has to be logged as a defect or an outage. */
export function problemFor(
  thrown: unknown,
  correlation: string,
): { problem: Problem; headers: Record<string, string>; unexpected: boolean } {
  const error = thrown instanceof DaochaError ? thrown : knownOutage(thrown);
  const headers: Record<string, string> = {};
  if (!error) {
    const detail = 'something went wrong on our side; nothing of this request is known to be stored, send it again';
    return { problem: make('internal', 500, detail, correlation), headers, unexpected: true };
  }
  if (error instanceof Unauthenticated) headers['www-authenticate'] = error.challenge;
  if (error instanceof HttpError) Object.assign(headers, error.headers);
  if (error.status === 503 || error.status === 409 || error.status === 504) headers['retry-after'] = RETRY_AFTER;
  const problem = make(error.type, error.status, error.message, correlation);
  if (error.field !== undefined) problem.field = error.field;
  if (error.expected !== undefined) problem.expected = error.expected;
  for (const [name, value] of Object.entries(error.facts)) if (!(name in problem)) problem[name] = value;
  // A view that is a little behind is no fault: whoever follows the log is watched by its own alarms.
  const expected = error.status < 500 || error.type === 'not-yet-visible';
  return { problem, headers, unexpected: !(thrown instanceof DaochaError) || !expected };
}

function make(type: string, status: number, detail: string, correlation: string): Problem {
  return { type: PROBLEM_PREFIX + type, title: TITLES[status] ?? 'Error', status, detail, correlation };
}

const OUTAGES = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'InternalServerError',
  'ServiceUnavailable',
  'TransactionInProgressException',
  // S3
  'SlowDown',
  'InternalError',
  'RequestTimeout',
  'TimeoutError',
  'AbortError',
]);
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

/** Throttling and connections that failed: no defect, the same request may succeed in a second. */
function knownOutage(thrown: unknown): DaochaError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code } = thrown as { code?: unknown };
  // one machine: the engine says so in SQLite's words, the files in the system's
  if (code === 'ENOSPC' || code === 'EDQUOT' || /database or disk is full/.test(thrown.message)) {
    const words = 'the disk is full: nothing of this request is stored. Make room on the machine, then send it again';
    return new Unavailable('store-busy', words, thrown);
  }
  if (OUTAGES.has(thrown.name) || (typeof code === 'string' && NETWORK.has(code))) {
    return new Unavailable('store-busy', 'the store is busy or out of reach just now; send it again', thrown);
  }
  return undefined;
}

/**
 * Validates input of the edge, telling every wrong field at once.
 * @param where what the fields are part of: `body`, `query`, `path`
 * @throws InvalidInput with `facts.errors` [{field, message}]; an unknown field is told together with the known ones. `facts.character`
 * is the code of a character that is not allowed in a text, where this alone is wrong
 */
export function parseInput<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: 'body' | 'query' | 'path',
): z.output<S> {
  const result = schema.safeParse(value);
  const wrong = wrongCharacters(schema, value, where === 'body');
  if (result.success && wrong.length === 0) return result.data;
  const errors = [
    ...(result.error?.issues ?? []).flatMap((issue) => issueErrors(issue, schema, value, where)),
    ...wrong.map(({ path, message }) => ({ field: fieldName(path) || where, message })),
  ].filter(
    ({ field, message }, at, all) => all.findIndex((one) => one.field === field && one.message === message) === at,
  );
  const first = errors[0]!;
  const character = result.success ? wrong[0]!.character : undefined;
  throw new InvalidInput(cutText(errors.map((error) => `${error.field}: ${error.message}`).join('; '), 2000), {
    field: first.field,
    expected: first.message,
    facts: { errors: errors.slice(0, 50), ...(character !== undefined && { character }) },
  });
}

type FieldError = { field: string; message: string };

function issueErrors(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown, where: string): FieldError[] {
  const field = fieldName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const noun = where === 'query' ? 'parameter' : 'field';
    const known = knownKeys(schema, issue.path, value);
    const hint = known.length > 0 ? `; known are ${known.join(', ')}` : '; none is known here';
    return issue.keys.map((key) => ({
      field: fieldName([...issue.path, key]),
      message: `unknown ${noun}${hint}`,
    }));
  }
  return [{ field: field || where, message: issue.message }];
}

/** The fields that the object at `path` may have; for a union, those of the alternative that `value` names. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  let at = zodDefinition(unwrapped(schema, value));
  let here = value;
  for (const part of path) {
    here = (here as Record<PropertyKey, unknown> | undefined)?.[part];
    const next = schemaWithin(at, part);
    if (!next) return [];
    at = zodDefinition(unwrapped(next, here));
  }
  return Object.keys(at.shape ?? {});
}
