// View `track` (专项统计): the figures of one track, and beside them in the same partition the same figures for each
// responsible organisation, a document each: an event rewrites two or three small documents, however many organisations there are.
// Counts move from cell to cell by what the event itself says, so recurrence, regrading and reassignment keep them right.
import * as z from 'zod';
import { idSchema, trackSchema } from '../../../events/envelope.ts';
import { HAZARD_STATUSES, isOpen, type HazardEvent, type HazardStatus } from '../../../events/hazard.ts';
import { HAZARD_GRADES } from '../../../events/inspection.ts';
import { addDays } from '../views/day-histogram.ts';
import { hazardMove, isHazardEvent, type HazardCell } from '../hazard/cell.ts';
import { asOfSchema } from '../views/page.ts';
import type { DocumentView } from '../views/view.ts';

export const GRADE_KEYS = ['ungraded', ...HAZARD_GRADES] as const;
export type GradeKey = (typeof GRADE_KEYS)[number];
const statusKey = z.enum(HAZARD_STATUSES);
const gradeKey = z.enum(GRADE_KEYS);
const whole = z.int();

const trackDocumentSchema = z.strictObject({
  /** of an organisation: those that it carried out */
  inspections: whole,
  cleanInspections: whole,
  missedInspections: whole,
  /** hazards now in each status and grade */
  cells: z.partialRecord(statusKey, z.partialRecord(gradeKey, whole)).describe('zeroes are left out'),
  signOffs: whole.describe('sign-offs ever given'),
  /** how many days each took from opening */
  days: z.record(z.string(), whole),
  recurrences: whole,
});
export type TrackDocument = z.infer<typeof trackDocumentSchema>;

const { cells: byStatusAndGrade, days: _days, ...counted } = trackDocumentSchema.shape;
const figures = {
  ...counted,
  hazards: whole.describe('found, each counted once however often it came back'),
  open: whole,
  signedOff: whole.describe('now in status signed-off'),
  byStatus: z.record(statusKey, whole),
  byGrade: z.record(gradeKey, whole),
  byStatusAndGrade,
  /** signed off ÷ (open + signed off); null without hazards */
  closureRate: z.number().nullable().describe('signed off of all, 0 to 1'),
  /** calendar days from opening to sign-off; exact up to 60, within 1.5 % beyond; null without sign-offs */
  medianDaysToSignOff: z.number().nullable(),
};
const figuresSchema = z.strictObject(figures);
export type TrackNumbers = z.infer<typeof figuresSchema>;

export const trackFiguresSchema = z.strictObject({ track: trackSchema, ...figures }).meta({ id: 'TrackFigures' });
export type TrackFigures = z.infer<typeof trackFiguresSchema>;

export const trackPageSchema = z
  .strictObject({
    ...trackFiguresSchema.shape,
    /** sorted by id */
    organisations: z
      .array(z.strictObject({ organisation: idSchema, ...figures }))
      .optional()
      .describe('the same figures by responsible organisation; left out for subscribers'),
    asOf: asOfSchema,
  })
  .meta({ id: 'TrackPage' });
export type TrackPage = z.infer<typeof trackPageSchema>;

export const TOTAL_SK = 'total';
const ORGANISATION_PREFIX = 'org#';
export const organisationSk = (organisation: string): string => `${ORGANISATION_PREFIX}${organisation}`;
/** The organisation whose figures a document holds; null for the track's own. */
export const organisationOfSk = (sk: string): string | null =>
  sk.startsWith(ORGANISATION_PREFIX) ? sk.slice(ORGANISATION_PREFIX.length) : null;

const BLANK: TrackDocument = {
  inspections: 0,
  cleanInspections: 0,
  missedInspections: 0,
  cells: {},
  signOffs: 0,
  days: {},
  recurrences: 0,
};

export const trackView: DocumentView<TrackDocument> = {
  kind: 'documents',
  name: 'track',
  shape: 1,
  keys: (event) => {
    const { track } = event;
    if (track === undefined) return [];
    if (!isHazardEvent(event) && event.type !== 'InspectionRecorded' && event.type !== 'InspectionMissed') return [];
    // an inspection counts for the organisation that carried it out, unless its event names another
    const organisations = new Set([event.organisation ?? (isHazardEvent(event) ? null : event.actor.organisation)]);
    if (isHazardEvent(event)) organisations.add(hazardMove(event).from?.organisation ?? null);
    organisations.delete(null);
    return [TOTAL_SK, ...[...organisations].map((id) => organisationSk(id!))].map((sk) => ({ key: track, sk }));
  },
  fold: (doc, { event }, { sk }) => {
    const known = doc ?? BLANK;
    if (isHazardEvent(event)) return foldHazard(known, event, organisationOfSk(sk));
    if (event.type === 'InspectionRecorded') {
      return {
        ...known,
        inspections: known.inspections + 1,
        cleanInspections: known.cleanInspections + (event.data.clean ? 1 : 0),
      };
    }
    if (event.type === 'InspectionMissed') return { ...known, missedInspections: known.missedInspections + 1 };
    return doc;
  },
};

/** @param only count what is this organisation's; null counts everything */
function foldHazard(doc: TrackDocument, event: HazardEvent, only: string | null): TrackDocument {
  const isOurs = (cell: HazardCell): boolean => only === null || cell.organisation === only;
  const { from, to } = hazardMove(event);
  let { cells } = doc;
  if (from && isOurs(from)) cells = add(cells, from, -1);
  if (!isOurs(to)) return { ...doc, cells };
  cells = add(cells, to, 1);
  return {
    ...doc,
    cells,
    signOffs: doc.signOffs + (event.type === 'HazardSignedOff' ? 1 : 0),
    days: event.type === 'HazardSignedOff' ? addDays(doc.days, event.data.days) : doc.days,
    recurrences: doc.recurrences + (event.type === 'RecurrenceFound' ? 1 : 0),
  };
}

function add(cells: TrackDocument['cells'], { status, grade }: HazardCell, by: 1 | -1): TrackDocument['cells'] {
  const key: GradeKey = grade ?? 'ungraded';
  const { [status]: row = {}, ...otherRows } = cells;
  const { [key]: count = 0, ...otherGrades } = row;
  const nextRow = count + by === 0 ? otherGrades : { ...otherGrades, [key]: count + by };
  return Object.keys(nextRow).length === 0 ? otherRows : { ...otherRows, [status]: nextRow };
}

/** How many hazards are in the cells that `wanted` picks. */
export function countCells(doc: TrackDocument, wanted: (status: HazardStatus, grade: GradeKey) => boolean): number {
  let sum = 0;
  for (const [status, row] of Object.entries(doc.cells)) {
    for (const [grade, count] of Object.entries(row)) {
      if (wanted(status as HazardStatus, grade as GradeKey)) sum += count;
    }
  }
  return sum;
}

/**
 * Closure rate (销项率): signed-off of all hazards that count (duplicates and invalid ones do not), 0 to 1 in four decimals;
 * null when there are none.
 */
export function closureRate(doc: TrackDocument): number | null {
  const signedOff = countCells(doc, (status) => status === 'signed-off');
  const open = countCells(doc, isOpen);
  return signedOff + open === 0 ? null : Math.round((signedOff / (signedOff + open)) * 10_000) / 10_000;
}
