// One HTTP exchange with a server of somebody else's: bounded in time and in size, without redirects, so that a slow or
// hostile server costs a known amount and is told from one that refuses. What it answers is for the caller to judge.
import { DaochaError } from '../../events/errors.ts';
import { pastedAlong } from '../pasted.ts';

export interface ExchangeOptions {
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  /** for the whole exchange, its answer's last byte included; ms, default 10,000 */
  timeout?: number;
  /** bytes of the answer that are read at most; default 64 KiB */
  limit?: number;
}

export interface ExchangeAnswer {
  status: number;
  headers: Headers;
  body: Uint8Array;
}

export type Exchange = (url: string, options?: ExchangeOptions) => Promise<ExchangeAnswer>;

/** No answer, or none that is worth reading: not reached, too late, too long. Trying later may help. 502. */
export class NotAnswered extends DaochaError {
  constructor(url: string, why: string, cause?: unknown) {
    super('not-answered', 502, `${new URL(url).origin} ${why}`, { facts: { url }, cause });
  }
}

const TIMEOUT = 10_000;
const LIMIT = 64 * 1024;

/** @throws NotAnswered; never for a status, whatever it is */
export const exchange: Exchange = async (
  url,
  { method = 'GET', headers = {}, body, timeout = TIMEOUT, limit = LIMIT } = {},
) => {
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'manual', // a redirect is an answer: where a key or a proof is sent is configured, never told by others
      signal,
      ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
    });
    return { status: response.status, headers: response.headers, body: await readAtMost(response, limit, url) };
  } catch (error) {
    if (error instanceof NotAnswered) throw error;
    if (signal.aborted) throw new NotAnswered(url, `did not answer within ${timeout / 1000} s`, error);
    const { cause } = error as { cause?: { code?: string; message?: string } };
    throw new NotAnswered(
      url,
      `cannot be reached: ${cause?.code ?? (cause?.message || (error as Error).message)}`,
      error,
    );
  }
};

async function readAtMost(response: Response, limit: number, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limit) throw new NotAnswered(url, `answered more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** https anywhere, http only on this machine, without blanks: some readers drop them, others send them. */
export function isSafeUrl(text: string): boolean {
  if (pastedAlong(text) !== undefined || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false; // it would be in logs and alarms
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}
