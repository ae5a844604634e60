// Everything that may happen to a report that an organisation owes (应报报表): required by the calendar, reminded, missed,
// submitted with figures as of a log position, returned, accepted.
//
//   required → submitted ⇄ returned
//                  └→ accepted
import * as z from 'zod';
import { REPORT_STATUSES, reportKindSchema, type ReportEvent, type ReportStatus } from '../../../events/report.ts';
import { dateSchema, idSchema, instantSchema, trackSchema } from '../../../events/envelope.ts';
import { NotFound, RuleViolated } from '../../../events/errors.ts';
import { samePerson } from '../../person.ts';
import { requireAhead } from '../claimed-time.ts';
import { NOTHING, type Before, type Drafts, type Fold } from '../decider.ts';
import type { RuleSet } from '../../../events/campaign.ts';
import { dueAgain, type ProposedDue, type Reminding } from '../reminder/ladder.ts';
import type { Obligation } from './obligations.ts';
import type { AnswerReminding } from '../reminder/reminder.ts';
import { acceptanceAfter, waitSchema } from '../waiting/waiting.ts';

/** A report that is or was owed. */
export const reportSchema = z.strictObject({
  status: z.enum(REPORT_STATUSES),
  kind: reportKindSchema,
  period: z.string().describe('a month (2025-05), a quarter (2025-Q2) or a year (2025)'),
  track: trackSchema.nullable(),
  organisation: idSchema,
  to: idSchema,
  due: instantSchema,
  setAt: instantSchema.describe('when it was required'),
  nominal: dateSchema.nullable().describe('the day that the plan names'),
  stage: z.int().nullable().describe('working days of the last rung that was issued'),
  missed: z.boolean(),
  editions: z.int(),
  submitted: z
    .strictObject({
      by: z.string(),
      at: instantSchema,
      position: z.int(),
      figures: z.record(z.string(), z.number()).describe('as submitted'),
    })
    .nullable()
    .describe('the last edition'),
  handedInAt: instantSchema.nullable().describe('when the last edition was recorded'),
  returned: z.string().nullable().describe('why it was last returned'),
  acceptance: waitSchema.nullable().describe('handed in, it waits to be accepted or returned'),
});
export type KnownReport = z.infer<typeof reportSchema>;
export type ReportState = Before<KnownReport, 'status' | 'kind' | 'period' | 'organisation' | 'to' | 'due' | 'setAt'>;

export const report: Fold<ReportState, ReportEvent> = {
  category: 'report',
  initial: {
    status: null,
    kind: null,
    period: null,
    track: null,
    organisation: null,
    to: null,
    due: null,
    setAt: null,
    nominal: null,
    stage: null,
    missed: false,
    editions: 0,
    submitted: null,
    handedInAt: null,
    returned: null,
    acceptance: null,
  },
  evolve(state, event) {
    const acceptance = acceptanceAfter(state.acceptance ?? undefined, event) ?? null;
    const next = { ...state, status: event.data.after, acceptance };
    switch (event.type) {
      case 'ReportRequired': {
        const { kind, period, track, organisation, to, due, nominal } = event.data;
        return { ...next, kind, period, track: track ?? null, organisation, to, due, nominal, setAt: event.recordedAt };
      }
      case 'ReportReminderIssued':
        return event.data.awaits ? next : { ...next, stage: event.data.workingDays };
      case 'ReportMissed':
        return { ...next, missed: true };
      case 'ReportSubmitted': {
        const { edition, by, position, figures } = event.data;
        return {
          ...next,
          editions: edition,
          submitted: { by, at: event.occurredAt, position, figures },
          handedInAt: event.recordedAt,
        };
      }
      case 'ReportReturned':
        return { ...next, returned: event.data.reason, ...dateSet(event.data.due, event.recordedAt) };
      case 'ReportAccepted':
        return next;
    }
  },
};

/** A new date: its reminders begin again, and it has not been missed. */
const dateSet = (due: string | undefined, setAt: string): Partial<ReportState> =>
  due === undefined ? {} : { due, setAt, stage: null, missed: false };

/** @throws NotFound `unknown-report` */
export function requireReport(state: ReportState, id: string): KnownReport {
  if (state.status) return state as KnownReport;
  throw new NotFound('unknown-report', `there is no report ${id}`, {
    field: 'report',
    expected: 'the id of a report that is owed; GET /v1/reports lists them',
  });
}

/** Whether the organisation still has to hand it in. */
export const isOwed = ({ status }: Pick<ReportState, 'status'>): boolean =>
  status === 'required' || status === 'returned';

function life(known: KnownReport, after: ReportStatus = known.status) {
  const { kind, period, track, status } = known;
  return { kind, period, ...(track ? { track } : {}), before: status, after };
}
const about = ({ track, organisation }: KnownReport) => ({ ...(track ? { track } : {}), organisation });

/** The calendar asks for it; nothing when it has. */
export function requireFrom(state: ReportState, owed: Obligation): Drafts {
  if (state.status) return NOTHING;
  const { id: _id, track, ...rest } = owed;
  return [
    {
      type: 'ReportRequired',
      ...(track ? { track } : {}),
      organisation: owed.organisation,
      data: { ...rest, ...(track ? { track } : {}), before: null, after: 'required' },
    },
  ];
}

