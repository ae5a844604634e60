// The event types that no declared command records by itself, each with the reason. A new one belongs here only if nobody decides it.
import type { EventType } from '../../events/catalogue.ts';

/** What happens to the unit of a hazard, in the commit of whatever opens or closes the hazard. */
export const LEDGER = ['UnitLedgerChanged', 'UnitListed', 'UnitDelisted'] as const satisfies EventType[];

export const BY_ITSELF = {
  UnitLedgerChanged: 'the ledger of a hazard’s unit, in the same commit',
  UnitListed: 'follows from the ledger',
  UnitDelisted: 'follows from the ledger',
  ReminderIssued: 'the clock',
  DeadlineMissed: 'the clock',
  ReportRequired: 'the clock',
  ReportReminderIssued: 'the clock',
  ReportMissed: 'the clock',
  DutyReminderIssued: 'the clock',
  DutyMissed: 'the clock',
  DossierCompiled: 'react, when a case is proposed or nothing is missing any more',
  EscalationSubmitted: 'react, with the dossier',
  MessageDelivered: 'notify',
  MessageFailed: 'notify',
  ProposalMade: 'an act that needs a second person, instead of what it records',
  ProposalExpired: 'the clock',
  IndexSealed: 'index, every few minutes',
} as const satisfies Partial<Record<EventType, string>>;
