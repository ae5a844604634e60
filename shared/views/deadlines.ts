// View `deadlines` (期限): one entry for each due date that somebody answers for: a hazard's rectification, a report that is owed. What is still
// awaited stands on three lists, in order of due date:
//
//   lists1  what the clock has to do: by how far the reminders have come (stage) and whether the passing was noticed (phase)
//   lists2  by organisation
//   lists3  by track
//
// The fold knows neither ladder nor calendar: it says how far the reminders have come, and a run that knows today's rules reads each list
// exactly as far as something is to be done (shared/domain/ladder.ts, `reach`). So new rules hold at once, and a missed run is made up for.
import { parseStreamKey, type Track } from '../../events/envelope.ts';
import type { HazardEvent, HazardStatus } from '../../events/hazard.ts';
import type { HazardGrade } from '../../events/inspection.ts';
import { reportEvents, type ReportEvent, type ReportKind, type ReportStatus } from '../../events/report.ts';
import type { DaochaEvent } from '../../events/catalogue.ts';
import { isSentBack } from '../domain/waiting.ts';
import { isHazardEvent } from './moves.ts';
import { foldOne, unitOf, type DocumentView, type Folds, type Placed } from './view.ts';

export type DeadlineKind = 'hazard' | 'report';
/** `waiting`: its passing has not been noticed; `missed`: it has; `escalated`: and the case is with the district for it */
export const PHASES = ['waiting', 'missed', 'escalated'] as const;
export type DeadlinePhase = (typeof PHASES)[number];

/** One due date, and what has become of it. */
interface DueDate {
  due: string;
  /** when it was set: by an order, an extension, the calendar of reports */
  setAt: string;
  /** working days of the last rung issued for it; null before the first */
  stage: number | null;
  rung: string | null;
  /** that rung's day was counted in a year without a statutory notice */
  provisional: boolean;
  /** id of the event that issued it */
  reminder: string | null;
  remindedAt: string | null;
  acknowledgedAt: string | null;
  phase: DeadlinePhase;
  missedAt: string | null;
}

export interface DeadlineEntry extends DueDate {
  kind: DeadlineKind;
  /** hazard or report */
  id: string;
  unit: string | null;
  /** village or residents' committee of the unit when the hazard was found */
  area: string | null;
  track: Track | null;
  organisation: string | null;
  clause: string | null;
  grade: HazardGrade | null;
  /** of a report: its kind and period */
  report: ReportKind | null;
  period: string | null;
  status: string;
  /** something is still awaited by the date */
  awaited: boolean;
  /** when the last submission of this cycle was recorded */
  submittedAt: string | null;
  /** what was submitted by the date was sent back only after it: the date is not awaited any more */
  lapsed: boolean;
  /** the dates of this cycle before it, oldest first; null: the hazard has come back since, and nobody has ordered anything yet */
  earlier: DueDate[] | null;
  /** until when an extension has been asked for that nobody has decided yet */
  requested: string | null;
  /** a case with the district because of a date of this cycle that was missed */
  escalated: boolean;
}

export const DEADLINE_SK = 'deadline';
export const deadlineKey = (kind: DeadlineKind, id: string): string => `${kind}#${id}`;
/** The order key of an entry; it ends in what the deadline is of, so that no two are equal. */
export const deadlineOrder = ({ due, kind, id }: Pick<DeadlineEntry, 'due' | 'kind' | 'id'>): string =>
  `${due}#${kind}#${id}`;

/** The list of what the clock has to look at, by kind, stage and phase. */
export const clockList = (kind: DeadlineKind, stage: number | null, phase: DeadlinePhase): string =>
  `clock#${kind}#${stage ?? 'none'}#${phase}`;
export const organisationDeadlines = (organisation: string): string => `org#${organisation}`;
/** What belongs to no track is on a list of its own. */
export const trackDeadlines = (track: Track | null): string => `track#${track ?? '-'}`;

