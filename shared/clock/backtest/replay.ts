// The recorded history lived through once more, by rule sets that need not be those of the time (规则回测). What people did
// is taken as it happened; what the clock and the rules did is left out and decided again: by the very
// functions that a run of the clock, the API and the follower `react` decide by, on states folded by the very folds.
// Pure: it reads no table and writes nothing.
import type { RuleSet } from '../../../events/campaign.ts';
import type { DaochaEvent, Draft } from '../../../events/catalogue.ts';
import { parseStreamKey, streamKey, type Category } from '../../../events/envelope.ts';
import type { EscalationEvent, Ground } from '../../../events/escalation.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import type { ReportEvent } from '../../../events/report.ts';
import { escalationId } from '../../rules/perform/escalation.ts';
import { campaign, type CampaignState } from '../../rules/campaign/campaign.ts';
import { answerReminding, answerStanding } from '../../rules/waiting/answering.ts';
import * as cases from '../../rules/escalation/escalation.ts';
import { groundsOf, overdue, routeOf } from '../../rules/escalation/policy.ts';
import { hazard, requireHazard, type HazardState } from '../../rules/hazard/hazard.ts';
import { proposeDue } from '../../rules/reminder/ladder.ts';
import { obligationsUpTo } from '../../rules/report/obligations.ts';
import { dueAfterRejection } from '../../rules/hazard/rectification.ts';
import { issueAnswerReminder, issueReminder, noticeMissed } from '../../rules/reminder/reminder.ts';
import {
  missReport,
  remindOf,
  remindToJudge,
  report,
  requireFrom,
  type ReportState,
} from '../../rules/report/report.ts';
import { queriesOf, rulesOf, todo, waitQueriesOf, type RunMode, type RunRules } from '../remind/rules.ts';
import { deadlinesView, type DeadlineEntry } from '../../reading/deadline/list.ts';
import type { WaitDue } from '../../reading/deadline/due-query.ts';
import type { Placed } from '../../reading/views/view.ts';
import { waitsView, type WaitEntry } from '../../reading/waiting/list.ts';
import { dueEntries, newAwaited, waitingEntries } from './awaited.ts';
import { countIn, newFigures, type FiguresByTrack } from './figures.ts';
import { endOfTownDay, plusDays, townDay, townDaysBetween } from '../../town-time.ts';

/** The rule set that holds at an instant; undefined before the first. */
export type RulesAt = (campaign: CampaignState, instant: string) => RuleSet | undefined;

export interface Replayed {
  figures: FiguresByTrack;
  /** orders that took the proposed date, and would have been proposed another */
  moved: number;
  /** orders whose period was longer than the rule set allows: the longest that it allows was taken */
  shortened: number;
  /** reminders whose day was counted by the week, in a year without a statutory notice */
  provisional: number;
}

export interface Replay extends Replayed {
  /** Takes the next event of the log. */
  take: (placed: Placed) => void;
  /** The clock is run once. */
  run: (mode: RunMode, now: string) => void;
}

/** What happens automatically: left out of the record, and decided again. */
const BY_ITSELF: ReadonlySet<DaochaEvent['type']> = new Set([
  'ReminderIssued',
  'ReminderAcknowledged',
  'DeadlineMissed',
  'ReportRequired',
  'ReportReminderIssued',
  'ReportMissed',
  'DossierCompiled',
  'EscalationSubmitted',
]);

/** What people do with a case that is up. */
const ON_A_CASE: Partial<Record<DaochaEvent['type'], cases.EscalationAct>> = {
  MaterialAdded: 'addMaterial',
  EscalationAccepted: 'accept',
  EscalationReturned: 'return',
  EscalationResolved: 'resolve',
  EscalationVerified: 'verify',
};

/**
 * @param rulesAt by which rules things are decided
 * @param recordedRules by which they were: an order that took the date which they proposed takes that of the others
 */
