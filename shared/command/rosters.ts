// The rosters (名册) of organisations: loading them, and the commands that change them.
import type { RosterEvent } from '../../events/roster.ts';
import { foldAll } from '../domain/decider.ts';
import { roster, type RosterState } from '../domain/roster.ts';
import type { StoreDeps } from '../store/store.ts';
import { readStream } from './execute.ts';

/** The rosters of these organisations, read fresh, one stream each; an organisation without one has an empty roster. */
export async function loadRosters(
  deps: StoreDeps,
  tenant: string,
  organisations: readonly string[],
): Promise<Record<string, RosterState>> {
  const named = [...new Set(organisations)];
  const loaded = await Promise.all(
    named.map(async (organisation) => {
      const stored = await readStream(deps, tenant, 'roster', organisation);
      return [
        organisation,
        foldAll(
          roster,
          stored.map(({ event }) => event as RosterEvent),
        ),
      ] as const;
    }),
  );
  return Object.fromEntries(loaded);
}
