// What the clock has to look at: the entries of one stage and phase up to an instant, in order of due date, page by page. Nothing that is
// due later is read.
import { QueryCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Awaits } from '../../../events/reminder.ts';
import { clockList, deadlinesView, type DeadlineEntry, type DeadlineKind, type DeadlinePhase } from './list.ts';
import { viewPartition, type ViewDeps } from '../views/view.ts';
import { waitList, waitsView, type WaitEntry } from '../waiting/list.ts';

export interface DueQuery {
  kind: DeadlineKind;
  stage: number | null;
  phase: DeadlinePhase;
  /** due at this instant or later; from the first on when absent */
  from?: string | undefined;
  /** due at this instant at the latest */
  until: string;
}

const PAGE = 100;
/** Comes after every order key that begins with the instant: `#` < `$`. */
const AFTER = '$';

/**
 * Pages of entries that are due. On AWS the index may lag the documents by a moment: what is not seen now is seen by the next run.
 * @param generation of the views
 */
export async function* readDue(
  deps: ViewDeps,
  generation: number,
  { kind, stage, phase, from, until }: DueQuery,
): AsyncGenerator<DeadlineEntry[], void, undefined> {
  const list = viewPartition(deps.tenant, generation, deadlinesView.name, clockList(kind, stage, phase));
  for await (const items of readUpTo(deps, list, until, from)) {
    yield items.map((item) => JSON.parse(item['doc']!.S!) as DeadlineEntry);
  }
}

/** Something that waits for an answer since an instant. */
export interface WaitDue {
  kind: DeadlineKind;
  id: string;
  awaits: Awaits;
  since: string;
  stage: number | null;
}

/**
 * Pages of what has waited since an instant or longer.
 * @param stage working days of the last rung that was issued for it
 */
export async function* readWaiting(
  deps: ViewDeps,
  generation: number,
  { stage, until }: { stage: number | null; until: string },
): AsyncGenerator<WaitDue[], void, undefined> {
  const list = viewPartition(deps.tenant, generation, waitsView.name, waitList(stage));
  for await (const items of readUpTo(deps, list, until)) {
    yield items.map((item) => {
      const [since, awaits] = item['o1']!.S!.split('#') as [string, Awaits];
      const { kind, id } = JSON.parse(item['doc']!.S!) as WaitEntry;
      return { kind, id, awaits, since, stage };
    });
  }
}

/** Pages of a list up to an instant, in order. */
async function* readUpTo(
  deps: ViewDeps,
  list: string,
  until: string,
  from?: string,
): AsyncGenerator<Record<string, AttributeValue>[], void, undefined> {
  let start: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.views,
        IndexName: 'lists1',
        KeyConditionExpression: '#l = :l AND #o BETWEEN :from AND :until',
        ExpressionAttributeNames: { '#l': 'l1', '#o': 'o1' },
        ExpressionAttributeValues: {
          ':l': { S: list },
          ':from': { S: from ?? '0' },
          ':until': { S: `${until}${AFTER}` },
        },
        Limit: PAGE,
        ExclusiveStartKey: start,
      }),
    );
    if (Items.length > 0) yield Items;
    start = LastEvaluatedKey;
  } while (start);
}
