// What a witness does (C2SP tlog-witness): it cosigns a checkpoint of a log that it knows when the log has only grown since
// the last one that it cosigned, and nothing else. Pure: what it has seen is passed in, what it must keep comes out, and must
// be kept before its answer leaves.
import { DaochaError } from '../../../events/errors.ts';
import { openCheckpoint, type OpenedCheckpoint } from '../tlog/checkpoint.ts';
import { cosigner } from '../tlog/cosignature.ts';
import type { Ed25519Key } from '../tlog/ed25519.ts';
import { TlogRejected } from '../tlog/errors.ts';
import { noteVerifier, parseNote, signNote, withLinesOf } from '../tlog/note.ts';
import { verifyConsistency, type TreeHead } from '../tlog/proofs.ts';
import { EMPTY_ROOT } from '../tlog/hash.ts';
import type { Vkey } from '../tlog/vkey.ts';
import { parseAddCheckpoint, SIZE_TYPE, type AddCheckpoint } from './protocol.ts';

export interface WitnessDeps {
  /** the key of the log that it watches; the key's name is the log's origin */
  log: Vkey;
  name: string;
  key: Ed25519Key;
  /** seconds since 1970 */
  now: () => number;
}

export interface WitnessAnswer {
  status: 200 | 400 | 403 | 404 | 409 | 422;
  type: string;
  /** 200: the cosignature's line; 409: the size known; else why, for people */
  body: string;
  /** 200: the checkpoint with the witness's line: must be kept before the answer leaves */
  keep?: string;
  /** 422: both checkpoints are properly signed, and the log cannot have both: evidence of a fork */
  forked?: boolean;
}

const TEXT = 'text/plain; charset=utf-8';

/**
 * Answers one `add-checkpoint`.
 * @param latest the checkpoint kept last; undefined when it has cosigned none
 * @throws only for a `latest` that is not what this witness keeps: its file was altered
 */
export async function addCheckpoint(
  body: Uint8Array,
  latest: string | undefined,
  deps: WitnessDeps,
): Promise<WitnessAnswer> {
  const before = await known(latest, deps.log);
  const refuse = (status: WitnessAnswer['status'], why: string): WitnessAnswer => ({
    status,
    type: TEXT,
    body: `${why}\n`,
  });
  let request: AddCheckpoint | undefined, checkpoint: OpenedCheckpoint;
  try {
    request = parseAddCheckpoint(body);
    const { text } = parseNote(request.checkpoint);
    if (text.split('\n')[0] !== deps.log.name) return refuse(404, `this witness watches ${deps.log.name} only`);
    checkpoint = await openCheckpoint(request.checkpoint, { log: [noteVerifier(deps.log)] });
  } catch (error) {
    if (error instanceof TlogRejected) return refuse(403, error.message);
    if (error instanceof DaochaError) return refuse(isEmptyTree(request) ? 422 : 400, error.message);
    throw error;
  }
  const { old, proof } = request;
  if (old > checkpoint.size) return refuse(400, `old ${old}: at most ${checkpoint.size}, the checkpoint's size`);
  if (old !== before.size) return { status: 409, type: SIZE_TYPE, body: `${before.size}\n` };
  try {
    verifyConsistency(before, checkpoint, proof);
  } catch (error) {
    if (!(error instanceof DaochaError)) throw error;
    return { ...refuse(422, error.message), forked: before.size > 0 && before.size === checkpoint.size };
  }
  const line = await cosignature(checkpoint, deps);
  const kept = withLinesOf(request.checkpoint, deps.log);
  return { status: 200, type: TEXT, body: line, keep: kept + line };
}

/** Of a checkpoint that cannot be opened: it is of size 0, so its root is what is wrong. */
const isEmptyTree = (request: AddCheckpoint | undefined): boolean => request?.checkpoint.split('\n')[1] === '0';

/** The last checkpoint that a witness kept, as a tree head: the empty tree when it has none. @throws MalformedTlog, TlogRejected */
export async function known(latest: string | undefined, log: Vkey): Promise<TreeHead> {
  if (latest === undefined) return { size: 0, root: EMPTY_ROOT };
  return openCheckpoint(latest, { log: [noteVerifier(log)] });
}

/** The witness's line over a checkpoint. */
async function cosignature({ note }: OpenedCheckpoint, { name, key, now }: WitnessDeps): Promise<string> {
  const signed = await signNote(note.text, [cosigner(name, key, now)]);
  return signed.slice(note.text.length + 1);
}
