// What rules did, in figures by track: due dates in force, reminders by rung, dates that passed, cases by rule. Counted
// from events alone, in the same way whether they are those of the log or those that another rule set would have led
// to.
import type { DaochaEvent } from '../../../events/catalogue.ts';
import { TRACKS, type Track } from '../../../events/envelope.ts';
import type { EscalationGround } from '../../../events/escalation.ts';
import { bareTable } from '../../own.ts';

export interface BacktestFigures {
  /** due dates that came into force: by an order, an extension, the calendar of reports */
  dueDates: number;
  /** reminders of hazards by rung, and of reports */
  reminders: Record<string, number>;
  reportReminders: Record<string, number>;
  /** dates of hazards that passed, and of reports */
  missed: number;
  reportsMissed: number;
  /** cases that went up, each once, and the grounds on which they did, by rule: a case may have several */
  cases: number;
  escalations: Partial<Record<EscalationGround, number>>;
}

/** Of each track, and of all; what has no track, as a report of the whole town, is in `total` alone. */
export type FiguresByTrack = Record<Track | 'total', BacktestFigures>;

export function newFigures(): FiguresByTrack {
  const blank = (): BacktestFigures => ({
    dueDates: 0,
    reminders: bareTable(),
    reportReminders: bareTable(),
    missed: 0,
    reportsMissed: 0,
    cases: 0,
    escalations: {},
  });
  return Object.fromEntries([...TRACKS, 'total' as const].map((key) => [key, blank()])) as FiguresByTrack;
}

/** Counts one event in. */
export function countIn(figures: FiguresByTrack, event: DaochaEvent): void {
  const add = addOf(event);
  if (!add) return;
  add(figures.total);
  if (event.track) add(figures[event.track]);
}

function addOf(event: DaochaEvent): ((figures: BacktestFigures) => void) | undefined {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- everything else is not counted
  switch (event.type) {
    case 'RectificationOrdered':
    case 'ExtensionApproved':
    case 'ReportRequired':
      return (figures) => (figures.dueDates += 1);
    case 'VerificationRejected':
      return event.data.due === undefined ? undefined : (figures) => (figures.dueDates += 1);
    case 'ReminderIssued':
      return ({ reminders }) => addTo(reminders, event.data.rung);
    case 'ReportReminderIssued':
      return ({ reportReminders }) => addTo(reportReminders, event.data.rung);
    case 'DeadlineMissed':
      return (figures) => (figures.missed += 1);
    case 'ReportMissed':
      return (figures) => (figures.reportsMissed += 1);
    case 'EscalationProposed':
      return (figures) => {
        if (event.data.before === null) figures.cases += 1;
        addTo(figures.escalations, event.data.rule);
      };
    case 'EscalationGroundAdded':
      return ({ escalations }) => addTo(escalations, event.data.rule);
    default:
      return undefined;
  }
}

function addTo<Key extends string>(counts: Partial<Record<Key, number>>, key: Key): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
