// View `deadlines` (期限): one entry for each due date that somebody answers for: a hazard's rectification, a report that
// is owed, a step of a duty. What is still awaited is on three lists, in order of due date:
//
//   lists1 what the clock has to do: by how far the reminders have come (stage) and whether the passing was noticed
//   (phase)
//   lists2  by organisation
//   lists3  by track
//
// The fold knows neither ladder nor calendar: it says how far the reminders have come, and a run that knows today's
// rules reads each list exactly as far as something is to be done (shared/rules/reminder/ladder.ts, `reach`). So new rules hold
// at once, and a missed run is made up for.
import * as z from 'zod';
import { idSchema, instantSchema, parseStreamKey, trackSchema, type Track } from '../../../events/envelope.ts';
import { HAZARD_STATUSES, type HazardEvent, type HazardStatus } from '../../../events/hazard.ts';
import { HAZARD_GRADES } from '../../../events/inspection.ts';
import {
  REPORT_STATUSES,
  reportEvents,
  reportKindSchema,
  type ReportEvent,
  type ReportStatus,
} from '../../../events/report.ts';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { DUTY_STATUSES, type DutyEvent } from '../../../events/duty.ts';
import { isDutyEvent } from '../duty/list.ts';
import { isSentBack } from '../../rules/waiting/waiting.ts';
import { isHazardEvent } from '../hazard/cell.ts';
import { periodSchema } from '../report/list.ts';
import { foldOne, unitOf, type DocumentView, type Folds, type Placed } from '../views/view.ts';

export const DEADLINE_KINDS = ['hazard', 'report', 'duty'] as const;
export type DeadlineKind = (typeof DEADLINE_KINDS)[number];
/** `waiting`: its passing has not been noticed; `missed`: it has; `escalated`: and the case is with the district for it */
export const PHASES = ['waiting', 'missed', 'escalated'] as const;
export type DeadlinePhase = (typeof PHASES)[number];

const moment = instantSchema.nullable();

/** One due date, and what has become of it. */
const dueDateSchema = z.strictObject({
  due: instantSchema,
  setAt: instantSchema.describe('when an order, an extension or the calendar of reports set it'),
  stage: z.int().nullable().describe('working days of the last rung that was issued for it; null before the first'),
  rung: z.string().nullable().describe('the last rung of the ladder that was issued for this date'),
  provisional: z
    .boolean()
    .describe("that rung's day was counted in a year without a statutory notice: by the week, Saturday and Sunday off"),
  reminder: z.string().nullable().describe('the event that issued it; ready to be acknowledged'),
  remindedAt: moment,
  acknowledgedAt: moment,
  phase: z.enum(PHASES),
  missedAt: moment.describe('when it was recorded that the date had passed'),
});
type DueDate = z.infer<typeof dueDateSchema>;

const deadlineEntrySchema = z.strictObject({
  kind: z.enum(DEADLINE_KINDS),
  id: idSchema.describe('of the hazard, report or duty'),
  name: z.string().nullable().describe('of the duty'),
  unit: idSchema.nullable(),
  area: idSchema.nullable().describe('village or residents’ committee of the unit when the hazard was found'),
  track: trackSchema.nullable(),
  organisation: idSchema.nullable().describe('responsible for it now'),
  clause: z.string().nullable(),
  grade: z.enum(HAZARD_GRADES).nullable(),
  report: reportKindSchema.nullable().describe('kind of the report'),
  period: periodSchema.nullable(),
  status: z.enum([...HAZARD_STATUSES, ...REPORT_STATUSES, ...DUTY_STATUSES]),
  awaited: z.boolean().describe('something is still awaited by the date'),
  submittedAt: moment.describe('when the last submission was recorded'),
  lapsed: z.boolean().describe('submitted in time and sent back only after the date: it needs another one'),
  ...dueDateSchema.shape,
  /** oldest first */
  earlier: z
    .array(dueDateSchema)
    .nullable()
    .describe('the dates before it, in this cycle of the hazard; null: come back since, and nothing ordered yet'),
  requested: moment.describe('until when an extension has been asked for; null: none is undecided'),
  escalated: z.boolean().describe('a case with the district because of a date of this cycle that was missed'),
});
export type DeadlineEntry = z.infer<typeof deadlineEntrySchema>;

export const deadlineRowSchema = deadlineEntrySchema
  .extend({ unitName: z.string().nullable(), overdue: z.boolean() })
  .meta({ id: 'DeadlineRow' });
export type DeadlineRow = z.infer<typeof deadlineRowSchema>;

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
  shape: 4,
  keys: (event) => {
    const about = subjectOf(event);
    return about === undefined ? [] : [{ key: deadlineKey(about.kind, about.id), sk: DEADLINE_SK }];
  },
  fold: (doc, placed) => {
    const { event } = placed;
    if (isHazardEvent(event)) return foldHazard(doc, placed);
    if (isReportEvent(event)) return foldReport(doc, event);
    if (isDutyEvent(event)) return foldDuty(doc, event);
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
  if (isDutyEvent(event)) return { kind: 'duty', id: parseStreamKey(event.stream).id };
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
    name: null,
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
      name: null,
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

/** A duty has one date at a time: that of the first step that is awaited. Nothing is awaited of one that is stopped. */
function foldDuty(doc: DeadlineEntry | undefined, event: DutyEvent): DeadlineEntry | undefined {
  const { data, recordedAt } = event;
  const next = doc && { ...doc, status: data.after, awaited: data.after === 'open' && doc.earlier !== null };
  if (event.type === 'DutyReminderIssued') return next && reminded(next, event);
  if (event.type === 'DutyMissed') return next && missed(next, event);
  if (!('next' in data)) return next;
  if (data.due === null) return next && { ...next, awaited: false, earlier: null };
  if (next && next.earlier !== null && next.due === data.due) return next;
  return {
    ...(next ?? ofDuty(event)),
    awaited: data.after === 'open',
    ...dateSet(undefined, data.due, recordedAt),
  };
}

function ofDuty(event: DutyEvent): Omit<DeadlineEntry, keyof DueDate | 'earlier' | 'lapsed'> {
  return {
    kind: 'duty',
    id: parseStreamKey(event.stream).id,
    name: event.data.name,
    unit: unitOf(event) ?? null,
    area: null,
    track: event.track ?? null,
    organisation: event.organisation ?? null,
    clause: null,
    grade: null,
    report: null,
    period: null,
    status: event.data.after,
    awaited: true,
    requested: null,
    escalated: false,
    submittedAt: null,
  };
}

function foldCase(doc: DeadlineEntry, event: CaseEvent): DeadlineEntry {
  if (event.type === 'EscalationVerified') return doc.escalated ? { ...doc, escalated: false } : doc;
  if (event.data.rule !== 'overdue') return doc;
  return { ...doc, escalated: true, phase: doc.phase === 'missed' ? 'escalated' : doc.phase };
}
