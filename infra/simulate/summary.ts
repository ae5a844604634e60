// What a simulated campaign came to, by track: counted from the log, so that the figures are those of the record.
import type { DaochaEvent } from '../../events/catalogue.ts';
import { TRACKS, type Track } from '../../events/envelope.ts';
import { isOpen, type HazardEvent } from '../../events/hazard.ts';

export interface TrackSummary {
  /** reminders issued, those for the track's reports included */
  reminded: number;
  /** due dates that passed and were noticed, those of the track's reports included */
  missed: number;
  /** times that a case went up to the district: once, and once more when it came up again after a decision */
  escalated: number;
  returned: number;
  resolved: number;
  signedOff: number;
  /** hazards open at the end */
  open: number;
}
export type SimulationSummary = Record<Track | 'total', TrackSummary>;

const blank = (): TrackSummary => ({
  reminded: 0,
  missed: 0,
  escalated: 0,
  returned: 0,
  resolved: 0,
  signedOff: 0,
  open: 0,
});

export const newSummary = (): SimulationSummary =>
  Object.fromEntries([...TRACKS, 'total' as const].map((key) => [key, blank()])) as SimulationSummary;

/** Reports of the whole town, which belong to no track: counted apart, so that the total is the sum of the tracks. */
export interface TownReports {
  reminded: number;
  missed: number;
}

/** Counts one event: for its track and in the total, or for the town's own reports. */
export function count(summary: SimulationSummary, event: DaochaEvent, town?: TownReports): void {
  const { track } = event;
  if (!track) {
    if (town && event.type === 'ReportReminderIssued') town.reminded += 1;
    if (town && event.type === 'ReportMissed') town.missed += 1;
    return;
  }
  const add = (field: keyof TrackSummary, by = 1): void => {
    summary.total[field] += by;
    summary[track][field] += by;
  };
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- everything else is not counted
  switch (event.type) {
    case 'ReminderIssued':
    case 'ReportReminderIssued':
      return add('reminded');
    case 'DeadlineMissed':
    case 'ReportMissed':
      return add('missed');
    case 'EscalationProposed':
      return add('escalated');
    case 'EscalationReturned':
      return add('returned');
    case 'EscalationResolved':
      return add('resolved');
    case 'HazardSignedOff':
      add('signedOff');
      break;
    default:
  }
  if (event.stream.includes('#hazard#')) {
    const { before, after } = (event as HazardEvent).data;
    const opened = isOpen(after) && (before === null || !isOpen(before));
    const closed = !isOpen(after) && before !== null && isOpen(before);
    if (opened) add('open');
    if (closed) add('open', -1);
  }
}
