// What a log and its witness say to each other (C2SP tlog-witness, `add-checkpoint`): the size that the witness should
// know, a consistency proof from there, and the signed checkpoint. Both sides use this one spelling.
import { base64, fromBase64, fromDecimal, fromUtf8 } from '../tlog/bytes.ts';
import { MalformedTlog } from '../tlog/errors.ts';
import { HASH_BYTES } from '../tlog/hash.ts';
import { MAX_NOTE_BYTES } from '../tlog/note.ts';

export interface AddCheckpoint {
  /** size of the last checkpoint that the witness cosigned; 0 when it has seen none */
  old: number;
  /** consistency proof from there; empty from 0 and between equal sizes */
  proof: Uint8Array[];
  /** the signed note, verbatim */
  checkpoint: string;
}

export const ADD_CHECKPOINT = 'add-checkpoint';
/** Of the answer 409: the size that the witness knows, one decimal and a newline. */
export const SIZE_TYPE = 'text/x.tlog.size';
const MAX_PROOF = 63;
const MAX_BYTES = MAX_NOTE_BYTES + (MAX_PROOF + 2) * 64;

export const formatAddCheckpoint = ({ old, proof, checkpoint }: AddCheckpoint): string =>
  [`old ${old}`, ...proof.map(base64), '', checkpoint].join('\n');

/** @throws MalformedTlog, naming what is wrong */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  if (body.length > MAX_BYTES) throw new MalformedTlog('body', `at most ${MAX_BYTES} bytes`);
  const text = fromUtf8(body);
  const gap = text?.indexOf('\n\n') ?? -1;
  if (text === undefined || gap < 0) {
    throw new MalformedTlog('body', 'lines “old N” and of the proof, an empty line, and a signed checkpoint');
  }
  const [first = '', ...lines] = text.slice(0, gap).split('\n');
  const old = first.startsWith('old ') ? fromDecimal(first.slice('old '.length)) : undefined;
  if (old === undefined) throw new MalformedTlog('old', 'a line “old N”, decimal, without leading zeroes');
  if (lines.length > MAX_PROOF) throw new MalformedTlog('proof', `at most ${MAX_PROOF} hashes`);
  const proof = lines.map((line, n) => {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) throw new MalformedTlog(`proof line ${n + 1}`, 'base64 of 32 bytes');
    return hash;
  });
  return { old, proof, checkpoint: text.slice(gap + 2) };
}

/** The size in an answer 409. @throws MalformedTlog */
export function parseKnownSize(body: Uint8Array): number {
  const text = fromUtf8(body) ?? '';
  const size = text.endsWith('\n') ? fromDecimal(text.slice(0, -1)) : undefined;
  if (size === undefined) throw new MalformedTlog('size', 'one decimal number and a newline');
  return size;
}