export const deadlinesView: DocumentView<DeadlineEntry> = {
  kind: 'documents',
  name: 'deadlines',
  shape: 3,
  keys: (event) => {
    const about = subjectOf(event);
    return about === undefined ? [] : [{ key: deadlineKey(about.kind, about.id), sk: DEADLINE_SK }];
  },
  fold: (doc, placed) => {
    const { event } = placed;
    if (isHazardEvent(event)) return foldHazard(doc, placed);
    if (isReportEvent(event)) return foldReport(doc, event);
    return doc && isAboutCase(event) ? foldCase(doc, event) : doc;
  },
  places: (doc) => {
    if (!doc.awaited) return {};
    const order = deadlineOrder(doc);
    return {
      lists1: [clockList(doc.kind, doc.stage, doc.phase), order],
      ...(doc.organisation === null ? {} : { lists2: [organisationDeadlines(doc.organisation), order] }),
      lists3: [trackDeadlines(doc.track), order],
    };
  },
};

/** Nothing is due before an order has been given: events up to it need no look at the entry. */
const BEFORE_ORDER: ReadonlySet<HazardStatus | null> = new Set([null, 'found', 'graded', 'assigned', 'returned']);
const AWAITED: ReadonlySet<HazardStatus> = new Set(['ordered', 'rejected']);
const OWED: ReadonlySet<ReportStatus> = new Set(['required', 'returned']);

function subjectOf(event: DaochaEvent): { kind: DeadlineKind; id: string } | undefined {
  if (isHazardEvent(event)) {
    const { before, after } = event.data;
    if (BEFORE_ORDER.has(before) && BEFORE_ORDER.has(after)) return undefined;
    return { kind: 'hazard', id: parseStreamKey(event.stream).id };
  }
  if (isReportEvent(event)) return { kind: 'report', id: parseStreamKey(event.stream).id };
  return isAboutCase(event) ? { kind: 'hazard', id: event.data.hazard } : undefined;
}

type CaseEvent = Extract<DaochaEvent, { type: 'EscalationProposed' | 'EscalationGroundAdded' | 'EscalationVerified' }>;
const isAboutCase = (event: DaochaEvent): event is CaseEvent =>
  event.type === 'EscalationProposed' || event.type === 'EscalationGroundAdded' || event.type === 'EscalationVerified';

const REPORT_TYPES: ReadonlySet<string> = new Set(reportEvents.map(({ type }) => type));
const isReportEvent = (event: DaochaEvent): event is ReportEvent => REPORT_TYPES.has(event.type);

/** What an event means for the date, when its status, grade and organisation have been taken over. */
const folds: Folds<DeadlineEntry> = {
  ExtensionRequested: (doc, { data }) => ({ ...doc, requested: data.requested }),
  ExtensionApproved: (doc, { data, recordedAt }) => ({
    ...doc,
    ...dateSet(doc, data.due, recordedAt),
    requested: null,
  }),
  ExtensionRefused: (doc) => ({ ...doc, requested: null }),
  RectificationSubmitted: (doc, { recordedAt }) => ({ ...doc, submittedAt: recordedAt }),
  VerificationRejected: (doc, { data, recordedAt }) =>
    data.due === undefined ? doc : { ...doc, ...dateSet(doc, data.due, recordedAt) },
  ReminderIssued: reminded,
  ReminderAcknowledged: (doc, { data, recordedAt }) =>
    data.reminder === doc.reminder ? { ...doc, acknowledgedAt: recordedAt } : doc,
  DeadlineMissed: missed,
  HazardFound: cycleOver,
  RecurrenceFound: cycleOver,
};

function foldHazard(doc: DeadlineEntry | undefined, placed: Placed): DeadlineEntry | undefined {
  const event = placed.event as HazardEvent;
  if (event.type === 'RectificationOrdered') return ordered(doc, event);
  if (!doc) return undefined;
  const { after: status, grade } = event.data;
  const organisation = event.organisation ?? doc.organisation;
  const { recordedAt } = event;
  const kept = doc.submittedAt !== null && doc.submittedAt <= doc.due && recordedAt > doc.due;
  const lapsed = doc.lapsed || (isSentBack(event) && kept);
  const next = foldOne(folds, { ...doc, status, grade, organisation, lapsed }, placed);
  return { ...next, awaited: next.earlier !== null && AWAITED.has(status) && !next.lapsed };
}

/** It has come back: the next cycle has no date yet. */
function cycleOver(doc: DeadlineEntry): DeadlineEntry {
  return { ...doc, earlier: null, requested: null, escalated: false, submittedAt: null, lapsed: false };
}

