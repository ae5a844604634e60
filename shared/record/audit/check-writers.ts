// Who wrote a commit, for the check: what it holds beside its events (who, when, which command, what led to it) must be what the events
// themselves say, as only the events' bytes are in the log; and a component must have signed for it whose key the campaign declared before.
import type { Envelope } from '../../../events/envelope.ts';
import { parsedEvent } from '../../../events/subjects.ts';
import { notAccepted, writersOf } from '../store/acceptance.ts';
import type { Commit } from '../store/commit.ts';
import { MalformedTlog } from '../tlog/errors.ts';
import type { NoteVerifier } from '../tlog/note.ts';

/** An event as it is stored, whatever it says of itself. */
type Said = Partial<Envelope> & { data?: { keys?: unknown } };

/** Where the keys of components are declared. */
export const campaignStream = (tenant: string): string => `${tenant}#campaign#campaign`;

/**
 * The keys that the events of a commit declare for whatever comes after it, those that one can verify with; undefined when they declare
 * none. Whoever may write to the table may write any text there.
 */
export function declaredIn(
  tenant: string,
  stream: string,
  events: readonly (Said | undefined)[],
): string[] | undefined {
  if (stream !== campaignStream(tenant)) return undefined;
  const keys = events.findLast((event) => event?.type === 'WriterKeysDeclared')?.data?.keys;
  const usable = Array.isArray(keys)
    ? keys.filter((key): key is string => typeof key === 'string' && isUsable(key))
    : [];
  return usable.length > 0 ? usable : undefined;
}

function isUsable(vkey: string): boolean {
  try {
    return writersOf([vkey]).length === 1;
  } catch (error) {
    if (error instanceof MalformedTlog) return false;
    throw error;
  }
}

/** Follows the declarations along the log. */
export class WriterCheck {
  /** verifier keys of the components that record, as declared before where the walk is */
  keys: readonly string[];
  readonly #tenant: string;
  #verifiers: readonly NoteVerifier[];

  constructor(tenant: string, keys: readonly string[] = []) {
    this.#tenant = tenant;
    this.keys = keys;
    this.#verifiers = writersOf(keys);
  }

  /** What is wrong with the next commit of the log; `events`: each of its events, undefined where it is no event. */
  async differences(
    commit: Commit,
    events: readonly (Said | undefined)[],
  ): Promise<{ kind: 'mismatched' | 'unsigned'; message: string }[]> {
    const found: { kind: 'mismatched' | 'unsigned'; message: string }[] = besideDifferences(commit, events).map(
      (message) => ({ kind: 'mismatched', message }),
    );
    const declared = declaredIn(this.#tenant, commit.stream, events);
    // the first declaration is signed by a key that it declares
    if (this.keys.length === 0 && declared) this.#take(declared);
    if (this.keys.length === 0) return found;
    const why = await notAccepted(commit, this.#verifiers);
    if (why !== undefined) found.push({ kind: 'unsigned', message: why });
    else if (declared) this.#take(declared);
    return found;
  }

  #take(keys: readonly string[]): void {
    this.keys = keys;
    this.#verifiers = writersOf(keys);
  }
}

/** Each field beside the events that says something else than one of them, in words. */
function besideDifferences(commit: Commit, events: readonly (Said | undefined)[]): string[] {
  return events.flatMap((event, n) => {
    if (!event) return []; // its leaf hash tells that it was altered
    const pairs: [string, unknown, unknown][] = [
      ['stream', commit.stream, event.stream],
      ['version', commit.version + n, event.version],
      ['person', commit.person, event.actor?.person],
      ['recordedAt', commit.recordedAt, event.recordedAt],
      ['command', commit.command, event.command],
      ['cause', commit.cause, event.cause],
    ];
    return pairs.flatMap(([field, beside, said]) =>
      beside === said ? [] : [`${field} is ${String(beside)}, and event ${commit.version + n} says ${String(said)}`],
    );
  });
}

/** The events of a commit, each parsed once. */
export const parsedEvents = ({ events }: Pick<Commit, 'events'>): (Said | undefined)[] =>
  events.map((bytes) => parsedEvent(bytes) as Said | undefined);
