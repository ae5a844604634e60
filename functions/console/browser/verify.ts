// Verifying one event in the auditor's own browser: its stored bytes, the path through the tree, the signature of the checkpoint, that the
// page says what the event says, and that the log continues the one that this browser saw last. Nothing is taken on the server's word but
// what it is asked to hand over. Runs without a page as well (tests); the page's side is proof.ts.
import { fromUtf8 } from '../../../shared/record/tlog/bytes.ts';
import { parseCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { hashing, leafHash } from '../../../shared/record/tlog/hash.ts';
import { noteVerifier, parseNote } from '../../../shared/record/tlog/note.ts';
import { parseTlogProof, verifyCheckpoint } from '../../../shared/record/tlog/proof.ts';
import { verifyConsistency, verifyInclusion, type TreeHead } from '../../../shared/record/tlog/proofs.ts';
import { parseVkey } from '../../../shared/record/tlog/vkey.ts';

/** What the platform is asked to hand over. Each throws `Unavailable` when it does not. */
export interface LogSource {
  /** the event's stored bytes */
  entry: (position: number) => Promise<Uint8Array>;
  /** C2SP tlog-proof, with the checkpoint */
  proof: (position: number) => Promise<string>;
  /** hashes of a consistency proof */
  consistency: (from: number, to: number) => Promise<Uint8Array[]>;
}

/** The platform did not hand it over; `problem` is its own name for why. */
export class LogUnavailable extends Error {
  readonly problem: string;

  constructor(problem: string, message: string) {
    super(message);
    this.problem = problem;
  }
}

/** What the page says of an event. */
export interface Claimed {
  position: number;
  id?: string | undefined;
  type?: string | undefined;
  stream?: string | undefined;
  version?: string | undefined;
  recordedAt?: string | undefined;
  /** the whole event, where the page shows it */
  text?: string | undefined;
}

export type StepName = 'bytes' | 'signature' | 'path' | 'shown' | 'continues';
export interface VerifyStep {
  step: StepName;
  holds: boolean;
  /** the step's own words when it does not hold, or what it found */
  note: string;
}
/**
 * - verified: every step holds
 * - broken: at least one does not
 * - unsealed: the event is in the log, and no checkpoint has been signed over it yet
 * - unable: the browser or the network kept it from being verified; nothing is said about the event
 */
export type EventVerdict = {
  state: 'verified' | 'broken' | 'unsealed' | 'unable';
  steps: VerifyStep[];
  /** verified: the checkpoint to remember, signed note */
  checkpoint?: string;
  size?: number;
};

export interface Trusted {
  /** the log's verifier key */
  vkey: string;
  /** the last checkpoint that was verified here, signed note; none: the first time */
  lastSeen: string | undefined;
}

/** Verifies one event. Never throws: whatever goes wrong is in the verdict. */
export async function verifyEvent(source: LogSource, claimed: Claimed, trusted: Trusted): Promise<EventVerdict> {
  const steps: VerifyStep[] = [];
  const failed = (step: StepName, error: unknown): void => {
    steps.push({ step, holds: false, note: (error as Error).message });
  };
  let proof: string;
  try {
    proof = await source.proof(claimed.position);
  } catch (error) {
    if (error instanceof LogUnavailable && error.problem === 'not-signed-yet') return { state: 'unsealed', steps };
    return unable(steps, 'path', error);
  }

  let bytes: Uint8Array | undefined;
  try {
    bytes = await source.entry(claimed.position);
    steps.push({ step: 'bytes', holds: true, note: String(bytes.length) });
  } catch (error) {
    if (!(error instanceof LogUnavailable) || error.problem !== 'event-altered') return unable(steps, 'bytes', error);
    failed('bytes', error);
  }

  let head: TreeHead | undefined;
  let checkpoint = '';
  try {
    ({ checkpoint } = parseTlogProof(proof));
    const opened = await hashing(() => verifyCheckpoint(checkpoint, { log: trusted.vkey }));
    head = opened.checkpoint;
    steps.push({ step: 'signature', holds: true, note: trusted.vkey });
  } catch (error) {
    if (isMissing(error)) return unable(steps, 'signature', error);
    failed('signature', error);
  }

  try {
    await hashing(() => checkPath(proof, claimed.position, bytes));
    steps.push({ step: 'path', holds: true, note: String(parseTlogProof(proof).hashes.length) });
  } catch (error) {
    if (isMissing(error)) return unable(steps, 'path', error);
    failed('path', error);
  }

  const difference = bytes && differenceFrom(bytes, claimed);
  if (bytes) steps.push({ step: 'shown', holds: difference === undefined, note: difference ?? '' });

  if (head) {
    try {
      const note = await checkContinues(source, head, trusted);
      steps.push({ step: 'continues', holds: true, note });
    } catch (error) {
      if (error instanceof LogUnavailable) return unable(steps, 'continues', error);
      failed('continues', error);
    }
  }
  if (steps.some(({ holds }) => !holds)) return { state: 'broken', steps };
  return { state: 'verified', steps, checkpoint, size: head!.size };
}

function unable(steps: readonly VerifyStep[], step: StepName, error: unknown): EventVerdict {
  const all = [...steps, { step, holds: false, note: (error as Error).message }];
  // what was found broken stays broken, whatever could not be looked at
  return { state: steps.some(({ holds }) => !holds) ? 'broken' : 'unable', steps: all };
}

/** The browser lacks what it takes: no word about the event. */
const isMissing = (error: unknown): boolean =>
  (error as { type?: string }).type === 'no-ed25519' || globalThis.crypto?.subtle === undefined;

/** The bytes, at this position, lead to the root that the checkpoint names (signed or not is another step). */
function checkPath(proof: string, position: number, bytes: Uint8Array | undefined): void {
  const { index, hashes, checkpoint } = parseTlogProof(proof);
  if (index !== position) throw new Error(`the proof is for position ${index}, not ${position}`);
  if (!bytes) throw new Error('there are no bytes to hash');
  const { size, root } = parseCheckpoint(parseNote(checkpoint).text);
  verifyInclusion(leafHash(bytes), index, size, root, hashes);
}

/** What the page says otherwise than the event itself. */
function differenceFrom(bytes: Uint8Array, claimed: Claimed): string | undefined {
  const text = fromUtf8(bytes) ?? '';
  if (claimed.text !== undefined && claimed.text !== text) return 'JSON';
  let event: Record<string, unknown>;
  try {
    event = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return 'JSON';
  }
  const names = ['id', 'type', 'stream', 'version', 'recordedAt'] as const;
  const wrong = names.filter((name) => claimed[name] !== undefined && String(event[name]) !== claimed[name]);
  return wrong.length > 0 ? wrong.join(', ') : undefined;
}

/** @returns size of the log seen last; empty the first time @throws TlogRejected when this log does not continue it */
async function checkContinues(source: LogSource, head: TreeHead, { lastSeen, vkey }: Trusted): Promise<string> {
  if (lastSeen === undefined) return '';
  const seen = (await hashing(() => verifyCheckpoint(lastSeen, { log: vkey }))).checkpoint;
  const [older, newer] = seen.size <= head.size ? [seen, head] : [head, seen];
  const hashes = older.size === newer.size ? [] : await source.consistency(older.size, newer.size);
  await hashing(() => verifyConsistency(older, newer, hashes));
  return String(seen.size);
}

/** @throws MalformedTlog when it is no verifier key of a log */
export const checkVkey = (vkey: string): Promise<unknown> => hashing(() => noteVerifier(parseVkey(vkey)));
