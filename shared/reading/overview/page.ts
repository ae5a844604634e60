// View `overview` (总览): what the campaign's front page needs beside the figures of the tracks, all in one partition, so that it is read at
// once: month by month what was inspected, found and closed in each track, and of the hazards that are open now, on which day they
// opened. Months and days are those of the town, by the time at which it happened. Small documents of bounded size: a day is in
// one only as long as a hazard of that day is open.
import * as z from 'zod';
import { dateSchema, trackSchema, type Track } from '../../../events/envelope.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { isHazardEvent, openChange } from '../hazard/cell.ts';
import { asOfSchema } from '../views/page.ts';
import type { DocumentKey, DocumentView } from '../views/view.ts';
import { townDay } from '../../town-time.ts';

/** One month of one track. */
const monthSchema = z.strictObject({
  inspections: z.int(),
  cleanInspections: z.int(),
  opened: z.int().describe('hazards found, come back, or open again otherwise'),
  /** of those, come back after a sign-off */
  recurrences: z.int(),
  closed: z.int().describe('signed off, merged, or dismissed'),
  signedOff: z.int(),
});
export type MonthDocument = z.infer<typeof monthSchema>;

/** The open hazards of one track: how many opened on each day (`2025-05-08`). */
const openSchema = z.record(dateSchema, z.int());
export type OpenDocument = z.infer<typeof openSchema>;

export const overviewSchema = z
  .strictObject({
    /** the last in which anything happened, oldest first, without gaps */
    months: z.array(z.strictObject({ month: z.string(), tracks: z.partialRecord(trackSchema, monthSchema) })),
    open: z
      .partialRecord(trackSchema, openSchema)
      .describe('open hazards by the day on which they were found or came back'),
    overdue: z
      .record(trackSchema, z.strictObject({ count: z.int(), more: z.boolean() }))
      .describe('due before today and waiting for the unit to deliver; `more`: at least so many'),
    asOf: asOfSchema,
  })
  .meta({ id: 'Overview' });
export type Overview = z.infer<typeof overviewSchema>;

export const OVERVIEW_KEY = 'town';
export const MONTH_PREFIX = 'month#';
export const monthSk = (month: string, track: Track): string => `${MONTH_PREFIX}${month}#${track}`;
export const openSk = (track: Track): string => `open#${track}`;

const NO_MONTH: MonthDocument = {
  inspections: 0,
  cleanInspections: 0,
  opened: 0,
  recurrences: 0,
  closed: 0,
  signedOff: 0,
};

export const overviewView: DocumentView<MonthDocument | OpenDocument> = {
  kind: 'documents',
  name: 'overview',
  shape: 1,
  keys: (event) => {
    const { track } = event;
    if (track === undefined) return [];
    const at = (sk: string): DocumentKey => ({ key: OVERVIEW_KEY, sk });
    const month = at(monthSk(townDay(event.occurredAt).slice(0, 7), track));
    if (event.type === 'InspectionRecorded') return [month];
    return isHazardEvent(event) && openChange(event) !== 0 ? [month, at(openSk(track))] : [];
  },
  fold: (doc, { event }, { sk }) => {
    if (!sk.startsWith(MONTH_PREFIX)) {
      return isHazardEvent(event) ? foldOpen(doc ?? {}, event) : doc;
    }
    const known = (doc ?? NO_MONTH) as MonthDocument;
    if (event.type === 'InspectionRecorded') {
      return {
        ...known,
        inspections: known.inspections + 1,
        cleanInspections: known.cleanInspections + (event.data.clean ? 1 : 0),
      };
    }
    if (!isHazardEvent(event)) return doc;
    const opens = openChange(event) > 0;
    return {
      ...known,
      opened: known.opened + (opens ? 1 : 0),
      recurrences: known.recurrences + (event.type === 'RecurrenceFound' ? 1 : 0),
      closed: known.closed + (opens ? 0 : 1),
      signedOff: known.signedOff + (event.type === 'HazardSignedOff' ? 1 : 0),
    };
  },
};

function foldOpen(doc: OpenDocument, event: HazardEvent): OpenDocument {
  const openedAt = openingOf(event);
  // closed by an event from before events said when it had opened: it is not known on which day to take it off
  if (openedAt === undefined) return doc;
  const day = townDay(openedAt);
  const { [day]: count = 0, ...others } = doc;
  const next = count + openChange(event);
  return next === 0 ? others : { ...doc, [day]: next };
}

/** When that which opens or closes with the event had opened. */
function openingOf(event: HazardEvent): string | undefined {
  return event.type === 'HazardSignedOff' ||
    event.type === 'HazardUnlinked' ||
    event.type === 'HazardLinkedAsDuplicate' ||
    event.type === 'HazardDismissed'
    ? event.data.openedAt
    : event.occurredAt;
}
