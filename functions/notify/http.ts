// One POST to somebody else's server, which may answer anything or nothing: a bounded time, a bounded answer, no redirects, and the
// answer sorted into what may be tried again and what may not. Without an answer the message may have arrived all the same.
import { harmless, refusedFor, type Outcome } from './outcome.ts';

export interface HttpPost {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** what no error may repeat */
  secrets: readonly string[];
  now: () => Date;
  timeoutMs: number;
}

const LONGEST_ANSWER = 64 * 1024;
/** Who asks for more is not waited for longer: the bound on a message's age comes first. */
const LONGEST_WAIT_MS = 6 * 3_600_000;

/**
 * Posts, and reads what a 2xx answer says.
 * @param read turns the text of a 2xx answer into the outcome; undefined: it makes no sense
 */
export async function post(request: HttpPost, read: (text: string) => Outcome | undefined): Promise<Outcome> {
  const { secrets } = request;
  let response: Response;
  let text: string;
  try {
    response = await fetch(request.url, {
      method: 'POST',
      headers: request.headers,
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(request.timeoutMs),
    });
    text = await limitedText(response);
  } catch (error) {
    return { kind: 'again', error: harmless(reasonOf(error, request.timeoutMs), secrets) };
  }
  const { status } = response;
  if (status >= 200 && status < 300) {
    const outcome = read(text);
    if (outcome) return outcome;
    return { kind: 'again', error: harmless(`HTTP ${status} with an answer that makes no sense: ${text}`, secrets) };
  }
  const error = harmless(`HTTP ${status} ${text}`, secrets);
  if (status !== 429 && status !== 408 && status !== 425 && status < 500) return refusedFor(error);
  const afterMs = retryAfter(response.headers.get('retry-after'), request.now());
  return { kind: 'again', error, ...(afterMs !== undefined && { afterMs }), ...(status === 429 && { limited: true }) };
}

async function limitedText(response: Response): Promise<string> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LONGEST_ANSWER) break; // the rest is not read: the connection is closed
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_ANSWER).toString('utf8');
}

/** Seconds, or a date (RFC 9110 section 10.2.3), as milliseconds from now; undefined when it is neither. */
export function retryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), LONGEST_WAIT_MS);
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  return `no answer: ${cause?.code ?? cause?.message ?? message}`;
}

/** Parsed JSON; undefined if the text is not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
