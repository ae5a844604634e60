// Cosignatures in the LOG table: one item for each checkpoint and witness, so that two witnesses at once never meet, and the
// same one twice changes nothing: its first line stays, as the earlier time says more. The checkpoint's own item is
// never touched.
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { InvalidInput } from '../../../events/errors.ts';
import type { Item } from '../log/batch.ts';
import { cosignaturePartition, positionKey, type LogDeps } from '../log/deps.ts';
import type { SignedCheckpoint } from '../seal/checkpoints.ts';
import { utf8 } from '../tlog/bytes.ts';
import { addCosignatures as added, cosignatureTime, cosignatureVerifier } from '../tlog/cosignature.ts';
import { formatNote, parseNote, parseSignatures, type NoteSignature } from '../tlog/note.ts';
import { hex32, type Vkey } from '../tlog/vkey.ts';
import { archived } from './outbox.ts';
import { putOnce } from './put-once.ts';

/** Witnesses that a log may have, and lines taken at once. */
export const MAX_WITNESSES = 32;

export interface Cosignature {
  size: number;
  /** the witness's name */
  witness: string;
  keyId: number;
  /** `— name base64`, with its newline */
  line: string;
  /** seconds since 1970, as the witness states it */
  time: number;
}

export interface AddedCosignatures {
  /** names of witnesses whose line was not there yet */
  added: string[];
  /** names of those whose line was */
  known: string[];
}

/**
 * Verifies the lines of witnesses over a checkpoint, and keeps them.
 * @param lines signature lines as a witness writes them
 * @throws MalformedTlog for what are no signature lines; TlogRejected `unknown-key` for a witness that is not configured,
 * `bad-signature` for a line over something else; InvalidInput for too many. Then nothing was kept.
 */
export async function keepCosignatures(
  deps: LogDeps,
  checkpoint: SignedCheckpoint,
  lines: string,
  witnesses: readonly Vkey[],
): Promise<AddedCosignatures> {
  const parsed = parseSignatures(lines);
  if (parsed.length > MAX_WITNESSES) {
    throw new InvalidInput(`cosignatures: ${parsed.length} lines`, {
      field: 'cosignatures',
      expected: `at most ${MAX_WITNESSES}, one for each witness`,
    });
  }
  await added(checkpoint.note, lines, witnesses.map(cosignatureVerifier));
  const result: AddedCosignatures = { added: [], known: [] };
  for (const signature of parsed) {
    const cosigned = utf8(withLines(checkpoint.note, [signature]));
    const isNew = await putOnce(deps, itemOf(deps, checkpoint, signature), [
      archived(checkpoint.size, 'cosigned', cosigned),
    ]);
    (isNew ? result.added : result.known).push(signature.name);
  }
  return result;
}

function itemOf(deps: LogDeps, { note, size }: SignedCheckpoint, signature: NoteSignature): Item {
  const { text } = parseNote(note);
  return {
    pk: { S: cosignaturePartition(deps.tenant) },
    sk: { S: `${positionKey(size)}#${hex32(signature.keyId)}` },
    witness: { S: signature.name },
    keyId: { N: String(signature.keyId) },
    line: { S: formatNote({ text, signatures: [signature] }).slice(text.length + 1) },
    time: { N: String(cosignatureTime(signature.signature)) },
    at: { S: deps.now().toISOString() },
  };
}

function withLines(note: string, lines: readonly NoteSignature[]): string {
  const { text, signatures } = parseNote(note);
  return formatNote({ text, signatures: [...signatures, ...lines] });
}

/** The lines over the checkpoint of a size, by key ID. */
export const cosignaturesOf = (deps: LogDeps, size: number): Promise<Cosignature[]> =>
  query(deps, { from: positionKey(size), to: `${positionKey(size)}~`, limit: 100 });

/** The checkpoint's note, with all cosignatures that it has. */
export async function cosignedNote(deps: LogDeps, { note, size }: SignedCheckpoint): Promise<string> {
  const lines = (await cosignaturesOf(deps, size)).map(({ line }) => line);
  return note + lines.join('');
}

/** The lines over the largest checkpoints that have one, the largest first. */
export const recentCosignatures = (deps: LogDeps, limit: number): Promise<Cosignature[]> =>
  query(deps, { from: '0', to: '~', limit, last: true });

/** The line over the largest checkpoint that has one. */
export async function latestCosignature(deps: LogDeps): Promise<Cosignature | undefined> {
  return (await recentCosignatures(deps, 1))[0];
}

const NEAR = 50;

/** Lines over the checkpoints next to a size: the nearest below it, or of it, and the nearest above. */
export async function cosignaturesAround(deps: LogDeps, size: number): Promise<Cosignature[]> {
  const [below, above] = await Promise.all([
    query(deps, { from: '0', to: `${positionKey(size)}~`, limit: NEAR, last: true }),
    query(deps, { from: positionKey(size + 1), to: '~', limit: NEAR }),
  ]);
  return [...below, ...above];
}

async function query(
  deps: LogDeps,
  { from, to, limit, last = false }: { from: string; to: string; limit: number; last?: boolean },
): Promise<Cosignature[]> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ':pk': { S: cosignaturePartition(deps.tenant) },
        ':from': { S: from },
        ':to': { S: to },
      },
      ConsistentRead: true,
      ScanIndexForward: !last,
      Limit: limit,
    }),
  );
  return Items.map((item) => ({
    size: Number(item['sk']!.S!.split('#')[0]),
    witness: item['witness']!.S!,
    keyId: Number(item['keyId']!.N),
    line: item['line']!.S!,
    time: Number(item['time']!.N),
  }));
}
