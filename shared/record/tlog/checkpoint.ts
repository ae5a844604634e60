// Checkpoints (C2SP tlog-checkpoint): the note text `origin\nsize\nbase64(root)\n`. Extension lines are read, as the
// specification lets others write them, and never written here.
import { base64, equal, fromBase64, fromDecimal } from './bytes.ts';
import { MalformedTlog, TlogRejected } from './errors.ts';
import { EMPTY_ROOT, HASH_BYTES } from './hash.ts';
import { openNote, signNote, type NoteSigner, type NoteVerifier, type OpenedNote } from './note.ts';
import type { TreeHead } from './proofs.ts';

export interface Checkpoint extends TreeHead {
  /** the log's identity: not empty, one line */
  origin: string;
  /** lines after the root; nobody vouches for them */
  extensions: string[];
}

/** The text to sign. @throws MalformedTlog */
export function formatCheckpoint({ origin, size, root }: TreeHead & { origin: string }): string {
  const text = `${origin}\n${size}\n${base64(root)}\n`;
  parseCheckpoint(text); // what nobody could read is not written
  return text;
}

/** @throws MalformedTlog, naming the line */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new MalformedTlog('checkpoint', 'ends in a newline');
  if (lines.length < 3 || lines.includes('')) throw new MalformedTlog('checkpoint', 'three lines or more, none empty');
  const [origin = '', decimal = '', encoded = '', ...extensions] = lines;
  const size = fromDecimal(decimal);
  if (size === undefined) {
    throw new MalformedTlog('checkpoint size', 'decimal, without leading zeroes, below 2^53');
  }
  const root = fromBase64(encoded);
  if (root?.length !== HASH_BYTES) throw new MalformedTlog('checkpoint root', 'base64 of 32 bytes');
  if (size === 0 && !equal(root, EMPTY_ROOT))
    throw new MalformedTlog('checkpoint root', 'SHA-256 of nothing for size 0');
  return { origin, size, root, extensions };
}

/** A new checkpoint, signed. The signers' name should be the origin. */
export const signCheckpoint = (head: TreeHead & { origin: string }, signers: readonly NoteSigner[]): Promise<string> =>
  signNote(formatCheckpoint(head), signers);

export interface OpenedCheckpoint extends Checkpoint {
  note: OpenedNote;
}

export interface CheckpointKeys {
  /** keys of the log, at least one of which must have signed */
  log: readonly NoteVerifier[];
  /** keys that must not be wrong where they signed */
  witnesses?: readonly NoteVerifier[];
  /** default: the name of the log's keys */
  origin?: string;
}

/**
 * Opens a checkpoint of a log: signed by one of its keys, and with its origin.
 * @throws MalformedTlog
 * @throws TlogRejected `unknown-key`, `bad-signature`, `wrong-origin`
 */
export async function openCheckpoint(
  note: Uint8Array | string,
  { log, witnesses = [], origin }: CheckpointKeys,
): Promise<OpenedCheckpoint> {
  const opened = await openNote(note, [...log, ...witnesses]);
  if (!opened.verified.some(({ verifier }) => log.includes(verifier))) {
    throw new TlogRejected('unknown-key', `not signed by the log's key (${log.map(nameOf).join(', ')})`);
  }
  const checkpoint = parseCheckpoint(opened.text);
  const origins = origin === undefined ? log.map(nameOf) : [origin];
  if (!origins.includes(checkpoint.origin)) {
    throw new TlogRejected(
      'wrong-origin',
      `a checkpoint of the log ${checkpoint.origin}, not of ${origins.join(', ')}`,
    );
  }
  return { ...checkpoint, note: opened };
}

const nameOf = ({ vkey }: NoteVerifier): string => vkey.name;