export function newReplay(rulesAt: RulesAt, recordedRules: RulesAt): Replay {
  let known: CampaignState = campaign.initial;
  const hazards = new Map<string, HazardState>();
  const reports = new Map<string, ReportState>();
  const escalations = new Map<string, cases.EscalationState>();
  const awaited = newAwaited();
  const waits = new Map<string, WaitEntry>();
  let position = 0;
  let made = 0;

  const replay: Replay = { figures: newFigures(), moved: 0, shortened: 0, provisional: 0, take, run };
  return replay;

  function take(placed: Placed): void {
    const { event } = placed;
    ({ position } = placed);
    const { category, id } = parseStreamKey(event.stream);
    if (BY_ITSELF.has(event.type)) return;
    if (category === 'campaign') known = campaign.evolve(known, event as Parameters<typeof campaign.evolve>[1]);
    else if (category === 'hazard') onHazard(id, event as HazardEvent);
    else if (category === 'report') {
      if (reports.has(id)) happen(event);
    } else if (category === 'escalation') onCase(id, event as EscalationEvent);
  }

  function onHazard(id: string, event: HazardEvent): void {
    const happened = withDue(hazards.get(id) ?? hazard.initial, event);
    happen(happened);
    for (const ground of groundsOf(happened, rulesAt(known, happened.occurredAt))) {
      bringUp(id, ground, happened.recordedAt);
    }
  }

  /** The event with the due date that it would have set. */
  function withDue(state: HazardState, event: HazardEvent): HazardEvent {
    // Where the date in force is later already, no extension would have been needed to it: the date stays.
    if (event.type === 'ExtensionApproved' && state.due !== null && event.data.due < state.due) {
      return { ...event, data: { ...event.data, due: state.due } };
    }
    if (event.type === 'VerificationRejected') return withDueAgain(state, event);
    if (event.type !== 'RectificationOrdered') return event;
    const { track, occurredAt, data } = event;
    const day = townDay(occurredAt);
    const rules = rulesAt(known, occurredAt);
    const was = proposeDue(recordedRules(known, occurredAt), track!, data.grade, day);
    const would = proposeDue(rules, track!, data.grade, day);
    let { due } = data;
    if (was && would && due === was.due && would.due !== was.due) {
      ({ due } = would);
      replay.moved += 1;
    }
    const longest = data.grade ? rules?.longestRectification[data.grade] : undefined;
    if (longest !== undefined && townDaysBetween(occurredAt, due) > longest) {
      due = endOfTownDay(plusDays(day, longest));
      replay.shortened += 1;
    }
    return { ...event, data: { ...data, due } };
  }

  /** A rejection has a new date where it needs one: in the other history the old one may have passed, or not have. */
  function withDueAgain(
    state: HazardState,
    event: Extract<HazardEvent, { type: 'VerificationRejected' }>,
  ): HazardEvent {
    const { recordedAt, data } = event;
    const { due, previousDue: _previous, ...rest } = data;
    const needed = dueAfterRejection(state, rulesAt(known, recordedAt), recordedAt);
    if (!needed) return { ...event, data: rest };
    return { ...event, data: { ...rest, due: due ?? needed.due, previousDue: state.due! } };
  }

  function onCase(id: string, event: EscalationEvent): void {
    if (event.type === 'EscalationProposed' || event.type === 'EscalationGroundAdded') {
      const { rule, limit, reason, urgent, ruleSet, to, hazard: about } = event.data;
      if (rule === 'office') propose(about, { rule, limit, reason, urgent, ruleSet, to }, event.recordedAt);
      return;
    }
    const act = ON_A_CASE[event.type];
    const state = escalations.get(id);
    if (state && act && cases.nextEscalationActs(state).includes(act)) happen(event);
  }

  function bringUp(id: string, ground: Ground, at: string): void {
    const rules = rulesAt(known, at);
    const to = routeOf(rules, hazards.get(id)!.track!, ground.limit);
    if (to !== undefined) propose(id, { ...ground, to }, at);
  }

  function propose(id: string, ground: Ground & { to: string }, at: string): void {
    const about = hazards.get(id);
    if (!about) return;
    const subject = requireHazard(about, id);
    const state = escalations.get(escalationId(subject.openedBy)) ?? cases.escalation.initial;
    decided('escalation', escalationId(subject.openedBy), cases.propose(state, subject, { ...ground, since: at }), at);
  }

  function run(mode: RunMode, now: string): void {
    const ruleSet = rulesAt(known, now);
    if (!known.definition || !ruleSet) return;
    const rules = rulesOf(ruleSet, [...known.ruleSets, ruleSet], { now, asked: mode });
    // What the run opens itself, the views show the next one.
    const due = dueEntries(awaited, queriesOf(rules));
    if (mode === 'morning') openReports(rules, now);
    const waiting = waitingEntries(waits.values(), waitQueriesOf(rules));
    for (const entry of due) lookAfter(rules, entry, now);
    for (const wait of waiting) remindOfAnswer(rules, wait, now);
  }

  function remindOfAnswer({ calendar, today }: RunRules, wait: WaitDue, now: string): void {
    const { kind, id, awaits, since } = wait;
    const stands = answerStanding(calendar, wait, today);
    if (!stands) return;
    const reminding = answerReminding(calendar, awaits, since, stands, []);
    const issued =
      kind === 'hazard'
        ? issueAnswerReminder(hazards.get(id)!, id, reminding)
        : remindToJudge(reports.get(id)!, id, reminding);
    if (issued.length > 0 && stands.provisional) replay.provisional += 1;
    decided(kind, id, issued, now);
  }

  function openReports({ ruleSet, calendar, today }: RunRules, now: string): void {
    const launchedOn = townDay(known.launchedAt ?? now);
    const owed = obligationsUpTo(known.definition!, ruleSet, calendar, today, launchedOn);
    for (const one of owed) decided('report', one.id, requireFrom(reports.get(one.id) ?? report.initial, one), now);
  }

  function lookAfter(rules: RunRules, entry: DeadlineEntry, now: string): void {
    const { kind, id, due } = entry;
    const { missed, standing, overdue: isOverdue } = todo(rules, entry);
    if (missed) {
      const drafts =
        kind === 'hazard' ? noticeMissed(hazards.get(id)!, id, due, now) : missReport(reports.get(id)!, id, now);
      decided(kind, id, drafts, now);
    }
    if (standing) {
      const { rung, workingDays: days } = standing.rung;
      // To whom it goes, the roster says; here it is counted.
      const reminding = { due, rung, workingDays: days, recipients: [], skipped: standing.skipped };
      const issue = kind === 'hazard' ? issueReminder(hazards.get(id)!, id, reminding) : undefined;
      const issued = issue ?? remindOf(reports.get(id)!, id, reminding);
      if (issued.length > 0 && standing.provisional) replay.provisional += 1;
      decided(kind, id, issued, now);
    }
    if (isOverdue) {
      const ground = overdue(hazards.get(id)!, rules.calendar.between(townDay(due), rules.today), rules.ruleSet);
      if (ground) bringUp(id, ground, now);
    }
  }

  /** What was decided happens; a case that calls for a dossier has it at once, and goes to the district. */
  function decided(category: Category, id: string, drafts: readonly Draft[], at: string): void {
    for (const draft of drafts) {
      made += 1;
      const stream = streamKey('replay', category, id);
      const event = { ...draft, id: `replay/${made}`, stream, version: made, occurredAt: at, recordedAt: at };
      happen(event as unknown as DaochaEvent);
    }
  }

  function happen(event: DaochaEvent): void {
    const { category, id } = parseStreamKey(event.stream);
    countIn(replay.figures, event);
    if (category === 'hazard') hazards.set(id, hazard.evolve(hazards.get(id) ?? hazard.initial, event as HazardEvent));
    if (category === 'report') reports.set(id, report.evolve(reports.get(id) ?? report.initial, event as ReportEvent));
    for (const { key } of deadlinesView.keys(event)) {
      awaited.put(key, deadlinesView.fold(awaited.get(key), { event, position }, { key, sk: 'deadline' }));
    }
    for (const where of waitsView.keys(event)) {
      const entry = waitsView.fold(waits.get(where.key), { event, position }, where);
      if (entry) waits.set(where.key, entry);
    }
    if (category !== 'escalation') return;
    const now = event as EscalationEvent;
    const state = cases.escalation.evolve(escalations.get(id) ?? cases.escalation.initial, now);
    escalations.set(id, state);
    if (!cases.callsForDossier(now)) return;
    decided('escalation', id, cases.compile(state, id, { round: state.calls, position, files: [] }), event.recordedAt);
  }
}
