// When the events of a bundle say that they were recorded, against their order in the log and what others say of the checkpoint. The order is
// signed, and honest events come into the log minutes after they were recorded at most: one that names a time long before that of an
// event ahead of it was written into the past. None can be from after a witness or an authority saw the checkpoint that it stands under.
import { recordedAtOf, SKEW_MS, TOLERANCE_MS } from '../log/log-time.ts';
import { leafPath } from './layout.ts';
import type { LoggedEvent } from './ocel2.ts';
import { envelopeOf, type Verification } from './verification.ts';

export function verifyTimes(run: Verification, events: Iterable<LoggedEvent>, all: boolean): void {
  const seen = [
    ...(run.opened?.cosignatures ?? []).map(({ witness, time }) => ({ by: witness, at: time * 1000 })),
    ...(run.timeStamp ? [{ by: run.timeStamp.authority, at: run.timeStamp.time.getTime() }] : []),
  ].toSorted((a, b) => a.at - b.at)[0];
  let last = { at: Number.NEGATIVE_INFINITY, position: 0 };
  const streams = new Map<string, number>();
  for (const { position, bytes } of events) {
    const told = recordedAtOf(bytes);
    const at = Date.parse(told);
    if (Number.isNaN(at)) continue; // none of ours
    const backDated = (message: string): void => {
      const where = leafPath(position);
      run.problems.add({
        kind: 'back-dated',
        where,
        position,
        message: `recorded at ${told} by its own word, ${message}`,
      });
    };
    const iso = (ms: number): string => new Date(ms).toISOString();
    const stream = all ? undefined : envelopeOf(bytes)?.stream; // a whole log has its order, and too many streams to keep
    const before = stream === undefined ? undefined : streams.get(stream);
    if (at < last.at - TOLERANCE_MS)
      backDated(`it stands after position ${last.position}, recorded at ${iso(last.at)}`);
    else if (before !== undefined && at < before - SKEW_MS) backDated(`after an event of ${iso(before)} in its stream`);
    else if (seen && at > seen.at + TOLERANCE_MS)
      backDated(`it was there when ${seen.by} saw the log at ${iso(seen.at)}`);
    if (at > last.at) last = { at, position };
    if (stream !== undefined) streams.set(stream, Math.max(at, before ?? at));
  }
}
