// A log asks a witness (C2SP tlog-witness) for its cosignature: it says from which size on it proves consistency, and when
// the witness knows another size, proves from there. Only the witness's own lines are taken from the answer, verified.
import { DaochaError } from '../../../events/errors.ts';
import { exchange, NotAnswered, type Exchange } from '../http-exchange.ts';
import { cutText } from '../../text.ts';
import { fromUtf8, utf8 } from '../tlog/bytes.ts';
import { cosignatureTime, cosignatureVerifier } from '../tlog/cosignature.ts';
import { formatNote, parseNote, parseSignatures, sameKey } from '../tlog/note.ts';
import type { Vkey } from '../tlog/vkey.ts';
import { ADD_CHECKPOINT, formatAddCheckpoint, parseKnownSize } from './protocol.ts';

export interface Witness {
  vkey: Vkey;
  /** submission prefix; a witness without one fetches by itself */
  url?: string | undefined;
}

export type WitnessReason =
  /** 404: it was not told of this log */
  | 'unknown-log'
  /** 403: it knows another key of this log */
  | 'unknown-key'
  /** 422: it does not find that the log continues what it saw: a fork, or a wrong proof */
  | 'inconsistent'
  /** 409: it has seen a longer log than there is: the log has lost its end, or has been restored */
  | 'ahead'
  /** its answer is not one, or not signed by it */
  | 'bad-answer';

/** The witness answered, and did not cosign. 422. */
export class WitnessRefused extends DaochaError {
  readonly reason: WitnessReason;

  constructor(reason: WitnessReason, message: string, cause?: unknown) {
    super(`witness-${reason}`, 422, message, { facts: { reason }, cause });
    this.reason = reason;
  }
}

export interface CosignRequest {
  /** the checkpoint, signed by the log */
  note: string;
  size: number;
  /** size that the witness cosigned last, as far as we know; 0 when nothing is known */
  old: number;
  /** consistency proof between two sizes */
  prove: (older: number, newer: number) => Promise<Uint8Array[]>;
}

export interface AskOptions {
  exchange?: Exchange;
  /** ms for each request; default 10,000 */
  timeout?: number;
}

export interface Cosigned {
  /** the witness's line, with its newline */
  line: string;
  /** seconds since 1970, as the witness states it */
  time: number;
}

/** Two requests are enough when nobody else asks; a third when somebody did. */
const ATTEMPTS = 3;

/**
 * Has a checkpoint cosigned.
 * @throws WitnessRefused; NotAnswered when it is not there, too slow, or out of order (5xx and others): trying later may help
 */
export async function askWitness(
  { vkey, url }: Witness & { url: string },
  { note, size, prove, ...request }: CosignRequest,
  options: AskOptions = {},
): Promise<Cosigned> {
  const { name } = vkey;
  const target = `${url.replace(/\/$/u, '')}/${ADD_CHECKPOINT}`;
  let old = Math.min(request.old, size);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const proof = old === 0 || old === size ? [] : await prove(old, size);
    const { status, body } = await (options.exchange ?? exchange)(target, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: formatAddCheckpoint({ old, proof, checkpoint: note }),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    });
    if (status === 200) return cosignatureIn(body, note, vkey);
    if (status !== 409) throw refusal(name, target, status, body);
    const known = knownSize(name, body);
    if (known > size) {
      throw new WitnessRefused('ahead', `${name} has seen a log of ${known} events, and this one has ${size}`);
    }
    if (known === old) {
      throw new WitnessRefused(
        'bad-answer',
        `${name} says that it knows size ${known}, and does not take proofs from there`,
      );
    }
    old = known;
  }
  throw new NotAnswered(target, `knew another size at each of ${ATTEMPTS} attempts`);
}

function refusal(name: string, target: string, status: number, body: Uint8Array): DaochaError {
  const why = cutText((fromUtf8(body) ?? '').trim(), 200);
  const said = why === '' ? '' : `: ${why}`;
  const reasons: Record<number, WitnessReason> = { 403: 'unknown-key', 404: 'unknown-log', 422: 'inconsistent' };
  const reason = reasons[status];
  if (reason) return new WitnessRefused(reason, `${name} answered ${status}${said}`);
  return status >= 500 || status === 429
    ? new NotAnswered(target, `answered ${status}${said}`)
    : new WitnessRefused('bad-answer', `${name} answered ${status}${said}`);
}

function knownSize(name: string, body: Uint8Array): number {
  try {
    return parseKnownSize(body);
  } catch (error) {
    throw new WitnessRefused('bad-answer', `${name} answered 409 without the size that it knows`, error);
  }
}

/**
 * The first line by the witness's key that verifies; lines of other keys, such as other kinds of keys of the same
 * witness, are passed over.
 */
async function cosignatureIn(body: Uint8Array, note: string, vkey: Vkey): Promise<Cosigned> {
  const bad = (why: string, cause?: unknown): WitnessRefused =>
    new WitnessRefused('bad-answer', `${vkey.name} ${why}`, cause);
  const { text } = parseNote(note);
  let lines;
  try {
    lines = parseSignatures(fromUtf8(body) ?? '');
  } catch (error) {
    throw bad('answered 200 without signature lines', error);
  }
  const own = lines.find((line) => sameKey(line, vkey));
  if (!own) throw bad('answered 200 without a line by its key');
  if (!(await cosignatureVerifier(vkey).verify(utf8(text), own.signature))) {
    throw bad('answered with a signature that is not over this checkpoint');
  }
  const time = cosignatureTime(own.signature);
  if (time === 0) throw bad('answered with a signature that states no time');
  return { line: formatNote({ text, signatures: [own] }).slice(text.length + 1), time };
}
