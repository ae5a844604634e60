// Asking about one hazard, one escalation or one report: its stream is read, and what else the question needs.
import type { DaochaEvent } from '../../../events/catalogue.ts';
import type { Track } from '../../../events/envelope.ts';
import type { EscalationEvent } from '../../../events/escalation.ts';
import { NotFound } from '../../../events/errors.ts';
import type { Placed, ViewDeps } from '../views/view.ts';
import { answerOf, referrer } from './answer.ts';
import type { TraceAnswers } from './answers.ts';
import { deadlineFacts } from './deadlines.ts';
import { isCorrection } from '../../rules/corrections.ts';
import { readLog } from '../../record/log/read.ts';
import { escalationFacts } from './escalation.ts';
import { knows, type Known } from './known-at.ts';
import { readDeliveryEvents, streamEvents } from './load.ts';
import { questionOf } from './questions.ts';
import { reportFacts, reportSubject } from './report.ts';
import { reminderFacts } from './reminders.ts';
import { campaignThen } from './town.ts';
import { waitContext } from './waits.ts';

/** Question 3. @throws NotFound `unknown-hazard` */
export async function askDeadlines(deps: ViewDeps, known: Known, hazard: string): Promise<TraceAnswers['deadlines']> {
  const [placed, { state }] = await Promise.all([hazardEvents(deps, known, hazard), campaignThen(deps, known)]);
  const facts = deadlineFacts(placed, referrer(placed), waitContext(state, known.time));
  return answerOf(questionOf('deadlines'), hazardSubject(hazard, placed), known, facts, placed);
}

/** Question 4. @throws NotFound `unknown-hazard` */
export async function askReminders(deps: ViewDeps, known: Known, hazard: string): Promise<TraceAnswers['reminders']> {
  const [placed, { state }] = await Promise.all([hazardEvents(deps, known, hazard), campaignThen(deps, known)]);
  const reminders = placed.filter(({ event }) => event.type === 'ReminderIssued').map(({ event }) => event.id);
  const deliveries = await readDeliveryEvents(deps, reminders, known);
  const refer = referrer([...placed, ...deliveries]);
  const facts = reminderFacts(placed, deliveries, state.ruleSets, refer);
  return answerOf(questionOf('reminders'), hazardSubject(hazard, placed), known, facts, placed);
}

async function hazardEvents(deps: ViewDeps, known: Known, hazard: string): Promise<Placed[]> {
  const placed = await streamEvents(deps, 'hazard', hazard, known);
  if (placed.length > 0) return placed;
  throw new NotFound('unknown-hazard', `there is no hazard ${hazard}, or none was known then`, {
    field: 'hazard',
    expected: 'the id of a hazard that was on record as known at that time',
  });
}

function hazardSubject(hazard: string, placed: readonly Placed[]): TraceAnswers['deadlines']['subject'] {
  const { unit, track, data } = placed[0]!.event;
  return { hazard, unit: unit ?? '', track: track ?? null, clause: (data as { clause: string }).clause };
}

/** Question 8. @throws NotFound `unknown-escalation` */
export async function askEscalation(
  deps: ViewDeps,
  known: Known,
  escalation: string,
): Promise<TraceAnswers['escalation']> {
  const placed = await streamEvents(deps, 'escalation', escalation, known);
  const first = placed[0]?.event as EscalationEvent | undefined;
  if (!first) {
    throw new NotFound('unknown-escalation', `there is no escalation ${escalation}, or none was known then`, {
      field: 'escalation',
      expected: 'the id of an escalation that was on record as known at that time',
    });
  }
  const subject = { escalation, unit: first.unit ?? '', hazard: first.data.hazard };
  const facts = escalationFacts(placed, known.time, referrer(placed));
  return answerOf(questionOf('escalation'), subject, known, facts, placed);
}

/** Positions of the log that one page of question 10 looks at. */
export const POSITIONS_A_PAGE = 2000;

/**
 * Question 10: one page. It goes through the log from its beginning, so many positions a page: what a figure rests on
 * stands anywhere before it.
 * @param asked.from the position to go on from @throws NotFound `unknown-report`
 */
export async function askReport(
  deps: ViewDeps,
  known: Known,
  asked: { report: string; from?: number | undefined; limit?: number | undefined },
): Promise<TraceAnswers['report']> {
  const { report, from = 0, limit = POSITIONS_A_PAGE } = asked;
  const history = await streamEvents(deps, 'report', report, known);
  if (history.length === 0) {
    throw new NotFound('unknown-report', `there is no report ${report}, or none was owed then`, {
      field: 'report',
      expected: 'the id of a report that was owed as known at that time, e.g. monthly_2025-06_gas',
    });
  }
  const subject = reportSubject(report, history, referrer(history));
  const until = Math.min(from + limit, known.position);
  const read = subject.position === null ? [] : await readLog(deps, from, until - from);
  const stretch = read.filter(({ position, event }) => knows(known, position, event.recordedAt));
  const counted = reportFacts(subject, stretch, referrer(stretch));
  const positions = new Set(counted.flatMap(({ events }) => events.map(({ position }) => position)));
  const used = stretch.filter(({ position, event }) => positions.has(position) || corrects(event, subject.track));
  const answer = answerOf(questionOf('report'), subject, known, counted, used);
  const more = subject.position !== null && until < known.position;
  return { ...answer, looked: read.length, ...(more ? { cursor: String(until) } : {}) };
}

/** A correction of something of the report's track. */
const corrects = (event: DaochaEvent, track: Track | null): boolean =>
  isCorrection(event) && event.track !== undefined && (track === null || event.track === track);
