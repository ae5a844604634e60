// Sealing: signs the state of the log. Invariants: what is signed only grows, and each checkpoint is made from the one before it
// and the pages since, so that a fork cannot be signed by mistake; everything below a signed size has its full tiles
// written. Any number of sealers may run at once or die anywhere: the compare-and-swap in checkpoints.ts decides.
import { DaochaError } from '../../../events/errors.ts';
import type { LogDeps } from '../log/deps.ts';
import { readHead, type Head } from '../log/head.ts';
import { leavesBetween } from '../log/leaves.ts';
import { concat, equal } from '../tlog/bytes.ts';
import { openCheckpoint, signCheckpoint } from '../tlog/checkpoint.ts';
import type { Ed25519Key } from '../tlog/ed25519.ts';
import { appendLeaves, EMPTY_FRONTIER, root } from '../tlog/merkle.ts';
import { noteSigner, noteVerifier } from '../tlog/note.ts';
import { buildTiles } from '../tlog/tile-build.ts';
import { levelWidth } from '../tlog/tile.ts';
import { ED25519, formatVkey, vkeyOf, type Vkey } from '../tlog/vkey.ts';
import { advance, checkpointOf, checkpointUpTo, publish, readSealed, type Sealed } from './checkpoints.ts';
import { tileReader, writeFullTiles } from './tiles.ts';

export interface SealDeps {
  log: LogDeps;
  /** the log's identity, and its key's name: no space, no plus */
  origin: string;
  key: Ed25519Key;
  /** ms between two checkpoints, at least */
  interval: number;
  sleep: (ms: number) => Promise<unknown>;
}

export interface SealOptions {
  /** asked before each checkpoint, with the ms that have to be waited first; false ends the run */
  goOn?: (wait: number) => boolean;
  /** most events that a checkpoint adds: a power of two, default 65,536. A log never signed before is signed step by step */
  most?: number;
}

export interface SealRun {
  /** sizes signed by this run */
  signed: number[];
  /** how far the log is signed after it */
  size: number;
  /** checkpoints lost to a faster sealer */
  conflicts: number;
  /** whether it came to the end of the log */
  caughtUp: boolean;
}

/**
 * What is stored does not continue what was signed, or another key is to sign it: nothing is signed any more until
 * somebody has looked. docs/runbooks.md, “Sealing refused”.
 */
export class SealRefused extends DaochaError {
  constructor(message: string, facts: Record<string, unknown> = {}) {
    super('seal-refused', 500, message, { facts });
  }
}

const MOST = 65_536;

/**
 * Signs the log up to its head, waiting between checkpoints where that is due.
 * @throws SealRefused; what DynamoDB and the key throw
 */
export async function sealLog(deps: SealDeps, { goOn = () => true, most = MOST }: SealOptions = {}): Promise<SealRun> {
  const vkey = vkeyOf(deps.origin, ED25519, deps.key.publicKey);
  const run: SealRun = { signed: [], size: 0, conflicts: 0, caughtUp: false };
  let waited: string | undefined;
  for (;;) {
    const sealed = await trusted(deps.log, vkey);
    if (sealed && sealed.size !== run.signed.at(-1)) {
      await requireSameKey(deps.log, sealed, vkey);
      await complete(deps.log, sealed);
    }
    run.size = sealed?.size ?? 0;
    const head = await readHead(deps.log); // after the checkpoint: never shorter than it
    if (head.size <= run.size) {
      checkHead(head, sealed);
      return { ...run, caughtUp: true };
    }
    const wait = sealed && sealed.at !== waited ? remaining(sealed.at, deps) : 0;
    if (!goOn(wait)) return run;
    if (sealed && wait > 0) {
      await deps.sleep(wait);
      waited = sealed.at; // clocks may differ: once is enough
      continue; // with what has come meanwhile
    }
    const size = Math.min(head.size, (Math.floor(run.size / most) + 1) * most);
    const next = await step(deps, { vkey, sealed, head, size });
    if (await advance(deps.log, sealed, next)) {
      await publish(deps.log, next);
      run.signed.push(next.size);
      run.size = size;
      if (size === head.size) return { ...run, caughtUp: true }; // what came since brings its own wake-up
    } else run.conflicts += 1;
  }
}

