// What a commit holds beside its events (who, when, which command, what led to it) must be what the events themselves say: only the
// events' bytes are in the log. And which keys a commit declares for the components that record.
import type { Envelope } from '../../../events/envelope.ts';
import type { Commit } from '../store/commit.ts';

type Event = Partial<Envelope> & { data?: { keys?: readonly string[] } };

const envelopesOf = ({ events }: Pick<Commit, 'events'>): Event[] =>
  events.flatMap((bytes) => {
    try {
      return [JSON.parse(Buffer.from(bytes).toString('utf8')) as Event];
    } catch {
      return []; // its leaf hash tells that it was altered
    }
  });

/** Each field beside the events that says something else than one of them, in words. */
export function besideDifferences(commit: Commit): string[] {
  return envelopesOf(commit).flatMap((event, n) => {
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

/** Where the keys of components are declared. */
export const campaignStream = (tenant: string): string => `${tenant}#campaign#campaign`;

/** The keys that a commit declares for whatever comes after it; undefined when it declares none. */
export function declaredIn(tenant: string, commit: Commit): readonly string[] | undefined {
  if (commit.stream !== campaignStream(tenant)) return undefined;
  return envelopesOf(commit).findLast(({ type }) => type === 'WriterKeysDeclared')?.data?.keys;
}
