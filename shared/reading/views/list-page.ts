// One page of a view's lists, as every list is answered: from the cursor on, as far as the views have come, with the cursor of the next.
import { present } from './as-of.ts';
import { checkLimit, readCursor, writeCursor } from './cursor.ts';
import { requireViews } from './generation.ts';
import { readLists, type ListQuery } from './lists.ts';
import type { AnswerPage } from './page.ts';
import { viewPartition, type DocumentView, type ViewDeps } from './view.ts';

/** `after`: where the first page begins. */
export interface AskedPage<Doc> extends Omit<ListQuery<Doc>, 'partitions' | 'limit'> {
  /** names of the lists within the view, merged by their order */
  lists: readonly string[];
  /** everything that was asked, with what holds by default: a cursor goes on with the same question only */
  identity: object;
  limit: number | undefined;
  cursor: string | undefined;
  /** refuse while the live generation has no such view */
  required?: true;
}

/** @throws InvalidInput `cursor`, `limit`; ViewMissing where the view is required */
export async function pageOfLists<Doc extends object>(
  deps: ViewDeps,
  view: DocumentView<Doc>,
  { lists, identity: asked, limit, cursor, required, after, ...query }: AskedPage<Doc>,
): Promise<AnswerPage<Doc>> {
  const identity = { view: view.name, ...asked };
  const begin = cursor === undefined ? after : readCursor(identity, cursor);
  const size = checkLimit(limit);
  const { generation, asOf } = await present(deps);
  if (required) await requireViews(deps, generation, [view]);
  const page = await readLists<Doc>(deps, {
    ...query,
    partitions: lists.map((list) => viewPartition(deps.tenant, generation, view.name, list)),
    after: begin,
    limit: size,
  });
  return {
    items: page.docs,
    cursor: page.next === undefined ? undefined : writeCursor(identity, page.next),
    examined: page.examined,
    asOf,
  };
}
