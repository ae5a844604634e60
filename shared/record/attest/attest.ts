// What others say of our checkpoints: a run copies them to write-once storage, has the latest one cosigned by the witnesses that
// take requests, and time-stamped when that is due. Sealing knows nothing of it and never waits for it; one that fails
// holds up none of the others, and the next run tries again. Only the latest checkpoint matters to witnesses and authority,
// as it covers all before it.
import { NotAnswered, type Exchange } from '../http-exchange.ts';
import type { LogDeps } from '../log/deps.ts';
import { checkpointUpTo, type SignedCheckpoint } from '../seal/checkpoints.ts';
import { tileReader } from '../seal/tiles.ts';
import { stamp } from '../timestamp/authority.ts';
import { TimeStampRejected } from '../timestamp/errors.ts';
import { proveConsistency } from '../tlog/proofs.ts';
import { tileHashReader } from '../tlog/tile-build.ts';
import { hex32 } from '../tlog/vkey.ts';
import { askWitness, WitnessRefused, type Witness } from '../witness/client.ts';
import { archiveCheckpoints, problemOf, type ArchiveRun } from './archive.ts';
import { keepCosignatures } from './cosignatures.ts';
import type { Archive } from './outbox.ts';
import { failed, failingSeconds, putStanding, standings, type Attestor, type AttestorProgress } from './progress.ts';
import { latestTimeStamp, putTimeStamp } from './timestamps.ts';

export interface AttestDeps {
  log: LogDeps;
  archive: Archive;
  /** of these only those with a URL are asked */
  witnesses: readonly Witness[];
  /** the time-stamping authority, when there is one */
  authority?: { url: string; /** ms between two time stamps, at least */ interval: number } | undefined;
  random: (bytes: number) => Uint8Array;
  exchange?: Exchange;
  /** ms for each request to a witness or an authority */
  timeout?: number;
}

export interface AttestorAnswer {
  /** name of the witness, URL of the authority */
  who: string;
  outcome: 'done' | 'nothing-new' | 'failed';
  /** failing for so long, in seconds */
  failing: number;
  error?: unknown;
  /** the failure is one that a person must look at, and will not pass by itself */
  lasting?: boolean;
}

export interface AttestRun {
  archived: ArchiveRun;
  witnesses: AttestorAnswer[];
  authority?: AttestorAnswer;
}

/**
 * One run. What witnesses, authority and storage do wrong is in the result.
 * @throws what DynamoDB throws
 */
export async function attest(deps: AttestDeps, goOn: () => boolean = () => true): Promise<AttestRun> {
  const known = await standings(deps.log);
  const checkpoint = await checkpointUpTo(deps.log);
  const asking: Promise<AttestorAnswer>[] = [];
  let stamping: Promise<AttestorAnswer> | undefined;
  if (checkpoint) {
    for (const { vkey, url } of deps.witnesses) {
      if (url !== undefined) asking.push(cosigned(deps, checkpoint, { vkey, url }, known));
    }
    if (deps.authority) stamping = stamped(deps, checkpoint, deps.authority, known);
  }
  const all = await Promise.allSettled(stamping ? [...asking, stamping] : asking);
  // last, so that what came just now is copied too
  const archived = await archiveCheckpoints(deps.log, deps.archive, known.get('archive'), goOn);
  const answers = all.map((settled) => {
    if (settled.status === 'rejected') throw settled.reason;
    return settled.value;
  });
  const authority = stamping && answers.pop();
  return { archived, witnesses: answers, ...(authority && { authority }) };
}

type Known = ReadonlyMap<Attestor, AttestorProgress>;

async function cosigned(
  deps: AttestDeps,
  { note, size, at }: SignedCheckpoint,
  witness: Witness & { url: string },
  known: Known,
): Promise<AttestorAnswer> {
  const { vkey } = witness;
  const attestor: Attestor = `witness#${hex32(vkey.keyId)}`;
  const before = known.get(attestor);
  if (before?.size === size && before.since === undefined)
    return { who: vkey.name, outcome: 'nothing-new', failing: 0 };
  const read = tileReader(deps.log);
  return asked(deps, vkey.name, attestor, before, async () => {
    const { line } = await askWitness(
      witness,
      {
        note,
        size,
        old: before?.size ?? 0,
        prove: (older, newer) => proveConsistency(older, newer, tileHashReader(newer, read)),
      },
      options(deps),
    );
    await keepCosignatures(deps.log, { note, size, at }, line, [vkey]);
    return size;
  });
}

async function stamped(
  deps: AttestDeps,
  { note, size }: SignedCheckpoint,
  { url, interval }: NonNullable<AttestDeps['authority']>,
  known: Known,
): Promise<AttestorAnswer> {
  const before = known.get('timestamp');
  const last = await latestTimeStamp(deps.log);
  const due = !last || (last.size < size && deps.log.now().getTime() - Date.parse(last.at) >= interval);
  if (!due) return { who: url, outcome: 'nothing-new', failing: 0 };
  return asked(deps, url, 'timestamp', before, async () => {
    const stampedNote = await stamp(Buffer.from(note), { url, random: deps.random, ...options(deps) });
    await putTimeStamp(deps.log, size, stampedNote);
    return size;
  });
}

const options = ({ exchange, timeout }: AttestDeps): { exchange?: Exchange; timeout?: number } => ({
  ...(exchange && { exchange }),
  ...(timeout !== undefined && { timeout }),
});

/** What is somebody else's fault, or the network's. */
const THEIRS = [NotAnswered, TimeStampRejected, WitnessRefused];

/** Asks somebody else, and keeps how it went. What is not theirs (our own tables) is thrown. */
async function asked(
  deps: AttestDeps,
  who: string,
  attestor: Attestor,
  before: AttestorProgress | undefined,
  ask: () => Promise<number>,
): Promise<AttestorAnswer> {
  const now = deps.log.now();
  try {
    const size = await ask();
    await putStanding(deps.log, attestor, { size, at: now.toISOString() });
    return { who, outcome: 'done', failing: 0 };
  } catch (error) {
    if (!THEIRS.some((kind) => error instanceof kind)) throw error;
    const after = failed(before, now, problemOf(error));
    await putStanding(deps.log, attestor, after);
    const lasting = error instanceof WitnessRefused;
    return { who, outcome: 'failed', failing: failingSeconds(after, now), error, lasting };
  }
}
