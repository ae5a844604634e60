// Asking a time-stamping authority over HTTP (RFC 3161 §3.4). Its answer is verified before anybody keeps it.
import { exchange, NotAnswered, type Exchange } from '../http-exchange.ts';
import { TimeStampRejected } from './errors.ts';
import { NONCE_BYTES, timeStampRequest } from './request.ts';
import { verifyTimeStamp, type VerifiedTimeStamp } from './verify.ts';

export interface AuthorityDeps {
  /** where it takes requests: https, or http on this machine */
  url: string;
  random: (bytes: number) => Uint8Array;
  exchange?: Exchange;
  /** ms; default 10,000 */
  timeout?: number;
}

export interface Stamped extends VerifiedTimeStamp {
  /** the request, DER */
  tsq: Uint8Array;
  /** the answer, DER */
  tsr: Uint8Array;
}

const REQUEST = 'application/timestamp-query';
/** With a chain of certificates an answer has a few KB; it must fit beside others into an item of the LOG table. */
export const MAX_TSR_BYTES = 64 * 1024;

/**
 * Has these bytes stamped.
 * @throws NotAnswered for a server that is not there, too slow, or answers with another status than 200
 * @throws TimeStampRejected for an answer that is refusal, garbage, over something else or not signed as it says
 */
export async function stamp(data: Uint8Array, { url, random, timeout, ...deps }: AuthorityDeps): Promise<Stamped> {
  const tsq = timeStampRequest(data, random(NONCE_BYTES));
  const { status, body: tsr } = await (deps.exchange ?? exchange)(url, {
    method: 'POST',
    headers: { 'content-type': REQUEST, accept: 'application/timestamp-reply' },
    body: tsq,
    limit: MAX_TSR_BYTES,
    ...(timeout === undefined ? {} : { timeout }),
  });
  if (status !== 200) throw new NotAnswered(url, `answered ${status}`);
  if (tsr.length === 0) throw new TimeStampRejected('malformed', 'the authority answered nothing');
  return { tsq, tsr, ...(await verifyTimeStamp({ tsr, tsq, data })) };
}
