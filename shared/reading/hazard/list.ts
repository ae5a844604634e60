// View `hazards` (隐患清单): one entry a hazard, under its unit, on three lists: by track and by organisation, each
// split into open (by due date) and closed (by closing time), and by track in order of finding. The entry holds the cycle it is in
// (发现—整改—复查—销项); a recurrence starts the next one, earlier cycles are in the hazard's own history.
import * as z from 'zod';
import { idSchema, instantSchema, parseStreamKey, trackSchema, type Track } from '../../../events/envelope.ts';
import { HAZARD_STATUSES, isOpen, type HazardEvent } from '../../../events/hazard.ts';
import { HAZARD_GRADES } from '../../../events/inspection.ts';
import { isHazardEvent } from './cell.ts';
import { unitOf, type DocumentView, type Folds, foldOne, type Placed } from '../views/view.ts';

export const HAZARD_SORTS = ['due', '-due', 'found', '-found', 'signedOff', '-signedOff'] as const;

/** Which event says something, and the correction of it. */
const saidSchema = z.strictObject({
  event: z.string(),
  corrected: z
    .strictObject({ from: z.unknown(), event: z.string(), at: instantSchema })
    .nullable()
    .describe('what it said before it was corrected (更正)'),
});
export type Said = z.infer<typeof saidSchema>;

/** The cycle it is in. */
const cycle = {
  hazard: idSchema,
  unit: idSchema,
  /** null of old events that name none, as the organisation */
  track: trackSchema.nullable(),
  clause: z.string(),
  organisation: idSchema.nullable().describe('responsible for it now'),
  status: z.enum(HAZARD_STATUSES),
  grade: z.enum(HAZARD_GRADES).nullable(),
  foundAt: instantSchema,
  cycle: z.int().describe('1 for the first; a recurrence starts the next'),
  recurrences: z.int(),
  openedAt: instantSchema.describe('start of this cycle: found, or came back'),
  orderedAt: instantSchema.nullable(),
  due: instantSchema.nullable().describe('end of the rectification period of this cycle; null: none ordered yet'),
  submittedAt: instantSchema.nullable(),
  verifiedAt: instantSchema.nullable(),
  signedOffAt: instantSchema.nullable(),
  days: z.int().nullable().describe('whole calendar days from opening to sign-off'),
};
export const hazardEntrySchema = z.strictObject({
  ...cycle,
  area: idSchema.nullable().describe('village or residents’ committee of the unit when it was found'),
  text: z.string().nullable(),
  place: z.string().nullable(),
  /** signed off, linked as duplicate or dismissed */
  closedAt: instantSchema.nullable(),
  rejections: z.int().describe('in this cycle'),
  extensions: z.int().describe('approved in this cycle'),
  seenAt: instantSchema.describe('last seen by an inspection'),
  derived: z.boolean().describe("found by a row of somebody else's register"),
  said: z
    .strictObject({ text: saidSchema.nullable(), place: saidSchema.nullable() })
    .describe('the events that say `text` and `place`'),
});
export type HazardEntry = z.infer<typeof hazardEntrySchema>;

const unitName = z.string().nullable().describe('its present name; null: the views do not have it yet');
export const hazardRowSchema = hazardEntrySchema.extend({ unitName }).meta({ id: 'HazardRow' });
export type HazardRow = z.infer<typeof hazardRowSchema>;

/** One line of the closed-loop list (整治闭环清单): the present cycle from finding to sign-off. */
export const closedLoopRowSchema = z
  .strictObject({ ...cycle, closed: z.boolean().describe('signed off and not come back'), unitName })
  .meta({ id: 'ClosedLoopRow' });
export type ClosedLoopRow = z.infer<typeof closedLoopRowSchema>;
/** A hazard's line on it. */
export function closedLoop(doc: HazardEntry): Omit<ClosedLoopRow, 'unitName'> {
  const { area: _1, text: _2, place: _3, closedAt: _4, rejections: _5, extensions: _6, seenAt: _7, ...more } = doc;
  const { derived: _8, said: _9, ...steps } = more;
  return { ...steps, closed: doc.status === 'signed-off' };
}

const said = (event: { id: string }): Said => ({ event: event.id, corrected: null });

const folds: Folds<HazardEntry> = {
  HazardCorrected: (doc, event) => putRight(doc, event),
  HazardPersisted: (doc, { occurredAt }) => ({ ...doc, seenAt: later(doc.seenAt, occurredAt) }),
  RectificationOrdered: (doc, { data, occurredAt }) => ({ ...doc, orderedAt: occurredAt, due: data.due }),
  ExtensionApproved: (doc, { data }) => ({ ...doc, due: data.due, extensions: data.extensions }),
  RectificationSubmitted: (doc, { occurredAt }) => ({ ...doc, submittedAt: occurredAt }),
  VerificationPassed: (doc, { occurredAt }) => ({ ...doc, verifiedAt: occurredAt }),
  VerificationRejected: (doc, { data }) => ({ ...doc, rejections: doc.rejections + 1, due: data.due ?? doc.due }),
  HazardSignedOff: (doc, { data, occurredAt }) => ({ ...doc, signedOffAt: occurredAt, days: data.days }),
  RecurrenceFound: (doc, { id, data, occurredAt }) => ({
    ...doc,
    cycle: data.recurrence + 1,
    recurrences: data.recurrence,
    text: data.text ?? doc.text,
    said: data.text === undefined ? doc.said : { ...doc.said, text: said({ id }) },
    openedAt: occurredAt,
    seenAt: occurredAt,
    orderedAt: null,
    due: null,
    submittedAt: null,
    verifiedAt: null,
    signedOffAt: null,
    days: null,
    rejections: 0,
    extensions: 0,
  }),
};

