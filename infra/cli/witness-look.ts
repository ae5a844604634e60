// One look of a witness at a log (C2SP tlog-tiles, over the platform's API or any server of it): fetch the checkpoint, see from the
// tiles that the log has only grown, cosign, keep, bring the line to the log. What a log must never do ends it with a problem.
import { NotFound, RuleViolated } from '../../events/errors.ts';
import type { AuditProblem } from '../../shared/record/audit/problem.ts';
import { cutText } from '../../shared/text.ts';
import { base64, equal } from '../../shared/record/tlog/bytes.ts';
import { openCheckpoint, type OpenedCheckpoint } from '../../shared/record/tlog/checkpoint.ts';
import { TlogRejected } from '../../shared/record/tlog/errors.ts';
import { HASH_BYTES } from '../../shared/record/tlog/hash.ts';
import { foldRight, frontierNodes } from '../../shared/record/tlog/merkle.ts';
import { noteVerifier, parseNote, sameKey, withLinesOf } from '../../shared/record/tlog/note.ts';
import { proveConsistency, type TreeHead } from '../../shared/record/tlog/proofs.ts';
import { TILE_WIDTH } from '../../shared/record/tlog/subtree.ts';
import { readRoot, tileHashReader, type TileReader } from '../../shared/record/tlog/tile-build.ts';
import { tilePath } from '../../shared/record/tlog/tile.ts';
import { formatAddCheckpoint } from '../../shared/record/witness/protocol.ts';
import { addCheckpoint, known } from '../../shared/record/witness/witness.ts';
import type { ApiClient } from './api-client.ts';
import type { WitnessState } from './witness-state.ts';

export interface WitnessLook {
  /** events in the log, as it was seen */
  size: number;
  /** events in the log that was cosigned before; 0 for the first time */
  before: number;
  /** a new cosignature was made */
  cosigned: boolean;
  /** the log took our line, now or before */
  brought: boolean;
}

/** What the log did that no log may do: a problem, and where the evidence lies. */
export class Misbehaved extends RuleViolated {
  readonly problem: AuditProblem;

  constructor(problem: AuditProblem, evidence: string | undefined) {
    super('log-misbehaved', problem.message, { facts: { ...problem, evidence } });
    this.problem = problem;
  }
}

/**
 * @throws Misbehaved: forked, truncated, altered tiles, another key. What it kept stays as it was.
 * @throws DaochaError when the log is not reached or refuses; trying later may help
 */
export async function lookAt(client: ApiClient, state: WitnessState): Promise<WitnessLook> {
  const { deps } = state;
  const note = Buffer.from(await fetched(client, 'log/checkpoint')).toString('utf8');
  const seen = await opened(note, state);
  const latest = state.latest();
  const before = await known(latest, deps.log);
  const look: WitnessLook = { size: seen.size, before: before.size, cosigned: false, brought: false };
  if (latest !== undefined && seen.size === before.size && equal(seen.root, before.root)) {
    const line = ownLine(latest, state);
    if (line !== undefined) return { ...look, brought: await bring(client, state, seen, note, line) };
  }
  await compare(tilesOf(client), before, seen, (problem) => new Misbehaved(problem, state.evidence(note)));
  const read = tileHashReader(seen.size, tilesOf(client));
  const proof = await proveConsistency(before.size, seen.size, read);
  const request = formatAddCheckpoint({ old: before.size, proof, checkpoint: note });
  const answer = await addCheckpoint(Buffer.from(request), latest, deps);
  if (answer.status !== 200 || answer.keep === undefined) {
    const problem: AuditProblem = { kind: 'forked', where: 'log/checkpoint', message: answer.body.trim() };
    throw new Misbehaved(problem, state.evidence(note));
  }
  state.keep(answer.keep);
  return { ...look, cosigned: true, brought: await bring(client, state, seen, note, answer.body) };
}

