// Everything that may happen to a report that an organisation owes (应报报表): required, reminded, missed, submitted, returned, accepted.
import type { ReportEvent, ReportKind } from '../../events/report.ts';
import type { Track } from '../../events/envelope.ts';
import type { Fold } from './decider.ts';

export interface ReportState {
  status: 'required' | 'submitted' | 'returned' | 'accepted' | null;
  kind: ReportKind | null;
  period: string | null;
  track: Track | null;
  organisation: string | null;
  due: string | null;
  /** rungs of the ladder issued so far */
  rungs: string[];
  missed: boolean;
  editions: number;
}

export const report: Fold<ReportState, ReportEvent> = {
  category: 'report',
  initial: {
    status: null,
    kind: null,
    period: null,
    track: null,
    organisation: null,
    due: null,
    rungs: [],
    missed: false,
    editions: 0,
  },
  evolve(state, event) {
    const next = { ...state, status: event.data.after };
    switch (event.type) {
      case 'ReportRequired': {
        const { kind, period, track, organisation, due } = event.data;
        return { ...next, kind, period, track: track ?? null, organisation, due };
      }
      case 'ReportReminderIssued':
        return { ...next, rungs: [...state.rungs, event.data.rung] };
      case 'ReportMissed':
        return { ...next, missed: true };
      case 'ReportSubmitted':
        return { ...next, editions: event.data.edition };
      case 'ReportReturned':
      case 'ReportAccepted':
        return next;
    }
  },
};