/** Issues a rung; nothing when it or a later one was issued, or nothing is owed any more. */
export function remindOf(state: ReportState, id: string, command: Reminding): Drafts {
  const known = requireReport(state, id);
  if (!isOwed(known) || known.due !== command.due) return NOTHING;
  if (known.stage !== null && known.stage >= command.workingDays) return NOTHING;
  return [{ type: 'ReportReminderIssued', ...about(known), data: { ...life(known), ...command } }];
}

/** Reminds those who may judge it; nothing when that rung, or a later one, was issued, or it waits no more. */
export function remindToJudge(state: ReportState, id: string, command: AnswerReminding): Drafts {
  const known = requireReport(state, id);
  const { acceptance } = known;
  if (!acceptance || acceptance.since !== command.since || (acceptance.stage ?? 0) >= command.workingDays)
    return NOTHING;
  return [{ type: 'ReportReminderIssued', ...about(known), data: { ...life(known), ...command } }];
}

/** Records that the day has passed without it; nothing when that is recorded, or the day has not passed. */
export function missReport(state: ReportState, id: string, now: string): Drafts {
  const known = requireReport(state, id);
  if (!isOwed(known) || known.missed || now <= known.due) return NOTHING;
  return [{ type: 'ReportMissed', ...about(known), data: { ...life(known), due: known.due } }];
}

export interface Submission {
  /** the log before this position is in the figures */
  position: number;
  figures: Record<string, number>;
  note?: string | undefined;
}

/** Hands in an edition, the next one each time. @throws RuleViolated `report-accepted` */
export function submitReport(state: ReportState, id: string, command: Submission, person: string): Drafts {
  const known = requireReport(state, id);
  if (known.status === 'accepted') {
    throw new RuleViolated('report-accepted', `report ${id} has been accepted`, {
      field: 'status',
      expected: 'a report that is required, returned, or submitted and not accepted yet',
      facts: { status: known.status },
    });
  }
  const { position, figures, note } = command;
  return [
    {
      type: 'ReportSubmitted',
      ...about(known),
      data: {
        ...life(known, 'submitted'),
        edition: known.editions + 1,
        position,
        figures,
        ...(note ? { note } : {}),
        by: person,
      },
    },
  ];
}

/** The date that a return now would need, as proposed: what was handed in in time and is judged after its date has not missed it. */
export function dueAfterReturn(
  { status, due, handedInAt }: Pick<ReportState, 'status' | 'due' | 'handedInAt'>,
  ruleSet: RuleSet | undefined,
  now: string,
): ProposedDue | undefined {
  if (status !== 'submitted' || due === null || handedInAt === null) return undefined;
  const again = dueAgain(ruleSet?.calendar, { at: handedInAt, due, kept: false }, now);
  return again && { ...again, ruleSet: ruleSet?.version ?? 0 };
}

/** @throws RuleViolated `report-not-submitted`, `second-person-needed`, `due-missing`, `due-stays`, `due-past` */
export function returnReport(
  state: ReportState,
  id: string,
  command: { reason: string; due?: string | undefined },
  person: string,
  moment: { now: string; ruleSet?: RuleSet | undefined },
): Drafts {
  const known = requireReport(state, id);
  const { reason, due } = command;
  if (known.status === 'returned' && known.returned === reason && (due ?? known.due) === known.due) return NOTHING;
  requireSubmitted(known, id, person);
  const proposed = dueAfterReturn(known, moment.ruleSet, moment.now);
  if (proposed && due === undefined) {
    throw new RuleViolated(
      'due-missing',
      `it was handed in in time, and its date ${known.due} has passed meanwhile: the return needs a new one`,
      {
        field: 'due',
        expected: `a time to come; proposed is ${proposed.day}: the ${proposed.workingDays} working days that were left when it was handed in`,
        facts: { proposed },
      },
    );
  }
  if (!proposed && due !== undefined) {
    throw new RuleViolated('due-stays', `the due date in force, ${known.due}, stays`, {
      field: 'due',
      expected: 'no date: only what was handed in in time and is returned after its date is given another one',
    });
  }
  if (due !== undefined) requireAhead(due, moment.now);
  const date = due === undefined ? {} : { due, previousDue: known.due };
  return [
    { type: 'ReportReturned', ...about(known), data: { ...life(known, 'returned'), reason, by: person, ...date } },
  ];
}

/** @throws RuleViolated `report-not-submitted`, `second-person-needed` */
export function acceptReport(state: ReportState, id: string, person: string): Drafts {
  const known = requireReport(state, id);
  if (known.status === 'accepted') return NOTHING;
  requireSubmitted(known, id, person);
  return [{ type: 'ReportAccepted', ...about(known), data: { ...life(known, 'accepted'), by: person } }];
}

function requireSubmitted(known: KnownReport, id: string, person: string): void {
  if (known.status !== 'submitted') {
    throw new RuleViolated('report-not-submitted', `report ${id} is ${known.status}`, {
      field: 'status',
      expected: 'a report that has been submitted',
      facts: { status: known.status },
    });
  }
  if (samePerson(known.submitted?.by, person)) {
    throw new RuleViolated('second-person-needed', 'a report is judged by somebody other than who submitted it', {
      field: 'person',
      expected: 'another person than who submitted it',
    });
  }
}