/** The words of the entry as corrected; a correction of another event's words changes nothing here. */
function putRight(doc: HazardEntry, event: Extract<HazardEvent, { type: 'HazardCorrected' }>): HazardEntry {
  const next = { ...doc };
  for (const field of ['text', 'place'] as const) {
    const change = event.data.changes.find((one) => one.field === field);
    if (!change || next.said[field]?.event !== event.data.target) continue;
    const corrected = { from: change.from, event: event.id, at: event.recordedAt };
    next[field] = change.to as string | null;
    next.said = { ...next.said, [field]: { event: event.data.target, corrected } };
  }
  return next;
}

const later = (a: string, b: string): string => (a > b ? a : b);

/** @param known a hazard that was dismissed as invalid and is found again: still the same one */
function found(
  event: Extract<HazardEvent, { type: 'HazardFound' }>,
  unit: string,
  known: HazardEntry | undefined,
): HazardEntry {
  const { clause, text, place, area } = event.data;
  return {
    hazard: parseStreamKey(event.stream).id,
    unit,
    area: area ?? null,
    track: event.track ?? null,
    clause,
    text: text ?? null,
    place: place ?? null,
    organisation: null,
    status: 'found',
    grade: null,
    foundAt: known?.foundAt ?? event.occurredAt,
    cycle: known?.cycle ?? 1,
    recurrences: known?.recurrences ?? 0,
    openedAt: event.occurredAt,
    orderedAt: null,
    due: null,
    submittedAt: null,
    verifiedAt: null,
    signedOffAt: null,
    days: null,
    closedAt: null,
    rejections: 0,
    extensions: 0,
    seenAt: event.occurredAt,
    derived: event.derived !== undefined,
    said: { text: said(event), place: said(event) },
  };
}

function fold(doc: HazardEntry | undefined, placed: Placed, unit: string): HazardEntry | undefined {
  const { event } = placed;
  if (!isHazardEvent(event)) return doc;
  const known = event.type === 'HazardFound' ? found(event, unit, doc) : doc;
  if (!known) return undefined;
  const { before, after, grade } = event.data;
  const closes = !isOpen(after) && (before === null || isOpen(before));
  return {
    ...foldOne(folds, known, placed),
    status: after,
    grade,
    organisation: event.organisation ?? null,
    closedAt: isOpen(after) ? null : closes ? event.occurredAt : known.closedAt,
  };
}

/** Sorts last among dates: no due date has been ordered. */
const NO_DUE = '9999-12-31T23:59:59.999Z';

/** The order keys of an entry; each ends in the hazard's id, so that no two are equal. */
export const HAZARD_ORDERS = {
  due: (doc: HazardEntry): string => `${doc.due ?? NO_DUE}#${doc.hazard}`,
  found: (doc: HazardEntry): string => `${doc.foundAt}#${doc.hazard}`,
  signedOff: (doc: HazardEntry): string => `${doc.closedAt ?? ''}#${doc.hazard}`,
};
export type HazardOrder = keyof typeof HAZARD_ORDERS;
export type HazardClass = 'open' | 'closed';

/** No organisation answers for it yet. */
export const UNASSIGNED = '-';
export const trackList = (track: Track, classOf: HazardClass): string => `track#${track}#${classOf}`;
export const organisationList = (organisation: string, classOf: HazardClass): string =>
  `org#${organisation}#${classOf}`;
export const foundList = (track: Track): string => `found#${track}`;

export const hazardsView: DocumentView<HazardEntry> = {
  kind: 'documents',
  name: 'hazards',
  shape: 3,
  keys: (event) => {
    const unit = unitOf(event);
    return isHazardEvent(event) && unit !== undefined ? [{ key: unit, sk: parseStreamKey(event.stream).id }] : [];
  },
  fold: (doc, placed, { key }) => fold(doc, placed, key),
  places: (doc) => {
    const classOf: HazardClass = isOpen(doc.status) ? 'open' : 'closed';
    const order = HAZARD_ORDERS[classOf === 'open' ? 'due' : 'signedOff'](doc);
    return {
      ...(doc.track === null ? {} : { lists1: [trackList(doc.track, classOf), order] }),
      lists2: [organisationList(doc.organisation ?? UNASSIGNED, classOf), order],
      ...(doc.track === null ? {} : { lists3: [foundList(doc.track), HAZARD_ORDERS.found(doc)] }),
    };
  },
};
