// The entries of the view `deadlines`, kept in memory in the order in which a run of the clock reads them: by due date,
// those that are awaited.
import { clockList, type DeadlineEntry } from '../../reading/deadline/list.ts';
import { AWAITS } from '../../../events/reminder.ts';
import type { DueQuery, WaitDue } from '../../reading/deadline/due-query.ts';
import type { WaitEntry } from '../../reading/waiting/list.ts';

export interface Awaited {
  get: (key: string) => DeadlineEntry | undefined;
  put: (key: string, entry: DeadlineEntry | undefined) => void;
  /** what is awaited, by the UTC day on which it is due */
  byDay: ReadonlyMap<string, ReadonlyMap<string, DeadlineEntry>>;
}

export function newAwaited(): Awaited {
  const entries = new Map<string, DeadlineEntry>();
  const byDay = new Map<string, Map<string, DeadlineEntry>>();
  return {
    byDay,
    get: (key) => entries.get(key),
    put(key, entry) {
      const before = entries.get(key);
      if (before) {
        const day = byDay.get(dayOf(before.due));
        if (day?.delete(key) && day.size === 0) byDay.delete(dayOf(before.due));
      }
      if (!entry) return;
      entries.set(key, entry);
      if (!entry.awaited) return;
      const day = dayOf(entry.due);
      byDay.set(day, (byDay.get(day) ?? new Map<string, DeadlineEntry>()).set(key, entry));
    },
  };
}

const dayOf = (instant: string): string => instant.slice(0, 10);

/** What the queries of a run find, in order of due date. */
export function dueEntries({ byDay }: Awaited, queries: readonly DueQuery[]): DeadlineEntry[] {
  const lists = new Map(queries.map((query) => [clockList(query.kind, query.stage, query.phase), query]));
  const last = queries.reduce((latest, { until }) => (until > latest ? until : latest), '');
  return [...byDay]
    .filter(([day]) => day <= dayOf(last))
    .flatMap(([, day]) => [...day.values()])
    .filter((entry) => {
      const query = lists.get(clockList(entry.kind, entry.stage, entry.phase));
      return query !== undefined && entry.due <= query.until && entry.due >= (query.from ?? '');
    })
    .toSorted((a, b) => (a.due < b.due ? -1 : a.due > b.due ? 1 : a.id < b.id ? -1 : 1));
}

/** What the queries of a run find of what waits for an answer. */
export function waitingEntries(
  entries: Iterable<WaitEntry>,
  queries: readonly { stage: number | null; until: string }[],
): WaitDue[] {
  if (queries.length === 0) return [];
  return [...entries].flatMap(({ kind, id, waits }) =>
    AWAITS.flatMap((awaits): WaitDue[] => {
      const wait = waits[awaits];
      if (!wait || wait.since === null) return [];
      const { since, stage } = wait;
      const query = queries.find((one) => one.stage === stage);
      return query && since <= query.until ? [{ kind, id, awaits, since, stage }] : [];
    }),
  );
}
