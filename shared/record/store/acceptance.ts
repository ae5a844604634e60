// Who accepted a commit (收讫): each function that writes events has a key of its own and signs, with it, the hash of each commit that it
// appends. A row put into the table past the functions has no such signature. The same signature is the receipt that whoever sent the
// command takes home: a promise that this commit is at this place of its stream.
import { base64, fromBase64, utf8 } from '../tlog/bytes.ts';
import {
  formatNote,
  noteVerifier,
  parseNote,
  parseSignatures,
  type NoteSigner,
  type NoteVerifier,
} from '../tlog/note.ts';
import { MalformedTlog } from '../tlog/errors.ts';
import { formatVkey, hex32, parseVkey } from '../tlog/vkey.ts';
import type { Commit } from './commit.ts';

/** What is signed of a commit; its hash covers everything else. */
export type Promised = Pick<Commit, 'stream' | 'version' | 'next' | 'hash' | 'recordedAt' | 'token'>;

const HEADER = 'daocha/receipt/v1';
/** No token: the platform's own clock and rules, the first seed. */
const NO_TOKEN = '-';

/** The text under a writer's signature: a line each, the last one with its newline. */
export const promiseText = ({ stream, version, next, hash, recordedAt, token }: Promised): string =>
  [HEADER, stream, version, next, base64(hash), recordedAt, token ?? NO_TOKEN, ''].join('\n');

/** The signature line of a note, as a commit keeps it. */
export async function acceptanceOf(commit: Promised, signer: NoteSigner): Promise<string> {
  const text = promiseText(commit);
  const signature = await signer.sign(utf8(text));
  const note = formatNote({ text, signatures: [{ name: signer.name, keyId: signer.keyId, signature }] });
  return note.slice(text.length + 1, -1);
}

/** A commit's receipt (收据), a signed note (C2SP signed-note); undefined when nobody signed for it. */
export const receiptOf = (commit: Promised & Pick<Commit, 'accepted'>): string | undefined =>
  commit.accepted === undefined ? undefined : `${promiseText(commit)}\n${commit.accepted}\n`;

/** Keys of writers that count, as verifier keys. @throws MalformedTlog */
export const writersOf = (vkeys: readonly string[]): NoteVerifier[] =>
  vkeys.map((vkey) => noteVerifier(parseVkey(vkey)));

/** Why a commit's acceptance does not hold; undefined when it does. */
export async function notAccepted(
  commit: Promised & Pick<Commit, 'accepted'>,
  writers: readonly NoteVerifier[],
): Promise<string | undefined> {
  if (commit.accepted === undefined) return 'no component signed for it: it came past the functions that write';
  let line;
  try {
    line = parseSignatures(`${commit.accepted}\n`)[0]!;
  } catch {
    return 'what should be the signature of a component is none';
  }
  const writer = writers.find(({ vkey }) => vkey.name === line.name && vkey.keyId === line.keyId);
  if (!writer) return `it is signed by ${line.name}+${hex32(line.keyId)}, which is not declared as a writer`;
  if (await writer.verify(utf8(promiseText(commit)), line.signature)) return undefined;
  return `the signature of ${formatVkey(writer.vkey)} is over another commit`;
}

/** A receipt's promise, with the hash as it writes it, and its signature line. Nothing of it is verified. @throws MalformedTlog */
export function parseReceipt(note: string): { promised: Promised; accepted: string } {
  const { text, signatures } = parseNote(note);
  const [header, stream = '', version = '', next = '', hash = '', recordedAt = '', token = '', ...end] =
    text.split('\n');
  const bytes = fromBase64(hash);
  const places = [version, next].every((value) => /^[1-9]\d{0,14}$/u.test(value));
  if (header !== HEADER || !places || !bytes || end.join('') !== '' || end.length !== 1 || signatures.length !== 1) {
    const lines = 'stream, version, next version, hash, time, token';
    throw new MalformedTlog('receipt', `${HEADER}, then ${lines}, a line each, an empty line and one signature`);
  }
  const promised = { stream, version: Number(version), next: Number(next), hash: bytes, recordedAt };
  return {
    promised: token === NO_TOKEN ? promised : { ...promised, token },
    accepted: note.slice(text.length + 1).trimEnd(),
  };
}
