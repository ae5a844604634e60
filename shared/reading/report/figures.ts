// The figures of a report, computed from the track view as of one log position exactly: what they rest on are the
// events before it, no more and no less, so that an auditor can fold the log up to there and must arrive at the same.
import { QueryCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { TRACKS, type Track } from '../../../events/envelope.ts';
import { isOpen } from '../../../events/hazard.ts';
import type { ReportKind } from '../../../events/report.ts';
import { DaochaError } from '../../../events/errors.ts';
import { loadedOf, type Loaded } from '../views/apply.ts';
import { present } from '../views/as-of.ts';
import { countCells, organisationSk, TOTAL_SK, trackView, type TrackDocument } from '../track/page.ts';
import { viewPartition, type Placed, type ViewDeps } from '../views/view.ts';

export interface ReportFigures {
  /** the log before this position is in the figures */
  position: number;
  figures: Record<string, number>;
}

export interface FiguresFor {
  kind: ReportKind;
  track: Track | null;
  organisation: string;
}

const ATTEMPTS = 20;
const PAUSE_MS = 50;

/**
 * - monthly: of its track
 * - quarterly: of every track, each figure under `<track>.<figure>`
 * - year-end: what the organisation itself did and answers for in each track
 * @throws DaochaError `views-moving` (503) when the views kept moving
 */
export async function reportFigures(
  deps: ViewDeps,
  report: FiguresFor,
  sleep: (ms: number) => Promise<void>,
): Promise<ReportFigures> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const { generation, asOf } = await present(deps);
    const tracks = report.track === null ? TRACKS : [report.track];
    const documents = await Promise.all(tracks.map((track) => readTrack(deps, generation, track)));
    // A document that has something of after the position was written while we read: the figures would be of no one moment.
    const newest = Math.max(...documents.flatMap((track) => [...track.values()].map(({ position }) => position)), -1);
    if (newest < asOf.position) {
      const figures = tracks.map((track, nth) => [track, figuresOf(documents[nth]!, report)] as const);
      return { position: asOf.position, figures: merged(figures, report.track !== null) };
    }
    await sleep(PAUSE_MS);
  }
  throw new DaochaError('views-moving', 503, 'events come in so fast that the views do not stand still', {
    expected: 'send the same command again, with the same Idempotency-Key',
  });
}

function figuresOf(
  documents: Map<string, Loaded<TrackDocument>>,
  { kind, organisation }: FiguresFor,
): Record<string, number> {
  const sk = kind === 'year-end' ? organisationSk(organisation) : TOTAL_SK;
  const doc = documents.get(sk)?.doc;
  if (!doc) return kind === 'year-end' ? {} : ZEROES;
  return figuresIn(doc);
}

function figuresIn(doc: TrackDocument): Record<string, number> {
  return {
    inspections: doc.inspections,
    cleanInspections: doc.cleanInspections,
    missedInspections: doc.missedInspections,
    hazards: countCells(doc, () => true),
    open: countCells(doc, isOpen),
    major: countCells(doc, (_, grade) => grade === 'major'),
    majorOpen: countCells(doc, (status, grade) => grade === 'major' && isOpen(status)),
    signedOff: countCells(doc, (status) => status === 'signed-off'),
    signOffs: doc.signOffs,
    recurrences: doc.recurrences,
  };
}

const ZEROES = {
  inspections: 0,
  cleanInspections: 0,
  missedInspections: 0,
  hazards: 0,
  open: 0,
  major: 0,
  majorOpen: 0,
  signedOff: 0,
  signOffs: 0,
  recurrences: 0,
};

/**
 * What one event adds to a report's figures, by the same folds: added up over the log before a position they are the
 * figures of that position. Empty for an event that counts for nothing in it.
 */
export function countedIn({ kind, track, organisation }: FiguresFor, placed: Placed): Record<string, number> {
  const wanted = kind === 'year-end' ? organisationSk(organisation) : TOTAL_SK;
  const where = trackView.keys(placed.event).find(({ key, sk }) => sk === wanted && (track === null || key === track));
  const doc = where && trackView.fold(undefined, placed, where);
  if (!doc) return {};
  const counted = Object.entries(figuresIn(doc)).filter(([, value]) => value !== 0);
  return Object.fromEntries(counted.map(([name, value]) => [track === null ? `${where.key}.${name}` : name, value]));
}

function merged(tracks: (readonly [Track, Record<string, number>])[], single: boolean): Record<string, number> {
  return Object.fromEntries(
    tracks.flatMap(([track, figures]) =>
      Object.entries(figures).map(([name, value]) => [single ? name : `${track}.${name}`, value]),
    ),
  );
}

async function readTrack(
  deps: ViewDeps,
  generation: number,
  track: Track,
): Promise<Map<string, Loaded<TrackDocument>>> {
  const documents = new Map<string, Loaded<TrackDocument>>();
  let start: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.views,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: viewPartition(deps.tenant, generation, trackView.name, track) } },
        ConsistentRead: true,
        Limit: 300,
        ExclusiveStartKey: start,
      }),
    );
    for (const item of Items) documents.set(item['sk']!.S!, loadedOf<TrackDocument>(item));
    start = LastEvaluatedKey;
  } while (start);
  return documents;
}
