// What a simulated campaign came to, by track: counted from the log, so that the figures are those of the record.
import type { DaochaEvent } from '../../events/catalogue.ts';
import { TRACKS, type Track } from '../../events/envelope.ts';
import { isOpen, type HazardEvent } from '../../events/hazard.ts';

export interface TrackSummary {
  /** reminders issued, those for reports included */
  reminded: number;
  /** due dates that passed and were noticed, those of reports included */
  missed: number;
  /** cases submitted to the district, each once */
  escalated: number;
  returned: number;
  resolved: number;
  signedOff: number;
  /** hazards open at the end */
  open: number;
}
export type Summary = Record<Track | 'total', TrackSummary>;

const blank = (): TrackSummary => ({
  reminded: 0,
  missed: 0,
  escalated: 0,
  returned: 0,
  resolved: 0,
  signedOff: 0,
  open: 0,
});

export const newSummary = (): Summary =>
  Object.fromEntries([...TRACKS, 'total' as const].map((key) => [key, blank()])) as Summary;

/** Counts one event; one without a track (a report of the whole town) counts in the total alone. */
export function count(summary: Summary, event: DaochaEvent): void {
  const add = (field: keyof TrackSummary, by = 1): void => {
    summary.total[field] += by;
    if (event.track) summary[event.track][field] += by;
  };
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- everything else is not counted
  switch (event.type) {
    case 'ReminderIssued':
    case 'ReportReminderIssued':
      return add('reminded');
    case 'DeadlineMissed':
    case 'ReportMissed':
      return add('missed');
    case 'EscalationSubmitted':
      return event.data.round === 1 ? add('escalated') : undefined;
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
