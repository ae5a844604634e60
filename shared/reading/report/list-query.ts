// Queries over reports: which there are, and the list of them, filtered, in order of due date.
import { QueryCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { idSchema, TRACKS, type Track } from '../../../events/envelope.ts';
import { REPORT_KINDS, REPORT_STATUSES, type ReportKind, type ReportStatus } from '../../../events/report.ts';
import { InvalidInput } from '../../../events/errors.ts';
import { checkOneOf } from '../views/cursor.ts';
import { pageOfLists } from '../views/list-page.ts';
import { ALL_REPORTS, organisationReports, REPORT_SORTS, reportsView, trackReports, type ReportEntry } from './list.ts';
import type { AnswerPage } from '../views/page.ts';
import { viewPartition, type ListIndex, type ViewDeps } from '../views/view.ts';

export interface ReportQuery {
  kind?: ReportKind | undefined;
  /** 2025-05, 2025-Q2 or 2025 */
  period?: string | undefined;
  track?: Track | undefined;
  /** who owes it */
  organisation?: string | undefined;
  status?: ReportStatus | undefined;
  /** its day passed without it */
  missed?: boolean | undefined;
  /** default `-due` */
  sort?: (typeof REPORT_SORTS)[number] | undefined;
  /** 1 to 100, default 20 */
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** @throws InvalidInput naming the field that is wrong; ViewMissing */
export async function listReports(deps: ViewDeps, query: ReportQuery): Promise<AnswerPage<ReportEntry>> {
  checkOneOf('kind', query.kind, Object.keys(REPORT_KINDS) as ReportKind[]);
  checkOneOf('track', query.track, TRACKS);
  checkOneOf('status', query.status, REPORT_STATUSES);
  checkOneOf('sort', query.sort, REPORT_SORTS);
  if (query.organisation !== undefined && !idSchema.safeParse(query.organisation).success) {
    throw new InvalidInput('organisation: not an id', { field: 'organisation', expected: 'the id of an organisation' });
  }
  const { limit, cursor, ...asked } = query;
  const [index, list] = source(query);
  return pageOfLists(deps, reportsView, {
    index,
    lists: [list],
    identity: { ...asked, sort: query.sort ?? '-due' },
    limit,
    cursor,
    required: true,
    descending: query.sort !== 'due',
    wanted: (doc) =>
      (query.kind === undefined || doc.kind === query.kind) &&
      (query.period === undefined || doc.period === query.period) &&
      (query.track === undefined || doc.track === query.track) &&
      (query.organisation === undefined || doc.organisation === query.organisation) &&
      (query.status === undefined || doc.status === query.status) &&
      (query.missed === undefined || (doc.missedAt !== null) === query.missed),
  });
}

function source({ track, organisation }: ReportQuery): [ListIndex, string] {
  if (organisation !== undefined) return ['lists2', organisationReports(organisation)];
  return track === undefined ? ['lists1', ALL_REPORTS] : ['lists3', trackReports(track)];
}

/** Ids of all reports that the views know: some hundred a year. */
export async function knownReports(deps: ViewDeps, generation: number): Promise<Set<string>> {
  const list = viewPartition(deps.tenant, generation, reportsView.name, ALL_REPORTS);
  const known = new Set<string>();
  let start: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await deps.dynamo.send(
      new QueryCommand({
        TableName: deps.views,
        IndexName: 'lists1',
        KeyConditionExpression: '#l = :l',
        ExpressionAttributeNames: { '#l': 'l1' },
        ExpressionAttributeValues: { ':l': { S: list } },
        Limit: 300,
        ExclusiveStartKey: start,
      }),
    );
    for (const item of Items) known.add((JSON.parse(item['doc']!.S!) as ReportEntry).report);
    start = LastEvaluatedKey;
  } while (start);
  return known;
}
