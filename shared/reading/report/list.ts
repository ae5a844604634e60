// View `reports` (报表): one entry for each report that is or was owed, on three lists in order of due date:
// all, by organisation, by track. The entry holds the last edition's figures and the log position behind them; earlier
// editions are in the report's own history.
import * as z from 'zod';
import {
  dateSchema,
  idSchema,
  instantSchema,
  parseStreamKey,
  trackSchema,
  type Track,
} from '../../../events/envelope.ts';
import { REPORT_STATUSES, reportEvents, reportKindSchema, type ReportEvent } from '../../../events/report.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { foldOne, type DocumentView, type Folds } from '../views/view.ts';

export const REPORT_SORTS = ['due', '-due'] as const;
export const periodSchema = z.string().describe('a month (2025-05), a quarter (2025-Q2) or a year (2025)');
export const figuresSchema = z.record(z.string(), z.number()).describe('as submitted');

const moment = instantSchema.nullable();
export const reportEntrySchema = z
  .strictObject({
    report: idSchema,
    kind: reportKindSchema,
    period: periodSchema,
    track: trackSchema.nullable(),
    organisation: idSchema,
    to: idSchema,
    nominal: dateSchema.describe('the day that the plan names'),
    due: instantSchema,
    status: z.enum(REPORT_STATUSES),
    requiredAt: instantSchema,
    rung: z.string().nullable().describe('the last rung of the ladder that was issued'),
    remindedAt: moment,
    missedAt: moment,
    editions: z.int(),
    submittedAt: moment,
    late: z.boolean().nullable().describe('handed in after its due date; null before it is handed in'),
    /** of the last edition */
    position: z.int().nullable().describe('everything before this log position is in its figures'),
    figures: figuresSchema.nullable(),
    returnedReason: z.string().nullable(),
    acceptedAt: moment,
  })
  .meta({ id: 'ReportRow' });
export type ReportEntry = z.infer<typeof reportEntrySchema>;

const TYPES: ReadonlySet<string> = new Set(reportEvents.map(({ type }) => type));
const isReportEvent = (event: DaochaEvent): event is ReportEvent => TYPES.has(event.type);

const folds: Folds<ReportEntry> = {
  ReportReminderIssued: (doc, { data, recordedAt }) =>
    data.awaits ? doc : { ...doc, rung: data.rung, remindedAt: recordedAt },
  ReportMissed: (doc, { recordedAt }) => ({ ...doc, missedAt: recordedAt }),
  ReportSubmitted: (doc, { data, recordedAt }) => ({
    ...doc,
    editions: data.edition,
    submittedAt: recordedAt,
    // by the first edition: what is handed in again after a return was in time if the first one was
    late: doc.late ?? recordedAt > doc.due,
    position: data.position,
    figures: data.figures,
  }),
  ReportReturned: (doc, { data }) => ({
    ...doc,
    returnedReason: data.reason,
    ...(data.due === undefined ? {} : { due: data.due, rung: null, remindedAt: null, missedAt: null }),
  }),
  ReportAccepted: (doc, { recordedAt }) => ({ ...doc, acceptedAt: recordedAt }),
};

export const REPORT_SK = 'report';
export const ALL_REPORTS = 'all';
export const organisationReports = (organisation: string): string => `org#${organisation}`;
export const trackReports = (track: Track): string => `track#${track}`;
export const reportOrder = ({ due, report }: ReportEntry): string => `${due}#${report}`;

export const reportsView: DocumentView<ReportEntry> = {
  kind: 'documents',
  name: 'reports',
  shape: 1,
  keys: (event) => (isReportEvent(event) ? [{ key: parseStreamKey(event.stream).id, sk: REPORT_SK }] : []),
  fold: (doc, placed, { key }) => {
    const { event } = placed;
    if (!isReportEvent(event)) return doc;
    const known = event.type === 'ReportRequired' ? required(key, event) : doc;
    return known && { ...foldOne(folds, known, placed), status: event.data.after };
  },
  places: (doc) => ({
    lists1: [ALL_REPORTS, reportOrder(doc)],
    lists2: [organisationReports(doc.organisation), reportOrder(doc)],
    ...(doc.track === null ? {} : { lists3: [trackReports(doc.track), reportOrder(doc)] }),
  }),
};

function required(report: string, event: Extract<ReportEvent, { type: 'ReportRequired' }>): ReportEntry {
  const { kind, period, track, organisation, to, nominal, due, after } = event.data;
  return {
    report,
    kind,
    period,
    track: track ?? null,
    organisation,
    to,
    nominal,
    due,
    status: after,
    requiredAt: event.recordedAt,
    rung: null,
    remindedAt: null,
    missedAt: null,
    editions: 0,
    submittedAt: null,
    late: null,
    position: null,
    figures: null,
    returnedReason: null,
    acceptedAt: null,
  };
}