function ordered(
  doc: DeadlineEntry | undefined,
  event: Extract<HazardEvent, { type: 'RectificationOrdered' }>,
): DeadlineEntry {
  const { clause, grade, due, area, after } = event.data;
  return {
    kind: 'hazard',
    id: parseStreamKey(event.stream).id,
    unit: unitOf(event) ?? null,
    area: area ?? doc?.area ?? null,
    track: event.track ?? null,
    organisation: event.organisation ?? null,
    clause,
    grade,
    report: null,
    period: null,
    status: after,
    awaited: true,
    requested: doc?.requested ?? null,
    escalated: doc?.escalated ?? false,
    submittedAt: doc?.submittedAt ?? null,
    ...dateSet(doc, due, event.recordedAt),
  };
}

/** A due date comes into force. Set again, it goes on where it was: what was sent for it in this cycle is not sent once more. */
function dateSet(
  doc: DeadlineEntry | undefined,
  due: string,
  setAt: string,
): DueDate & Pick<DeadlineEntry, 'earlier' | 'lapsed'> {
  const before = doc?.earlier ? [...doc.earlier, dateOf(doc)] : [];
  const known = before.find((date) => date.due === due);
  const fresh = {
    stage: null,
    rung: null,
    provisional: false,
    reminder: null,
    remindedAt: null,
    acknowledgedAt: null,
    missedAt: null,
  };
  return {
    ...(known ?? { due, setAt, ...fresh, phase: 'waiting' }),
    earlier: before.filter((date) => date.due !== due),
    lapsed: false,
  };
}

function dateOf({
  due,
  setAt,
  stage,
  rung,
  provisional,
  reminder,
  remindedAt,
  acknowledgedAt,
  phase,
  missedAt,
}: DeadlineEntry): DueDate {
  return { due, setAt, stage, rung, provisional, reminder, remindedAt, acknowledgedAt, phase, missedAt };
}

function reminded(
  doc: DeadlineEntry,
  {
    id,
    data,
    recordedAt,
  }: {
    id: string;
    data: { due: string; rung: string; workingDays: number; provisional?: true | undefined; awaits?: unknown };
    recordedAt: string;
  },
): DeadlineEntry {
  if (data.awaits || data.due !== doc.due) return doc;
  const { rung, workingDays: stage, provisional = false } = data;
  return { ...doc, stage, rung, provisional, reminder: id, remindedAt: recordedAt, acknowledgedAt: null };
}

/** A case that is with the district already for an earlier date is not brought up again for this one. */
function missed(
  doc: DeadlineEntry,
  { data, recordedAt }: { data: { due: string }; recordedAt: string },
): DeadlineEntry {
  if (data.due !== doc.due) return doc;
  return { ...doc, phase: doc.escalated ? 'escalated' : 'missed', missedAt: recordedAt };
}

function foldReport(doc: DeadlineEntry | undefined, event: ReportEvent): DeadlineEntry | undefined {
  const { after: status } = event.data;
  if (event.type === 'ReportRequired') {
    const { kind, period, track, organisation, due } = event.data;
    return {
      kind: 'report',
      id: parseStreamKey(event.stream).id,
      unit: null,
      area: null,
      track: track ?? null,
      organisation,
      clause: null,
      grade: null,
      report: kind,
      period,
      status,
      awaited: true,
      requested: null,
      escalated: false,
      submittedAt: null,
      ...dateSet(undefined, due, event.recordedAt),
    };
  }
  if (!doc) return undefined;
  const next = { ...doc, status, awaited: OWED.has(status) };
  if (event.type === 'ReportReminderIssued') return reminded(next, event);
  if (event.type === 'ReportReturned' && event.data.due !== undefined) {
    return { ...next, ...dateSet(next, event.data.due, event.recordedAt) };
  }
  return event.type === 'ReportMissed' ? missed(next, event) : next;
}

function foldCase(doc: DeadlineEntry, event: CaseEvent): DeadlineEntry {
  if (event.type === 'EscalationVerified') return doc.escalated ? { ...doc, escalated: false } : doc;
  if (event.data.rule !== 'overdue') return doc;
  return { ...doc, escalated: true, phase: doc.phase === 'missed' ? 'escalated' : doc.phase };
}