async function opened(note: string, { deps }: WitnessState): Promise<OpenedCheckpoint> {
  try {
    return await openCheckpoint(note, { log: [noteVerifier(deps.log)] });
  } catch (error) {
    if (!(error instanceof TlogRejected)) throw error;
    const kind = error.reason === 'bad-signature' ? 'altered' : 'wrong-key';
    throw new Misbehaved({ kind, where: 'log/checkpoint', message: error.message }, undefined);
  }
}

/** Says what is wrong in plain words; the proof that is made afterwards would only fail. */
async function compare(
  read: TileReader,
  before: TreeHead,
  seen: TreeHead,
  misbehaved: (problem: AuditProblem) => Misbehaved,
): Promise<void> {
  const where = 'log/checkpoint';
  if (seen.size < before.size) {
    const message = `the log shows ${seen.size} events; it had ${before.size} when it was cosigned last`;
    throw misbehaved({ kind: 'truncated', where, position: seen.size, message });
  }
  if (!equal(await readRoot(seen.size, read), seen.root)) {
    const message = `the tiles served are not those of the checkpoint of ${seen.size} events`;
    throw misbehaved({ kind: 'altered', where: 'log/tile', message });
  }
  const hashes = before.size === 0 ? [] : await tileHashReader(seen.size, read)(frontierNodes(before.size));
  if (before.size > 0 && !equal(foldRight(hashes), before.root)) {
    const message = `the first ${before.size} events are not those that were cosigned: two histories have been signed, with the roots ${base64(before.root)} and, of ${seen.size} events, ${base64(seen.root)}`;
    throw misbehaved({ kind: 'forked', where, message });
  }
}

const tilesOf =
  (client: ApiClient): TileReader =>
  (tiles) =>
    Promise.all(
      tiles.map(async (tile) => {
        const partial = await tried(client, `log/${tilePath(tile)}`);
        if (partial) return partial;
        // a server may have only the full tile that a partial one has grown into
        const full = await fetched(client, `log/${tilePath({ ...tile, width: TILE_WIDTH })}`);
        return full.subarray(0, tile.width * HASH_BYTES);
      }),
    );

async function fetched(client: ApiClient, path: string): Promise<Uint8Array> {
  const bytes = await tried(client, path);
  if (bytes) return bytes;
  throw new NotFound('no-log', `${client.api} has no ${path}: nothing has been signed yet, or it serves no log`);
}

/** Undefined when there is nothing at the path. */
async function tried(client: ApiClient, path: string): Promise<Uint8Array | undefined> {
  const { status, bytes } = await client.download(`/${path}`);
  if (status === 404) return undefined;
  if (status === 200) return bytes;
  throw new RuleViolated('log-refused', `${client.api}/${path} answered ${status}: ${wordsOf(bytes)}`);
}

function wordsOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    const { detail, title } = JSON.parse(text) as { detail?: string; title?: string };
    return detail ?? title ?? cutText(text, 200);
  } catch {
    return cutText(text, 200);
  }
}

/** Our line on a checkpoint that we kept. */
function ownLine(note: string, { vkey }: WitnessState): string | undefined {
  const { text, signatures } = parseNote(note);
  return signatures.some((line) => sameKey(line, vkey)) ? withLinesOf(note, vkey).slice(text.length + 1) : undefined;
}

/** Brings our line to the log, unless it serves it already; false when the log takes no lines. */
async function bring(
  client: ApiClient,
  { vkey }: WitnessState,
  { size }: TreeHead,
  served: string,
  line: string,
): Promise<boolean> {
  if (parseNote(served).signatures.some((one) => sameKey(one, vkey))) return true;
  const { status, body } = await client.request('POST', `/log/checkpoint/${size}/cosignatures`, { cosignatures: line });
  if (status === 200) return true;
  if (status === 404 || status === 405) return false;
  const { detail, expected } = (body ?? {}) as { detail?: string; expected?: string };
  throw new RuleViolated(
    'line-refused',
    `the log did not take our line (${status}): ${detail ?? ''}${expected ? `; ${expected}` : ''}`,
  );
}
