// Copies every checkpoint to write-once storage, and whatever waits in the outbox. What is there is never read back: a name says
// what it holds, so putting it once more does no harm, and a run that dies or fails is made good by the next. Work is
// bounded: a run ends when it is told to, and goes on from there.
import type { LogDeps } from '../log/deps.ts';
import { checkpointsAfter } from '../seal/checkpoints.ts';
import { utf8 } from '../tlog/bytes.ts';
import { archived, sent, unsent, type Archive } from './outbox.ts';
import { failed, putStanding, type AttestorProgress } from './progress.ts';

export interface ArchiveRun {
  /** objects put there by this run */
  written: number;
  /** seconds that the oldest thing that is not there has waited; 0 when everything is there */
  waiting: number;
  /** why the run ended early */
  error?: unknown;
}

/** Objects between two savings. */
const BATCH = 50;
/**
 * A checkpoint may be written under its size a little after a larger one (a sealer that was overtaken, or died). Only what was
 * signed so long ago counts as complete: longer than any run of the sealer lasts.
 */
const SETTLED_MS = 15 * 60_000;

/** @throws what DynamoDB throws; what the storage throws is in the result */
export async function archiveCheckpoints(
  deps: LogDeps,
  archive: Archive,
  before: AttestorProgress | undefined,
  goOn: () => boolean = () => true,
): Promise<ArchiveRun> {
  const run: ArchiveRun = { written: 0, waiting: 0 };
  const put = async (name: string, body: Uint8Array): Promise<boolean> => {
    try {
      await archive.put(name, body);
    } catch (error) {
      run.error = error;
      return false;
    }
    run.written += 1;
    return true;
  };
  const standing = await copyCheckpoints(deps, put, before, goOn);
  if (run.error === undefined) await emptyOutbox(deps, put, goOn);
  run.waiting = await waitingSeconds(deps, standing);
  if (run.error === undefined) await putStanding(deps, 'archive', settled(standing));
  else await putStanding(deps, 'archive', failed(standing, deps.now(), problemOf(run.error)));
  return run;
}

type Put = (name: string, body: Uint8Array) => Promise<boolean>;

/** In order of size, from where everything is there; stops at the first that cannot be put. */
async function copyCheckpoints(
  deps: LogDeps,
  put: Put,
  before: AttestorProgress | undefined,
  goOn: () => boolean,
): Promise<AttestorProgress> {
  const from = before?.size ?? 0;
  const there = new Set(before?.also);
  const seen: { size: number; at: string }[] = [];
  let moved = before?.at;
  const standing = (): AttestorProgress => ({ ...before, ...complete(deps, from, seen, there), at: moved });
  for (;;) {
    const some = await checkpointsAfter(deps, seen.at(-1)?.size ?? from, BATCH);
    for (const { size, note, at } of some) {
      if (!there.has(size)) {
        const { name, body } = archived(size, 'checkpoint', utf8(note));
        if (!goOn() || !(await put(name, body))) return standing();
        there.add(size);
        moved = deps.now().toISOString();
      }
      seen.push({ size, at });
    }
    if (some.length < BATCH) return standing();
    await putStanding(deps, 'archive', standing());
  }
}

/** How far everything is there and was signed long enough ago; what is there beyond it is remembered by its size. */
function complete(
  deps: LogDeps,
  from: number,
  seen: readonly { size: number; at: string }[],
  there: ReadonlySet<number>,
): Pick<AttestorProgress, 'size' | 'also'> {
  const old = deps.now().getTime() - SETTLED_MS;
  const young = seen.findIndex(({ at }) => Date.parse(at) > old);
  const size = (young < 0 ? seen : seen.slice(0, young)).at(-1)?.size ?? from;
  return { size, also: [...there].filter((one) => one > size).toSorted((a, b) => a - b) };
}

async function emptyOutbox(deps: LogDeps, put: Put, goOn: () => boolean): Promise<void> {
  for (;;) {
    const some = await unsent(deps, BATCH);
    for (const { name, body } of some) {
      if (!goOn() || !(await put(name, body))) return;
      await sent(deps, name);
    }
    if (some.length < BATCH) return;
  }
}

/** Since when the oldest thing waits that is not there. */
async function waitingSeconds(deps: LogDeps, { size, also = [] }: AttestorProgress): Promise<number> {
  const done = new Set(also);
  const checkpoints = await checkpointsAfter(deps, size, also.length + 1);
  const moments = [checkpoints.find((one) => !done.has(one.size))?.at, (await unsent(deps, 1))[0]?.at];
  const oldest = Math.min(...moments.flatMap((at) => (at === undefined ? [] : [Date.parse(at)])));
  return Number.isFinite(oldest) ? Math.max(0, Math.round((deps.now().getTime() - oldest) / 1000)) : 0;
}

const settled = ({ size, at, also }: AttestorProgress): AttestorProgress => ({ size, at, also });

export const problemOf = (error: unknown): string => {
  const { type, name } = error as { type?: string; name?: string };
  return type ?? name ?? 'unknown';
};
