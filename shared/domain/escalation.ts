// Everything that may happen to a case that goes beyond the town (上报区级):
//
//   proposed → compiled → submitted → accepted → resolved → verified
//                 ↑____________________ returned (what is missing)
import type { EscalationEvent, EscalationRule, EscalationStatus } from '../../events/escalation.ts';
import type { Fold } from './decider.ts';

export interface EscalationState {
  status: EscalationStatus | null;
  unit: string | null;
  hazard: string | null;
  /** district unit */
  to: string | null;
  rule: EscalationRule | null;
  urgent: boolean;
  /** dossiers compiled so far */
  round: number;
  /** files of the last dossier */
  files: { name: string; mediaType: string; bytes: number; sha256: string }[];
  missing: string[];
  decision: string | null;
}

export const escalation: Fold<EscalationState, EscalationEvent> = {
  category: 'escalation',
  initial: {
    status: null,
    unit: null,
    hazard: null,
    to: null,
    rule: null,
    urgent: false,
    round: 0,
    files: [],
    missing: [],
    decision: null,
  },
  evolve(state, event) {
    const next = { ...state, status: event.data.after };
    switch (event.type) {
      case 'EscalationProposed': {
        const { hazard, to, rule, urgent } = event.data;
        return { ...next, unit: event.unit ?? null, hazard, to, rule, urgent };
      }
      case 'DossierCompiled':
        return { ...next, round: event.data.round, files: event.data.files };
      case 'EscalationReturned':
        return { ...next, missing: event.data.missing };
      case 'EscalationResolved':
        return { ...next, decision: event.data.decision };
      case 'EscalationSubmitted':
        return { ...next, missing: [] };
      case 'EscalationAccepted':
      case 'EscalationVerified':
        return next;
    }
  },
};
