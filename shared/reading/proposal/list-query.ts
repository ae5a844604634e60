// The list of what was put forward, and waits for a second person or did.
import { pageOfLists } from '../views/list-page.ts';
import type { AnswerPage } from '../views/page.ts';
import type { ViewDeps } from '../views/view.ts';
import { ALL_PROPOSALS, OPEN_PROPOSALS, proposalsView, type ProposalEntry } from './list.ts';

export interface ProposalQuery {
  /** only what is open, what expires first in front; all of them otherwise, the newest first */
  open?: boolean | undefined;
  unit?: string | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** Ids of those whose time was over at `now`, and that nobody has settled. */
export async function expiredProposals(deps: ViewDeps, now: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listProposals(deps, { open: true, limit: 100, cursor });
    const over = page.items.filter(({ until }) => until < now);
    found.push(...over.map(({ proposal }) => proposal));
    // what expires first is in front
    cursor = over.length === page.items.length ? page.cursor : undefined;
  } while (cursor !== undefined);
  return found;
}

/** @param wanted what the caller may see @throws InvalidInput naming the field that is wrong; ViewMissing */
export async function listProposals(
  deps: ViewDeps,
  query: ProposalQuery,
  wanted: (entry: ProposalEntry) => boolean = () => true,
): Promise<AnswerPage<ProposalEntry>> {
  const { limit, cursor, ...asked } = query;
  const [index, list] = query.open ? (['lists1', OPEN_PROPOSALS] as const) : (['lists2', ALL_PROPOSALS] as const);
  return pageOfLists(deps, proposalsView, {
    index,
    lists: [list],
    identity: asked,
    limit,
    cursor,
    required: true,
    descending: !query.open,
    wanted: (doc) => (query.unit === undefined || doc.unit === query.unit) && wanted(doc),
  });
}
