// View `hazards` (隐患清单): one entry a hazard, under its unit, standing on three lists: by track and by organisation, each
// split into open (by due date) and closed (by closing time), and by track in order of finding. The entry holds the cycle it is in
// (发现—整改—复查—销项); a recurrence starts the next one, earlier cycles are in the hazard's own history.
import { parseStreamKey, type Track } from '../../events/envelope.ts';
import { isOpen, type HazardEvent, type HazardStatus } from '../../events/hazard.ts';
import type { HazardGrade } from '../../events/inspection.ts';
import { isHazardEvent } from './moves.ts';
import { unitOf, type DocumentView, type Folds, foldOne, type Placed } from './view.ts';

export interface HazardEntry {
  hazard: string;
  unit: string;
  /** village or residents' committee of the unit when it was found */
  area: string | null;
  track: Track | null;
  clause: string;
  text: string | null;
  place: string | null;
  organisation: string | null;
  status: HazardStatus;
  grade: HazardGrade | null;
  foundAt: string;
  /** 1 for the first cycle; a recurrence starts the next */
  cycle: number;
  recurrences: number;
  /** start of this cycle: found, or came back */
  openedAt: string;
  orderedAt: string | null;
  /** end of the rectification period of this cycle; null: none ordered yet */
  due: string | null;
  submittedAt: string | null;
  verifiedAt: string | null;
  signedOffAt: string | null;
  /** whole calendar days from opening to sign-off */
  days: number | null;
  /** signed off, linked as duplicate or dismissed: when */
  closedAt: string | null;
  /** rejections (复查不通过) in this cycle */
  rejections: number;
  /** extensions (延期) approved in this cycle */
  extensions: number;
  /** last seen by an inspection */
  seenAt: string;
  /** found by a row of somebody else's register */
  derived: boolean;
  /** the events that say `text` and `place`, and what they said before they were corrected (更正) */
  said: { text: Said | null; place: Said | null };
}

/** Which event says something, and the correction of it. */
export interface Said {
  event: string;
  corrected: { from: unknown; event: string; at: string } | null;
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
export const NOBODY = '-';
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
      lists2: [organisationList(doc.organisation ?? NOBODY, classOf), order],
      ...(doc.track === null ? {} : { lists3: [foundList(doc.track), HAZARD_ORDERS.found(doc)] }),
    };
  },
};
