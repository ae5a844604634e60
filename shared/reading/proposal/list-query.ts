// The list of what was put forward, and waits for a second person or did.
import { present } from '../views/as-of.ts';
import { checkLimit, readCursor, writeCursor } from '../views/cursor.ts';
import { requireViews } from '../views/generation.ts';
import { readLists } from '../views/lists.ts';
import type { AnswerPage } from '../views/page.ts';
import { viewPartition, type ViewDeps } from '../views/view.ts';
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
  const identity = { view: 'proposals', ...asked };
  const after = cursor === undefined ? undefined : readCursor(identity, cursor);
  const size = checkLimit(limit);
  const { generation, asOf } = await present(deps);
  await requireViews(deps, generation, [proposalsView]);
  const [index, list] = query.open ? (['lists1', OPEN_PROPOSALS] as const) : (['lists2', ALL_PROPOSALS] as const);
  const page = await readLists<ProposalEntry>(deps, {
    index,
    partitions: [viewPartition(deps.tenant, generation, proposalsView.name, list)],
    descending: !query.open,
    after,
    limit: size,
    wanted: (doc) => (query.unit === undefined || doc.unit === query.unit) && wanted(doc),
  });
  return {
    items: page.docs,
    cursor: page.next === undefined ? undefined : writeCursor(identity, page.next),
    examined: page.examined,
    asOf,
  };
}
