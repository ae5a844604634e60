// Events put into the EVENTS table as the store would have them, without the command that makes them: for tests of what reads them.
import { encodeEvent, type DaochaEvent } from '../../events/catalogue.ts';
import { NO_COMMIT } from '../../shared/record/store/commit.ts';
import { appendCommits, loadStream, type StoreDeps } from '../../shared/record/store/store.ts';

/** One commit for each run of events of the same stream; versions follow what is there. */
export async function recordEvents(deps: StoreDeps, events: readonly DaochaEvent[]): Promise<void> {
  for (const event of events) {
    const last = (await loadStream(deps, event.stream)).at(-1);
    const version = last?.next ?? 1;
    const id = event.id.replace(/\d+$/, String(version));
    const written = await appendCommits(deps, [
      {
        stream: event.stream,
        version,
        events: [encodeEvent({ ...event, id, version })],
        command: `${event.command}-${version}`,
        request: 'r',
        person: event.actor.person,
        recordedAt: event.recordedAt,
        prev: last?.hash ?? NO_COMMIT,
      },
    ]);
    if (written.kind !== 'appended') throw new Error(`somebody else wrote to ${event.stream}`);
  }
}
