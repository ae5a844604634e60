// Proofs to take home (C2SP tlog-proof): one entry's index, its audit path and the signed checkpoint in one text, so
// that whoever has the entry's bytes and knows the log's key can verify it without asking anyone.
import { base64, fromBase64, fromDecimal, fromUtf8 } from './bytes.ts';
import { openCheckpoint, type OpenedCheckpoint } from './checkpoint.ts';
import { cosignatureTime, cosignatureVerifier } from './cosignature.ts';
import { MalformedTlog, TlogRejected } from './errors.ts';
import { HASH_BYTES, leafHash } from './hash.ts';
import { noteVerifier } from './note.ts';
import { verifyInclusion } from './proofs.ts';
import { formatVkey, parseVkey, samePublicKey, type Vkey } from './vkey.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';
/** A path through a tree of 2^63 leaves. */
const MAX_HASHES = 63;
export const MAX_PROOF_BYTES = 1024 * 1024;

export interface TlogProof {
  /** position of the entry, from 0 on */
  index: number;
  /** audit path, the leaf's sibling first */
  hashes: Uint8Array[];
  /** the signed note, verbatim */
  checkpoint: string;
  /** signed by nobody: never to be trusted */
  extra?: Uint8Array;
}

/** @throws MalformedTlog when it would not be a proof that `parseTlogProof` takes */
export function formatTlogProof({ index, hashes, checkpoint, extra }: TlogProof): string {
  const text = [
    HEADER,
    ...(extra ? [`extra ${base64(extra)}`] : []),
    `index ${index}`,
    ...hashes.map(base64),
    '',
    checkpoint,
  ].join('\n');
  parseTlogProof(text);
  return text;
}

/** The parts of a proof, nothing of it verified. @throws MalformedTlog, naming what is wrong */
export function parseTlogProof(proof: Uint8Array | string): TlogProof {
  if (proof.length > MAX_PROOF_BYTES) throw new MalformedTlog('proof', `at most ${MAX_PROOF_BYTES} bytes`);
  const text = typeof proof === 'string' ? proof : fromUtf8(proof);
  if (text === undefined) throw new MalformedTlog('proof', 'valid UTF-8');
  const gap = text.indexOf('\n\n');
  const lines = text.slice(0, Math.max(gap, 0)).split('\n');
  if (lines.shift() !== HEADER)
    throw new MalformedTlog('proof', `the first line is ${HEADER}, an empty one comes later`);
  const extra = lines[0]?.startsWith('extra ') ? fromBase64(lines.shift()!.slice('extra '.length)) : null;
  if (extra === undefined) throw new MalformedTlog('extra', 'base64');
  const line = lines.shift() ?? '';
  const index = line.startsWith('index ') ? fromDecimal(line.slice('index '.length)) : undefined;
  if (index === undefined) throw new MalformedTlog('index', 'a line “index N”, decimal, without leading zeroes');
  if (lines.length > MAX_HASHES) throw new MalformedTlog('proof', `at most ${MAX_HASHES} hashes`);
  const hashes = lines.map((encoded, n) => {
    const hash = fromBase64(encoded);
    if (hash?.length !== HASH_BYTES) throw new MalformedTlog(`hash ${n}`, 'base64 of 32 bytes');
    return hash;
  });
  return { index, hashes, checkpoint: text.slice(gap + 2), ...(extra ? { extra } : {}) };
}

export interface ProofPolicy {
  /** verifier key of the log (type 0x01) */
  log: string;
  /** default: the name in the log's key */
  origin?: string;
  /** verifier keys of witnesses (type 0x04) */
  witnesses?: readonly string[];
  /** how many of the witnesses must have cosigned; default 0 */
  threshold?: number;
}

export interface VerifiedProof {
  index: number;
  checkpoint: OpenedCheckpoint;
  /** one of each witness that cosigned, its latest; seconds since 1970 as it states them */
  cosignatures: { witness: string; time: number }[];
}

/**
 * Verifies that an entry, byte for byte, is in the log, at the position that the proof says (C2SP tlog-proof,
 * “Verifying a tlog proof”).
 * @throws MalformedTlog
 * @throws TlogRejected
 */
export async function verifyTlogProof(
  entry: Uint8Array,
  proof: Uint8Array | string,
  policy: ProofPolicy,
): Promise<VerifiedProof> {
  const { index, hashes, checkpoint: note } = parseTlogProof(proof);
  const verified = await verifyCheckpoint(note, policy);
  verifyInclusion(leafHash(entry), index, verified.checkpoint.size, verified.checkpoint.root, hashes);
  return { index, ...verified };
}

/** Opens a checkpoint under a policy: the log's key, its origin, enough witnesses. Throws as `verifyTlogProof` does. */
export async function verifyCheckpoint(
  note: Uint8Array | string,
  { log, origin, witnesses = [], threshold = 0 }: ProofPolicy,
): Promise<Omit<VerifiedProof, 'index'>> {
  const logKey = parseVkey(log);
  const witnessKeys = witnesses.map(parseVkey);
  checkWitnesses(logKey, witnessKeys, threshold);
  const checkpoint = await openCheckpoint(note, {
    log: [noteVerifier(logKey)],
    witnesses: witnessKeys.map(cosignatureVerifier),
    ...(origin === undefined ? {} : { origin }),
  });
  const cosignatures = witnessKeys.flatMap((key) => {
    const lines = checkpoint.note.verified.filter(({ verifier }) => verifier.vkey === key);
    if (lines.length === 0) return [];
    return [{ witness: key.name, time: Math.max(...lines.map(({ signature }) => cosignatureTime(signature))) }];
  });
  if (cosignatures.length < threshold) {
    throw new TlogRejected(
      'too-few-witnesses',
      `${cosignatures.length} of the ${threshold} witnesses asked for cosigned`,
    );
  }
  return { checkpoint, cosignatures };
}

/** A cosignature does not say its signer's name, so that one key under two names would count as two witnesses. */
function checkWitnesses(log: Vkey, witnesses: readonly Vkey[], threshold: number): void {
  for (const [n, key] of witnesses.entries()) {
    if ([log, ...witnesses.slice(0, n)].some((other) => samePublicKey(other, key))) {
      throw new TlogRejected('ambiguous-key', `the key of witness ${formatVkey(key)} is already used by another`);
    }
  }
  if (!Number.isInteger(threshold) || threshold < 0 || threshold > witnesses.length) {
    throw new MalformedTlog('threshold', `0 … ${witnesses.length}, the number of witnesses`);
  }
}
