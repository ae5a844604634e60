// Queries: a unit's page and its timeline. Both read a bounded number of items, whatever the unit's age: the page 1 document and
// at most 7 baselines in one query (and up to 100 hazards more only for a unit that has had more than 100 open at once).
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { definitionOf } from '../../../events/catalogue.ts';
import { TRACKS } from '../../../events/envelope.ts';
import { NotFound } from '../../../events/errors.ts';
import { batchGet, type Item } from '../../record/log/batch.ts';
import { loadedOf, itemKey } from '../views/apply.ts';
import { present } from '../views/as-of.ts';
import type { CorrectedField } from '../../rules/corrections.ts';
import { correctionsView, type CorrectionsDocument } from './corrections.ts';
import { checkLimit, readCursor, writeCursor } from '../views/cursor.ts';
import { listHazards } from '../hazard/list-query.ts';
import { timelineView, type TimelineEntry, type TimelinePage } from './timeline.ts';
import {
  baselineSk,
  UNIT_SK,
  unitView,
  type BaselineDocument,
  type OpenHazard,
  type UnitDocument,
  type UnitPage,
} from './page.ts';
import { viewPartition, type ViewDeps } from '../views/view.ts';

/** @throws NotFound `unknown-unit` */
export async function readUnitPage(deps: ViewDeps, unit: string): Promise<UnitPage> {
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
  const page = loadedOf<UnitDocument>(items.get(UNIT_SK)).doc;
  if (!page?.details) {
    throw new NotFound('unknown-unit', `there is no unit ${unit}`, { field: 'unit', expected: 'the id of a unit' });
  }
  const baselines = TRACKS.flatMap((track) => {
    const baseline = loadedOf<BaselineDocument>(items.get(baselineSk(track))).doc;
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

/**
 * What happened at a unit, newest first, marked where it was corrected; reads at most `limit` entries, and twice as many
 * corrections. A unit without events has an empty timeline.
 */
export async function unitTimeline(
  deps: ViewDeps,
  { unit, limit: wanted, cursor }: { unit: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<TimelinePage & { cursor: string | undefined }> {
  const limit = checkLimit(wanted);
  const query = { view: 'timeline', unit };
  const after = cursor === undefined ? undefined : readCursor(query, cursor);
  const { generation, asOf } = await present(deps);
  const corrections = firstCorrections(deps, generation, unit, limit);
  corrections.catch(() => {}); // awaited below; the entries may fail first
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
  const entries = Items.map((item) => loadedOf<TimelineEntry>(item).doc!);
  const known = await corrections;
  const corrected = known.all ? known.found : await correctionsOf(deps, generation, unit, entries);
  return {
    items: entries.map((entry) => {
      const changes = corrected.get(entry.event);
      return { ...entry, title: definitionOf(entry.type).zh, ...(changes ? { corrected: changes } : {}) };
    }),
    cursor: LastEvaluatedKey && last ? writeCursor(query, last) : undefined,
    asOf,
  };
}

type Corrected = Map<string, CorrectedField[]>;
const partitionOf = (deps: ViewDeps, generation: number, unit: string): string =>
  viewPartition(deps.tenant, generation, correctionsView.name, unit);

/** Most units have few corrections: they are read beside the entries. */
async function firstCorrections(
  deps: ViewDeps,
  generation: number,
  unit: string,
  limit: number,
): Promise<{ found: Corrected; all: boolean }> {
  const { Items = [], LastEvaluatedKey } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.views,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: partitionOf(deps, generation, unit) } },
      ConsistentRead: true,
      Limit: limit,
    }),
  );
  return { found: byTarget(Items), all: LastEvaluatedKey === undefined };
}

/** Of a unit with more corrections than that: those of these entries. */
async function correctionsOf(
  deps: ViewDeps,
  generation: number,
  unit: string,
  entries: readonly TimelineEntry[],
): Promise<Corrected> {
  const pk = partitionOf(deps, generation, unit);
  const keys = entries.map(({ event }) => itemKey(pk, event));
  return byTarget(await batchGet(deps.dynamo, deps.views, keys, deps.backoff));
}

function byTarget(items: readonly Item[]): Corrected {
  return new Map(
    items.map((item) => {
      const { target, corrections } = loadedOf<CorrectionsDocument>(item).doc!;
      return [target, corrections];
    }),
  );
}
