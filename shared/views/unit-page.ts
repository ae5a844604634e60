// Queries: a unit's page and its timeline. Both read a bounded number of items, whatever the unit's age: the page 1 document and
// at most 7 baselines in one query (and up to 100 hazards more only for a unit that has had more than 100 open at once).
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { definitionOf } from '../../events/catalogue.ts';
import { TRACKS, type Track } from '../../events/envelope.ts';
import { NotFound } from '../errors.ts';
import { documentOf } from './apply.ts';
import { present, type AsOf } from './as-of.ts';
import { checkLimit, readCursor, writeCursor } from './cursor.ts';
import { listHazards } from './hazard-lists.ts';
import { timelineView, type TimelineEntry } from './timeline.ts';
import { baselineSk, UNIT_SK, unitView, type BaselineDocument, type OpenHazard, type UnitDocument } from './unit.ts';
import { viewPartition, type ViewDeps } from './view.ts';

export interface UnitPage extends Omit<UnitDocument, 'details'> {
  details: NonNullable<UnitDocument['details']>;
  baselines: Partial<Record<Track, BaselineDocument>>;
  /** open hazards that are not written out here: ask the list of hazards for this unit and status open */
  openHazardsLeftOut: number;
  asOf: AsOf;
}

/** @throws NotFound `unknown-unit` */
export async function unitPage(deps: ViewDeps, unit: string): Promise<UnitPage> {
  const { generation, asOf } = await present(deps);
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.views,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: viewPartition(deps.tenant, generation, unitView.name, unit) } },
      ConsistentRead: true,
      Limit: 1 + TRACKS.length,
    }),
  );
  const items = new Map(Items.map((item) => [item['sk']!.S!, item]));
  const page = documentOf<UnitDocument>(items.get(UNIT_SK)).doc;
  if (!page?.details) {
    throw new NotFound('unknown-unit', `there is no unit ${unit}`, { field: 'unit', expected: 'the id of a unit' });
  }
  const baselines = TRACKS.flatMap((track) => {
    const baseline = documentOf<BaselineDocument>(items.get(baselineSk(track))).doc;
    return baseline ? [[track, baseline] as const] : [];
  });
  const openHazards = page.openHazards.length < page.counts.open ? await openOf(deps, unit) : page.openHazards;
  return {
    ...page,
    details: page.details,
    openHazards,
    openHazardsLeftOut: Math.max(0, page.counts.open - openHazards.length),
    baselines: Object.fromEntries(baselines),
    asOf,
  };
}

/** The first hundred by due date, from the list: the document stopped writing them out. */
async function openOf(deps: ViewDeps, unit: string): Promise<OpenHazard[]> {
  const { items } = await listHazards(deps, { unit, status: 'open', sort: 'due', limit: 100 });
  return items.map(({ hazard, clause, track, status, grade, due, organisation, openedAt }) => ({
    hazard,
    clause,
    track,
    status,
    grade,
    due,
    organisation,
    since: openedAt,
  }));
}

export interface TimelineRow extends TimelineEntry {
  /** the Chinese name of the event type */
  title: string;
}

export interface TimelinePage {
  items: TimelineRow[];
  cursor: string | undefined;
  asOf: AsOf;
}

/** What happened at a unit, newest first; reads at most `limit` items. A unit without events has an empty timeline. */
export async function unitTimeline(
  deps: ViewDeps,
  { unit, limit: wanted, cursor }: { unit: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<TimelinePage> {
  const limit = checkLimit(wanted);
  const query = { view: 'timeline', unit };
  const after = cursor === undefined ? undefined : readCursor(query, cursor);
  const { generation, asOf } = await present(deps);
  const { Items = [], LastEvaluatedKey } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.views,
      KeyConditionExpression: after === undefined ? 'pk = :pk' : 'pk = :pk AND sk < :after',
      ExpressionAttributeValues: {
        ':pk': { S: viewPartition(deps.tenant, generation, timelineView.name, unit) },
        ...(after === undefined ? {} : { ':after': { S: after } }),
      },
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: limit,
    }),
  );
  const last = Items.at(-1)?.['sk']?.S;
  return {
    items: Items.map((item) => {
      const entry = documentOf<TimelineEntry>(item).doc!;
      return Object.assign(entry, { title: definitionOf(entry.type).zh });
    }),
    cursor: LastEvaluatedKey && last ? writeCursor(query, last) : undefined,
    asOf,
  };
}
