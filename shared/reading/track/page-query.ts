// Query: a track's page. One query reads the track's figures and those of each responsible organisation.
import { QueryCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Track } from '../../../events/envelope.ts';
import { TRACKS } from '../../../events/envelope.ts';
import { HAZARD_STATUSES, isOpen, type HazardStatus } from '../../../events/hazard.ts';
import { batchGet } from '../../record/log/batch.ts';
import { loadedOf, itemKey } from '../views/apply.ts';
import { present } from '../views/as-of.ts';
import { checkOneOf } from '../views/cursor.ts';
import { medianDays } from '../views/day-histogram.ts';
import type { AsOf } from '../views/page.ts';
import {
  closureRate,
  countCells,
  GRADE_KEYS,
  organisationOfSk,
  TOTAL_SK,
  trackView,
  type TrackNumbers,
  type GradeKey,
  type TrackDocument,
  type TrackFigures,
  type TrackPage,
} from './page.ts';
import { viewPartition, type ViewDeps } from '../views/view.ts';

const NOTHING: TrackDocument = {
  inspections: 0,
  cleanInspections: 0,
  missedInspections: 0,
  cells: {},
  signOffs: 0,
  days: {},
  recurrences: 0,
};

/** Items a page of the query reads at most; a town has some fifty organisations. */
const PAGE = 300;

/** @throws InvalidInput naming `track` */
export async function readTrackPage(deps: ViewDeps, track: Track): Promise<Required<TrackPage>> {
  checkOneOf('track', track, TRACKS);
  const { generation, asOf } = await present(deps);
  const documents = new Map<string, TrackDocument>();
  let from: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.views,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: viewPartition(deps.tenant, generation, trackView.name, track) } },
        ConsistentRead: true,
        Limit: PAGE,
        ExclusiveStartKey: from,
      }),
    );
    for (const item of Items) documents.set(item['sk']!.S!, loadedOf<TrackDocument>(item).doc!);
    from = LastEvaluatedKey;
  } while (from);
  const organisations = [...documents].flatMap(([sk, document]) => {
    const organisation = organisationOfSk(sk);
    return organisation === null ? [] : [{ organisation, ...figures(document) }];
  });
  return { track, ...figures(documents.get(TOTAL_SK) ?? NOTHING), organisations, asOf };
}

/** The figures of every track, without those of organisations: one batch read of seven documents. */
export async function trackFigures(deps: ViewDeps): Promise<{ items: TrackFigures[]; asOf: AsOf }> {
  const { generation, asOf } = await present(deps);
  const partition = (track: Track): string => viewPartition(deps.tenant, generation, trackView.name, track);
  const keys = TRACKS.map((track) => itemKey(partition(track), TOTAL_SK));
  const found = await batchGet(deps.dynamo, deps.views, keys, deps.backoff);
  const documents = new Map(found.map((item) => [item['pk']!.S!, loadedOf<TrackDocument>(item).doc]));
  return {
    items: TRACKS.map((track) => ({ track, ...figures(documents.get(partition(track)) ?? NOTHING) })),
    asOf,
  };
}

function figures(doc: TrackDocument): TrackNumbers {
  const byStatus = Object.fromEntries(
    HAZARD_STATUSES.map((status) => [status, countCells(doc, (each) => each === status)]),
  ) as Record<HazardStatus, number>;
  const byGrade = Object.fromEntries(
    GRADE_KEYS.map((grade) => [grade, countCells(doc, (_, each) => each === grade)]),
  ) as Record<GradeKey, number>;
  return {
    inspections: doc.inspections,
    cleanInspections: doc.cleanInspections,
    missedInspections: doc.missedInspections,
    hazards: countCells(doc, () => true),
    open: countCells(doc, isOpen),
    signedOff: byStatus['signed-off'],
    signOffs: doc.signOffs,
    recurrences: doc.recurrences,
    byStatus,
    byGrade,
    byStatusAndGrade: doc.cells,
    closureRate: closureRate(doc),
    medianDaysToSignOff: medianDays(doc.days),
  };
}