/** The latest checkpoint, if it is what our key signed. @throws SealRefused */
async function trusted(log: LogDeps, vkey: Vkey): Promise<Sealed | undefined> {
  let sealed = await readSealed(log);
  if (!sealed) {
    const published = await checkpointUpTo(log);
    if (!published) return undefined;
    sealed = await readSealed(log); // written before what was just found: there by now, or gone
    if (!sealed) throw new SealRefused(`the latest checkpoint is gone; the log was signed up to ${published.size}`);
  }
  if (sealed.vkey !== formatVkey(vkey)) {
    throw new SealRefused(`the log was signed by ${sealed.vkey} so far, not by ${formatVkey(vkey)}`);
  }
  const opened = await openCheckpoint(sealed.note, { log: [noteVerifier(vkey)] }).catch((error: Error) => {
    throw new SealRefused(`the latest checkpoint is not what our key signed: ${error.message}`);
  });
  if (opened.size !== sealed.size || !equal(opened.root, root(sealed.frontier))) {
    throw new SealRefused(`the stored frontier of ${sealed.size} events is not the one that was signed`);
  }
  return sealed;
}

/** The one before the latest is by our key too: the latest alone is what somebody could put in its place. @throws SealRefused */
async function requireSameKey(log: LogDeps, { size }: Sealed, vkey: Vkey): Promise<void> {
  const earlier = await checkpointUpTo(log, size - 1);
  if (!earlier) return;
  await openCheckpoint(earlier.note, { log: [noteVerifier(vkey)] }).catch((error: Error) => {
    throw new SealRefused(
      `the checkpoint of ${earlier.size} events was signed by another key than ${formatVkey(vkey)}: ${error.message}`,
    );
  });
}

/** When its sealer has died, or is slow, the latest checkpoint is not stored under its size yet. */
async function complete(log: LogDeps, sealed: Sealed): Promise<void> {
  if (!(await checkpointOf(log, sealed.size))) await publish(log, sealed);
}

/** The head says nothing else than what was signed. */
function checkHead({ size, frontier }: Head, sealed: Sealed | undefined): void {
  if (!sealed) return;
  if (size < sealed.size) {
    throw new SealRefused(`the log has ${size} events, and ${sealed.size} were signed`, { size, signed: sealed.size });
  }
  if (frontier && !equal(root(frontier), root(sealed.frontier))) throw headDiffers(size);
}

const headDiffers = (size: number): SealRefused =>
  new SealRefused(`the tree in the head is not that of the pages and of what was signed, at ${size} events`, { size });

/** ms until the next checkpoint is due. */
function remaining(at: string, { interval, log }: SealDeps): number {
  const passed = log.now().getTime() - Date.parse(at);
  return passed >= 0 ? Math.max(0, interval - passed) : interval;
}

/** Writes the full tiles up to the next size to be signed, and signs it. */
async function step(
  { log, origin, key }: SealDeps,
  { vkey, sealed, head, size }: { vkey: Vkey; sealed: Sealed | undefined; head: Head; size: number },
): Promise<Sealed> {
  const from = sealed?.size ?? 0;
  const pieces: Uint8Array[] = [];
  for await (const piece of leavesBetween(log, from, size)) pieces.push(piece);
  const leaves = concat(...pieces);
  const frontier = appendLeaves(sealed?.frontier ?? EMPTY_FRONTIER, leaves);
  if (size === head.size && head.frontier && !equal(root(head.frontier), root(frontier))) throw headDiffers(size);
  const fills = levelWidth(size, 1) > levelWidth(from, 1);
  if (fills) await writeFullTiles(log, await buildTiles(from, leaves, tileReader(log)));
  const note = await signCheckpoint({ origin, size, root: root(frontier) }, [noteSigner(origin, key)]);
  return { size, note, frontier, vkey: formatVkey(vkey), at: log.now().toISOString() };
}
