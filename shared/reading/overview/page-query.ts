// Query: what the campaign's front page shows beside the tracks' figures. Reads a bounded number of items whatever the age of the log: the
// last months and the open hazards' days in one query, and of each track's open list those that are overdue, two hundred at most.
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { TRACKS, type Track } from '../../../events/envelope.ts';
import { WAITING_STATUSES } from '../../../events/hazard.ts';
import { InvalidInput, NotFound } from '../../../events/errors.ts';
import { loadedOf } from '../views/apply.ts';
import { present } from '../views/as-of.ts';
import { isServed } from '../views/generation.ts';
import { hazardsView, trackList, type HazardEntry } from '../hazard/list.ts';
import {
  MONTH_PREFIX,
  openSk,
  OVERVIEW_KEY,
  overviewView,
  type MonthDocument,
  type OpenDocument,
  type Overview,
} from './page.ts';
import { viewPartition, type ViewDeps } from '../views/view.ts';

/** Overdue hazards that are counted in one track, at most. */
const COUNTED = 200;
const MONTHS = 12;

/**
 * @param dueBefore the first instant of today, town time: what was due before it is overdue
 * @throws InvalidInput `months`, NotFound `no-view` when the live generation is older than this view
 */
export async function overview(deps: ViewDeps, dueBefore: string, wanted = MONTHS): Promise<Overview> {
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 36) {
    throw new InvalidInput(`months: ${wanted}`, { field: 'months', expected: 'a whole number from 1 to 36' });
  }
  const { generation, asOf } = await present(deps);
  if (!(await isServed(deps, generation, overviewView))) {
    throw new NotFound('no-view', 'the views were built before there was an overview', {
      expected: 'a rebuild of the views: npm run -s daocha -- rebuild',
    });
  }
  const [{ months, open }, overdue] = await Promise.all([
    lately(deps, generation, wanted),
    Promise.all(TRACKS.map(async (track) => [track, await overdueOf(deps, generation, track, dueBefore)] as const)),
  ]);
  return { months, open, overdue: Object.fromEntries(overdue) as Overview['overdue'], asOf };
}

async function lately(deps: ViewDeps, generation: number, wanted: number): Promise<Pick<Overview, 'months' | 'open'>> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.views,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: {
        ':pk': { S: viewPartition(deps.tenant, generation, overviewView.name, OVERVIEW_KEY) },
      },
      // `open#…` comes before the months, and the last month before the others
      ScanIndexForward: false,
      Limit: TRACKS.length * (wanted + 1),
    }),
  );
  const byMonth = new Map<string, Partial<Record<Track, MonthDocument>>>();
  const open: Overview['open'] = {};
  for (const item of Items) {
    const sk = item['sk']!.S!;
    const { doc } = loadedOf<MonthDocument | OpenDocument>(item);
    if (sk.startsWith(MONTH_PREFIX)) {
      const [, month = '', track] = sk.split('#');
      byMonth.set(month, { ...byMonth.get(month), [track as Track]: doc as MonthDocument });
    } else {
      const track = TRACKS.find((one) => openSk(one) === sk);
      if (track) open[track] = doc as OpenDocument;
    }
  }
  return { months: withoutGaps(byMonth, wanted), open };
}

function withoutGaps(byMonth: ReadonlyMap<string, Partial<Record<Track, MonthDocument>>>, wanted: number) {
  const known = [...byMonth.keys()].toSorted();
  const last = known.at(-1);
  if (last === undefined) return [];
  const months: Overview['months'] = [];
  for (let month = last; months.length < wanted && month >= known[0]!; month = monthBefore(month)) {
    months.unshift({ month, tracks: byMonth.get(month) ?? {} });
  }
  return months;
}

/** `2025-01` → `2024-12` */
function monthBefore(month: string): string {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year!, number! - 2, 1)).toISOString().slice(0, 7);
}

/** Counts the overdue of one track: they come first in its open list, which is in order of due dates. */
async function overdueOf(
  deps: ViewDeps,
  generation: number,
  track: Track,
  dueBefore: string,
): Promise<{ count: number; more: boolean }> {
  const { Items = [], LastEvaluatedKey } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.views,
      IndexName: 'lists1',
      KeyConditionExpression: '#l = :l AND #o < :before',
      ExpressionAttributeNames: { '#l': 'l1', '#o': 'o1' },
      ExpressionAttributeValues: {
        ':l': { S: viewPartition(deps.tenant, generation, hazardsView.name, trackList(track, 'open')) },
        ':before': { S: dueBefore },
      },
      Limit: COUNTED,
    }),
  );
  const waiting = Items.filter((item) => {
    const { status } = JSON.parse(item['doc']!.S!) as HazardEntry;
    return WAITING_STATUSES.includes(status);
  });
  return { count: waiting.length, more: LastEvaluatedKey !== undefined };
}
